"""Migrations go forward over a database that is in use, and tell the whole truth about the models."""

from __future__ import annotations

import importlib
import io
from uuid import UUID

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tenfold import flow
from tenfold.insight.rebuild import checked, differences
from tenfold.mailroom.models import Message
from tenfold.people.models import Journey
from tenfold.platforms.web.models import Post
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


@pytest.mark.django_db
def test_refusals_of_before_are_their_senders_alone_said_or_not() -> None:
    stage = cast.live()
    mia, ben = cast.joins(stage, "Mia"), cast.joins(stage, "Ben")
    for journey in (mia, ben):
        proof = flow.judged(
            proof=cast.sends(journey), operator=stage.owner, is_approved=False, reason="unreadable"
        )
        cast.settles(proof)
        if journey == mia:
            cast.words_go_out()
    refusals = Message.objects.filter(moment="reject")
    assert sorted(refusals.values_list("state", flat=True)) == ["queued", "sent"]
    private, posts = readers(Message), readers(Post)
    assert (private, posts) == ({mia.person_id, ben.person_id}, {mia.person_id})
    for model in (Message, Post):
        model.objects.update(reader_id=None)
    importlib.import_module("tenfold.migrations.0020_said_privately").refusals_are_private(apps, None)
    assert (readers(Message), readers(Post)) == (private, posts)


def readers(model: type[Message | Post]) -> set[UUID | None]:
    return set(model.objects.exclude(reader_id=None).values_list("reader_id", flat=True))
