"""Copies of the database with one thing missing or said twice: what the drill has to notice, or it proves nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from perf.kept import lost, said_twice
from tenfold.simulation.history import Kind, Told, answered


def noticed(database: Path, history: list[Told], folder: Path) -> list[tuple[str, bool]]:
    """Each kind of damage, and whether it is seen."""
    found = []
    for name, statement, value, kind in _damages(history):
        copy = folder / "spoilt.sqlite3"
        _spoil(database, copy, statement, value)
        seen = lost(copy, history, kind) if kind else said_twice(copy)
        found.append((name, seen == 1))
        copy.unlink()
    return found


def _damages(history: list[Told]) -> Iterator[tuple[str, str, str, Kind | None]]:
    """What is taken away is something that was answered: the last of its kind."""
    last = {kind: answered(history, kind)[-1] for kind in ("scan", "join", "screenshot", "approval")}
    yield (
        "a scan lost",
        "DELETE FROM tenfold_scan WHERE id = (SELECT id FROM tenfold_scan WHERE visitor_id = ? LIMIT 1)",
        last["scan"]["visitor"],
        "scan",
    )
    yield (
        "a join lost",
        "UPDATE tenfold_person SET visitor_id = 'nobody' WHERE visitor_id = ?",
        last["join"]["visitor"],
        "join",
    )
    yield (
        "a screenshot lost",
        "UPDATE tenfold_picture SET sha256 = '' WHERE sha256 = ?",
        last["screenshot"]["sha256"],
        "screenshot",
    )
    yield (
        "a verdict lost",
        "UPDATE tenfold_proof SET judged_at = NULL, state = 'waiting' WHERE id = ?",
        last["approval"]["proof"].replace("-", ""),
        "approval",
    )
    yield "a post twice", _POST_AGAIN, "other", None
    yield "a moment told twice", _MESSAGE_AGAIN, "join", None


_POST_AGAIN = """
    INSERT INTO tenfold_post (id, room_id, key, kind, author_id, author_name, text, picture_id, at)
    SELECT ?, room_id, key || ':again', kind, author_id, author_name, text, picture_id, at
    FROM tenfold_post WHERE kind = 'bot' LIMIT 1
"""
# As if another key had been made for the same moment: the reward's message now tells the welcome.
_MESSAGE_AGAIN = """
    UPDATE tenfold_message SET moment = ?
    WHERE id = (SELECT id FROM tenfold_message WHERE moment = 'task' AND state = 'sent' AND platform = 'web' LIMIT 1)
"""


def _spoil(database: Path, copy: Path, statement: str, value: str) -> None:
    with closing(sqlite3.connect(database)) as whole, closing(sqlite3.connect(copy)) as part:
        whole.backup(part)
        part.execute("PRAGMA foreign_keys = OFF")
        changed = part.execute(statement, (value,)).rowcount
        part.commit()
    if changed != 1:
        raise RuntimeError(f"the damage was not done: {statement}")
