"""What several tests of the house look at."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT, done


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout: one looks into it, the other installs it."""
    folder = tmp_path_factory.mktemp("wheel")
    done(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    [wheel] = folder.glob("*.whl")
    return wheel
