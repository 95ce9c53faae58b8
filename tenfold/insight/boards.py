"""The board, told by its blocks and by those who stand in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet

from tenfold.base.claim import changes_one
from tenfold.insight.sources import Column, Counts, Source
from tenfold.journal.models import Entry
from tenfold.people import board
from tenfold.people.models import Journey, Person, Standing


@dataclass(frozen=True)
class Stood(Column):
    """With how many each journey stands on the board. Put right by moving it there, so that its block follows."""

    def put_right(self, row_id: UUID, *, told: int, facts: int) -> bool:
        if not Journey.objects.filter(pk=row_id, board_count=told).exists():
            return False
        last = _moves().filter(journey_id=row_id).last()
        stood: dict[str, Any] = last.data if last else {}
        had = {stood["count"]: stood["number"]} if "number" in stood else {}
        board.moved(journey_id=row_id, by=0, had=had)
        return Journey.objects.filter(pk=row_id, board_count=facts).exists()


@dataclass(frozen=True)
class ToStand:
    """With how many they are to stand there: with those who count for them, unless they are blocked."""

    counted: Source

    def counts(self) -> Counts:
        blocked = Person.objects.filter(blocked_at__isnull=False)
        out = set(Journey.objects.filter(person__in=blocked).values_list("pk", flat=True))
        return {key: many for key, many in self.counted.counts().items() if many > 0 and key not in out}


@dataclass(frozen=True)
class Numbered:
    """Their number among those who have as many: the order on the board. Of those who stand where they are to."""

    def counts(self) -> Counts:
        return {key: number for key, number, _count in _in_place()}

    def put_right(self, row_id: UUID, *, told: int, facts: int) -> bool:
        if not Journey.objects.filter(pk=row_id, counted_seq=told).exists():
            return False
        board.renumbered(journey_id=row_id, number=facts)
        return True


@dataclass(frozen=True)
class ToNumber:
    """The one that the last fact of theirs says; as they have it where that one is older than these numbers."""

    def counts(self) -> Counts:
        told = _last_moves()
        return {key: _number(told.get(key, {}), number, count) for key, number, count in _in_place()}


def _in_place() -> Iterable[tuple[UUID, int, int]]:
    is_out = Q(board_count=0, person__blocked_at__isnull=False)
    in_place = Journey.objects.filter(Q(board_count=F("valid_count")) | is_out, valid_count__gt=0)
    return in_place.values_list("pk", "counted_seq", "valid_count").iterator(chunk_size=5000)


def _number(told: Mapping[str, Any], number: int, count: int) -> int:
    return int(told["number"]) if "number" in told and told["count"] == count else number


def _last_moves() -> dict[UUID | None, dict[str, Any]]:
    return dict(_moves().values_list("journey_id", "data").iterator(chunk_size=5000))


def _moves() -> QuerySet[Entry]:
    return Entry.objects.filter(kind__in=board.MOVES, journey_id__isnull=False).order_by("id")


@dataclass(frozen=True)
class Blocks:
    """How many people each block says stand in it."""

    def counts(self) -> Counts:
        return dict(Standing.objects.filter(valid_count__gt=0).values_list("pk", "people_count"))

    def put_right(self, row_id: UUID, *, told: int, facts: int) -> bool:
        found = Standing.objects.filter(pk=row_id, people_count=told)
        if facts == 0:
            return found.delete()[0] == 1
        return changes_one(found, people_count=facts) or _begin(row_id, facts)


def _begin(journey_id: UUID, facts: int) -> bool:
    """A block that has people and no row, known by one of these people."""
    one = Journey.objects.filter(pk=journey_id).first()
    if one is None:
        return False
    at = {"valid_count": one.board_count, "block": one.counted_seq // board.BLOCK}
    inside = Journey.objects.filter(campaign_id=one.campaign_id, board_count=one.board_count)
    first = at["block"] * board.BLOCK
    last = inside.filter(counted_seq__lt=first + board.BLOCK).aggregate(last=Max("counted_seq"))["last"]
    _row, is_new = Standing.objects.get_or_create(
        workspace_id=one.workspace_id,
        campaign_id=one.campaign_id,
        **at,
        defaults={"people_count": facts, "given_count": last - first + 1},
    )
    return is_new


@dataclass(frozen=True)
class InBlocks:
    """How many do: by the block's row, or by one of them where there is none."""

    def counts(self) -> Counts:
        known = Standing.objects.values_list("campaign_id", "valid_count", "block", "pk")
        row_of = {(campaign, many, block): key for campaign, many, block, key in known}
        shown = Journey.objects.filter(board_count__gt=0).order_by()
        stood = shown.annotate(block=F("counted_seq") / board.BLOCK)
        told = stood.values_list("campaign_id", "board_count", "block").annotate(people=Count("pk"))
        return {row_of.get((*block,)) or _one_in(*block): people for *block, people in told}


def _one_in(campaign_id: UUID, many: int, block: int) -> UUID:
    first = block * board.BLOCK
    numbers = {"counted_seq__gte": first, "counted_seq__lt": first + board.BLOCK}
    return Journey.objects.filter(campaign_id=campaign_id, board_count=many, **numbers).values_list(
        "pk", flat=True
    )[0]
