"""All main pages as they are drawn: in both languages, light and dark, narrow, and by keyboard.

That no page complains, breaks its policy or asks another host is watched by `open_page` in every story.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, Product, Reach, desk_of, phone_of, press

pytestmark = pytest.mark.browser

TABS = ["live", "review", "review/judged", "review/appeals", "review/second", "review/machine"]
TABS += ["review/checks", "tree", "people", "board", "tasks"]
TABS += ["plan", "words", "groups", "poster", "reward", "codes", "launch", "rename"]
TABS += ["keepsakes", "keepsakes/new", "keepsakes/gate"]
TABS += ["reward/new", "reward/rules/new", "ledger", "shipping", "orders", "payouts", "draws"]
CONSOLE = ["", "team/", "redeem/", "profile/", "campaigns/new/"]
LOOKS = [("en-GB", "light", "en"), ("zh-CN", "dark", "zh-Hans")]
# The brightness of what the page stands on: 0 is black, 1 is white.
GROUND = """() => {
  const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).map(Number);
  return (0.299 * r + 0.587 * g + 0.114 * b) / 255;
}"""
# What sticks out to the right of the page, named so that one finds it.
WIDE = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.body.querySelectorAll("*")]
    .filter((one) => one.getBoundingClientRect().right > width + 1)
    .slice(0, 5).map((one) => one.outerHTML.slice(0, 120));
}"""
# Whether what has the focus differs from how it looks without.
IS_MARKED = """() => {
  const one = document.activeElement;
  const look = () => {
    const seen = [one, one.closest("label"), one.nextElementSibling].filter(Boolean)
      .map((each) => getComputedStyle(each));
    return seen.map((each) => [each.outline, each.boxShadow, each.backgroundColor, each.borderColor].join()).join();
  };
  const focused = look();
  one.blur();
  const plain = look();
  one.focus({ preventScroll: true });
  return focused !== plain;
}"""
NAME = "() => document.activeElement.outerHTML.slice(0, 160)"


@pytest.fixture(scope="module")
def reach(product: Product) -> Reach:
    long_name = "W" * 20
    return product.stage("web", people=["Mia", long_name, "小明"], proofs=["Mia", "小明"], posts=2)


def is_sound(page: Page, address: str, language: str, scheme: str) -> None:
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
    assert page.evaluate(WIDE) == [], address
    expect(page.locator("html")).to_have_attribute("lang", language, ignore_case=True)
    brightness = page.evaluate(GROUND)
    assert brightness < 0.4 if scheme == "dark" else brightness > 0.6, (address, brightness)


@pytest.mark.parametrize(("locale", "scheme", "language"), LOOKS)
def test_the_console_fits_a_phone_in_every_look(
    product: Product, open_page: Open, reach: Reach, locale: str, scheme: str, language: str
) -> None:
    page = open_page("phone", locale, cookies=desk_of(reach), color_scheme=scheme)
    one = f"{product.base}/console/campaigns/{reach['campaign']}/"
    for address in [f"{product.base}/console/{tab}" for tab in CONSOLE] + [f"{one}{tab}/" for tab in TABS]:
        is_sound(page, address, language, scheme)


@pytest.mark.parametrize(("locale", "scheme", "language"), LOOKS)
def test_the_phones_pages_fit_the_smallest_phone_in_every_look(
    product: Product, open_page: Open, reach: Reach, locale: str, scheme: str, language: str
) -> None:
    mia = open_page("small phone", locale, cookies=phone_of(reach, "Mia"), color_scheme=scheme)
    me, room = f"{product.base}/me/{reach['campaign']}/", f"{product.base}/g/{reach['group']}/"
    for address in (me, f"{me}profile", f"{me}leave", room, f"{room}members"):
        is_sound(mia, address, language, scheme)
    stranger = open_page("small phone", locale, color_scheme=scheme)
    for address in (f"{product.base}/", f"{product.base}/console/login/", reach["scan"]):
        is_sound(stranger, address, language, scheme)


def test_a_chosen_theme_stays(product: Product, open_page: Open, reach: Reach) -> None:
    page = open_page("desk", cookies=desk_of(reach), color_scheme="light")
    page.goto(f"{product.base}/console/")
    page.locator(".tf-me summary").click()
    page.locator("[data-theme-choice=dark]").click()
    assert page.evaluate(GROUND) < 0.4
    page.goto(f"{product.base}/console/team/")
    assert page.evaluate(GROUND) < 0.4


def test_from_the_log_in_to_a_verdict_without_a_mouse(
    product: Product, open_page: Open, reach: Reach
) -> None:
    page = open_page("desk")
    page.goto(f"{product.base}/console/campaigns/{reach['campaign']}/")
    expect(page.locator("input[name=username]")).to_be_focused()
    page.keyboard.type(reach["email"])
    press(page, "Tab")
    page.keyboard.type(reach["password"])
    press(page, "Enter")
    expect(page.locator("nav [aria-current=page]")).to_have_text("Live")  # back to where one wanted to go

    press(page, "Tab")
    skip = page.locator(".tf-skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    press(page, "Enter")
    expect(page.locator("#main")).to_be_focused()

    press(page, "g", "r")
    expect(page.locator("#desk h2")).to_have_text("Mia")
    press(page, "Tab")
    for _ in range(40):  # through the head and into the desk
        assert page.evaluate(IS_MARKED), page.evaluate(NAME)
        if page.evaluate("() => document.activeElement.matches('.tr-approve')"):
            break
        press(page, "Tab")
    expect(page.locator(".tr-approve")).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#desk h2")).to_have_text("小明")


def test_enter_belongs_to_what_has_the_focus(product: Product, open_page: Open, reach: Reach) -> None:
    """The live page has a call to act on Enter; who has gone on to a link wants that link."""
    page = open_page("desk", cookies=desk_of(reach))
    live = f"{product.base}/console/campaigns/{reach['campaign']}/live/"
    page.goto(live)
    expect(page.locator("[data-key=Enter]")).to_have_count(1)
    page.locator(".tf-nav a").last.focus()
    press(page, "Enter")
    expect(page).to_have_url(f"{product.base}/console/team/")
    page.goto(live)
    press(page, "Enter")
    expect(page.locator("#desk")).to_be_visible()


@pytest.mark.parametrize("tab", ["plan", "groups", "codes"])
def test_the_focus_is_seen_wherever_it_is(product: Product, open_page: Open, reach: Reach, tab: str) -> None:
    page = open_page("desk", cookies=desk_of(reach))
    page.goto(f"{product.base}/console/campaigns/{reach['campaign']}/{tab}/")
    seen: list[str] = []
    for _ in range(45):
        press(page, "Tab")
        seen.append(page.evaluate(NAME))
        if seen[-1].startswith("<body"):
            break
        assert page.evaluate(IS_MARKED), seen[-1]
    assert len(set(seen)) > 15
