"""What the sender of a screenshot reads: who looks at it and until when, what to do differently, what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenfold.campaigns.models import Campaign
from tenfold.campaigns.rules import after_quiet
from tenfold.proofs.models import Look, Proof, ReviewPlan
from tenfold.web.tags import time_of_day

Reason, State, Place = Proof.Reason, Proof.State, ReviewPlan.Place
Text = Promise | str
# Paces are told in round numbers: nobody measures that we are on time.
ROUND_MINUTES = (2, 3, 5, 10, 15, 20, 30, 45, 60)
MINUTES_A_DAY = 24 * 60
_POST_AGAIN = gettext_lazy("Post it again in Moments or in a group, visible to everyone.")
_SHOOT = gettext_lazy("Take a screenshot of the post: the whole poster, its code and the line below it.")
STEPS: dict[str, tuple[Text, ...]] = {
    Reason.NO_POSTER: (
        gettext_lazy("Save the poster below, and post it."),
        gettext_lazy("Open the post, so that the whole poster with its code is on the screen."),
        gettext_lazy("Take the screenshot now, and send it without cutting anything off."),
    ),
    Reason.WRONG_CODE: (
        gettext_lazy("The code on that poster is not yours: who scans it does not come through you."),
        gettext_lazy("Save the poster below, and post that one."),
        _SHOOT,
    ),
    Reason.WRONG_PERSON: (
        gettext_lazy("Save the poster below: its code is yours, and only then it counts for you."),
        _POST_AGAIN,
        _SHOOT,
    ),
    Reason.NOT_A_SCREENSHOT: (
        gettext_lazy("Post the poster first, if you have not yet."),
        gettext_lazy("Open WeChat, and look at your own post."),
        gettext_lazy("Take a screenshot there, with the line that says when it was posted."),
    ),
    Reason.TOO_OLD: (
        gettext_lazy("Post your poster once more: only new posts are counted."),
        gettext_lazy("Take a screenshot of the new post right after, and send it."),
    ),
    Reason.RESTRICTED_AUDIENCE: (
        gettext_lazy("Delete the post, or change who can see it."),
        gettext_lazy("Post it again, and choose “Public” at “Share to”. No list, no tags, not private."),
        gettext_lazy("The screenshot must show no lock and no two heads beside the time."),
    ),
    Reason.WRONG_CAPTION: (
        gettext_lazy("Copy the words below."),
        gettext_lazy("Post your poster again, with these words."),
        gettext_lazy("Take the screenshot so that words and poster are both on it."),
    ),
    Reason.NOT_YET: (
        gettext_lazy("Tap “Post”, and wait until the post is there."),
        gettext_lazy("Open Moments again: your post has a time below it now."),
        gettext_lazy("Then take the screenshot, and send it."),
    ),
    Reason.UNREADABLE: (
        gettext_lazy("Take a real screenshot on the phone, no photo of its screen."),
        gettext_lazy(
            "Send the original from your album: pictures passed on in a chat get small and blurred."
        ),
    ),
    Reason.ALREADY_USED: (
        gettext_lazy("Open your own post, on your own phone."),
        gettext_lazy("Take a new screenshot of it, and send that one."),
    ),
}

# Which of these steps is to post: the words that the campaign asks for are told there.
POSTED_IN: dict[str, int] = {
    Reason.NO_POSTER: 0,
    Reason.WRONG_CODE: 1,
    Reason.WRONG_PERSON: 1,
    Reason.NOT_A_SCREENSHOT: 0,
    Reason.TOO_OLD: 0,
    Reason.RESTRICTED_AUDIENCE: 1,
    Reason.NOT_YET: 0,
}
# There the page shows the words by themselves, to be copied.
SAY_THE_WORDS_THEMSELVES = (Reason.WRONG_CAPTION, Reason.OTHER)

# A poster that the campaign itself hangs out: the post brings people here, and may stay.
OF_THE_CAMPAIGN: tuple[Text, ...] = (
    gettext_lazy(
        "The code on that poster is the campaign's own: it leads here, but who scans it counts for nobody."
    ),
    *STEPS[Reason.WRONG_CODE][1:],
)

WHERE: dict[tuple[str, bool], Text] = {
    **dict.fromkeys(
        [(Place.SHARED, True), (Place.ANY, True)],
        gettext_lazy("Post it in Moments or in a group, visible to everyone."),
    ),
    **dict.fromkeys(
        [(Place.SHARED, False), (Place.ANY, False)], gettext_lazy("Post it in Moments or in a group.")
    ),
    (Place.MOMENTS, True): gettext_lazy("Post it in Moments, visible to everyone."),
    (Place.MOMENTS, False): gettext_lazy("Post it in Moments."),
    (Place.GROUP, True): gettext_lazy("Send it to a group chat."),
    (Place.GROUP, False): gettext_lazy("Send it to a group chat."),
}


def task_of(plan: ReviewPlan) -> list[str]:
    """What the campaign asks for, in order."""
    where = str(WHERE[plan.place, plan.needs_everyone])
    if plan.needs_caption:
        where = _with_words(where, plan)
    return [_("Save the poster below."), where, _shoot_in_time(plan)]


def _shoot_in_time(plan: ReviewPlan) -> str:
    if not plan.oldest_hours:
        return _("Take a screenshot of the post, and send it here.")
    text = ngettext(
        "Take a screenshot of the post within %(count)s hour, and send it here.",
        "Take a screenshot of the post within %(count)s hours, and send it here.",
        plan.oldest_hours,
    )
    return text % {"count": plan.oldest_hours}


def steps_of(reason: str, look: Look | None = None) -> Sequence[Text]:
    """What to do differently, in order. Where a reviewer wrote words of their own, these say it."""
    if reason == Reason.WRONG_CODE and look is not None and "channel" in _owners(look):
        return OF_THE_CAMPAIGN
    return STEPS.get(reason, ())


def help_of(reason: str, look: Look | None, plan: ReviewPlan) -> list[str]:
    """These steps for who is to try again, with the words that the campaign asks for where the post is made."""
    steps = [str(step) for step in steps_of(reason, look)]
    if not plan.needs_caption or reason in SAY_THE_WORDS_THEMSELVES:
        return steps
    if reason not in POSTED_IN:
        return [*steps, _("The post has to have these words: “%(words)s”") % {"words": plan.needs_caption}]
    steps[POSTED_IN[reason]] = _with_words(steps[POSTED_IN[reason]], plan)
    return steps


def _with_words(where: str, plan: ReviewPlan) -> str:
    return _("%(where)s Write with it: “%(words)s”") % {"where": where, "words": plan.needs_caption}


def _owners(look: Look) -> set[str]:
    """Whose the codes are that were read, as long as that is kept."""
    return {owner for owner, *_journey in look.belongs.values()}


@dataclass(frozen=True)
class Wait:
    """Until when somebody has to wait: `is_machine` means seconds."""

    title: str
    text: str
    is_machine: bool


def machine_looks() -> Wait:
    text = _("Mostly the answer is here within seconds. This page changes by itself.")
    return Wait(_("Your screenshot is being looked at"), text, is_machine=True)


def person_looks(proof: Proof, *, campaign: Campaign, pace: int | None, now: datetime) -> Wait:
    title = (
        _("A person will look at it again") if proof.is_appeal else _("A person will look at your screenshot")
    )
    when = {"when": when_text(campaign, pace, now)}
    text = _("%(when)s Nothing to do for you now: this page changes by itself.") % when
    return Wait(title, text, is_machine=False)


def is_machine_at_it(proof: Proof, look: Look | None, plan: ReviewPlan, now: datetime) -> bool:
    """Whether the machine may still answer by itself, for which it has a bounded time, or has and is about to tell."""
    if proof.state != State.WAITING:
        return proof.is_machine
    if plan.mode != ReviewPlan.Mode.AUTOMATIC or proof.is_appeal:
        return False
    return (
        look is not None and look.state in (Look.State.QUEUED, Look.State.RUNNING) and now < proof.people_at
    )


def when_text(campaign: Campaign, pace: int | None, now: datetime) -> str:
    """When a person looks, as far as that is known: by the measured pace, else that it is night, else not."""
    if pace is not None:
        return pace_text(pace)
    zone, quiet_from, quiet_until = campaign.zone, campaign.quiet_from, campaign.quiet_until
    morning = after_quiet(now, zone=zone, quiet_from=quiet_from, quiet_until=quiet_until)
    if morning > now:
        until = time_of_day(morning, campaign.time_zone)
        return _("It is late: probably not before %(time)s.") % {"time": until}
    return _("How long it takes cannot be said yet.")


def pace_text(minutes: int) -> str:
    """Usually within so long; rounded up, so that we rather keep it."""
    if minutes <= ROUND_MINUTES[-1]:
        count = next(each for each in ROUND_MINUTES if minutes <= each)
        return ngettext(
            "Usually within %(count)s minute.", "Usually within %(count)s minutes.", count
        ) % {"count": count}  # fmt: skip
    if minutes <= MINUTES_A_DAY:
        count = -(-minutes // 60)
        return ngettext("Usually within %(count)s hour.", "Usually within %(count)s hours.", count) % {
            "count": count
        }
    count = -(-minutes // MINUTES_A_DAY)
    return ngettext("Usually within %(count)s day.", "Usually within %(count)s days.", count) % {
        "count": count
    }
