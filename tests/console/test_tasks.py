"""Tasks for a person: the words ready to copy, done or not needed, and open again."""

from __future__ import annotations

import html as html_of

import pytest
from pytest_django import DjangoAssertNumQueries

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.mailroom.models import HumanTask
from tests import cast
from tests.cast import Stage
from tests.console.desk import address, desk, mate, outsider, said

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def stage() -> Stage:
    stage = cast.live(platform="wechat_group")
    for name in ("Ann", "Ben"):
        flow.arrival_confirmed(journey=cast.joins(stage, name))
    cast.words_go_out()
    return stage


def test_tasks_lie_in_piles_with_their_words(stage: Stage) -> None:
    html = said(desk(stage.owner).get(address("tasks", stage.campaign.id)))
    tasks = HumanTask.objects.filter(state="open", kind="say").order_by("created_at", "id")
    assert html.count('class="tf-block is-flush tw-pile"') == 1
    assert "Post this in the group" in html
    assert "Readers 1" in html
    for task in tasks:
        assert f'data-copy="{html_of.escape(task.text)}"' in html
    together = html_of.escape("\n\n".join(task.text for task in tasks))
    assert f'data-copy="{together}"' in html


def test_done_and_undone(stage: Stage) -> None:
    client, task = desk(stage.owner), HumanTask.objects.order_by("id")[0]
    answer = client.post(address("close_task", stage.campaign.id, task.id), {"done": "1"}, headers=HTMX)
    assert HumanTask.objects.get(pk=task.pk).state == HumanTask.State.DONE
    assert HumanTask.objects.get(pk=task.pk).closed_by == stage.owner
    assert address("reopen_task", stage.campaign.id, task.id) in said(answer)
    client.post(address("reopen_task", stage.campaign.id, task.id))
    assert HumanTask.objects.get(pk=task.pk).state == HumanTask.State.OPEN


def test_not_needed_is_kept_apart_from_done(stage: Stage) -> None:
    task = HumanTask.objects.order_by("id")[0]
    desk(stage.owner).post(address("close_task", stage.campaign.id, task.id), {"dropped": "1"})
    assert HumanTask.objects.get(pk=task.pk).state == HumanTask.State.DROPPED


def test_closing_twice_keeps_the_first_answer(stage: Stage) -> None:
    client, task = desk(stage.owner), HumanTask.objects.order_by("id")[0]
    page = address("close_task", stage.campaign.id, task.id)
    client.post(page, {"done": "1"}, headers=HTMX)
    answer = client.post(page, {"dropped": "1"}, headers=HTMX)
    assert HumanTask.objects.get(pk=task.pk).state == HumanTask.State.DONE
    assert "Done: Post this in the group" in said(answer)


def test_the_tab_counts_what_is_open(stage: Stage) -> None:
    html = said(desk(stage.owner).get(address("live", stage.campaign.id)))
    assert f'Tasks<b class="tf-count">{HumanTask.objects.filter(state="open").count()}</b>' in html


def test_nothing_to_do_says_so() -> None:
    stage = cast.live()
    assert "Nothing to do by hand" in said(desk(stage.owner).get(address("tasks", stage.campaign.id)))


def test_who_may_do_tasks(stage: Stage) -> None:
    task = HumanTask.objects.order_by("id")[0]
    close = address("close_task", stage.campaign.id, task.id)
    assert desk(mate(stage, Role.VIEWER)).get(address("tasks", stage.campaign.id)).status_code == 403
    assert desk(mate(stage, Role.VIEWER)).post(close).status_code == 403
    assert desk(outsider()).post(close).status_code == 404
    other = cast.live(owner=(stage.workspace, stage.owner))
    assert desk(stage.owner).post(address("close_task", other.campaign.id, task.id)).status_code == 404
    assert HumanTask.objects.get(pk=task.pk).state == HumanTask.State.OPEN
    assert desk(mate(stage, Role.REVIEWER)).post(close).status_code == 302


def test_the_page_costs_the_same_for_two_and_for_four(
    stage: Stage, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, page = desk(stage.owner), address("tasks", stage.campaign.id)
    client.get(page, headers=HTMX)
    with django_assert_num_queries(11):
        client.get(page, headers=HTMX)
    for name in ("Cai", "Dan"):
        flow.arrival_confirmed(journey=cast.joins(stage, name))
    cast.words_go_out()
    with django_assert_num_queries(11):
        client.get(page, headers=HTMX)
