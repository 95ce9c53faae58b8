"""Each kind of damage to one small story, told once for all: the counter that is wrong is named, and no other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tenfold.insight.rebuild import differences
from tests.insight.family import Family, family
from tests.insight.test_rebuild import DAMAGE

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def told(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Family]:
    """What a test does to it is taken back after the test."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield family()
        transaction.set_rollback(True)


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("name", sorted(DAMAGE))
def test_damage_is_found_and_named(name: str) -> None:
    DAMAGE[name]()
    assert {each.name for each in differences()} == {name}
