"""Compiles the translations: a build hook for the wheel and the editable install, a script for a checkout.

The compiled catalogues are not committed; Babel makes them without the gettext programs: a user needs none.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

HERE = Path(__file__).resolve().parent


class CustomBuildHook(BuildHookInterface[Any]):
    """Makes the .mo files and has them packed although version control ignores them."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        compiled = compile_translations(Path(self.root))
        build_data["artifacts"].extend(path.relative_to(self.root).as_posix() for path in compiled)


def compile_translations(root: Path) -> list[Path]:
    """Compile every catalogue under `root`/tenfold/locale; give the paths of the .mo files made."""
    return [_compile(source) for source in sorted(root.glob("tenfold/locale/*/LC_MESSAGES/*.po"))]


def _compile(source: Path) -> Path:
    with source.open("rb") as file:
        catalog = read_po(file, locale=source.parts[-3], abort_invalid=True)
    target = source.with_suffix(".mo")
    # A running server may load the catalogue at this moment: it must see the old one or the new, never half.
    # Nor do two builds at once get in each other's way: each has a file of its own.
    unfinished = target.with_suffix(f".mo.{os.getpid()}.new")
    with unfinished.open("wb") as file:
        write_mo(file, catalog)
    return unfinished.replace(target)


if __name__ == "__main__":
    compile_translations(HERE)
