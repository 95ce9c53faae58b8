"""Does the database keep what it confirms, also when its machine is gone? Asked at every start, told in the log.

"Answered means kept" is a promise made with somebody else's disk. A server that confirms before it has written, or a
standby that follows at a distance, breaks it without any error: the scans are answered, and later they are not there.
SQLite is opened by our own settings, so only PostgreSQL is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field

import structlog
from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

log = structlog.get_logger(__name__)

PATIENCE_SECONDS = 3
SETTINGS = ("fsync", "full_page_writes", "synchronous_commit", "synchronous_standby_names")
# Logical subscribers and running backups are nobody's standby. One with a slot is expected, though it be away just now.
STANDBYS = """
    SELECT sender.application_name, sender.sync_state FROM pg_stat_replication sender
    WHERE sender.state IS DISTINCT FROM 'backup' AND NOT EXISTS (
        SELECT FROM pg_replication_slots slot WHERE slot.active_pid = sender.pid AND slot.slot_type = 'logical')
    UNION ALL
    SELECT slot_name, 'away' FROM pg_replication_slots
    WHERE slot_type = 'physical' AND active_pid IS NULL AND NOT temporary
"""
WAITED_FOR = ("sync", "quorum")

_EVERY_HOST = (
    "DATABASE_URL='postgres://user@/name?host=one,two&port=5432,5432&target_session_attrs=read-write'."
)
_LOSES_ON_FAILOVER = (
    "A failover can lose answered scans: a standby that was 0.7 s behind has lost 30 % of a short drill's."
)


@dataclass(frozen=True)
class Standby:
    """`state` as pg_stat_replication tells it, or "away". Empty where we have no right to see it (pg_monitor)."""

    name: str
    state: str


@dataclass(frozen=True)
class Server:
    """What a PostgreSQL tells of itself, as our own sessions see it: by the same address, user and database."""

    settings: Mapping[str, str]
    standbys: Sequence[Standby] = field(default_factory=tuple)
    is_standby: bool = False


@dataclass(frozen=True)
class Doubt:
    """One thing by which an answer may get lost: what was found, what follows from it, and what to do."""

    found: str
    why: str
    remedy: str


def doubts(server: Server) -> list[Doubt]:
    """Nothing, where an answered scan survives the loss of power and of the server."""
    if server.is_standby:
        why = "This server takes no writes: every scan would be answered with 503."
        return [Doubt("the server is a standby", why, "Name the primary, or every host: " + _EVERY_HOST)]
    return [*_on_this_machine(server.settings), *_across_machines(server)]


def _on_this_machine(settings: Mapping[str, str]) -> Iterator[Doubt]:
    if settings["fsync"] == "off":
        why = "A power cut can lose answered scans, or the whole database."
        yield Doubt("fsync = off", why, "ALTER SYSTEM SET fsync = on; and restart the server.")
    if settings["synchronous_commit"] == "off":
        why = "Scans are answered before they are on disk: a crash of the server can lose the last second's."
        yield Doubt("synchronous_commit = off", why, "ALTER ROLE CURRENT_USER SET synchronous_commit = on;")
    if settings["full_page_writes"] == "off":
        why = "A power cut can leave half-written pages, unless the storage never tears one."
        yield Doubt("full_page_writes = off", why, "ALTER SYSTEM SET full_page_writes = on; and reload.")


def _across_machines(server: Server) -> Iterator[Doubt]:
    names, commit = server.settings["synchronous_standby_names"], server.settings["synchronous_commit"]
    states, waits = {standby.state for standby in server.standbys}, commit not in ("off", "local")
    if names and waits and not states.intersection(("", *WAITED_FOR)):
        found = f"synchronous_standby_names = {names}, and no such standby is attached"
        why = "Every commit waits for it: no scan is answered."
        yield Doubt(found, why, "Start it, or name another one.")
    if states and not names:
        attached = ", ".join(sorted(standby.name or "unnamed" for standby in server.standbys))
        remedy = "ALTER SYSTEM SET synchronous_standby_names = '*'; (or the standby's name) and reload."
        yield Doubt(f"standby not waited for ({attached})", _LOSES_ON_FAILOVER, remedy)
    if names and commit == "local":
        remedy = "ALTER ROLE CURRENT_USER SET synchronous_commit = on;"
        yield Doubt("synchronous_commit = local", _LOSES_ON_FAILOVER, remedy)


def key_doubts(environment: Mapping[str, str]) -> list[Doubt]:
    """PostgreSQL is there so that machines may share it; each would make a key of its own."""
    if not environment.get("DATABASE_URL") or environment.get("TENFOLD_SECRET_KEY"):
        return []
    why = (
        "Each machine makes a key of its own in its data folder: cookies, log-ins and personal links"
        " given out by one are worth nothing on another."
    )
    remedy = "Set TENFOLD_SECRET_KEY to the same long random text on every machine."
    return [Doubt("no TENFOLD_SECRET_KEY with a database that several machines can share", why, remedy)]


def told(link: BaseDatabaseWrapper) -> Server:
    """What the server says of itself."""
    with link.cursor() as cursor:
        cursor.execute("SELECT name, current_setting(name) FROM unnest(%s::text[]) name", [list(SETTINGS)])
        settings = dict(cursor.fetchall())
        cursor.execute("SELECT pg_is_in_recovery()")
        (is_standby,) = cursor.fetchone()
        cursor.execute(STANDBYS)
        standbys = [Standby(name or "", state or "") for name, state in cursor.fetchall()]
    return Server(settings, standbys, is_standby)


def warn(environment: Mapping[str, str]) -> None:
    """Log every doubt. Never in the way of a start: a database that is away now may be back for the first scan."""
    found = key_doubts(environment)
    if connections["default"].vendor == "postgresql":
        try:
            found += doubts(_asked())
        except Error as error:
            log.warning("durability_not_asked", why=repr(error))
    for doubt in found:
        log.warning("doubt_at_start", found=doubt.found, why=doubt.why, do=doubt.remedy)


def _asked() -> Server:
    """By a connection of its own with the product's settings: it must not be inherited by a forked process."""
    link = connections["default"].copy()
    link.settings_dict["OPTIONS"].setdefault("connect_timeout", PATIENCE_SECONDS)
    with closing(link):
        return told(link)
