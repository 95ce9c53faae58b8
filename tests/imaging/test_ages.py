from __future__ import annotations

from datetime import date

import pytest

from tenfold.imaging.ages import DAY, HOUR, Span, age_at_start, plain

TODAY = date(2026, 6, 10)


def span(text: str, today: date | None = TODAY) -> Span | None:
    age = age_at_start(plain(text.replace(" ", "")), today)
    return age.span if age else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("刚刚", (0, 1)),
        ("now Public", (0, 1)),
        ("半小時前", (30, HOUR)),
        ("半个小时以前", (30, HOUR)),
        ("昨晚 23:10", (1, 2 * DAY)),
        ("Just now", (0, 1)),
        ("1分钟前", (1, 2)),
        ("59分鐘前", (59, 60)),
        ("5 min ago", (5, 6)),
        ("5 mins ago", (5, 6)),
        ("23m", (23, 24)),
        ("23m Delete", (23, 24)),
        ("7h", (7 * HOUR, 8 * HOUR)),
        ("2w Private", (13 * DAY, 22 * DAY)),
        ("2小时前", (2 * HOUR, 3 * HOUR)),
        ("2 hr(s) ago", (2 * HOUR, 3 * HOUR)),
        ("１２小時前", (12 * HOUR, 13 * HOUR)),
        ("an hour ago", (HOUR, 2 * HOUR)),
        ("昨天", (1, 2 * DAY)),
        ("昨天 12:30", (1, 2 * DAY)),
        ("Yesterday 12:30 PM", (1, 2 * DAY)),
        ("3天前", (2 * DAY, 4 * DAY)),
        ("3 days ago", (2 * DAY, 4 * DAY)),
        ("6月3日", (6 * DAY, 9 * DAY)),
        ("2026年6月3日 下午3:05", (6 * DAY, 9 * DAY)),
        ("June 3", (6 * DAY, 9 * DAY)),
        ("3 Jun 2026", (6 * DAY, 9 * DAY)),
        ("2026-06-03", (6 * DAY, 9 * DAY)),
    ],
)
def test_an_age_is_a_span_of_minutes(text: str, expected: Span) -> None:
    assert span(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "删除", "91分钟前", "0分钟前", "05分钟前", "27小时前", "分钟前", "13月45日", "今晚八点", "5分种前"],
)
def test_what_no_phone_writes_is_no_age(text: str) -> None:
    assert span(text) is None


def test_a_date_says_nothing_without_the_day_on_which_it_was_seen() -> None:
    age = age_at_start("6月3日", None)
    assert age is not None
    assert age.length == 4
    assert age.span is None


def test_a_date_later_than_today_was_last_year() -> None:
    assert span("12月31日") == (160 * DAY, 163 * DAY)


def test_only_the_age_itself_is_taken_from_a_line() -> None:
    age = age_at_start("5分钟前删除", None)
    assert age is not None
    assert age.length == 4


def test_short_lengths_of_time_are_ages_only_where_they_stand_by_themselves() -> None:
    day = date(2026, 3, 5)
    for text in ("50分钟·公开", "6天·", "3小时", "2025-11-2110:13", "06-0315:52来自iphone"):
        assert age_at_start(text, day) is not None, text
    for text in ("7天训练营", "3小时学会", "06-03", "21:03", "21:03见", "2025-11-210:13"):
        assert age_at_start(text, day) is None, text
    dated = age_at_start("2026-03-0110:13·公开", day)
    assert dated is not None
    assert dated.length == len("2026-03-0110:13")
    clock = age_at_start("02:52删除", day)
    assert clock is not None
    assert clock.span is None


def test_today_is_an_age_with_a_clock_or_where_nothing_of_a_sentence_follows() -> None:
    for text in (
        "今天",
        "今天12:30",
        "今天公开",
        "今天仅自己可见",
        "今天删除",
        "今天来自iphone",
        "今天四川成都",
        "todayat9:05",
    ):
        assert age_at_start(text, None) is not None, text
    for text in ("今天吃什么", "今天也在读书", "todaywestart"):
        assert age_at_start(text, None) is None, text
