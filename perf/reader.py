"""A database that is only read, asked in the same words whichever it is.

    with Reader(scene.database) as reader:
        late = reader.number("SELECT count(*) FROM tenfold_look WHERE due_at < now()")

What the two databases call differently is written one way: `now()`, to be compared with a column that keeps a moment,
and `epoch(column)`, that moment in seconds since 1970.
"""

from __future__ import annotations

import re
import sqlite3
from types import TracebackType
from typing import Any, Self

from perf.truth import connect

SQLITE = {
    # The moment as the database keeps it, which compares as text.
    r"\bnow\(\)": "strftime('%Y-%m-%d %H:%M:%f', 'now')",
    r"\bepoch\(([\w.]+)\)": r"((julianday(\1) - 2440587.5) * 86400)",
}
POSTGRESQL = {r"\bepoch\(([\w.]+)\)": r"CAST(extract(epoch FROM \1) AS double precision)"}
READ_ONLY = {"sqlite": "PRAGMA query_only = on", "postgresql": "SET default_transaction_read_only = on"}


class Reader:
    """One connection. `database` is as `perf.truth` wants to be told of it."""

    def __init__(self, database: str) -> None:
        self._link: Any = connect(database)
        is_sqlite = isinstance(self._link, sqlite3.Connection)
        self._words = SQLITE if is_sqlite else POSTGRESQL
        self._link.execute(READ_ONLY["sqlite" if is_sqlite else "postgresql"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._link.close()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        for word, meaning in self._words.items():
            query = re.sub(word, meaning, query)
        return list(self._link.execute(query).fetchall())

    def number(self, query: str) -> int:
        return int(self.rows(query)[0][0])
