"""Making a campaign: from a playbook of the install, from a file, or with nothing in it; and saving one as a file."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from tenfold.accounts.access import Right
from tenfold.base.refusal import Refusal
from tenfold.campaigns import actions
from tenfold.campaigns.models import Campaign
from tenfold.campaigns.playbooks import LARGEST_FILE, ORDER, NotAPlaybook, Trouble
from tenfold.console import layout
from tenfold.console.forms import CampaignForm, LoadForm
from tenfold.console.layout import campaign_for, once, operator_of, operator_required, say
from tenfold.flow.playbooks import Playbook, every_ready, read, ready
from tenfold.flow.presets import applied, saved


def _page(
    request: HttpRequest,
    form: CampaignForm,
    load: LoadForm,
    *,
    troubles: Sequence[Trouble] = (),
    status: int = 200,
) -> HttpResponse:
    chosen = form["playbook"].value()
    context = {
        "form": form,
        "load": load,
        "cards": [(one.name, one.told, one.name == chosen) for one in every_ready()],
        "is_empty_chosen": not chosen,
        "troubles": troubles,
    }
    return layout.page(request, "console/campaigns/make.html", context, tab="home", status=status)


@operator_required
def make(request: HttpRequest) -> HttpResponseBase:
    language = operator_of(request).language
    layout.workspace_of(request, Right.MANAGE)
    form = CampaignForm(request.POST or None, initial={"language": language, "playbook": ORDER[0]})
    if form.is_valid():
        try:
            campaign = _made(request, **form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal, "name")
        else:
            return redirect("console:plan", campaign.id)
    return _page(
        request,
        form,
        LoadForm(initial={"language": language}, auto_id="load_%s"),
        status=422 if form.is_bound else 200,
    )


def _made(request: HttpRequest, *, name: str, language: str, playbook: str) -> Campaign:
    chosen = ready(playbook)
    if chosen:
        return _applied(request, chosen, name=name, language=language)
    workspace = layout.workspace_of(request, Right.MANAGE)
    return actions.make_campaign(
        workspace_id=workspace.id,
        operator=operator_of(request),
        row_id=once(request),
        name=name,
        language=language,
    )


def _applied(request: HttpRequest, playbook: Playbook, *, name: str, language: str) -> Campaign:
    workspace = layout.workspace_of(request, Right.MANAGE)
    return applied(
        workspace_id=workspace.id,
        operator=operator_of(request),
        row_id=once(request),
        playbook=playbook,
        name=name,
        language=language,
    )


@operator_required
@require_POST
def load(request: HttpRequest) -> HttpResponseBase:
    """A campaign out of a file that anybody may have written; everything that is wrong with it is shown at once."""
    layout.workspace_of(request, Right.MANAGE)
    form = LoadForm(request.POST, request.FILES, auto_id="load_%s")
    troubles: Sequence[Trouble] = ()
    if form.is_valid():
        try:
            return redirect("console:plan", _loaded(request, form).id)
        except NotAPlaybook as refusal:
            troubles = refusal.troubles
        except Refusal as refusal:
            form.refuse(refusal, "name")
    new = CampaignForm(initial={"language": operator_of(request).language, "playbook": ORDER[0]})
    return _page(request, new, form, troubles=troubles, status=422)


def _loaded(request: HttpRequest, form: LoadForm) -> Campaign:
    language = form.cleaned_data["language"]
    playbook = read(form.cleaned_data["file"].read(LARGEST_FILE + 1))
    name = form.cleaned_data["name"] or playbook.about["title"].in_language(language)
    campaign = _applied(request, playbook, name=name, language=language)
    say(request, _("The file is a campaign now. Add groups and whatever stock it needs."))
    return campaign


@operator_required
@require_safe
def save(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """The campaign as a file, to be loaded elsewhere or given to somebody."""
    campaign = campaign_for(request, campaign_id)
    answer = HttpResponse(saved(campaign), content_type="application/toml; charset=utf-8")
    plain = "".join(letter if letter.isalnum() else "-" for letter in campaign.name)[:60]
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(plain)}.toml"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
