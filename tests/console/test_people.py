"""Finding people, reading their story, confirming and removing them."""

from __future__ import annotations

import re

import pytest
from pytest_django import DjangoAssertNumQueries

from tenfold.accounts.models import Role
from tenfold.base import clock
from tenfold.mailroom.models import HumanTask
from tenfold.people.models import Journey
from tenfold.proofs.models import Proof
from tests import cast
from tests.console.desk import Answer, address, desk, mate, outsider, said
from tests.insight.family import Family

pytestmark = pytest.mark.django_db


def names(answer: Answer) -> set[str]:
    return set(re.findall(r'class="tw-row" href="[^"]+">([^<]+)<', said(answer)))


def test_everyone_is_listed(told: Family) -> None:
    answer = desk(told.stage.owner).get(address("people", told.stage.campaign.id))
    assert names(answer) == {"Ann", "Ben", "Cai", "Dan"}


def test_people_are_found_by_name_code_and_reward_number(told: Family) -> None:
    client, page = desk(told.stage.owner), address("people", told.stage.campaign.id)
    for asked in ("an", told.ann.code.slug.lower(), f" {told.ann.grants.get().number} "):
        assert "Ann" in names(client.get(page, {"q": asked}))
    assert names(client.get(page, {"q": told.ben.code.slug})) == {"Ben"}
    assert names(client.get(page, {"q": told.ben.grants.get().number})) == {"Ben"}
    assert names(client.get(page, {"q": "%"})) == set()


def test_people_are_filtered_by_state(told: Family) -> None:
    client, page = desk(told.stage.owner), address("people", told.stage.campaign.id)
    assert names(client.get(page, {"state": "rewarded"})) == {"Ann", "Ben"}
    assert names(client.get(page, {"state": "left"})) == {"Dan"}
    assert len(names(client.get(page, {"state": "rubbish"}))) == 4


def test_nobody_found_says_so(told: Family) -> None:
    answer = desk(told.stage.owner).get(address("people", told.stage.campaign.id), {"q": "Zacharias"})
    assert "Nobody found" in said(answer)


def test_long_lists_come_in_pages(told: Family, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenfold.console.people.PAGE", 3)
    client, page = desk(told.stage.owner), address("people", told.stage.campaign.id)
    first, second = client.get(page), client.get(page, {"page": "2"})
    assert (len(names(first)), len(names(second))) == (3, 1)
    assert names(first) | names(second) == {"Ann", "Ben", "Cai", "Dan"}
    assert "1 to 3 of 4" in said(first)


def test_a_person_is_told_whole(told: Family) -> None:
    html = said(desk(told.stage.owner).get(address("person", told.stage.campaign.id, told.ben.id)))
    for sentence in ("Ben joined Readers 1", "Ben earned the reward", "they left too soon", "Does not count"):
        assert sentence in html
    assert told.ben.grants.get().number in html
    assert address("person", told.stage.campaign.id, told.ann.id) in html
    assert told.ben.code.slug in html


def test_removing_is_asked_first_and_done_once(told: Family) -> None:
    client = desk(told.stage.owner)
    page = address("remove_person", told.stage.campaign.id, told.cai.id)
    assert "Remove Cai from Readers 1?" in said(client.get(page))
    assert Journey.objects.get(pk=told.cai.pk).is_member
    for _ in range(2):
        assert client.post(page).status_code == 302
    assert Journey.objects.get(pk=told.cai.pk).state == Journey.State.REMOVED


def test_who_is_removed_cannot_come_back_and_the_page_says_so_and_undoes_it(told: Family) -> None:
    client, where = desk(told.stage.owner), (told.stage.campaign.id, told.cai.id)
    client.post(address("remove_person", *where))
    page = said(client.get(address("person", *where)))
    assert "Cannot come back" in page
    assert "Olga Owner does not let Cai come back" in page
    answer = client.post(address("let_back", *where), follow=True)
    assert "Cai may come back" in said(answer)
    assert address("keep_out", *where) in said(answer)
    assert Journey.objects.get(pk=told.cai.pk).kept_out_at is None
    assert "Cannot come back" in said(client.post(address("keep_out", *where), follow=True))
    assert Journey.objects.get(pk=told.cai.pk).kept_out_at


def test_who_is_in_the_group_again_has_to_be_removed_first_and_it_is_said(told: Family) -> None:
    client, where = desk(told.stage.owner), (told.stage.campaign.id, told.cai.id)
    assert told.cai.is_member
    page = said(client.post(address("keep_out", *where), follow=True))
    assert "Cai is in the group: remove them first." in page
    assert "Cai cannot come back" not in page
    assert Journey.objects.get(pk=told.cai.pk).kept_out_at is None


def test_who_is_only_tidied_up_may_come_back(told: Family) -> None:
    client, page = desk(told.stage.owner), address("remove_person", told.stage.campaign.id, told.cai.id)
    assert "They may come back by scanning a code" in said(client.get(page))
    client.post(page, {"may_return": "yes"})
    cai = Journey.objects.get(pk=told.cai.pk)
    assert (cai.state, cai.kept_out_at) == ("removed", None)


def test_an_arrival_is_confirmed_by_hand() -> None:
    stage = cast.live(owner=cast.workspace("otto@example.org"), platform="wechat_group")
    ann = cast.joins(stage, "Ann")
    client = desk(mate(stage, Role.REVIEWER))
    assert "Confirm: is in the group" in said(client.get(address("person", stage.campaign.id, ann.id)))
    for _ in range(2):
        client.post(address("confirm_arrival", stage.campaign.id, ann.id))
    assert Journey.objects.get(campaign=stage.campaign).state == Journey.State.JOINED
    cast.words_go_out()
    assert HumanTask.objects.filter(journey_id=ann.id).exists()


def test_who_may_see_and_who_may_remove(told: Family) -> None:
    campaign, cai = told.stage.campaign, told.cai
    page, remove = address("person", campaign.id, cai.id), address("remove_person", campaign.id, cai.id)
    for role in (Role.VIEWER, Role.REVIEWER):
        client = desk(mate(told.stage, role))
        assert client.get(page).status_code == 200
        assert (client.get(remove).status_code, client.post(remove).status_code) == (403, 403)
        assert "Remove from the group" not in said(client.get(page))
    assert desk(outsider()).get(page).status_code == 404
    assert desk(outsider()).post(remove).status_code == 404
    viewer = desk(mate(told.stage, Role.VIEWER))
    assert viewer.post(address("confirm_arrival", campaign.id, cai.id)).status_code == 403
    assert Journey.objects.get(pk=cai.pk).is_member
    assert desk(mate(told.stage, Role.MANAGER)).post(remove).status_code == 302


def test_the_list_costs_the_same_for_one_and_for_three(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    stage = cast.live(owner=cast.workspace("otto@example.org"))
    client, page = desk(stage.owner), address("people", stage.campaign.id)
    client.get(page, headers={"HX-Request": "true"})
    for number in range(3):
        cast.joins(stage, f"N{number}")
        with django_assert_num_queries(5):
            client.get(page, headers={"HX-Request": "true"})


def test_a_viewer_is_told_of_screenshots_and_shown_none(told: Family) -> None:
    proof = Proof.objects.filter(journey=told.ann).latest("sent_at")
    page = address("person", told.stage.campaign.id, told.ann.id)
    picture = address("picture", proof.picture_id)
    viewer, reviewer = (desk(mate(told.stage, role)) for role in (Role.VIEWER, Role.REVIEWER))
    assert picture in said(reviewer.get(page))
    html = said(viewer.get(page))
    assert picture not in html
    assert "Screenshots are for reviewers" in html
    Proof.objects.filter(pk=proof.pk).update(erased_at=clock.now())
    assert picture not in said(reviewer.get(page)), "what is erased is no broken picture"
