"""Screens of other apps are drawn with fonts that not every machine has."""

from __future__ import annotations

import pytest

from perf.looks import ink
from perf.looks.ink import NoFont, path_of


def _has_fonts() -> bool:
    try:
        return all(
            path_of(name) for face in ink.TYPEFACES.values() for name in (*face.latin, *face.ideographs)
        )
    except NoFont:
        return False


NEEDS_FONTS = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not _has_fonts(), reason="needs fonts-noto-cjk, fonts-wqy-microhei, fonts-dejavu-core"
    ),
]
