"""A draw that anybody can repeat: commitment, lots, winners."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.rewards import lottery

LETTERS = "0123456789abcdef"


def test_a_worked_draw() -> None:
    """Computed with sha256sum by hand, so that the formula can never change unseen."""
    assert (
        lottery.commitment_of("secret") == "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
    )
    lots = {number: lottery.lot_of("secret", "3105.24", number) for number in range(1, 6)}
    by_hand = {n: hashlib.sha256(b"secret:3105.24:%d" % n).hexdigest() for n in range(1, 6)}
    assert lots == by_hand
    assert (
        lottery.winners_of(secret="secret", public_text="3105.24", entrants=5, winners=2)
        == sorted(by_hand, key=lambda n: by_hand[n])[:2]
    )


@settings(max_examples=60)
@given(
    st.text(LETTERS, min_size=1, max_size=20), st.text(max_size=20), st.integers(0, 60), st.integers(0, 70)
)
def test_as_many_win_as_there_are_prizes_each_once_and_the_first_stay_first(
    secret: str, public: str, entrants: int, winners: int
) -> None:
    def draw(prizes: int) -> list[int]:
        return lottery.winners_of(secret=secret, public_text=public, entrants=entrants, winners=prizes)

    drawn = draw(winners)
    assert len(drawn) == len(set(drawn)) == min(entrants, winners)
    assert set(drawn) <= set(range(1, entrants + 1))
    assert draw(winners + 1)[: len(drawn)] == drawn


def test_everybody_wins_equally_often() -> None:
    """400 draws of 2 of 5: each expects 160; 5 sd of the count are 49."""
    wins = Counter(
        itertools.chain.from_iterable(
            lottery.winners_of(secret=f"s{nth}", public_text="", entrants=5, winners=2) for nth in range(400)
        )
    )
    assert sum(wins.values()) == 800
    assert all(abs(wins[number] - 160) < 49 for number in range(1, 6))


def test_secrets_differ_and_tokens_tell_nothing() -> None:
    assert len({lottery.new_secret() for _ in range(50)}) == 50
    assert len(lottery.new_secret()) == 64
    token = lottery.token_of("draw", "journey")
    assert token == hashlib.sha256(b"draw:journey").hexdigest()[:20]
    assert token not in (lottery.token_of("draw", "other"), lottery.token_of("other", "journey"))


def test_the_list_of_entries_has_one_fingerprint_an_order() -> None:
    assert lottery.entrants_hash(["a", "b"]) == hashlib.sha256(b"1 a\n2 b\n").hexdigest()
    assert lottery.entrants_hash(["a", "b"]) != lottery.entrants_hash(["b", "a"])
    assert lottery.entrants_hash([]) == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize(("winners", "entrants", "share"), [(2, 8, 0.25), (9, 3, 1.0), (1, 0, 1.0)])
def test_odds_are_never_more_than_certain(winners: int, entrants: int, share: float) -> None:
    assert lottery.Odds(winners, entrants).share == share
