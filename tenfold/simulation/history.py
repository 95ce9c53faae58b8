"""What was asked of the product and what became of it, kept outside of the product.

Each request is two lines: "sent" before it leaves, then "answered", or "unknown" where the connection broke. What was
answered has to be in the database whatever happened since; what is unknown may be there or not.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TextIO

Kind = Literal["scan", "join", "screenshot", "approval"]
KINDS: tuple[Kind, ...] = ("scan", "join", "screenshot", "approval")
Told = dict[str, Any]


class History:
    """Written to `file` line by line, or nowhere."""

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    @contextmanager
    def asked(self, kind: Kind, **known: str) -> Iterator[Told]:
        """Around one request. What the answer tells is put into the dictionary given; `refused` there is a "no"."""
        number, told = next(self._numbers), Told()
        self._write(number, kind, "sent", known)
        try:
            yield told
        except BaseException:
            self._write(number, kind, "unknown", known)
            raise
        self._write(number, kind, "refused" if told.pop("refused", False) else "answered", known | told)

    def _write(self, number: int, kind: Kind, became: str, told: Told) -> None:
        if self._file is None:
            return
        line = json.dumps({"number": number, "kind": kind, "became": became, **told}, ensure_ascii=False)
        with self._lock:
            self._file.write(line + "\n")
            self._file.flush()


def read(path: Path) -> list[Told]:
    """The last word on every request, in the order they were sent: what broke off is "sent" to this day."""
    last: dict[int, Told] = {}
    for line in path.read_text().splitlines():
        told = json.loads(line)
        last[told["number"]] = told
    return [last[number] for number in sorted(last)]


def answered(history: list[Told], kind: Kind) -> list[Told]:
    return [told for told in history if told["kind"] == kind and told["became"] == "answered"]


def left_open(history: list[Told]) -> int:
    """How many requests nobody knows the end of."""
    return sum(told["became"] in ("sent", "unknown") for told in history)
