"""A room of the built-in community, as its members see it: an operator takes a post away, and puts it back."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tenfold import flow
from tenfold.accounts.access import Right
from tenfold.base.keys import read_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.console.editor import setup_page
from tenfold.console.layout import campaign_for, operator_of, operator_required, say
from tenfold.groups.models import Group
from tenfold.people.models import Journey
from tenfold.platforms.web.models import Post
from tenfold.platforms.web.queries import posts_for_operators

SHOWN = 50


@operator_required
@require_safe
def show(request: HttpRequest, campaign_id: UUID, group_id: UUID) -> HttpResponseBase:
    """The newest post on top: that is where one looks first."""
    campaign, group = _room(request, campaign_id, group_id)
    before = read_id(request.GET.get("before"))
    found = posts_for_operators(group.id, before, SHOWN + 1)
    posts = list(reversed(found[-SHOWN:]))
    authors = {post.author_id for post in posts if post.author_id}
    journeys = Journey.objects.filter(campaign=campaign, person__in=authors)
    journey_of: dict[UUID | None, UUID] = dict(journeys.values_list("person_id", "id"))
    context: dict[str, object] = {
        "group": group,
        "posts": [(post, journey_of.get(post.author_id)) for post in posts],
        "before": before,
        "earlier": posts[-1].id if len(found) > SHOWN else None,
        "changed": read_id(request.GET.get("changed")),
    }
    return setup_page(request, campaign, "groups", context, template="console/groups/room.html")


@operator_required
@require_POST
def hide(request: HttpRequest, campaign_id: UUID, group_id: UUID, post_id: UUID) -> HttpResponse:
    campaign, group = _room(request, campaign_id, group_id)
    undo = reverse("console:show_post", args=[campaign.id, group.id, post_id])
    return _changed(request, group, post_id, flow.post_hidden, _("The post is removed."), undo)


@operator_required
@require_POST
def show_again(request: HttpRequest, campaign_id: UUID, group_id: UUID, post_id: UUID) -> HttpResponse:
    campaign, group = _room(request, campaign_id, group_id)
    undo = reverse("console:hide_post", args=[campaign.id, group.id, post_id])
    return _changed(request, group, post_id, flow.post_shown, _("The post is shown again."), undo)


def _changed(
    request: HttpRequest, group: Group, post_id: UUID, act: Callable[..., None], told: str, undo: str
) -> HttpResponse:
    """Done, and back to the same place of the same page: its button has the focus, which a fragment would take."""
    post = Post.objects.filter(pk=post_id, room_id=group.id, reader_id=None).first()
    if post is None:
        raise Refusal("not_found", _("There is no such post here."), status=404)
    act(post=post, group=group, operator=operator_of(request))
    say(request, told, undo=undo)
    before = read_id(request.POST.get("before"))
    here = reverse("console:room", args=[group.campaign_id, group.id])
    page = f"&before={before}" if before else ""
    return redirect(f"{here}?changed={post.id}{page}")


def _room(request: HttpRequest, campaign_id: UUID, group_id: UUID) -> tuple[Campaign, Group]:
    """Posts may be screenshots: they are for reviewers. Of a group elsewhere nothing is posted here."""
    campaign = campaign_for(request, campaign_id, Right.REVIEW)
    group = campaign.groups.filter(pk=group_id).first()
    if group is None:
        raise Refusal("not_found", _("This group is not part of the campaign."), status=404)
    return campaign, group
