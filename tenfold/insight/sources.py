"""Tellings of the same numbers, each aggregated by the database into a dict of row id -> count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from django.db import connection
from django.db.models import Case, Count, IntegerField, Model, Sum, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry

Counts = dict[UUID, int]


class Source(Protocol):
    def counts(self) -> Counts: ...


@dataclass(frozen=True)
class Column:
    """A stored counter; a row with no number (a reward without stock) is left out."""

    model: type[Model]
    name: str
    where: dict[str, Any] = field(default_factory=dict)

    def counts(self) -> Counts:
        rows = self.model._default_manager.filter(**self.where, **{f"{self.name}__isnull": False})
        return dict(rows.values_list("pk", self.name).iterator(chunk_size=5000))


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
        worth: Combinable = Cast(KT(f"data__{self.amount}"), IntegerField()) if self.amount else Value(1)
        return Case(
            When(kind__in=self.plus, then=worth),
            default=worth * Value(-1) if self.amount else Value(-1),
            output_field=IntegerField(),
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
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
