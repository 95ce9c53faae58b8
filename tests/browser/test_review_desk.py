"""The review desk without a mouse, and what the participant sees of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import cast
from tests.browser.conftest import Open, Product, Reach, desk_of, phone_of, press

pytestmark = pytest.mark.browser
SEEN_MS = 300  # the desk takes no verdict on what has only just come


def review(open_page: Open, product: Product, reach: Reach, kind: str = "desk") -> Page:
    desk = open_page(kind, cookies=desk_of(reach))
    desk.clock.install()
    desk.goto(f"{product.base}/console/campaigns/{reach['campaign']}/review/")
    return desk


def long_enough(desk: Page) -> None:
    """So long that the page takes a verdict: counted from when its script began, so not before that."""
    desk.wait_for_load_state("domcontentloaded")
    desk.clock.fast_forward(SEEN_MS * 2)


def shows(desk: Page, who: str) -> None:
    expect(desk.locator("#desk h2")).to_have_text(who)
    long_enough(desk)


def toast(desk: Page, text: str) -> None:
    expect(desk.locator("[data-toast]").last).to_contain_text(text)


def test_a_queue_is_judged_by_keys_alone(product: Product, open_page: Open) -> None:
    names = ["Ann", "Ben", "Cai", "Dan"]
    reach = product.stage("web", people=names, proofs=names, undo_seconds=600)
    desk = review(open_page, product, reach)
    open_page.expect("status of 422")  # the verdict without its reason, below

    shows(desk, "Ann")
    press(desk, "j")
    shows(desk, "Ben")
    expect(desk.get_by_text("2 / 4")).to_be_visible()
    press(desk, "k")
    shows(desk, "Ann")

    press(desk, "?")
    expect(desk.locator("#keys-help")).to_contain_text("Approve")
    assert desk.evaluate("document.getElementById('keys-help').scrollTop") == 0
    press(desk, "a")  # behind the list of keys no key judges
    press(desk, "Escape")
    expect(desk.locator("#keys-help")).to_be_hidden()
    shows(desk, "Ann")

    press(desk, "a")
    shows(desk, "Ben")
    toast(desk, "Approved Ann")
    press(desk, "u")
    shows(desk, "Ann")
    toast(desk, "Taken back: Ann waits again")
    expect(desk.get_by_text("1 / 4")).to_be_visible()

    press(desk, "r")
    reason = desk.locator("#reject [data-key='2']").get_attribute("title") or "none"
    press(desk, "2")
    shows(desk, "Ben")
    toast(desk, "Not approved: Ann")

    press(desk, "r")
    press(desk, "w")
    expect(desk.locator("#note")).to_be_focused()
    press(desk, "Enter")
    expect(desk.get_by_role("alert")).to_contain_text("Say in a few words what is wrong.")
    shows(desk, "Ben")
    press(desk, "w")
    desk.keyboard.type("too dark, please again")
    press(desk, "Enter")
    shows(desk, "Cai")
    press(desk, "a")
    shows(desk, "Dan")
    press(desk, "a")
    expect(desk.get_by_text("All screenshots are judged")).to_be_visible()

    press(desk, "v")
    judged = desk.locator(".tr-judged li")
    expect(judged).to_have_count(4)
    expect(judged.filter(has_text="Ann")).to_contain_text(reason)
    expect(judged.filter(has_text="Ben")).to_contain_text("too dark, please again")
    expect(judged.filter(has_text="Dan")).to_contain_text("Approved")


def test_a_key_held_down_judges_one(product: Product, open_page: Open) -> None:
    names = ["Ann", "Ben", "Cai"]
    desk = review(open_page, product, product.stage("web", people=names, proofs=names, undo_seconds=600))
    shows(desk, "Ann")
    for _ in range(4):
        desk.keyboard.down("a")  # without going up: what comes after the first are repeats
    shows(desk, "Ben")
    expect(desk.locator("#review-count")).to_contain_text("2 screenshots wait")


def test_who_was_refused_reads_why_and_sends_another(
    product: Product, open_page: Open, tmp_path: Path
) -> None:
    reach = product.stage("web", people=["Mia"], proofs=["Mia"])
    mia = open_page("phone", cookies=phone_of(reach, "Mia"))
    mia.goto(f"{product.base}/me/{reach['campaign']}/")
    desk = review(open_page, product, reach)
    shows(desk, "Mia")
    press(desk, "r")
    reason = desk.locator("#reject [data-key='2']").get_attribute("title") or "none"
    press(desk, "2")
    expect(desk.get_by_text("All screenshots are judged")).to_be_visible()

    expect(mia.locator("#proof")).to_contain_text(reason)  # without a reload
    again = tmp_path / "again.png"
    again.write_bytes(cast.picture_bytes("navy"))
    mia.locator("#proof-form input[type=file]").set_input_files(again)
    mia.locator("#proof-form button").click()
    expect(mia.get_by_text("A person will look at your screenshot")).to_be_visible()

    shows(desk, "Mia")  # the desk takes it up by itself
    expect(desk.locator(".tr-before figcaption")).to_have_text("Sent before")
    press(desk, "a")
    expect(mia.get_by_text("BOOK-0000").first).to_be_visible()


def test_what_is_taken_from_the_desk_is_told_at_once_and_no_key_judges_in_its_place(
    product: Product, open_page: Open, tmp_path: Path
) -> None:
    reach = product.stage("web", people=["Mia", "Ben"], proofs=["Mia", "Ben"], undo_seconds=600)
    desk = review(open_page, product, reach)
    shows(desk, "Mia")
    mia = open_page("phone", cookies=phone_of(reach, "Mia"))
    mia.goto(f"{product.base}/me/{reach['campaign']}/")
    newer = tmp_path / "newer.png"
    newer.write_bytes(cast.picture_bytes("navy"))
    mia.locator("#proof-form input[type=file]").set_input_files(newer)
    mia.locator("#proof-form button").click()

    expect(desk.locator(".tr-taken")).to_contain_text("Mia has sent a newer screenshot meanwhile.")
    expect(desk.locator("#review-count")).to_contain_text("2 screenshots wait")
    long_enough(desk)
    press(desk, "a")
    press(desk, "r")
    expect(desk.locator("[data-toast]")).to_have_count(0)
    shows(desk, "Mia")
    press(desk, "j")
    shows(desk, "Ben")
    press(desk, "a")
    shows(desk, "Mia")
    expect(desk.locator(".tr-approve")).to_be_visible()


def test_what_was_found_is_put_aside_and_looked_at_closer_by_keys(product: Product, open_page: Open) -> None:
    names = ["Ann", "Ben"]
    reach = product.stage("web", people=names, proofs=names, looked={"Ann": "fail"}, undo_seconds=600)
    desk = review(open_page, product, reach)
    shows(desk, "Ben")  # of those nobody knows anything about first
    press(desk, "j")
    shows(desk, "Ann")
    picture, poster = desk.locator(".tr-shot").first, desk.locator("[data-mark=poster]")
    expect(desk.locator(".tr-found li")).to_have_count(4)
    expect(poster).to_be_visible()

    press(desk, "e")
    expect(poster).to_be_hidden()
    expect(desk.locator("[data-marks]")).to_have_attribute("aria-pressed", "false")
    desk.reload()
    expect(poster).to_be_hidden()  # who works without the shapes does so all night
    press(desk, "e")
    expect(poster).to_be_visible()

    expect(picture).to_have_attribute("viewBox", "0 0 360 640")
    press(desk, "f")
    expect(picture).to_have_attribute("viewBox", "71 112 238 426")  # the post around the poster
    press(desk, "f")
    expect(picture).to_have_attribute("viewBox", "194 374 62 62")  # the code and its margin
    press(desk, "f")
    expect(picture).to_have_attribute("viewBox", "0 0 360 640")

    desk.locator(".tr-found [data-for=audience]").focus()
    expect(desk.locator("[data-mark=audience]")).to_have_class("tr-mark is-no is-lit")
    expect(poster).to_have_class("tr-mark is-yes")


def test_what_the_machine_finds_meanwhile_comes_beside_the_case_and_takes_no_word(
    product: Product, open_page: Open
) -> None:
    reach = product.stage("web", people=["Ann"], proofs=["Ann"], looked={"Ann": "fail"}, undo_seconds=600)
    desk = review(open_page, product, reach)
    shows(desk, "Ann")
    # As the page was before the machine looked.
    desk.locator("#desk").evaluate(
        """(desk) => {
            desk.dataset.unlooked = "";
            desk.querySelectorAll(".tr-machine, [data-mark]").forEach((part) => part.remove());
        }"""
    )
    press(desk, "r")
    press(desk, "w")
    desk.keyboard.type("too dark, pl")
    desk.clock.run_for(2100)
    expect(desk.locator(".tr-found li")).to_have_count(4)
    expect(desk.locator("[data-mark=poster]")).to_be_visible()
    expect(desk.locator("#desk")).not_to_have_attribute("data-unlooked", "")
    expect(desk.locator("#note")).to_be_focused()
    desk.keyboard.type("ease")
    expect(desk.locator("#note")).to_have_value("too dark, please")
    press(desk, "Enter")
    toast(desk, "Not approved: Ann")


def test_what_comes_and_goes_in_the_head_moves_no_key(product: Product, open_page: Open) -> None:
    desk = review(open_page, product, product.stage("web", people=["Ann"], proofs=["Ann"], undo_seconds=600))
    shows(desk, "Ann")
    places = []
    for text in ("", "the machine looks at 1", "seven words and many more that wait " * 9):
        desk.locator("#review-count").evaluate("(count, text) => { count.textContent = text; }", text)
        box = desk.locator(".tr-approve").bounding_box()
        assert box
        places.append((box["x"], box["y"]))
    assert places == places[:1] * 3


@pytest.mark.parametrize("kind", ["desk", "phone"])
def test_a_long_name_and_what_is_missing_move_no_key(product: Product, open_page: Open, kind: str) -> None:
    open_page.expect("status of 422")  # words of one's own that are none
    names = ["Ann", "Bartholomew Fairfaxx", "一个名字特别特别长的昵称用来测试换行哈"]
    reach = product.stage("web", people=names, proofs=names, undo_seconds=600)
    desk = review(open_page, product, reach, kind)
    places = []
    for name in names:
        shows(desk, name)
        box = desk.locator(".tr-approve").bounding_box()
        header = desk.locator(".tr-file > header").bounding_box()
        assert box
        assert header
        places.append((box["x"], box["y"], header["height"]))
        press(desk, "j")
    assert places == places[:1] * 3
    below_head = """approve => approve.getBoundingClientRect().top
        - document.querySelector(".tr-head").getBoundingClientRect().top"""
    before = desk.locator(".tr-approve").evaluate(below_head)
    press(desk, "r", "w", "Enter")
    expect(desk.get_by_role("alert")).to_be_visible()
    if kind == "desk":  # on a phone they stand at the lower edge, with all reasons below them
        assert desk.locator(".tr-approve").evaluate(below_head) == before


def test_similar_cases_are_judged_and_taken_back_together_by_keys(product: Product, open_page: Open) -> None:
    names = ["Ann", "Ben", "Cai", "Dan"]
    said = dict.fromkeys(names, "pass")
    reach = product.stage("web", people=names, proofs=names, looked=said, undo_seconds=600)
    desk = review(open_page, product, reach)
    shows(desk, "Ann")
    press(desk, "s")
    tiles = desk.locator(".tr-tiles input")
    expect(tiles).to_have_count(4)
    long_enough(desk)

    press(desk, "?")
    keys = desk.locator("#keys-help")
    expect(keys).to_contain_text("Leave one out, or take it back in")
    expect(keys).to_contain_text("To another picture")
    expect(desk.locator("#keys-title")).to_be_in_viewport()
    press(desk, "Escape")
    press(desk, "ArrowRight")
    expect(tiles.nth(0)).to_be_focused()
    press(desk, "ArrowRight")
    press(desk, "x")
    expect(tiles.nth(1)).not_to_be_checked()
    expect(desk.locator("[data-chosen]")).to_have_text("3")
    press(desk, "a")

    expect(desk.locator("#desk h2")).to_have_text("Ben")  # the one left out
    toast(desk, "Approved 3.")
    expect(desk.locator("#review-count")).to_contain_text("1 screenshot waits")
    press(desk, "u")
    toast(desk, "Taken back: 3 wait again.")
    expect(desk.locator("#review-count")).to_contain_text("4 screenshots wait")
