"""Channels and their codes: where scans come from."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tenfold.accounts.access import Right
from tenfold.accounts.models import Language
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.codes import actions
from tenfold.codes.models import LiveCode
from tenfold.codes.queries import Tally, address_of, tallies
from tenfold.console.editor import setup_page
from tenfold.console.editor_poster import poster_file
from tenfold.console.forms_editor import ChannelForm
from tenfold.console.layout import campaign_for, operator_of, operator_required, say
from tenfold.imaging.qr import qr_png


def _rows(campaign: Campaign) -> list[dict[str, object]]:
    codes = (
        campaign.codes.filter(channel__isnull=False)
        .select_related("channel")
        .annotate(joins=Count("seeds", filter=Q(seeds__joined_at__isnull=False)))
        .order_by("created_at")
    )
    opened = tallies([campaign.id])
    return [
        {"code": code, "address": address_of(code), "tally": opened.get(code.channel.id, Tally())}
        for code in codes
        if code.channel
    ]


@operator_required
def channels(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    is_save = request.method == "POST"
    campaign = campaign_for(request, campaign_id, Right.MANAGE if is_save else Right.VIEW)
    form = ChannelForm(request.POST if is_save else None)
    if is_save and form.is_valid() and _made(request, campaign, form):
        return redirect("console:codes", campaign.id)
    context: dict[str, object] = {"rows": _rows(campaign), "form": form}
    return setup_page(request, campaign, "codes", context, status=422 if is_save else 200)


def _made(request: HttpRequest, campaign: Campaign, form: ChannelForm) -> bool:
    if campaign.channels.filter(name=form.cleaned_data["name"].strip()).exists():
        # The form sent twice, or a second channel that nobody could tell from the first.
        form.add_error("name", _("There is a channel of this name already."))
        return False
    try:
        actions.make_channel(campaign=campaign, operator=operator_of(request), **form.cleaned_data)
    except Refusal as refusal:
        form.refuse(refusal, "kind" if refusal.code == "unknown_kind" else "name")
        return False
    say(request, _("The code is made. It never changes: print it wherever you like."))
    return True


def _code(request: HttpRequest, campaign_id: UUID, code_id: UUID) -> LiveCode:
    campaign = campaign_for(request, campaign_id)
    code = campaign.codes.select_related("campaign", "channel").filter(pk=code_id).first()
    if code is None:
        raise Refusal("not_found", _("This code is not part of the campaign."), status=404)
    return code


@operator_required
@require_safe
def qr(request: HttpRequest, campaign_id: UUID, code_id: UUID) -> HttpResponseBase:
    code = _code(request, campaign_id, code_id)
    answer = HttpResponse(qr_png(address_of(code), module=16), content_type="image/png")
    if "download" in request.GET:
        answer["Content-Disposition"] = f'attachment; filename="code-{code.slug}.png"'
    return answer


@operator_required
@require_safe
def poster(request: HttpRequest, campaign_id: UUID, code_id: UUID) -> HttpResponseBase:
    code = _code(request, campaign_id, code_id)
    wanted = request.GET.get("lang", "")
    return poster_file(code, wanted if wanted in Language.values else code.campaign.language, "png")
