"""Who may do what, for every address there is: nobody gets further than their role, nothing is done by a link."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from tenfold.accounts.models import Membership, Operator, Role
from tenfold.campaigns.models import Campaign
from tenfold.console import urls, urls_editor, urls_watch
from tenfold.journal.models import Entry
from tests import cast
from tests.console.desk import BACKEND, address, desk, mate, outsider
from tests.console.doors import FORMS, OPEN, PARTS, RIGHTS, ROLES, World, Worlds, form

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

READ = sorted(name for name, (readers, _) in RIGHTS.items() if readers)
POSTED = sorted(name for name, (_, writers) in RIGHTS.items() if writers)
OF_A_CAMPAIGN = sorted(name for name in RIGHTS if "campaign_id" in PARTS[name])
# What names a row; the rest of an address says how to show it.
ROWS = [
    (name, part)
    for name in sorted(RIGHTS)
    for part in PARTS[name]
    if part.endswith("_id") or part == "pledge"
]
INNER = [(name, part) for name, part in ROWS if name in OF_A_CAMPAIGN and part != "campaign_id"]


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back, so that each role meets the same world."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def there(worlds: Worlds) -> World:
    return worlds.ours


@pytest.fixture(scope="module")
def team(worlds: Worlds, django_db_blocker: DjangoDbBlocker) -> dict[Role, Operator]:
    """One of each role in our workspace, for as long as our world is there."""
    stage = worlds.ours.stage
    with django_db_blocker.unblock():
        return {role: stage.owner if role == Role.OWNER else mate(stage, role) for role in ROLES}


def asks(client: Client, method: str, there: World, name: str) -> int:
    data = form(name, there) if method == "post" else {}
    answer = getattr(client, method)(there.address(name), data)
    if answer.streaming:
        answer.getvalue()  # a download keeps its place to the end, and there are few
    assert answer.status_code < 500
    return int(answer.status_code)


def test_no_address_is_forgotten() -> None:
    count = len([*urls.urlpatterns])
    assert set(PARTS) == set(RIGHTS) | OPEN
    assert len(PARTS) == count, "two addresses share a name, or one has none"
    assert len(urls_editor.urlpatterns) + len(urls_watch.urlpatterns) < count
    assert set(FORMS) <= set(POSTED)


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", sorted(RIGHTS))
def test_each_role_comes_as_far_as_it_may(
    there: World, team: dict[Role, Operator], name: str, method: str
) -> None:
    readers, writers = RIGHTS[name]
    allowed, is_answered = (readers, bool(readers)) if method == "get" else (writers, bool(writers))
    for role in ROLES:
        client = desk(team[role])
        facts = Entry.objects.count()
        with undone():
            got = asks(client, method, there, name)
            if not is_answered:
                assert got == 405, role
            elif role in allowed:
                assert got in (200, 302), role
            else:
                assert got == 403, role
            if role not in allowed:
                assert Entry.objects.count() == facts


@pytest.mark.parametrize("name", sorted(RIGHTS))
def test_nobody_comes_in_without_logging_in(there: World, name: str) -> None:
    facts = Entry.objects.count()
    for method in ("get", "post"):
        answer = getattr(desk(), method)(there.address(name))
        if name == "picture":
            assert answer.status_code in (401, 405)
            continue
        assert answer.status_code == 302
        assert answer["Location"].startswith(address("login"))
        assert "no-store" in answer["Cache-Control"]
    assert Entry.objects.count() == facts


@pytest.mark.parametrize("name", sorted(RIGHTS))
def test_a_fragment_sends_the_whole_window_to_log_in(there: World, name: str) -> None:
    answer = desk().get(there.address(name), headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert name == "picture" or answer["HX-Redirect"].startswith(address("login"))


@pytest.mark.parametrize("name", sorted({name for name, part in ROWS}))
def test_an_owner_of_another_workspace_learns_nothing(there: World, name: str) -> None:
    readers, writers = RIGHTS[name]
    client = desk(outsider())
    facts = Entry.objects.count()
    if readers:
        assert asks(client, "get", there, name) == 404
    if writers:
        assert asks(client, "post", there, name) == 404
    assert Entry.objects.count() == facts


@pytest.mark.parametrize(("name", "part"), ROWS)
def test_a_row_of_another_workspace_is_not_there(there: World, worlds: Worlds, name: str, part: str) -> None:
    """All of the address is ours but one row: the check must not stop at the campaign."""
    client, facts = desk(there.stage.owner), Entry.objects.count()
    there_but_one = there.address(name, **{part: worlds.foreign.ids[part]})
    if RIGHTS[name][0]:
        assert client.get(there_but_one).status_code == 404
    if RIGHTS[name][1]:
        assert client.post(there_but_one, form(name, there)).status_code == 404
    assert Entry.objects.count() == facts


@pytest.mark.parametrize(("name", "part"), [*INNER, *((name, "campaign_id") for name, _ in INNER)])
def test_a_row_of_another_campaign_is_not_there_either(
    there: World, worlds: Worlds, name: str, part: str
) -> None:
    client, facts = desk(there.stage.owner), Entry.objects.count()
    mixed = there.address(name, **{part: worlds.sister.ids[part]})
    if RIGHTS[name][0]:
        assert client.get(mixed).status_code == 404
    if RIGHTS[name][1]:
        assert client.post(mixed, form(name, there)).status_code == 404
    assert Entry.objects.count() == facts


@pytest.mark.parametrize("name", sorted({name for name, part in ROWS}))
def test_what_never_was_is_not_there(there: World, name: str) -> None:
    nowhere = {part: "00000000-0000-7000-8000-000000000000" for of, part in ROWS if of == name}
    client = desk(there.stage.owner)
    if RIGHTS[name][0]:
        assert client.get(there.address(name, **nowhere)).status_code == 404
    if RIGHTS[name][1]:
        assert client.post(there.address(name, **nowhere), form(name, there)).status_code == 404


@pytest.mark.parametrize("name", POSTED)
def test_no_form_is_taken_from_another_site(there: World, name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(there.stage.owner, backend=BACKEND)
    facts = Entry.objects.count()
    assert client.post(there.address(name), form(name, there)).status_code == 403
    assert Entry.objects.count() == facts


@pytest.mark.parametrize("name", ["login", "logout", "language", "reset"])
def test_nor_at_the_door(name: str) -> None:
    stage = cast.draft()
    client = Client(enforce_csrf_checks=True)
    client.force_login(stage.owner, backend=BACKEND)
    assert client.post(address(name), {"language": "zh-hans", "email": stage.owner.email}).status_code == 403
    assert client.get(address("home")).status_code == 200


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_reading_changes_nothing_whatever_the_method(there: World, name: str, method: str) -> None:
    facts = Entry.objects.count()
    answer = getattr(desk(there.stage.owner), method)(there.address(name))
    assert answer.status_code in (200, 405)
    assert Entry.objects.count() == facts


def test_who_was_removed_is_out_at_once(there: World) -> None:
    rita = mate(there.stage, Role.MANAGER)
    client = desk(rita)
    assert client.get(there.address("live")).status_code == 200
    Membership.objects.filter(operator=rita).delete()
    for name in OF_A_CAMPAIGN:
        readers, _writers = RIGHTS[name]
        assert asks(client, "get" if readers else "post", there, name) == 404, name
    assert "You belong to no workspace" in client.get(address("team")).content.decode()


def test_a_demotion_holds_at_once(there: World) -> None:
    rita = mate(there.stage, Role.MANAGER)
    client = desk(rita)
    assert client.get(there.address("launch")).status_code == 200
    Membership.objects.filter(operator=rita).update(role=Role.VIEWER)
    assert client.get(there.address("launch")).status_code == 403
    assert client.post(there.address("end")).status_code == 403
    assert Campaign.objects.get(pk=there.stage.campaign.pk).state == Campaign.State.LIVE


def test_a_role_counts_only_where_it_was_given(there: World) -> None:
    """An owner here who may only look there."""
    other = cast.live(owner=cast.workspace("otto@example.org"))
    Membership.objects.create(workspace=other.workspace, operator=there.stage.owner, role=Role.VIEWER)
    client = desk(there.stage.owner)
    assert client.get(reverse("console:live", args=[other.campaign.id])).status_code == 200
    assert client.post(reverse("console:pause", args=[other.campaign.id])).status_code == 403
    assert client.post(address("invite"), {"email": "n@example.com", "role": "owner"}).status_code == 403
    client.post(address("workspace"), {"workspace": str(there.stage.workspace.id)})
    assert client.post(address("invite"), {"email": "n@example.com", "role": "viewer"}).status_code == 302


def test_nobody_can_choose_a_workspace_that_is_not_theirs(there: World) -> None:
    home, _otto = cast.workspace("otto@example.org")
    client = desk(there.stage.owner)
    client.post(address("workspace"), {"workspace": str(home.id)})
    assert "otto@example.org" not in client.get(address("team")).content.decode()
