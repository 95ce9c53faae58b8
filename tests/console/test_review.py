"""The review desk: one after another, by two people at once, and taken back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, DjangoDbBlocker

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.base import clock
from tenfold.people.models import Journey
from tenfold.posters import actions
from tenfold.proofs.models import Proof
from tests import cast
from tests.cast import Stage
from tests.conftest import FrozenClock
from tests.console.desk import Answer, address, desk, mate, outsider, said
from tests.once import Staged, staged
from tests.posters.samples import content, saved

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture(scope="module")
def once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Staged]:
    with staged(django_db_blocker, make) as made:
        yield made


def make(frozen: FrozenClock) -> Stage:
    stage = cast.live()
    for name in ("Ann", "Ben", "Cai"):
        journey = cast.joins(stage, name)
        frozen.advance(seconds=60)
        cast.sends(journey)
    return stage


@pytest.fixture
def stage(once: Staged, frozen: FrozenClock) -> Stage:
    return once.begin(frozen)


def of(name: str) -> Proof:
    return Proof.objects.get(journey__person__nickname=name, state__in=["waiting", "approved", "rejected"])


def judge(client: Client, proof: Proof, **form: str) -> Answer:
    return client.post(address("judge", proof.campaign_id, proof.id), form, headers=HTMX)


def on_desk(answer: Answer) -> UUID | None:
    found = re.search(r'data-desk="([^"]*)"', said(answer))
    assert found
    return UUID(found[1]) if found[1] else None


def test_the_oldest_lies_on_top_with_all_that_helps(stage: Stage) -> None:
    html = said(desk(stage.owner).get(address("review", stage.campaign.id)))
    ann = of("Ann")
    assert f'data-desk="{ann.id}"' in html
    assert address("picture", ann.picture_id) in html
    assert address("review_poster", stage.campaign.id, ann.id) in html
    assert "1 / 3" in html
    assert "2 minutes" in html
    assert "3 screenshots wait" in html
    assert len(re.findall(r'data-key="[0-9]"', html)) == 10


def test_next_and_previous_walk_the_queue(stage: Stage) -> None:
    page = address("review", stage.campaign.id)
    html = said(desk(stage.owner).get(page, {"proof": str(of("Ben").id)}))
    assert "2 / 3" in html
    left = f"&amp;left={of('Ben').id}"
    assert f'href="?proof={of("Ann").id}{left}"' in html
    assert f'href="?proof={of("Cai").id}{left}"' in html


def test_a_verdict_brings_the_next_and_an_undo(stage: Stage) -> None:
    answer = judge(desk(stage.owner), of("Ann"), approve="1")
    assert on_desk(answer) == of("Ben").id
    assert of("Ann").state == Proof.State.APPROVED
    assert "Approved Ann. They hear of it in 6 s." in said(answer)
    assert address("undo_verdict", stage.campaign.id, of("Ann").id) in said(answer)


def test_the_same_press_twice_is_one_verdict(stage: Stage) -> None:
    client = desk(stage.owner)
    for _ in range(2):
        assert on_desk(judge(client, of("Ann"), approve="1")) == of("Ben").id
    assert Proof.objects.filter(state=Proof.State.APPROVED).count() == 1


def test_the_last_verdict_empties_the_desk(stage: Stage) -> None:
    client = desk(stage.owner)
    for name in ("Ann", "Ben", "Cai"):
        answer = judge(client, of(name), approve="1")
    assert on_desk(answer) is None
    assert "All screenshots are judged" in said(answer)


def test_after_the_last_of_the_queue_the_first_comes_again(stage: Stage) -> None:
    assert on_desk(judge(desk(stage.owner), of("Cai"), approve="1")) == of("Ann").id


def test_a_rejection_carries_its_reason(stage: Stage) -> None:
    answer = judge(desk(stage.owner), of("Ann"), reason="not_yet")
    assert (of("Ann").state, of("Ann").reason) == ("rejected", "not_yet")
    assert "Not approved: Ann" in said(answer)


def test_a_reason_of_ones_own_needs_words(stage: Stage) -> None:
    client = desk(stage.owner)
    answer = client.post(
        address("judge", stage.campaign.id, of("Ann").id), {"reason": "other", "note": " "}, headers=HTMX
    )
    assert answer.status_code == 422
    assert "Say in a few words what is wrong." in said(answer)
    assert (on_desk(answer), of("Ann").state) == (of("Ann").id, "waiting")
    judge(client, of("Ann"), reason="other", note="too dark")
    assert (of("Ann").reason, of("Ann").note) == ("other", "too dark")


@pytest.mark.parametrize("form", [{}, {"reason": "rubbish"}, {"approve": "1", "reason": "rubbish"}])
def test_rubbish_is_no_verdict(stage: Stage, form: dict[str, str]) -> None:
    answer = desk(stage.owner).post(address("judge", stage.campaign.id, of("Ann").id), form, headers=HTMX)
    assert answer.status_code == 422
    assert of("Ann").state == Proof.State.WAITING


def test_undo_puts_it_back_on_the_desk(stage: Stage) -> None:
    client = desk(stage.owner)
    judge(client, of("Ann"), approve="1")
    answer = client.post(address("undo_verdict", stage.campaign.id, of("Ann").id), headers=HTMX)
    assert (on_desk(answer), of("Ann").state) == (of("Ann").id, "waiting")
    assert "Taken back: Ann waits again" in said(answer)


def test_undo_after_the_reward_is_refused_with_the_reason(stage: Stage) -> None:
    client = desk(stage.owner)
    cast.is_approved(of("Ann"), stage.owner)
    answer = client.post(address("undo_verdict", stage.campaign.id, of("Ann").id), headers=HTMX)
    assert "a given reward stays given" in said(answer)
    assert Journey.objects.get(person__nickname="Ann").state == Journey.State.REWARDED


def test_without_script_the_forms_lead_on_by_a_redirect(stage: Stage) -> None:
    client = desk(stage.owner)
    answer = client.post(address("judge", stage.campaign.id, of("Ann").id), {"approve": "1"})
    assert answer.status_code == 302
    assert answer["Location"] == f"{address('review', stage.campaign.id)}?proof={of('Ben').id}"


def test_one_judged_by_another_meanwhile_says_so_and_moves_on(stage: Stage) -> None:
    rita = mate(stage, Role.REVIEWER)
    flow.judged(proof=of("Ann"), operator=rita, is_approved=False, reason="no_poster")
    answer = judge(desk(stage.owner), of("Ann"), approve="1")
    assert "reviewer mate has judged Ann meanwhile: not approved." in said(answer)
    assert on_desk(answer) == of("Ben").id
    assert of("Ann").state == Proof.State.REJECTED


def test_the_same_verdict_by_another_is_theirs(stage: Stage) -> None:
    rita = mate(stage, Role.REVIEWER)
    flow.judged(proof=of("Ann"), operator=rita, is_approved=True)
    answer = judge(desk(stage.owner), of("Ann"), approve="1")
    assert "reviewer mate has approved Ann meanwhile." in said(answer)
    assert of("Ann").judged_by == rita


def test_opening_one_judged_meanwhile_shows_the_next(stage: Stage) -> None:
    flow.judged(proof=of("Ann"), operator=stage.owner, is_approved=True)
    answer = desk(stage.owner).get(address("review", stage.campaign.id), {"proof": str(of("Ann").id)})
    assert on_desk(answer) == of("Ben").id
    assert "has approved Ann meanwhile" in said(answer)


def test_a_newer_screenshot_takes_the_place_of_the_one_on_the_desk(stage: Stage) -> None:
    old = of("Ann")
    newer = cast.sends(old.journey, cast.screenshot("navy"))
    answer = judge(desk(stage.owner), old, approve="1")
    assert "Ann has sent a newer screenshot meanwhile." in said(answer)
    assert Proof.objects.get(pk=newer.pk).state == Proof.State.WAITING


def test_earlier_screenshots_lie_beside_it(stage: Stage) -> None:
    old = of("Ann")
    cast.settles(flow.judged(proof=old, operator=stage.owner, is_approved=False, reason="no_poster"))
    newer = cast.sends(Journey.objects.get(pk=old.journey_id), cast.screenshot("navy"))
    html = said(desk(stage.owner).get(address("review", stage.campaign.id), {"proof": str(newer.id)}))
    assert address("picture", old.picture_id) in html
    assert "Sent before" in html


def test_judged_ones_can_be_found_and_taken_back(stage: Stage) -> None:
    client = desk(stage.owner)
    judge(client, of("Ann"), reason="not_yet")
    html = said(client.get(address("judged", stage.campaign.id)))
    assert "It was taken before the post went out." in html
    client.post(address("undo_verdict", stage.campaign.id, of("Ann").id))
    assert of("Ann").state == Proof.State.WAITING


def test_the_count_alone_follows_the_queue(stage: Stage) -> None:
    client = desk(stage.owner)
    count = address("review_count", stage.campaign.id)
    assert 'data-waiting="3"' in said(client.get(count, headers=HTMX))
    judge(client, of("Ann"), approve="1")
    assert 'data-waiting="2"' in said(client.get(count, headers=HTMX))


def test_who_may_review(stage: Stage) -> None:
    page, proof = address("review", stage.campaign.id), of("Ann")
    assert desk(mate(stage, Role.REVIEWER)).get(page).status_code == 200
    assert desk(mate(stage, Role.VIEWER)).get(page).status_code == 403
    assert desk(outsider()).get(page).status_code == 404
    for who in (mate(stage, Role.VIEWER), outsider(), None):
        for name in ("judge", "undo_verdict"):
            desk(who).post(address(name, stage.campaign.id, proof.id), {"approve": "1"})
    assert of("Ann").state == Proof.State.WAITING


def test_a_proof_of_another_campaign_is_not_found(stage: Stage) -> None:
    other = cast.live(owner=(stage.workspace, stage.owner))
    assert judge_status(desk(stage.owner), other, of("Ann")) == 404
    assert of("Ann").state == Proof.State.WAITING


def judge_status(client: Client, stage: Stage, proof: Proof) -> int:
    return client.post(address("judge", stage.campaign.id, proof.id), {"approve": "1"}).status_code


def test_a_screenshot_is_for_the_reviewers_of_its_workspace(stage: Stage) -> None:
    page = address("picture", of("Ann").picture_id)
    shown = desk(mate(stage, Role.REVIEWER)).get(page)
    assert (shown.status_code, shown["Content-Type"]) == (200, of("Ann").picture.media_type)
    assert bytes(shown.content) == bytes(of("Ann").picture.content)
    assert "private" in shown["Cache-Control"]
    assert desk(mate(stage, Role.VIEWER)).get(page).status_code == 403
    assert desk(outsider()).get(page).status_code == 404
    assert desk().get(page).status_code == 401


def test_a_screenshot_lies_beside_the_poster_of_its_time(stage: Stage, frozen: FrozenClock) -> None:
    client, ann = desk(stage.owner), of("Ann")
    page, picture = (
        address("review", stage.campaign.id),
        address("review_poster", stage.campaign.id, ann.id),
    )
    first = saved(stage.campaign, stage.owner, variant="A")
    type(ann).objects.filter(campaign=stage.campaign).update(sent_at=clock.now())
    frozen.advance(seconds=60)
    before = client.get(picture).content
    assert "this is what should be seen" in said(client.get(page))
    red = content(colour="#ffcccc")
    actions.save_version(design=first.design, content=red, operator=stage.owner)
    assert client.get(picture).content == before
    assert client.get(f"/poster/{ann.journey.code.slug}.jpg").content != before
    assert "The design has changed since: compare the code." in said(client.get(page))
    other = cast.live(owner=cast.workspace("eve@example.com"))
    assert client.get(address("review_poster", other.campaign.id, ann.id)).status_code == 404


def test_the_desk_costs_the_same_however_long_the_queue(
    stage: Stage, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = desk(stage.owner)
    page = address("review", stage.campaign.id)
    client.get(page, headers=HTMX)
    with django_assert_num_queries(20):
        client.get(page, headers=HTMX)
    for name in ("Dan", "Eve"):
        cast.sends(cast.joins(stage, name))
    with django_assert_num_queries(20):
        client.get(page, headers=HTMX)
