"""Each playbook played in real browsers, in both languages: from its card to a reward that is redeemed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from django.utils.translation import gettext, override
from playwright.sync_api import Page, expect

from tenfold.simulation.doors import Doors
from tenfold.simulation.phone import Phone, Step
from tests import cast
from tests.browser.conftest import Open, Product, desk_of, judges, press
from tests.browser.test_answers import comes_anew

pytestmark = pytest.mark.browser
Shoot = Callable[[Page, str], None]
LOCALES = {"en": "en-GB", "zh-hans": "zh-CN"}


@dataclass
class Play:
    """An operator at a desk who makes a campaign of one playbook, and whoever comes."""

    product: Product
    open_page: Open
    shoot: Shoot
    language: str
    desk: Page
    campaign: str = ""
    code: str = ""

    def says(self, text: str) -> str:
        with override(self.language):
            return gettext(text)

    def goes_to(self, tab: str, more: str = "") -> None:
        self.desk.goto(f"{self.product.base}/console/campaigns/{self.campaign}/{tab}/{more}")

    def presses(self, label: str, *, within: str = "main") -> None:
        """It is done when this returns: a phone may look at once."""
        with self.desk.expect_response(lambda response: response.request.method == "POST"):
            self.desk.locator(within).get_by_role("button", name=self.says(label), exact=True).first.click()

    def made_of(self, playbook: str) -> None:
        self.desk.goto(f"{self.product.base}/console/")
        press(self.desk, "n")
        expect(self.desk.locator("#id_name")).to_be_focused()
        self.desk.keyboard.type("Spring 春季")
        self.desk.locator(f"input[name=playbook][value={playbook}]").check()
        self.shoot(self.desk, f"playbook-choose-{self.language}")
        self.presses("Make it")
        expect(self.desk).to_have_url(re.compile("/plan/$"))
        self.campaign = self.desk.url.split("/campaigns/")[1].split("/")[0]
        expect(self.desk.locator("html")).to_have_attribute("lang", re.compile(self.language, re.IGNORECASE))

    def counts_at_once(self) -> None:
        """Nobody waits for days in a test: friends count when they have joined."""
        self.desk.locator("select[name=credit_when]").select_option("joined")
        press(self.desk, "Control+s")
        expect(self.desk.locator("[data-toast]").last).to_contain_text(self.says("The plan is saved."))

    def launched(self, playbook: str) -> None:
        self.goes_to("groups")
        self.desk.locator("#add input[name=name]").fill("Group 群")
        self.desk.locator("#add select[name=platform]").select_option("web")
        self.desk.locator("#add input[name=capacity]").fill("20")
        self.desk.keyboard.press("Enter")
        expect(self.desk.locator(".tf-pool")).to_contain_text("Group 群")
        self.goes_to("reward")
        self.shoot(self.desk, f"playbook-{playbook}-rules-{self.language}")
        self.goes_to("launch")
        self.desk.get_by_role("button", name=self.says("Launch now")).click()
        expect(self.desk).to_have_url(re.compile("/live/$"))
        self.goes_to("codes")
        self.code = self.desk.locator(".tf-code-address code").first.inner_text()

    def joins(self, name: str, code: str = "") -> Page:
        """Scans, joins, and opens their own page."""
        phone = self.open_page("phone", LOCALES[self.language])
        phone.goto(code or self.code)
        phone.locator("input[name=nickname]").fill(name)
        phone.locator("input[name=consent]").check()
        phone.get_by_role("button", name=self.says("Join"), exact=True).click()
        expect(phone.locator("#composer")).to_be_visible()
        phone.goto(f"{self.product.base}/me/{self.campaign}/")
        return phone

    def friends_come(self, phone: Page, count: int) -> None:
        """By the code on the poster of whoever holds this phone."""
        doors = Doors(self.product.base)
        try:
            for nth in range(count):
                friend = Phone(doors, code=self.own_code(phone), dice=Random(nth))
                friend.do(Step.SCAN)
                friend.do(Step.JOIN)
                assert friend.is_member
        finally:
            doors.close()

    def own_code(self, phone: Page) -> str:
        return phone.locator("#poster .link").inner_text().strip()

    def reward_page(self, kind: str) -> None:
        """Of the first reward with this kind."""
        self.goes_to("reward")
        with override(self.language):
            from tenfold.rewards.models import Reward

            label = str(Reward.Kind(kind).label)
        row = self.desk.locator("li", has=self.desk.locator("small", has_text=label))
        row.locator("a.tw-row").first.click()
        expect(self.desk).to_have_url(re.compile("/reward/[0-9a-f-]{36}/$"))

    def gets_a_parcel(self, phone: Page) -> None:
        """Gives an address; the parcel is sent, and its number redeemed."""
        phone.reload()
        form = phone.locator("form[action*=claim]").first
        form.locator("input[name=name]").fill("Mia Lin")
        form.locator("input[name=phone]").fill("call me")
        form.locator("textarea[name=address]").fill("1 Book Street 书香路 1 号")
        self.open_page.expect("status of 400")
        form.locator("button").click()
        expect(phone.locator("[role=alert]").first).to_be_visible()
        self.stays(phone)
        phone.go_back()
        self.stays(phone)
        own_page = phone.url
        for elsewhere in ("profile", "ledger"):
            phone.goto(f"{own_page}{elsewhere}")
        phone.goto(own_page)  # anew, with nothing that the browser itself might keep
        self.stays(phone)
        form.locator("input[name=phone]").fill("13800000000")
        form.locator("button").click()
        told = self.says("We have your address; the parcel is on our list.")
        expect(phone.get_by_text(told).first).to_be_visible()
        # Sent: nothing of it is left on the phone.
        phone.wait_for_function("!Object.keys(sessionStorage).some((key) => key.startsWith('draft:'))")
        self.goes_to("shipping")
        self.desk.locator("input[name=tracking]").first.fill("SF-1")
        self.presses("Sent", within="table")
        phone.reload()
        expect(phone.get_by_text("SF-1").first).to_be_visible()
        phone.locator("summary", has_text=self.says("Show it to redeem")).first.click()
        self.redeems(phone.locator("details[open] .code").first.inner_text())

    def stays(self, phone: Page) -> None:
        """What was typed is still there, also when the page comes anew by itself."""
        for _nth in range(2):
            expect(phone.locator("textarea[name=address]").first).to_have_value("1 Book Street 书香路 1 号")
            expect(phone.locator("input[name=phone]").first).to_have_value("call me")
            comes_anew(phone)

    def redeems(self, number: str) -> None:
        self.desk.goto(f"{self.product.base}/console/redeem/?number={number}")
        self.desk.get_by_role("button", name=self.says("Redeem now")).click()
        expect(self.desk.get_by_text(self.says("Redeemed just now. Hand it over."))).to_be_visible()


@pytest.fixture(params=["en", "zh-hans"])
def play(request: pytest.FixtureRequest, product: Product, open_page: Open, shoot: Shoot) -> Play:
    language = request.param
    reach = product.stage("none", language=language)
    desk = open_page("desk", LOCALES[language], cookies=desk_of(reach))
    return Play(product, open_page, shoot, language, desk)


def test_group_fission(play: Play, tmp_path: Path) -> None:
    play.made_of("group_fission")
    play.reward_page("codes")
    codes = tmp_path / "codes.csv"
    codes.write_text("code\nWELCOME-1\nWELCOME-2\n")
    play.desk.locator("input[name=codes]").set_input_files(codes)
    play.presses("Upload")
    expect(play.desk.locator(".tf-figure")).to_contain_text("2")
    play.launched("group_fission")

    mia = play.joins("Mia")
    shot = tmp_path / "screenshot.png"
    shot.write_bytes(cast.picture_bytes())
    mia.locator("#proof-form input[type=file]").set_input_files(shot)
    mia.locator("#proof-form button").click()
    expect(mia.locator("[data-answer=waiting]")).to_be_visible()
    play.goes_to("review")
    expect(play.desk.get_by_text("Mia").first).to_be_visible()
    judges(play.desk, "a")
    expect(mia.get_by_text("WELCOME-1").first).to_be_visible()
    play.shoot(mia, f"playbook-group_fission-{play.language}")
    mia.locator("summary", has_text=play.says("Show it to redeem")).first.click()
    play.redeems(mia.locator("details[open] .code").first.inner_text())
    expect(mia.get_by_text(re.compile(play.says("Redeemed on %(at)s.").split("%")[0])).first).to_be_visible()


def test_task_treasure(play: Play, tmp_path: Path) -> None:
    play.made_of("task_treasure")
    play.counts_at_once()
    play.reward_page("file")
    guide = tmp_path / "guide.pdf"
    guide.write_bytes(b"%PDF-1.4 the whole guide")
    play.desk.locator("input[name=file]").set_input_files(guide)
    play.presses("Upload")
    expect(play.desk.get_by_text("guide.pdf")).to_be_visible()
    play.launched("task_treasure")

    mia = play.joins("Mia")
    expect(mia.locator("#ladder li[aria-current=step] .need")).to_have_text("3")
    play.friends_come(mia, 2)
    mia.reload()
    expect(mia.locator("#ladder .count")).to_have_text("2")
    play.shoot(mia, f"playbook-task_treasure-ladder-{play.language}")
    play.friends_come(mia, 1)
    mia.reload()
    with mia.expect_download() as downloading:
        mia.get_by_role("link", name=play.says("Download")).first.click()
    assert Path(downloading.value.path()).read_bytes() == guide.read_bytes()
    expect(mia.locator("#ladder li[aria-current=step] .need")).to_have_text("10")
    play.friends_come(mia, 7)
    play.gets_a_parcel(mia)
    play.shoot(mia, f"playbook-task_treasure-{play.language}")


def test_free_tickets(play: Play) -> None:
    play.made_of("free_tickets")
    play.launched("free_tickets")

    mia = play.joins("Mia")
    play.shoot(mia, f"playbook-free_tickets-{play.language}")
    mia.get_by_role("link", name=play.says("See it")).first.click()
    number = mia.locator("code.number").first.inner_text()
    play.goes_to("keepsakes/gate")
    play.desk.locator("#number").fill(number)
    play.desk.locator("#gate-form button").click()
    expect(play.desk.locator("#answer")).to_contain_text("Mia")
    mia.goto(f"{play.product.base}/me/{play.campaign}/")
    play.friends_come(mia, 2)
    mia.reload()
    expect(mia.locator(".prize, .next", has_text=_name(play, "free_tickets", 1)).first).to_be_visible()


def test_distribution(play: Play) -> None:
    play.made_of("distribution")
    play.launched("distribution")

    mia = play.joins("Mia")
    ben = play.joins("Ben", play.own_code(mia))
    play.goes_to("orders")
    play.desk.locator("input[name=number]").fill("A-1001")
    play.desk.locator("input[name=amount]").fill("250.00")
    play.desk.locator("input[name=buyer]").fill(play.own_code(ben).rpartition("/")[2])
    play.presses("Add")
    expect(play.desk.locator("table")).to_contain_text("A-1001")
    mia.reload()
    expect(mia.locator("#balances")).to_contain_text("25.00")
    mia.locator("#balances a", has_text=play.says("Every change, and why")).click()
    expect(mia.get_by_text("25.00").first).to_be_visible()
    play.shoot(mia, f"playbook-distribution-{play.language}")
    play.goes_to("payouts")
    play.presses("Make a list to pay from")
    play.presses("Paid")
    expect(play.desk.get_by_role("button", name=play.says("Not paid after all"))).to_be_visible()
    play.shoot(play.desk, f"playbook-distribution-paid-{play.language}")
    mia.goto(f"{play.product.base}/me/{play.campaign}/")
    expect(mia.locator("#balances")).not_to_contain_text("25.00")


def test_checkin_course(play: Play) -> None:
    play.made_of("checkin_course")
    play.counts_at_once()
    play.goes_to("reward")
    play.desk.locator("li", has_text="21").locator("a.tw-row").first.click()
    play.desk.locator("input[name=need]").fill("1")
    press(play.desk, "Control+s")
    expect(play.desk.locator("[data-toast]").last).to_be_visible()
    play.launched("checkin_course")

    mia = play.joins("Mia")
    mia.locator("#attendance button").click()
    expect(mia.locator("#attendance")).to_contain_text(
        play.says("You have checked in today. Come back tomorrow.")
    )
    mia.get_by_role("link", name=play.says("See it")).first.click()
    expect(mia.get_by_text("Mia").first).to_be_visible()
    play.shoot(mia, f"playbook-checkin_course-{play.language}")
    mia.goto(f"{play.product.base}/me/{play.campaign}/")
    play.friends_come(mia, 1)
    mia.reload()
    expect(mia.locator("#balances")).to_contain_text("30")


def test_seed_letters(play: Play) -> None:
    play.made_of("seed_letters")
    play.counts_at_once()
    play.launched("seed_letters")

    mia = play.joins("Mia")
    play.friends_come(mia, 2)
    mia.reload()
    expect(mia.locator("#rewards, .next").first).to_contain_text(_name(play, "seed_letters", 1))
    play.goes_to("live")
    play.desk.locator("summary.btn-icon").click()
    play.desk.locator("[data-open=end-dialog]").click()
    play.desk.locator("#end-dialog .btn-danger").click()
    play.goes_to("draws")
    if play.desk.get_by_role("button", name=play.says("Draw now")).count():  # else the worker was quicker
        play.presses("Draw now")
    expect(play.desk.locator(".tg-winners")).to_contain_text("Mia")
    play.shoot(play.desk, f"playbook-seed_letters-draw-{play.language}")

    play.gets_a_parcel(mia)
    play.shoot(mia, f"playbook-seed_letters-{play.language}")


def _name(play: Play, playbook: str, nth: int) -> str:
    from tenfold.flow.playbooks import ready

    found = ready(playbook)
    assert found
    return str(found.rewards[nth][1]["name"].in_language(play.language))
