"""Editions and tickets for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest

from tenfold.base import clock
from tenfold.base.refusal import Refusal
from tenfold.keepsakes import actions as keepsakes
from tenfold.keepsakes.models import Edition, Keepsake
from tenfold.people.models import Journey
from tests.cast import Stage


@contextmanager
def refuses(code: str) -> Iterator[None]:
    with pytest.raises(Refusal) as caught:
        yield
    assert caught.value.code == code


def edition(
    stage: Stage,
    *,
    kind: str = "certificate",
    name: str = "Ten books read",
    hours: tuple[float, float] | None = None,
    row_id: UUID | None = None,
) -> Edition:
    """Made by the owner; with `hours` it holds from so many hours from now until so many."""
    now = clock.now()
    dates = [now + timedelta(hours=each) for each in hours] if hours else [None, None]
    return keepsakes.make_edition(
        campaign=stage.campaign,
        kind=kind,
        name=name,
        operator=stage.owner,
        valid_from=dates[0],
        valid_until=dates[1],
        row_id=row_id,
    )


def ticket(
    stage: Stage, journey: Journey, *, hours: tuple[float, float] | None = None, of: Edition | None = None
) -> Keepsake:
    made = of or edition(stage, kind="ticket", name="Reading night", hours=hours)
    return keepsakes.issue_one(edition=made, journey=journey, operator=stage.owner)
