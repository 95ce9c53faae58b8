"""The room on two phones: what is posted arrives once, where it belongs, whatever the network does."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import cast
from tests.browser.conftest import Open, Product, Reach, phone_of
from tests.browser.wire import Wire

pytestmark = pytest.mark.browser


@pytest.fixture
def reach(product: Product) -> Reach:
    return product.stage("web", people=["Mia", "Ben"], posts=6)


def enters(open_page: Open, product: Product | Wire, reach: Reach, who: str) -> Page:
    phone = open_page("phone", cookies=phone_of(reach, who))
    with phone.expect_request("**/live/room/**"):  # from here on whatever is posted arrives
        phone.goto(f"{product.base}/g/{reach['group']}/")
    expect(phone.get_by_text("Post number 5")).to_be_visible()
    return phone


def says(phone: Page, text: str) -> None:
    phone.locator("#composer textarea").fill(text)
    phone.get_by_role("button", name="Send").click()
    expect(phone.locator("#composer textarea")).to_have_value("")


def test_a_post_arrives_once_and_does_not_move_who_reads_further_up(
    product: Product, open_page: Open, reach: Reach
) -> None:
    mia, ben = (enters(open_page, product, reach, who) for who in ("Mia", "Ben"))
    says(ben, "Hello everyone")
    expect(mia.get_by_text("Hello everyone")).to_have_count(1)
    expect(ben.get_by_text("Hello everyone")).to_have_count(1)
    expect(ben.locator("#composer textarea")).to_be_focused()
    expect(ben.locator(".post.own").filter(has_text="Hello everyone")).to_have_count(1)
    expect(mia.locator(".post.own").filter(has_text="Hello everyone")).to_have_count(0)

    scroll, pill = mia.locator("#scroll"), mia.locator("#pill")
    expect(pill).to_be_hidden()
    scroll.evaluate("box => { box.scrollTop = -400; }")
    says(ben, "One more")
    expect(pill).to_be_visible()
    assert scroll.evaluate("box => box.scrollTop") < -300
    pill.click()
    expect(pill).to_be_hidden()
    expect(mia.get_by_text("One more")).to_be_in_viewport()


def test_a_picture_in_the_room_is_the_screenshot_too(
    product: Product, open_page: Open, reach: Reach, tmp_path: Path
) -> None:
    mia, ben = (enters(open_page, product, reach, who) for who in ("Mia", "Ben"))
    shot = tmp_path / "shot.png"
    shot.write_bytes(cast.picture_bytes())
    expect(ben.get_by_text("A picture posted here is also your screenshot.")).to_be_visible()
    ben.locator("#composer input[type=file]").set_input_files(shot)
    expect(ben.locator("#chosen")).to_contain_text("shot.png")
    says(ben, "Here it is")
    picture = mia.locator(".post").filter(has_text="Here it is").locator(".shot img")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    ben.goto(f"{product.base}/me/{reach['campaign']}/")
    expect(ben.get_by_text("A person will look at your screenshot")).to_be_visible()


def test_what_was_posted_while_the_phone_was_away_arrives_once(
    product: Product, open_page: Open, reach: Reach, wire: Wire
) -> None:
    open_page.expect("net::ERR_", "[object Event]")  # what the lost stream says
    mia, ben = enters(open_page, wire, reach, "Mia"), enters(open_page, product, reach, "Ben")
    wire.cut()
    says(ben, "While you were away")
    says(ben, "And still away")
    expect(mia.get_by_text("While you were away")).to_have_count(0)
    wire.mend()
    expect(mia.get_by_text("While you were away")).to_have_count(1)
    says(ben, "And after")
    expect(mia.get_by_text("And after")).to_have_count(1)
    expect(mia.get_by_text("While you were away")).to_have_count(1)
    posts = mia.locator(".post .bubble").all_inner_texts()
    assert posts[-3:] == ["While you were away", "And still away", "And after"]


def test_an_empty_post_says_why_and_a_late_visitor_sees_it_all(
    product: Product, open_page: Open, reach: Reach
) -> None:
    open_page.expect("status of 400", "Error Code 400")
    mia = enters(open_page, product, reach, "Mia")
    mia.get_by_role("button", name="Send").click()
    expect(mia.locator("#alert")).not_to_be_empty()
    says(mia, "<img src=x onerror=alert(1)>")
    expect(mia.locator("#alert")).to_be_empty()
    ben = enters(open_page, product, reach, "Ben")
    expect(ben.get_by_text("<img src=x onerror=alert(1)>")).to_have_count(1)
