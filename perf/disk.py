"""A disk of one's own: an ext4 in a file, mounted by loop, that can lose its power and be filled to the last byte.

Needs root and a loop device. `power_off` asks ext4 to stop at once without writing anything more: what was not yet
synced is gone, as in a power cut.
"""

from __future__ import annotations

import fcntl
import os
import struct
import subprocess
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import click

# _IOR('X', 125, __u32), and "go down without flushing the journal"
EXT4_IOC_SHUTDOWN = (2 << 30) | (4 << 16) | (ord("X") << 8) | 125
EXT4_GOING_FLAGS_NOLOGFLUSH = 2
CHUNKS = (1 << 20, 1 << 12)


class Disk:
    """`with Disk(folder, megabytes=64) as disk:` and everything under `disk.root` lies on it."""

    def __init__(self, folder: Path, *, megabytes: int) -> None:
        self._image, self.root = folder / "disk.img", folder / "disk"
        self._size = megabytes << 20
        self._filler = self.root / "filler"

    def __enter__(self) -> Self:
        if os.geteuid() != 0:
            raise click.ClickException("This drill mounts a disk of its own, and only root may do that.")
        self.root.mkdir(parents=True)
        with self._image.open("wb") as image:
            image.truncate(self._size)
        # No blocks are kept for root: full is full for everybody.
        _do("mkfs.ext4", "-q", "-F", "-m", "0", str(self._image))
        self.mount()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        subprocess.run(["umount", "--lazy", str(self.root)], capture_output=True, check=False)

    def mount(self) -> None:
        _do("mount", "-o", "loop", str(self._image), str(self.root))

    def unmount(self) -> None:
        _do("umount", str(self.root))

    def power_off(self) -> None:
        """From now on nothing reaches the disk any more, and every access fails."""
        where = os.open(self.root, os.O_RDONLY)
        try:
            fcntl.ioctl(where, EXT4_IOC_SHUTDOWN, struct.pack("I", EXT4_GOING_FLAGS_NOLOGFLUSH))
        finally:
            os.close(where)

    def power_on(self) -> None:
        """After everybody who used it has ended: back as it is after a power cut, its own journal replayed."""
        self.unmount()
        self.mount()

    def fill(self) -> int:
        """Take what is free, to the last block; how many bytes that were. To be called again as more becomes free."""
        before = self._filler.stat().st_size if self._filler.exists() else 0
        for size in CHUNKS:
            with self._filler.open("ab", buffering=0) as filler, suppress(OSError):
                while filler.write(bytes(size)):
                    pass
        return self._filler.stat().st_size - before

    def free(self) -> None:
        self._filler.unlink()


def _do(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{' '.join(command)} failed: {done.stderr.strip()}")
