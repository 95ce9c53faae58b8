"""Whoever decides about a row does not wait for those who only refer to it, as new rows do until they are kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, models, transaction

from tenfold import flow
from tenfold.base import clock
from tenfold.base.claim import claim_due
from tenfold.base.keys import new_id
from tenfold.groups.models import Seat
from tenfold.mailroom import actions as mailroom
from tenfold.mailroom.models import HookSource, Message
from tenfold.people import avatars
from tenfold.people.models import AvatarSource, Journey
from tenfold.proofs.desk import reserve_all
from tenfold.proofs.models import Proof
from tenfold.rewards import actions as rewards
from tenfold.rewards import claiming, ruling
from tenfold.rewards.models import Grant, Reward, RewardRule
from tests import cast

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql", reason="what refers to a row is locked by PostgreSQL alone"
    ),
]


@contextmanager
def somebody_refers_to(*rows: models.Model) -> Iterator[None]:
    """As a row that refers to them does, until its transaction ends; meanwhile nobody waits for long."""
    refers, goes_on = threading.Event(), threading.Event()

    def other() -> None:
        with transaction.atomic():
            for row in rows:
                with connection.cursor() as cursor:
                    table = row._meta.db_table
                    cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR KEY SHARE", [row.pk.hex])
            refers.set()
            goes_on.wait(30)
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    try:
        assert refers.wait(30)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '500ms'")
        yield
    finally:
        goes_on.set()
        thread.join()
        connection.close()


@pytest.fixture
def stage() -> cast.Stage:
    return cast.live(capacity=40)


def of(model: type[models.Model], **where: Any) -> list[models.Model]:
    return list(model._default_manager.filter(**where).order_by("pk"))


def test_a_screenshot_is_taken_and_judged(stage: cast.Stage) -> None:
    one, *others = (cast.sends(cast.joins(stage, name)) for name in ("Mia", "Ben", "Cid"))
    with somebody_refers_to(*of(Proof), *of(Message)):
        assert len(reserve_all(proofs=[each.pk for each in others], operator=stage.owner)) == 2
        flow.judged(proof=one, operator=stage.owner, is_approved=True)
        together = flow.judged_together(proofs=others, operator=stage.owner, is_approved=True)
        assert len(together.judged) == 2
        assert mailroom.deliver_due(clock.now()) > 0
    with somebody_refers_to(*of(Proof), *of(Reward), *of(RewardRule)):
        cast.settles(one)
    assert Grant.objects.count() == 1


def test_what_was_given_is_claimed_and_there_is_more_of_it(stage: cast.Stage) -> None:
    Reward.objects.update(claim_hours=2)
    cast.is_approved(cast.sends(cast.joins(stage, "Mia")), by=stage.owner)
    grant = Grant.objects.get()
    codes = rewards.add_reward(campaign=stage.campaign, kind="codes", name="A code", operator=stage.owner)
    with somebody_refers_to(*of(Grant), *of(Reward), *of(RewardRule), stage.campaign):
        assert claiming.claim(grant=grant).state == Grant.State.CLAIMED
        assert rewards.add_codes(reward=codes, codes=["A-1", "A-2"], operator=stage.owner).added == 2
        assert ruling.change_rule(rule=grant.rule, operator=stage.owner, campaign_cap=9).version == 2


def test_a_seat_goes_back_and_the_campaign_ends(stage: cast.Stage) -> None:
    flow.scanned(slug=stage.code.slug, visitor_id=new_id())
    Seat.objects.update(expires_at=clock.now())
    with somebody_refers_to(*of(Seat), stage.group, stage.campaign):
        flow.hold_expired(seat=Seat.objects.get())
        assert Seat.objects.get().state == Seat.State.RELEASED
        assert flow.ended(campaign=stage.campaign, operator=stage.owner).state == "ended"


def test_a_face_comes_in_and_a_secret_is_changed(stage: cast.Stage) -> None:
    mia = cast.joins(stage, "Mia")
    source = mailroom.add_source(workspace_id=stage.workspace.pk, name="Shop")
    avatars.tell_address(person=mia.person, address="https://example.com/mia.jpg")
    before = source.secret
    with somebody_refers_to(mia.person, source):
        assert mailroom.rotate_secret(source=HookSource.objects.get()).secret != before
        assert avatars.take(source=AvatarSource.objects.get(), picture=cast.screenshot())


def test_a_worker_does_not_wait_for_who_only_refers_to_what_it_leases(stage: cast.Stage) -> None:
    mia, now = cast.joins(stage, "Mia"), clock.now()
    Journey.objects.filter(pk=mia.pk).update(due_at=now, due_step="remind")
    with somebody_refers_to(mia):
        assert claim_due(Journey.objects.exclude(due_step=""), due="due_at", now=now) == [mia]
