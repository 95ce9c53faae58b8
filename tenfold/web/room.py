"""A group's page: the way in for those who hold a seat, the live room for its members."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_POST, require_safe

from tenfold import flow
from tenfold.base import clock
from tenfold.base.keys import new_id, read_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.codes.queries import first_touch
from tenfold.groups.actions import live_seat
from tenfold.groups.models import Group, Seat, Waiting
from tenfold.groups.queries import with_leases_apart
from tenfold.imaging.reading import MAX_BYTES
from tenfold.people.actions import MEMBER
from tenfold.people.models import Journey, Person
from tenfold.people.queries import journey_of_visitor
from tenfold.platforms.web.queries import posts_before
from tenfold.rewards.models import RewardRule
from tenfold.rewards.queries import rules_of
from tenfold.rewards.steps import left_by
from tenfold.rewards.tasks import asks_for_task
from tenfold.web.asking import is_fragment, key_of, language_now, picture_of, visitor_of
from tenfold.web.screenshots import answer_to

SHOWN_POSTS = 50
MEMBERS_A_PAGE = 100
START = UUID(int=0)


@require_safe
@gzip_page  # padded by Django with a random length, so that its size tells nothing about secrets
def show(request: HttpRequest, group_id: UUID) -> HttpResponse:
    group, visitor_id = _group(group_id), visitor_of(request)
    journey = journey_of_visitor(campaign_id=group.campaign_id, visitor_id=visitor_id)
    if _is_in_room(journey, group):
        return _feed(request, group, journey)
    if journey and journey.state not in (Journey.State.LEFT, Journey.State.REMOVED):
        return redirect("web:me", group.campaign_id)
    seat = _held_seat(group, visitor_id)
    if seat is None:
        return _no_seat(request, group, visitor_id, journey)
    if seat.group_id != group.id:
        return redirect("web:room", seat.group_id)
    return _way_in(request, group, seat)


@require_POST
def join(request: HttpRequest, group_id: UUID) -> HttpResponse:
    group, visitor_id = _group(group_id), visitor_of(request)
    try:
        journey = flow.joined(
            group=group,
            visitor_id=visitor_id,
            nickname=request.POST.get("nickname", ""),
            has_consented=request.POST.get("consent") == "yes",
            language=language_now(),
            device=request.POST.get("device", ""),
        )
    except Refusal as refusal:
        seat = _held_seat(group, visitor_id)
        if seat is None:
            raise
        return _way_in(request, group, seat, refusal)
    return redirect("web:room", journey.group_id)


@require_POST
def post(request: HttpRequest, group_id: UUID) -> HttpResponse:
    group = _group(group_id)
    journey = _member(request, group)
    try:
        new = flow.posted(
            journey=journey,
            text=request.POST.get("text", ""),
            picture=picture_of(request),
            key=key_of(request).hex,
        )
    except Refusal as refusal:
        if is_fragment(request):
            raise
        return _feed(request, group, journey, refusal)
    if is_fragment(request):
        return render(request, "web/_posted.html", _composer(group, journey) | {"post": new})
    return redirect("web:room", group.id)


@require_safe
def members(request: HttpRequest, group_id: UUID) -> HttpResponse:
    group = _group(group_id)
    journey = _member(request, group)
    pages = Paginator(_members(group), MEMBERS_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    return render(request, "web/members.html", {"group": group, "journey": journey, "page": page})


def _group(group_id: UUID) -> Group:
    groups = Group.objects.select_related("campaign").annotate(has_task=asks_for_task())
    group = groups.filter(pk=group_id).first()
    if group is None:
        raise Refusal("not_found", _("There is no such group."), status=404)
    return group


def _is_in_room(journey: Journey | None, group: Group) -> bool:
    is_here = journey is not None and journey.is_member and journey.group_id == group.id
    return is_here and group.platform == Group.Platform.WEB


def _member(request: HttpRequest, group: Group) -> Journey:
    journey = journey_of_visitor(campaign_id=group.campaign_id, visitor_id=visitor_of(request))
    if journey is None or not _is_in_room(journey, group):
        raise Refusal("not_a_member", _("Only members of the group can do this."), status=403)
    return journey


def _members(group: Group) -> QuerySet[Journey]:
    found = Journey.objects.filter(group=group, state__in=MEMBER).select_related("person")
    return found.order_by("joined_at", "id")


def _held_seat(group: Group, visitor_id: UUID) -> Seat | None:
    """The asker's seat anywhere in the campaign, while it is theirs to take."""
    seat = live_seat(campaign_id=group.campaign_id, visitor_id=visitor_id)
    if seat is None or seat.state != Seat.State.HELD:
        return None
    return seat if seat.expires_at is None or seat.expires_at > clock.now() else None


def _no_seat(
    request: HttpRequest, group: Group, visitor_id: UUID, journey: Journey | None
) -> HttpResponse:  # fmt: skip
    line = Waiting.objects.filter(campaign_id=group.campaign_id, visitor_id=visitor_id)
    if line.filter(state=Waiting.State.WAITING).exists():
        return redirect("web:line", group.campaign_id)
    context = {"group": group, "campaign": group.campaign, "journey": journey}
    return render(request, "web/no_seat.html", context, status=403)


def _way_in(
    request: HttpRequest, group: Group, seat: Seat, refusal: Refusal | None = None
) -> HttpResponse:  # fmt: skip
    mine = Person.objects.filter(workspace_id=group.workspace_id)
    known = mine.filter(visitor_id=visitor_of(request)).first()
    context = {
        "group": group,
        "campaign": group.campaign,
        "seat": seat,
        "left_count": with_leases_apart([group])[0].free_count,
        "nickname": request.POST.get("nickname", known.nickname if known else ""),
        "has_consented": request.POST.get("consent") == "yes",
        "gifts": _gifts(group.campaign, visitor_of(request)),
        "refusal": refusal,
    }
    return render(request, "web/join.html", context, status=refusal.status if refusal else 200)


def _gifts(campaign: Campaign, visitor_id: UUID) -> list[str]:
    """What somebody gets for coming by a friend's code, where this phone has come by one."""
    code = first_touch(campaign_id=campaign.id, visitor_id=visitor_id)
    if code is None or not Journey.objects.filter(code=code).exists():
        return []
    rules = rules_of(campaign).filter(when=RewardRule.When.JOINED, stopped_at=None)
    return [rule.reward.name for rule in rules if rule.reward and left_by(rule) != 0]


def _feed(
    request: HttpRequest, group: Group, journey: Journey | None, refusal: Refusal | None = None
) -> HttpResponse:  # fmt: skip
    assert journey is not None
    before = read_id(request.GET.get("before"))
    found = posts_before(group.id, before, SHOWN_POSTS + 1, reader_id=journey.person_id)
    posts = found[-SHOWN_POSTS:]
    context = {
        "group": group,
        "posts": posts,
        "me": journey.person_id,
        "has_earlier": len(found) > SHOWN_POSTS,
        "is_latest": before is None,
        "after": posts[-1].id if posts else START,
        "member_count": _members(group).count(),
        "text": request.POST.get("text", ""),
        "refusal": refusal,
    }
    return render(
        request,
        "web/room.html",
        _composer(group, journey) | context,
        status=refusal.status if refusal else 200,
    )


def _composer(group: Group, journey: Journey) -> dict[str, Any]:
    """What the form needs; a fresh key each time it is drawn, so that only a repeated sending repeats it."""
    is_due = journey.approved_at is None and group.has_task  # type: ignore[attr-defined]  # annotated
    return {
        "group": journey.group,
        "journey": journey,
        "me": journey.person_id,
        "key": new_id().hex,
        "limit": MAX_BYTES,
        "is_proof_due": is_due,
        "answer": answer_to(journey) if is_due else "",
    }
