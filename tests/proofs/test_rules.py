"""What is wrong with a picture or a verdict, in words for the one who reads it."""

from __future__ import annotations

from typing import get_args

import pytest

from tenfold.base.refusal import Refusal
from tenfold.imaging.reading import Reason, Unreadable
from tenfold.proofs import rules
from tenfold.proofs.models import Proof


@pytest.mark.parametrize("reason", get_args(Reason))
def test_every_fault_of_a_picture_is_a_sentence_of_its_own(reason: Reason) -> None:
    refusal = rules.refusal_of(Unreadable(reason))
    assert (refusal.code, refusal.status) == (reason, 400)
    assert len(str(refusal.message)) > 20
    assert len({str(sentence) for sentence in rules.WHY_UNREADABLE.values()}) == len(rules.WHY_UNREADABLE)


@pytest.mark.parametrize(
    ("is_approved", "reason", "note", "why"),
    [
        (True, "", "", ""),
        (True, "rubbish", "", ""),
        (False, "no_poster", "", ""),
        (False, "other", "Upside down", ""),
        (False, "", "", "reason_needed"),
        (False, "rubbish", "Because", "reason_needed"),
        (False, "other", " \n", "note_needed"),
    ],
)
def test_a_rejection_has_a_reason_the_participant_can_act_on(
    is_approved: bool, reason: str, note: str, why: str
) -> None:
    try:
        rules.check_verdict(is_approved=is_approved, reason=reason, note=note)
    except Refusal as refusal:
        assert refusal.code == why  # noqa: PT017
    else:
        assert why == ""


@pytest.mark.parametrize("reason", rules.REASONS)
def test_the_participant_reads_the_reason_or_the_reviewer_s_own_words(reason: str) -> None:
    told = rules.reason_text(Proof(reason=reason, note="Upside down"))
    assert (told == "Upside down") is (reason == "other")
    assert told
