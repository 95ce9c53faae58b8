"""Making workspaces and deciding who may work in them."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Language, Membership, Operator, Role, Workspace
from tenfold.base.claim import changes_one, one_transaction, step
from tenfold.base.refusal import Refusal
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact

LONGEST_EMAIL = 254


@step
def make_workspace(
    *, name: str, email: str, password: str, language: str, operator_name: str = ""
) -> tuple[Workspace, Operator]:
    """A workspace and its first owner, who may be an operator already: then their password stays as it is."""
    workspace = Workspace.objects.create(name=_name(name))
    operator, is_new = _operator(email=email, name=operator_name, language=language)
    if is_new:
        set_password(operator=operator, password=password)
    Membership.objects.create(workspace=workspace, operator=operator, role=Role.OWNER)
    _note(Fact.WORKSPACE_MADE, workspace, by=operator, name=workspace.name)
    return workspace, operator


@step
def add_operator(
    *, workspace: Workspace, email: str, name: str, role: str, by: Operator
) -> tuple[Operator, bool]:
    """Let someone in; True if they are new to Tenfold and must set a password first."""
    operator, is_new = _operator(email=email, name=name, language=by.language)
    _membership, is_added = Membership.objects.get_or_create(
        workspace=workspace, operator=operator, defaults={"role": _role(role)}
    )
    if not is_added:
        raise Refusal("already_in_team", _("This person is already in the team."))
    _note(Fact.OPERATOR_ADDED, workspace, by=by, operator=str(operator.id), role=role)
    return operator, is_new


@step
def change_role(*, membership: Membership, role: str, by: Operator) -> Membership:
    _refuse_losing_last_owner(membership, becomes=_role(role))
    if not changes_one(Membership.objects.filter(pk=membership.pk).exclude(role=role), role=role):
        return membership
    membership.role = role
    _note(
        Fact.OPERATOR_ROLE_CHANGED,
        membership.workspace,
        by=by,
        operator=str(membership.operator_id),
        role=role,
    )
    return membership


@step
def remove_operator(*, membership: Membership, by: Operator) -> None:
    _refuse_losing_last_owner(membership, becomes=None)
    if Membership.objects.filter(pk=membership.pk).delete()[0]:
        _note(Fact.OPERATOR_REMOVED, membership.workspace, by=by, operator=str(membership.operator_id))


def change_profile(*, operator: Operator, name: str, language: str) -> Operator:
    operator.name, operator.language = _name(name, may_be_empty=True), _language(language)
    operator.save(update_fields=["name", "language"])
    return operator


def set_password(*, operator: Operator, password: str) -> None:
    """Refuses a weak password, with all its faults in the reader's language."""
    try:
        validate_password(password, operator)
    except ValidationError as error:
        raise Refusal("weak_password", " ".join(error.messages), status=400) from error
    operator.set_password(password)
    operator.save(update_fields=["password"])


def _operator(*, email: str, name: str, language: str) -> tuple[Operator, bool]:
    email = email.strip().lower()
    try:
        validate_email(email)
        MaxLengthValidator(LONGEST_EMAIL)(email)
    except ValidationError as error:
        raise Refusal("bad_email", _("This is not an e-mail address."), status=400) from error
    found = Operator.objects.filter(email=email).first()
    if found:
        _forget_links(found)
        return found, False
    operator = Operator(email=email, name=_name(name, may_be_empty=True), language=_language(language))
    operator.set_unusable_password()
    operator.save()
    return operator, True


def _forget_links(operator: Operator) -> None:
    """Who has no password yet may have been invited by another workspace, whose owners were shown a link: it must not
    lead into the one they join now. Links hold to what stands for the password; the next mail brings a new one."""
    if not operator.has_usable_password():
        rows = Operator.objects.filter(pk=operator.pk, password=operator.password)
        operator.password = make_password(None)
        rows.update(password=operator.password)


def _name(raw: str, *, may_be_empty: bool = False) -> str:
    name = " ".join(raw.replace("\x00", "").split())
    if len(name) > 80 or not (name or may_be_empty):
        raise Refusal("bad_name", _("A name of at most 80 characters, please."), status=400)
    return name


def _language(language: str) -> Language:
    if language not in Language.values:
        raise Refusal("unknown_language", _("There is no such language."), status=400)
    return Language(language)


def _role(role: str) -> Role:
    if role not in Role.values:
        raise Refusal("unknown_role", _("There is no such role."), status=400)
    return Role(role)


def _refuse_losing_last_owner(membership: Membership, *, becomes: Role | None) -> None:
    """Two owners leaving at once must not leave a workspace without one: the owners' rows are locked first."""
    with one_transaction():
        owners = Membership.objects.filter(workspace=membership.workspace, role=Role.OWNER).order_by("id")
        # One of them may be deleted.
        ids = list(owners.select_for_update().values_list("id", flat=True))
    if becomes != Role.OWNER and ids == [membership.id]:
        raise Refusal("last_owner", _("A workspace needs an owner. Make someone else an owner first."))


def _note(fact: Fact, workspace: Workspace, *, by: Operator, **told: object) -> None:
    write(fact, _Of(workspace), told, operator_id=by.id)


class _Of:
    """A workspace speaks of itself as the workspace that a fact belongs to."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace_id = workspace.id
