"""A database held against a history of what was asked and answered: what is lost, and what was said twice.

In plain SQL and without any code of the product, so that a mistake there cannot hide itself here.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tenfold.simulation.history import Kind, Told, answered

SCANS = "SELECT code.slug, scan.visitor_id FROM tenfold_scan scan JOIN tenfold_livecode code ON code.id = scan.code_id"
JOINS = """
    SELECT person.visitor_id FROM tenfold_journey journey JOIN tenfold_person person ON person.id = journey.person_id
    WHERE EXISTS (SELECT 1 FROM tenfold_entry entry
        WHERE entry.journey_id = journey.id AND entry.kind IN ('joined', 'arrived'))
"""
SCREENSHOTS = """
    SELECT picture.sha256 FROM tenfold_picture picture
    WHERE EXISTS (SELECT 1 FROM tenfold_proof proof WHERE proof.picture_id = picture.id)
       OR EXISTS (SELECT 1 FROM tenfold_post post WHERE post.picture_id = picture.id)
"""
# A newer screenshot may have come between the page and the verdict: then there is nothing to be judged any more.
VERDICTS = "SELECT id FROM tenfold_proof WHERE judged_at IS NOT NULL OR state = 'withdrawn'"

# What is said once a journey; "not approved" once a rejected screenshot, a reminder as often as was counted.
MOMENTS_TOLD_TWICE = """
    SELECT count(*) FROM (
        SELECT message.moment, count(*) AS told, journey.remind_count AS reminded, (
            SELECT count(*) FROM tenfold_proof proof WHERE proof.journey_id = journey.id AND proof.state = 'rejected'
        ) AS rejected
        FROM tenfold_post post JOIN tenfold_message message ON message.key = post.key
        JOIN tenfold_journey journey ON journey.id = message.journey_id
        WHERE post.kind = 'bot' GROUP BY message.journey_id, message.moment
    ) WHERE told > CASE moment WHEN 'remind' THEN reminded WHEN 'reject' THEN rejected ELSE 1 END
"""
POSTS_WITHOUT_A_MESSAGE = """
    SELECT count(*) FROM tenfold_post post
    WHERE post.kind = 'bot' AND NOT EXISTS (SELECT 1 FROM tenfold_message message WHERE message.key = post.key)
"""
MESSAGES_WITHOUT_THEIR_POST = """
    SELECT count(*) FROM tenfold_message message WHERE state = 'sent' AND platform = 'web'
    AND NOT EXISTS (SELECT 1 FROM tenfold_post post WHERE post.key = message.key)
"""
LEFT_TO_DO = """
    SELECT (SELECT count(*) FROM tenfold_message WHERE state = 'queued')
         + (SELECT count(*) FROM tenfold_proof
            WHERE settled_at IS NULL AND state IN ('approved', 'rejected'))
"""


def lost(database: Path, history: list[Told], kind: Kind) -> int:
    """How many answered requests of this kind the database does not know."""
    with closing(sqlite3.connect(database)) as db:
        return _LOST[kind](db, answered(history, kind))


def said_twice(database: Path) -> int:
    return _number(database, MOMENTS_TOLD_TWICE) + _number(database, POSTS_WITHOUT_A_MESSAGE)


def never_said(database: Path) -> int:
    """Messages that count as sent and stand in no room."""
    return _number(database, MESSAGES_WITHOUT_THEIR_POST)


def left_to_do(database: Path) -> int:
    """What the worker still has in hand: words to say and verdicts to put into effect."""
    return _number(database, LEFT_TO_DO)


def _number(database: Path, query: str) -> int:
    with closing(sqlite3.connect(database, timeout=20)) as db:
        return int(db.execute(query).fetchone()[0])


def _lost_scans(db: sqlite3.Connection, told: list[Told]) -> int:
    """Compared by code and visitor and counted: who scans twice is there twice."""
    recorded = Counter(db.execute(SCANS).fetchall())
    asked = Counter((each["slug"], each["visitor"]) for each in told)
    return (asked - recorded).total()


def _lost_joins(db: sqlite3.Connection, told: list[Told]) -> int:
    return len({each["visitor"] for each in told} - _column(db, JOINS))


def _lost_screenshots(db: sqlite3.Connection, told: list[Told]) -> int:
    return len({each["sha256"] for each in told} - _column(db, SCREENSHOTS))


def _lost_approvals(db: sqlite3.Connection, told: list[Told]) -> int:
    given = {each["proof"].replace("-", "") for each in told}
    return len(given - _column(db, VERDICTS))


def _column(db: sqlite3.Connection, query: str) -> set[str]:
    return {str(row[0]) for row in db.execute(query)}


_LOST: dict[Kind, Callable[[sqlite3.Connection, list[Told]], int]] = {
    "scan": _lost_scans,
    "join": _lost_joins,
    "screenshot": _lost_screenshots,
    "approval": _lost_approvals,
}
