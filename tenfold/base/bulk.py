"""Many rows at once, past the ORM: a scan is counted in microseconds, and `bulk_create` takes twenty times as many.

Values come as both databases take them: ids as 32 hex letters, moments by `moment`, truth as 0 and 1, texts without
NUL. Everything runs on the connection, and inside the transaction, that Django has open.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from typing import Any, TypeAlias

from django.db import connection

Value: TypeAlias = str | int | None
Row: TypeAlias = tuple[Value, ...]

# Rows a statement: SQLite keeps what it has prepared, so that only few different statements may be asked.
BLOCKS = (256, 128, 64, 32, 16, 8, 4, 2, 1)


def is_shared() -> bool:
    """Whether several processes may write at once; with SQLite they take turns."""
    return connection.vendor == "postgresql"


def moment(at: datetime) -> str:
    """As Django writes it to SQLite, and as PostgreSQL reads it in a session of UTC."""
    return str(at.astimezone(UTC).replace(tzinfo=None))


def insert(table: str, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    """Insert all rows, or raise Django's IntegrityError or OperationalError."""
    if not rows:
        return
    with connection.wrap_database_errors:
        if connection.vendor == "postgresql":
            _copy(table, columns, rows)
        else:
            _insert_blocks(table, columns, rows)


def _copy(table: str, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    with (
        connection.connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def _insert_blocks(table: str, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
    at = 0
    for size in BLOCKS:
        while len(rows) - at >= size:
            block = list(chain.from_iterable(rows[at : at + size]))
            connection.connection.execute(_insertion(table, columns, size), block)
            at += size


@cache
def _insertion(table: str, columns: tuple[str, ...], size: int) -> str:
    one = f"({', '.join('?' * len(columns))})"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * size)}"


def run(sql: str, params: Sequence[Any] = ()) -> int:
    """Run one statement with `?` for its values; how many rows it changed."""
    with connection.wrap_database_errors:
        return int(_execute(sql, params).rowcount)


def rows(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """What one statement with `?` for its values gives. Ids come as 32 hex letters from SQLite, and as UUID from
    PostgreSQL: see `hexed`."""
    with connection.wrap_database_errors:
        return list(_execute(sql, params).fetchall())


def gathered(columns: Sequence[str], source: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """As `rows`, of `SELECT columns source`, for texts, ids (as `hexed` tells them) and numbers. SQLite's driver stops
    for every row to let other threads run; here it hands all of them over in one."""
    if is_shared():
        found = rows(f"SELECT {', '.join(columns)} {source}", params)
        return [tuple(map(hexed, row)) for row in found]
    [(told,)] = rows(f"SELECT json_group_array(json_array({', '.join(columns)})) {source}", params)
    return list(map(tuple, json.loads(told)))


def _execute(sql: str, params: Sequence[Any]) -> Any:
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        return connection.connection.execute(_for_postgresql(sql), params)
    return connection.connection.execute(sql, params)


@cache
def _for_postgresql(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")


def listed(ids: Iterable[str]) -> tuple[str, list[Any]]:
    """A subquery `SELECT a`, and its value: each of `ids`, in one statement however many they are."""
    if connection.vendor == "postgresql":
        return "SELECT unnest(?::uuid[]) AS a", [list(ids)]
    return "SELECT value AS a FROM json_each(?)", [json.dumps(list(ids))]


def listed_texts(texts: Iterable[str]) -> tuple[str, list[Any]]:
    """As `listed`, of texts that are no ids."""
    subquery, values = listed(texts)
    return subquery.replace("uuid[]", "text[]"), values


def paired(pairs: Iterable[tuple[str, str]]) -> tuple[str, list[Any]]:
    """A subquery `SELECT a, b`, and its values: each of `pairs` of ids."""
    known = list(pairs)
    if connection.vendor == "postgresql":
        return "SELECT * FROM unnest(?::uuid[], ?::uuid[]) AS p(a, b)", [
            [first for first, _ in known],
            [second for _, second in known],
        ]
    columns = "json_extract(value, '$[0]') AS a, json_extract(value, '$[1]') AS b"
    return f"SELECT {columns} FROM json_each(?)", [json.dumps(known)]


def hexed(value: Any) -> Any:
    """An id as `rows` gives it, as 32 hex letters on both databases."""
    return value.hex if hasattr(value, "hex") else value


def as_moment(value: Any) -> datetime | None:
    """A moment as `rows` gives it, made aware: SQLite's are of UTC and do not say so."""
    moment: datetime | None = value
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
