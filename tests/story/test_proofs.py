"""Screenshots, verdicts, second thoughts, and the reward that follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.base.refusal import Refusal
from tenfold.flow import proof as flow_proof
from tenfold.flow.say import page_link
from tenfold.journal.models import Entry
from tenfold.mailroom.models import HumanTask, Message
from tenfold.people.models import Journey
from tenfold.platforms.web.models import Post
from tenfold.platforms.web.queries import latest_posts
from tenfold.proofs.models import Proof
from tenfold.rewards.models import Grant, RewardRule
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db


def kinds(journey: Journey) -> list[str]:
    found = Entry.objects.filter(journey_id=journey.id).order_by("id").values_list("kind", flat=True)
    return [
        kind
        for kind in found
        if "proof" in kind or "verdict" in kind or kind in ("approved", "unapproved", "rejected", "rewarded")
    ]


def said(journey: Journey) -> list[str]:
    moments = Message.objects.filter(journey_id=journey.id).order_by("id").values_list("moment", flat=True)
    return [moment for moment in moments if moment not in ("join", "task")]


def now(journey: Journey) -> Journey:
    return Journey.objects.get(pk=journey.pk)


def is_rejected(proof: Proof, stage: cast.Stage, reason: str = "no_poster", note: str = "") -> Proof:
    flow.judged(proof=proof, operator=stage.owner, is_approved=False, reason=reason, note=note)
    return cast.settles(proof)


def why(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.code


# --- sending --------------------------------------------------------------------------------------------------


def test_the_same_picture_twice_is_one_and_a_newer_one_takes_the_place_of_the_waiting() -> None:
    mia = cast.joins(cast.live(), "Mia")
    first, again, newer = cast.sends(mia), cast.sends(mia), cast.sends(mia, cast.screenshot("gold"))
    first.refresh_from_db()
    assert again == first
    assert (first.state, newer.state) == ("withdrawn", "waiting")
    assert kinds(mia) == ["proof_sent", "proof_withdrawn", "proof_sent"]
    assert (now(mia).state, now(mia).due_at) == ("proof_sent", None)


def test_a_picture_that_was_rejected_may_be_sent_again() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    is_rejected(cast.sends(mia), stage)
    assert cast.sends(mia).state == "waiting"


@pytest.mark.parametrize("end", [flow.left, flow.removed])
def test_who_is_out_sends_no_screenshot_and_posts_nothing(end: object) -> None:
    mia = cast.joins(cast.live(), "Mia")
    end(journey=mia)  # type: ignore[operator]
    with pytest.raises(Refusal) as refused:
        cast.sends(mia)
    assert why(refused) == "not_a_member"
    with pytest.raises(Refusal) as refused:
        flow.posted(journey=mia, text="Hello?", picture=None, key="1")
    assert (why(refused), refused.value.status) == ("not_a_member", 403)


def test_screenshots_are_taken_in_a_pause_and_not_after_the_end() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    flow.paused(campaign=stage.campaign, operator=stage.owner)
    assert cast.sends(mia).state == "waiting"
    flow.ended(campaign=stage.campaign, operator=stage.owner)
    with pytest.raises(Refusal) as refused:
        cast.sends(Journey.objects.get(), cast.screenshot("gold"))
    assert why(refused) == "over"


def test_once_approved_there_is_nothing_more_to_send() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    cast.is_approved(cast.sends(mia), by=stage.owner)
    with pytest.raises(Refusal) as refused:
        cast.sends(mia, cast.screenshot("gold"))
    assert why(refused) == "already_approved"


def test_a_picture_in_the_room_is_the_screenshot_until_one_is_approved() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    for _twice in range(2):
        post = flow.posted(journey=mia, text="Done!", picture=cast.screenshot(), key="1")
    proof = Proof.objects.get()
    assert (proof.source, proof.picture, post.picture, post.kind) == (
        "room",
        post.picture,
        proof.picture,
        "picture",
    )
    cast.is_approved(proof, by=stage.owner)
    flow.posted(journey=mia, text="", picture=cast.screenshot("gold"), key="2")
    flow.posted(journey=mia, text="Thanks", picture=None, key="3")
    assert Proof.objects.count() == 1
    mine = Post.objects.filter(author_id=mia.person_id).order_by("id")
    assert list(mine.values_list("kind", "text", "author_name")) == [
        ("picture", "Done!", "Mia"),
        ("picture", "", "Mia"),
        ("text", "Thanks", "Mia"),
    ]


def test_where_there_is_no_task_a_picture_in_the_room_is_a_picture() -> None:
    stage = cast.live()
    RewardRule.objects.update(when=RewardRule.When.INVITES, need=2)
    mia = cast.joins(stage, "Mia")
    post = flow.posted(journey=mia, text="Look!", picture=cast.screenshot(), key="1")
    assert post.picture is not None
    assert not Proof.objects.exists()


@pytest.mark.parametrize(
    ("text", "has_picture", "code"),
    [
        ("", False, "post_empty"),
        (" \x00 ", False, "post_empty"),
        ("x" * 1001, False, "post_too_long"),
        ("x" * 1001, True, "post_too_long"),
    ],
)
def test_a_post_says_something_and_not_too_much(text: str, has_picture: bool, code: str) -> None:
    mia = cast.joins(cast.live(), "Mia")
    with pytest.raises(Refusal) as refused:
        flow.posted(journey=mia, text=text, picture=cast.screenshot() if has_picture else None, key="1")
    assert why(refused) == code


# --- judging --------------------------------------------------------------------------------------------------


def test_an_approval_leads_to_words_and_the_reward() -> None:
    stage = cast.live(reward_kind="codes")
    mia = cast.joins(stage, "Mia")
    cast.is_approved(cast.sends(mia), by=stage.owner)
    assert kinds(mia) == ["proof_sent", "proof_judged", "approved", "rewarded"]
    assert said(mia) == ["approve", "reward"]
    assert (now(mia).state, Grant.objects.get().stock_code.code) == ("rewarded", "BOOK-0000")


@pytest.mark.parametrize(
    ("reason", "note", "told"),
    [
        ("restricted_audience", "", "Make it visible to everyone."),
        ("other", " The poster\x00 is upside down ", "The poster is upside down"),
    ],
)
def test_a_rejection_tells_what_to_do_differently_and_reminders_go_on(
    reason: str, note: str, told: str, frozen: FrozenClock
) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    is_rejected(cast.sends(mia), stage, reason, note)
    assert (now(mia).state, now(mia).due_step) == ("joined", "remind")
    assert told in Message.objects.get(moment="reject").text
    assert kinds(mia) == ["proof_sent", "proof_judged", "rejected"]


def test_a_verdict_is_told_in_the_participant_s_language() -> None:
    stage = cast.live()
    shown = flow.scanned(slug=stage.code.slug, visitor_id=None)
    mia = flow.joined(
        group=stage.group,
        visitor_id=shown.visitor_id,
        nickname="小美",
        has_consented=True,
        language="zh-hans",
    )
    is_rejected(cast.sends(mia), stage)
    assert Message.objects.get(moment="reject").text.startswith("小美，这张截图")


def test_a_refusal_is_read_by_its_sender_alone() -> None:
    stage = cast.live()
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    is_rejected(cast.sends(mia), stage)
    cast.words_go_out()
    told = Post.objects.get(reader_id=mia.person_id)
    assert told in latest_posts(stage.group.id, reader_id=mia.person_id)
    assert "does not count yet" in told.text
    for_ben = latest_posts(stage.group.id, reader_id=ben.person_id)
    assert not [post for post in for_ben if "count" in post.text]


def test_where_everybody_would_read_it_the_group_does_not_learn_of_a_refusal() -> None:
    stage = cast.live(platform="wechat_group")
    mia = cast.joins(stage, "Mia")
    is_rejected(cast.sends(mia), stage)
    cast.words_go_out()
    task = HumanTask.objects.get(moment="reject")
    assert task.text == f"Mia, there is something new on your page: {page_link(stage.campaign)}"
    assert Message.objects.get(moment="reject").reader_id is None


@pytest.mark.parametrize("platform", ["web", "wechat_group"])
@pytest.mark.parametrize("is_approved", [True, False])
def test_the_answer_to_an_appeal_is_nobody_else_s_either(platform: str, is_approved: bool) -> None:
    stage = cast.live(platform=platform)
    mia = cast.joins(stage, "Mia")
    proof = is_rejected(cast.sends(mia), stage)
    flow.appealed(journey=now(mia), proof=proof, text="It is there.")
    again = cast.team_mate(stage.workspace, stage.owner, Role.REVIEWER)
    reason = "" if is_approved else "no_poster"
    flow.judged(proof=proof, operator=again, is_approved=is_approved, reason=reason)
    cast.settles(proof)
    answer = Message.objects.filter(moment__in=["approve", "reject"]).latest("id")
    if platform == "web":
        assert (answer.reader_id, answer.moment) == (mia.person_id, "approve" if is_approved else "reject")
    else:
        assert "something new on your page" in answer.text


def test_an_approval_is_good_news_for_all() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    cast.is_approved(cast.sends(mia), by=stage.owner)
    assert set(Message.objects.values_list("reader_id", flat=True)) == {None}


@pytest.mark.parametrize(
    ("reason", "note", "code"),
    [("", "", "reason_needed"), ("ugly", "", "reason_needed"), ("other", "  ", "note_needed")],
)
def test_a_rejection_needs_a_reason_one_can_act_on(reason: str, note: str, code: str) -> None:
    stage = cast.live()
    proof = cast.sends(cast.joins(stage, "Mia"))
    with pytest.raises(Refusal) as refused:
        flow.judged(proof=proof, operator=stage.owner, is_approved=False, reason=reason, note=note)
    assert (why(refused), refused.value.status) == (code, 400)


def test_the_same_verdict_twice_is_one_and_a_different_one_is_refused() -> None:
    stage = cast.live()
    rita = cast.team_mate(stage.workspace, stage.owner, Role.REVIEWER)
    mia = cast.joins(stage, "Mia")
    proof = cast.sends(mia)
    flow.judged(proof=proof, operator=stage.owner, is_approved=False, reason="not_yet")
    flow.judged(proof=proof, operator=rita, is_approved=False, reason="not_yet")
    for reason in ("", "no_poster"):
        with pytest.raises(Refusal) as refused:
            flow.judged(proof=Proof.objects.get(), operator=rita, is_approved=not reason, reason=reason)
        assert why(refused) == "already_judged"
    assert (Proof.objects.get().judged_by, kinds(mia)) == (stage.owner, ["proof_sent", "proof_judged"])


def test_a_withdrawn_screenshot_can_be_neither_judged_nor_brought_back() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    old = cast.sends(mia)
    cast.sends(mia, cast.screenshot("gold"))
    with pytest.raises(Refusal) as refused:
        flow.judged(proof=old, operator=stage.owner, is_approved=True)
    assert why(refused) == "already_judged"
    with pytest.raises(Refusal) as refused:
        flow.verdict_undone(proof=old, operator=stage.owner)
    assert why(refused) == "newer_waits"


def test_a_verdict_takes_effect_once_and_not_before_it_is_settled(frozen: FrozenClock) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    proof = flow.judged(proof=cast.sends(mia), operator=stage.owner, is_approved=True)
    assert proof.settle_at == frozen.now + timedelta(seconds=6)
    assert (now(mia).state, said(mia)) == ("proof_sent", [])
    for _each in range(3):
        cast.settles(proof)
    assert (now(mia).state, said(mia), Grant.objects.count()) == ("rewarded", ["approve", "reward"], 1)


def test_what_waits_is_settled_by_nobody() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    cast.settles(cast.sends(mia))
    assert (now(mia).state, kinds(mia)) == ("proof_sent", ["proof_sent"])


# --- second thoughts ------------------------------------------------------------------------------------------


def test_undone_in_time_nobody_has_seen_it() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    proof = flow.judged(proof=cast.sends(mia), operator=stage.owner, is_approved=True)
    for _twice in range(2):
        flow.verdict_undone(proof=proof, operator=stage.owner)
    cast.settles(proof)
    assert (now(mia).state, said(mia)) == ("proof_sent", [])
    assert kinds(mia) == ["proof_sent", "proof_judged", "verdict_undone"]
    proof.refresh_from_db()
    assert (proof.state, proof.judged_by, proof.settle_at, proof.reason) == ("waiting", None, None, "")


def test_a_rejection_undone_after_it_was_told_goes_back_to_the_queue_and_can_be_approved() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    proof = is_rejected(cast.sends(mia), stage)
    flow.verdict_undone(proof=proof, operator=stage.owner)
    assert (now(mia).state, now(mia).due_at) == ("proof_sent", None)
    cast.is_approved(proof, by=stage.owner)
    assert (now(mia).state, said(mia)) == ("rewarded", ["reject", "approve", "reward"])


def test_an_approval_whose_reward_is_given_is_final_even_for_a_page_opened_earlier() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    proof = cast.sends(mia)
    stale = Proof.objects.get()
    cast.is_approved(proof, by=stage.owner)
    for each in (proof, stale):
        with pytest.raises(Refusal) as refused:
            flow.verdict_undone(proof=each, operator=stage.owner)
        assert why(refused) == "reward_kept"
    assert now(mia).state == "rewarded"


def test_an_approval_whose_reward_is_still_owed_can_be_undone_and_is_not_paid_then() -> None:
    stage = cast.live(stock=1, reward_kind="codes")
    cast.is_approved(cast.sends(cast.joins(stage, "Ann")), by=stage.owner)
    mia = cast.joins(stage, "Mia")
    proof = cast.is_approved(cast.sends(mia), by=stage.owner)
    assert now(mia).state == "approved"
    flow.verdict_undone(proof=proof, operator=stage.owner)
    flow.restocked(reward=stage.reward, codes=["LATE-1"], operator=stage.owner)
    assert (flow.debts_paid(), now(mia).state, now(mia).approved_at) == (0, "proof_sent", None)
    assert flow.earned(journey=mia) == []
    cast.is_approved(proof, by=stage.owner)
    assert (now(mia).state, kinds(mia).count("approved"), kinds(mia).count("unapproved")) == (
        "rewarded",
        2,
        1,
    )


def test_a_rejection_is_not_undone_where_a_newer_screenshot_waits_or_was_approved() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    old = is_rejected(cast.sends(mia), stage)
    newer = cast.sends(mia, cast.screenshot("gold"))
    with pytest.raises(Refusal) as refused:
        flow.verdict_undone(proof=old, operator=stage.owner)
    assert why(refused) == "newer_waits"
    cast.is_approved(newer, by=stage.owner)
    with pytest.raises(Refusal) as refused:
        flow.verdict_undone(proof=old, operator=stage.owner)
    assert why(refused) == "approved_since"
    assert (now(mia).state, Proof.objects.get(pk=old.pk).state) == ("rewarded", "rejected")


def test_a_screenshot_sent_before_a_rejection_was_told_keeps_its_place_in_the_queue() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    old = flow.judged(proof=cast.sends(mia), operator=stage.owner, is_approved=False, reason="no_poster")
    newer = cast.sends(mia, cast.screenshot("gold"))
    cast.settles(old)
    assert (now(mia).state, now(mia).due_at, said(mia)) == ("proof_sent", None, ["reject"])
    assert Proof.objects.get(pk=newer.pk).state == "waiting"


def test_a_screenshot_sent_before_an_approval_was_told_needs_no_verdict_any_more() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    first = flow.judged(proof=cast.sends(mia), operator=stage.owner, is_approved=True)
    second = cast.sends(mia, cast.screenshot("gold"))
    cast.settles(first)
    assert (now(mia).state, Proof.objects.get(pk=second.pk).state) == ("rewarded", "withdrawn")


def test_of_two_verdicts_an_approval_is_not_contradicted_by_the_other() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    first = flow.judged(proof=cast.sends(mia), operator=stage.owner, is_approved=True)
    second = cast.sends(mia, cast.screenshot("gold"))
    flow.judged(proof=second, operator=stage.owner, is_approved=False, reason="not_yet")
    cast.settles(first)
    cast.settles(second)
    assert (now(mia).state, said(mia), now(mia).due_at) == ("rewarded", ["approve", "reward"], None)


def test_who_comes_back_with_a_screenshot_in_the_queue_is_not_reminded_of_one() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    cast.sends(mia)
    flow.left(journey=mia)
    back = cast.joins(stage, "Mia", visitor=mia.person.visitor_id)
    assert (back.state, back.due_at) == ("proof_sent", None)


# --- earning --------------------------------------------------------------------------------------------------


def test_with_none_left_the_reward_is_owed_and_paid_in_order_when_there_is_more(frozen: FrozenClock) -> None:
    stage = cast.live(stock=1, reward_kind="codes")
    names = ["Ann", "Ben", "Cid", "Dan"]
    journeys = {}
    for name in names:
        journeys[name] = cast.joins(stage, name)
        frozen.advance(minutes=1)
    for name in ("Ann", "Dan", "Ben", "Cid"):
        cast.is_approved(cast.sends(journeys[name]), by=stage.owner)
        frozen.advance(minutes=1)
    assert HumanTask.objects.get(kind="restock").state == "open"
    assert flow.debts_paid() == 0
    flow.restocked(reward=stage.reward, codes=["LATE-1", "LATE-2"], operator=stage.owner)
    assert HumanTask.objects.get(kind="restock").state == "dropped"
    flow.debts_paid()
    owners = dict(
        Grant.objects.order_by("granted_at", "id").values_list(
            "stock_code__code", "journey__person__nickname"
        )
    )
    assert owners == {"BOOK-0000": "Ann", "LATE-1": "Dan", "LATE-2": "Ben"}
    assert now(journeys["Cid"]).state == "approved"
    assert HumanTask.objects.filter(kind="restock", state="open").count() == 1


def test_an_empty_stock_in_one_campaign_does_not_keep_another_from_being_paid() -> None:
    home = cast.workspace()
    poor, rich = (cast.live(owner=home, stock=1, reward_kind="codes") for _each in range(2))
    for stage in (poor, rich):
        for name in ("Ann", "Ben", "Cid"):
            cast.is_approved(cast.sends(cast.joins(stage, name)), by=stage.owner)
    flow.restocked(reward=rich.reward, codes=["R-1", "R-2"], operator=rich.owner)
    assert flow.debts_paid(limit=2) == 2
    assert (rich.campaign.grants.count(), poor.campaign.grants.count()) == (3, 1)


def test_earning_twice_is_earning_once() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    cast.is_approved(cast.sends(mia), by=stage.owner)
    before = now(mia).rewarded_at
    assert (flow.earned(journey=mia), Grant.objects.count()) == ([], 1)
    assert (now(mia).rewarded_at, said(mia)) == (before, ["approve", "reward"])


def test_what_was_given_stays_given_after_leaving() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    cast.is_approved(cast.sends(mia), by=stage.owner)
    flow.left(journey=mia)
    assert Grant.objects.get().journey == mia
    assert cast.joins(stage, "Mia", visitor=mia.person.visitor_id).state == "rewarded"
    assert (Grant.objects.count(), said(mia)) == (1, ["approve", "reward"])


def test_of_two_that_come_at_once_the_one_that_waits_is_the_last(
    frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first was made first, and came into the step after the other."""
    mia = cast.joins(cast.live(), "Mia")
    inside, arrived = flow_proof._proof_sent, list[Proof]()

    def later(**asked: Any) -> Proof:
        monkeypatch.setattr(flow_proof, "_proof_sent", inside)
        frozen.advance(seconds=1)
        arrived.append(cast.sends(now(mia), cast.screenshot("navy")))
        frozen.advance(seconds=1)
        return inside(**asked)

    monkeypatch.setattr(flow_proof, "_proof_sent", later)
    last = cast.sends(mia)
    before = Proof.objects.get(pk=arrived[0].pk)
    assert (before.state, last.state) == ("withdrawn", "waiting")
    assert last.sent_at > before.sent_at
    newest = Proof.objects.filter(journey=mia).order_by("-sent_at", "-id")
    assert list(newest) == [last, before]
