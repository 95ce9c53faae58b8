"""The board: who has brought the most, and among equals who was there first.

It is kept with every credit, so that a place costs the same among a hundred and among a million. Those who stand at the
same count have numbers in the order in which they reached it, and a `Standing` counts the people of one block of these
numbers: a place is the sum of the blocks before one's own, and of those before one inside of it. Nobody stands on the
board for whom nobody counts yet, so that a mere join touches none of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import F, Max, Min, Q, QuerySet, Sum

from tenfold.base import bulk
from tenfold.base.claim import changes_one, step
from tenfold.base.fresh import change, insert
from tenfold.journal.facts import Fact
from tenfold.people.models import Journey, Standing

# Among a million there are about as many blocks to sum up as there are people to count inside of one.
BLOCK = 1024
MOVES = (Fact.CREDIT_VALID, Fact.CREDIT_UNVALIDATED, Fact.INVITES_ADJUSTED)
"""The facts that tell of a move, with what somebody stood at by it."""


@dataclass(frozen=True)
class Stood:
    """What somebody has by now, and their number among those who have as many. The journal keeps both with each move,
    so that it says who was there first. `journey` is theirs, as it is since."""

    count: int
    number: int
    journey: Journey

    @property
    def told(self) -> dict[str, int]:
        return {"count": self.count, "number": self.number}


@step
def moved(*, journey_id: UUID, by: int, had: Mapping[int, int] | None = None) -> Stood:
    """Somebody's valid count moves by so much, by 0 where only their being blocked has changed. Where something is
    undone, `had` says which number they had with which count.

    What they stand on the board with is never below zero, and zero for who is blocked; their number they keep
    meanwhile. A campaign's board is locked after the journeys and before any reward, to the end of the transaction: one
    may move several people in any order, as counting a group does, and two such never wait for each other."""
    locked = Journey.objects.select_for_update(no_key=True, of=("self",)).select_related("person", "group")
    journey = locked.get(pk=journey_id)
    count = journey.valid_count + by
    level = max(0, count)
    known = {max(0, journey.valid_count): journey.counted_seq} if had is None else had
    shown = 0 if journey.person.blocked_at else level
    number = journey.counted_seq
    if shown != journey.board_count or level != max(0, journey.valid_count):
        number = _stand(journey, level, known.get(level), is_shown=shown > 0)
    change(journey, valid_count=count, board_count=shown, counted_seq=number)
    return Stood(count, number, journey)


@step
def renumbered(*, journey_id: UUID, number: int) -> None:
    """They stand among their equals with this number, one that was theirs before."""
    journey = Journey.objects.select_for_update(no_key=True).get(pk=journey_id)
    if journey.board_count:
        _stand(journey, journey.board_count, number, is_shown=True)
    Journey.objects.filter(pk=journey_id).update(counted_seq=number)


def _stand(journey: Journey, level: int, number: int | None, *, is_shown: bool) -> int:
    """From where they stood to those with `level`: with the number they have there, or at the end with a new one."""
    campaign: dict[str, Any] = {"campaign_id": journey.campaign_id, "workspace_id": journey.workspace_id}
    if bulk.is_shared():
        _lock(campaign)
    if journey.board_count:
        _leave(journey, campaign)
    if not level:
        return 0
    if number is None:
        return _enter(campaign, level, people_count=int(is_shown))
    if is_shown:
        _come_back(campaign, level, number)
    return number


def _lock(campaign: Mapping[str, Any]) -> Standing:
    """The row of those with nobody yet counts nobody: it is the lock, and its `given_count` is the next block's."""
    begun = Standing.objects.filter(campaign_id=campaign["campaign_id"]).order_by()
    first = {"given_count": lambda: (begun.aggregate(last=Max("block"))["last"] or 0) + begun.exists()}
    rows = Standing.objects.select_for_update(no_key=True)
    return rows.get_or_create(**campaign, valid_count=0, block=0, defaults=first)[0]


def _enter(campaign: Mapping[str, Any], count: int, *, people_count: int) -> int:
    """A number behind all who have as many. Who is not shown has one too, and nobody stands there for it."""
    level = Standing.objects.filter(campaign_id=campaign["campaign_id"], valid_count=count)
    last = level.order_by("-block").first()
    if last and last.given_count < BLOCK:
        one_more = {"given_count": F("given_count") + 1, "people_count": F("people_count") + people_count}
        Standing.objects.filter(pk=last.pk).update(**one_more)
        return last.block * BLOCK + last.given_count
    block = _begin_block(campaign, last)
    if people_count:
        insert(Standing(**campaign, valid_count=count, block=block, given_count=1, people_count=1))
    return block * BLOCK


def _begin_block(campaign: Mapping[str, Any], last: Standing | None) -> int:
    """No block of a campaign has the number of another one, also of one that is gone: who was excluded by mistake comes
    back to where they stood, and nobody else stands there."""
    lock = _lock(campaign)
    block = max(lock.given_count, last.block + 1 if last else 0)
    change(lock, given_count=block + 1)
    return block


def _come_back(campaign: Mapping[str, Any], count: int, number: int) -> None:
    """To a number of theirs. Where its block has gone meanwhile, nobody new is numbered in it."""
    at = {"valid_count": count, "block": number // BLOCK}
    there = Standing.objects.filter(campaign_id=campaign["campaign_id"], **at)
    if not there.update(people_count=F("people_count") + 1):
        Standing.objects.create(**campaign, **at, given_count=BLOCK, people_count=1)


def _leave(journey: Journey, campaign: Mapping[str, Any]) -> None:
    """A block that nobody stands in any more goes, the last of its count too: whoever has brought ten thousand leaves
    no ten thousand rows behind."""
    mine = Standing.objects.filter(
        campaign_id=journey.campaign_id, valid_count=journey.board_count, block=journey.counted_seq // BLOCK
    )
    if not changes_one(mine.filter(people_count__gt=1), people_count=F("people_count") - 1):
        _lock(campaign)  # which knows, from then on, how many there were
        mine.delete()


# --- who stands where -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A place on the board `of` so many, with `count`; `to_pass` is how many more bring them before the next one above,
    0 for the first."""

    number: int
    of: int
    count: int
    to_pass: int


def ranked(*, campaign_id: UUID, least: int = 1) -> QuerySet[Journey]:
    """All who stand on the board with at least so many, in its order."""
    shown = Journey.objects.filter(campaign_id=campaign_id, board_count__gte=max(1, least))
    return shown.order_by("-board_count", "counted_seq")


def places(*, campaign_id: UUID, first: int, last: int) -> list[Journey]:
    """Those on the places from `first` to `last`, both counted from 1."""
    related = ("person", "campaign", "group")
    return list(ranked(campaign_id=campaign_id).select_related(*related)[max(0, first - 1) : max(0, last)])


def people_count(campaign_id: UUID, least: int = 1) -> int:
    """How many stand on the board with at least so many."""
    standing = Standing.objects.filter(campaign_id=campaign_id, valid_count__gte=max(1, least))
    total = standing.aggregate(total=Sum("people_count"))["total"]
    return int(total or 0)


def place_of(journey: Journey) -> Place | None:
    """Where this journey, as it was read, stands; None while nobody of theirs counts, or while they are blocked."""
    count, seq = journey.board_count, journey.counted_seq
    if not count:
        return None
    is_above = Q(valid_count__gt=count)
    found = Standing.objects.filter(campaign_id=journey.campaign_id).aggregate(
        of=Sum("people_count"),
        above=Sum("people_count", filter=is_above),
        level_above=Min("valid_count", filter=is_above),
        earlier=Sum("people_count", filter=Q(valid_count=count, block__lt=seq // BLOCK)),
    )
    peers = Journey.objects.filter(campaign_id=journey.campaign_id, board_count=count)
    beside = peers.filter(counted_seq__gte=seq // BLOCK * BLOCK, counted_seq__lt=seq).count()
    equals, above = (found["earlier"] or 0) + beside, found["above"] or 0
    # Who reaches a count later stands behind those who have it: to pass somebody takes one more than they have.
    to_pass = 1 if equals else found["level_above"] - count + 1 if above else 0
    return Place(number=above + equals + 1, of=found["of"] or 0, count=count, to_pass=to_pass)
