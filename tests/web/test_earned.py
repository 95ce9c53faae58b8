"""What is earned, on the participant's own page: what is left to do, each reward by its kind, and every change."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from tenfold import flow
from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.campaigns.models import Campaign
from tenfold.flow.credits import adjusted, blocked
from tenfold.people.models import Attendance, Journey
from tenfold.rewards import actions as rewards
from tenfold.rewards import payouts
from tenfold.rewards.models import Grant, Reward, RewardRule
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.web.conftest import phone, scans

pytestmark = pytest.mark.django_db
When, Kind = RewardRule.When, Reward.Kind
ADDRESS = {"name": "Mia", "phone": "+49 30 1234567", "address": "Paper Lane 3\nTenpages", "postcode": "10115"}


def offers(stage: Stage, kind: str, name: str, when: str, *, need: int = 0, **more: Any) -> RewardRule:
    """A reward of the catalogue and the rule that gives it."""
    of_rule = {key: more.pop(key) for key in ("rank_from", "rank_to", "winners", "fallback") if key in more}
    reward = rewards.add_reward(
        campaign=stage.campaign, kind=kind, name=name, operator=stage.owner, **{"text": "Enjoy", **more}
    )
    return rewards.make_rule(
        campaign=stage.campaign, operator=stage.owner, when=when, reward=reward, need=need, **of_rule
    )


def shows_board(stage: Stage) -> None:
    Campaign.objects.filter(pk=stage.campaign.pk).update(board=Campaign.Board.PUBLIC)


def page_of(journey: Journey, rest: str = "", language: str = "en") -> str:
    answer = phone(journey, language=language).get(f"/me/{journey.campaign_id}/{rest}")
    assert answer.status_code == 200
    return answer.content.decode()


def friends_join(stage: Stage, inviter: Journey, count: int) -> list[Journey]:
    return [cast.joins(stage, f"Friend {nth}", by=inviter.code) for nth in range(count)]


def rungs(page: str) -> list[tuple[str, str]]:
    """State and label of each step of the ladder."""
    found = re.findall(
        r'<li class="(\w+)"[^>]*>\s*<span class="need num">.*?<span class="tag[^>]*>([^<]+)<', page, re.S
    )
    return [(state, label) for state, label in found]


# --- the ladder -----------------------------------------------------------------------------------------------


def test_the_ladder_says_exactly_what_is_left_and_how_many_there_are(stage: Stage) -> None:
    offers(stage, "text", "A guide", When.INVITES, need=1, stock_count=9)
    offers(stage, "text", "A box", When.INVITES, need=3)
    mia = cast.joins(stage, "Mia")
    page = page_of(mia)
    assert rungs(page) == [("now", "1 more"), ("open", "3 more")]
    assert "1 friend · 9 are left" in page
    assert "1 more friend for “A guide”." in page
    friends_join(stage, mia, 1)
    page = page_of(mia)
    assert rungs(page) == [("done", "Earned"), ("now", "2 more")]
    assert 'style="width:33%"' in page
    assert "you have" not in page
    assert "1 friend has come by your code" in page


def test_a_step_of_which_none_is_left_says_so_and_what_is_given_in_its_place(stage: Stage) -> None:
    box = offers(stage, "text", "A box", When.INVITES, need=2, stock_count=1)
    mia, ben, zoe = (cast.joins(stage, name) for name in ("Mia", "Ben", "Zoe"))
    friends_join(stage, mia, 2)
    assert rungs(page_of(zoe)) == [("out", "Used up")]
    assert "2 friends · all given out" in page_of(zoe)
    letter = rewards.add_reward(
        campaign=stage.campaign, kind="text", name="A letter", text="Thanks", operator=stage.owner
    )
    rewards.change_rule(rule=box, operator=stage.owner, fallback=letter)
    assert "all given out; you get “A letter” in its place" in page_of(zoe)
    friends_join(stage, ben, 2)
    assert "<b>A letter</b>" in page_of(ben)


def test_what_is_owed_is_on_the_list(stage: Stage) -> None:
    offers(stage, "codes", "A voucher", When.INVITES, need=1)
    mia = cast.joins(stage, "Mia")
    assert rungs(page_of(mia)) == [("out", "Used up")]
    friends_join(stage, mia, 1)
    page = page_of(mia)
    assert rungs(page) == [("owed", "On the list")]
    assert "you get it, in order, as soon as there is more" in page


def test_without_a_task_the_page_asks_for_friends_and_for_no_screenshot(stage: Stage) -> None:
    rewards.stop_rule(rule=RewardRule.objects.get(), operator=stage.owner)
    RewardRule.objects.update(when=When.INVITES, need=2, stopped_at=None, stop="")
    mia = cast.joins(stage, "Mia")
    page = page_of(mia)
    assert "<h1>Bring your friends!</h1>" in page
    assert 'id="proof-form"' not in page
    assert re.findall(r'<li class="(done|now|)"', page)[:4] == ["done", "now", "", ""]
    room = phone(mia).get(f"/g/{stage.group.id}/").content.decode()
    assert "is also your screenshot" not in room
    friends_join(stage, mia, 2)
    assert "Your reward is here" in page_of(mia)


def test_without_a_reward_for_the_task_it_is_asked_for_where_only_who_has_done_it_counts(
    stage: Stage,
) -> None:
    RewardRule.objects.update(when=When.INVITES, need=2)
    Campaign.objects.update(credit_when=Campaign.CreditWhen.APPROVED)
    mia = cast.joins(stage, "Mia")
    assert 'id="proof-form"' in page_of(mia)
    assert "is also your screenshot" in phone(mia).get(f"/g/{stage.group.id}/").content.decode()


# --- each by its kind -----------------------------------------------------------------------------------------


def test_what_has_to_be_collected_says_until_when_and_is_collected_once(
    frozen: FrozenClock, stage: Stage
) -> None:
    offers(stage, "text", "A seat", When.INVITES, need=1, stock_count=1, claim_hours=24)
    mia = cast.joins(stage, "Mia")
    friends_join(stage, mia, 1)
    page = page_of(mia)
    assert "Collect it until" in page
    assert "Enjoy" not in page
    grant = Grant.objects.get(journey=mia)
    for _again in range(2):
        assert phone(mia).post(f"/me/{stage.campaign.id}/rewards/{grant.number}/claim").status_code == 302
    page = page_of(mia)
    assert "Enjoy" in page
    assert grant.number in page
    grant.refresh_from_db()
    assert grant.state == Grant.State.CLAIMED


def test_too_late_is_told_and_the_page_stays(frozen: FrozenClock, stage: Stage) -> None:
    offers(stage, "text", "A seat", When.INVITES, need=1, stock_count=1, claim_hours=1)
    mia = cast.joins(stage, "Mia")
    friends_join(stage, mia, 1)
    grant = Grant.objects.get(journey=mia)
    frozen.advance(minutes=61)
    answer = phone(mia).post(f"/me/{stage.campaign.id}/rewards/{grant.number}/claim")
    assert answer.status_code == 409
    assert "The time to claim this is over" in answer.content.decode()
    flow.unclaimed(grant=grant)
    page = page_of(mia)
    assert "Not claimed in time" in page
    assert "Collect it" not in page
    assert rungs(page) == [("out", "Used up")]


def test_a_parcel_needs_an_address_which_can_be_put_right_until_it_is_sent(stage: Stage) -> None:
    offers(stage, "physical", "A box", When.INVITES, need=1, stock_count=3)
    mia = cast.joins(stage, "Mia")
    friends_join(stage, mia, 1)
    grant = Grant.objects.get(journey=mia)
    address = f"/me/{stage.campaign.id}/rewards/{grant.number}/claim"
    answer = phone(mia).post(address, ADDRESS | {"phone": "call me"})
    assert answer.status_code == 400
    assert "Paper Lane 3" in answer.content.decode()
    assert answer.content.decode().count("data-kept") == len(
        ADDRESS
    )  # the page that comes anew leaves it alone
    assert f'data-draft="/me/{stage.campaign.id}/"' in page_of(mia)
    assert phone(mia).post(address, ADDRESS).status_code == 302
    page = page_of(mia)
    assert "the parcel is on our list" in page
    assert "data-draft" not in page
    assert "Paper Lane 3" in page
    assert phone(mia).post(address, ADDRESS | {"address": "<b>Moon</b>"}).status_code == 302
    assert "&lt;b&gt;Moon&lt;/b&gt;" in page_of(mia)
    grant.refresh_from_db()
    rewards.ship(grant=grant, tracking="SF123", operator=stage.owner)
    page = page_of(mia)
    assert "Parcel number: SF123" in page
    assert "Change the address" not in page


def test_a_file_is_handed_over_to_its_owner_alone_and_never_opened(stage: Stage) -> None:
    rule = offers(stage, "file", "The guide", When.INVITES, need=1)
    assert rule.reward is not None
    data = b"%PDF-1.4\n<script>alert(1)</script>"
    rewards.set_file(reward=rule.reward, name="Leitfaden für alle.pdf", data=data, operator=stage.owner)
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    friends_join(stage, mia, 1)
    grant = Grant.objects.get(journey=mia)
    address = f"/me/{stage.campaign.id}/rewards/{grant.number}/file"
    assert address in page_of(mia)
    answer = phone(mia).get(address)
    assert (answer.status_code, answer.content) == (200, data)
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert "no-store" in answer["Cache-Control"]
    assert phone(ben).get(address).status_code == 404
    assert phone().get(address).status_code == 403


@pytest.mark.parametrize("number", ["AAAAAAAAAAAA", "x", "0", "nothing-here"])
def test_what_is_not_theirs_is_not_there(stage: Stage, number: str) -> None:
    offers(stage, "physical", "A box", When.INVITES, need=1)
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    friends_join(stage, mia, 1)
    grant = Grant.objects.get(journey=mia)
    for each in (number, grant.number):
        for rest in ("claim", "file"):
            way = f"/me/{stage.campaign.id}/rewards/{each}/{rest}"
            answer = phone(ben).post(way, ADDRESS) if rest == "claim" else phone(ben).get(way)
            assert answer.status_code == 404
    assert Grant.objects.get(journey=mia).address is None


def test_points_and_money_stand_on_a_balance_with_every_change_and_its_reason(stage: Stage) -> None:
    offers(stage, "points", "Ten points", When.INVITES, need=1, amount=10, text="")
    rewards.make_rule(
        campaign=stage.campaign, operator=stage.owner, when=When.INVITE, unit="money", direct=500, second=200
    )
    mia = cast.joins(stage, "Mia")
    [ben] = friends_join(stage, mia, 1)
    zoe = cast.joins(stage, "Zoe Secret", by=ben.code)
    adjusted(journey=mia, unit="money", amount=-100, note="Bank <fee>", operator=stage.owner)
    page = page_of(mia)
    assert '<b class="num">¥6.00</b>' in page
    assert '<b class="num">10</b>' in page
    assert "¥5.00" in page
    assert "And ¥2.00 for each friend of theirs." in page
    page = page_of(mia, "ledger")
    for told in ("+¥5.00", "+¥2.00", "−¥1.00", "Bank &lt;fee&gt;", "Friend 0", "through a friend of yours"):
        assert told in page
    assert "Zoe Secret" not in page
    flow.left(journey=zoe)
    page = page_of(mia, "ledger")
    assert "−¥2.00" in page
    assert "they left too soon" in page_of(ben, "ledger")


def test_a_long_ledger_is_read_in_parts_without_a_gap(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    for nth in range(53):
        adjusted(journey=mia, unit="points", amount=1 + nth, note=f"change {nth:02}", operator=stage.owner)
    page = page_of(mia, "ledger")
    assert re.findall(r"change (\d\d)", page) == [f"{nth:02}" for nth in range(52, 2, -1)]
    older = re.search(r'href="(\?before=[^"]+)"', page)
    assert older is not None
    assert re.findall(r"change (\d\d)", page_of(mia, f"ledger{older[1]}")) == ["02", "01", "00"]
    assert len(re.findall(r"change \d\d", page_of(mia, f"ledger?before={new_id()}"))) == 50


def test_money_on_a_list_is_told_as_paid_once_it_is(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    adjusted(journey=mia, unit="money", amount=2500, note="A taxi", operator=stage.owner)
    made = payouts.pay_out(campaign=stage.campaign, operator=stage.owner)
    told = page_of(mia, "ledger")
    assert "On a list to be paid" in told
    assert "Paid out" not in told
    assert re.search(r"On a list to be paid to me</span><b[^>]*>¥25.00", told)
    payouts.mark_paid(payout=made, operator=stage.owner)
    told = page_of(mia, "ledger")
    assert "Paid out" in told
    assert "to be paid" not in told


def test_an_empty_ledger_says_what_will_stand_there(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    assert "Nothing yet. Each friend who counts" in page_of(mia, "ledger")


# --- days, the board, the draw, newcomers ---------------------------------------------------------------------


def test_a_day_is_checked_in_for_once_and_the_days_left_are_exact(frozen: FrozenClock, stage: Stage) -> None:
    offers(stage, "text", "A certificate", When.ATTENDANCE, need=2)
    mia = cast.joins(stage, "Mia")
    assert "“A certificate”: 2 more days of 2." in page_of(mia)
    for _again in range(2):
        assert phone(mia).post(f"/me/{stage.campaign.id}/attend", {"text": "Chapter 1"}).status_code == 302
    page = page_of(mia)
    assert "“A certificate”: 1 more day of 2." in page
    assert "You have checked in today" in page
    assert f'action="/me/{stage.campaign.id}/attend"' not in page
    frozen.advance(days=1)
    phone(mia).post(f"/me/{stage.campaign.id}/attend")
    page = page_of(mia)
    assert "“A certificate”: all days are done." in page
    assert "You have taken part on 2 days" in page
    assert Attendance.objects.count() == 2


def test_places_the_draw_and_orders_are_told_with_where_one_stands(stage: Stage) -> None:
    stage.campaign.board = "public"
    stage.campaign.save()
    offers(stage, "text", "A trip", When.RANK, rank_from=1, rank_to=3, need=2, stock_count=3)
    offers(stage, "text", "A lamp", When.LOTTERY, need=1, winners=2, stock_count=2)
    rewards.make_rule(
        campaign=stage.campaign, operator=stage.owner, when=When.ORDER, unit="money", direct=1000, second=250
    )
    mia = cast.joins(stage, "Mia")
    page = page_of(mia)
    for told in (
        "For places 1 to 3 on the leaderboard at the end.",
        "At least 2 friends.",
        "2 are drawn at the end.",
        "Everyone with 1 friend takes part.",
        "You do not take part yet.",
        "10 % of what your friends order",
        "And 2.5 % of what their friends order.",
        f'href="/board/{stage.campaign.id}/"',
        'href="/draw/',
    ):
        assert told in page
    friends_join(stage, mia, 1)
    page = page_of(mia)
    assert "You take part." in page
    assert "Your place: 1 of 1" in page


def test_a_newcomer_reads_what_is_there_for_them_before_they_join_and_after(stage: Stage) -> None:
    offers(stage, "text", "A bookmark", When.JOINED)
    mia = cast.joins(stage, "Mia")
    assert "<b>A bookmark</b>" in page_of(mia)
    assert "You have joined ·" in page_of(mia)
    client, shown = scans(stage)
    assert "A bookmark" not in client.get(f"/g/{stage.group.id}/").content.decode()
    shown = flow.scanned(slug=mia.code.slug, visitor_id=new_id())
    page = phone(shown.visitor_id).get(f"/g/{stage.group.id}/").content.decode()
    assert "For newcomers who come by a friend's code: A bookmark" in page
    ben = cast.joins(stage, "Ben", by=mia.code)
    assert "<b>A bookmark</b>" in page_of(ben)
    assert re.findall(r'<li class="(done|now|)"', page_of(ben)) == ["done", "now", "", ""]
    assert "You have come by a friend&#x27;s code" in page_of(ben)


def test_the_phone_that_joins_is_known_by_its_mark(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    journeys = []
    for name in ("Ben", "Benny"):
        shown = flow.scanned(slug=mia.code.slug, visitor_id=new_id())
        client = phone(shown.visitor_id)
        sent = {"nickname": name, "consent": "yes", "device": "ab" * 16}
        assert client.post(f"/g/{stage.group.id}/join", sent).status_code == 302
        journeys.append(Journey.objects.get(person__nickname=name))
    assert journeys[0].device_key == journeys[1].device_key != ""
    assert "ab" * 16 not in journeys[0].device_key
    assert "somebody else took part with the same phone" in page_of(mia)


def test_one_who_is_excluded_can_collect_nothing_more(stage: Stage) -> None:
    offers(stage, "physical", "A box", When.INVITES, need=1)
    mia = cast.joins(stage, "Mia")
    friends_join(stage, mia, 1)
    blocked(person=mia.person, note="fake", operator=stage.owner)
    grant = Grant.objects.get(journey=mia)
    answer = phone(mia).post(f"/me/{stage.campaign.id}/rewards/{grant.number}/claim", ADDRESS)
    assert answer.status_code == 403
    assert "You were excluded from this campaign." in page_of(mia)


def test_the_page_of_one_who_is_excluded_promises_nothing(stage: Stage) -> None:
    offers(stage, "text", "A box", When.INVITES, need=3)
    offers(stage, "text", "A cup", When.RANK, rank_from=1, rank_to=1)
    mia = cast.joins(stage, "Mia")
    friends_join(stage, mia, 1)
    before = page_of(mia)
    assert "Press and hold" in before
    assert "A cup" in before
    blocked(person=mia.person, note="fake", operator=stage.owner)
    page = page_of(mia)
    assert "<h1>You were excluded from this campaign.</h1>" in page
    for promised in ("A cup", "Press and hold", "with your first friend", "Bring", "more friend"):
        assert promised not in page


def test_no_friend_of_one_who_is_excluded_counts_on_their_page(stage: Stage) -> None:
    mia = cast.joins(stage, "Mia")
    friends_join(stage, mia, 2)

    def told() -> str:
        return page_of(mia).partition('id="credits"')[2].partition("</section>")[0]

    assert "2 counted · 0 not yet · 0 not counted" in told()
    assert told().count(">Counts<") == 2
    blocked(person=mia.person, note="fake", operator=stage.owner)
    assert "none of them counts for you" in told()
    assert '<span class="count num">0</span>' in told()
    assert (told().count(">Counts<"), told().count(">Does not count<")) == (0, 2)
    assert "counted ·" not in told()


def test_after_the_end_the_page_says_so_of_the_poster_and_of_places(stage: Stage) -> None:
    shows_board(stage)
    offers(stage, "text", "A cup", When.RANK, rank_from=1, rank_to=1)
    ann, ben = cast.joins(stage, "Ann"), cast.joins(stage, "Ben")
    for inviter in (ann, ann, ben):
        cast.joins(stage, f"Of {inviter.person.nickname}", by=inviter.code)
    stage.campaign.refresh_from_db()
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    page = page_of(ben)
    assert "Press and hold" not in page
    assert "nobody joins by this poster any more" in page
    assert "What there was to earn" in page
    assert "You have not won it." not in page
    rule = RewardRule.objects.get(when=When.RANK)
    RewardRule.objects.update(settled_at=clock.now())
    rewards.grant(rule=rule, journey=ann)
    assert "Your place: 2 of 2 You have not won it." in page_of(ben)
    assert "You have won it." in page_of(ann)


def test_what_was_earned_lately_is_on_top_and_gives_way_to_what_is_next(
    frozen: FrozenClock, stage: Stage
) -> None:
    RewardRule.objects.update(replaced_at=frozen.now)
    offers(stage, "text", "A guide", When.INVITES, need=1)
    offers(stage, "text", "A box", When.INVITES, need=3)
    mia = cast.joins(stage, "Mia")
    friends_join(stage, mia, 1)
    assert "<h1>Your reward is here</h1>" in page_of(mia)
    frozen.advance(hours=25)
    page = page_of(mia)
    assert "<h1>Bring your friends!</h1>" in page
    assert page.index("2 more friends for “A box”.") < page.index("A guide")


def test_the_page_costs_the_same_with_one_reward_and_with_ten(
    stage: Stage, django_assert_max_num_queries: Any
) -> None:
    for need in range(1, 4):
        offers(stage, "text", f"Step {need}", When.INVITES, need=need)
    mia = cast.joins(stage, "Mia")
    friends_join(stage, mia, 3)
    with django_assert_max_num_queries(45) as few:
        page_of(mia)
    for nth in range(8):
        offers(stage, "text", f"More {nth}", When.INVITES, need=4 + nth)
    friends_join(stage, mia, 6)
    with django_assert_max_num_queries(len(few)):
        page = page_of(mia)
    assert len(page.encode()) < 60 * 1024


def test_both_languages_say_it_all(stage: Stage) -> None:
    stage.campaign.board = "members"
    stage.campaign.save()
    offers(stage, "text", "指南", When.INVITES, need=1)
    mia = cast.joins(stage, "Mia")
    friends_join(stage, mia, 1)
    for language, told in (("en", "Every change, and why"), ("zh-cn", "每笔变动和原因")):
        assert told in page_of(mia, language=language)


def test_a_claim_that_is_over_can_be_seen_but_a_day_later_not_collected(
    frozen: FrozenClock, stage: Stage
) -> None:
    offers(stage, "text", "A seat", When.INVITES, need=1, stock_count=1, claim_hours=2)
    mia = cast.joins(stage, "Mia")
    friends_join(stage, mia, 1)
    frozen.move_to(frozen.now + timedelta(hours=3))
    grant = Grant.objects.get(journey=mia)
    piece = phone(mia).post(
        f"/me/{stage.campaign.id}/rewards/{grant.number}/claim", headers={"HX-Request": "true"}
    )
    assert (piece.status_code, 'role="alert"' in piece.content.decode()) == (409, True)
