"""An operator takes a post away while a member looks at it, by keyboard and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tenfold.base import visitor
from tests.browser.conftest import Open, Product, desk_of

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("kind", "locale"), [("desk", "en-GB"), ("phone", "zh-CN")])
def test_a_post_is_gone_from_an_open_page_and_comes_back(
    product: Product, open_page: Open, shoot: Callable[[Page, str], None], kind: str, locale: str
) -> None:
    reach = product.stage("web", people=["Mia", "王小明"], posts=2)
    phone = open_page("phone", cookies={visitor.COOKIE: reach["visitors"]["Mia"]})
    phone.goto(f"{product.base}/g/{reach['group']}/")
    expect(phone.get_by_text("Post number 1")).to_be_visible()
    cookies = desk_of(reach) | {"django_language": locale.lower().replace("zh-cn", "zh-hans")[:7]}
    desk = open_page(kind, locale, cookies=cookies)
    desk.goto(f"{product.base}/console/campaigns/{reach['campaign']}/groups/{reach['group']}/room/")
    row = desk.locator(".tw-room > li", has_text="Post number 1")
    row.locator("button").focus()
    desk.keyboard.press("Enter")
    expect(row).to_have_class("is-hidden")
    expect(row.locator("button")).to_be_focused()
    shoot(desk, f"room-desk-{kind}-{locale[:2]}")
    expect(phone.get_by_text("Post number 1")).to_have_count(0)
    expect(phone.get_by_text("Post number 0")).to_be_attached()
    desk.keyboard.press("Enter")
    expect(row).not_to_have_class("is-hidden")
    phone.reload()
    expect(phone.get_by_text("Post number 1")).to_be_visible()
