"""The documents and the code say the same."""

from __future__ import annotations

import re
from pathlib import Path

import click

from tenfold.cli import main

HERE = Path(__file__).resolve().parent.parent.parent
README = (HERE / "README.md").read_text()
# Set by the programs that start others, never by a person.
INNER = {"TENFOLD_TEST_DATABASE"}


def test_every_setting_is_told_in_the_readme_and_every_told_one_exists() -> None:
    code = (HERE / "tenfold" / "settings.py").read_text()
    read = set(re.findall(r'"(TENFOLD_[A-Z_]+|DATABASE_URL)"', code)) - INNER
    table = README[README.index("### Settings") : README.index("## Read the code")]
    told = set(re.findall(r"`(TENFOLD_[A-Z_]+|DATABASE_URL)`", table))
    assert told == read


def test_every_command_of_the_readme_exists() -> None:
    assert isinstance(main, click.Group)
    commands = set(main.commands)
    told = set(re.findall(r"^    (?:[A-Z_]+=\S+ )*tenfold (\w+)", README, re.MULTILINE))
    assert told
    assert told <= commands


def test_every_decision_is_numbered_in_order_and_says_what_was_decided() -> None:
    decisions = sorted((HERE / "decisions").glob("*.md"))
    assert [page.name[:4] for page in decisions] == [f"{n:04}" for n in range(1, len(decisions) + 1)]
    for page in decisions:
        text = page.read_text()
        assert text.startswith(f"# {int(page.name[:4])}. "), page.name


def test_every_room_stands_in_the_architecture() -> None:
    page = (HERE / "ARCHITECTURE.md").read_text()
    rooms = {path.parent.name for path in (HERE / "tenfold").glob("*/__init__.py")} - {"migrations"}
    missing = {room for room in rooms if f"`{room}`" not in page}
    assert not missing
