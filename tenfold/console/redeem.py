"""Redeeming a reward: type or scan its number, see whose it is, redeem it once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from tenfold import flow
from tenfold.accounts.access import Right
from tenfold.accounts.models import Workspace
from tenfold.base.keys import read_slug
from tenfold.base.refusal import Refusal
from tenfold.console.layout import operator_of, operator_required, page, say, with_camera, workspace_of
from tenfold.rewards.models import Grant

LATEST = 10


@operator_required
@require_http_methods(["GET", "POST"])
def redeem(request: HttpRequest) -> HttpResponse:
    workspace = workspace_of(request, Right.REVIEW)
    if request.method == "POST":
        return _redeem(request, workspace)
    number = _typed(request.GET.get("number", ""))
    grant = _grant(workspace, number)
    error = _("There is no reward with this number here.") if number and grant is None else ""
    return _show(request, workspace, number, grant, error=error, status=404 if error else 200)


def _redeem(request: HttpRequest, workspace: Workspace) -> HttpResponse:
    number = _typed(request.POST.get("number", ""))
    try:
        grant = flow.redeemed(number=number, workspace_id=workspace.id, operator=operator_of(request))
    except Refusal as refusal:
        found = _grant(workspace, number)
        return _show(request, workspace, number, found, error=str(refusal), status=refusal.status)
    say(request, _("Redeemed: %(name)s") % {"name": grant.reward.name})
    return _show(request, workspace, "", _grant(workspace, grant.number), is_fresh=True)


def _typed(raw: str) -> str:
    """The number without what people put between its letters to read it out."""
    return "".join(raw.replace("-", "").split())[:40]


def _grant(workspace: Workspace, number: str) -> Grant | None:
    slug = read_slug(number)
    if slug is None:
        return None
    rows = Grant.objects.filter(workspace=workspace, number=slug)
    return rows.select_related("reward", "journey__person", "redeemed_by", "campaign", "stock_code").first()


def _show(
    request: HttpRequest,
    workspace: Workspace,
    number: str,
    grant: Grant | None,
    *,
    error: str = "",
    is_fresh: bool = False,
    status: int = 200,
) -> HttpResponse:
    latest = Grant.objects.filter(workspace=workspace, redeemed_at__isnull=False).order_by("-redeemed_at")
    context = {
        "number": number,
        "grant": grant,
        "error": error,
        "is_fresh": is_fresh,
        "latest": latest.select_related("reward", "journey__person", "redeemed_by", "campaign")[:LATEST],
    }
    return with_camera(page(request, "console/redeem/redeem.html", context, tab="redeem", status=status))
