"""What people have in mind when they scan: some look and go, some join and never act, most share."""

from __future__ import annotations

from random import Random

from tenfold.simulation.phone import Phone, Step

LOOKS_ONLY, NEVER_ACTS, LEAVES = 0.12, 0.18, 0.05
SCANS_TWICE, SENDS_WRONG, SENDS_IN_ROOM, TALKS = 0.10, 0.22, 0.25, 0.35
APPEALS = 0.3


def some_plan(dice: Random) -> list[Step]:
    """The steps of a newcomer, in order."""
    kind = dice.random()
    scans = [Step.SCAN] * (2 if dice.random() < SCANS_TWICE else 1)
    if kind < LOOKS_ONLY:
        return scans
    joins = [*scans, Step.JOIN]
    if kind < LOOKS_ONLY + NEVER_ACTS:
        return joins
    talks = [Step.CHAT] if dice.random() < TALKS else []
    if kind < LOOKS_ONLY + NEVER_ACTS + LEAVES:
        return [*joins, *talks, Step.LEAVE]
    return [*joins, *talks, Step.READ, *_proofs(dice)]


def _proofs(dice: Random) -> list[Step]:
    """A wrong picture first, now and then; whoever sends one hears of it and looks again."""
    if dice.random() < SENDS_WRONG:
        return [Step.PROVE_WRONG, Step.LOOK]
    return [Step.PROVE_IN_ROOM if dice.random() < SENDS_IN_ROOM else Step.PROVE]


def after_rejection(dice: Random) -> Step:
    """Most take a better screenshot; now and then somebody thinks that they were right."""
    return Step.APPEAL if dice.random() < APPEALS else Step.PROVE


def something_later(dice: Random, *, is_waiting: bool) -> Step:
    """What somebody does who has done it all: in the line they look again, in the group they talk."""
    if is_waiting:
        return Step.WAIT
    return dice.choices((Step.CHAT, Step.LOOK, Step.LEAVE, Step.SCAN), weights=(50, 38, 6, 6))[0]


def may_linger(phone: Phone) -> bool:
    """Whether anything more can be expected of somebody; everybody else is forgotten."""
    return phone.is_member or phone.is_waiting
