"""Screenshots on disk, looked at by the command."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner, Result
from django.conf import LazySettings
from PIL import Image

from tenfold.cli import main
from tenfold.people.models import Journey
from tenfold.posters.drawing import poster_of
from tenfold.posters.grounds import picture_of
from tenfold.simulation.screenshots import Screen, screenshot, some_look
from tenfold.up.review import Whose, sender_of
from tests import cast
from tests.conftest import FrozenClock
from tests.perf.review_ground import STEM, campaign, shot

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
# Whoever looks at files asks no database.
of_files = pytest.mark.pages
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


def in_english(found: dict[str, object]) -> str:
    told = found["told"]
    assert isinstance(told, dict)
    return str(told.get("en", ""))


@of_files
def test_ones_own_post_passes_with_the_evidence(told: Path, picture: Path) -> None:
    code, [found] = review(picture, "--campaign", told, "--code", MINE)
    assert (code, found["verdict"], found["reasons"], found["doubts"]) == (0, "pass", [], [])
    evidence = found["evidence"]
    assert isinstance(evidence, dict)
    assert evidence["belongs"] == {MINE: "own"}
    assert evidence["poster"]["score"] >= 0.5
    assert evidence["post"]["audience"] == "everyone"


@of_files
def test_somebody_elses_post_is_refused_by_its_code(told: Path, picture: Path) -> None:
    _code, [found] = review(picture, "--campaign", told, "--code", THEIRS)
    assert (found["verdict"], found["reasons"]) == ("fail", ["wrong_person"])
    assert in_english(found).startswith("This poster carries somebody else's code.")
    told_in = found["told"]
    assert isinstance(told_in, dict)
    assert "别人的" in told_in["zh"]


@of_files
def test_the_plan_is_asked(told: Path, picture: Path) -> None:
    _code, [found] = review(picture, "--campaign", told, "--code", MINE, "--place", "group")
    assert (found["verdict"], found["doubts"]) == ("ask", ["wrong_place"])


@of_files
def test_a_copy_of_what_another_has_sent_does_not_pass(told: Path, picture: Path) -> None:
    again = told.parent / "again.jpg"
    with Image.open(picture) as image:
        out = io.BytesIO()
        image.convert("RGB").resize((round(image.width * 0.8), round(image.height * 0.8))).save(out, "JPEG")
    again.write_bytes(out.getvalue())
    _code, [found] = review(again, "--campaign", told, "--code", MINE, "--earlier", picture)
    assert found["verdict"] != "pass"
    assert found["reasons"] == ["already_used"]


@of_files
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


@of_files
def test_what_is_no_picture_is_unreadable_and_the_others_are_looked_at(told: Path, picture: Path) -> None:
    bad = told.parent / "bad.png"
    bad.write_bytes(b"not a picture")
    code, found = review(bad, told.parent / "missing.png", picture, "--campaign", told, "--code", MINE)
    assert code == 2
    assert [each["verdict"] for each in found] == ["unreadable", "error", "pass"]
    assert [in_english(each) for each in found] == [
        "This is not a picture we can read. JPEG, PNG and WebP work.",
        "No such file or directory.",
        "",
    ]
    assert review(bad, "--campaign", told, "--code", MINE)[0] == 1


@of_files
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


@pytest.fixture
def mia() -> Journey:
    return cast.joins(cast.live(), "Mia")


def posted(of: Journey, folder: Path, screen: Screen = "post") -> Path:
    """Their own poster, as the server gives it out, on their phone."""
    dice = Random(3)
    poster = picture_of(poster_of(of.code, language="en", owner=of), media_type="image/jpeg")
    path = folder / f"{screen}.png"
    look = some_look(dice, is_chinese=False)
    path.write_bytes(screenshot(poster, nickname="Mia", look=look, dice=dice, screen=screen))
    return path


def review_of(journey: Journey, *arguments: object) -> Result:
    named = ["--campaign", journey.campaign_id, "--slug", journey.code.slug]
    return CliRunner().invoke(main, ["review", *map(str, (*arguments, *named))])


def found_in(done: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_code_at_another_address_than_the_public_one_is_told_once(
    mia: Journey, tmp_path: Path, settings: LazySettings
) -> None:
    settings.PUBLIC_URL = "https://join.example.org"
    own = posted(mia, tmp_path)
    done = review_of(mia, own)
    [found] = found_in(done)
    assert (done.exit_code, found["elsewhere"], done.stderr) == (0, [], "")
    assert "code_decoded" in found["found"]  # type: ignore[operator]
    settings.PUBLIC_URL = "http://127.0.0.1:8000"
    done = review_of(mia, own, own)
    assert done.exit_code == 2
    address = f"HTTPS://JOIN.EXAMPLE.ORG/C/{mia.code.slug}"
    assert [each["elsewhere"] for each in found_in(done)] == [[address], [address]]
    [line] = done.stderr.splitlines()
    for named in ("'https://join.example.org'", "'http://127.0.0.1:8000'", "TENFOLD_PUBLIC_URL"):
        assert named in line


def test_an_earlier_one_at_another_address_counts_too(
    mia: Journey, tmp_path: Path, settings: LazySettings
) -> None:
    settings.PUBLIC_URL = "https://join.example.org"
    earlier = posted(mia, tmp_path)
    settings.PUBLIC_URL = "https://other.example.org"
    done = review_of(mia, posted(mia, tmp_path, "chat"), "--earlier", earlier)
    [found] = found_in(done)
    assert (done.exit_code, found["elsewhere"]) == (2, [f"HTTPS://JOIN.EXAMPLE.ORG/C/{mia.code.slug}"])
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("has_address", [False, True])
def test_where_no_code_was_read_an_address_that_nobody_set_is_told(
    mia: Journey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_address: bool
) -> None:
    monkeypatch.delenv("TENFOLD_PUBLIC_URL", raising=False)
    if has_address:
        monkeypatch.setenv("TENFOLD_PUBLIC_URL", "http://127.0.0.1:8000")
    picture = tmp_path / "teal.png"
    picture.write_bytes(cast.picture_bytes())
    done = review_of(mia, picture)
    assert done.exit_code == 0
    assert ("TENFOLD_PUBLIC_URL is not set" in done.stderr) is not has_address


def test_how_long_they_have_had_their_code_is_told_as_if_it_were_sent_now(
    frozen: FrozenClock, mia: Journey
) -> None:
    whose = Whose(str(mia.campaign_id), slug=mia.code.slug)
    frozen.move_to(mia.code.created_at + timedelta(hours=1))
    assert sender_of(whose, {}).code_minutes == 60
    frozen.advance(seconds=1)
    assert sender_of(whose, {}).code_minutes == 61


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["--campaign", "nowhere.json", "--code", MINE], "nowhere.json"),
        (["--campaign", "nowhere.json"], "no such file, and no campaign with that id"),
        (["--campaign", "nonsense", "--slug", "X"], "nonsense: no such file, and no campaign with that id"),
        (
            ["--campaign", "0197a000-0000-7000-8000-000000000000", "--slug", "X"],
            "has no campaign with the id",
        ),
        (["--campaign", "{files}"], "--code"),
        (["--campaign", "{rows}"], "Whose screenshots"),
        (["--campaign", "{rows}", "--slug", "X"], "no such participant"),
    ],
)
def test_what_cannot_be_held_against_anything_is_told(
    told: Path, picture: Path, arguments: list[str], why: str
) -> None:
    rows = cast.live().campaign.id
    named = [each.format(files=told, rows=rows) for each in arguments]
    done = CliRunner().invoke(main, ["review", str(picture), *named])
    assert done.exit_code == 1
    assert why in done.output


@of_files
def test_a_code_that_is_no_address_is_wondered_at(told: Path, picture: Path) -> None:
    done = CliRunner().invoke(main, ["review", str(picture), "--campaign", str(told), "--code", "AbCdEf0123"])
    assert "'AbCdEf0123' is no address" in done.stderr
    own = CliRunner().invoke(main, ["review", str(picture), "--campaign", str(told), "--code", MINE])
    assert own.stderr == ""


@pytest.mark.parametrize("has_empty_one", [False, True])
def test_without_its_database_one_line_says_so_and_nothing_is_made(
    tmp_path: Path, has_empty_one: bool
) -> None:
    if has_empty_one:
        (tmp_path / ".data").mkdir()
        (tmp_path / ".data" / "tenfold.sqlite3").touch()
    before = sorted(tmp_path.rglob("*"))
    names = {"DATABASE_URL", "TENFOLD_DATA", "TENFOLD_SECRET_KEY", "TENFOLD_TEST_DATABASE"}
    around = {name: value for name, value in os.environ.items() if name not in names}
    named = ["x.png", "--campaign", "0197a000-0000-7000-8000-000000000000", "--slug", "X"]
    command = [sys.executable, "-m", "tenfold.cli", "review", *named]
    done = subprocess.run(command, cwd=tmp_path, env=around, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert str(tmp_path / ".data" / "tenfold.sqlite3") in line
    assert sorted(tmp_path.rglob("*")) == before
