"""The threads of a worker that look at screenshots: how many, and how they come and go."""

from __future__ import annotations

import threading
import time

import pytest
from django.conf import LazySettings
from django.db import OperationalError

from tenfold.flow import lookers
from tenfold.flow.lookers import Lookers, usual_count
from tenfold.proofs.models import Proof
from tests.story.looker import PROVEN, Looker, reviewed, sent

PATIENCE_SECONDS = 60.0


class Child(Looker):
    """Stands in for a process of its own."""

    made: list[Child] = []

    def __init__(self, _limits: object) -> None:
        super().__init__(PROVEN)
        self.is_closed = False
        self.made.append(self)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture(autouse=True)
def _children(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Child, "made", [])
    monkeypatch.setattr(lookers, "Child", Child)
    monkeypatch.setattr(lookers, "IDLE_SECONDS", 0.01)


def until(is_so: object) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < end, "it never came"
        threading.Event().wait(0.02)


@pytest.mark.django_db(transaction=True)
def test_they_look_at_what_is_due_and_leave_when_told() -> None:
    stage = reviewed("automatic")
    names = ("Ann", "Ben", "Cai")
    for name in names:
        sent(stage, name)
    stopping = threading.Event()
    crew = Lookers(stopping, 2)
    crew.start()
    until(lambda: Proof.objects.filter(state="approved", is_machine=True).count() == len(names))
    stopping.set()
    crew.leave()
    assert [child.is_closed for child in Child.made] == [True, True]
    assert sum(len(child.claims) for child in Child.made) == len(names)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("looker-")]


def test_trouble_does_not_end_them(monkeypatch: pytest.MonkeyPatch) -> None:
    troubles = [OperationalError("gone"), RuntimeError("a mistake of ours")]
    stopping = threading.Event()

    def looks(_child: object) -> bool:
        if troubles:
            raise troubles.pop()
        stopping.set()
        return False

    monkeypatch.setattr(lookers, "look_next", looks)
    monkeypatch.setattr(lookers, "TROUBLE_SECONDS", 0.01)
    crew = Lookers(stopping, 1)
    crew.start()
    until(stopping.is_set)
    crew.leave()
    assert troubles == []


@pytest.mark.parametrize(
    ("can_look", "asked", "cores", "count"),
    [(True, None, 4, 3), (True, None, 1, 1), (True, 0, 4, 0), (True, 7, 2, 7), (False, 7, 4, 0)],
)
def test_how_many_there_are(
    can_look: bool,
    asked: int | None,
    cores: int,
    count: int,
    monkeypatch: pytest.MonkeyPatch,
    settings: LazySettings,
) -> None:
    monkeypatch.setattr(lookers, "can_look", lambda: can_look)
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    settings.REVIEWERS = asked
    assert usual_count() == count
