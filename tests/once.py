"""A stage made once for a file: what a test does to it is taken back after the test.

For files of which no test commits: the transaction around the stage stays open as long as it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from pytest_django import DjangoDbBlocker

from tests.cast import Stage
from tests.conftest import A_MONDAY, FrozenClock


@dataclass(frozen=True)
class Staged:
    """A stage, and the moment at which it was ready."""

    stage: Stage
    at: datetime

    def begin(self, frozen: FrozenClock) -> Stage:
        """For one test: the clock stands at that moment, and what is set on these rows no other test sees."""
        frozen.move_to(self.at)
        return deepcopy(self.stage)


@contextmanager
def staged(blocker: DjangoDbBlocker, make: Callable[[FrozenClock], Stage]) -> Iterator[Staged]:
    """Made while the clock stands as the fixture `frozen` lets it stand."""
    frozen = FrozenClock(A_MONDAY)
    with blocker.unblock(), transaction.atomic():
        yield Staged(make(frozen), frozen.now)
        transaction.set_rollback(True)
