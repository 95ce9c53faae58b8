"""Every page in every state and both languages: it is there, sound, in one language, and leads nowhere closed."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from tenfold import flow
from tenfold.accounts.models import Operator, Role, Workspace
from tenfold.campaigns import actions as campaigns
from tests import cast
from tests.cast import Stage
from tests.console.desk import address, desk, mate, said
from tests.console.doors import OPEN, PARTS, RIGHTS, ROLES, World, Worlds, form, world
from tests.console.reading import Page

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

STATES = ["bare", "draft", "live", "paused", "ended"]
OWN_ROWS = {"campaign_id", "group_id", "code_id", "language", "kind"}
PICTURES = {"keepsake_picture", "picture", "group_qr_picture", "poster_file", "code_qr", "code_poster"}
PICTURES |= {"ready_card", "design_card", "design_file", "render_file", "issue_preview", "review_poster"}
FOR_SCRIPTS = {"design_version"}  # JSON
FILES = {"save_playbook", "ledger_file", "shipping_file", "payout_file", "reward_file"}
FRAGMENTS = {"expected", "live_now", "renders_now", "review_count", "tree_list", "dry_run", "tree_branch"}
QUESTIONS = {"issue", "alike"}  # asked of a choice; without one it leads back, or nothing leads there
NO_PAGES = PICTURES | FRAGMENTS | FOR_SCRIPTS | QUESTIONS | FILES
PAGES = sorted(name for name, (readers, _) in RIGHTS.items() if readers and name not in NO_PAGES)
BARE_PAGES = [name for name in PAGES if set(PARTS[name]) <= {"campaign_id"}]


@pytest.fixture(scope="module")
def in_state(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[dict[str, World]]:
    """A campaign in each state, all of one workspace."""
    with django_db_blocker.unblock(), transaction.atomic():
        home = cast.workspace("sasha@example.com")
        made: dict[str, World] = {}
        for state in STATES:
            made[state] = _made(state, home)
        yield made
        transaction.set_rollback(True)


def _made(state: str, owner: tuple[Workspace, Operator]) -> World:
    if state in ("live", "paused", "ended"):
        there = world(cast.live(owner=owner, platform="wechat_group", stock=3, reward_kind="codes"))
        step = {"paused": flow.paused, "ended": flow.ended}.get(state)
        if step:
            step(campaign=there.stage.campaign, operator=there.stage.owner)
        return there
    stage = cast.draft(owner=owner, platform="wechat_group")
    if state == "bare":
        bare = campaigns.make_campaign(
            workspace_id=stage.workspace.id, name="Bare", language="en", operator=stage.owner
        )
        stage = Stage(stage.workspace, stage.owner, bare, stage.group, stage.code, stage.reward)
    ids: dict[str, UUID | str] = {
        "campaign_id": stage.campaign.id,
        "group_id": stage.group.id,
        "code_id": stage.code.id,
        "language": "en",
        "kind": "png",
    }
    return World(stage, ids, "AAAAAAAA")


def is_there(state: str, name: str) -> bool:
    """A draft has nobody in it yet, and a bare one has no rows of its own at all."""
    parts = set(PARTS[name])
    if state == "bare":
        return parts <= {"campaign_id"}
    return state != "draft" or parts <= OWN_ROWS


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_sound(in_state: dict[str, World], name: str, state: str, language: str) -> None:
    if not is_there(state, name):
        return
    there = in_state[state]
    answer = desk(there.stage.owner, language=language).get(there.address(name))
    if name == "campaign":
        assert answer.status_code == 302
        return
    assert answer.status_code == 200
    page = Page(said(answer))
    assert page.faults == []
    assert page.language == {"en": "en", "zh-hans": "zh-Hans"}[language]
    assert page.title
    assert len([tag for tag in page.tags if tag.name == "h1"]) == 1
    assert len([tag for tag in page.tags if tag.name == "main"]) == 1


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("name", sorted(FRAGMENTS - {"tree_branch"}))
def test_every_fragment_is_sound(in_state: dict[str, World], name: str, state: str, language: str) -> None:
    there = in_state[state]
    client = desk(there.stage.owner, language=language)
    answer = client.get(there.address(name), headers={"HX-Request": "true"})
    assert answer.status_code == 200
    page = Page(said(answer))
    assert page.faults == []
    assert "html" not in {tag.name for tag in page.tags}


@pytest.mark.parametrize("name", sorted(OPEN - {"logout", "language", "set_password"}))
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_door_is_sound(name: str, language: str) -> None:
    page = Page(said(desk(language=language).get(address(name))))
    assert page.faults == []
    assert page.language == {"en": "en", "zh-hans": "zh-Hans"}[language]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("state", STATES)
def test_no_page_leads_where_its_reader_may_not_go(
    in_state: dict[str, World], state: str, role: Role
) -> None:
    """Every link that a page offers is answered to the one who is offered it, and no form would be refused."""
    there = in_state[state]
    client = desk(there.stage.owner if role == Role.OWNER else mate(there.stage, role))
    offered, answered, shut = set[str](), set[str](), closed_to(role, there, state)
    for name in PAGES:
        if role in RIGHTS[name][0] and is_there(state, name):
            answer = client.get(there.address(name), follow=True)
            assert answer.status_code == 200, name
            answered.add(there.address(name))
            page = Page(said(answer))
            for method, addresses in shut.items():
                assert not page.forms(method) & addresses, name
            offered |= page.links()
    for link in offered - answered:
        if not link.endswith((".png", ".jpg")):
            assert client.get(link).status_code in (200, 302), link


def closed_to(role: Role, there: World, state: str) -> dict[str, set[str]]:
    """Where a form of theirs would be refused, by its method."""
    ours = [
        name
        for name in RIGHTS
        if is_there(state, name) and "pledge" not in PARTS[name] and "membership_id" not in PARTS[name]
    ]
    readers, writers = ({name for name in ours if role in RIGHTS[name][nth]} for nth in (0, 1))
    return {
        "get": {there.address(name) for name in ours if name not in readers},
        "post": {there.address(name) for name in ours if name not in writers},
    }


def test_every_page_is_reached_by_links_alone(worlds: Worlds) -> None:
    """From the list of campaigns on, without typing an address."""
    there = worlds.ours
    client, seen, ahead = desk(there.stage.owner), set[str](), {address("home")}
    while ahead:
        here = ahead.pop()
        seen.add(here)
        answer = client.get(here, follow=True)
        assert answer.status_code == 200, here
        if answer["Content-Type"].startswith("text/html"):
            page = Page(said(answer))
            ahead |= {link for link in page.links() | page.forms("get") if "?" not in link} - seen
    # Only a draft is launched, and only groups of the built-in community have a room (`test_room`).
    gone = {"launch", "room"}
    assert {there.address(name) for name in PAGES if name not in gone} - seen == set()


@pytest.mark.parametrize(
    "name", ["plan", "words", "poster", "one_reward", "codes", "make", "rename", "profile"]
)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_form_sent_empty_comes_back_sound_and_says_what_is_missing(
    worlds: Worlds, name: str, language: str
) -> None:
    there = worlds.ours
    empty = dict.fromkeys(form(name, there), "   ")
    answer = desk(there.stage.owner, language=language).post(there.address(name), empty)
    assert answer.status_code == 422
    page = Page(said(answer))
    assert page.faults == []
    wrong = [tag for tag in page.tags if "is-invalid" in tag.attributes.get("class", "")]
    assert wrong
