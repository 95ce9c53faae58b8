"""Names, edges, credits, and what is due next: decided from plain values."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.campaigns.rules import after_quiet
from tenfold.people.models import Credit, Journey

LONGEST_NICKNAME = 20
# Someone who says they have joined keeps the seat this long without a screenshot or a count that shows it.
ARRIVAL_PATIENCE = timedelta(hours=48)
ZERO_WIDTH_JOINER = "\u200d"
# What the product speaks as in a room: nobody else may.
ASSISTANTS = ("assistant", "小助手")
# Letters and symbols by their class, and nothing to be seen: fillers of Hangul, the empty pattern of Braille.
BLANKS = "\u115f\u1160\u3164\uffa0\u2800"
# A joiner belongs between two pictures; between letters it makes two names that look the same.
_PICTURE = "[\u2190-\u2bff\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff]"
_LOOSE_JOINER = re.compile(f"(?<!{_PICTURE}){ZERO_WIDTH_JOINER}|{ZERO_WIDTH_JOINER}(?!{_PICTURE})")
Step = Journey.Step
Reason = Credit.Reason


def clean_nickname(raw: str) -> str:
    """A name as it can be shown: without control, invisible and direction marks, which can forge other people's
    lines. The joiner inside an emoji family stays."""
    marked = "".join(letter for letter in raw if not _is_hidden(letter))
    name = " ".join(unicodedata.normalize("NFC", _LOOSE_JOINER.sub("", marked)).split())
    if not any(unicodedata.category(letter)[0] in "LNPS" for letter in name):
        raise Refusal("name_empty", _("Please give a name that others can read."), status=400)
    if len(name) > LONGEST_NICKNAME:
        raise Refusal("name_too_long", _("At most 20 characters, please."), status=400)
    if unicodedata.normalize("NFKC", name).casefold().replace(" ", "") in ASSISTANTS:
        message = _("The group's assistant is called that. Please choose another name.")
        raise Refusal("name_taken", message, status=400)
    return name


def _is_hidden(letter: str) -> bool:
    if letter == ZERO_WIDTH_JOINER or letter.isspace():
        return False
    return letter in BLANKS or unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn")


def why_no_credit(*, visitor: UUID, owner: UUID, above_owner: Sequence[UUID]) -> Reason:
    """Why someone who is in the campaign already brings nothing to the owner of the code they scanned.

    `visitor` and `owner` are journeys; `above_owner` the chain of inviters from the owner up.
    """
    if visitor == owner:
        return Reason.SELF_INVITE
    return Reason.LOOP if visitor in above_owner else Reason.ALREADY_IN


def device_key(campaign_id: UUID, device: str) -> str:
    """What a phone is known again by inside one campaign; empty for what no page of ours has made up."""
    if not re.fullmatch("[0-9a-f]{32}", device):
        return ""
    return salted_hmac("tenfold.device", f"{campaign_id}:{device}", algorithm="sha256").hexdigest()


def is_within_grace(*, joined_at: datetime, left_at: datetime, grace_minutes: int) -> bool:
    return left_at - joined_at < timedelta(minutes=grace_minutes)


@dataclass(frozen=True)
class Due:
    """The next thing to do for someone who stalls; `at` is None where nothing is."""

    step: Step
    at: datetime | None


NOTHING_DUE = Due(Step.NONE, None)


def next_due(plan: Campaign, *, done: Step, remind_count: int, now: datetime) -> Due:
    """What follows on `done` (nothing yet, a reminder, the warning), never in quiet hours."""
    if done in (Step.NONE, Step.REMIND) and remind_count < plan.remind_count:
        return Due(Step.REMIND, _later(plan, now, plan.remind_interval_minutes))
    if not plan.is_removal_on or done == Step.REMOVE:
        return NOTHING_DUE
    if done == Step.WARN:
        return Due(Step.REMOVE, _later(plan, now, plan.remove_after_minutes))
    return Due(Step.WARN, _later(plan, now, plan.warn_after_minutes))


def removal_at(plan: Campaign, *, due: Due, remind_count: int) -> datetime | None:
    """When someone would be removed if they never act: the rules played forward from what is due now."""
    if not plan.is_removal_on:
        return None
    while due.step != Step.REMOVE:
        if due.at is None:
            return None
        remind_count += due.step == Step.REMIND
        due = next_due(plan, done=due.step, remind_count=remind_count, now=due.at)
    return due.at


def _later(plan: Campaign, now: datetime, minutes: int) -> datetime:
    moment = now + timedelta(minutes=minutes)
    return after_quiet(moment, zone=plan.zone, quiet_from=plan.quiet_from, quiet_until=plan.quiet_until)
