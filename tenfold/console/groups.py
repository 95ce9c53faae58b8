"""The pool of groups: in which order they fill, how full they are, and what a WeChat group needs from a person."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenfold import flow
from tenfold.accounts.access import Right
from tenfold.base import clock
from tenfold.base.keys import read_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.editor import setup_page
from tenfold.console.forms_editor import ChangeGroupForm, CountForm, GroupForm
from tenfold.console.layout import campaign_for, once, operator_of, operator_required, say
from tenfold.groups import actions, rules
from tenfold.groups.models import Group
from tenfold.groups.queries import with_leases_apart
from tenfold.imaging.reading import MAX_BYTES


@dataclass
class Row:
    """A group in the pool, with its forms and what wants attention."""

    group: Group
    change: ChangeGroupForm
    count: CountForm
    qr_error: str = ""
    is_open: bool = False

    @property
    def is_wechat(self) -> bool:
        return self.group.platform == Group.Platform.WECHAT_GROUP

    @property
    def state_label(self) -> str:
        short = {
            Group.State.OPEN: _("Open"),
            Group.State.DRAINING: _("Draining"),
            Group.State.CLOSED: _("Closed"),
        }
        return short[Group.State(self.group.state)]

    @property
    def taken_percent(self) -> int:
        return round(100 * self.group.taken_count / self.group.capacity)

    @property
    def held_percent(self) -> int:
        return round(100 * self.group.held_count / self.group.capacity)

    @property
    def is_nearly_full(self) -> bool:
        return rules.is_nearly_full(self.group)

    @property
    def qr_state(self) -> str:
        """none, over, soon or good."""
        if not self.is_wechat:
            return "good"
        if self.group.qr_picture_id is None or self.group.qr_expires_at is None:
            return "none"
        if not rules.has_valid_qr(self.group, clock.now()):
            return "over"
        return "soon" if rules.qr_ends_soon(self.group, clock.now()) else "good"

    @property
    def hours_left(self) -> int:
        expires_at = self.group.qr_expires_at
        return int((expires_at - clock.now()).total_seconds() // 3600) if expires_at else 0


def _row(group: Group) -> Row:
    known = {"name": group.name, "capacity": group.capacity, "others_count": group.others_count}
    prefix = str(group.id)
    change = ChangeGroupForm(initial=known, auto_id=f"{prefix}_%s")
    return Row(group, change, CountForm(auto_id=f"{prefix}_count_%s"))


def _page(
    request: HttpRequest,
    campaign: Campaign,
    *,
    form: GroupForm | None = None,
    wrong: Row | None = None,
    status: int = 200,
) -> HttpResponse:
    """The pool; `wrong` is the row whose form was refused, shown as it was typed."""
    rows = [wrong if wrong and wrong.group.pk == group.pk else _row(group) for group in campaign.groups.all()]
    with_leases_apart([row.group for row in rows])
    free = sum(row.group.free_count for row in rows if rules.is_showable(row.group, clock.now()))
    context: dict[str, object] = {"rows": rows, "form": form or GroupForm(), "free": free}
    return setup_page(request, campaign, "groups", context, status=status)


@operator_required
@require_safe
def pool(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    return _page(request, campaign_for(request, campaign_id))


@operator_required
@require_POST
def add(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    form = GroupForm(request.POST)
    if form.is_valid():
        try:
            group = actions.add_group(
                campaign=campaign, operator=operator_of(request), row_id=once(request), **form.cleaned_data
            )
        except Refusal as refusal:
            form.refuse(refusal, _field_of(refusal))
        else:
            say(request, _("%(group)s stands at the end of the pool.") % {"group": group.name})
            return redirect("console:groups", campaign.id)
    return _page(request, campaign, form=form, status=422)


def _field_of(refusal: Refusal) -> str | None:
    return {
        "bad_name": "name",
        "bad_capacity": "capacity",
        "capacity_too_small": "capacity",
        "bad_others": "others_count",
        "unknown_platform": "platform",
    }.get(refusal.code)


def _group_of(request: HttpRequest, campaign_id: UUID, group_id: UUID) -> tuple[Campaign, Group]:
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    group = campaign.groups.select_related("campaign").filter(pk=group_id).first()
    if group is None:
        raise Refusal("not_found", _("This group is not part of the campaign."), status=404)
    return campaign, group


def _refused(request: HttpRequest, campaign: Campaign, wrong: Row) -> HttpResponse:
    wrong.is_open = True
    return _page(request, campaign, wrong=wrong, status=422)


@operator_required
@require_POST
def change(request: HttpRequest, campaign_id: UUID, group_id: UUID) -> HttpResponseBase:
    campaign, group = _group_of(request, campaign_id, group_id)
    form = ChangeGroupForm(request.POST, auto_id=f"{group.id}_%s")
    if form.is_valid():
        try:
            actions.change_group(group=group, operator=operator_of(request), **form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal, _field_of(refusal))
        else:
            say(request, _("%(group)s is saved.") % {"group": group.name})
            return redirect("console:groups", campaign.id)
    group.refresh_from_db()
    row = _row(group)
    row.change = form
    return _refused(request, campaign, row)


@operator_required
@require_POST
def set_state(request: HttpRequest, campaign_id: UUID, group_id: UUID) -> HttpResponseBase:
    """The state comes in the form, or in the address where a toast's undo sends it."""
    campaign, group = _group_of(request, campaign_id, group_id)
    before = group.state
    wanted = request.POST.get("state") or request.GET.get("state", "")
    actions.set_state(group=group, state=wanted, operator=operator_of(request))
    told = {
        Group.State.OPEN: _("%(group)s is open to newcomers."),
        Group.State.DRAINING: _("%(group)s takes no newcomers; who was shown it may still join."),
        Group.State.CLOSED: _("%(group)s is closed; its members stay."),
    }[Group.State(group.state)]
    undo = f"{reverse('console:group_state', args=[campaign.id, group.id])}?state={before}"
    say(request, told % {"group": group.name}, undo=undo if before != group.state else "")
    return redirect("console:groups", campaign.id)


@operator_required
@require_POST
def reorder(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """The whole order after a drag (`ids`), or one group moved `up` or `down`."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    ids = [found for raw in request.POST.getlist("ids") if (found := read_id(raw))]
    if not ids:
        ids = _moved(list(campaign.groups.values_list("id", flat=True)), request)
    actions.reorder(campaign=campaign, group_ids=ids, operator=operator_of(request))
    return redirect("console:groups", campaign.id)


def _moved(ids: list[UUID], request: HttpRequest) -> list[UUID]:
    group_id, by = read_id(request.POST.get("group")), -1 if request.POST.get("by") == "up" else 1
    if group_id not in ids:
        return ids
    here = ids.index(group_id)
    there = min(max(here + by, 0), len(ids) - 1)
    ids[here], ids[there] = ids[there], ids[here]
    return ids


@operator_required
@require_POST
def set_qr(request: HttpRequest, campaign_id: UUID, group_id: UUID) -> HttpResponseBase:
    campaign, group = _group_of(request, campaign_id, group_id)
    file = request.FILES.get("qr")
    row = _row(group)
    if file is None or isinstance(file, list):
        row.qr_error = _("Choose the picture of the group's QR code first.")
        return _refused(request, campaign, row)
    try:
        # One byte more than allowed is enough to be refused: a large file is not read to its end.
        flow.qr_uploaded(group=group, data=file.read(MAX_BYTES + 1), operator=operator_of(request))
    except Refusal as refusal:
        row.qr_error = str(refusal.message)
        return _refused(request, campaign, row)
    say(request, _("The QR code of %(group)s works for seven days from now.") % {"group": group.name})
    return redirect("console:groups", campaign.id)


@operator_required
@require_safe
def qr_picture(request: HttpRequest, campaign_id: UUID, group_id: UUID) -> HttpResponseBase:
    campaign = campaign_for(request, campaign_id)
    group = campaign.groups.select_related("qr_picture").filter(pk=group_id).first()
    if group is None or group.qr_picture is None:
        raise Refusal("not_found", _("There is no QR code here yet."), status=404)
    return HttpResponse(bytes(group.qr_picture.content), content_type=group.qr_picture.media_type)


@operator_required
@require_POST
def count(request: HttpRequest, campaign_id: UUID, group_id: UUID) -> HttpResponseBase:
    campaign, group = _group_of(request, campaign_id, group_id)
    form = CountForm(request.POST, auto_id=f"{group.id}_count_%s")
    if form.is_valid():
        try:
            found = flow.members_counted(
                group=group, members=form.cleaned_data["members"], operator=operator_of(request)
            )
        except Refusal as refusal:
            form.refuse(refusal, "members")
        else:
            say(request, _told(found))
            return redirect("console:groups", campaign.id)
    row = _row(group)
    row.count = form
    return _refused(request, campaign, row)


def _told(found: rules.Count) -> str:
    told = [_("%(n)s joins confirmed.") % {"n": found.confirmed}]
    if found.anonymous:
        told.append(
            _("%(n)s members came without a code: their seats are taken too.") % {"n": found.anonymous}
        )
    if found.missing:
        told.append(_("%(n)s fewer than we thought: some have left.") % {"n": found.missing})
    return " ".join(told)
