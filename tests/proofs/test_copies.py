"""What an earlier screenshot that is alike means for this one."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args
from uuid import UUID

import pytest

from tenfold.proofs.copies import UNCHANGED, Kind, Match, held_against

KINDS: tuple[Kind, ...] = get_args(Kind)
BASE = Match(
    proof_id=UUID(int=1),
    shot_id=UUID(int=2),
    journey_id=UUID(int=3),
    campaign_id=UUID(int=4),
    kind="same",
    share=1.0,
    changed=(),
    is_own=False,
    has_own_code=False,
    state="rejected",
    reason="no_poster",
)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", ["waiting", "approved", "rejected", "withdrawn"])
def test_somebody_else_s_is_used_however_edited_and_whatever_became_of_it(kind: Kind, state: str) -> None:
    match = replace(BASE, kind=kind, state=state)
    assert held_against(match, has_own_code=False) == "already_used"
    assert held_against(replace(match, has_own_code=True), has_own_code=False) == "already_used"


@pytest.mark.parametrize("kind", KINDS)
def test_a_thief_who_was_first_is_not_held_against_the_one_whose_code_it_is(kind: Kind) -> None:
    assert held_against(replace(BASE, kind=kind), has_own_code=True) == ""


def test_two_own_codes_in_one_picture_are_for_a_person_to_see() -> None:
    assert held_against(replace(BASE, has_own_code=True), has_own_code=True) == "copy_suspected"


@pytest.mark.parametrize("kind", sorted(UNCHANGED))
@pytest.mark.parametrize(
    ("reason", "held"),
    [
        ("no_poster", "already_used"),
        ("wrong_code", "already_used"),
        ("restricted_audience", "already_used"),
        ("too_old", "already_used"),
        ("not_yet", "already_used"),
        ("already_used", "already_used"),
        ("unreadable", ""),
        ("other", "copy_suspected"),
    ],
)
def test_one_s_own_again_is_used_unless_the_same_picture_can_mend_it(
    kind: Kind, reason: str, held: str
) -> None:
    match = replace(BASE, kind=kind, reason=reason, is_own=True)
    assert held_against(match, has_own_code=True) == held_against(match, has_own_code=False) == held


@pytest.mark.parametrize("state", ["waiting", "withdrawn"])
@pytest.mark.parametrize("kind", KINDS)
def test_one_s_own_that_nobody_judged_is_nothing(kind: Kind, state: str) -> None:
    assert held_against(replace(BASE, kind=kind, state=state, is_own=True), has_own_code=True) == ""


@pytest.mark.parametrize(
    ("kind", "held"), [("clock_edited", "copy_suspected"), ("age_edited", "copy_suspected"), ("retaken", "")]
)
def test_a_new_shot_of_one_s_own_post_is_honest_and_half_a_change_is_for_a_person(
    kind: Kind, held: str
) -> None:
    assert held_against(replace(BASE, kind=kind, is_own=True), has_own_code=True) == held


@pytest.mark.parametrize(
    ("reason", "held"),
    [
        ("restricted_audience", ""),
        ("not_yet", ""),
        ("unreadable", ""),
        ("too_old", "copy_suspected"),
        ("already_used", "copy_suspected"),
        ("other", "copy_suspected"),
    ],
)
def test_a_new_shot_of_a_post_that_only_gets_older_is_for_a_person(reason: str, held: str) -> None:
    match = replace(BASE, kind="retaken", reason=reason, is_own=True)
    assert held_against(match, has_own_code=True) == held


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("retaken", "likely")])
def test_nothing_approved_is_approved_again(kind: Kind) -> None:
    match = replace(BASE, kind=kind, state="approved", reason="", is_own=True)
    assert held_against(match, has_own_code=True) == "already_used"


@pytest.mark.parametrize(
    ("state", "reason"), [("approved", ""), ("rejected", "too_old"), ("rejected", "other")]
)
def test_what_is_likely_made_of_one_s_own_is_for_a_person_and_never_refused(state: str, reason: str) -> None:
    match = replace(BASE, kind="likely", is_own=True, state=state, reason=reason)
    assert held_against(match, has_own_code=True) == "copy_suspected"
    assert held_against(replace(match, state="rejected", reason="unreadable"), has_own_code=True) == ""


@pytest.mark.parametrize("kind", ["cropped", "likely", "clock_edited"])
def test_the_poster_itself_sent_first_is_not_held_against_the_screenshot_it_lies_in(kind: Kind) -> None:
    match = replace(BASE, kind=kind, is_own=True, reason="not_a_screenshot", is_machine=True)
    assert held_against(match, has_own_code=True) == ""
    assert held_against(replace(match, is_machine=False), has_own_code=True) == "copy_suspected"
    assert held_against(replace(match, is_own=False), has_own_code=False) == "copy_suspected"


@pytest.mark.parametrize("kind", ["exact", "same"])
def test_what_was_no_screenshot_is_none_when_it_is_sent_again(kind: Kind) -> None:
    match = replace(BASE, kind=kind, is_own=True, reason="not_a_screenshot", is_machine=True)
    assert held_against(match, has_own_code=True) == "already_used"
    assert held_against(replace(match, is_own=False), has_own_code=False) == "already_used"


def test_the_same_post_again_after_it_was_approved_is_for_a_person() -> None:
    match = replace(BASE, kind="retaken", is_own=True, state="approved", reason="")
    assert held_against(match, has_own_code=True) == "copy_suspected"
    assert held_against(replace(match, kind="cropped"), has_own_code=True) == "already_used"
