"""Rows as the ORM would write and read them, without its making the statement anew for each of them.

On SQLite whoever scans waits for as long as a writer takes, and of that the ORM's own work is by far the most.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist
from django.db import connection, models, transaction
from django.db.models.expressions import Col

from tenfold.base import bulk
from tenfold.base.claim import become

# What a column is called in memory, itself, and what makes a value of what the database gives.
Column: TypeAlias = tuple[str, Col, Sequence[Callable[[Any, Col, Any], Any]]]


class Ready(NamedTuple):
    """A row that is still to be inserted, with all that its statement asks for: made before the lock is taken."""

    row: models.Model
    sql: str
    values: list[Any]


def ready(row: models.Model) -> Ready:
    """As it is now: what is changed afterwards is not inserted."""
    sql, fields = _insertion(type(row))
    return Ready(row, sql, [_value(field, row) for field in fields])


def insert(*rows: models.Model | Ready) -> None:
    """Insert rows that were just made, one after the other; of whatever models, but without parents or expressions.
    Raises Django's IntegrityError or OperationalError."""
    with transaction.mark_for_rollback_on_error(), connection.cursor() as cursor:
        for given in rows:
            row, sql, values = given if isinstance(given, Ready) else ready(given)
            cursor.execute(sql, values)
            row._state.adding, row._state.db = False, connection.alias


def insert_once(row: models.Model) -> bool:
    """As `insert`, of one; False where there is one already that is to be there once: nothing is written then."""
    sql, fields = _insertion(type(row))
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ON CONFLICT DO NOTHING", [_value(field, row) for field in fields])
        is_new = bool(cursor.rowcount == 1)
    row._state.adding, row._state.db = False, connection.alias
    return is_new


def change(row: models.Model, **changes: Any) -> None:
    """These columns of a row that is locked, there and in memory. A relation goes by its id (`seat_id`)."""
    fields = {field.attname: field for field in row._meta.local_concrete_fields}
    values = [fields[name].get_db_prep_save(value, connection) for name, value in changes.items()]
    with transaction.mark_for_rollback_on_error(), connection.cursor() as cursor:
        cursor.execute(_change(type(row), tuple(changes)), [*values, _id_of(row)])
    become(row, changes)


def moves_one(row: models.Model, expected: Mapping[str, Any], **changes: Any) -> bool:
    """Compare-and-set of one row, as `claim.changes_one`: these columns, where those `expected` are as told, None where
    nothing is. In memory they are left as they were. False where the row is not so any more."""
    fields = {field.attname: field for field in row._meta.local_concrete_fields}
    asked = {name: value for name, value in expected.items() if value is not None}
    values = [
        fields[name].get_db_prep_save(value, connection) for name, value in (*changes.items(), *asked.items())
    ]
    sql = _move(type(row), tuple(changes), tuple(asked), tuple(expected.keys() - asked.keys()))
    with transaction.mark_for_rollback_on_error(), connection.cursor() as cursor:
        cursor.execute(sql, [*values, _id_of(row)])
        return bool(cursor.rowcount == 1)


@cache
def _move(
    model: type[models.Model], names: tuple[str, ...], asked: tuple[str, ...], empty: tuple[str, ...]
) -> str:
    columns = ", ".join(f'"{name}" = %s' for name in names)
    wanted = [*(f'"{name}" = %s' for name in asked), *(f'"{name}" IS NULL' for name in empty), '"id" = %s']
    return f'UPDATE "{model._meta.db_table}" SET {columns} WHERE {" AND ".join(wanted)}'


def reread(*rows: models.Model, locks: bool = False) -> None:
    """Rows of one model as they are now, at a fifth of what `refresh_from_db` costs; with `locks` nobody else's to
    change until the transaction ends, but for those who only refer to them. What they refer to stays as it was read,
    where that is still the same. Raises ObjectDoesNotExist where one is gone."""
    model, ids = type(rows[0]), {row.pk: _id_of(row) for row in rows}
    sql, columns = _reading(model, len(ids), locks, connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(sql, list(ids.values()))
        found = cursor.fetchall()
    if len(found) < len(ids):
        raise ObjectDoesNotExist(f"{model.__name__}: {len(ids) - len(found)} of {len(ids)} are gone.")
    names = [name for name, _column, _converters in columns]
    now = [dict(zip(names, _read(told, columns), strict=True)) for told in found]
    by_id = {values["id"]: values for values in now}
    for row in rows:
        become(row, by_id[row.pk])


def hold(model: type[models.Model], row_id: UUID) -> None:
    """Nobody else changes this row until the transaction ends, but who only refers to it may; it is not read."""
    if bulk.is_shared():
        bulk.run(f'SELECT 1 FROM "{model._meta.db_table}" WHERE "id" = ? FOR NO KEY UPDATE', (row_id.hex,))


def _read(told: Sequence[Any], columns: Sequence[Column]) -> Iterator[Any]:
    for value, (_name, column, converters) in zip(told, columns, strict=True):
        for convert in converters:
            value = convert(value, column, connection)
        yield value


@cache
def _reading(
    model: type[models.Model], count: int, locks: bool, vendor: str
) -> tuple[str, tuple[Column, ...]]:
    table = model._meta.db_table
    columns: list[Column] = []
    for field in model._meta.local_concrete_fields:
        column = field.get_col(table)
        converters = connection.ops.get_db_converters(column) + column.get_db_converters(connection)
        columns.append((field.attname, column, converters))
    names = ", ".join(f'"{column.target.column}"' for _name, column, _converters in columns)
    marks = ", ".join(["%s"] * count)
    # SQLite locks the whole database instead, as soon as a step begins.
    ending = " ORDER BY id FOR NO KEY UPDATE" if locks and vendor == "postgresql" else ""
    return f'SELECT {names} FROM "{table}" WHERE "id" IN ({marks}){ending}', tuple(columns)


@cache
def _change(model: type[models.Model], names: tuple[str, ...]) -> str:
    columns = ", ".join(f'"{name}" = %s' for name in names)
    return f'UPDATE "{model._meta.db_table}" SET {columns} WHERE "id" = %s'


def _id_of(row: models.Model) -> Any:
    return row._meta.pk.get_db_prep_value(row.pk, connection)


def _value(field: models.Field[Any, Any], row: models.Model) -> Any:
    return field.get_db_prep_save(field.pre_save(row, add=True), connection)


@cache
def _insertion(model: type[models.Model]) -> tuple[str, tuple[models.Field[Any, Any], ...]]:
    """Both databases quote names in the same way."""
    fields = tuple(model._meta.local_concrete_fields)
    names = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    return f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})', fields
