"""The end of a campaign: last words, places of the board, and draws that anybody can repeat."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tenfold import flow
from tenfold.base import clock
from tenfold.base.refusal import Refusal
from tenfold.campaigns import actions as campaigns
from tenfold.campaigns.models import Campaign
from tenfold.flow import ending
from tenfold.journal.models import Entry
from tenfold.mailroom.models import HumanTask, Message
from tenfold.people.models import Journey
from tenfold.rewards import actions as rewards
from tenfold.rewards import draws, lottery
from tenfold.rewards.books import Draw, DrawEntry
from tenfold.rewards.models import Debt, Grant, Reward, RewardRule
from tenfold.rewards.ruling import change_rule, make_rule, resume_rule, stop_rule
from tenfold.worker import JOBS, Worker
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db

CHECKER = Path(__file__).parent.parent / "outside" / "check_draw.py"


@pytest.fixture
def stage(frozen: FrozenClock) -> cast.Stage:
    return cast.live(capacity=20)


def prize(stage: cast.Stage, name: str = "A prize", stock: int | None = None) -> Reward:
    return rewards.add_reward(
        campaign=stage.campaign, operator=stage.owner, kind="text", name=name, text="Ask", stock_count=stock
    )


def rule_for(stage: cast.Stage, when: str, reward: Reward | None = None, **terms: Any) -> RewardRule:
    given = reward or prize(stage)
    return make_rule(campaign=stage.campaign, operator=stage.owner, when=when, reward=given, **terms)


def brings(stage: cast.Stage, name: str, count: int) -> Journey:
    """Somebody for whom so many count."""
    journey = cast.joins(stage, name)
    for nth in range(count):
        cast.joins(stage, f"{name}'s {nth}", by=journey.code)
    return journey


def ends(stage: cast.Stage) -> Campaign:
    stage.campaign.refresh_from_db()
    return flow.ended(campaign=stage.campaign, operator=stage.owner)


def worker_turns(*names: str) -> None:
    """The named jobs, once."""
    jobs = [job for job in JOBS if job.name in names]
    Worker(threading.Event(), jobs).once(clock.now())


def prizes_are_given(frozen: FrozenClock) -> None:
    frozen.advance(days=2)
    for _nth in range(3):
        worker_turns("prizes")


def have(reward: Reward) -> set[str]:
    return set(Grant.objects.filter(reward=reward).values_list("journey__person__nickname", flat=True))


# --- the end itself -------------------------------------------------------------------------------------------


def test_the_end_is_told_once_in_each_group(stage: cast.Stage) -> None:
    brings(stage, "Ann", 1)
    text = "{campaign} is over: {count} of us. {page_link}"
    campaigns.change_words(
        campaign=stage.campaign, moment="end", language="en", text=text, operator=stage.owner
    )
    for _nth in range(2):
        ends(stage)
        worker_turns("endings")
    [said] = Message.objects.filter(moment="end")
    assert said.text.startswith("Ten Books is over: 2 of us. ")
    stage.campaign.refresh_from_db()
    assert stage.campaign.ending_due_at is None
    assert Entry.objects.filter(kind="campaign_ended").count() == 1


def test_a_campaign_of_before_says_nothing_new_at_its_end(stage: cast.Stage) -> None:
    brings(stage, "Ann", 1)
    stage.campaign.words.filter(moment="end").delete()
    ends(stage)
    worker_turns("endings")
    assert not Message.objects.filter(moment="end").exists()


# --- places ---------------------------------------------------------------------------------------------------


def test_places_are_given_when_no_credit_can_change_any_more(stage: cast.Stage, frozen: FrozenClock) -> None:
    first, others = prize(stage, "First"), prize(stage, "Next")
    rule_for(stage, "rank", first, rank_from=1, rank_to=1)
    rule_for(stage, "rank", others, rank_from=2, rank_to=3)
    for name, count in (("Ann", 1), ("Ben", 3), ("Cid", 2), ("Dan", 2)):
        brings(stage, name, count)
    ends(stage)
    frozen.advance(hours=23)
    worker_turns("prizes")
    assert not Grant.objects.exists()
    prizes_are_given(frozen)
    assert (have(first), have(others)) == ({"Ben"}, {"Cid", "Dan"})
    assert RewardRule.objects.filter(when="rank", settled_at=None).count() == 0
    prizes_are_given(frozen)
    assert Grant.objects.count() == 3


def test_who_leaves_within_the_grace_period_is_taken_off_before_the_places_are_given(
    stage: cast.Stage, frozen: FrozenClock
) -> None:
    rule_for(stage, "rank", rank_from=1, rank_to=1)
    ann, ben = brings(stage, "Ann", 2), brings(stage, "Ben", 1)
    ends(stage)
    for newcomer in Journey.objects.filter(inviter=ann):
        flow.left(journey=newcomer)
    prizes_are_given(frozen)
    assert Grant.objects.get().journey == ben


@pytest.mark.parametrize("when", ["rank", "lottery"])
def test_places_and_draws_wait_for_the_verdicts_on_what_was_sent_before_the_end(
    stage: cast.Stage, frozen: FrozenClock, when: str
) -> None:
    Campaign.objects.filter(pk=stage.campaign.pk).update(credit_when="approved")
    is_rank = when == "rank"
    terms: dict[str, Any] = {"rank_from": 1, "rank_to": 1} if is_rank else {"winners": 1, "need": 1}
    rule_for(stage, when, **terms)
    ann = cast.joins(stage, "Ann")
    proof = cast.sends(cast.joins(stage, "Ben", by=ann.code))
    ends(stage)
    prizes_are_given(frozen)
    assert not Grant.objects.exists()
    cast.is_approved(proof, by=stage.owner)
    frozen.advance(minutes=10)
    worker_turns("prizes")
    assert [grant.journey for grant in Grant.objects.filter(rule__when=when)] == [ann]


def test_places_do_not_wait_for_ever_for_a_verdict_that_nobody_gives(
    stage: cast.Stage, frozen: FrozenClock
) -> None:
    Campaign.objects.filter(pk=stage.campaign.pk).update(credit_when="approved")
    rule = rule_for(stage, "rank", rank_from=1, rank_to=1)
    cast.sends(cast.joins(stage, "Ben", by=cast.joins(stage, "Ann").code))
    ends(stage)
    frozen.advance(days=8)
    worker_turns("prizes")
    rule.refresh_from_db()
    assert rule.settled_at is not None


def test_a_place_needs_as_many_friends_as_its_rule_says(stage: cast.Stage, frozen: FrozenClock) -> None:
    rule = rule_for(stage, "rank", rank_from=1, rank_to=5, need=2)
    brings(stage, "Ann", 1)
    ben = brings(stage, "Ben", 2)
    ends(stage)
    assert flow.ranked(rule=rule, operator=stage.owner) == [ben]
    assert flow.ranked(rule=rule, operator=stage.owner) == []
    told = Entry.objects.get(kind="ranked")
    assert (told.data["journeys"], told.operator_id) == ([str(ben.pk)], stage.owner.pk)


def test_nothing_is_given_before_the_end_nor_by_a_rule_that_was_stopped(
    stage: cast.Stage, frozen: FrozenClock
) -> None:
    rule, lottery = rule_for(stage, "rank", rank_from=1, rank_to=1), rule_for(stage, "lottery", winners=1)
    brings(stage, "Ann", 1)
    for act in (
        lambda: flow.ranked(rule=rule),
        lambda: flow.drawn(draw=Draw.objects.get(), operator=stage.owner),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "not_over"
    stop_rule(rule=rule, operator=stage.owner)
    stop_rule(rule=lottery, operator=stage.owner)
    ends(stage)
    prizes_are_given(frozen)
    assert not Grant.objects.exists()
    assert Draw.objects.get().drawn_at is None


def test_a_place_for_which_there_is_no_prize_left_is_owed(stage: cast.Stage, frozen: FrozenClock) -> None:
    reward = prize(stage, stock=1)
    rule_for(stage, "rank", reward, rank_from=1, rank_to=2)
    brings(stage, "Ann", 2)
    brings(stage, "Ben", 1)
    ends(stage)
    prizes_are_given(frozen)
    assert have(reward) == {"Ann"}
    rewards.change_reward(
        reward=reward, operator=stage.owner, kind="text", name="A prize", text="Ask", stock_count=2
    )
    flow.debts_paid()
    assert have(reward) == {"Ann", "Ben"}


def test_places_are_settled_in_one_moment_and_given_one_by_one(
    stage: cast.Stage, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule_for(stage, "rank", rank_from=1, rank_to=3)
    for name, count in (("Ann", 3), ("Ben", 2), ("Cid", 1)):
        brings(stage, name, count)
    ends(stage)
    frozen.advance(days=2)
    give = ending._won

    def breaks_off(*, rule: RewardRule, journey: Journey) -> None:
        if Grant.objects.exists():
            raise RuntimeError("the power is gone")
        give(rule=rule, journey=journey)

    monkeypatch.setattr(ending, "_won", breaks_off)
    with pytest.raises(RuntimeError):
        flow.ranked(rule=RewardRule.objects.get(when="rank"))
    late = Journey.objects.get(person__nickname="Ann's 0")
    flow.adjusted(journey=late, unit="invite", amount=9, note="Too late for the places", operator=stage.owner)
    worker_turns("debts")
    assert list(Grant.objects.order_by("pk").values_list("journey__person__nickname", flat=True)) == [
        "Ann",
        "Ben",
        "Cid",
    ]
    assert not Debt.objects.exists()


def test_settling_many_places_asks_no_more_of_the_database_than_settling_two(stage: cast.Stage) -> None:
    costs = []
    for count in (2, 6):
        rule = rule_for(stage, "rank", prize(stage, f"For {count}"), rank_from=1, rank_to=count)
        for nth in range(count):
            brings(stage, f"P{count}-{nth}", 1)
        Campaign.objects.filter(pk=stage.campaign.pk).update(state="ended")
        with CaptureQueriesContext(connection) as asked:
            assert len(ending._placed(rule=rule, operator=None)) == count
        costs.append(len(asked))
        Campaign.objects.filter(pk=stage.campaign.pk).update(state="live")
    assert costs[0] == costs[1]


def test_a_rule_that_is_changed_just_as_it_falls_due_gives_each_place_once(
    stage: cast.Stage, frozen: FrozenClock
) -> None:
    rule = rule_for(stage, "rank", rank_from=1, rank_to=1)
    brings(stage, "Ann", 1)
    dan = cast.joins(stage, "Dan")
    ends(stage)
    frozen.advance(days=2)
    found_due = RewardRule.objects.get(pk=rule.pk)
    changed = change_rule(rule=rule, operator=stage.owner, need=2)
    flow.prizes_given(rule=found_due)
    assert flow.ranked(rule=found_due) == []
    assert not Grant.objects.exists()
    flow.adjusted(
        journey=dan, unit="invite", amount=5, note="They came by word of mouth", operator=stage.owner
    )
    prizes_are_given(frozen)
    assert [(grant.journey, grant.rule) for grant in Grant.objects.all()] == [(dan, changed)]


def test_a_lottery_that_is_changed_just_as_it_falls_due_gives_what_it_says_by_then(
    stage: cast.Stage, frozen: FrozenClock
) -> None:
    rule = rule_for(stage, "lottery", winners=1, need=1)
    brings(stage, "Ann", 1)
    ends(stage)
    found_due = RewardRule.objects.get(pk=rule.pk)
    better = prize(stage, "A better one")
    change_rule(rule=rule, operator=stage.owner, reward=better)
    flow.prizes_given(rule=found_due)
    prizes_are_given(frozen)
    assert have(better) == {"Ann"}
    assert Grant.objects.count() == 1


# --- draws ----------------------------------------------------------------------------------------------------


@pytest.fixture
def checker() -> ModuleType:
    """The outside script, which knows nothing of our code."""
    spec = importlib.util.spec_from_file_location("check_draw", CHECKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def published(draw: Draw) -> dict[str, object]:
    answer = Client().get(f"/draw/{draw.pk}.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json; charset=utf-8")
    told: dict[str, object] = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    return told


def test_an_outside_script_draws_the_same_winners_from_what_is_published(
    stage: cast.Stage, frozen: FrozenClock, tmp_path: Path
) -> None:
    rule_for(stage, "lottery", winners=2, need=1)
    people = [brings(stage, f"P{nth}", 1) for nth in range(4)]
    draw = Draw.objects.get()
    before = published(draw)
    assert (before["secret"], before["entries"], before["winners"]) == (None, [], [])
    ends(stage)
    prizes_are_given(frozen)
    after = published(draw)
    assert after["commitment"] == before["commitment"]
    mine = draws.token_of(draw, people[2])
    file = tmp_path / "draw.json"
    file.write_text(json.dumps(after))
    told = subprocess.run(
        [sys.executable, "-I", CHECKER, file, mine], capture_output=True, text=True, check=True
    )
    draw.refresh_from_db()
    assert f"Agrees. Winning numbers: {draw.winners}" in told.stdout
    assert "Your number: 3" in told.stdout
    won = {entry.journey for entry in DrawEntry.objects.filter(number__in=draw.winners)}
    assert {grant.journey for grant in Grant.objects.filter(rule__when="lottery")} == won
    assert len(won) == 2


def test_the_script_finds_every_kind_of_cheating(
    stage: cast.Stage, frozen: FrozenClock, checker: ModuleType
) -> None:
    rule_for(stage, "lottery", winners=1, need=1)
    for nth in range(3):
        brings(stage, f"P{nth}", 1)
    ends(stage)
    prizes_are_given(frozen)
    honest = published(Draw.objects.get())
    entries, winners = honest["entries"], honest["winners"]
    assert isinstance(entries, list)
    assert isinstance(winners, list)
    assert checker.troubles_of(honest) == []
    loser = next(number for number in (1, 2, 3) if number not in winners)
    lies: list[dict[str, object]] = [
        {"secret": "0" * 64},
        {"winners": [loser]},
        {"winners": []},
        {"entries": entries[:2]},
        {"entries": [entries[0], entries[0], entries[2]]},
        {"entrants_count": 4},
        {"public_text": "rain"},
    ]
    for lie in lies:
        troubles = checker.troubles_of(honest | lie)
        assert troubles or (lie == {"public_text": "rain"} and same_winner(honest, "rain", checker)), lie


def same_winner(honest: dict[str, object], public: str, checker: ModuleType) -> bool:
    """With three entries another public value gives the same winner now and then."""
    lots = {number: checker.sha256(f"{honest['secret']}:{public}:{number}") for number in (1, 2, 3)}
    return [min(lots, key=lambda number: lots[number])] == honest["winners"]


def test_the_secret_is_told_to_nobody_before_the_draw(stage: cast.Stage) -> None:
    rule_for(stage, "lottery", winners=1)
    draw = Draw.objects.get()
    assert draw.secret not in json.dumps(list(Entry.objects.values_list("data", flat=True)))
    page = Client().get(f"/draw/{draw.pk}/").content.decode()
    assert draw.commitment in page
    assert draw.secret not in page


def test_only_those_who_qualify_take_part_and_nobody_excluded(stage: cast.Stage, frozen: FrozenClock) -> None:
    rule = rule_for(stage, "lottery", winners=5)
    people = [cast.joins(stage, name) for name in ("Ann", "Ben", "Cid")]
    for journey in people[:2]:
        cast.is_approved(cast.sends(journey), by=stage.owner)
    assert (draws.odds_of(rule).winners, draws.odds_of(rule).entrants) == (5, 2)
    flow.blocked(person=people[1].person, note="spam", operator=stage.owner)
    ends(stage)
    prizes_are_given(frozen)
    draw = Draw.objects.get()
    assert [entry.journey for entry in draws.winners_of(draw)] == people[:1]
    assert (draw.entrants_count, draw.winners, draw.winners_count) == (1, [1], 5)
    assert draws.entry_of(draw, people[2]) is None


def test_a_draw_whose_rule_was_stopped_is_not_made_as_nobody_would_get_anything(stage: cast.Stage) -> None:
    rule = rule_for(stage, "lottery", winners=1, need=1)
    brings(stage, "Ann", 1)
    ends(stage)
    stop_rule(rule=rule, operator=stage.owner)
    with pytest.raises(Refusal) as refused:
        flow.drawn(draw=Draw.objects.get(), operator=stage.owner)
    assert refused.value.code == "rule_stopped"
    resume_rule(rule=rule, operator=stage.owner)
    flow.drawn(draw=Draw.objects.get(), operator=stage.owner)
    worker_turns("prizes")
    assert Grant.objects.count() == 1


def test_after_the_end_nobody_changes_who_takes_part_or_how_many_win(stage: cast.Stage) -> None:
    rule = rule_for(stage, "lottery", winners=1, need=1)
    ends(stage)
    for other in ({"winners": 2}, {"need": 0}):
        with pytest.raises(Refusal) as refused:
            change_rule(rule=rule, operator=stage.owner, **other)
        assert refused.value.code == "draw_fixed"
    better = prize(stage, "A better one")
    assert change_rule(rule=rule, operator=stage.owner, reward=better).version == 2


def test_a_draw_without_anybody_has_no_winner_and_is_over(stage: cast.Stage, frozen: FrozenClock) -> None:
    rule = rule_for(stage, "lottery", winners=5)
    ends(stage)
    prizes_are_given(frozen)
    rule.refresh_from_db()
    assert (Draw.objects.get().winners, rule.settled_at is None) == ([], False)


def test_a_draw_that_waits_for_a_public_value_asks_for_it_and_goes_on(frozen: FrozenClock) -> None:
    stage = cast.draft()
    rule = rule_for(stage, "lottery", winners=1, need=1)
    draw = draws.set_public_source(
        draw=Draw.objects.get(), text=" Closing index, 3 March ", operator=stage.owner
    )
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    ann = brings(stage, "Ann", 1)
    ends(stage)
    prizes_are_given(frozen)
    assert HumanTask.objects.get(kind="draw", state="open").text == "Closing index, 3 March"
    for text, why in (
        ("", "public_value_needed"),
        ("x" * 201, "bad_public_value"),
        ("a\nb", "bad_public_value"),
    ):
        with pytest.raises(Refusal) as refused:
            flow.drawn(draw=draw, operator=stage.owner, public_text=text)
        assert refused.value.code == why
    flow.drawn(draw=draw, operator=stage.owner, public_text=" 3105.24 ")
    flow.drawn(draw=draw, operator=stage.owner, public_text="9999")  # too late: it is drawn
    prizes_are_given(frozen)
    draw.refresh_from_db()
    rule.refresh_from_db()
    assert (draw.public_text, draw.drawn_by, draw.winners) == ("3105.24", stage.owner, [1])
    assert Grant.objects.get(rule__when="lottery").journey == ann
    assert rule.settled_at is not None
    assert HumanTask.objects.get(kind="draw").state == "dropped"


def test_the_public_value_is_announced_once_and_never_invented(stage: cast.Stage) -> None:
    rule_for(stage, "lottery", winners=1)
    cast.joins(stage, "Ann")
    first, second = Draw.objects.get(), announced_late(stage)
    for draw, text in ((second, "the weather"), (second, ""), (first, "yesterday's number")):
        with pytest.raises(Refusal) as refused:
            draws.set_public_source(draw=draw, text=text, operator=stage.owner)
        assert refused.value.code == "announced"
    ends(stage)
    with pytest.raises(Refusal) as refused:
        draws.set_public_source(draw=first, text="the weather", operator=stage.owner)
    assert refused.value.code == "announced"
    with pytest.raises(Refusal) as refused:
        flow.drawn(draw=first, operator=stage.owner, public_text="sun")
    assert refused.value.code == "no_public_value"


def announced_late(stage: cast.Stage) -> Draw:
    """A lottery that is added while the campaign runs, with its public value."""
    another, value = prize(stage, "Another"), "Closing index, 3 March"
    draw = draws.draw_of(rule_for(stage, "lottery", another, winners=1, public_source=value))
    assert draw is not None
    assert draw.public_source == value
    return draw


def test_after_a_crash_between_the_draw_and_the_prizes_the_same_people_get_them(
    stage: cast.Stage, frozen: FrozenClock
) -> None:
    rule_for(stage, "lottery", winners=2, need=1)
    for nth in range(3):
        brings(stage, f"P{nth}", 1)
    ends(stage)
    draw = flow.drawn(draw=Draw.objects.get(), operator=stage.owner)
    brings_late = Journey.objects.get(person__nickname="P0")
    flow.left(journey=brings_late)  # nobody's number changes
    prizes_are_given(frozen)
    again = Draw.objects.get()
    assert (again.winners, again.entrants_hash) == (draw.winners, draw.entrants_hash)
    assert Grant.objects.filter(rule__when="lottery").count() == 2


def test_numbering_that_is_cut_off_goes_on(stage: cast.Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    draw, people = cut_off(stage, monkeypatch)
    begun = set(DrawEntry.objects.values_list("pk", flat=True))
    assert (draw.drawn_at, draws.entry_of(draw, people[0])) == (None, None)
    draw = flow.drawn(draw=draw, operator=stage.owner)
    assert numbered() == list(enumerate((each.pk for each in people), start=1))
    assert begun < set(DrawEntry.objects.values_list("pk", flat=True))  # it went on, and did not begin again
    assert (draw.entrants_count, len(draw.winners)) == (5, 2)
    assert draws.entry_of(draw, people[4]).number == 5  # type: ignore[union-attr]
    again = flow.drawn(draw=Draw.objects.get(), operator=stage.owner)
    assert (again.drawn_at, again.winners, DrawEntry.objects.count()) == (draw.drawn_at, draw.winners, 5)
    assert Entry.objects.filter(kind="drawn").count() == 1


def cut_off(stage: cast.Stage, monkeypatch: pytest.MonkeyPatch) -> tuple[Draw, list[Journey]]:
    """A draw of which four of five were numbered when the power went; of six, as the third of them was excluded."""
    monkeypatch.setattr(draws, "PIECE", 2)
    rule = rule_for(stage, "lottery", winners=2, need=1)
    people = [brings(stage, f"P{nth}", 1) for nth in range(6)]
    out = people.pop(2)
    flow.blocked(person=out.person, note="A robot?", operator=stage.owner)
    ends(stage)
    draw = Draw.objects.get()
    keys = list(draws.qualified(rule).order_by("pk").values_list("pk", flat=True))
    assert keys == [each.pk for each in people]
    assert draws._number_some(draw=draw, keys=keys)
    assert draws._number_some(draw=draw, keys=keys)
    assert numbered() == list(enumerate(keys[:4], start=1))
    return draw, people


def numbered() -> list[tuple[int, Any]]:
    return list(DrawEntry.objects.order_by("number").values_list("number", "journey"))


def test_who_is_let_in_again_after_a_draw_was_cut_off_takes_part_and_who_is_excluded_does_not(
    stage: cast.Stage, frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, people = cut_off(stage, monkeypatch)
    let_in = Journey.objects.get(person__nickname="P2")
    flow.unblocked(person=let_in.person, operator=stage.owner)
    flow.blocked(person=people[0].person, note="spam", operator=stage.owner)
    draw = flow.drawn(draw=draw, operator=stage.owner)
    inside = [people[1], let_in, *people[2:]]
    assert numbered() == list(enumerate((each.pk for each in inside), start=1))
    assert (draw.entrants_count, draws.entry_of(draw, people[0])) == (5, None)
    assert draw.entrants_hash == lottery.entrants_hash(draws.tokens_of(draw))
    prizes_are_given(frozen)
    won = {entry.journey for entry in draws.winners_of(draw)}
    assert {grant.journey for grant in Grant.objects.filter(rule__when="lottery")} == won
    assert len(won) == 2


def test_a_draw_goes_on_though_an_entry_of_it_is_gone(
    stage: cast.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, people = cut_off(stage, monkeypatch)
    DrawEntry.objects.filter(number=2).delete()
    draw = flow.drawn(draw=draw, operator=stage.owner)
    assert numbered() == list(enumerate((each.pk for each in people), start=1))
    assert draw.entrants_count == 5


def test_what_one_found_by_others_than_who_takes_part_now_is_thrown_away(
    stage: cast.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two draw at once, and as many take part as before, but others: the second has numbered them by now."""
    draw, people = cut_off(stage, monkeypatch)
    publish, let_in = draws._publish, Journey.objects.get(person__nickname="P2")
    found: list[draws.Lots] = []

    def slowly(**told: Any) -> None:
        if not found:
            flow.unblocked(person=let_in.person, operator=stage.owner)
            flow.blocked(person=people[0].person, note="spam", operator=stage.owner)
            DrawEntry.objects.all().delete()
            while draws._number_some(draw=draw, keys=draws._keys(told["rule"])):
                pass
        found.append(told["found"])
        publish(**told)

    monkeypatch.setattr(draws, "_publish", slowly)
    draw = flow.drawn(draw=draw, operator=stage.owner)
    assert [len(each.keys) for each in found] == [5, 5]
    assert numbered() == list(enumerate(found[1].keys, start=1))
    assert found[0].entrants_hash != draw.entrants_hash == lottery.entrants_hash(draws.tokens_of(draw))


def test_a_draw_among_people_who_never_stay_the_same_is_given_up_and_made_later(
    stage: cast.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw, people = cut_off(stage, monkeypatch)
    publish, person, times = draws._publish, people[0].person, []

    def unquietly(**told: Any) -> None:
        person.refresh_from_db()
        if person.blocked_at:
            flow.unblocked(person=person, operator=stage.owner)
        else:
            flow.blocked(person=person, note="spam", operator=stage.owner)
        times.append(1)
        publish(**told)

    with monkeypatch.context() as patch:
        patch.setattr(draws, "_publish", unquietly)
        with pytest.raises(Refusal) as refused:
            flow.drawn(draw=draw, operator=stage.owner)
    assert (refused.value.code, len(times)) == ("entries_moving", draws.ATTEMPTS)
    assert Draw.objects.get().drawn_at is None
    assert flow.drawn(draw=draw, operator=stage.owner).entrants_count == 4  # the first is excluded by now
