"""A tree of people who brought each other, made at once and without its story: for what is worked out on trees."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from tenfold.base import clock
from tenfold.base.keys import new_id
from tenfold.codes.models import LiveCode
from tenfold.people.models import Credit, Journey, Person
from tests import cast

REFERRAL_TREE = Path(__file__).parent.parent / "data" / "referral_tree.csv"


def referral_tree() -> list[int | None]:
    """Of each person by whom they were brought, counted from 0; None for a seed."""
    with REFERRAL_TREE.open() as file:
        rows = list(csv.DictReader(file))
    return [int(row["brought_by"]) - 1 if row["brought_by"] else None for row in rows]


def grown(stage: cast.Stage, brought_by: Sequence[int | None], *, is_valid: bool = False) -> list[Journey]:
    """The journeys of a tree, each with a pending or a valid credit for whoever brought them."""
    rooted = {"workspace": stage.workspace, "created_at": clock.now()}
    people = [
        Person(visitor_id=new_id(), nickname=f"P{nth}", consented_at=clock.now(), **rooted)
        for nth in range(len(brought_by))
    ]
    Person.objects.bulk_create(people)
    codes = [LiveCode(campaign=stage.campaign, **rooted) for _each in brought_by]
    LiveCode.objects.bulk_create(codes)
    journeys = [
        Journey(campaign=stage.campaign, person=person, code=code, group=stage.group, origin="seed", **rooted)
        for person, code in zip(people, codes, strict=True)
    ]
    for journey, above in zip(journeys, brought_by, strict=True):
        if above is not None:
            journey.inviter, journey.origin = journeys[above], "invited"
        journey.joined_at = clock.now()
    Journey.objects.bulk_create(sorted(journeys, key=depth))
    state = Credit.State.VALID if is_valid else Credit.State.PENDING
    Credit.objects.bulk_create(
        Credit(campaign=stage.campaign, inviter=journey.inviter, newcomer=journey, state=state, **rooted)
        for journey in journeys
        if journey.inviter
    )
    return journeys


def depth(journey: Journey) -> int:
    return 1 + depth(journey.inviter) if journey.inviter else 0
