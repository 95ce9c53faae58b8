"""Who may decide who works in a workspace."""

from __future__ import annotations

import re

import pytest
from django.core import mail

from tenfold.accounts.models import Membership, Operator, Role
from tests import cast
from tests.cast import Stage
from tests.console.desk import address, desk, mate, outsider, said

pytestmark = pytest.mark.django_db
NINA = {"email": "Nina@Example.com", "name": "Nina", "role": "manager"}


@pytest.fixture
def stage() -> Stage:
    return cast.draft()


def membership(stage: Stage, operator: Operator) -> Membership:
    return Membership.objects.get(workspace=stage.workspace, operator=operator)


def test_new_operator_is_mailed_a_link_that_the_owner_sees_once(stage: Stage) -> None:
    client = desk(stage.owner)
    page = said(client.post(address("invite"), NINA, follow=True))
    nina = Operator.objects.get(email="nina@example.com")
    assert membership(stage, nina).role == Role.MANAGER
    found = re.search(r"data-copy=\"(http://\S+/console/reset/[^\"]+)", page)
    assert found is not None
    assert found[1] not in said(client.get(address("team")))
    assert "reset/" not in str(dict(client.session)), "no session holds it"
    assert mail.outbox == []
    cast.letters_go_out()
    [letter] = mail.outbox
    assert letter.to == ["nina@example.com"]
    assert "/console/reset/" in str(letter.body)
    assert "Olga Owner" in str(letter.body)


def test_an_invitation_that_was_taken_back_before_it_was_sent_is_not(stage: Stage) -> None:
    client = desk(stage.owner)
    client.post(address("invite"), NINA)
    nina = Operator.objects.get(email="nina@example.com")
    client.post(address("remove_operator", membership(stage, nina).id))
    cast.letters_go_out()
    assert mail.outbox == []


def test_link_lets_the_invited_set_a_password_and_in(stage: Stage) -> None:
    desk(stage.owner).post(address("invite"), NINA)
    cast.letters_go_out()
    found = re.search(r"(/console/reset/\S+)", str(mail.outbox[0].body))
    assert found is not None
    nina = desk()
    here = nina.get(found[1], follow=True).redirect_chain[-1][0]
    nina.post(here, {"new_password1": "nine lives of a cat", "new_password2": "nine lives of a cat"})
    assert "Ten Books" in said(nina.get(address("home")))


def test_known_operator_is_added_without_a_new_password(stage: Stage) -> None:
    otto = outsider()
    client = desk(stage.owner)
    page = said(client.post(address("invite"), {"email": otto.email, "role": "viewer"}, follow=True))
    cast.letters_go_out()
    assert "/console/reset/" not in page
    assert "/console/reset/" not in str(mail.outbox[0].body)
    assert membership(stage, otto).role == Role.VIEWER


LINK = re.compile(r"http://\S+(/console/reset/[^\"\s<]+)")


def link_works(link: str) -> bool:
    return "new_password1" in said(desk().get(link, follow=True))


def test_another_workspace_sees_no_link_of_somebody_invited_here(stage: Stage) -> None:
    """They have no password yet: with the link its owner would get in here as them."""
    desk(stage.owner).post(address("invite"), NINA)
    page = said(desk(outsider()).post(address("invite"), NINA, follow=True))
    assert "Nina is in the team." in page
    assert not LINK.search(page)
    cast.letters_go_out()
    found = [LINK.search(str(letter.body)) for letter in mail.outbox]
    assert [bool(link and link_works(link[1])) for link in found] == [True, True]


def test_a_link_shown_elsewhere_ends_when_they_are_let_in_here(stage: Stage) -> None:
    shown = LINK.search(said(desk(outsider()).post(address("invite"), NINA, follow=True)))
    assert shown is not None
    assert link_works(shown[1])
    assert not LINK.search(said(desk(stage.owner).post(address("invite"), NINA, follow=True)))
    assert not link_works(shown[1])


def test_a_link_not_looked_at_yet_is_not_shown_after_they_are_let_in_elsewhere(stage: Stage) -> None:
    other = desk(outsider())
    other.post(address("invite"), NINA)
    desk(stage.owner).post(address("invite"), NINA)
    assert not LINK.search(said(other.get(address("team"))))


def test_undo_of_a_removal_mails_whom_another_workspace_invited_meanwhile(stage: Stage) -> None:
    client = desk(stage.owner)
    client.post(address("invite"), NINA)
    nina = Operator.objects.get(email="nina@example.com")
    undo = way_back(said(client.post(address("remove_operator", membership(stage, nina).id), follow=True)))
    shown = LINK.search(said(desk(outsider()).post(address("invite"), NINA, follow=True)))
    assert shown is not None, "nowhere else by now"
    cast.letters_go_out()
    mail.outbox.clear()
    assert not LINK.search(said(client.post(undo, follow=True)))
    assert not link_works(shown[1])
    cast.letters_go_out()
    mailed = LINK.search(str(mail.outbox[0].body))
    assert mailed is not None
    assert link_works(mailed[1])


def test_inviting_twice_is_refused_beside_the_address(stage: Stage) -> None:
    client = desk(stage.owner)
    client.post(address("invite"), NINA)
    again = client.post(address("invite"), NINA)
    assert again.status_code == 409
    assert "already in the team" in said(again)
    assert 'value="Nina@Example.com"' in said(again)
    cast.letters_go_out()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("wrong", [{"email": "no address"}, {"role": "emperor"}, {"email": ""}])
def test_bad_invitation_says_what_is_wrong(stage: Stage, wrong: dict[str, str]) -> None:
    answer = desk(stage.owner).post(address("invite"), NINA | wrong)
    assert answer.status_code == 422
    assert "is-invalid" in said(answer)
    assert mail.outbox == []


def test_owner_changes_a_role(stage: Stage) -> None:
    mia = mate(stage, Role.VIEWER)
    answer = desk(stage.owner).post(address("role", membership(stage, mia).id), {"role": "manager"})
    assert answer.status_code == 302
    assert membership(stage, mia).role == Role.MANAGER


def test_last_owner_can_neither_step_down_nor_go(stage: Stage) -> None:
    client, own = desk(stage.owner), membership(stage, stage.owner)
    page = said(client.post(address("role", own.id), {"role": "viewer"}, follow=True))
    assert "A workspace needs an owner." in page
    page = said(client.post(address("remove_operator", own.id), follow=True))
    assert "A workspace needs an owner." in page
    assert membership(stage, stage.owner).role == Role.OWNER


def test_removal_can_be_undone(stage: Stage) -> None:
    mia = mate(stage, Role.REVIEWER)
    client = desk(stage.owner)
    page = said(client.post(address("remove_operator", membership(stage, mia).id), follow=True))
    undo = way_back(page)
    assert not Membership.objects.filter(operator=mia).exists()
    for _twice in range(2):
        assert client.post(undo).status_code == 302
    assert membership(stage, mia).role == Role.REVIEWER


def way_back(page: str) -> str:
    found = re.search(r'action="(/console/team/back/[^"]+)"', page)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("pledge", ["x", "..", "a.b.c", "x.y.z:1abc:sig"])
def test_a_way_back_that_was_never_offered_leads_nowhere(stage: Stage, pledge: str) -> None:
    assert desk(stage.owner).post(address("take_back", pledge)).status_code == 404


def test_a_way_back_leads_only_where_it_was_offered(stage: Stage) -> None:
    """An owner of two workspaces: what was removed in one does not appear in the other."""
    second, _olga = cast.workspace(stage.owner.email)
    mia = mate(stage, Role.REVIEWER)
    client = desk(stage.owner)
    client.post(address("workspace"), {"workspace": str(stage.workspace.id)})
    undo = way_back(said(client.post(address("remove_operator", membership(stage, mia).id), follow=True)))
    client.post(address("workspace"), {"workspace": str(second.id)})
    assert client.post(undo).status_code == 404
    assert not Membership.objects.filter(operator=mia).exists()


def test_removing_twice_says_that_they_are_gone(stage: Stage) -> None:
    mia = mate(stage, Role.REVIEWER)
    there = address("remove_operator", membership(stage, mia).id)
    client = desk(stage.owner)
    client.post(there)
    assert client.post(there).status_code == 404


@pytest.mark.parametrize("role", [Role.MANAGER, Role.REVIEWER, Role.VIEWER])
def test_only_owners_change_the_team(stage: Stage, role: Role) -> None:
    client, own = desk(mate(stage, role)), membership(stage, stage.owner)
    page = client.get(address("team"))
    assert page.status_code == 200
    assert address("invite") not in said(page)
    assert client.post(address("invite"), NINA).status_code == 403
    assert client.post(address("role", own.id), {"role": "viewer"}).status_code == 403
    assert client.post(address("remove_operator", own.id)).status_code == 403
    assert client.post(address("take_back", "x")).status_code == 403


def test_owner_of_another_workspace_reaches_nobody_here(stage: Stage) -> None:
    client, own = desk(outsider()), membership(stage, stage.owner)
    assert stage.owner.email not in said(client.get(address("team")))
    assert client.post(address("role", own.id), {"role": "viewer"}).status_code == 404
    assert client.post(address("remove_operator", own.id)).status_code == 404
