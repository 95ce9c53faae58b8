"""Nobody is spoken to at night, whatever their clocks do."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tenfold.campaigns.rules import after_quiet

# Without and with daylight saving time, by an hour and by half an hour, on both halves of the globe, far east and west.
ZONES = [
    "UTC",
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Sao_Paulo",
]
START = datetime(2017, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 13 * 365 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes))
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))


def is_quiet(moment: datetime, zone: ZoneInfo, quiet_from: time, quiet_until: time) -> bool:
    """Told differently from the rule: walk the window's own length back from the moment on the clock face."""
    day = 24 * 60 * 60
    at, begin, end = (second_of(each) for each in (moment.astimezone(zone).time(), quiet_from, quiet_until))
    return (at - begin) % day < (end - begin) % day


def second_of(at: time) -> float:
    return at.hour * 3600 + at.minute * 60 + at.second + at.microsecond / 1e6


@given(moment=MOMENTS, name=st.sampled_from(ZONES), quiet_from=TIMES, quiet_until=TIMES)
@example(  # the clocks go back from 3 to 2: the quiet end is shown twice, and the first showing is over
    datetime(2026, 10, 25, 1, 15, tzinfo=UTC), "Europe/Berlin", time(1, 0), time(2, 30)
)
@example(  # the clocks go forward from 2 to 3: this day has no half past two
    datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "Europe/Berlin", time(22, 0), time(2, 30)
)
@example(  # ... and the only half hour that is not quiet is the one that is left out
    datetime(2026, 3, 28, 22, 30, tzinfo=UTC), "Europe/Berlin", time(3, 0), time(2, 30)
)
def test_the_moment_found_is_never_quiet_never_earlier_and_the_same_if_all_are_awake(
    moment: datetime, name: str, quiet_from: time, quiet_until: time
) -> None:
    zone = ZoneInfo(name)
    found = after_quiet(moment, zone=zone, quiet_from=quiet_from, quiet_until=quiet_until)
    assert found >= moment
    assert found.tzinfo == moment.tzinfo
    assert not is_quiet(found, zone, quiet_from, quiet_until)
    if not is_quiet(moment, zone, quiet_from, quiet_until):
        assert found == moment
    assert found - moment <= timedelta(
        hours=50
    )  # two days at most, where a day of clocks put forward has no end


@given(moment=MOMENTS, name=st.sampled_from(ZONES), at=TIMES)
def test_equal_ends_mean_no_quiet_hours(moment: datetime, name: str, at: time) -> None:
    assert after_quiet(moment, zone=ZoneInfo(name), quiet_from=at, quiet_until=at) == moment


@pytest.mark.parametrize(
    ("local", "window", "found"),
    [
        ("2026-03-02T21:59:59", "22:00-08:00", "2026-03-02T21:59:59"),
        ("2026-03-02T22:00:00", "22:00-08:00", "2026-03-03T08:00:00"),
        ("2026-03-03T00:00:00", "22:00-08:00", "2026-03-03T08:00:00"),
        ("2026-03-03T07:59:59", "22:00-08:00", "2026-03-03T08:00:00"),
        ("2026-03-03T08:00:00", "22:00-08:00", "2026-03-03T08:00:00"),
        ("2026-12-31T23:00:00", "22:00-08:00", "2027-01-01T08:00:00"),
        ("2026-03-02T12:59:59", "13:00-14:30", "2026-03-02T12:59:59"),
        ("2026-03-02T13:00:00", "13:00-14:30", "2026-03-02T14:30:00"),
        ("2026-03-02T14:30:00", "13:00-14:30", "2026-03-02T14:30:00"),
        ("2026-03-02T03:00:00", "00:00-23:59", "2026-03-02T23:59:00"),
    ],
)
def test_a_night_and_a_midday_rest_in_shanghai(local: str, window: str, found: str) -> None:
    zone = ZoneInfo("Asia/Shanghai")
    begin, end = (time.fromisoformat(each) for each in window.split("-"))
    moment = datetime.fromisoformat(local).replace(tzinfo=zone)
    assert after_quiet(moment, zone=zone, quiet_from=begin, quiet_until=end) == datetime.fromisoformat(
        found
    ).replace(tzinfo=zone)


def test_the_night_in_which_clocks_go_forward_ends_an_hour_sooner() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    before = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)  # 23:00 there
    found = after_quiet(before, zone=berlin, quiet_from=time(22), quiet_until=time(8))
    assert found == datetime(
        2026, 3, 29, 6, 0, tzinfo=UTC
    )  # 8:00 there, nine hours later by the clock, eight in truth
