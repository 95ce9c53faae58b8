"""Who works in a workspace, with which right, and what they can reach."""

from __future__ import annotations

import pytest

from tenfold.accounts import actions
from tenfold.accounts.access import Right, require, right_of, row_for, rows_for, workspaces_for
from tenfold.accounts.models import Membership, Operator, Role, Workspace
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.journal.models import Entry
from tests import cast

pytestmark = pytest.mark.django_db
RIGHTS = {
    "owner": Right.OWN,
    "manager": Right.MANAGE,
    "reviewer": Right.REVIEW,
    "viewer": Right.VIEW,
    "outsider": None,
}


@pytest.fixture
def stage() -> cast.Stage:
    return cast.draft()


def someone(stage: cast.Stage, who: str) -> Operator:
    if who == "outsider":
        return cast.workspace("otto@example.com")[1]
    return stage.owner if who == "owner" else cast.team_mate(stage.workspace, stage.owner, Role(who))


def membership(operator: Operator) -> Membership:
    return Membership.objects.get(operator=operator)


# --- access ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("right", Right)
@pytest.mark.parametrize(("who", "has"), RIGHTS.items())
def test_a_row_is_found_only_with_the_right_to_it(
    stage: cast.Stage, who: str, has: Right | None, right: Right
) -> None:
    operator, rows, home = someone(stage, who), Campaign.objects.all(), stage.workspace.id
    is_allowed = has is not None and has >= right
    assert right_of(operator, home) == has
    assert rows_for(operator, rows, right).filter(pk=stage.campaign.pk).exists() is is_allowed
    assert (stage.workspace in workspaces_for(operator, right)) is is_allowed
    if is_allowed:
        require(operator, home, right)
        assert row_for(operator, rows, stage.campaign.id, right) == stage.campaign
        return
    with pytest.raises(Refusal) as refused:
        row_for(operator, rows, stage.campaign.id, right)
    assert refused.value.status == (404 if has is None else 403)
    with pytest.raises(Refusal) as refused:
        require(operator, home, right)
    assert refused.value.status == 403


def test_what_is_not_there_and_what_is_not_yours_look_the_same(stage: cast.Stage) -> None:
    answers, otto = set[tuple[str, str, int]](), someone(stage, "outsider")
    for row_id in (new_id(), stage.campaign.id):
        with pytest.raises(Refusal) as refused:
            row_for(otto, Campaign.objects.all(), row_id)
        answers.add((refused.value.code, str(refused.value.message), refused.value.status))
    assert len(answers) == 1


def test_a_right_ends_with_the_membership(stage: cast.Stage) -> None:
    mate = someone(stage, "manager")
    actions.remove_operator(membership=membership(mate), by=stage.owner)
    assert right_of(mate, stage.workspace.id) is None
    assert not rows_for(mate, Campaign.objects.all()).exists()


# --- the team -------------------------------------------------------------------------------------------------


def test_someone_new_is_let_in_without_a_password_and_someone_known_keeps_theirs(stage: cast.Stage) -> None:
    mate, is_new = actions.add_operator(
        workspace=stage.workspace, email=" Rita@Example.COM ", name=" Rita ", role="reviewer", by=stage.owner
    )
    assert (mate.email, mate.name, is_new, mate.has_usable_password()) == (
        "rita@example.com",
        "Rita",
        True,
        False,
    )
    other, otto = cast.workspace("otto@example.com")
    again, is_new = actions.add_operator(
        workspace=stage.workspace, email="OTTO@example.com", name="X", role="viewer", by=stage.owner
    )
    assert (again, is_new, again.check_password(cast.PASSWORD), again.name) == (
        otto,
        False,
        True,
        "Olga Owner",
    )
    assert {each.name for each in workspaces_for(otto)} == {other.name, stage.workspace.name}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"email": "olga@example.com"}, "already_in_team"),
        ({"email": "OLGA@EXAMPLE.COM"}, "already_in_team"),
        ({"email": "nobody"}, "bad_email"),
        ({"email": ""}, "bad_email"),
        ({"email": "a@b.c\x00om"}, "bad_email"),
        ({"email": f"{'a' * 60}@{'b.' * 100}com"}, "bad_email"),
        ({"name": "x" * 81}, "bad_name"),
        ({"role": "king"}, "unknown_role"),
    ],
)
def test_who_cannot_be_let_in(stage: cast.Stage, fields: dict[str, str], why: str) -> None:
    asked = {"email": "rita@example.com", "name": "Rita", "role": "viewer"} | fields
    with pytest.raises(Refusal) as refused:
        actions.add_operator(workspace=stage.workspace, by=stage.owner, **asked)
    assert refused.value.code == why
    assert Membership.objects.count() == 1


def test_a_workspace_never_loses_its_last_owner(stage: cast.Stage) -> None:
    olga = membership(stage.owner)
    for step in (
        lambda: actions.change_role(membership=olga, role="viewer", by=stage.owner),
        lambda: actions.remove_operator(membership=olga, by=stage.owner),
    ):
        with pytest.raises(Refusal) as refused:
            step()
        assert refused.value.code == "last_owner"
    mate = membership(someone(stage, "manager"))
    actions.change_role(membership=mate, role="owner", by=stage.owner)
    actions.change_role(membership=olga, role="viewer", by=stage.owner)
    with pytest.raises(Refusal):
        actions.remove_operator(membership=mate, by=stage.owner)
    assert right_of(stage.owner, stage.workspace.id) == Right.VIEW


def test_team_facts_are_written_once(stage: cast.Stage) -> None:
    mate = membership(someone(stage, "viewer"))
    for _twice in range(2):
        actions.change_role(membership=mate, role="manager", by=stage.owner)
    for each in (
        mate,
        Membership(id=mate.id, workspace=mate.workspace, operator=mate.operator, role="manager"),
    ):
        actions.remove_operator(membership=each, by=stage.owner)
    facts = Entry.objects.filter(kind__startswith="operator_").order_by("id").values_list("kind", flat=True)
    assert list(facts) == ["operator_added", "operator_role_changed", "operator_removed"]


@pytest.mark.parametrize("password", ["", "short", "password123", "1234567890123"])
def test_a_weak_password_is_refused_with_its_faults(password: str) -> None:
    with pytest.raises(Refusal) as refused:
        actions.make_workspace(name="Club", email="new@example.com", password=password, language="en")
    assert refused.value.code == "weak_password"
    assert str(refused.value)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": ""}, "bad_name"),
        ({"name": "x" * 81}, "bad_name"),
        ({"language": "fr"}, "unknown_language"),
        ({"email": "x"}, "bad_email"),
    ],
)
def test_a_workspace_needs_a_name_and_a_first_owner(fields: dict[str, str], why: str) -> None:
    asked = {"name": "Club", "email": "new@example.com", "password": cast.PASSWORD, "language": "en"} | fields
    with pytest.raises(Refusal) as refused:
        actions.make_workspace(**asked)
    assert refused.value.code == why


def test_an_operator_s_second_workspace_leaves_their_password_alone() -> None:
    _home, olga = cast.workspace()
    second, same = actions.make_workspace(
        name=" Second\x00  Club ", email="olga@example.com", password="x", language="en"
    )
    assert (same, second.name, same.check_password(cast.PASSWORD)) == (olga, "Second Club", True)
    assert Workspace.objects.count() == 2


def test_a_profile_has_a_name_that_fits_and_a_language_we_speak(stage: cast.Stage) -> None:
    changed = actions.change_profile(operator=stage.owner, name=" Olga ", language="zh-hans")
    assert (changed.name, changed.language) == ("Olga", "zh-hans")
    for fields in ({"name": "x" * 81, "language": "en"}, {"name": "Olga", "language": "tlh"}):
        with pytest.raises(Refusal):
            actions.change_profile(operator=stage.owner, **fields)
