"""The drill of hostile pictures, a few of each: what it sees on the real build, and on the broken ones."""

from __future__ import annotations

import json
import sys

import pytest
from click.testing import CliRunner
from PIL import Image

from perf import drill_pictures
from perf.broken_child import BREAKS
from perf.drill_pictures import Drill, Tally, main, proved
from perf.picture_bombs import BOMBS, SECRET, saved
from perf.picture_corpora import Corpus, screens
from perf.picture_mutants import mutants
from tenfold.imaging.examine import can_look
from tenfold.imaging.headers import Unreadable
from tenfold.imaging.reading import clean_picture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="asks Linux about processes"),
]

# Those that take a second to draw, or to decode, are left to the drill itself.
QUICK = [name for name in BOMBS if "MP" not in name and "512" not in name and "1 GB" not in name]


def image() -> Image.Image:
    return Image.radial_gradient("L").resize((360, 640)).convert("RGB")


def tried(corpus: Corpus, looks: int = 0) -> Tally:
    drill = Drill(looks)
    try:
        return drill.tried(corpus)
    finally:
        drill.close()


def test_bombs_are_refused_or_come_out_within_the_limits() -> None:
    tally = tried(Corpus("bombs", [(name, BOMBS[name]()) for name in QUICK]))
    assert tally.missed == []
    assert tally.metadata_bytes == 0
    assert tally.deaths.total() == 0
    assert tally.became.total() == len(QUICK)
    assert all(value <= most for _name, value, most in tally.figures())


def test_mutants_and_what_survives_of_them() -> None:
    tally = tried(Corpus("mutants", mutants([image()] * 5, 150, 11)), looks=5)
    assert tally.missed == []
    assert tally.metadata_bytes == 0
    assert tally.became["read"] > 20
    assert tally.became.total() == 150
    assert tally.looked == ({"read": 5} if can_look() else {})


def test_an_honest_screen_comes_out_and_is_looked_at() -> None:
    tally = tried(Corpus("honest", [("screen", screens()[0])], is_honest=True), looks=1)
    assert tally.missed == []
    assert tally.became == {"read": 1}
    assert 0 < tally.seconds["clean"][0] < 2


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_build_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drill_pictures, "MOST_SECONDS", 0.5)  # so that it need not burn for long
    assert proved(name).missed


def test_the_same_seed_gives_the_same_mutants() -> None:
    one, same, other = (list(mutants([image()] * 5, 40, seed)) for seed in (5, 5, 6))
    assert one == same
    assert one != other


def test_every_honest_one_behind_the_mutants_has_something_that_must_not_come_out() -> None:
    found = 0
    for _name, data in mutants([image()] * 5, 200, 3):
        found += SECRET in data
        try:
            assert SECRET not in clean_picture(data).data
        except Unreadable:
            continue
    assert found > 50


def test_bytes_beside_the_pixels_are_counted() -> None:
    clean = saved(image(), "JPEG")
    assert drill_pictures._beside(clean) == 0
    assert drill_pictures._beside(clean + b"x") > 0
    assert drill_pictures._beside(saved(image(), "JPEG", comment=SECRET)) > 0


def test_what_is_printed_can_be_read_by_a_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        drill_pictures, "corpora", lambda **_asked: [Corpus("svg", [("svg", BOMBS["svg"]())])]
    )
    told = CliRunner().invoke(main, ["--no-prove", "--json", "--looks", "0"])
    assert told.exit_code == 0
    figures = [json.loads(line) for line in told.stdout.splitlines()]
    assert {each["name"] for each in figures} >= {
        "svg: worst CPU seconds to clean",
        "svg: metadata bytes out",
    }
    assert all(each["ok"] for each in figures)
