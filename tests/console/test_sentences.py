"""Numbers as people read them: lengths of time, shares, what wants doing, the bars of the list."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from tenfold.base.keys import new_id
from tenfold.campaigns.models import Campaign
from tenfold.console.campaign_lines import Line
from tenfold.console.forms_editor import LONGEST_MINUTES, SpanField, SpanWidget
from tenfold.console.live import TONES, rate_text
from tenfold.console.next_steps import WHERE, _call, span_text
from tenfold.insight.next_steps import Need, NextStep
from tenfold.insight.rules import FEW, Rate
from tenfold.people.models import Journey
from tenfold.web.tags import icon


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (1, "1 minute"),
        (2, "2 minutes"),
        (59, "59 minutes"),
        (60, "1 hour"),
        (119, "1 hour"),
        (120, "2 hours"),
        (47 * 60 + 59, "47 hours"),
        (48 * 60, "2 days"),
        (10 * 1440 + 1439, "10 days"),
    ],
)
def test_a_length_of_time_is_never_told_longer_than_it_is(minutes: int, text: str) -> None:
    assert span_text(minutes) == text


@pytest.mark.parametrize(
    ("rate", "text"),
    [
        (None, ""),
        (Rate(0, 0), ""),
        (Rate(0, 1), "0 of 1"),
        (Rate(FEW - 1, FEW - 1), "19 of 19"),
        (Rate(0, FEW), "0 %"),
        (Rate(1, 3 * FEW), "2 %"),
        (Rate(FEW, FEW), "100 %"),
    ],
)
def test_too_few_give_no_percentage(rate: Rate | None, text: str) -> None:
    assert rate_text(rate) == text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("minutes", [0, 1, 61, 3000])
@pytest.mark.parametrize("count", [0, 1, 2, 1000])
@pytest.mark.parametrize("need", list(Need))
def test_every_need_has_its_sentence(need: Need, count: int, minutes: int, language: str) -> None:
    step = NextStep(need, is_urgent=True, count=count, minutes=minutes, name="100% <Readers>")
    campaign = Campaign(id=new_id())
    with translation.override(language):
        call = _call(campaign, step)
    assert not re.search(r"%\(|%s", call.text)
    assert call.action
    assert "<svg" in icon(call.icon)
    assert str(campaign.id) in call.address
    if language == "zh-hans":
        assert re.search(r"[\u4e00-\u9fff]", call.text)
        assert re.search(r"[\u4e00-\u9fff]", call.action)
    if need in (Need.REVIEW, Need.TASKS, Need.LINE) and count:
        assert str(count) in call.text


def test_every_need_and_every_state_has_a_place() -> None:
    assert set(WHERE) == set(Need)
    assert set(TONES) == set(Journey.State.values)


COUNTS = st.integers(0, 10**9)


@given(COUNTS, COUNTS, COUNTS, COUNTS)
def test_the_bars_of_the_list_stay_within_their_place(a: int, b: int, c: int, d: int) -> None:
    line = Line(Campaign(), {"scans": a, "joined": b, "approved": c, "rewarded": d})
    percents = [step.percent for step in line.steps]
    assert all(0 <= each <= 100 for each in percents)
    assert max(percents) == (100 if max(a, b, c, d) else 0)


@given(st.integers(0, 500), st.integers(0, 500), st.integers(0, 500))
def test_seats_taken_and_held_fill_no_more_than_there_are(taken: int, held: int, free: int) -> None:
    line = Line(Campaign(), {"capacity": taken + held + free, "taken": taken, "held": held})
    assert line.used == taken + held
    assert 0 <= line.taken_percent + line.held_percent <= 101  # each is rounded by itself


@given(st.integers(1, LONGEST_MINUTES))
def test_a_length_of_time_comes_back_from_the_form_as_it_was(minutes: int) -> None:
    number, unit = SpanWidget().decompress(minutes)
    assert SpanField(label="x").clean([str(number), str(unit)]) == minutes
    assert timedelta(minutes=minutes) == timedelta(minutes=(number or 0) * (unit or 0))


@pytest.mark.parametrize(
    "typed", [["0", "60"], ["-1", "60"], ["367", "1440"], ["5", "7"], ["x", "60"], ["5", ""]]
)
def test_a_length_of_time_that_cannot_be_is_refused(typed: list[str]) -> None:
    with pytest.raises(ValidationError):
        SpanField(label="x").clean(typed)


def test_nothing_typed_is_shown_as_nothing() -> None:
    assert SpanWidget().decompress(None) == [None, 60]
    assert SpanWidget().decompress(0) == [0, 60]
