"""What the command tells in words."""

from __future__ import annotations

import pytest

from tenfold.proofs.deciding import Judgement
from tenfold.proofs.models import Look, Proof
from tenfold.proofs.rules import WHY_UNREADABLE
from tenfold.up import sentences

Doubt, Reason = Look.Doubt, Proof.Reason


def test_doubts_stand_one_after_another_as_sentences_of_their_language() -> None:
    told = sentences.of(Judgement("ask", (), (Doubt.OTHER_CODE, Doubt.SCREEN_UNKNOWN)))
    assert told == {
        "en": "Another code is to be seen as well. Where it was posted could not be told.",
        "zh": "图里还有别的码。看不出发在哪里。",
    }


def test_what_has_its_stop_gets_no_second_one_and_is_told_once() -> None:
    told = sentences.of(Judgement("fail", (Reason.ALREADY_USED, Reason.TOO_OLD, Reason.ALREADY_USED)))
    assert told["en"] == (
        "This screenshot was sent before. Take a new one. "
        "The post is too old. Forward the poster again and take a new screenshot."
    )
    assert (told["zh"].count("。"), "。。" in told["zh"], " " in told["zh"]) == (2, False, False)


@pytest.mark.parametrize(
    "each", [*(d.label for d in Doubt), *(r.label for r in Reason if r), *WHY_UNREADABLE.values()]
)
def test_everything_that_can_be_told_ends_with_one_stop(each: str) -> None:
    told = sentences.said([each])
    assert told["en"].endswith(".")
    assert not told["en"].endswith("..")
    assert told["zh"].endswith("。")
    assert not told["zh"].endswith(("。。", ".。"))


def test_nothing_to_tell_is_told_in_no_language() -> None:
    assert sentences.of(Judgement("pass")) == {}
