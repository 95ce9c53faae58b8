"""What somebody has earned and still can: collected, downloaded, checked in for, and every change with its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Exists, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from tenfold import flow
from tenfold.base import clock
from tenfold.base.keys import read_slug
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.flow.progress import next_step
from tenfold.keepsakes.queries import keepsakes_of
from tenfold.people.models import Attendance, Journey
from tenfold.rewards.books import Balance, Draw
from tenfold.rewards.models import Grant, Reward, RewardFile, RewardRule
from tenfold.rewards.queries import grants_of, rules_of
from tenfold.rewards.steps import Step, steps_for
from tenfold.rewards.tasks import has_task
from tenfold.web.asking import journey_of
from tenfold.web.ladder import Ladder, ladder_of
from tenfold.web.prizes import Prize, prizes_of
from tenfold.web.ways import BoardLink, Held, Shown, Way, balances_of, board_of, own_place, ways_of

When, Kind = RewardRule.When, Reward.Kind
# What was earned within so long stands on top of the page, whatever else there is to do.
FRESH = timedelta(days=1)
SHOWN_DAYS = 31
NO_GRANT = Refusal("not_found", gettext_lazy("There is no such reward of yours."), status=404)


@dataclass(frozen=True)
class Days:
    """The days somebody has checked in, and what for."""

    count: int
    days: list[date]
    goals: list[str]
    is_done_today: bool
    is_open: bool


@dataclass(frozen=True)
class Earned:
    """All that the rules of a campaign have to do with one journey, read once for a page."""

    rules: list[RewardRule]
    has_task: bool
    steps: list[Step]
    prizes: list[Prize]
    ladder: Ladder | None
    days: Days | None
    ways: list[Way]
    balances: list[Held]
    board: BoardLink | None
    has_keepsakes: bool

    @property
    def top(self) -> Prize | None:
        """What stands above all else: something to collect first, then what has just been earned."""
        return next((prize for prize in self.prizes if prize.is_open), None) or self._newest()

    def _newest(self) -> Prize | None:
        usable = [prize for prize in self.prizes if prize.is_given and not prize.grant.reward.is_amount]
        open_ones = [prize for prize in usable if prize.grant.state == Grant.State.CLAIMED]
        fresh = [prize for prize in open_ones if prize.grant.granted_at > clock.now() - FRESH]
        waiting = [prize for prize in open_ones if prize.gift.is_shown]
        return next(iter(fresh), None) or (None if self.has_step_ahead else next(iter(waiting), None))

    @property
    def has_main_reward(self) -> bool:
        """Whether what is asked of them brings something: the task where there is one, else friends or days."""
        return any(_is_main(step.rule, self.has_task) for step in self.steps)

    @property
    def has_been_rewarded(self) -> bool:
        return any(_is_main(step.rule, self.has_task) and step.is_granted for step in self.steps)

    @property
    def has_step_ahead(self) -> bool:
        return next_step([step for step in self.steps if step.rule.when == When.INVITES]) is not None

    @property
    def owed(self) -> Reward | None:
        """What the task has earned and there was none left of."""
        owed = (step.reward for step in self.steps if step.rule.when == When.TASK and step.state == "owed")
        return next(owed, None)


def _is_main(rule: RewardRule, is_task: bool) -> bool:
    return rule.when == When.TASK if is_task else rule.when != When.JOINED


def earned_of(journey: Journey, *, number: str = "", typed: Mapping[str, str] | None = None) -> Earned:
    """In as many queries however much there is. `typed` was filled in for the grant with this number."""
    campaign = journey.campaign
    rules = list(rules_of(campaign))
    for rule in rules:
        rule.campaign = campaign  # the same row, read already
    is_over = campaign.state == Campaign.State.ENDED
    grants, balances = list(grants_of(journey)), Balance.objects.filter(journey=journey)
    has_keepsakes, has_balances = _has(journey, keepsakes_of(journey), balances)
    steps = steps_for(journey, rules=rules, grants=grants)
    place = own_place(journey)
    shown = Shown(journey, place, _draws(rules), frozenset(grant.line for grant in grants))
    return Earned(
        rules=rules,
        has_task=has_task(campaign, rules),
        steps=steps,
        prizes=prizes_of(grants, is_invited=journey.inviter_id is not None, number=number, typed=typed),
        ladder=ladder_of(steps, journey.valid_count, is_over=is_over),
        days=_days(journey, rules),
        ways=ways_of(_to_come(rules, steps), shown),
        balances=balances_of(balances.order_by("unit") if has_balances else (), campaign),
        board=board_of(journey, place),
        has_keepsakes=has_keepsakes,
    )


def _has(journey: Journey, *rows: QuerySet[Any]) -> list[bool]:
    """Whether there are any of each, in one query: most people have none."""
    asked = Journey.objects.filter(pk=journey.pk).values_list(*(Exists(each) for each in rows))
    return [bool(there_is) for there_is in asked.get()]


def _to_come(rules: Sequence[RewardRule], steps: Sequence[Step]) -> list[RewardRule]:
    """Without what they have already, which stands among their rewards."""
    had = {step.rule.line for step in steps if step.is_granted}
    return [rule for rule in rules if rule.line not in had]


def _draws(rules: Sequence[RewardRule]) -> dict[object, Draw]:
    lines = [rule.line for rule in rules if rule.when == When.LOTTERY]
    found = Draw.objects.filter(line__in=lines).only("id", "line", "drawn_at") if lines else []
    return {draw.line: draw for draw in found}


def _days(journey: Journey, rules: Sequence[RewardRule]) -> Days | None:
    wanted = [rule for rule in rules if rule.when == When.ATTENDANCE]
    if not wanted:
        return None
    newest = Attendance.objects.filter(journey=journey).order_by("-day").values_list("day", flat=True)
    days = list(newest[:SHOWN_DAYS])
    today = timezone.localdate(clock.now(), journey.campaign.zone)
    is_open = journey.is_member and journey.campaign.state == Campaign.State.LIVE
    goals = [_goal(rule, journey.attendance_count) for rule in wanted]
    return Days(journey.attendance_count, days[::-1], goals, today in days, is_open)


def _goal(rule: RewardRule, count: int) -> str:
    name = rule.reward.name if rule.reward else ""
    left = rule.need - count
    if left <= 0:
        return _("“%(reward)s”: all days are done.") % {"reward": name}
    text = ngettext(
        "“%(reward)s”: %(left)s more day of %(need)s.", "“%(reward)s”: %(left)s more days of %(need)s.", left
    )
    return text % {"reward": name, "left": left, "need": rule.need}


# --- what they do with it -------------------------------------------------------------------------------------


@require_safe
def file(request: HttpRequest, campaign_id: UUID, number: str) -> HttpResponse:
    """The file of a reward of theirs: handed over to be kept, never opened in the page."""
    grant = own_grant(journey_of(request, campaign_id), number)
    found = RewardFile.objects.filter(reward_id=grant.reward_id).first()
    if found is None or grant.state not in (Grant.State.CLAIMED, Grant.State.REDEEMED):
        raise NO_GRANT
    response = HttpResponse(bytes(found.content), content_type=found.media_type)
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=found.name) or "attachment"
    )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_POST
def attend(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    journey = journey_of(request, campaign_id)
    flow.attended(journey=journey, text=request.POST.get("text", ""))
    return redirect("web:me", campaign_id)


def own_grant(journey: Journey, number: str) -> Grant:
    slug = read_slug(number)
    grant = grants_of(journey).filter(number=slug).first() if slug else None
    if grant is None:
        raise NO_GRANT
    return grant


ADDRESS = ("name", "phone", "address", "postcode")


def typed_address(request: HttpRequest) -> dict[str, str]:
    return {each: request.POST.get(each, "") for each in ADDRESS}
