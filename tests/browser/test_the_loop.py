"""The whole loop in real browsers: two phones and a desk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tenfold.imaging.qr import read_codes
from tests import cast
from tests.browser.conftest import Open, Product, judges

pytestmark = pytest.mark.browser
Shoot = Callable[[Page, str], None]


def _join(page: Page, scan: str, name: str) -> None:
    page.goto(scan)
    page.locator("input[name=nickname]").fill(name)
    page.locator("input[name=consent]").check()
    page.get_by_role("button", name="Join").click()


def _log_in(page: Page, product: Product, reach: dict[str, str]) -> None:
    page.goto(f"{product.base}/console/")
    page.locator("input[name=username]").fill(reach["email"])
    page.locator("input[name=password]").fill(reach["password"])
    page.keyboard.press("Enter")
    expect(page.get_by_text("Ten Books").first).to_be_visible()


def test_from_the_scan_to_the_tree(product: Product, open_page: Open, shoot: Shoot, tmp_path: Path) -> None:
    reach = product.stage("web")
    mia = open_page("phone")
    _join(mia, reach["scan"], "Mia")
    expect(mia.get_by_text("Welcome to Readers 1, Mia!")).to_be_visible()  # the bot's words, without a reload
    shoot(mia, "room-greeted")

    mia.goto(f"{product.base}/me/{reach['campaign']}/")
    shoot(mia, "me-first")
    with mia.expect_download() as downloading:
        mia.get_by_role("link", name="JPEG").first.click()
    poster = tmp_path / "poster.jpg"
    downloading.value.save_as(poster)
    own_code = read_codes(poster.read_bytes())[0].text
    assert own_code != reach["scan"]

    ben = open_page("phone")
    _join(ben, own_code, "Ben")
    expect(ben.get_by_text("Welcome to Readers 1, Ben!")).to_be_visible()
    expect(
        mia.get_by_text("Ben", exact=True)
    ).to_be_visible()  # among those who came through Mia, without a reload

    shot = tmp_path / "screenshot.png"
    shot.write_bytes(cast.picture_bytes())
    sending = ben.context.new_page()
    sending.goto(f"{product.base}/me/{reach['campaign']}/")
    sending.locator("#proof-form input[type=file]").set_input_files(shot)
    sending.locator("#proof-form button").click()
    expect(sending.get_by_text("A person will look at your screenshot")).to_be_visible()

    desk = open_page("desk")
    _log_in(desk, product, reach)
    desk.goto(f"{product.base}/console/campaigns/{reach['campaign']}/review/")
    expect(desk.get_by_text("Ben").first).to_be_visible()
    shoot(desk, "review")
    judges(desk, "a")

    expect(ben.get_by_text("Ben, your screenshot is approved.")).to_be_visible()
    expect(ben.get_by_text("Ben has earned A free book!")).to_be_visible()
    shoot(ben, "room-rewarded")
    expect(sending.get_by_text("BOOK-0000").first).to_be_visible()
    shoot(sending, "me-rewarded")

    desk.goto(f"{product.base}/console/campaigns/{reach['campaign']}/tree/")
    for name in ("Mia", "Ben"):
        expect(desk.get_by_text(name, exact=True).first).to_be_attached()
    shoot(desk, "tree")
    desk.goto(f"{product.base}/console/campaigns/{reach['campaign']}/")
    shoot(desk, "live")


def test_a_post_appears_on_the_other_phone_without_a_reload(product: Product, open_page: Open) -> None:
    reach = product.stage("web")
    mia, ben = open_page("phone"), open_page("phone")
    _join(mia, reach["scan"], "Mia")
    _join(ben, reach["scan"], "Ben")
    ben.locator("#composer textarea").fill("<b>Hello</b> everyone")
    ben.get_by_role("button", name="Send").click()
    expect(mia.get_by_text("<b>Hello</b> everyone")).to_be_visible()
