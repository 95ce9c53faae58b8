"""The fonts in the package: they draw what they say they can, and the script that made them is repeatable."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

import tenfold.imaging.fonts
from tenfold.imaging.fonts import COVERED, emboldened, face

FOLDER = Path(tenfold.imaging.fonts.__file__).parent
SANS, SERIF = FOLDER / "TenfoldSans-SC.ttf", FOLDER / "TenfoldSerif-SC.otf"


@pytest.fixture(scope="module", params=[SANS, SERIF], ids=["sans", "serif"])
def font(request: pytest.FixtureRequest) -> TTFont:
    return TTFont(request.param)


@pytest.fixture(scope="module")
def script() -> ModuleType:
    place = Path(__file__).parents[2] / "tools" / "subset_font.py"
    spec = importlib.util.spec_from_file_location("subset_font", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_listed_characters_are_those_of_the_font(font: TTFont) -> None:
    inside = {chr(code) for code in font.getBestCmap() if not 0xE000 <= code <= 0xF8FF}
    assert inside == COVERED


def test_every_ideograph_of_gb2312_is_there(script: ModuleType) -> None:
    gb2312 = {chr(code) for code in script.gb2312()}
    assert len([character for character in gb2312 if "\u4e00" <= character <= "\u9fff"]) == 6763
    assert len(gb2312) == 7445
    assert {c for c in gb2312 - COVERED if c >= "\u4e00"} == set()


def test_latin_and_names_are_there(script: ModuleType) -> None:
    assert {chr(code) for code in range(0x20, 0x7F)} <= COVERED
    assert set(script.NAME_CHARACTERS) <= COVERED
    assert set("“”‘’…—，。！？、；：（）《》「」『』￥→←↑↓■□●○☆★✓·") <= COVERED


def test_narrow_marks_are_where_texts_expects_them(font: TTFont, script: ModuleType) -> None:
    cmap, widths = font.getBestCmap(), font["hmtx"]
    for offset, mark in enumerate(script.NARROW_MARKS):
        narrow, wide = cmap[script.NARROW_FROM + offset], cmap[ord(mark)]
        assert narrow != wide
        assert mark == "…" or widths[narrow][0] < widths[wide][0] / 2


def test_weights_can_be_chosen(script: ModuleType) -> None:
    axis = TTFont(SANS)["fvar"].axes[0]
    assert (axis.axisTag, axis.minValue, axis.maxValue) == ("wght", *script.WEIGHTS)
    inked = [sum(face(80, weight).getmask("读完十本书")) for weight in (400, 600, 800)]
    assert inked[0] * 1.15 < inked[1]
    assert inked[1] * 1.1 < inked[2]


def test_renamed_and_licensed(font: TTFont) -> None:
    names = {record.nameID: record.toUnicode() for record in font["name"].names}
    assert names[1] in {"Tenfold Sans SC", "Tenfold Serif SC"}
    assert "Source" not in names[1] + names[4] + names[6]
    assert "Open Font License" in names[13]
    for licence in ("OFL.txt", "OFL-serif.txt"):
        assert "SIL OPEN FONT LICENSE Version 1.1" in (FOLDER / licence).read_text("utf-8")


def test_serif_is_made_heavier_by_thicker_strokes() -> None:
    assert [emboldened(100, weight, "serif") for weight in (100, 400, 900)] == [0, 0, pytest.approx(1.75)]
    assert emboldened(100, 900, "sans") == 0
    assert face(40, 900) is not None


def test_readme_names_the_files_that_are_here(script: ModuleType) -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    for origin in (script.SANS, script.SERIF):
        assert hashlib.sha256((FOLDER / origin.file).read_bytes()).hexdigest() in readme
        assert origin.sha256 in readme
        assert (FOLDER / origin.file).stat().st_size < 4_000_000


def test_faces_are_kept() -> None:
    assert face(40, 700) is face(40, 700)
    assert face(40, 700) is not face(40, 600)


def test_threads_may_share_a_face() -> None:
    def drawn(_: int) -> bytes:
        return bytes(face(64, 800).getmask("十传百，百传千"))

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(drawn, range(200)))) == 1
