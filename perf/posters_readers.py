"""Five programs that read JPEG, each asked to complain about everything it does not like.

Two are libraries of this environment. `djpeg` and `vips` are Debian's (libjpeg-turbo-progs, libvips-tools); OpenCV and
Skia are installed into an environment of their own below `.cache`, so that the product's stays small. What is not there
and cannot be had is skipped, and said to be.

All but Pillow and vips make a picture of an eighth of the size: they read every byte of the file all the same, and it
is there that they find what is wrong with it.
"""

from __future__ import annotations

import io
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import venv
import warnings
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import simplejpeg
from PIL import Image

PLACE = Path(__file__).parents[1] / ".cache" / "readers"
PACKAGES = {"opencv": "opencv-python-headless", "skia": "skia-python"}
_CHILD = Path(__file__).with_name("posters_reader.py")


class Reader(ABC):
    """`complaint` is what it says about a file, empty if nothing."""

    def __init__(self, name: str) -> None:
        self.name = name

    @abstractmethod
    def complaint(self, data: bytes) -> str: ...


class Pillow(Reader):
    def complaint(self, data: bytes) -> str:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                Image.open(io.BytesIO(data)).load()
        except (OSError, ValueError, Warning) as error:
            return str(error) or type(error).__name__
        return ""


class SimpleJpeg(Reader):
    def complaint(self, data: bytes) -> str:
        try:
            simplejpeg.decode_jpeg(data, min_factor=8, strict=True)
        except ValueError as error:
            return str(error)
        return ""


class Program(Reader):
    """One that is started for each file; `command` has FILE where the file stands, and is silent when content."""

    def __init__(self, name: str, command: list[str], folder: Path) -> None:
        super().__init__(name)
        self._file = folder / f"{name}.jpg"
        self._command = [part.replace("FILE", str(self._file)) for part in command]

    def complaint(self, data: bytes) -> str:
        self._file.write_bytes(data)
        done = subprocess.run(self._command, capture_output=True, text=True, check=False)
        return done.stderr.strip() or (f"exit {done.returncode}" if done.returncode else "")


class Child(Reader):
    """A library in a process of its own, which answers a line a file; what it writes beside that is a complaint."""

    def __init__(self, name: str, python: Path, folder: Path) -> None:
        super().__init__(name)
        self._said = (folder / f"{name}.txt").open("w+b")
        self._process = subprocess.Popen(
            [python, _CHILD, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said
        )
        self._read = 0

    def complaint(self, data: bytes) -> str:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(struct.pack(">I", len(data)) + data)
        self._process.stdin.flush()
        answer = self._process.stdout.readline().decode().strip()
        size = os.fstat(self._said.fileno()).st_size
        said, self._read = os.pread(self._said.fileno(), size - self._read, self._read), size
        return said.decode(errors="replace").strip() or ("" if answer == "ok" else answer or "it died")

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()
        self._said.close()


@contextmanager
def readers() -> Iterator[tuple[list[Reader], list[str]]]:
    """All that can be had, and why the others cannot."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="readers-")))
        found: list[Reader] = [Pillow("pillow"), SimpleJpeg("simplejpeg")]
        skipped = []
        for name, command in {
            "djpeg": ["djpeg", "-strict", "-scale", "1/8", "-outfile", os.devnull, "FILE"],
            "vips": ["vips", "avg", "FILE[fail_on=warning]"],
        }.items():
            if shutil.which(name):
                found.append(Program(name, command, folder))
            else:
                skipped.append(f"{name} is not installed")
        python = _python()
        for name in PACKAGES:
            if python and _has(python, name):
                child = Child(name, python, folder)
                stack.callback(child.close)
                found.append(child)
            else:
                skipped.append(f"{PACKAGES[name]} could not be installed into {PLACE.name}")
        yield found, skipped


def _python() -> Path | None:
    python = PLACE / "bin" / "python"
    if not python.exists():
        print(f"Installing {', '.join(PACKAGES.values())} into .cache/readers (once) ...", file=sys.stderr)
        venv.create(PLACE, with_pip=True)
        for package in PACKAGES.values():
            pip: list[str | Path] = [
                python,
                "-m",
                "pip",
                "install",
                "--quiet",
                "--only-binary",
                ":all:",
                package,
            ]
            subprocess.run(pip, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return python if python.exists() else None


def _has(python: Path, name: str) -> bool:
    return subprocess.run([python, _CHILD, name], input=b"", capture_output=True, check=False).returncode == 0
