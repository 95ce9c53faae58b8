"""Worlds that many tests only look at: made once a file, and each test's own changes are taken back."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.db import transaction
from django.utils import translation
from pytest_django import DjangoDbBlocker

from tests import cast
from tests.console.doors import Worlds, world
from tests.insight.family import Family, family


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """The last page of the test before may have been a Chinese one, and its language stays."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="module")
def told_once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Family]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield family()
        transaction.set_rollback(True)


@pytest.fixture
def told(told_once: Family) -> Family:
    """Rows of the family's own for each test: what it sets on them, no other sees."""
    return deepcopy(told_once)


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Worlds]:
    """One of ours, one of another campaign in the same workspace, one of another workspace."""
    with django_db_blocker.unblock(), transaction.atomic():
        stage = cast.live(platform="wechat_group", stock=3, reward_kind="codes")
        sister = cast.live(owner=(stage.workspace, stage.owner), platform="wechat_group")
        foreign = cast.live(owner=cast.workspace("faye@example.org"), platform="wechat_group")
        yield Worlds(*(world(one) for one in (stage, sister, foreign)))
        transaction.set_rollback(True)
