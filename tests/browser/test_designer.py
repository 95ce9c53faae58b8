"""A poster made in the designer: from nothing, by mouse and by keyboard, and whatever comes between."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tenfold.imaging.qr import read_codes
from tenfold.posters.rules import default_of
from tests import cast
from tests.browser.conftest import Open, Product, Reach, desk_of, press
from tests.browser.test_every_page import IS_MARKED, LOOKS, is_sound

pytestmark = pytest.mark.browser

ELEMENTS = ["title", "subtitle", "points", "endorsement", "offer", "code"]
FROM_NOTHING = "designs/new/?kind=poster&size=1080x1920"


@pytest.fixture(scope="module")
def reach(product: Product) -> Reach:
    return product.stage("web", people=["Mia"])


def opened(product: Product, open_page: Open, reach: Reach, where: str) -> Page:
    """A page of the campaign at a desk, its picture drawn."""
    page = open_page("desk", cookies=desk_of(reach))
    page.goto(f"{product.base}/console/campaigns/{reach['campaign']}/{where}")
    if "new" in where:
        is_drawn(page)
    return page


def is_drawn(page: Page) -> None:
    expect(page.locator("[data-part=picture]")).to_be_visible()
    expect(page.locator("[data-part=stage][aria-busy]")).to_have_count(0)


def add(page: Page, kind: str) -> None:
    page.locator("[data-part=add-menu] summary").click()
    page.locator(f"[data-add={kind}]").click()


def outline(page: Page, name: str) -> Locator:
    return page.locator(f".td-outline[data-id={name}]")


def place(page: Page, name: str) -> tuple[int, int, int, int]:
    """Where a layer is, in pixels of the canvas, as the page itself would send it."""
    box = page.evaluate("(id) => designer.store.layer(id).box", name)
    return box[0], box[1], box[2], box[3]


def dragged(page: Page, by: tuple[float, float], start: Locator) -> None:
    box = start.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by[0] / 2, y + by[1] / 2)
    page.mouse.move(x + by[0], y + by[1])
    page.mouse.up()


def is_saved(page: Page, number: int) -> None:
    expect(page.locator("[data-toast]")).to_contain_text(f"Saved as version {number}.")
    expect(page.locator(".td-bar.is-dirty")).to_have_count(0)


def test_a_poster_from_nothing_to_its_file(
    product: Product, open_page: Open, reach: Reach, tmp_path: Path
) -> None:
    page = opened(product, open_page, reach, "designs/")
    page.get_by_role("button", name="Begin").click()
    is_drawn(page)
    for kind in ELEMENTS:
        add(page, kind)
    expect(page.locator(".td-layer")).to_have_count(6)

    before = place(page, "title")
    dragged(page, (0, 40), outline(page, "title"))
    moved = place(page, "title")
    assert moved[1] > before[1]
    assert moved[2:] == before[2:]
    page.locator("[data-part=undo]").click()
    assert place(page, "title") == before
    press(page, "Control+Shift+Z")
    assert place(page, "title") == moved
    press(page, "Control+z")
    assert place(page, "title") == before

    outline(page, "code").click()
    dragged(page, (-30, -30), page.locator("[data-corner=nw]"))
    x, y, width, height = place(page, "code")
    assert width == height > 367  # a code stays a square

    page.locator("input[name=name]").fill("Evening")
    page.locator("select[name=variant]").select_option("A")
    press(page, "Control+s")
    is_saved(page, 1)
    expect(page.locator("[data-part=checks] .is-refused")).to_have_count(0)
    page.locator("[data-part=downloads] summary").click()
    with page.expect_download() as download:
        page.locator("[data-language='zh-hans'][data-kind=png]").click()
    file = tmp_path / "poster.png"
    download.value.save_as(file)
    assert [found.text for found in read_codes(file.read_bytes())] == [reach["scan"]]

    page.reload()
    expect(page.locator("input[name=name]")).to_have_value("Evening")
    assert place(page, "code") == (x, y, width, height)
    expect(page.locator("[data-part=draft-note]")).to_be_hidden()


def test_a_groups_qr_code_is_refused_with_the_reason(
    product: Product, open_page: Open, reach: Reach, tmp_path: Path
) -> None:
    page = opened(product, open_page, reach, FROM_NOTHING)
    open_page.expect("status of 422")
    for kind in ELEMENTS:
        add(page, kind)
    file = tmp_path / "group.png"
    file.write_bytes(cast.wechat_qr("readers-1"))
    with page.expect_file_chooser() as chooser:
        add(page, "picture")
    chooser.value.set_files(file)
    expect(page.locator(".td-layer")).to_have_count(7)
    press(page, "Control+s")
    refused = page.locator("[data-part=checks] .is-refused").first
    expect(refused).to_contain_text("weixin.qq.com", ignore_case=True)
    expect(refused.locator(".td-advice")).to_be_visible()
    expect(page.locator("[data-part=save-told]")).to_contain_text("Not saved")
    expect(page.locator("[data-part=versions] li")).to_have_count(0)
    refused.get_by_role("button").click()  # shows which layer is meant
    expect(outline(page, "picture")).to_have_attribute("aria-pressed", "true")
    press(page, "Delete", "Control+s")
    is_saved(page, 1)


def test_layers_are_moved_and_changed_without_a_mouse(
    product: Product, open_page: Open, reach: Reach
) -> None:
    page = opened(product, open_page, reach, FROM_NOTHING)
    page.locator("[data-part=add-menu] summary").focus()
    press(page, "Enter", "Tab", "Enter")
    expect(outline(page, "title")).to_be_focused()
    assert page.evaluate(IS_MARKED)
    x, y, width, height = place(page, "title")
    press(page, "ArrowRight", "Shift+ArrowDown", "Control+ArrowRight", "Control+Shift+ArrowUp")
    assert place(page, "title") == (x + 1, y + 10, width + 1, height - 10)
    add(page, "code")
    press(page, "Shift+Tab")
    expect(outline(page, "title")).to_be_focused()
    press(page, "]")
    expect(page.locator(".td-layer").first).to_contain_text("Main title")
    press(page, "Delete")
    expect(page.locator(".td-layer")).to_have_count(1)
    press(page, "Control+z")
    expect(page.locator(".td-layer")).to_have_count(2)
    expect(page.locator("[data-part=speaker]")).to_have_text("Taken back.")


def test_the_picture_follows_what_is_set_and_for_whom(
    product: Product, open_page: Open, reach: Reach
) -> None:
    page = opened(product, open_page, reach, FROM_NOTHING)
    picture = page.locator("[data-part=picture]")

    def is_drawn_anew(before: str | None) -> str | None:
        expect(picture).not_to_have_attribute("src", before or "")
        return picture.get_attribute("src")

    now = picture.get_attribute("src")
    add(page, "nickname")
    now = is_drawn_anew(now)
    page.get_by_label("Size", exact=True).fill("90")
    now = is_drawn_anew(now)
    page.locator("select[name=person]").select_option("long")
    now = is_drawn_anew(now)
    expect(page.locator(".td-layer .td-warn")).to_have_count(1)
    page.get_by_text("As in a chat").click()
    is_drawn_anew(now)
    assert picture.evaluate("(one) => one.naturalWidth") == 302

    open_page.expect("status of 422")
    page.get_by_text("In full").click()
    page.locator(".td-words textarea").fill("{nickname")
    told = page.locator("[data-part=preview-told]")
    expect(told).to_contain_text("A brace { opens and does not close.")
    page.locator(".td-words textarea").fill("{nickname}!")
    expect(told).to_be_hidden()


def test_a_typed_colour_shows_in_its_swatch_and_equal_names_are_numbered(
    product: Product, open_page: Open, reach: Reach
) -> None:
    page = opened(product, open_page, reach, FROM_NOTHING)
    for _nth in range(2):
        add(page, "ellipse")
    assert page.locator(".td-layer-name").all_inner_texts() == ["Ellipse 2", "Ellipse 1"]
    page.get_by_label("Fill", exact=True).fill("#102a43")
    expect(page.get_by_label("Fill: choose")).to_have_value("#102a43")


def test_a_live_campaign_says_whose_poster_changes(product: Product, open_page: Open, reach: Reach) -> None:
    page = opened(product, open_page, reach, FROM_NOTHING)
    line = page.locator("[data-part=live]")
    page.locator("select[name=variant]").select_option("B")
    expect(line).to_contain_text("new poster from now on")
    page.locator("select[name=variant]").select_option("")
    expect(line).to_be_hidden()


def test_nothing_is_lost_when_the_session_is(product: Product, open_page: Open, reach: Reach) -> None:
    page = opened(product, open_page, reach, FROM_NOTHING)
    open_page.expect("status of 401")
    add(page, "title")
    page.context.clear_cookies(name="sessionid")
    press(page, "Control+s")
    expect(page.locator("[data-part=save-told]")).to_contain_text("You are logged out.")
    page.context.add_cookies([{"name": "sessionid", "value": reach["session"], "url": product.base}])
    page.on("dialog", lambda dialog: dialog.accept())  # leaving with something unsaved asks
    page.reload()
    expect(page.locator("[data-part=draft-note]")).to_contain_text("are back.")
    expect(page.locator(".td-layer")).to_have_count(1)
    press(page, "Control+z")
    expect(page.locator(".td-layer")).to_have_count(0)
    press(page, "Control+Shift+Z")
    page.get_by_role("button", name="Forget them").click()
    expect(page.locator(".td-layer")).to_have_count(0)


def test_two_who_save_at_once_lose_nothing(product: Product, open_page: Open, reach: Reach) -> None:
    first = opened(product, open_page, reach, "designs/new/?from=" + ready_name())
    press(first, "Control+s")
    is_saved(first, 1)
    second = open_page("desk", cookies=desk_of(reach))
    second.goto(first.url)
    first.locator("input[name=name]").fill("Morning")
    for page in (first, second):
        page.locator(".td-outline").last.focus()
        press(page, "ArrowUp")
    press(first, "Control+s")
    is_saved(first, 2)
    open_page.expect("status of 409")
    press(second, "Control+s")
    conflict = second.locator("[data-part=save-told]")
    expect(conflict).to_contain_text("saved version 2 while you were at work")
    second.get_by_role("button", name="Save mine as version 3").click()
    is_saved(second, 3)
    expect(second.locator("input[name=name]")).to_have_value("Morning")  # what the first one called it
    expect(second.locator("[data-part=versions] li")).to_have_count(3)
    expect(second.get_by_role("button", name="Back to version 3")).to_have_count(0)
    second.get_by_role("button", name="Back to version 1").click()
    expect(second.locator("[data-part=versions-told]")).to_contain_text("This is version 1.")
    press(second, "Control+s")
    is_saved(second, 4)


def ready_name() -> str:
    return default_of("poster").name


@pytest.mark.parametrize(("locale", "scheme", "language"), LOOKS)
def test_the_designer_fits_a_phone_in_every_look(
    product: Product, open_page: Open, reach: Reach, locale: str, scheme: str, language: str
) -> None:
    page = open_page("phone", locale, cookies=desk_of(reach), color_scheme=scheme, has_touch=True)
    one = f"{product.base}/console/campaigns/{reach['campaign']}"
    for address in (f"{one}/designs/", f"{one}/designs/new/?from={ready_name()}"):
        is_sound(page, address, language, scheme)
    is_drawn(page)
    page.locator(".td-layer-name").first.tap()
    expect(page.locator(".td-outline[aria-pressed=true]")).to_have_count(1)
