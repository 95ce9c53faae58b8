"""Pairs of fingerprints on their way to the process that looks at screenshots, and back which of them may be one shot.

Comparing takes up to a third of a second of CPU a look, and nearly all of it is spent on what is not alike: whoever
looks is nice to everybody else, the worker is not. It only sifts: whoever asked compares anew what may be alike.
"""

from __future__ import annotations

from collections.abc import Sequence

from tenfold.imaging import plain
from tenfold.imaging.frames import Frame


def packed(pairs: Sequence[tuple[bytes, bytes]]) -> Frame:
    """The sender's part: each print once, however many it is compared with."""
    prints = list(dict.fromkeys(each for pair in pairs for each in pair))
    at = {each: nth for nth, each in enumerate(prints)}
    return Frame({"do": "sift", "pairs": [[at[one], at[other]] for one, other in pairs]}, tuple(prints))


def sifted(task: Frame) -> Frame:
    """The part of who compares."""
    from tenfold.imaging.likeness import alike

    found = [alike(task.blobs[one], task.blobs[other]) for one, other in task.told["pairs"]]
    return Frame({"may_be": [each.kind != "other" for each in found]})


def read(answer: Frame, count: int) -> tuple[bool, ...]:
    """Of each of so many pairs whether it may be one shot. Raises Misread."""
    may_be = plain.read(tuple[bool, ...], answer.told.get("may_be"))
    if len(may_be) != count:
        raise plain.Misread("not of each pair")
    return may_be
