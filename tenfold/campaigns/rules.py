"""What a campaign may do in which state, which words are well formed, and when people may be spoken to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign, Words

Moment = Words.Moment
State = Campaign.State

ALWAYS = ("nickname", "campaign", "group", "page_link")
VARIABLES: dict[str, tuple[str, ...]] = {
    Moment.JOIN: (*ALWAYS, "inviter"),
    Moment.TASK: (*ALWAYS, "reward"),
    Moment.REMIND: (*ALWAYS, "reward"),
    Moment.APPROVE: ALWAYS,
    Moment.REJECT: (*ALWAYS, "reason"),
    Moment.REWARD: (*ALWAYS, "reward", "why"),
    Moment.WARN: (*ALWAYS, "hours"),
    Moment.REMOVE: ALWAYS,
    Moment.PROGRESS: (*ALWAYS, "newcomer", "count", "left", "reward", "next"),
    Moment.REPEAT: ("nickname", "campaign", "page_link", "count", "left", "next"),
    Moment.FULL: ("campaign", "page_link", "count"),
    Moment.END: ("campaign", "group", "page_link", "count"),
}
# A campaign may have no words for these: then nothing is said.
OPTIONAL = (Moment.PROGRESS, Moment.REPEAT, Moment.FULL, Moment.END)
MEANING: dict[str, str | Promise] = {
    "nickname": _("the participant's name"),
    "campaign": _("the campaign's name"),
    "group": _("the group's name"),
    "page_link": _("address of the participant's page"),
    "inviter": _("who invited them"),
    "reward": _("the reward's name"),
    "reason": _("why the screenshot was not approved"),
    "hours": _("hours left before removal"),
    "why": _("what the reward was earned for"),
    "newcomer": _("who has come by their poster"),
    "count": _("how many: friends who count; for those in line, their place; at the end, everybody"),
    "left": _("how many friends the next reward still needs"),
    "next": _("what the next reward still needs, as a sentence"),
}
LONGEST_WORDS = 1000
LONGEST_MINUTES = 366 * 24 * 60
_VARIABLE = re.compile(r"\{([^{}]*)\}")

MOVES: dict[tuple[str, str], bool] = {
    (State.DRAFT, State.LIVE): True,
    (State.LIVE, State.PAUSED): True,
    (State.PAUSED, State.LIVE): True,
    (State.LIVE, State.ENDED): True,
    (State.PAUSED, State.ENDED): True,
}


def check_words(moment: str, text: str) -> str:
    """The text as it will be kept, or a Refusal that names the variable that is unknown, unfilled or left open."""
    text = text.replace("\x00", "").strip()
    if not text and moment in OPTIONAL:
        return ""
    if not text:
        raise Refusal("words_empty", _("Say something: these words are empty."), status=400)
    if len(text) > LONGEST_WORDS:
        raise Refusal("words_too_long", _("At most 1,000 characters."), status=400)
    for name in _VARIABLE.findall(text):
        if not name.strip():
            raise Refusal(
                "words_unfilled", _("There is an empty variable {}: name it or take it out."), status=400
            )
        if name not in VARIABLES[moment]:
            raise Refusal(
                "words_unknown",
                _("There is no variable {%(name)s} for this moment. Known: %(known)s.")
                % {"name": name, "known": " ".join(f"{{{known}}}" for known in VARIABLES[moment])},
                status=400,
            )
    if set("{}") & set(_VARIABLE.sub("", text)):
        raise Refusal("words_open", _("A curly bracket { or } has no partner."), status=400)
    return text


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put the values in. Only what stands in the text is replaced; a value is never read for variables itself."""
    return _VARIABLE.sub(lambda found: values[found[1]], text)


def may_move(state: str, to: str) -> bool:
    return MOVES.get((state, to), False)


class Span(Protocol):
    """What of a campaign decides whether it runs: the row, or what a scan knows of it."""

    @property
    def state(self) -> str: ...
    @property
    def starts_at(self) -> datetime | None: ...
    @property
    def ends_at(self) -> datetime | None: ...


def is_over(campaign: Span, now: datetime) -> bool:
    return campaign.state == State.ENDED or (campaign.ends_at is not None and campaign.ends_at <= now)


def has_started(campaign: Span, now: datetime) -> bool:
    return campaign.starts_at is None or campaign.starts_at <= now


def after_quiet(moment: datetime, *, zone: ZoneInfo, quiet_from: time, quiet_until: time) -> datetime:
    """`moment`, or the end of the quiet hours it falls into. Equal ends mean no quiet hours at all.

    Computed on the wall clock of the campaign's own zone, so that a change of daylight saving time moves the
    moment with the people who sleep through it.
    """
    end = moment.astimezone(UTC)
    while _is_quiet(end.astimezone(zone).time(), quiet_from, quiet_until):
        end = _next(end, quiet_until, zone)
    return end.astimezone(moment.tzinfo) if end > moment else moment


def _is_quiet(at: time, quiet_from: time, quiet_until: time) -> bool:
    is_overnight = quiet_from > quiet_until
    return (at >= quiet_from or at < quiet_until) if is_overnight else quiet_from <= at < quiet_until


def _next(moment: datetime, at: time, zone: ZoneInfo) -> datetime:
    """When clocks in `zone` show `at` next. Where they are put back they show it twice a day; where they are put
    forward over it, the moment after counts."""
    today = moment.astimezone(zone).date()
    shown = [
        datetime.combine(today + timedelta(days=ahead), at.replace(fold=fold), tzinfo=zone).astimezone(UTC)
        for ahead in (0, 1)
        for fold in (0, 1)
    ]
    return min(when for when in shown if when > moment)
