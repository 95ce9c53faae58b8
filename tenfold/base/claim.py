"""Short transactions, compare-and-set, and claims: how workers and doors share rows without waiting on each other."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

from django.db import IntegrityError, OperationalError, models, transaction

from tenfold.base import bulk

P = ParamSpec("P")
R = TypeVar("R")
M = TypeVar("M", bound=models.Model)

LEASE = timedelta(seconds=60)
TRIES = 4


def one_transaction() -> AbstractContextManager[None]:
    """All or nothing. Joins the transaction already open, without a savepoint: a step is kept whole or not at all."""
    return transaction.atomic(savepoint=False)


def step(function: Callable[P, R]) -> Callable[P, R]:
    """Run a step of the story in one transaction, and again if the database asks for it.

    SQLite gives up on a long lock by an error, and PostgreSQL on steps that wait for each other, though rows are locked
    in one order; a unique constraint stops the second of two equal requests. Each undoes everything, so that the step
    can simply run again: it then finds the first one's row and answers the same. An outermost step retries; one inside
    another leaves that to the outer one.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        if transaction.get_connection().in_atomic_block:
            return function(*args, **kwargs)
        for left in reversed(range(TRIES)):
            try:
                with one_transaction():
                    return function(*args, **kwargs)
            except (OperationalError, IntegrityError):
                if not left:
                    raise
                time.sleep(0.02 * (TRIES - left))
        raise AssertionError("unreachable")

    return run


def changes_one(rows: models.QuerySet[M], **changes: object) -> bool:
    """Compare-and-set: True if exactly this caller moved the row that `rows` describes."""
    return rows.update(**changes) == 1


def become(row: models.Model, changes: Mapping[str, object]) -> None:
    """In memory as it was changed by compare-and-set; to read it again would keep others waiting."""
    for name, value in changes.items():
        setattr(row, name, value)


def claim_due(rows: models.QuerySet[M], *, due: str, now: datetime, limit: int = 50) -> list[M]:
    """Lease up to `limit` of the `rows` whose column `due` has come; each is given to one claimer only.

    The model has a `lease_until` column. A worker that dies holding a lease delays its rows by `LEASE`, no longer. They
    are leased together: each by itself would wait for the disk once more, and so would whoever writes after it.
    """
    free = models.Q(lease_until__isnull=True) | models.Q(lease_until__lt=now)
    found = list(rows.filter(free, **{f"{due}__lte": now}).order_by(due, "pk")[:limit])
    return _leased(found, due, now) if found else []


@step
def _leased(found: list[M], due: str, now: datetime) -> list[M]:
    """Those that nobody has leased or moved meanwhile, locked in the order of their keys; not for those who only refer
    to them, who may take as long as they like."""
    table, moment = type(found[0])._meta.db_table, bulk.moment
    wanted, ids = bulk.listed(row.pk.hex for row in found)
    ending = "FOR NO KEY UPDATE" if bulk.is_shared() else ""
    free = f"""
        SELECT id, {due} FROM {table} WHERE id IN ({wanted}) AND (lease_until IS NULL OR lease_until < ?)
        ORDER BY id {ending}
    """
    locked = {bulk.hexed(row_id): bulk.as_moment(at) for row_id, at in bulk.rows(free, (*ids, moment(now)))}
    mine = [row for row in found if locked.get(row.pk.hex) == getattr(row, due)]
    taken, ids = bulk.listed(row.pk.hex for row in mine)
    bulk.run(f"UPDATE {table} SET lease_until = ? WHERE id IN ({taken})", (moment(now + LEASE), *ids))
    return mine
