"""A database held against what the door has answered, in one `Verdict`.

In plain SQL that both databases read, and without any code of the product, so that a mistake there cannot hide itself
here. Only the product's own `tenfold rebuild` is asked as well, since it is a promise of its own.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, fields
from typing import Any

import psycopg

from perf.load import Scan

SCANS = """
    SELECT code.slug, replace(CAST(scan.visitor_id AS text), '-', ''), count(*)
    FROM tenfold_scan scan JOIN tenfold_livecode code ON code.id = scan.code_id GROUP BY 1, 2
"""
# A lease adds all its seats to the group's count at once: those not yet used are nobody's.
GROUPS = """
    SELECT capacity, held_count, taken_count,
        (SELECT count(*) FROM tenfold_seat seat WHERE seat.group_id = pool.id AND seat.state = 'held') AS held,
        (SELECT count(*) FROM tenfold_seat seat WHERE seat.group_id = pool.id AND seat.state = 'taken') AS taken,
        (SELECT coalesce(sum(lease.seats - lease.used), 0) FROM tenfold_seatlease lease
            WHERE lease.group_id = pool.id AND lease.ended_at IS NULL) AS leased
    FROM tenfold_group pool
"""
OVERSOLD = f"""
    SELECT count(*) FROM ({GROUPS}) counted WHERE held_count + taken_count > capacity OR held + taken > capacity
"""
MISCOUNTED = (
    f"SELECT count(*) FROM ({GROUPS}) counted WHERE held_count <> held + leased OR taken_count <> taken"
)
DOUBLED = """
    SELECT count(*) FROM (
        SELECT visitor_id FROM tenfold_seat WHERE state <> 'released' AND visitor_id IS NOT NULL
        GROUP BY campaign_id, visitor_id HAVING count(*) > 1
    ) twice
"""
# Seats of leases whose time is over, and seats that are free while somebody stands in the line for them.
OVERDUE = """
    SELECT coalesce(sum(seats - used), 0) FROM tenfold_seatlease
    WHERE ended_at IS NULL AND expires_at <= CURRENT_TIMESTAMP
"""
PASSED_BY = """
    SELECT coalesce(sum(CASE WHEN free < waiting THEN free ELSE waiting END), 0) FROM (
        SELECT campaign_id, sum(capacity - held_count - taken_count) AS free,
            (SELECT count(*) FROM tenfold_waiting line
                WHERE line.campaign_id = pool.campaign_id AND line.state = 'waiting') AS waiting
        FROM tenfold_group pool WHERE state = 'open' GROUP BY campaign_id
    ) counted
"""
RAN_OUT = """
    SELECT count(*) FROM tenfold_entry WHERE kind = 'hold_ended' AND data ->> 'reason' = 'expired'
"""


@dataclass(frozen=True)
class Verdict:
    """What a drill has to show; all but the first two have to be 0.

    `lost` and `answered` are scans, `oversold` and `miscounted` groups, `stuck` seats, `doubled` visitors with two
    seats in one campaign. `unsound` counts what SQLite's integrity check and `tenfold rebuild` complain of.
    """

    answered: int
    recorded: int
    lost: int
    oversold: int
    stuck: int
    doubled: int = 0
    miscounted: int = 0
    unsound: int = 0

    @property
    def faults(self) -> dict[str, int]:
        """What should be 0 and is not."""
        named = [each.name for each in fields(self) if each.name not in ("answered", "recorded")]
        return {name: count for name in named if (count := getattr(self, name))}

    @property
    def is_good(self) -> bool:
        """A drill in which nothing was answered proves nothing."""
        return self.answered > 0 and not self.faults

    def __str__(self) -> str:
        return "  ".join(f"{name} {count}" for name, count in asdict(self).items())


def judged(database: str, scans: Iterable[Scan], environment: Mapping[str, str] | None = None) -> Verdict:
    """`database` is the path of SQLite's file or PostgreSQL's URL; with `environment`, `tenfold rebuild` is asked."""
    answered = Counter((scan.slug, scan.visitor) for scan in scans if scan.is_answered)
    with closing(connect(database)) as link:
        recorded = Counter({(slug, visitor): count for slug, visitor, count in _rows(link, SCANS)})
        return Verdict(
            answered=answered.total(),
            recorded=recorded.total(),
            lost=(answered - recorded).total(),
            oversold=_number(link, OVERSOLD),
            stuck=_number(link, OVERDUE) + _number(link, PASSED_BY),
            doubled=_number(link, DOUBLED),
            miscounted=_number(link, MISCOUNTED),
            unsound=_is_damaged(link) + (environment is not None and not is_rebuilt(environment)),
        )


def connect(database: str) -> Any:
    """A connection of either kind: both know `execute` and `close`, which is all that is asked of them here."""
    if database.startswith(("postgresql://", "postgres://")):
        return psycopg.connect(database, autocommit=True, connect_timeout=10)
    return sqlite3.connect(database, timeout=20)


def stuck(database: str) -> int:
    """Seats that nobody can get, as of now."""
    with closing(connect(database)) as link:
        return _number(link, OVERDUE) + _number(link, PASSED_BY)


def ran_out(database: str) -> int:
    """Seats that came back because nobody had taken them in time."""
    with closing(connect(database)) as link:
        return _number(link, RAN_OUT)


def is_rebuilt(environment: Mapping[str, str]) -> bool:
    """Whether the product's own command finds every counter as the journal says."""
    command = [sys.executable, "-P", "-m", "tenfold", "rebuild"]
    done = subprocess.run(command, env=dict(environment), capture_output=True, text=True)
    if done.returncode:
        print(done.stdout[-600:], done.stderr[-600:], sep="\n", file=sys.stderr)
    return done.returncode == 0 and done.stdout.startswith("No difference")


def _is_damaged(link: Any) -> bool:
    return isinstance(link, sqlite3.Connection) and _rows(link, "PRAGMA integrity_check") != [("ok",)]


def _number(link: Any, query: str) -> int:
    return int(_rows(link, query)[0][0])


def _rows(link: Any, query: str) -> list[Any]:
    return list(link.execute(query).fetchall())
