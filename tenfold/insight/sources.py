"""Tellings of the same numbers, each aggregated by the database into a dict of row id -> count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable
from uuid import UUID

from django.db import connection
from django.db.models import BigIntegerField, Case, Count, F, Model, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Sign

from tenfold.base.claim import changes_one
from tenfold.codes.actions import count_scans
from tenfold.codes.models import Channel, Scan, ScanTally
from tenfold.groups.models import Group
from tenfold.groups.queries import unused_seats
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.rewards.books import LedgerRow, Unit
from tenfold.rewards.models import RewardRule

Counts = dict[UUID, int]


class Source(Protocol):
    def counts(self) -> Counts: ...


@runtime_checkable
class Stored(Source, Protocol):
    """A telling that can be put right."""

    def put_right(self, row_id: UUID, *, told: int, facts: int) -> bool:
        """From `told` to `facts`; False if it shows something else by now."""


@dataclass(frozen=True)
class Column:
    """A stored counter; a row with no number (a reward without stock) is left out."""

    model: type[Model]
    name: str
    where: dict[str, Any] = field(default_factory=dict)

    def counts(self) -> Counts:
        rows = self.model._default_manager.filter(**self.where, **{f"{self.name}__isnull": False})
        return dict(rows.values_list("pk", self.name).iterator(chunk_size=5000))

    def put_right(self, row_id: UUID, *, told: int, facts: int) -> bool:
        rows = self.model._default_manager.filter(pk=row_id, **{self.name: told})
        return changes_one(rows, **{self.name: facts})


@dataclass(frozen=True)
class HeldSeats:
    """What groups count as held, less what doors have leased and not used (`groups.models.SeatLease`)."""

    def counts(self) -> Counts:
        held = dict(Group.objects.values_list("pk", "held_count").iterator(chunk_size=5000))
        for group_id, unused in unused_seats().items():
            held[group_id] -= unused
        return held

    def put_right(self, row_id: UUID, *, told: int, facts: int) -> bool:
        unused = unused_seats().get(row_id, 0)
        rows = Group.objects.filter(pk=row_id, held_count=told + unused)
        return changes_one(rows, held_count=facts + unused)


@dataclass(frozen=True)
class Tallies:
    """What sources have brought, as doors have counted it in their slots (`codes.models.ScanTally`)."""

    name: str

    def counts(self) -> Counts:
        return dict(ScanTally.objects.order_by().values_list("source_id").annotate(sum=Sum(self.name)))

    def put_right(self, row_id: UUID, *, told: int, facts: int) -> bool:
        # All but one are deleted.
        slots = list(ScanTally.objects.select_for_update().filter(source_id=row_id).order_by("slot"))
        if sum(getattr(slot, self.name) for slot in slots) != told:
            return False
        if not slots:
            self._begin(row_id, facts)
            return True
        kept, *others = slots
        # All into one, or a slot could fall below zero. Only those locked: what a door begins meanwhile comes on top.
        ScanTally.objects.filter(pk__in=[slot.pk for slot in others]).delete()
        sums = {name: sum(getattr(slot, name) for slot in slots) for name in ("scan_count", "visitor_count")}
        return changes_one(ScanTally.objects.filter(pk=kept.pk), **(sums | {self.name: facts}))

    def _begin(self, source_id: UUID, facts: int) -> None:
        """Added as a door adds, as one may begin the same slot at this moment."""
        of_channel = Channel.objects.filter(pk=source_id).values_list("campaign_id", flat=True).first()
        counts = {"scan_count": 0, "visitor_count": 0} | {self.name: facts}
        tally = {source_id.hex: (counts["scan_count"], counts["visitor_count"])}
        count_scans(campaign_id=(of_channel or source_id).hex, tally=tally, slot=0)


@dataclass(frozen=True)
class Openings:
    """How many openings of codes there were by `by`; without it by source, as `Tallies` counts."""

    by: str = ""
    where: dict[str, Any] = field(default_factory=dict)

    def counts(self) -> Counts:
        scans = Scan.objects.filter(**self.where).order_by()
        by_source = scans.annotate(source=Coalesce("code__channel_id", "campaign_id"))
        return dict(by_source.values_list(self.by or "source").annotate(count=Count("pk")))


@dataclass(frozen=True)
class Together:
    """The sum of several tellings."""

    parts: tuple[Source, ...]

    def counts(self) -> Counts:
        total: Counter[UUID] = Counter()
        for part in self.parts:
            total.update(part.counts())
        return dict(total)


@dataclass(frozen=True)
class Rows:
    """How many rows point at each key through `by`."""

    model: type[Model]
    by: str
    where: dict[str, Any] = field(default_factory=dict)

    def counts(self) -> Counts:
        rows = self.model._default_manager.filter(**self.where, **{f"{self.by}__isnull": False})
        return dict(rows.order_by().values_list(self.by).annotate(count=Count("pk")))


@dataclass(frozen=True)
class Sums:
    """The sum of what rows that point at each key through `by` say in `amount`, or what has gone by them where it
    `is_less`; a sum of nothing is left out."""

    model: type[Model]
    by: str
    where: dict[str, Any] = field(default_factory=dict)
    is_less: bool = False

    def counts(self) -> Counts:
        rows = self.model._default_manager.filter(**self.where, **{f"{self.by}__isnull": False})
        sums = rows.order_by().values_list(self.by).annotate(sum=Sum("amount"))
        return {key: -amount if self.is_less else amount for key, amount in sums if amount}


@dataclass(frozen=True)
class Uses:
    """What the ledger says each rule that holds now has used up, in all versions: "used_count" or "spent"."""

    name: str

    def counts(self) -> Counts:
        holding = RewardRule.objects.filter(replaced_at=None)
        rule_of = dict(holding.values_list("line", "pk"))
        if self.name == "spent":
            rows = LedgerRow.objects.filter(unit__in=[Unit.MONEY, Unit.POINTS])
            worth: Combinable = F("amount")
        else:
            rows, worth = LedgerRow.objects.all(), Sign("amount")
        lines = rows.filter(line__isnull=False).order_by().values_list("line").annotate(sum=Sum(worth))
        return {rule_of[line]: int(amount) for line, amount in lines if line in rule_of}


@dataclass(frozen=True)
class Facts:
    """The sum of facts at each `key`: +1 for `plus`, -1 for `minus`, or the number in `data[amount]`."""

    key: str
    plus: tuple[Fact, ...]
    minus: tuple[Fact, ...] = ()
    amount: str = ""

    def counts(self) -> Counts:
        facts = Entry.objects.filter(kind__in=[*self.plus, *self.minus], **{f"{self.key}__isnull": False})
        return dict(facts.order_by().values_list(self.key).annotate(count=Sum(self._signed())))

    def _signed(self) -> Case:
        worth: Combinable = Cast(KT(f"data__{self.amount}"), BigIntegerField()) if self.amount else Value(1)
        return Case(
            When(kind__in=self.plus, then=worth),
            default=worth * Value(-1) if self.amount else Value(-1),
            output_field=BigIntegerField(),
        )


@dataclass(frozen=True)
class People:
    """How many journeys of each campaign (or group: `key`) have at least one of these facts."""

    key: str
    kinds: tuple[Fact, ...]

    def counts(self) -> Counts:
        facts = Entry.objects.filter(kind__in=self.kinds, **{f"{self.key}__isnull": False})
        return dict(facts.order_by().values_list(self.key).annotate(count=Count("journey_id", distinct=True)))


BEGIN = {
    # Deferred, or the read would take SQLite's one write lock and the crowd would have to wait for it.
    "sqlite": "BEGIN DEFERRED",
    "postgresql": "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
}


@contextmanager
def one_snapshot() -> Iterator[None]:
    """All reads inside see one moment, and hold up no writer. Joins a transaction already open."""
    if connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute(BEGIN[connection.vendor])
        if connection.vendor == "postgresql":
            # Between two questions a large campaign is summed up here, for longer than others may pause.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
