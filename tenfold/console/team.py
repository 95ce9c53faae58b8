"""Who works in a workspace, and as what. Everyone sees the team; owners change it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenfold.accounts import actions, letters
from tenfold.accounts.access import Right
from tenfold.accounts.models import Membership, Operator, Role, Workspace
from tenfold.base.keys import read_id, sign, unsign
from tenfold.base.refusal import Refusal
from tenfold.console import layout
from tenfold.console.forms import InviteForm, RoleForm
from tenfold.console.layout import operator_of, operator_required, say

INVITED = "invited"  # the key in the session: whose link is shown once


@operator_required
@require_safe
def show(request: HttpRequest) -> HttpResponseBase:
    return _page(request, layout.workspace_of(request), InviteForm())


def _page(request: HttpRequest, workspace: Workspace, form: InviteForm, status: int = 200) -> HttpResponse:
    members = Membership.objects.filter(workspace=workspace).select_related("operator").order_by("created_at")
    context = {
        "members": members,
        "roles": Role.choices,
        "form": form,
        "invited": _invited(request, workspace),
    }
    return layout.page(request, "console/team/team.html", context, tab="team", status=status)


def _invited(request: HttpRequest, workspace: Workspace) -> dict[str, str] | None:
    """Whom this owner has just let in, with the link they can hand over; made now, so that no session holds it.

    The link is a key to all that its operator may enter, so it is shown only where that is this workspace alone. To
    somebody whom another one has let in meanwhile it goes by mail, and what was shown here before no longer works."""
    invited_id = read_id(str(request.session.pop(INVITED, "")))
    invited = Operator.objects.filter(pk=invited_id).first() if invited_id else None
    if invited is None or invited.has_usable_password() or not _is_ours_alone(invited, workspace):
        return None
    return {"email": invited.email, "link": letters.password_link(invited)}


def _is_ours_alone(operator: Operator, workspace: Workspace) -> bool:
    homes = Membership.objects.filter(operator=operator).values_list("workspace_id", flat=True)
    return list(homes) == [workspace.id]


@operator_required
@require_POST
def invite(request: HttpRequest) -> HttpResponseBase:
    workspace = layout.workspace_of(request, Right.OWN)
    form = InviteForm(request.POST)
    if not form.is_valid():
        return _page(request, workspace, form, status=422)
    try:
        operator, _is_new = actions.add_operator(
            workspace=workspace, by=operator_of(request), **form.cleaned_data
        )
    except Refusal as refusal:
        form.refuse(refusal, "email")
        return _page(request, workspace, form, status=refusal.status)
    _welcome(request, workspace, operator)
    return redirect("console:team")


def _welcome(request: HttpRequest, workspace: Workspace, operator: Operator) -> None:
    """Mail the way in. Who has no password yet also gets a link that the owner can hand over, shown once."""
    letters.invite(operator, workspace, by=operator_of(request))
    if not operator.has_usable_password():
        request.session[INVITED] = str(operator.id)
    say(request, _("%(who)s is in the team.") % {"who": operator})


def _member(request: HttpRequest, membership_id: UUID) -> Membership:
    """A membership of the workspace shown; only its owners get this far."""
    workspace = layout.workspace_of(request, Right.OWN)
    members = Membership.objects.select_related("operator", "workspace")
    member = members.filter(workspace=workspace, pk=membership_id).first()
    if member is None:
        raise Refusal("not_found", _("This person is not in the team any more."), status=404)
    return member


@operator_required
@require_POST
def change_role(request: HttpRequest, membership_id: UUID) -> HttpResponseBase:
    member = _member(request, membership_id)
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Refusal("unknown_role", _("There is no such role."), status=400)
    before = member.role
    try:
        actions.change_role(membership=member, role=form.cleaned_data["role"], by=operator_of(request))
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    else:
        if before != member.role:
            told = _("%(who)s is now: %(role)s.")
            say(request, told % {"who": member.operator, "role": member.get_role_display()})
    return redirect("console:team")


@operator_required
@require_POST
def remove(request: HttpRequest, membership_id: UUID) -> HttpResponseBase:
    member = _member(request, membership_id)
    try:
        actions.remove_operator(membership=member, by=operator_of(request))
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
        return redirect("console:team")
    is_self = member.operator_id == operator_of(request).id
    undo = "" if is_self else _way_back(member)
    say(request, _("%(who)s is out of the team.") % {"who": member.operator}, undo=undo)
    return redirect("console:home" if is_self else "console:team")


def _way_back(member: Membership) -> str:
    """The address of the undo. It is signed: an id alone must not bring in, or name, somebody who never worked here."""
    pledge = sign("take_back", f"{member.workspace_id}.{member.operator_id}.{member.role}")
    return reverse("console:take_back", args=[pledge])


@operator_required
@require_POST
def take_back(request: HttpRequest, pledge: str) -> HttpResponseBase:
    """The undo of a removal: back in, as before. Who is in already stays as they are."""
    workspace = layout.workspace_of(request, Right.OWN)
    home, raw_id, role = (unsign("take_back", pledge) or "..").split(".")
    operator_id = read_id(raw_id)
    gone = Operator.objects.filter(pk=operator_id).first() if operator_id else None
    if gone is None or home != str(workspace.id):
        raise Refusal("not_found", _("This person is not known any more."), status=404)
    if not Membership.objects.filter(workspace=workspace, operator=gone).exists():
        actions.add_operator(
            workspace=workspace, email=gone.email, name=gone.name, role=role, by=operator_of(request)
        )
        if not gone.has_usable_password():
            letters.invite(gone, workspace, by=operator_of(request))  # the link they had holds no longer
    say(request, _("%(who)s is in the team again.") % {"who": gone})
    return redirect("console:team")
