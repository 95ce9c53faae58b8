"""A campaign made from nothing up to its launch, in Chinese."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils.translation import gettext, ngettext, override, pgettext
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, Product, press

ADDED = ("Added %(added)s code, %(repeated)s repeated.", "Added %(added)s codes, %(repeated)s repeated.")
pytestmark = pytest.mark.browser


def zh(text: str, context: str = "") -> str:
    """What the Chinese console says for `text`; what nobody has translated fails here."""
    with override("zh-hans"):
        said = pgettext(context, text) if context else gettext(text)
    assert said != text
    return said


def saved(page: Page, text: str) -> None:
    expect(page.locator("[data-toast]").last).to_contain_text(zh(text))


def goes_to(page: Page, keys: str, tab: str) -> None:
    press(page, *keys)
    expect(page.locator("nav [aria-current=page]").last).to_have_text(zh(tab))


def log_in(page: Page, product: Product) -> None:
    reach = product.stage("none")
    page.goto(f"{product.base}/console/")
    # The cursor goes there by itself, with the first frame: on a busy machine later than the page is there.
    expect(page.locator("input[name=username]")).to_be_focused()
    page.keyboard.type(reach["email"])
    page.keyboard.press("Tab")
    page.keyboard.type(reach["password"])
    page.keyboard.press("Enter")
    expect(page.get_by_text(zh("Make your first campaign"))).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")


def makes_a_plan(page: Page) -> None:
    press(page, "n")
    expect(page.locator("#id_name")).to_be_focused()
    page.keyboard.type("十本书")
    page.locator("#id_language").select_option("zh-hans")
    page.locator("[name=playbook][value='']").check()  # from nothing, not from a playbook
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="十本书")).to_be_visible()
    page.locator("textarea[name=purpose]").fill("让更多人读书")
    page.locator("input[name=hold_minutes_0]").fill("20")
    press(page, "Control+s")
    saved(page, "The plan is saved.")
    expect(page.locator("input[name=hold_minutes_0]")).to_have_value("20")


def writes_words(page: Page, open_page: Open) -> None:
    """A fault keeps everything that was typed, saves nothing and stands beside its field."""
    goes_to(page, "gw", "Words")
    open_page.expect("status of 422")
    wrong, right = page.locator("[name='join.zh-hans']"), page.locator("[name='task.zh-hans']")
    wrong.fill("欢迎 {nickname")
    right.fill("请转发海报，{nickname}！")
    press(page, "Control+s")
    expect(wrong).to_have_class("form-control is-invalid")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_value("欢迎 {nickname")
    expect(right).to_have_value("请转发海报，{nickname}！")
    wrong.fill("欢迎，{nickname}！")
    expect(page.locator("[id='bubble_join.zh-hans']")).to_contain_text("！")
    press(page, "Control+s")
    saved(page, "The words are saved. From now on they are said like this.")
    expect(right).to_have_value("请转发海报，{nickname}！")


def adds_a_group(page: Page) -> None:
    goes_to(page, "go", "Groups")
    page.locator("#add input[name=name]").fill("读书一群")
    page.locator("#add select[name=platform]").select_option("web")
    page.locator("#add input[name=capacity]").fill("50")
    page.keyboard.press("Enter")
    expect(page.locator(".tf-pool")).to_contain_text("读书一群")


def writes_the_poster(page: Page) -> None:
    goes_to(page, "gs", "Poster")
    picture = page.locator("[data-side='zh-hans'] [data-picture]")
    expect(picture).to_be_visible()
    before = picture.get_attribute("src")
    page.locator("[name='zh-hans-title']").fill("一起读完十本书")
    expect(picture).not_to_have_attribute("src", before or "")  # drawn anew while one types
    press(page, "Control+s")
    saved(page, "The poster is saved. Posters that were forwarded stay as they are; their codes still work.")


def stocks_the_reward(page: Page, codes: Path) -> None:
    goes_to(page, "ge", "Rewards")
    page.get_by_role("link", name=zh("A code from a stock")).click()
    page.locator("input[name=name]").fill("电子书")
    press(page, "Control+s")
    expect(page.locator(".tf-block h2").first).to_have_text(zh("A code from a stock"))
    codes.write_bytes("code\nBOOK-1\nBOOK-2\nBOOK-1\n".encode("utf-8-sig"))
    for added, repeated in ((2, 1), (0, 3)):
        page.locator("input[name=codes]").set_input_files(codes)
        page.get_by_role("button", name=zh("Upload")).click()
        with override("zh-hans"):
            told = ngettext(*ADDED, added) % {"added": added, "repeated": repeated}
        expect(page.locator("[data-toast]").last).to_contain_text(told)
        expect(page.locator(".tf-figure")).to_contain_text("2")


def makes_a_code(page: Page) -> str:
    goes_to(page, "gd", "Codes")
    page.locator("input[name=name]").fill("老王")
    page.locator("select[name=kind]").select_option("seed")
    page.keyboard.press("Enter")
    expect(page.locator(".tf-codes")).to_contain_text("老王")
    return page.locator(".tf-code-address code").inner_text()


def test_a_campaign_from_nothing_to_its_first_member(
    product: Product, open_page: Open, tmp_path: Path
) -> None:
    page = open_page("desk", "zh-CN")
    log_in(page, product)
    makes_a_plan(page)
    writes_words(page, open_page)
    adds_a_group(page)
    writes_the_poster(page)
    stocks_the_reward(page, tmp_path / "codes.csv")
    code = makes_a_code(page)

    phone = open_page("phone", "zh-CN")
    phone.goto(code)
    expect(phone.locator("input[name=nickname]")).to_have_count(0)  # nobody comes in before the launch

    page.get_by_role("link", name=zh("Launch"), exact=True).click()
    expect(page.get_by_role("button", name=zh("Launch now"))).to_be_visible()
    press(page, "Enter")
    saved(page, "Live. Every code of this campaign now lets people in.")
    phone.goto(code)
    phone.locator("input[name=nickname]").fill("小明")
    phone.locator("input[name=consent]").check()
    phone.get_by_role("button", name=zh("Join")).click()
    expect(phone.get_by_text("欢迎，小明！")).to_be_visible()
    expect(page.locator("#news li").first).to_contain_text("小明")  # on the live page, without a reload
