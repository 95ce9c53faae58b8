"""Pairs of fingerprints on their way to the process that looks at screenshots, and back how alike each two are.

Comparing takes up to a third of a second of CPU a look: whoever looks is nice to everybody else, the worker is not.
"""

from __future__ import annotations

from collections.abc import Sequence

from tenfold.imaging import plain
from tenfold.imaging.frames import Frame
from tenfold.imaging.seen import Likeness


def packed(pairs: Sequence[tuple[bytes, bytes]]) -> Frame:
    """The sender's part: each print once, however many it is compared with."""
    prints = list(dict.fromkeys(each for pair in pairs for each in pair))
    at = {each: nth for nth, each in enumerate(prints)}
    return Frame({"do": "alike", "pairs": [[at[one], at[other]] for one, other in pairs]}, tuple(prints))


def compared(task: Frame) -> Frame:
    """The part of who compares."""
    from tenfold.imaging.likeness import alike

    found = [alike(task.blobs[one], task.blobs[other]) for one, other in task.told["pairs"]]
    return Frame({"found": plain.told(found)})


def read(answer: Frame, count: int) -> tuple[Likeness, ...]:
    """What was found of so many pairs. Raises Misread."""
    found = plain.read(tuple[Likeness, ...], answer.told.get("found"))
    if len(found) != count:
        raise plain.Misread("not of each pair")
    return found
