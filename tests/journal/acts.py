"""What an act of a room does to the tables and to the journal, seen from outside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model

from tenfold.base.fresh import insert
from tenfold.journal.models import Entry

# The journal itself, and the tables of the parts Django brings along.
NOT_ROOMS = {
    "Entry",
    "Session",
    "ContentType",
    "Permission",
    "Group_permissions",
    "AccessAttempt",
    "AccessLog",
}


class FactLost(Exception):
    """The journal could not be written."""


def rooms() -> list[type[Model]]:
    return [model for model in apps.get_app_config("tenfold").get_models() if model.__name__ not in NOT_ROOMS]


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every room, as it stands."""
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in rooms()}


def facts_of(act: Callable[[], object]) -> list[str]:
    """The kinds of the facts that this act writes, in their order."""
    before = set(Entry.objects.values_list("pk", flat=True))
    act()
    after = Entry.objects.exclude(pk__in=before).order_by("id")
    return list(after.values_list("kind", flat=True))


@contextmanager
def journal_is_broken(nth: int = 1) -> Iterator[None]:
    """The `nth` fact that is written inside cannot be."""
    left = nth

    def broken(*rows: Model) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise FactLost
        insert(*rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tenfold.journal.actions.insert", broken)
        yield
