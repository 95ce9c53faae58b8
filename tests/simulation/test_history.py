"""The history tells what was asked and what became of it, and the drill's comparison sees every loss."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tenfold.simulation.doors import Unreachable
from tenfold.simulation.history import History, answered, left_open, read


def test_every_request_is_told_before_it_leaves() -> None:
    file = io.StringIO()
    with History(file).asked("scan", slug="AB"):
        [sent] = file.getvalue().splitlines()
    assert json.loads(sent) == {"number": 1, "kind": "scan", "became": "sent", "slug": "AB"}


def test_answered_refused_and_broken_off_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    with path.open("w") as file:
        history = History(file)
        with history.asked("scan", slug="AB") as told:
            told["visitor"] = "v1"
        with history.asked("join", visitor="v1") as told:
            told["refused"] = True
        with pytest.raises(Unreachable), history.asked("join", visitor="v2"):
            raise Unreachable
    history_read = read(path)
    assert [(each["kind"], each["became"]) for each in history_read] == [
        ("scan", "answered"),
        ("join", "refused"),
        ("join", "unknown"),
    ]
    assert answered(history_read, "scan")[0]["visitor"] == "v1"
    assert answered(history_read, "join") == []
    assert left_open(history_read) == 1


def test_a_history_that_ends_in_the_middle_leaves_the_last_request_open(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    with path.open("w") as file:
        history = History(file)
        for _nth in range(2):
            with history.asked("scan", slug="AB"):
                pass
    path.write_text("\n".join(path.read_text().splitlines()[:3]) + "\n")
    assert [each["became"] for each in read(path)] == ["answered", "sent"]
    assert left_open(read(path)) == 1


def test_without_a_file_nothing_is_kept() -> None:
    with History().asked("scan", slug="AB") as told:
        told["visitor"] = "v1"
