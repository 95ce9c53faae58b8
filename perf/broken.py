"""The product with one promise broken on purpose, to show that a drill would see it. Nothing of this is in the product.

python -m perf.broken --port 8820

serves as `tenfold serve` does, and breaks in each of its processes what TENFOLD_BROKEN names.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import click

VARIABLE = "TENFOLD_BROKEN"
# How long after the answer what was answered is written.
BEHIND_SECONDS = 0.2
BREAKS: dict[str, Callable[[], None]] = {}


def breaks(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """What follows patches the product, before its door is made."""

    def named(patch: Callable[[], None]) -> Callable[[], None]:
        BREAKS[name] = patch
        return patch

    return named


@breaks("normal")
def _normal() -> None:
    """SQLite confirms what is only in the machine's memory."""
    from django.db import connections

    options = connections.settings["default"]["OPTIONS"]
    options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=NORMAL")


@breaks("write-behind")
def _write_behind() -> None:
    """Everybody is answered as soon as it is known what to write, and a moment later it is written."""
    from tenfold.base.claim import one_transaction
    from tenfold.edge.commit import GroupCommit

    as_it_should_be = GroupCommit._write

    def write(line: GroupCommit[Any, Any], batch: list[Any]) -> None:
        with one_transaction():
            as_it_should_be(line, batch)
            time.sleep(BEHIND_SECONDS)

    GroupCommit._write = write  # type: ignore[assignment, method-assign]


@breaks("by-the-clock")
def _by_the_clock() -> None:
    """A seat is free again when the door's own clock says so, and not when somebody has given it back."""
    from tenfold.base import bulk
    from tenfold.groups import leases, pool

    if bulk.is_shared():
        leases.USE = leases.USE.replace("ended_at IS NULL AND", "")
        vars(leases)["bulk"] = _OwnClock()
        return
    pool.WITH_ROOM = f"""{pool.ROOM}
        WHERE grp.campaign_id = ? AND grp.capacity > (SELECT count(*) FROM tenfold_seat seat
            WHERE seat.group_id = grp.id AND seat.state = 'held' AND seat.expires_at > ?)
        ORDER BY grp.position, grp.id LIMIT 50
    """
    # One at a time, so that nobody is surprised by how many are free; and counted by nobody.
    pool.WITH_ROOM = pool.WITH_ROOM.replace("grp.capacity - grp.held_count - grp.taken_count", "1")
    pool.Counted.settle = lambda _seats: None  # type: ignore[assignment, method-assign]


class _OwnClock:
    """`tenfold.base.bulk`, with the process's idea of the time where the database's was asked for."""

    def __getattr__(self, name: str) -> Any:
        from tenfold.base import bulk

        return getattr(bulk, name)

    def run(self, sql: str, params: tuple[Any, ...]) -> int:
        from tenfold.base import bulk, clock

        now = f"timestamptz '{bulk.moment(clock.now())}+00'"
        return bulk.run(sql.replace("clock_timestamp()", now), params)


@breaks("check-then-act")
def _check_then_act() -> None:
    """A block of seats is taken because there was room when somebody looked, as most do it."""
    from tenfold.groups import leases

    leases.COUNT = "UPDATE tenfold_group SET held_count = held_count + ? WHERE id = ? AND ? > 0"  # type: ignore[attr-defined]


@breaks("no-fence")
def _no_fence() -> None:
    """A door believes in its own memory, and counts on a lease whatever became of it."""
    from tenfold.groups import leases

    leases.USE = """
        UPDATE tenfold_seatlease SET used = used + ?, expires_at = clock_timestamp() + ? * interval '1 second'
        WHERE id = ? AND ? > 0
    """
    leases.Leased._look_after = lambda _seats: None  # type: ignore[assignment, method-assign]


def __getattr__(name: str) -> Any:
    """`perf.broken:application`, asked for once in every process that serves."""
    if name != "application":
        raise AttributeError(name)
    import django

    django.setup()
    BREAKS[os.environ[VARIABLE]]()
    from tenfold.asgi import application

    return application


@click.command()
@click.option("--host", default="127.0.0.1")
@click.option("--port", type=int, required=True)
@click.option("--workers", type=int, default=1)
def main(host: str, port: int, workers: int) -> None:
    """The product's own way of serving, with its every option, and a broken application behind it."""
    from tenfold import server

    server.serve(host=host, port=port, workers=workers, application="perf.broken:application")


if __name__ == "__main__":
    main()
