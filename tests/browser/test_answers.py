"""What became of a screenshot is told on the phone while it looks on: by the machine within seconds, or by a person."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Page, expect

from tenfold.imaging.examine import can_look
from tenfold.simulation.screenshots import Look, Mark, screenshot
from tests.browser.conftest import Open, Product, Reach, phone_of

pytestmark = pytest.mark.browser
Shoot = Callable[[Page, str], None]
LOOK = Look(width=1080, is_dark=False, kind="PNG", quality=90, clock="20:30", is_chinese=False)


def reach(product: Product, **review: object) -> Reach:
    return product.stage("web", people=["Mia", "Ben"], review=review)


def own_page(open_page: Open, product: Product, reached: Reach, name: str, locale: str = "en-GB") -> Page:
    page = open_page("phone", locale, cookies=phone_of(reached, name))
    page.goto(f"{product.base}/me/{reached['campaign']}/")
    return page


def sends(page: Page, product: Product, tmp_path: Path, mark: Mark = "") -> None:
    """A post with their own poster, as it stands on their page."""
    address = page.locator("#poster img").get_attribute("src")
    poster = page.request.get(f"{product.base}{address}").body()
    shot = tmp_path / "shot.png"
    shot.write_bytes(
        screenshot(poster, nickname="Mia", look=LOOK, dice=Random(5), screen="detail", mark=mark)
    )
    page.locator("#proof-form input[type=file]").set_input_files(shot)
    page.locator("#proof-form button").click()


def comes_anew(page: Page) -> None:
    """As when something has happened, of which the line tells."""
    with page.expect_event("requestfinished", lambda request: "/me/" in request.url):
        page.evaluate("htmx.trigger('#me', 'sse:changed')")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


@pytest.mark.skipif(not can_look(), reason="needs the extra `review`")
def test_the_machine_approves_while_the_sender_looks_on(
    product: Product, open_page: Open, tmp_path: Path, shoot: Shoot
) -> None:
    mia = own_page(open_page, product, reached := reach(product, mode="automatic"), "Mia")
    sends(mia, product, tmp_path)
    expect(mia.get_by_text("Your reward is here")).to_be_visible()
    expect(mia.locator("#proof")).to_contain_text("checked automatically")
    shoot(mia, "me-machine-approved")
    assert reached["campaign"] in mia.url


@pytest.mark.skipif(not can_look(), reason="needs the extra `review`")
def test_the_machine_says_what_to_do_differently_and_a_person_can_be_asked(
    product: Product, open_page: Open, tmp_path: Path, shoot: Shoot
) -> None:
    mia = own_page(open_page, product, reach(product, mode="automatic"), "Mia")
    sends(mia, product, tmp_path, mark="lock")
    expect(mia.get_by_text("visible to some people only").first).to_be_visible()
    example = mia.locator(".example img")
    example.scroll_into_view_if_needed()
    expect(example).to_have_js_property("complete", True)
    assert example.evaluate("image => image.naturalWidth") == 720
    shoot(mia, "me-rejected")
    mia.get_by_text("I think this is a mistake").click()
    mia.locator("textarea[name=text]").fill("Everybody can see it.")
    comes_anew(mia)
    expect(mia.locator("textarea[name=text]")).to_have_value("Everybody can see it.")
    mia.get_by_role("button", name="Ask a person to look again").click()
    expect(mia.get_by_text("A person will look at it again")).to_be_visible()
    shoot(mia, "me-appealed")


def test_what_is_chosen_is_shown_and_what_could_not_be_sent_is_said(
    product: Product, open_page: Open, tmp_path: Path, shoot: Shoot
) -> None:
    open_page.expect("ERR_INTERNET_DISCONNECTED", "400", "htmx:")
    mia = own_page(open_page, product, reach(product, mode="off"), "Mia")
    chosen, alert = mia.locator("#proof-form .chosen"), mia.locator("#alert")
    expect(chosen).to_be_hidden()
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"not a picture")
    mia.locator("#proof-form input[type=file]").set_input_files(bad)
    mia.locator("#proof-form button").click()
    expect(alert).to_contain_text("not a picture we can read")
    poster = mia.request.get(f"{product.base}{mia.locator('#poster img').get_attribute('src')}").body()
    shot = tmp_path / "shot.png"
    shot.write_bytes(screenshot(poster, nickname="Mia", look=LOOK, dice=Random(5), screen="detail"))
    mia.locator("#proof-form input[type=file]").set_input_files(shot)
    expect(alert).to_be_empty()
    expect(chosen).to_contain_text("shot.png")
    expect(chosen.locator("img")).to_have_js_property("complete", True)
    assert chosen.locator("img").evaluate("image => image.naturalWidth") == 1080
    shoot(mia, "me-chosen")
    mia.context.set_offline(True)
    mia.locator("#proof-form button").click()
    expect(alert).to_have_text("Not sent: no connection. Try again.")
    shoot(mia, "me-offline")
    expect(chosen).to_contain_text("shot.png")
    mia.context.set_offline(False)
    mia.locator("#proof-form button").click()
    expect(mia.get_by_text("A person will look at your screenshot")).to_be_visible()
    expect(alert).to_be_empty()
    expect(chosen).to_be_hidden()
