"""Numbers, masks, and who may come in: without a database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.base.keys import ALPHABET
from tenfold.keepsakes import rules
from tenfold.keepsakes.rules import Shown, Standing, in_groups, new_number, read_number, shown_name

NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
letters = st.text(ALPHABET, min_size=rules.RANDOM_LETTERS, max_size=rules.RANDOM_LETTERS)
numbers = letters.map(lambda text: text + rules.check_letter(text))


@given(numbers)
def test_a_number_is_read_however_it_is_typed(number: str) -> None:
    typed = [number, number.lower(), in_groups(number), f" {in_groups(number).lower()} "]
    typed += [in_groups(number).replace("-", " "), number.replace("0", "O").replace("1", "l")]
    typed += [
        f"https://example.com/k/{number}",
        f"HTTPS://EXAMPLE.COM/K/{number}",
        f"/K/{number}/?from=chat#top",
    ]
    assert {read_number(text) for text in typed} == {number}


@given(numbers, st.data())
def test_one_wrong_letter_is_noticed(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, rules.NUMBER_LENGTH - 1))
    other = data.draw(st.sampled_from([letter for letter in ALPHABET if letter != number[place]]))
    assert read_number(number[:place] + other + number[place + 1 :]) is None


@given(numbers, st.data())
def test_two_letters_that_changed_places_are_noticed(number: str, data: st.DataObject) -> None:
    one, two = data.draw(
        st.lists(st.integers(0, rules.NUMBER_LENGTH - 1), min_size=2, max_size=2, unique=True)
    )
    mixed = list(number)
    mixed[one], mixed[two] = mixed[two], mixed[one]
    assert (read_number("".join(mixed)) is None) == (number[one] != number[two])


@given(numbers, st.integers(0, rules.NUMBER_LENGTH), st.sampled_from(ALPHABET))
def test_a_letter_too_many_or_too_few_is_no_number(number: str, place: int, letter: str) -> None:
    assert read_number(number[:place] + letter + number[place:]) is None
    assert read_number(number[:-1]) is None


@given(st.text(max_size=400))
def test_no_text_breaks_the_reader(text: str) -> None:
    number = read_number(text)
    assert number is None or read_number(number) == number


@pytest.mark.parametrize("raw", ["", "/K/", "K", "0" * 300 + "A", "0" * 10_000, "\x00" * 17, "七" * 17])
def test_rubbish_is_no_number(raw: str) -> None:
    assert read_number(raw) is None


def test_numbers_tell_nothing_of_each_other() -> None:
    found = [new_number() for _ in range(4000)]
    assert len(set(found)) == len(found)
    assert {len(number) for number in found} == {17}
    # Each of the 80 random bits is one about as often as not: 4,000 tosses stay within 5 standard deviations.
    for place in range(rules.RANDOM_LETTERS):
        tossed = Counter(
            bit for number in found for bit in range(5) if ALPHABET.index(number[place]) >> bit & 1
        )
        assert all(1840 < tossed[bit] < 2160 for bit in range(5)), place


def test_a_random_guess_passes_the_check_letter_only_one_time_in_32() -> None:
    guesses = [
        "0" * 12 + "".join(ALPHABET[(n >> shift) & 31] for shift in (20, 15, 10, 5, 0)) for n in range(3200)
    ]
    assert sum(read_number(guess) is not None for guess in guesses) == 100


@pytest.mark.parametrize(
    ("name", "shown", "read"),
    [
        ("王小明", Shown.FULL, "王小明"),
        ("王小明", Shown.FIRST, "王**"),
        ("Ann", Shown.FIRST, "A**"),
        ("👨‍👩‍👧 family", Shown.FIRST, "👨‍👩‍👧**"),
        ("e\u0301va", Shown.FIRST, "e\u0301**"),
        ("Ann", Shown.HIDDEN, ""),
        ("", Shown.FULL, ""),
        ("", Shown.FIRST, ""),
        ("Ann", "rubbish", ""),
    ],
)
def test_strangers_read_what_the_owner_lets_them(name: str, shown: str, read: str) -> None:
    assert shown_name(name, shown) == read


@given(st.text(min_size=2, max_size=40))
def test_a_masked_name_does_not_tell_its_length(name: str) -> None:
    masked = shown_name(name, Shown.FIRST)
    assert masked == "" or masked.endswith("**")
    assert not masked or name.strip().startswith(masked[:-2])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  North\n gate\t2 ", "North gate 2"),
        ("a\x00b\u202ec\u200bd", "abcd"),
        ("👨‍👩‍👧", "👨‍👩‍👧"),
        (" \x00 ", ""),
    ],
)
def test_what_cannot_be_seen_is_not_kept(typed: str, kept: str) -> None:
    assert rules.one_line(typed) == kept


@dataclass
class Ticket:
    """A ticket and the dates of its edition in one."""

    valid_from: datetime | None = None
    valid_until: datetime | None = None
    revoked_at: datetime | None = None
    revoke_reason: str = ""
    checked_in_at: datetime | None = None
    gate: str = ""


@pytest.mark.parametrize(
    ("ticket", "standing", "says"),
    [
        (Ticket(), Standing.VALID, None),
        (Ticket(valid_from=NOW, valid_until=NOW + HOUR), Standing.VALID, None),
        (Ticket(valid_from=NOW + HOUR), Standing.EARLY, "valid from 2 Mar 2026, 19:00 on"),
        (Ticket(valid_until=NOW), Standing.OVER, "valid until 2 Mar 2026, 18:00"),
        (
            Ticket(checked_in_at=NOW - HOUR, gate="North"),
            Standing.USED,
            "at 2 Mar 2026, 17:00, at the gate North",
        ),
        (
            Ticket(checked_in_at=NOW, valid_until=NOW - HOUR),
            Standing.USED,
            "was used at 2 Mar 2026, 18:00.",
        ),
        (
            Ticket(revoked_at=NOW, revoke_reason="Refunded", checked_in_at=NOW),
            Standing.REVOKED,
            "revoked: Refunded",
        ),
    ],
)
def test_who_may_come_in(ticket: Ticket, standing: Standing, says: str | None) -> None:
    assert rules.standing_of(ticket, ticket, NOW) == standing
    refusal = rules.refusal_at_gate(ticket, ticket, now=NOW, zone=ZoneInfo("Asia/Shanghai"))
    if says is None:
        assert refusal is None
    else:
        assert refusal is not None
        assert (refusal.code, says in str(refusal)) == (standing.value, True), str(refusal)
