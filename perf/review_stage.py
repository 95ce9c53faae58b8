"""A launch night's participants, each with their own code, and the screenshots they are going to send.

python -m perf.review_stage FOLDER --people 5000

fills the database that the environment names as `perf.stage` does, lets the machine decide by itself in its campaign,
and writes into FOLDER `senders.jsonl`, a line a screenshot, and `shots/`. The screenshots are drawn by the simulation.
"""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from tenfold.people.models import Journey

# Of each hundred so many send a wrong one, each in one of the ways that the simulation knows.
WRONG_PERCENT = 10


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--people", default=5000, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--processes", default=2, show_default=True)
def main(folder: Path, people: int, seed: int, processes: int) -> None:
    _set_up()
    from perf import stage

    assert stage.main.callback
    stage.main.callback(folder=folder, codes=people, visitors=10, groups=4, is_bare=False)
    _decides_by_itself()
    (folder / "shots").mkdir(exist_ok=True)
    parts = [(folder, seed, nth, processes) for nth in range(processes)]
    with multiprocessing.get_context("spawn").Pool(processes, _set_up) as pool, _senders(folder) as told:
        for line in pool.imap_unordered(_drawn, parts):
            told.writelines(line)


def _set_up() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenfold.settings")
    import django

    django.setup()


def _senders(folder: Path) -> Any:
    return (folder / "senders.jsonl").open("w")


def _decides_by_itself() -> None:
    """As after an owner has seen that it agrees with people."""
    from tenfold.base import clock
    from tenfold.campaigns.models import Campaign
    from tenfold.proofs.models import ReviewPlan

    for campaign in Campaign.objects.all():
        plan = ReviewPlan(campaign=campaign, workspace_id=campaign.workspace_id)
        plan.mode, plan.automatic_at = ReviewPlan.Mode.AUTOMATIC, clock.now()
        plan.save()


def _drawn(part: tuple[Path, int, int, int]) -> list[str]:
    """Every so manyeth participant's."""
    folder, seed, begin, step = part
    return [json.dumps(each) + "\n" for each in _shots(folder, seed, begin, step)]


def _shots(folder: Path, seed: int, begin: int, step: int) -> Iterator[dict[str, str]]:
    from tenfold.base import visitor
    from tenfold.people.models import Journey

    journeys = Journey.objects.select_related("person", "campaign", "code__campaign").order_by("pk")
    everybody = list(journeys)
    for nth in range(begin, len(everybody), step):
        journey = everybody[nth]
        path = folder / "shots" / f"{nth:05}.jpg"
        wrong = _shot(path, everybody, nth, Random(f"{seed} {nth}"))
        yield {
            "file": str(path),
            "campaign": str(journey.campaign_id),
            "cookie": visitor.write(journey.person.visitor_id),
            "slug": journey.code.slug,
            "wrong": wrong,
        }


def _shot(path: Path, everybody: Sequence[Journey], nth: int, dice: Random) -> str:
    """Draw the screenshot of one; how it is wrong."""
    from tenfold.simulation.names import CHINESE, some_nickname
    from tenfold.simulation.screenshots import Mark, Wrong, foreign_poster, screenshot, some_look, some_screen

    ways = [Wrong.NO_POSTER, Wrong.SOMEONE_ELSES, Wrong.OTHER_CAMPAIGN, Wrong.FILE, Wrong.RESTRICTED]
    wrong = dice.choice(ways) if dice.randrange(100) < WRONG_PERCENT else None
    owner = everybody[nth - 1] if wrong == Wrong.SOMEONE_ELSES else everybody[nth]
    poster: bytes | None = _poster(owner)
    if wrong == Wrong.FILE and poster:
        path.write_bytes(poster)
        return str(wrong)
    if wrong in (Wrong.NO_POSTER, Wrong.OTHER_CAMPAIGN):
        poster = foreign_poster(dice.randrange(6)) if wrong == Wrong.OTHER_CAMPAIGN else None
    name, language = some_nickname(dice)
    # A phone's PNG is as good as its best JPEG, and takes four times as long to make.
    look = replace(some_look(dice, is_chinese=language == CHINESE), kind="JPEG")
    mark: Mark = "lock" if wrong == Wrong.RESTRICTED else ""
    screen = "post" if wrong else some_screen(dice)
    path.write_bytes(screenshot(poster, nickname=name, look=look, dice=dice, screen=screen, mark=mark))
    return str(wrong or "")


def _poster(journey: Journey) -> bytes:
    from tenfold.posters.drawing import poster_of
    from tenfold.posters.grounds import picture_of

    drawing = poster_of(journey.code, language=journey.person.language, owner=journey)
    return picture_of(drawing, media_type="image/jpeg")


if __name__ == "__main__":
    main()
