"""What holds for every race."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.server.test_really_served import until

DEADLOCKS = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
# A session tells the statistics what it met before it is gone from here.
OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@pytest.fixture(autouse=True)
def nobody_waits_crosswise(transactional_db: None) -> Iterator[None]:
    """Rows are locked in one order: PostgreSQL never has to break a deadlock. A step would try again, and hide it."""
    if connection.vendor != "postgresql":
        yield
        return
    before = number(DEADLOCKS)
    yield
    until(lambda: number(OTHERS) == 0)
    assert number(DEADLOCKS) == before


def number(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        found: int = cursor.fetchone()[0]
        return found
