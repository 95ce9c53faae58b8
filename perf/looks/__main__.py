r"""Draws a labelled set of screens as other apps have them, for `./dev bench review`.

python -m perf.looks --seed S --out DIR [--per N] [--tricks N]

Another seed draws other posters, people and phones. Needs Debian's fonts-noto-cjk, fonts-wqy-microhei and
fonts-dejavu-core.
"""

from __future__ import annotations

from pathlib import Path

import click

from perf.looks.ink import NoFont
from perf.looks.making import LOOKS, make_set


@click.command(help=__doc__)
@click.option("--seed", required=True, help="Any word or number.")
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="A new directory."
)
@click.option(
    "--per", default=9, show_default=True, type=click.IntRange(1), help="Genuine screens of each look."
)
@click.option(
    "--tricks", default=4, show_default=True, type=click.IntRange(0), help="Dishonest screens of each trick."
)
def main(seed: str, out: Path, per: int, tricks: int) -> None:
    if out.exists() and any(out.iterdir()):
        raise click.ClickException(f"{out} is not empty")
    try:
        count = make_set(out, seed=seed, per=per, tricks=tricks)
    except NoFont as missing:
        raise click.ClickException(str(missing)) from missing
    click.echo(f"{count} screens of {len(LOOKS)} looks in {out}")


if __name__ == "__main__":
    main()
