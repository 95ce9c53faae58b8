"""A child process looks at screens of phones that show posters of the product: the whole way from upload to verdict."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any, Literal

import pytest

from tenfold import flow
from tenfold.flow.looks import look_next
from tenfold.imaging.child import LOOKING, Child
from tenfold.imaging.examine import can_look
from tenfold.imaging.reading import clean_picture
from tenfold.people.models import Journey
from tenfold.posters.drawing import poster_of
from tenfold.posters.grounds import picture_of
from tenfold.proofs.models import Look, Proof, ReviewPlan
from tenfold.simulation.screenshots import foreign_poster, screenshot, some_look
from tests import cast

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    pytest.mark.skipif(not can_look(), reason="the extra `review` is not installed"),
]
Screen = Literal["post", "detail", "chat", "viewer"]


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child(LOOKING) as child:
        yield child


@pytest.fixture
def mia() -> Journey:
    stage = cast.live()
    ReviewPlan.objects.create(workspace=stage.workspace, campaign=stage.campaign, mode="automatic")
    return cast.joins(stage, "Mia")


def poster(of: Journey) -> bytes:
    return picture_of(poster_of(of.code, language="en", owner=of), media_type="image/jpeg")


def sends(journey: Journey, shown: bytes | None, seed: int, **how: Any) -> Proof:
    dice = Random(seed)
    shot = screenshot(shown, nickname="Mia", look=some_look(dice, is_chinese=False), dice=dice, **how)
    return flow.proof_sent(journey=journey, picture=clean_picture(shot), source="page")


def looked_at(proof: Proof, child: Child) -> Look:
    assert look_next(child)
    proof.refresh_from_db()
    return Look.objects.get(proof=proof)


# What the machine sees differs by the screen, what is asked and kept does not: one of them is enough for PostgreSQL.
of_the_machine = pytest.mark.pages
SCREENS = ["post", *(pytest.param(screen, marks=of_the_machine) for screen in ("detail", "chat"))]


@pytest.mark.parametrize("screen", SCREENS)
def test_their_own_poster_is_approved_by_the_machine(mia: Journey, child: Child, screen: Screen) -> None:
    proof = sends(mia, poster(mia), 3, screen=screen)
    look = looked_at(proof, child)
    assert (look.outcome, look.doubts) == ("pass", [])
    # A post by itself looks like one among others.
    assert {"poster", "post" if screen == "detail" else screen} <= set(look.found) | {"post"}
    assert (proof.state, proof.is_machine, proof.judged_by) == ("approved", True, None)
    assert (look.findings["width"], look.belongs) != (0, None)
    cast.settles(proof)
    mia.refresh_from_db()
    assert mia.state == Journey.State.REWARDED


@of_the_machine
@pytest.mark.parametrize(("place", "found"), [("shared", ("ask", ["wrong_place"])), ("any", ("pass", []))])
def test_their_poster_merely_opened_shows_no_sharing_and_is_enough_where_the_plan_says_so(
    mia: Journey, child: Child, place: str, found: tuple[str, list[str]]
) -> None:
    ReviewPlan.objects.update(place=place)
    look = looked_at(sends(mia, poster(mia), 3, screen="viewer"), child)
    assert (look.outcome, look.doubts) == found


def test_somebody_else_s_poster_is_turned_down_and_the_sender_is_told_why(mia: Journey, child: Child) -> None:
    ben = cast.joins(cast.Stage(**stage_of(mia)), "Ben")
    look = looked_at(sends(mia, poster(ben), 5, screen="post"), child)
    assert (look.outcome, look.reasons) == ("fail", ["wrong_person"])
    assert [owner for owner in look.belongs.values() if owner[0] != "foreign"] == [
        ["other_person", str(ben.pk)]
    ]


@of_the_machine
def test_a_restricted_post_is_turned_down(mia: Journey, child: Child) -> None:
    look = looked_at(sends(mia, poster(mia), 7, screen="post", mark="lock"), child)
    assert (look.outcome, look.reasons) == ("fail", ["restricted_audience"])


@of_the_machine
def test_the_poster_s_own_file_is_no_screenshot(mia: Journey, child: Child) -> None:
    proof = flow.proof_sent(journey=mia, picture=clean_picture(poster(mia)), source="page")
    look = looked_at(proof, child)
    assert (look.outcome, look.reasons) == ("fail", ["not_a_screenshot"])


@of_the_machine
def test_another_poster_and_none_at_all_are_for_people(mia: Journey, child: Child) -> None:
    """The other one bears a code, and not theirs: that is what they are told first, if a person thinks so too."""
    for seed, (shown, reasons) in enumerate(
        [(foreign_poster(0), ["wrong_code", "no_poster"]), (None, ["no_poster"])]
    ):
        proof = sends(mia, shown, 11 + seed, screen="post")
        look = looked_at(proof, child)
        assert (look.outcome, look.reasons) == ("ask", reasons)
        assert (proof.state, proof.is_machine) == ("waiting", False)


def stage_of(journey: Journey) -> dict[str, Any]:
    campaign = journey.campaign
    return {
        "workspace": campaign.workspace,
        "owner": campaign.workspace.memberships.get().operator,
        "campaign": campaign,
        "group": campaign.groups.get(),
        "code": campaign.codes.filter(channel__isnull=False).get(),
        "reward": campaign.rewards.get(),
    }
