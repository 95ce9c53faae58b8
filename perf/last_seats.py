"""A pool in which just so many seats are left: groups of both kinds, nearly full, some with no seat at all.

python -m perf.last_seats --groups 20 --capacity 40 --free 50

fills the database that the environment names, through the product's own actions, and prints the slugs.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import click
import psycopg

from perf.scene import Scene

if TYPE_CHECKING:
    from tenfold.groups.models import Group
    from tests.cast import Stage

UNUSED = """
    SELECT holder, sum(seats - used)::int FROM tenfold_seatlease
    WHERE ended_at IS NULL AND used < seats GROUP BY holder
"""
# No hold runs out while a drill goes on.
HOLD_MINUTES = 24 * 60


@dataclass
class LastSeats(Scene):
    """A scene on such a pool, on PostgreSQL."""

    _link: psycopg.Connection[tuple[Any, ...]] | None = field(default=None, init=False)

    def prepare_last(self, *, free: int, groups: int, capacity: int, seed: int) -> tuple[str, ...]:
        """As `prepare` does; the slugs."""
        self.data.mkdir(parents=True, exist_ok=True)
        self._done("-P", "-m", "tenfold", "migrate")
        wishes = {"free": free, "groups": groups, "capacity": capacity, "seed": seed}
        slugs = self._done(
            "-m", "perf.last_seats", *(f"--{name}={value}" for name, value in wishes.items())
        ).split()
        os.sync()
        return tuple(slugs)

    def count(self, query: str) -> int:
        """The one number a query asks for."""
        return int(self._rows(query)[0][0])

    @property
    def held(self) -> int:
        """Seats that somebody was shown."""
        return self.count("SELECT count(*) FROM tenfold_seat WHERE state = 'held'")

    @property
    def unused(self) -> dict[str, int]:
        """By door, the seats it has leased and given to nobody."""
        return dict(self._rows(UNUSED))

    def for_sale(self, *, but: Collection[str] = ()) -> int:
        """Seats that somebody who comes now can be given, by any door `but` these."""
        free = self.count(
            "SELECT sum(capacity - held_count - taken_count) FROM tenfold_group WHERE state = 'open'"
        )
        return free + sum(seats for holder, seats in self.unused.items() if holder not in but)

    @property
    def seated(self) -> set[str]:
        """Who has a seat, in 32 hexadecimal digits."""
        return {row[0].hex for row in self._rows("SELECT visitor_id FROM tenfold_seat WHERE state = 'held'")}

    def tear_down_the_last_wall(self) -> None:
        """A broken build is to be seen by what it does, and not be stopped by the database's own constraint."""
        assert self.cluster
        self.cluster.ask("ALTER TABLE tenfold_group DROP CONSTRAINT group_never_oversold")

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        """By one connection: a new one each time would be too slow to catch a door at anything."""
        if self._link is None or self._link.closed:
            self._link = psycopg.connect(self.database, autocommit=True)
        return self._link.execute(query.encode()).fetchall()


@click.command()
@click.option("--groups", default=20, show_default=True)
@click.option("--capacity", default=40, show_default=True)
@click.option("--free", default=50, show_default=True)
@click.option("--codes", default=4, show_default=True)
@click.option("--seed", default=1, show_default=True)
def main(groups: int, capacity: int, free: int, codes: int, seed: int) -> None:
    import django

    django.setup()
    from tenfold.base.claim import one_transaction

    with one_transaction():
        stage = _live()
        pool = [_group(stage, nth, capacity) for nth in range(groups)]
        _fill(pool, free, Random(seed))
        slugs = [stage.code.slug, *(_channel(stage, nth) for nth in range(1, codes))]
    click.echo("\n".join(slugs))


def _live() -> Stage:
    from tenfold.groups import actions as groups
    from tests import cast

    stage = cast.live()
    type(stage.campaign).objects.filter(pk=stage.campaign.pk).update(hold_minutes=HOLD_MINUTES)
    groups.set_state(group=stage.group, state="closed", operator=stage.owner)
    return stage


def _group(stage: Stage, nth: int, capacity: int) -> Group:
    """Every third is a WeChat group, which answers with a page instead of an address."""
    from tenfold import flow
    from tenfold.groups import actions as groups
    from tests.cast import wechat_qr

    platform = "web" if nth % 3 else "wechat_group"
    group = groups.add_group(
        campaign=stage.campaign,
        name=f"Readers {nth}",
        platform=platform,
        capacity=capacity,
        operator=stage.owner,
    )
    if platform == "web":
        return group
    return flow.qr_uploaded(group=group, data=wechat_qr(f"readers-{nth}"), operator=stage.owner)


def _fill(pool: list[Group], free: int, dice: Random) -> None:
    """All seats but `free` are taken, by members the product knows only the number of. What is free lies half in the
    first group, where doors can take blocks, and half strewn over the others, where they find single seats."""
    from tenfold.base import clock
    from tenfold.groups import actions as groups

    strewn = [nth for nth, group in enumerate(pool) if nth for _ in range(group.capacity)]
    first = min(free // 2, pool[0].capacity)
    left = Counter({0: first}) + Counter(dice.sample(strewn, free - first))
    for nth, group in enumerate(pool):
        groups.set_unknown_seats(group=group, count=group.capacity - left[nth], now=clock.now())


def _channel(stage: Stage, nth: int) -> str:
    from tenfold.codes import actions as codes
    from tenfold.codes.models import Channel

    made = codes.make_channel(
        campaign=stage.campaign, name=f"Channel {nth}", kind=Channel.Kind.KOL, operator=stage.owner
    )
    return made.slug


if __name__ == "__main__":
    main()
