"""Migrations go forward over a database that is in use, and tell the whole truth about the models."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tenfold import flow
from tenfold.insight.rebuild import checked, differences
from tenfold.people.models import Journey
from tests import cast


@pytest.mark.django_db
def test_models_and_migrations_say_the_same() -> None:
    call_command("makemigrations", "--check", "--dry-run", stdout=io.StringIO())


@pytest.mark.django_db(transaction=True)
def test_migrating_a_database_in_use_again_changes_nothing_in_it() -> None:
    stage = cast.live(stock=1, reward_kind="codes")
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    for journey in (mia, ben):
        cast.is_approved(cast.sends(journey), by=stage.owner)
    flow.left(journey=ben)
    cast.words_go_out()
    before = (checked(), list(Journey.objects.order_by("id").values()))
    call_command("migrate", verbosity=0)
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    assert (checked(), list(Journey.objects.order_by("id").values())) == before
    assert differences() == []
