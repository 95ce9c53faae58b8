"""What platforms cannot do: tasks for a person, with the text ready to copy."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenfold.accounts.access import Right, row_for
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign, Words
from tenfold.console.layout import (
    back_to,
    campaign_for,
    fragment,
    is_fragment,
    operator_of,
    operator_required,
    page,
    say,
)
from tenfold.console.live import live_address, tab_counts
from tenfold.groups.models import Group
from tenfold.mailroom.actions import close_task, reopen_task
from tenfold.mailroom.models import HumanTask
from tenfold.people.models import Journey

CLOSED_SHOWN = 30
OPEN_SHOWN = 200


@dataclass
class Item:
    task: HumanTask
    who: str
    moment: str


@dataclass
class Pile:
    """The open tasks of one kind in one group. `text` is all of theirs, to copy in one go."""

    group: Group | None
    kind: str
    label: str
    items: list[Item] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n\n".join(item.task.text for item in self.items if item.task.text)


@operator_required
@require_safe
def tasks(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    listens = live_address(request, campaign_id)
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    if is_fragment(request):
        return fragment(request, "console/tasks/_piles.html", {"campaign": campaign} | _tasks(campaign))
    context = _tasks(campaign) | {"live_address": listens}
    return page(request, "console/tasks/tasks.html", context, campaign=campaign, tab="tasks")


@operator_required
@require_POST
def close(request: HttpRequest, campaign_id: UUID, task_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    task = _task(request, campaign, task_id)
    is_done = "dropped" not in request.POST
    state = HumanTask.State.DONE if is_done else HumanTask.State.DROPPED
    closed = close_task(task=task, state=state, operator=operator_of(request))
    told = _("Done: %(task)s") if closed.state == HumanTask.State.DONE else _("Not needed: %(task)s")
    undo = reverse("console:reopen_task", args=[campaign.id, task.id])
    say(request, told % {"task": task.get_kind_display()}, undo=undo)
    return _after(request, campaign)


@operator_required
@require_POST
def reopen(request: HttpRequest, campaign_id: UUID, task_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    task = _task(request, campaign, task_id)
    try:
        reopen_task(task=task, operator=operator_of(request))
        say(request, _("Open again"))
    except Refusal as refusal:
        say(request, refusal.message, is_bad=True)
    return _after(request, campaign)


def _task(request: HttpRequest, campaign: Campaign, task_id: UUID) -> HumanTask:
    rows = HumanTask.objects.filter(campaign_id=campaign.id)
    return row_for(operator_of(request), rows, task_id, Right.REVIEW)


def _after(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    if is_fragment(request):
        return fragment(request, "console/tasks/_piles.html", {"campaign": campaign} | _tasks(campaign))
    return back_to(request, "tasks", campaign.id)


def _tasks(campaign: Campaign) -> dict[str, object]:
    rows = HumanTask.objects.filter(campaign_id=campaign.id)
    waiting = rows.filter(state=HumanTask.State.OPEN).order_by("created_at", "id")
    closed = (
        rows.exclude(state=HumanTask.State.OPEN).select_related("closed_by").order_by("-closed_at", "-id")
    )
    shown = list(waiting[:OPEN_SHOWN])
    return {
        "piles": _piles(campaign, shown),
        "open_count": waiting.count(),
        "shown_count": len(shown),
        "closed": closed[:CLOSED_SHOWN],
        "tab_counts": tab_counts(campaign),
    }


def _piles(campaign: Campaign, tasks: list[HumanTask]) -> list[Pile]:
    groups = {group.id: group for group in Group.objects.filter(campaign=campaign)}
    journeys = {task.journey_id for task in tasks if task.journey_id}
    names = dict(Journey.objects.filter(pk__in=journeys).values_list("pk", "person__nickname"))
    piles: dict[tuple[UUID | None, str], Pile] = {}
    for task in tasks:
        group = groups.get(task.group_id) if task.group_id else None
        pile = piles.setdefault((task.group_id, task.kind), Pile(group, task.kind, task.get_kind_display()))
        who = names.get(task.journey_id, "") if task.journey_id else ""
        pile.items.append(Item(task, who, _moment(task.moment)))
    order = [*groups, None]
    return sorted(piles.values(), key=lambda pile: order.index(pile.group.id if pile.group else None))


def _moment(moment: str) -> str:
    return str(Words.Moment(moment).label) if moment in Words.Moment.values else ""
