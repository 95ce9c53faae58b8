r"""How many screenshots of a labelled set the machine decides, and whether it is ever wrong.

./dev bench review SET [--sample N] [--processes 2] [--impostors 40] [--bases 48] [--keep FILE] [--json] [--misses]

SET has `img/`, `labels.jsonl` and `campaigns/` (NAME.png is the poster without anybody's code, face and name, NAME.json
tells where these go). Each picture is cleaned as an upload is, then looked at in this process. Every threshold is in
the product's code; nothing of the labels reaches it.

What each one claims: who sent a genuine one its own code and campaign; who sent a wrong one a fresh code of their own,
which is not in the picture, and of a foreign code on our poster (neg_qrswap) that poster's campaign, of the same art
with other words (neg_sibling) the campaign whose art is most alike, else any. All are judged by one plan: posted
anywhere (--place any: a viewer counts too), seen by everyone, of any age.

The right reason of a wrong one, and the first that is named, whether it is refused or a person is asked:

\b
  neg_qrswap               wrong_code (or wrong_person, where the code has the form of this campaign's)
  neg_sibling, neg_other   wrong_code or no_poster
  neg_noposter             no_poster
  a post with privacy      restricted_audience, of genuine ones and beside the others' reasons of wrong ones
  neg_restricted, neg_old  any, or a person is asked: a dishonest sender has hidden what tells it

Such a sender (`trick` in the labels) claims their own code, which is on it, and an old post is judged by a plan that
asks for a young one (`oldest_hours`). Each trick has a line of its own; none may be approved.

Of several small pictures in a post (grid) each is a square out of the middle, which has no code: of our own poster it
is right to ask a person, as unreadable or because no whole poster is to be seen (no_poster). The same share is also
told without these. Genuine ones that are restricted stand in the table alone.

Of some genuine ones other participants make their own: copies in eight edits, and with a code of their own put in, in a
corner of the poster, over the face, beside the poster and over the code. None of these may be approved. What the sender
of a genuine one looks like is not in the set: face and name of honest people are compared on ones drawn for it.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

import click

from perf import review_figures as told
from perf.review_looks import Seen, Wishes, cleaned, looks, opened, prepare
from perf.review_pairs import copies_seen, pairs_drawn, pairs_in_set, some_bases
from perf.review_pasted import PLACES, pasted_seen
from perf.review_set import Label, ScreenSet, sampled

TOLD_EVERY_SECONDS = 20.0
T = TypeVar("T")


@click.command(help=__doc__)
@click.argument("folder", metavar="SET", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--sample", default=0, help="So many pictures of all kinds, for a quick look.")
@click.option("--processes", default=1, type=click.IntRange(1, 16), show_default=True)
@click.option(
    "--impostors",
    default=0,
    help="Fresh codes of others tried on each picture; usually 30,000 of the whole set.",
)
@click.option(
    "--bases", default=48, show_default=True, help="Screenshots that are edited, in eight ways each."
)
@click.option("--keep", type=click.Path(dir_okay=False, path_type=Path), help="Looks so far, to go on from.")
@click.option("--json", "is_json", is_flag=True, help="One object a line: name, value, target, ok.")
@click.option("--misses", "has_misses", is_flag=True, help="Each picture not decided as it should be.")
def main(
    folder: Path,
    sample: int,
    processes: int,
    impostors: int,
    bases: int,
    keep: Path | None,
    is_json: bool,
    has_misses: bool,
) -> None:
    prepare()
    from tenfold.imaging.proving import MARGIN
    from tenfold.imaging.seen import PROVEN

    screens = opened(folder)
    labels = sampled(screens.labels, sample)
    wishes = Wishes(folder, impostors or told.impostors_each(screens.labels), processes, keep)
    seen = list(_told_on_the_way(looks(wishes, labels), len(labels)))
    figures = list(told.figures(seen, PROVEN, MARGIN))
    if not is_json:
        click.echo("\n".join(told.table(seen, PROVEN)))
    if has_misses:
        click.echo("\n".join(told.misses(seen)), err=True)
    figures += _of_copies(screens, seen, bases) if bases else []
    figures.append(told.memory_figure(_megabytes(screens, labels)))
    for figure in figures:
        click.echo(json.dumps(asdict(figure)) if is_json else told.line_of(figure))
    sys.exit(not all(figure.ok for figure in figures))


def _of_copies(screens: ScreenSet, seen: Sequence[Seen], bases: int) -> list[told.Figure]:
    some = some_bases(seen, bases)
    copies = list(_told_on_the_way(copies_seen(screens, some), 8 * len(some)))
    in_set, drawn = pairs_in_set(seen), pairs_drawn(screens)
    for example in (*in_set.examples, *drawn.examples)[: told.MOST_TOLD]:
        click.echo(f"taken for one shot: {example}", err=True)
    for copy in copies:
        if not copy.is_found or copy.approvals:
            click.echo(f"copy: {copy}", err=True)
    pasted = list(_told_on_the_way(pasted_seen(screens, some), len(PLACES) * len(some)))
    for each in pasted:
        if each.approvals:
            click.echo(f"own code put in: {each}", err=True)
    return [*told.copy_figures(copies, in_set, drawn), *told.pasted_figures(pasted, drawn)]


def _megabytes(screens: ScreenSet, labels: Sequence[Label]) -> float:
    """Of a child as the worker has it, after so many looks that nothing more is loaded."""
    from perf.watched import peak_bytes
    from tenfold.imaging.child import LOOKING, Child, Died
    from tenfold.imaging.examine import EVERYTHING

    most = 0.0
    with Child(LOOKING) as child:
        for label in sampled(labels, 16):
            try:
                child.examine(cleaned(screens.picture(label)), screens.claim(label), wants=EVERYTHING)
            except Died as died:
                click.echo(f"{label.file}: the child has died, {died}", err=True)
                continue
            most = max(most, peak_bytes(child.pid) / 1e6 if child.pid else 0.0)
    return most


def _told_on_the_way(some: Iterator[T], count: int) -> Iterator[T]:
    last = time.monotonic()
    for nth, each in enumerate(some, start=1):
        if time.monotonic() - last > TOLD_EVERY_SECONDS:
            last = time.monotonic()
            click.echo(f"{nth} of {count}", err=True)
        yield each


if __name__ == "__main__":
    main()
