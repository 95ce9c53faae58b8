"""Everybody's posters or keepsakes as files: asked for here, made by the worker, taken home as a ZIP or a PDF."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from tenfold import flow
from tenfold.accounts.access import Right, right_of
from tenfold.accounts.models import Language
from tenfold.base.keys import read_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import (
    back_to,
    campaign_for,
    fragment,
    once,
    operator_of,
    operator_required,
    page,
    say,
)
from tenfold.keepsakes.models import Edition
from tenfold.posters import parts
from tenfold.posters import renders as rooms
from tenfold.posters.models import PosterDesign, RenderRun

FILES = {"zip": ("application/zip", parts.zip_of), "pdf": ("application/pdf", parts.print_of)}

Why = RenderRun.Why
# At once, of one process: each of them keeps a thread that pages need too, for as long as it takes.
DOWNLOADS = threading.BoundedSemaphore(2)
RETRY_SECONDS = 30


@dataclass(frozen=True)
class Shown:
    """A run as the page shows it."""

    run: RenderRun
    name: str | Promise
    percent: int
    why: str | Promise


def _shown(request: HttpRequest, campaign: Campaign) -> dict[str, object]:
    right = right_of(operator_of(request), campaign.workspace_id) or Right.VIEW
    editions = {edition.id: edition for edition in Edition.objects.filter(campaign=campaign)}
    runs = campaign.renders.defer("parts", "texts", "versions").order_by("-created_at")
    shown = [Shown(run, _name(run, editions), _percent(run), _why(run)) for run in runs]
    is_moving = any(one.run.state == RenderRun.State.RUNNING for one in shown)
    return {
        "campaign": campaign,
        "runs": shown,
        "is_moving": is_moving,
        "editions": editions.values(),
        "may_manage": right >= Right.MANAGE,
    }


def _name(run: RenderRun, editions: dict[UUID, Edition]) -> str | Promise:
    edition = editions.get(run.edition_id) if run.edition_id else None
    return edition.name if edition else PosterDesign.Kind(run.kind).label


def _percent(run: RenderRun) -> int:
    return 100 * run.done_count // run.total_count if run.total_count else 100


def _why(run: RenderRun) -> str | Promise:
    return Why(run.why if run.why in Why.values else Why.TROUBLE).label


@operator_required
def renders(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    is_begin = request.method == "POST"
    campaign = campaign_for(request, campaign_id, Right.MANAGE if is_begin else Right.VIEW)
    refusal = _begun(request, campaign) if is_begin else None
    if is_begin and refusal is None:
        return back_to(request, "renders", campaign.id)
    context = _shown(request, campaign) | {"refusal": refusal, "languages": Language.choices}
    status = refusal.status if refusal else 200
    return page(
        request, "console/renders/renders.html", context, campaign=campaign, tab="poster", status=status
    )


def _begun(request: HttpRequest, campaign: Campaign) -> Refusal | None:
    """`what` is the kind of a poster, or the id of an edition of keepsakes."""
    what = request.POST.get("what", "")
    edition_id = read_id(what)
    edition = Edition.objects.filter(campaign=campaign, pk=edition_id).first() if edition_id else None
    try:
        flow.renders_begun(
            campaign=campaign,
            kind=edition.kind if edition else what,
            edition=edition,
            language=request.POST.get("language", ""),
            operator=operator_of(request),
            row_id=once(request),
        )
    except Refusal as refusal:
        return refusal
    return None


@operator_required
@require_safe
def now(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """The list alone, fetched again as long as something is being made."""
    campaign = campaign_for(request, campaign_id)
    return fragment(request, "console/renders/_runs.html", _shown(request, campaign))


def _run(campaign: Campaign, run_id: UUID) -> RenderRun:
    run = campaign.renders.filter(pk=run_id).first()
    if run is None:
        raise Refusal("not_found", _("There is nothing here, or it is not yours to see."), status=404)
    return run


@operator_required
@require_POST
def change(request: HttpRequest, campaign_id: UUID, run_id: UUID) -> HttpResponse:
    """Cancel it, let it go on, or throw it away: `act`."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    run, act = _run(campaign, run_id), request.POST.get("act", "")
    if act == "cancel":
        rooms.cancel(run=run, operator=operator_of(request))
    elif act == "resume":
        rooms.resume(run=run, operator=operator_of(request))
    elif act == "discard":
        rooms.discard(run=run, operator=operator_of(request))
        say(request, _("The files are thrown away."))
    else:
        raise Refusal("unknown_act", _("There is no such choice."), status=400)
    return back_to(request, "renders", campaign.id)


@operator_required
@require_safe
def file(request: HttpRequest, campaign_id: UUID, run_id: UUID, form: str) -> HttpResponseBase:
    """All that is made, as one file."""
    run = _run(campaign_for(request, campaign_id), run_id)
    if form not in FILES or not run.part_count:
        raise Refusal("not_found", _("There is nothing here, or it is not yours to see."), status=404)
    media_type, pieces = FILES[form]
    if not DOWNLOADS.acquire(blocking=False):
        return _busy(request, run)
    answer = StreamingHttpResponse(_Sending(pieces(run)), content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="{run.kind}-{run.created_at:%Y%m%d-%H%M}.{form}"'
    return answer


class _Sending:
    """A file on its way, and the place among `DOWNLOADS` that it takes: free again when it is sent or broken off."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self.close = weakref.finalize(self, DOWNLOADS.release)  # does it once, however often it is called

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces
        self.close()


def _busy(request: HttpRequest, run: RenderRun) -> HttpResponse:
    message = _("Others are taking files home at this moment. Try again in half a minute.")
    context = {"message": message, "status": 503, "up": reverse("console:renders", args=[run.campaign_id])}
    answer = render(request, "console/refusal.html", context, status=503)
    answer["Retry-After"] = str(RETRY_SECONDS)
    return answer
