"""Screenshots on disk, looked at by the command."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from tenfold.cli import main
from tests import cast
from tests.perf.review_ground import STEM, campaign, shot

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
MINE, THEIRS = STEM + "AbCdEf0123", STEM + "GhIjKl4567"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return campaign(tmp_path_factory.mktemp("campaigns"), "K0", 3)


@pytest.fixture(scope="module")
def picture(told: Path) -> Path:
    path = told.parent / "shot.png"
    path.write_bytes(shot(told, code=MINE, seed=5).data)
    return path


def review(*arguments: object) -> tuple[int, list[dict[str, object]]]:
    done = CliRunner().invoke(main, ["review", *map(str, arguments)])
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return done.exit_code, lines


def test_ones_own_post_passes_with_the_evidence(told: Path, picture: Path) -> None:
    code, [found] = review(picture, "--campaign", told, "--code", MINE)
    assert (code, found["verdict"], found["reasons"], found["doubts"]) == (0, "pass", [], [])
    evidence = found["evidence"]
    assert isinstance(evidence, dict)
    assert evidence["belongs"] == {MINE: "own"}
    assert evidence["poster"]["score"] >= 0.5
    assert evidence["post"]["audience"] == "everyone"


def test_somebody_elses_post_is_refused_by_its_code(told: Path, picture: Path) -> None:
    _code, [found] = review(picture, "--campaign", told, "--code", THEIRS)
    assert (found["verdict"], found["reasons"]) == ("fail", ["wrong_person"])


def test_the_plan_is_asked(told: Path, picture: Path) -> None:
    _code, [found] = review(picture, "--campaign", told, "--code", MINE, "--place", "group")
    assert (found["verdict"], found["doubts"]) == ("ask", ["wrong_place"])


def test_a_copy_of_what_another_has_sent_does_not_pass(told: Path, picture: Path) -> None:
    again = told.parent / "again.jpg"
    with Image.open(picture) as image:
        out = io.BytesIO()
        image.convert("RGB").resize((round(image.width * 0.8), round(image.height * 0.8))).save(out, "JPEG")
    again.write_bytes(out.getvalue())
    _code, [found] = review(again, "--campaign", told, "--code", MINE, "--earlier", picture)
    assert found["verdict"] != "pass"
    assert found["reasons"] == ["already_used"]


def test_of_several_earlier_ones_the_gravest_counts_and_the_same_bytes_are_told(
    told: Path, picture: Path
) -> None:
    """A friend's, of which it is a copy, and one with both codes in it: as the worker holds them against it."""
    theirs = told.parent / "theirs.png"
    theirs.write_bytes(shot(told, code=THEIRS, seed=6).data)
    earlier = ("--earlier", theirs, "--earlier", picture)
    _code, [found] = review(picture, "--campaign", told, "--code", THEIRS, *earlier)
    assert isinstance(found["evidence"], dict)
    same = found["evidence"]["same"]
    assert (same["file"], same["kind"], same["has_own_code"]) == (str(picture), "exact", False)
    assert found["reasons"] == ["already_used", "wrong_person"]


def test_what_is_no_picture_is_unreadable_and_the_others_are_looked_at(told: Path, picture: Path) -> None:
    bad = told.parent / "bad.png"
    bad.write_bytes(b"not a picture")
    code, found = review(bad, told.parent / "missing.png", picture, "--campaign", told, "--code", MINE)
    assert code == 1
    assert [each["verdict"] for each in found] == ["unreadable", "unreadable", "pass"]
    assert [each["told"] for each in found[:2]] == ["not_a_picture", "No such file or directory"]


def test_an_earlier_one_that_is_no_picture_is_told(told: Path, picture: Path) -> None:
    bad = told.parent / "earlier.png"
    bad.write_bytes(b"not a picture")
    arguments = ["review", str(picture), "--campaign", str(told), "--code", MINE, "--earlier", str(bad)]
    done = CliRunner().invoke(main, arguments)
    assert (done.exit_code, "earlier.png" in done.output) == (1, True)
    assert isinstance(done.exception, SystemExit)


def test_a_participant_of_the_database(tmp_path: Path) -> None:
    stage = cast.live()
    journey = cast.joins(stage, "Ana")
    picture = tmp_path / "teal.png"
    picture.write_bytes(cast.picture_bytes())
    code, [found] = review(picture, "--campaign", journey.campaign_id, "--slug", journey.code.slug.lower())
    assert (code, found["verdict"], found["reasons"]) == (0, "ask", ["no_poster"])


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--campaign", "nowhere.json", "--code", MINE], "nowhere.json"),
        (["--campaign", "nowhere.json"], "--code"),
        (["--campaign", "0197a000-0000-7000-8000-000000000000"], "Whose screenshots"),
        (["--campaign", "0197a000-0000-7000-8000-000000000000", "--slug", "X"], "no such participant"),
    ],
)
def test_what_cannot_be_held_against_anything_is_told(picture: Path, arguments: list[str], why: str) -> None:
    done = CliRunner().invoke(main, ["review", str(picture), *arguments])
    assert done.exit_code == 1
    assert why in done.output
