"""The checkout as the tests of the house see it."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "tenfold"
VENDOR = PACKAGE / "static" / "vendor"


def files(*which: str) -> list[Path]:
    """The files that version control knows (`git ls-files` with these arguments) and that are still here."""
    done = subprocess.run(
        ["git", "ls-files", "-z", *which], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def done(*command: str | Path) -> None:
    told = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert told.returncode == 0, told.stdout + told.stderr


def product_code() -> list[Path]:
    """The product's own modules; a migration is as long as it is, and is written by Django."""
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts]


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def shown(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
