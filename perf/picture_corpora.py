"""What the drill of pictures tries: honest pictures, bombs, Pillow's own test images, and mutants of honest ones."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from random import Random

import click
from PIL import Image

from perf.picture_bombs import bombs
from perf.picture_mutants import mutants
from tenfold.imaging.compose import Given, Ground, encode, prepare
from tenfold.imaging.layers import Avatar, Code
from tenfold.imaging.qr import code_facts
from tenfold.imaging.seen import Art, Claim
from tenfold.posters.rules import default_of
from tenfold.simulation.screenshots import LIKELY, screenshot, some_look

Files = Iterator[tuple[str, bytes]]
CODE = "HTTPS://JOIN.EXAMPLE/C/DR1LL234"
NICKNAME = "小明"
SCREENS = 12
PILLOW = f"pillow-{version('pillow')}"


@dataclass(frozen=True)
class Corpus:
    """`is_honest`: each of them has to come out."""

    name: str
    files: Iterable[tuple[str, bytes]]
    is_honest: bool = False


def corpora(*, mutant_count: int, seed: int, has_pillow: bool) -> Iterator[Corpus]:
    yield Corpus("honest", ((f"screen {nth}", shot) for nth, shot in enumerate(screens())), is_honest=True)
    yield Corpus("bombs", bombs())
    if has_pillow and (archive := pillow()):
        yield Corpus("pillow", test_images(archive))
    yield Corpus("mutants", mutants([Image.open(BytesIO(shot)) for shot in screens()], mutant_count, seed))


# --- what is claimed ------------------------------------------------------------------------------------------------


@cache
def _ground() -> Ground:
    shared = {"title": "一起读完10本书", "points": "每周一本好书", "brand": "Tenfold"}
    return prepare(default_of("poster").design, shared, language="zh-hans", pictures={})


@cache
def poster() -> bytes:
    return encode(_ground(), Given({"nickname": NICKNAME}, "zh-hans", CODE), "image/jpeg")


@cache
def claim() -> Claim:
    """As of somebody whose poster most of the honest screens show."""
    layers = {type(layer): layer for layer in _ground().design.layers}
    code, face = layers[Code].corners, layers.get(Avatar)
    art = Art("drill", poster(), code, _ground().boxes, face.corners if face else None)
    return Claim((art,), CODE, code_facts(CODE), NICKNAME, (poster(),), ("一起读书",))


@cache
def screens() -> list[bytes]:
    """A few of each kind, on phones of all sizes."""
    kinds = list(LIKELY)
    dice = [Random(nth) for nth in range(SCREENS)]
    return [
        screenshot(
            poster(), nickname=NICKNAME, look=some_look(each), dice=each, screen=kinds[nth % len(kinds)]
        )
        for nth, each in enumerate(dice)
    ]


# --- Pillow's own ---------------------------------------------------------------------------------------------------


def pillow() -> Path | None:
    """The source of the Pillow that is installed; None, and a word about it, where it cannot be had."""
    kept = Path(tempfile.gettempdir()) / f"tenfold-{PILLOW}"
    if not (archive := kept / f"{PILLOW}.tar.gz").exists():
        click.echo(f"Downloading the source of {PILLOW} for its test images ...", err=True)
        wanted = ["--no-deps", "--no-binary", "pillow", "--dest", str(kept), PILLOW.replace("-", "==")]
        got = subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", *wanted], check=False)
        if got.returncode or not archive.exists():
            click.echo(f"SKIPPED: Pillow's test images; pip could not download {archive.name}.", err=True)
            return None
    return archive


def test_images(archive: Path) -> Files:
    with tarfile.open(archive) as source:
        for member in source:
            if "/Tests/images/" in member.name and (file := source.extractfile(member)):
                yield member.name.partition("/Tests/images/")[2], file.read()
