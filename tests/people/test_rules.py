"""Names, edges, and what is due next, from plain values."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.people import rules
from tenfold.people.rules import NOTHING_DUE, Due, Reason, Step

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FAMILY = "👨\u200d👩\u200d👧"

# --- names ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Ben", "Ben"),
        ("  Ben \t the\n\nSecond ", "Ben the Second"),
        ("小明\u3000同学", "小明 同学"),
        ("Be\u200bn\u200e", "Ben"),
        ("\u202eneB", "neB"),
        ("Ben\u2066 admin\u2069", "Ben admin"),
        ("Ben\ufeff", "Ben"),
        ("B\x00e\x07n\x1b", "Ben"),
        ("Ben\ue000", "Ben"),
        ("Ben\u2028Ann", "Ben Ann"),
        ("Ad\u200dmin", "Admin"),
        ("\u200dBen\u200d", "Ben"),
        ("Ben\u3164", "Ben"),
        ("e\u0301", "é"),
        ("e\u200b\u0301", "é"),
        (FAMILY, FAMILY),
        (f"{FAMILY} Ann", f"{FAMILY} Ann"),
        ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"),
        ("👩🏽\u200d🚀", "👩🏽\u200d🚀"),
        ("🇨🇳", "🇨🇳"),
        ("x" * 20, "x" * 20),
        ("<b>", "<b>"),
    ],
)
def test_a_name_is_shown_without_what_cannot_be_seen(raw: str, shown: str) -> None:
    assert rules.clean_nickname(raw) == shown


@pytest.mark.parametrize(
    "raw",
    ["", "  ", "\u200b\u200b", "\u200d", "\u3164", "\u2800 \u2800", "\x00", "\ufe0f", "\u0301", "\u202e"],
)
def test_a_name_that_nobody_can_read_is_refused(raw: str) -> None:
    with pytest.raises(Refusal) as refused:
        rules.clean_nickname(raw)
    assert (refused.value.code, refused.value.status) == ("name_empty", 400)


@pytest.mark.parametrize(
    "raw", ["Assistant", " ASSISTANT ", "\uff21ssistant", "小助手", "小 助手", "Assis\u200btant"]
)
def test_nobody_speaks_as_the_assistant(raw: str) -> None:
    with pytest.raises(Refusal) as refused:
        rules.clean_nickname(raw)
    assert (refused.value.code, refused.value.status) == ("name_taken", 400)


def test_a_name_has_at_most_twenty_characters_after_cleaning() -> None:
    assert rules.clean_nickname("\u200b" * 50 + "x" * 20) == "x" * 20
    with pytest.raises(Refusal, match="20"):
        rules.clean_nickname("x" * 21)


@given(raw=st.text(max_size=30))
def test_a_clean_name_stays_as_it_is_and_holds_no_mark_that_forges_a_line(raw: str) -> None:
    try:
        name = rules.clean_nickname(raw)
    except Refusal:
        return
    assert rules.clean_nickname(name) == name
    hidden = {letter for letter in name if unicodedata.category(letter)[0] == "C"} - {rules.ZERO_WIDTH_JOINER}
    assert hidden == set()
    assert 1 <= len(name) <= 20


# --- edges ----------------------------------------------------------------------------------------------------

ANN, BEN, CID, DAN = (new_id() for _each in range(4))


@pytest.mark.parametrize(
    ("visitor", "owner", "above_owner", "why"),
    [
        (ANN, ANN, [], Reason.SELF_INVITE),
        (ANN, ANN, [ANN], Reason.SELF_INVITE),
        (ANN, CID, [BEN, ANN], Reason.LOOP),
        (BEN, CID, [BEN], Reason.LOOP),
        (DAN, CID, [BEN, ANN], Reason.ALREADY_IN),
        (CID, ANN, [], Reason.ALREADY_IN),
    ],
)
def test_why_one_who_is_in_already_brings_nothing(
    visitor: UUID, owner: UUID, above_owner: list[UUID], why: Reason
) -> None:
    assert rules.why_no_credit(visitor=visitor, owner=owner, above_owner=above_owner) == why
    assert str(why.label)


@pytest.mark.parametrize(
    ("minutes", "grace", "is_within"),
    [(0, 0, False), (0, 1, True), (59, 60, True), (60, 60, False), (61, 60, False)],
)
def test_the_grace_time_is_over_at_its_end(minutes: int, grace: int, is_within: bool) -> None:
    left_at = NOON + timedelta(minutes=minutes)
    assert rules.is_within_grace(joined_at=NOON, left_at=left_at, grace_minutes=grace) is is_within


# --- what is due next -----------------------------------------------------------------------------------------


def plan(**fields: object) -> Campaign:
    """Two reminders an hour apart, then a warning after two hours, removal after three, no quiet hours."""
    awake = {"quiet_from": time(0), "quiet_until": time(0), "time_zone": "Asia/Shanghai"}
    minutes = {"remind_interval_minutes": 60, "warn_after_minutes": 120, "remove_after_minutes": 180}
    return Campaign(**(awake | minutes | {"remind_count": 2, "is_removal_on": True} | fields))


@pytest.mark.parametrize(
    ("done", "reminded", "fields", "due"),
    [
        (Step.NONE, 0, {}, Due(Step.REMIND, NOON + HOUR)),
        (Step.REMIND, 1, {}, Due(Step.REMIND, NOON + HOUR)),
        (Step.REMIND, 2, {}, Due(Step.WARN, NOON + 2 * HOUR)),
        (Step.REMIND, 2, {"is_removal_on": False}, NOTHING_DUE),
        (Step.NONE, 2, {}, Due(Step.WARN, NOON + 2 * HOUR)),
        (Step.NONE, 0, {"remind_count": 0}, Due(Step.WARN, NOON + 2 * HOUR)),
        (Step.NONE, 0, {"remind_count": 0, "is_removal_on": False}, NOTHING_DUE),
        (Step.WARN, 2, {}, Due(Step.REMOVE, NOON + 3 * HOUR)),
        (Step.WARN, 0, {}, Due(Step.REMOVE, NOON + 3 * HOUR)),
        (Step.WARN, 2, {"is_removal_on": False}, NOTHING_DUE),
        (Step.REMOVE, 2, {}, NOTHING_DUE),
        (Step.NONE, 0, {"quiet_from": time(21), "quiet_until": time(9)}, Due(Step.REMIND, NOON + 13 * HOUR)),
    ],
)
def test_what_follows_on_what_was_done(
    done: Step, reminded: int, fields: dict[str, object], due: Due
) -> None:
    assert rules.next_due(plan(**fields), done=done, remind_count=reminded, now=NOON) == due


@pytest.mark.parametrize(
    ("due", "reminded", "fields", "gone_at"),
    [
        (Due(Step.REMIND, NOON), 0, {}, NOON + 6 * HOUR),
        (Due(Step.REMIND, NOON), 1, {}, NOON + 5 * HOUR),
        (Due(Step.WARN, NOON), 2, {}, NOON + 3 * HOUR),
        (Due(Step.REMOVE, NOON), 2, {}, NOON),
        (NOTHING_DUE, 2, {}, None),
        (Due(Step.REMIND, NOON), 0, {"is_removal_on": False}, None),
        (Due(Step.WARN, NOON), 2, {"is_removal_on": False}, None),
        (Due(Step.REMOVE, NOON), 2, {"is_removal_on": False}, None),
    ],
)
def test_when_someone_who_never_acts_would_be_removed(
    due: Due, reminded: int, fields: dict[str, object], gone_at: datetime | None
) -> None:
    assert rules.removal_at(plan(**fields), due=due, remind_count=reminded) == gone_at


MINUTES = st.integers(1, 60 * 72)


@given(
    fields=st.fixed_dictionaries(
        {
            "remind_count": st.integers(0, 4),
            "remind_interval_minutes": MINUTES,
            "warn_after_minutes": MINUTES,
            "remove_after_minutes": MINUTES,
            "quiet_from": st.times(),
            "quiet_until": st.times(),
            "time_zone": st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]),
        }
    )
)
def test_every_plan_that_removes_gets_to_the_end_and_each_step_is_later_than_the_one_before(
    fields: dict[str, object],
) -> None:
    asked = plan(**fields)
    due = rules.next_due(asked, done=Step.NONE, remind_count=0, now=NOON)
    gone_at, before, reminded, steps = rules.removal_at(asked, due=due, remind_count=0), NOON, 0, []
    while due.at:
        assert due.at > before
        steps.append(due.step)
        before, reminded = due.at, reminded + (due.step == Step.REMIND)
        due = rules.next_due(asked, done=due.step, remind_count=reminded, now=before)
    assert steps == [Step.REMIND] * asked.remind_count + [Step.WARN, Step.REMOVE]
    assert gone_at == before
