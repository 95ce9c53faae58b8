"""What the tests of a running server share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.server.test_really_served import lay_out


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with its tables and static files and nothing in them; to be copied, not used."""
    data = tmp_path_factory.mktemp("laid-out")
    lay_out(data)
    return data
