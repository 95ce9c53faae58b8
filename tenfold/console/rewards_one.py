"""One reward: its settings, its stock with the uploads it came from, its file, and whether it is still given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Min, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from tenfold import flow
from tenfold.accounts.access import Right, row_for
from tenfold.accounts.models import Operator
from tenfold.base.claim import step
from tenfold.base.refusal import Refusal
from tenfold.base.sheets import LARGEST_FILE
from tenfold.campaigns.models import Campaign
from tenfold.console.editor import setup_page
from tenfold.console.figures import figure_text
from tenfold.console.forms_rewards import RewardForm
from tenfold.console.layout import back_to, campaign_for, operator_of, operator_required, say
from tenfold.console.rewards import FIELD_OF, edition_choices, kind_context, set_edition
from tenfold.console.rewards_lines import item_of, lines_of
from tenfold.keepsakes.models import Edition
from tenfold.rewards import actions
from tenfold.rewards.code_sheet import read_codes_csv
from tenfold.rewards.models import Reward, RewardFile, StockCode
from tenfold.rewards.queries import rules_of

LATEST_UPLOADS = 20
KEPT = ("name", "text", "stock_count", "warn_below", "claim_hours")


@dataclass(frozen=True)
class Upload:
    """A file of codes that was taken in, and how many of its codes nobody has."""

    id: UUID
    at: datetime
    all: int
    free: int
    code: str

    @property
    def sample(self) -> str:
        """The beginning of one of its codes: enough to know the file again, too little to use."""
        return f"{self.code[: min(4, len(self.code) // 2)]}…"

    @property
    def given(self) -> int:
        return self.all - self.free


def _reward(request: HttpRequest, campaign: Campaign, reward_id: UUID) -> Reward:
    return row_for(operator_of(request), Reward.objects.filter(campaign=campaign), reward_id)


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def one_reward(request: HttpRequest, campaign_id: UUID, reward_id: UUID) -> HttpResponseBase:
    is_save = request.method == "POST"
    campaign = campaign_for(request, campaign_id, Right.MANAGE if is_save else Right.VIEW)
    found = _reward(request, campaign, reward_id)
    form = _form(campaign, found, request.POST if is_save else None)
    if is_save and form.is_valid() and _changed(request, found, form):
        say(request, _("The reward is saved."))
        return redirect("console:one_reward", campaign.id, found.id)
    return _page(
        request, campaign, _reward(request, campaign, reward_id), form, status=422 if form.errors else 200
    )


def _form(campaign: Campaign, found: Reward, typed: Mapping[str, object] | None = None) -> RewardForm:
    edition = Edition.objects.filter(reward=found).first()
    initial = {name: getattr(found, name) for name in KEPT} | {
        "amount": figure_text(found.amount, found.kind, campaign.currency),
        "edition": str(edition.id) if edition else "",
    }
    editions = edition_choices(campaign, found) if found.kind == Reward.Kind.KEEPSAKE else ()
    return RewardForm(typed, kind=found.kind, currency=campaign.currency, editions=editions, initial=initial)


def _changed(request: HttpRequest, found: Reward, form: RewardForm) -> bool:
    try:
        _change(found, form, operator_of(request))
    except Refusal as refusal:
        form.refuse(refusal, FIELD_OF.get(refusal.code))
        return False
    return True


@step
def _change(found: Reward, form: RewardForm, operator: Operator) -> None:
    actions.change_reward(reward=found, operator=operator, **form.settings)
    if found.kind == Reward.Kind.KEEPSAKE:
        set_edition(found, form.edition_id, operator)


def _page(
    request: HttpRequest,
    campaign: Campaign,
    found: Reward,
    form: RewardForm,
    *,
    status: int = 200,
    **errors: str,
) -> HttpResponse:
    rules = [each for each in rules_of(campaign) if found.id in (each.reward_id, each.fallback_id)]
    lines = lines_of(campaign, rules)
    context: dict[str, object] = {
        "reward": found,
        "form": form,
        "item": item_of(found, campaign.currency),
        "lines": lines,
        "waiting": sum(line.waiting for line in lines if line.rule.reward_id == found.id),
        "uploads": _uploads(found),
        "file": RewardFile.objects.filter(reward=found).defer("content").first(),
        **errors,
    }
    context |= kind_context(campaign, found.kind)
    return setup_page(
        request, campaign, "reward", context, template="console/rewards/reward.html", status=status
    )


def _uploads(found: Reward) -> list[Upload]:
    if found.kind != Reward.Kind.CODES:
        return []
    codes = StockCode.objects.filter(reward=found, batch_id__isnull=False).values("batch_id")
    rows = codes.annotate(
        at=Min("added_at"), all=Count("pk"), free=Count("pk", filter=Q(grant=None)), one=Min("code")
    )
    latest = rows.order_by("-at", "batch_id")[:LATEST_UPLOADS]
    return [
        Upload(row["batch_id"], row["at"], row["all"], row["free"], row["one"])
        for row in latest
        if row["batch_id"]
    ]


@operator_required
@require_POST
def restock(request: HttpRequest, campaign_id: UUID, reward_id: UUID) -> HttpResponseBase:
    """Codes from a CSV file: all that are new go into the stock, and to those who are still owed one."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    found = _reward(request, campaign, reward_id)
    try:
        added, repeated, batch_id = _added(request, found)
    except Refusal as refusal:
        form = _form(campaign, found)
        return _page(request, campaign, found, form, status=422, stock_error=str(refusal.message))
    told = ngettext(
        "Added %(added)s code, %(repeated)s repeated.", "Added %(added)s codes, %(repeated)s repeated.", added
    )
    undo = reverse("console:take_back_stock", args=[campaign.id, found.id, batch_id]) if added else ""
    say(request, told % {"added": added, "repeated": repeated}, undo=undo)
    return redirect("console:one_reward", campaign.id, found.id)


def _added(request: HttpRequest, found: Reward) -> tuple[int, int, UUID | None]:
    data = uploaded(request, "codes", _("Choose a CSV file first: one code a line."))
    sheet = read_codes_csv(data)
    added = flow.restocked(reward=found, codes=sheet.codes, operator=operator_of(request))
    return added.added, added.repeated + sheet.repeated, added.batch_id


def uploaded(request: HttpRequest, name: str, missing: str) -> bytes:
    """The bytes of the file chosen, at most one more than may be; a Refusal where none was."""
    return bytes(chosen_file(request, name, missing).read(LARGEST_FILE + 1))


def chosen_file(request: HttpRequest, name: str, missing: str) -> UploadedFile[Any]:
    sent = request.FILES.get(name)
    if sent is None or isinstance(sent, list):
        raise Refusal("no_file", missing, status=400)
    return sent


@operator_required
@require_POST
def take_back(request: HttpRequest, campaign_id: UUID, reward_id: UUID, upload_id: UUID) -> HttpResponse:
    """The wrong file was uploaded: the codes of it that nobody has leave the stock again."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    found = _reward(request, campaign, reward_id)
    if not StockCode.objects.filter(reward=found, batch_id=upload_id).exists():
        raise Refusal("not_found", _("There is nothing here, or it is not yours to see."), status=404)
    count = actions.take_back_codes(reward=found, batch_id=upload_id, operator=operator_of(request))
    told = ngettext("%(count)s code has left the stock.", "%(count)s codes have left the stock.", count)
    say(request, told % {"count": count})
    return back_to(request, "one_reward", campaign.id, found.id)


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, campaign_id: UUID, file_id: UUID) -> HttpResponseBase:
    """The file that winners download, of the reward `file_id`: uploaded here, and taken home as they get it."""
    is_save = request.method == "POST"
    campaign = campaign_for(request, campaign_id, Right.MANAGE if is_save else Right.VIEW)
    found = _reward(request, campaign, file_id)
    if not is_save:
        return _download(found)
    try:
        sent = chosen_file(request, "file", _("Choose a file first."))
        data, by = sent.read(LARGEST_FILE + 1), operator_of(request)
        actions.set_file(reward=found, name=sent.name or "", data=data, operator=by)
    except Refusal as refusal:
        form = _form(campaign, found)
        return _page(request, campaign, found, form, status=422, file_error=str(refusal.message))
    say(request, _("The file is there."))
    return redirect("console:one_reward", campaign.id, found.id)


def _download(found: Reward) -> HttpResponse:
    """As an attachment and under a type of its own: never opened in the page of the console."""
    kept = RewardFile.objects.filter(reward=found).first()
    if kept is None:
        raise Refusal("not_found", _("There is no file yet."), status=404)
    answer = HttpResponse(bytes(kept.content), content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = content_disposition_header(True, kept.name) or "attachment"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@operator_required
@require_POST
def retire(request: HttpRequest, campaign_id: UUID, reward_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    found = _reward(request, campaign, reward_id)
    try:
        actions.retire_reward(reward=found, operator=operator_of(request))
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    else:
        undo = reverse("console:restore_reward", args=[campaign.id, found.id])
        say(request, _("“%(name)s” is given no more.") % {"name": found.name}, undo=undo)
    return back_to(request, "one_reward", campaign.id, found.id)


@operator_required
@require_POST
def restore(request: HttpRequest, campaign_id: UUID, reward_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    found = _reward(request, campaign, reward_id)
    actions.restore_reward(reward=found, operator=operator_of(request))
    say(request, _("“%(name)s” can be given again.") % {"name": found.name})
    return back_to(request, "one_reward", campaign.id, found.id)
