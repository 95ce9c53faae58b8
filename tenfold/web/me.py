"""The participant's own page: where am I, what is left, my poster, who came through me, my reward."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from tenfold import flow
from tenfold.accounts.models import Language
from tenfold.base import clock, visitor
from tenfold.base.keys import read_id
from tenfold.base.refusal import Refusal
from tenfold.flow.progress import repeat_said
from tenfold.groups.models import Group
from tenfold.imaging.reading import MAX_BYTES
from tenfold.mailroom.models import Message
from tenfold.people.actions import change_profile
from tenfold.people.models import Credit, Journey, Person
from tenfold.posters.drawing import Drawing, drawn_name, poster_of
from tenfold.proofs.models import Proof
from tenfold.rewards.models import Reward
from tenfold.web import progress
from tenfold.web.asking import face_of, is_fragment, journey_of, mark_of, picture_of
from tenfold.web.earned import Earned, earned_of, own_grant, typed_address
from tenfold.web.pictures import poster_address
from tenfold.web.screenshots import about_screenshots, shown_proofs

State = Journey.State
# What the owner of a phone reads after scanning a code while they are in already (`?scan=`, from the door).
SCANNED_AGAIN: dict[str, str | Promise] = {
    Credit.Reason.SELF_INVITE: _("This is your own code. It counts when others scan it: share your poster."),
    Credit.Reason.LOOP: _("The friend whose code you scanned came through you: that counts for nobody."),
    Credit.Reason.ALREADY_IN: _("You were in this campaign already, so this scan counts for nobody."),
}
SHOWN_CREDITS = 100
SHOWN_MESSAGES = 20


@require_safe
@gzip_page  # padded by Django with a random length, so that its size tells nothing about secrets
def show(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    mark = mark_of(request, campaign_id)
    return _page(request, journey_of(request, campaign_id), mark=mark)


@require_POST
def proof(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    journey = journey_of(request, campaign_id)
    try:
        picture = picture_of(request)
        if picture is None:
            raise Refusal("no_picture", _("Choose a picture first."), status=400)
        flow.proof_sent(journey=journey, picture=picture, source=Proof.Source.PAGE)
    except Refusal as refusal:
        if is_fragment(request):
            raise
        return _page(request, journey, refusal)
    return redirect("web:me", campaign_id)


@require_POST
def appeal(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    """A screenshot of theirs was refused, and they think that is wrong: a person looks again, once."""
    journey = journey_of(request, campaign_id)
    asked = read_id(request.POST.get("proof"))
    found = Proof.objects.filter(pk=asked, journey=journey).first() if asked else None
    try:
        if found is None:
            raise Refusal("not_found", _("There is no such screenshot of yours."), status=404)
        flow.appealed(journey=journey, proof=found, text=request.POST.get("text", ""))
    except Refusal as refusal:
        if is_fragment(request):
            raise
        return _page(request, journey, refusal)
    return redirect("web:me", campaign_id)


@require_POST
def claim(request: HttpRequest, campaign_id: UUID, number: str) -> HttpResponse:
    """They collect a reward; where it is sent to them, they say where."""
    journey = journey_of(request, campaign_id)
    grant, typed = own_grant(journey, number), typed_address(request)
    try:
        is_sent = grant.reward.kind == Reward.Kind.PHYSICAL
        flow.claimed(grant=grant, address=typed if is_sent else None)
    except Refusal as refusal:
        if is_fragment(request):
            raise
        return _page(request, journey, refusal, earned_of(journey, number=grant.number, typed=typed))
    return redirect("web:me", campaign_id)


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    journey = journey_of(request, campaign_id)
    if request.method == "POST":
        flow.left(journey=journey)
        return redirect("web:me", campaign_id)
    joined_at = journey.joined_at or clock.now()
    grace_until = joined_at + timedelta(minutes=journey.campaign.grace_minutes)
    context = {"grace_until": grace_until if grace_until > clock.now() else None}
    return render(request, "web/leave.html", context | {"journey": journey, "campaign": journey.campaign})


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    journey = journey_of(request, campaign_id)
    person = journey.person
    context: dict[str, Any] = {"journey": journey, "nickname": person.nickname, "languages": Language.choices}
    context |= {"language": person.language, "limit": MAX_BYTES, "refusal": None}
    context["drawn_name"] = drawn_name(person.nickname, person.language)
    if request.method != "POST":
        return render(request, "web/profile.html", context)
    nickname, language = request.POST.get("nickname", ""), request.POST.get("language", "")
    try:
        language = language if language in Language.values else person.language
        change_profile(person=person, nickname=nickname, avatar=face_of(request), language=language)
    except Refusal as refusal:
        context |= {"nickname": nickname, "language": language, "refusal": refusal}
        return render(request, "web/profile.html", context, status=refusal.status)
    return redirect("web:me", campaign_id)


@require_http_methods(["GET", "HEAD", "POST"])
def personal_link(request: HttpRequest, page_key: str) -> HttpResponse:
    """Makes this phone theirs. One that already is somebody else's is asked first: links can be sent by anybody."""
    found = Journey.objects.select_related("person", "campaign").filter(page_key=page_key).first()
    if found is None:
        raise Refusal(
            "not_found", _("This personal link is not valid. Check that it is complete."), status=404
        )
    known = visitor.read(request.COOKIES.get(visitor.COOKIE))
    is_other = known not in (None, found.person.visitor_id)
    other = Person.objects.filter(visitor_id=str(known)).first() if is_other else None
    if other and request.method != "POST":
        return render(request, "web/personal_link.html", {"journey": found, "other": other})
    response = redirect("web:me", found.campaign_id)
    remember(response, found.person.visitor_id)
    return response


def remember(response: HttpResponse, visitor_id: UUID) -> None:
    response.set_cookie(
        visitor.COOKIE,
        visitor.write(visitor_id),
        max_age=visitor.MAX_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.IS_TLS,
    )


def _page(
    request: HttpRequest,
    journey: Journey,
    refusal: Refusal | None = None,
    earned: Earned | None = None,
    *,
    mark: str = "",
) -> HttpResponse:
    """`mark` is that from before the journey was read. A page that has none is told once to look again."""
    template = "web/_me.html" if is_fragment(request) else "web/me.html"
    status = refusal.status if refusal else 200
    context = _story(journey, earned or earned_of(journey)) | {"refusal": refusal, "mark": mark}
    context["scanned_again"] = _scanned_again(journey, request.GET.get("scan", ""))
    response = render(request, template, context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    patch_vary_headers(response, ["HX-Request"])
    return response


def _scanned_again(journey: Journey, why: str) -> str | Promise:
    """In the campaign's own words, where it has some for whoever is in already."""
    words = ""
    if why == Credit.Reason.ALREADY_IN:
        words = repeat_said(journey)
    return words or SCANNED_AGAIN.get(why, "")


def _story(journey: Journey, earned: Earned) -> dict[str, Any]:
    """All that the page shows, in as many queries however much there is to show."""
    proofs, credits_ = shown_proofs(journey), _credits(journey)
    tally = _tally(journey, credits_)
    had = _had(earned)
    next_step = progress.next_of(
        journey,
        campaign_state=journey.campaign.state,
        last_proof=proofs[0].proof if proofs else None,
        had=had,
    )
    made = _made(journey)
    return about_screenshots(journey, proofs, next_step, made) | {
        "journey": journey,
        "campaign": journey.campaign,
        "group": journey.group,
        "next": next_step,
        "steps": progress.steps(journey, had),
        "proofs": proofs,
        "last_proof": proofs[0] if proofs else None,
        "may_prove": _may_prove(journey, had),
        "credits": credits_,
        "is_credit_cut": tally.all > len(credits_),
        "tally": tally,
        **_gains(earned, next_step),
        "messages_to_me": _messages(journey),
        "has_keepsakes": earned.has_keepsakes,
        "poster": _poster(journey.code.slug, made),
        "is_web": journey.group.platform == Group.Platform.WEB,
        "link": f"{settings.PUBLIC_URL}/c/{journey.code.slug}",
        "personal_link": f"{settings.PUBLIC_URL}/p/{journey.page_key}",
        "limit": MAX_BYTES,
    }


def _had(earned: Earned) -> progress.Had:
    top = earned.top
    return progress.Had(
        has_task=earned.has_task,
        has_reward=earned.has_main_reward,
        is_granted=earned.has_been_rewarded,
        is_to_claim=bool(top and top.is_open),
        is_to_collect=bool(top and not top.is_open),
        is_owed=earned.owed is not None,
        has_step_ahead=earned.has_step_ahead,
    )


def _gains(earned: Earned, next_step: progress.Next) -> dict[str, Any]:
    """What they have and can have. What stands on top of the page does not stand below once more."""
    is_on_top = next_step in (progress.Next.CLAIM, progress.Next.COLLECT)
    top = earned.top if is_on_top else None
    return {
        "top": top,
        "prizes": [prize for prize in earned.prizes if prize is not top],
        "has_prizes": bool(earned.prizes),
        "owed": earned.owed,
        "ladder": earned.ladder,
        "attendance": earned.days,
        "ways": earned.ways,
        "balances": earned.balances,
        "board": earned.board,
    }


POSTER_WIDTH = 240


@dataclass(frozen=True)
class ShownPoster:
    """Where their poster as it is now can be kept for good, and how high it stands at `POSTER_WIDTH`."""

    jpg: str
    png: str
    height: int


def _made(journey: Journey) -> Drawing:
    code = journey.code
    code.campaign = journey.campaign  # the same row, read already
    return poster_of(code, language=journey.person.language, owner=journey)


def _poster(slug: str, made: Drawing) -> ShownPoster:
    jpg, png = (poster_address(slug, made, extension) for extension in ("jpg", "png"))
    design = made.chosen.design
    return ShownPoster(jpg, png, round(POSTER_WIDTH * design.height / design.width))


def _may_prove(journey: Journey, had: progress.Had) -> bool:
    is_open = journey.campaign.state == journey.campaign.State.LIVE
    is_asked = had.has_task or journey.state == State.ARRIVING
    return (
        is_open
        and is_asked
        and journey.approved_at is None
        and journey.state not in (State.LEFT, State.REMOVED)
    )


def _credits(journey: Journey) -> list[Credit]:
    """The newest ones: a poster in the right hands brings ten thousand."""
    found = Credit.objects.filter(inviter=journey).select_related("newcomer__person")
    return list(found.order_by("-created_at", "-id")[:SHOWN_CREDITS])


def _tally(journey: Journey, newest: Sequence[Credit]) -> progress.Tally:
    """Of all of them, which are `newest` where these are few."""
    if len(newest) < SHOWN_CREDITS:
        return progress.Tally(**Counter(credit.state for credit in newest))
    counted = Credit.objects.filter(inviter=journey).values_list("state").annotate(count=Count("pk"))
    return progress.Tally(**dict(counted))


def _messages(journey: Journey) -> list[Message]:
    """What was said to them, newest first; in a group without an interface a person says it."""
    said = [Message.State.SENT, Message.State.HUMAN]
    mine = Message.objects.filter(campaign_id=journey.campaign_id, journey_id=journey.id, state__in=said)
    return list(mine.exclude(own_text="").order_by("-created_at", "-id")[:SHOWN_MESSAGES])
