"""What every page of the console has around it: who asks, in which workspace, the tabs of a campaign, a toast."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.cache import never_cache

from tenfold.accounts.access import Right, require, right_of, row_for, workspaces_for
from tenfold.accounts.models import Operator, Workspace
from tenfold.base.keys import read_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.mailroom.models import HumanTask
from tenfold.proofs.models import Proof

P = ParamSpec("P")
# Whoever may only look has no use for these: they lead to work.
FOR_REVIEWERS = ("review", "tasks")
CAMERA = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
WORKSPACE = "workspace_id"  # the key in the session

WATCH = [
    ("live", pgettext_lazy("tab", "Live"), "g l"),
    ("review", _("Review"), "g r"),
    ("tree", _("Tree"), "g t"),
    ("people", _("People"), "g p"),
    ("board", _("Board"), "g b"),
    ("ledger", _("Ledger"), "g y"),
    ("tasks", _("Tasks"), "g a"),
]
SET_UP = [
    ("plan", _("Plan"), "g n"),
    ("words", _("Words"), "g w"),
    ("groups", _("Groups"), "g o"),
    ("poster", _("Poster"), "g s"),
    ("reward", _("Rewards"), "g e"),
    ("keepsakes", _("Keepsakes"), "g k"),
    ("codes", _("Codes"), "g d"),
]


@dataclass(frozen=True)
class Tab:
    name: str
    label: str | Promise
    keys: str
    address: str
    count: int
    is_here: bool


@dataclass(frozen=True)
class May:
    """What the operator may do in the workspace shown: `{% if may.manage %}`."""

    view: bool
    review: bool
    manage: bool
    own: bool


def operator_of(request: HttpRequest) -> Operator:
    """Who asks. Only behind `operator_required`."""
    return cast(Operator, request.user)


def operator_required(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Logged in, or sent to log in and back. Its pages are never cached: the next one at this screen may be another."""

    @functools.wraps(view)
    def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        return _to_login(request)

    return never_cache(checked)


def _to_login(request: HttpRequest) -> HttpResponse:
    # A fragment must not receive the log-in page: htmx is told to move the whole window, to where it stands now.
    if is_fragment(request):
        here = request.headers.get("HX-Current-URL", "")
        query = urlencode({"next": here[here.find("/console/") :]}) if "/console/" in here else ""
        return HttpResponse(status=401, headers={"HX-Redirect": f"{reverse('console:login')}?{query}"})
    query = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
    return HttpResponseRedirect(f"{reverse('console:login')}?{query}")


def once(request: HttpRequest) -> UUID | None:
    """The id of what this form makes (`{% once %}`), so that sent twice it makes one."""
    return read_id(request.POST.get("once"))


def is_fragment(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def campaign_for(request: HttpRequest, campaign_id: UUID, right: Right = Right.VIEW) -> Campaign:
    """The campaign if the operator has `right` there, else a Refusal. Its workspace becomes the one shown."""
    campaign = row_for(operator_of(request), Campaign.objects.all(), campaign_id, right)
    if request.session.get(WORKSPACE) != str(campaign.workspace_id):
        request.session[WORKSPACE] = str(campaign.workspace_id)
    return campaign


def workspace_of(request: HttpRequest, right: Right = Right.VIEW) -> Workspace:
    """The workspace shown: the one chosen last, else the first. A Refusal where there is none, or not with `right`."""
    found = list(workspaces_for(operator_of(request)))
    chosen = read_id(request.session.get(WORKSPACE))
    workspace = next((one for one in found if one.id == chosen), found[0] if found else None)
    if workspace is None:
        raise Refusal("no_workspace", _("You belong to no workspace. Ask an owner to add you."), status=403)
    require(operator_of(request), workspace.id, right)
    return workspace


def _may(right: Right | None) -> May:
    has = right or 0
    return May(has >= Right.VIEW, has >= Right.REVIEW, has >= Right.MANAGE, has >= Right.OWN)


def tabs(campaign: Campaign, here: str) -> tuple[list[Tab], list[Tab]]:
    """The tabs to watch and those to set up; what waits for a person carries its count."""
    counts = {
        "review": Proof.objects.filter(campaign=campaign, state=Proof.State.WAITING).count(),
        "tasks": HumanTask.objects.filter(campaign_id=campaign.id, state=HumanTask.State.OPEN).count(),
    }

    def tab(name: str, label: str | Promise, keys: str) -> Tab:
        address = reverse(f"console:{name}", args=[campaign.id])
        return Tab(name, label, keys, address, counts.get(name, 0), name == here)

    return [tab(*one) for one in WATCH], [tab(*one) for one in SET_UP]


def page(
    request: HttpRequest,
    template: str,
    context: dict[str, Any] | None = None,
    *,
    campaign: Campaign | None = None,
    tab: str = "",
    status: int = 200,
) -> HttpResponse:
    """A whole page of the console. With a campaign it stands under that campaign's head and tabs."""
    operator = operator_of(request)
    spaces = list(workspaces_for(operator))
    chosen = read_id(request.session.get(WORKSPACE))
    workspace = next((one for one in spaces if one.id == chosen), spaces[0] if spaces else None)
    may = _may(right_of(operator, workspace.id) if workspace else None)
    around: dict[str, Any] = {
        "operator": operator,
        "workspaces": spaces,
        "workspace": workspace,
        "may": may,
        "here": tab,
    }
    if campaign is not None:
        watch, set_up = tabs(campaign, tab)
        watch = [one for one in watch if may.review or one.name not in FOR_REVIEWERS]
        around |= {"campaign": campaign, "watch_tabs": watch, "set_up_tabs": set_up}
    return render(request, template, around | (context or {}), status=status)


def fragment(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A piece of a page for htmx; toasts that are due ride along, out of band."""
    html = render_to_string(template, context or {}, request)
    return HttpResponse(
        html + render_to_string("console/_toasts.html", {"is_out_of_band": True}, request), status=status
    )


def with_camera(response: HttpResponse) -> HttpResponse:
    """A page that may ask for the camera; no other may."""
    response.headers["Permissions-Policy"] = CAMERA
    return response


def say(request: HttpRequest, text: str | Promise, *, undo: str = "", is_bad: bool = False) -> None:
    """A toast with the next answer. `undo` is an address to POST to: it becomes a button in the toast."""
    messages.add_message(request, messages.ERROR if is_bad else messages.SUCCESS, str(text), extra_tags=undo)


def back_to(request: HttpRequest, name: str, *args: object) -> HttpResponse:
    """After a change: the page, by a redirect; htmx is told to go there itself."""
    address = reverse(f"console:{name}", args=args)
    if is_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)
