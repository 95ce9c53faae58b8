"""A launch night's stage: one live campaign with much room, and as many live codes as wished.

python -m perf.stage FOLDER --codes 100000 --visitors 20000

fills the database that the environment names (TENFOLD_DATA, DATABASE_URL), and writes into FOLDER what a load
generator has to know: `codes.txt`, a slug a line, and `cookies.txt`, a visitor's signed cookie a line. The campaign is
made by the product's own actions; the participants, each with a code they already share, come as bulk rows together
with their facts, so that `tenfold rebuild` finds no difference.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, cast

import click

if TYPE_CHECKING:
    from django.db.models import Model

    from tests.cast import Stage

# The most that a built-in room takes; nobody scans for so long that these are full.
CAPACITY = 100_000
# Nothing runs out while a measurement goes on: giving seats back is the worker's business, not the door's.
HOLD_MINUTES = 24 * 60
Column = Sequence[Any]


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--codes", default=100_000, show_default=True)
@click.option("--visitors", default=20_000, show_default=True, help="Phones that come back.")
@click.option("--groups", default=20, show_default=True)
@click.option("--bare", "is_bare", is_flag=True, help="Codes alone, without the participants they belong to.")
def main(folder: Path, codes: int, visitors: int, groups: int, is_bare: bool) -> None:
    """Fill the database that the environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenfold.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from tenfold.base import visitor
    from tenfold.base.claim import one_transaction
    from tenfold.base.keys import new_id

    call_command("migrate", interactive=False, verbosity=0)
    slugs = list(_slugs(codes))
    with one_transaction():
        stage = _live_campaign(groups)
        code_ids = _codes(stage, slugs)
        if not is_bare:
            _participants(stage, code_ids)
    _analyze()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "codes.txt").write_text("\n".join(slugs))
    (folder / "cookies.txt").write_text("\n".join(visitor.write(new_id()) for _ in range(visitors)))


def _slugs(count: int) -> Iterator[str]:
    """The same ones each time, and as scattered as real ones."""
    from tenfold.base.keys import ALPHABET, SLUG_LENGTH

    for number in Random(1).sample(range(len(ALPHABET) ** SLUG_LENGTH), count):
        yield "".join(ALPHABET[number >> 5 * place & 31] for place in range(SLUG_LENGTH))


def _live_campaign(group_count: int) -> Stage:
    from tenfold import flow
    from tenfold.groups import actions as groups
    from tests import cast

    stage = cast.draft(capacity=CAPACITY, stock=None)
    for nth in range(2, group_count + 1):
        groups.add_group(
            campaign=stage.campaign,
            name=f"Readers {nth}",
            platform="web",
            capacity=CAPACITY,
            operator=stage.owner,
        )
    type(stage.campaign).objects.filter(pk=stage.campaign.pk).update(hold_minutes=HOLD_MINUTES)
    flow.launched(campaign=stage.campaign, operator=stage.owner)
    stage.campaign.refresh_from_db()
    return stage


def _codes(stage: Stage, slugs: Column) -> Column:
    """Their ids. The fact of each code's making belongs to it."""
    from tenfold.codes.models import LiveCode
    from tenfold.journal.facts import Fact

    ids = _ids(len(slugs))
    bulk(LiveCode(workspace=stage.workspace, campaign=stage.campaign), id=ids, slug=slugs)
    _facts(stage, Fact.CODE_MADE, code_id=ids)
    return ids


def _participants(stage: Stage, code_ids: Column) -> None:
    """One for each code: a seed of the channel, with a seat in one of the groups, who shares."""
    from tenfold.base import clock
    from tenfold.groups.models import Seat
    from tenfold.journal.facts import Fact
    from tenfold.people.models import Journey, Person

    home, count = stage.workspace, len(code_ids)
    now, home_of = clock.now(), {"workspace": stage.workspace, "campaign": stage.campaign}
    visitors, people, seats, journeys = (_ids(count) for _ in range(4))
    rooms = list(islice(cycle(_group_ids(stage)), count))
    someone = Person(workspace=home, nickname="Reader", consented_at=now)
    bulk(someone, id=people, visitor_id=visitors)
    seat = Seat(**home_of, group=stage.group, state=Seat.State.TAKEN, taken_at=now)
    bulk(seat, id=seats, visitor_id=visitors, group_id=rooms)
    _facts(stage, Fact.SEAT_TAKEN, group_id=rooms)
    _set_taken(rooms)
    journey = Journey(
        **home_of,
        person=someone,
        code=stage.code,
        channel_code=stage.code,
        origin=Journey.Origin.SEED,
        group=stage.group,
        seat=seat,
        joined_at=now,
        sharing_at=now,
    )
    names = [f"page-{nth}" for nth in range(count)]
    bulk(
        journey,
        id=journeys,
        person_id=people,
        code_id=code_ids,
        group_id=rooms,
        seat_id=seats,
        page_key=names,
    )
    for fact in (Fact.JOINED, Fact.STARTED_SHARING):
        _facts(stage, fact, journey_id=journeys, group_id=rooms)


def _group_ids(stage: Stage) -> list[str]:
    return [group.id.hex for group in stage.campaign.groups.all()]


def _set_taken(rooms: Column) -> None:
    from tenfold.groups.models import Group

    for group_id in set(rooms):
        Group.objects.filter(pk=group_id).update(taken_count=rooms.count(group_id))


def _facts(stage: Stage, kind: str, **about: Column) -> None:
    from tenfold.journal.models import Entry

    entry = Entry(kind=kind, workspace_id=stage.workspace.id, campaign_id=stage.campaign.id)
    bulk(entry, id=_ids(len(next(iter(about.values())))), **about)


def _ids(count: int) -> list[str]:
    from tenfold.base.keys import new_id

    return [new_id().hex for _ in range(count)]


def bulk(like: Model, **columns: Column) -> None:
    """Rows like this one, but for the columns given: each a list of values as the database takes them."""
    from django.db import connection

    fields = like._meta.concrete_fields
    one = [field.get_db_prep_save(getattr(like, field.attname), connection) for field in fields]
    places = [[field.attname for field in fields].index(name) for name in columns]
    names = ", ".join(str(field.column) for field in fields)
    _write(like._meta.db_table, names, _rows(one, places, zip(*columns.values(), strict=True)))


def _rows(one: list[Any], places: list[int], given: Iterable[Column]) -> Iterator[list[Any]]:
    for values in given:
        row = one.copy()
        for place, value in zip(places, values, strict=True):
            row[place] = value
        yield row


def _write(table: str, names: str, rows: Iterator[list[Any]]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join(["%s"] * (names.count(",") + 1))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", cast(Any, rows))
            return
        with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _analyze() -> None:
    """What a database in use has long since done: plans for empty tables would be none of the product's."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "VACUUM ANALYZE" if connection.vendor == "postgresql" else "PRAGMA wal_checkpoint(TRUNCATE)"
        )


if __name__ == "__main__":
    main()
