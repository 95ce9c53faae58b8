from __future__ import annotations

from collections.abc import Iterator

import pytest

from tenfold.edge.front import Front
from tenfold.edge.pages import Pages
from tenfold.wsgi import application as wsgi


@pytest.fixture
def front(transactional_db: None) -> Iterator[Front]:
    """The application as it is served. Its threads have connections of their own, so rows must be committed."""
    application = Front(Pages(wsgi))
    yield application
    application.close()
