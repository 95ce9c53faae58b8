"""Those who wait in line, and those whose browser runs no script."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import cast
from tests.browser.conftest import Open, Product, phone_of

pytestmark = pytest.mark.browser


def test_a_seat_that_comes_free_calls_the_next_in_line(product: Product, open_page: Open) -> None:
    reach = product.stage("web", people=["Mia"], capacity=1)
    zoe, yan = open_page("phone"), open_page("phone")
    zoe.goto(reach["scan"])
    expect(zoe.get_by_text("You are the next in line.")).to_be_visible()
    yan.clock.install()
    yan.goto(reach["scan"])
    expect(yan.get_by_text("You are number 2 in line.")).to_be_visible()

    mia = open_page("phone", cookies=phone_of(reach, "Mia"))
    mia.goto(f"{product.base}/me/{reach['campaign']}/leave")
    mia.get_by_role("button", name="Leave the group").click()

    expect(zoe.get_by_text("A seat is free for you")).to_be_visible()  # without a reload
    yan.clock.fast_forward(61_000)  # who moves up without being called reads it within a minute
    expect(yan.get_by_text("You are the next in line.")).to_be_visible()
    zoe.get_by_role("link", name="Go to the group").click()
    zoe.locator("input[name=nickname]").fill("Zoe")
    zoe.locator("input[name=consent]").check()
    zoe.get_by_role("button", name="Join").click()
    expect(zoe.get_by_text("Welcome to Readers 1, Zoe!")).to_be_visible()


def test_everything_on_the_phone_works_without_script(
    product: Product, open_page: Open, tmp_path: Path
) -> None:
    open_page.expect("status of 403")  # the room, once left
    reach = product.stage("web", people=["Mia"])
    ben = open_page("phone", java_script_enabled=False)
    ben.goto(reach["scan"])
    ben.locator("input[name=nickname]").fill("Ben")
    ben.locator("input[name=consent]").check()
    ben.get_by_role("button", name="Join").click()

    ben.locator("#composer textarea").fill("No script here")
    ben.get_by_role("button", name="Send").click()
    expect(ben.get_by_text("No script here")).to_have_count(1)

    shot = tmp_path / "shot.png"
    shot.write_bytes(cast.picture_bytes())
    ben.goto(f"{product.base}/me/{reach['campaign']}/")
    ben.locator("#proof-form input[type=file]").set_input_files(shot)
    ben.locator("#proof-form button").click()
    expect(ben.get_by_text("A person will look at your screenshot")).to_be_visible()

    ben.goto(f"{product.base}/me/{reach['campaign']}/leave")
    ben.get_by_role("button", name="Leave the group").click()
    ben.goto(f"{product.base}/g/{reach['group']}/")
    expect(ben.locator("#composer")).to_have_count(0)
    mia = open_page("phone", cookies=phone_of(reach, "Mia"))
    mia.goto(f"{product.base}/g/{reach['group']}/members")
    expect(mia.get_by_text("Mia").first).to_be_visible()
    expect(mia.get_by_text("Ben", exact=True)).to_have_count(0)
