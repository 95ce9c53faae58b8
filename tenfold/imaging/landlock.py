"""Shutting a process out of the file system, where the kernel can (Linux from 5.13 on, by Landlock).

What is open stays open. Nothing can be written, removed or sent any more, and read only what Python itself may still
have to load. It cannot be undone, and needs no right of ours.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # the same on every machine
_BENEATH = 1
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_FILES = ((1, (1 << 13) - 1), (2, 1 << 13), (3, 1 << 14))
"""From which version of Landlock on which ways to a file can be shut."""
_NETWORK, _SIGNALS = (4, 0b11), (6, 0b11)
_NO_NEW_PRIVILEGES = 38


def shut_in(readable: Iterable[Path]) -> bool:
    """From now on only what lies beneath these folders can be opened; False where the kernel has no such thing."""
    if sys.platform != "linux":
        return False
    system = ctypes.CDLL(None)
    version = system.syscall(_CREATE, None, 0, 1)
    if version < 1:
        return False
    files = sum(ways for since, ways in _FILES if version >= since)
    network, signals = (ways if version >= since else 0 for since, ways in (_NETWORK, _SIGNALS))
    # An older kernel takes a shorter form, and a longer one whose rest is empty.
    form = struct.pack("=QQQ", files, network, signals)
    rules = system.syscall(_CREATE, form, len(form), 0)
    if rules < 0:
        return False
    for folder in readable:
        _allow(system, rules, folder)
    system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    is_shut: bool = system.syscall(_RESTRICT, rules, 0) == 0
    os.close(rules)
    return is_shut


def _allow(system: ctypes.CDLL, rules: int, folder: Path) -> None:
    try:
        at = os.open(folder, os.O_PATH | os.O_DIRECTORY)
    except OSError:
        return
    system.syscall(_ADD, rules, _BENEATH, struct.pack("=Qi", _READ_FILE | _READ_FOLDER, at), 0)
    os.close(at)


def of_python() -> list[Path]:
    """Where Python and what it loads lie, ours among it, and what it is told of itself."""
    import tenfold

    library = Path(os.__file__).parent
    folders = [Path(sys.prefix), library, *map(Path, ("/usr/lib", "/usr/lib64", "/lib", "/lib64"))]
    return [*folders, Path(tenfold.__file__).parent, Path("/proc/self")]
