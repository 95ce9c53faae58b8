"""What people have is not taken from them by what an operator changes."""

from __future__ import annotations

import pytest

from tenfold import flow
from tenfold.campaigns import actions as campaigns
from tenfold.groups import actions as groups
from tenfold.groups.models import Waiting
from tenfold.groups.queries import place_in_line
from tenfold.people.models import Credit, Journey
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db


def test_who_was_called_into_a_group_that_is_then_closed_stands_where_they_stood(frozen: FrozenClock) -> None:
    stage = cast.live(capacity=1)
    cast.joins(stage, "Mia")
    first = flow.scanned(slug=stage.code.slug, visitor_id=None)
    frozen.advance(seconds=1)
    flow.scanned(slug=stage.code.slug, visitor_id=None)
    second = groups.add_group(
        campaign=stage.campaign, name="Second", platform="web", capacity=1, operator=stage.owner
    )
    assert flow.line_called(campaign=stage.campaign) == 1
    groups.set_state(group=second, state="closed", operator=stage.owner)
    waiting = Waiting.objects.get(visitor_id=first.visitor_id)
    assert (waiting.state, waiting.called_at, place_in_line(waiting)) == ("waiting", None, 1)
    groups.set_state(group=second, state="open", operator=stage.owner)
    assert flow.line_called(campaign=stage.campaign) == 1
    assert flow.scanned(slug=stage.code.slug, visitor_id=first.visitor_id).group == second


def test_an_invite_that_counts_goes_on_counting_when_the_newcomer_comes_back(frozen: FrozenClock) -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    frozen.advance(days=2)
    flow.left(journey=ben)
    campaigns.change_plan(campaign=stage.campaign, operator=stage.owner, credit_when="approved")
    cast.joins(stage, "Ben", visitor=ben.person.visitor_id)
    assert (Credit.objects.get().state, Journey.objects.get(pk=mia.pk).valid_count) == ("valid", 1)
