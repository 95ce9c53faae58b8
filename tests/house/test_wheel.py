"""The wheel holds all that the product needs to run away from the checkout."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest

from tests.house.tree import PACKAGE, files, shown

pytestmark = pytest.mark.wheel

# At least one of each kind must be there, or the comparison below would be content with an empty house.
KINDS = {
    "pages": r"tenfold/templates/.+\.html",
    "front-end files": r"tenfold/static/vendor/htmx/htmx\.min\.js",
    "own style": r"tenfold/static/(?!vendor/).+\.css",
    "fonts": r"tenfold/.+\.(?:ttf|otf)",
    "compiled translations": r"tenfold/locale/zh_Hans/LC_MESSAGES/django\.mo",
    "tables": r"tenfold/migrations/0001_\w+\.py",
    "command": r"tenfold-[^/]+\.dist-info/entry_points\.txt",
    "licence": r"tenfold-[^/]+\.dist-info/licenses/LICENSE",
    "notice": r"tenfold-[^/]+\.dist-info/licenses/NOTICE",
}


@pytest.fixture(scope="module")
def packed(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("kind", KINDS)
def test_wheel_holds(packed: set[str], kind: str) -> None:
    assert [name for name in packed if re.fullmatch(KINDS[kind], name)]


def test_wheel_holds_the_package_and_nothing_that_was_left_lying_there(packed: set[str]) -> None:
    known = files("--cached", "--others", "--exclude-standard", "--", "tenfold")
    compiled = [path.with_suffix(".mo") for path in (PACKAGE / "locale").rglob("*.po")]
    wanted = {shown(path) for path in [*known, *compiled]}
    assert {name for name in packed if name.startswith("tenfold/")} == wanted
