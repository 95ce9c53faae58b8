"""Rows as the ORM would write them, without its making the statement anew for each of them.

On SQLite whoever scans waits for as long as a writer takes, and of that the ORM's own work is by far the most.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection, models, transaction

from tenfold.base.claim import become


def insert(*rows: models.Model) -> None:
    """Insert rows that were just made, one after the other; of whatever models, but without parents or expressions.
    Raises Django's IntegrityError or OperationalError."""
    with transaction.mark_for_rollback_on_error(), connection.cursor() as cursor:
        for row in rows:
            sql, fields = _insertion(type(row))
            cursor.execute(sql, [_value(field, row) for field in fields])
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
        cursor.execute(
            _change(type(row), tuple(changes)), [*values, fields["id"].get_db_prep_save(row.pk, connection)]
        )
    become(row, changes)


@cache
def _change(model: type[models.Model], names: tuple[str, ...]) -> str:
    columns = ", ".join(f'"{name}" = %s' for name in names)
    return f'UPDATE "{model._meta.db_table}" SET {columns} WHERE "id" = %s'


def _value(field: models.Field[Any, Any], row: models.Model) -> Any:
    return field.get_db_prep_save(field.pre_save(row, add=True), connection)


@cache
def _insertion(model: type[models.Model]) -> tuple[str, tuple[models.Field[Any, Any], ...]]:
    """Both databases quote names in the same way."""
    fields = tuple(model._meta.local_concrete_fields)
    names = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    return f'INSERT INTO "{model._meta.db_table}" ({names}) VALUES ({marks})', fields
