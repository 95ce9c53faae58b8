"""What passes between us and a process that handles pictures from strangers: a little JSON, and bytes behind it.

Never pickled: whoever reads a pickle does what its writer wants, and the writer may be a decoder that a hostile picture
has taken over. The reader's bounds hold before anything is kept.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_LENGTH = struct.Struct(">I")
MOST_TOLD = 1024 * 1024
MOST_BLOBS = 64
MOST_BYTES = 64 * 1024 * 1024


class Garbled(Exception):
    """It is no frame."""


@dataclass(frozen=True)
class Frame:
    told: dict[str, Any] = field(default_factory=dict)
    blobs: tuple[bytes, ...] = ()


def packed(frame: Frame) -> list[bytes]:
    """The pieces to be written one after the other."""
    told = frame.told | {"blobs": [len(blob) for blob in frame.blobs]}
    head = json.dumps(told, allow_nan=False).encode("ascii")
    return [_LENGTH.pack(len(head)) + head, *frame.blobs]


def unpacked(take: Callable[[int], bytes]) -> Frame:
    """The next frame; `take` gives exactly as many bytes as it is asked for. Raises Garbled."""
    (length,) = _LENGTH.unpack(take(_LENGTH.size))
    if length > MOST_TOLD:
        raise Garbled("too much told")
    told = _told(take(length))
    lengths = told.pop("blobs", None)
    if not _are_lengths(lengths):
        raise Garbled("no lengths")
    return Frame(told, tuple(take(length) for length in lengths))


def _told(head: bytes) -> dict[str, Any]:
    try:
        told = json.loads(head)
    except (ValueError, RecursionError) as error:
        raise Garbled("no JSON") from error
    if not isinstance(told, dict):
        raise Garbled("no names")
    return told


def _are_lengths(lengths: Any) -> bool:
    if not isinstance(lengths, list) or len(lengths) > MOST_BLOBS:
        return False
    are_whole = all(type(length) is int and length >= 0 for length in lengths)
    return are_whole and sum(lengths) <= MOST_BYTES
