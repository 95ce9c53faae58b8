"""Which moves a campaign can make, and when it counts as over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from tenfold.campaigns import rules
from tenfold.campaigns.models import Campaign

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_campaign_moves_these_five_ways_and_no_other() -> None:
    allowed = {
        f"{state}>{to}" for state, to in product(Campaign.State.values, repeat=2) if rules.may_move(state, to)
    }
    assert allowed == {"draft>live", "live>paused", "paused>live", "live>ended", "paused>ended"}


def test_what_is_no_state_moves_nowhere() -> None:
    assert not rules.may_move("sold", "live")


@pytest.mark.parametrize(
    ("state", "ends_at", "is_over"),
    [
        ("live", None, False),
        ("live", NOW + HOUR, False),
        ("live", NOW, True),
        ("paused", NOW - HOUR, True),
        ("ended", None, True),
        ("ended", NOW + HOUR, True),
    ],
)
def test_a_campaign_is_over_when_ended_or_when_its_end_has_come(
    state: str, ends_at: datetime | None, is_over: bool
) -> None:
    assert rules.is_over(Campaign(state=state, ends_at=ends_at), NOW) is is_over


@pytest.mark.parametrize(
    ("starts_at", "has_started"), [(None, True), (NOW, True), (NOW - HOUR, True), (NOW + HOUR, False)]
)
def test_a_campaign_has_started_from_its_start_on(starts_at: datetime | None, has_started: bool) -> None:
    assert rules.has_started(Campaign(starts_at=starts_at), NOW) is has_started
