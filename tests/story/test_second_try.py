"""What the database undoes is really done again, and what happens in between is not overwritten."""

from __future__ import annotations

from collections.abc import Callable
from unittest import mock

import pytest
from django.db import OperationalError

from tenfold import flow
from tenfold.campaigns.models import Campaign
from tenfold.groups.models import Seat
from tenfold.journal.actions import write
from tenfold.people.models import Journey
from tenfold.proofs.models import Proof
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


def breaking_once(real: Callable[..., object]) -> Callable[..., object]:
    """Does what `real` does; the first time the database then says that it all has to be done again."""
    errors = [OperationalError("deadlock detected")]

    def run(*args: object, **kwargs: object) -> object:
        result = real(*args, **kwargs)
        if errors:
            raise errors.pop()
        return result

    return run


def test_launch_that_broke_at_its_end_is_done_again() -> None:
    stage = cast.draft()
    with mock.patch("tenfold.campaigns.actions.write", breaking_once(write)):
        flow.launched(campaign=stage.campaign, operator=stage.owner)
    assert Campaign.objects.get(pk=stage.campaign.pk).state == "live"


def test_pause_that_broke_at_its_end_is_done_again() -> None:
    stage = cast.live()
    with mock.patch("tenfold.campaigns.actions.write", breaking_once(write)):
        flow.paused(campaign=stage.campaign, operator=stage.owner)
    assert Campaign.objects.get(pk=stage.campaign.pk).state == "paused"
    assert flow.resumed(campaign=stage.campaign, operator=stage.owner).state == "live"


def test_newer_screenshot_does_not_overwrite_the_verdict_that_came_just_before() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    first = cast.sends(mia, cast.screenshot("teal"))
    found = Proof.objects.filter

    def judged_meanwhile(**kwargs: object) -> object:
        rows = found(**kwargs)
        if "pk" in kwargs:  # read already, and about to be withdrawn
            judging.stop()
            flow.judged(proof=first, operator=stage.owner, is_approved=True)
        return rows

    judging = mock.patch.object(Proof.objects, "filter", judged_meanwhile)
    judging.start()
    try:
        second = cast.sends(mia, cast.screenshot("navy"))
    finally:
        mock.patch.stopall()
    first.refresh_from_db()
    assert (first.state, second.state) == ("approved", "waiting")
    assert cast.settles(first).journey.approved_at
    assert Proof.objects.get(pk=second.pk).state == "withdrawn"


def test_who_never_came_is_removed_and_gives_the_seat_back() -> None:
    stage = cast.live(platform="wechat_group")
    mia = cast.joins(stage, "Mia")
    assert mia.state == "arriving"
    flow.removed(journey=mia)
    stage.group.refresh_from_db()
    assert (Journey.objects.get(pk=mia.pk).state, stage.group.held_count) == ("removed", 0)
    assert not Seat.objects.exclude(state="released").exists()
    assert cast.joins(stage, "Mia", visitor=mia.person.visitor_id).state == "arriving"
