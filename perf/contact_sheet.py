"""All ready designs side by side, to be looked at: in both languages, and with what is hard to set.

    python -m perf.contact_sheet FOLDER [--only poster] [--scale 0.3]

Writes ready.png (three designs a row, each in English and in Chinese, with a face) and difficult.png (a row a design:
long Chinese, long words, elements left out, hardly anything, emoji in the name, a name from right to left).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image

from perf.sheet_content import DIFFICULT, KEEPSAKE_ADDRESS, NORMAL, POSTER_ADDRESS, Case
from tenfold.imaging.compose import Given, prepare, whole
from tenfold.imaging.design import Design
from tenfold.imaging.variables import PERSONAL, SHARED
from tenfold.posters.rules import ready_designs

GAP, WALL = 24, "#8c8c8c"
PER_ROW = 6


def address_of(design: Design) -> str:
    return POSTER_ADDRESS if design.kind in ("poster", "distribution") else KEEPSAKE_ADDRESS


def given_of(design: Design, case: Case) -> Given:
    personal = {name: case.values[name] for name in PERSONAL}
    return Given(personal, case.language, address_of(design), case.avatar)


def shared_of(case: Case) -> dict[str, str]:
    return {name: case.values[name] for name in SHARED}


def drawn(design: Design, case: Case) -> Image.Image:
    ground = prepare(design, shared_of(case), language=case.language, pictures={})
    return whole(ground, given_of(design, case))


def sheet(rows: Sequence[Sequence[Image.Image]]) -> Image.Image:
    """The pictures in rows, each row as high as its highest picture."""
    heights = [max(picture.height for picture in row) + GAP for row in rows]
    width = max(sum(picture.width + GAP for picture in row) for row in rows) + GAP
    wall = Image.new("RGB", (width, sum(heights) + GAP), WALL)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        left = GAP
        for picture in row:
            wall.paste(picture, (left, top))
            left += picture.width + GAP
        top += height
    return wall


def scaled(picture: Image.Image, scale: float) -> Image.Image:
    size = round(picture.width * scale), round(picture.height * scale)
    return picture.resize(size, Image.Resampling.LANCZOS)


def sheet_of(designs: Sequence[Design], cases: Mapping[str, Case], scale: float) -> Image.Image:
    pictures = [scaled(drawn(design, case), scale) for design in designs for case in cases.values()]
    return sheet([pictures[start : start + PER_ROW] for start in range(0, len(pictures), PER_ROW)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="designs whose name holds this")
    parser.add_argument("--scale", type=float, default=0.3)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    designs = [ready.design for name, ready in ready_designs().items() if asked.only in name]
    for name, cases in (("ready", NORMAL), ("difficult", DIFFICULT)):
        path = asked.folder / f"{name}.png"
        sheet_of(designs, cases, asked.scale).save(path)
        print(path)


if __name__ == "__main__":
    main()
