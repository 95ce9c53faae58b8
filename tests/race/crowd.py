"""Many at once: real threads with connections of their own, let go at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

from tenfold.base.refusal import Refusal

R = TypeVar("R")
THREADS = 50
PATIENCE_SECONDS = 120


def all_at_once(acts: Sequence[Callable[[], R]]) -> list[R | Refusal]:
    """What became of each act, in their order; a Refusal is an answer, any other exception ends the test."""
    barrier = threading.Barrier(len(acts), timeout=PATIENCE_SECONDS)

    def run(act: Callable[[], R]) -> R | Refusal:
        try:
            connections["default"].ensure_connection()
            barrier.wait()
            return act()
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=len(acts)) as pool:
        return list(pool.map(run, acts, timeout=PATIENCE_SECONDS))


def codes_of(answers: Sequence[object]) -> list[str]:
    """The refusals among the answers, by their codes."""
    return [answer.code for answer in answers if isinstance(answer, Refusal)]
