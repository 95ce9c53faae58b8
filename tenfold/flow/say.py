"""Saying the campaign's words to someone at a moment; the moments that it has no words for are silent."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext

from tenfold.base.claim import step
from tenfold.campaigns import rules as plan
from tenfold.campaigns.models import Campaign, Words
from tenfold.campaigns.queries import words_for
from tenfold.groups.models import Group
from tenfold.mailroom import actions as mailroom
from tenfold.people.models import Journey
from tenfold.platforms.registry import PLATFORMS
from tenfold.proofs.models import Proof
from tenfold.proofs.rules import reason_text
from tenfold.rewards.models import Grant, RewardRule
from tenfold.rewards.queries import main_reward

Moment, When = Words.Moment, RewardRule.When


def where_of(journey: Journey) -> mailroom.Where:
    group = journey.group
    return mailroom.Where(journey.workspace_id, journey.campaign_id, group.id, group.platform, journey.id)


def say(journey: Journey, moment: Words.Moment, *, key: str, **more: str) -> None:
    """Queue the campaign's words for a moment, in the person's language, with the variables filled in."""
    if text := said(journey, moment, **more):
        mailroom.say(where=where_of(journey), moment=moment, text=text, key=key)


def say_privately(journey: Journey, moment: Words.Moment, *, key: str, **more: str) -> None:
    """As `say`, for what is nobody else's business. Where the platform would tell everybody, the group reads that there
    is something to see on their page, and the words stand there."""
    text, where = said(journey, moment, **more), where_of(journey)
    if not PLATFORMS[journey.group.platform].says_privately:
        mailroom.say(where=where, moment=moment, text=_look_at_page(journey), key=key, own_text=text)
    elif text:
        mailroom.say(where=where, moment=moment, text=text, key=key, reader_id=journey.person_id)


def _look_at_page(journey: Journey) -> str:
    with translation.override(journey.person.language):
        text = gettext("%(nickname)s, there is something new on your page: %(link)s")
    return text % {"nickname": journey.person.nickname, "link": page_link(journey.campaign)}


def say_after_all(journey: Journey, moment: Words.Moment, *, key: str) -> None:
    """What `say` queued by this key and nobody heard, as it is said now, in the group they are in now."""
    if text := said(journey, moment):
        mailroom.say_after_all(where=where_of(journey), text=text, key=key)


def said(journey: Journey, moment: Words.Moment, **more: str) -> str:
    """The words for a moment with all filled in, as `say` says them; empty where the campaign has none."""
    person, campaign = journey.person, journey.campaign
    words = words_for(campaign, moment, person.language)
    if not words:
        return ""
    values = {
        "nickname": person.nickname,
        "campaign": campaign.name,
        "group": journey.group.name,
        "page_link": page_link(campaign),
        **more,
    }
    # These are asked for where the words have them, and nobody has told them.
    if "{inviter}" in words:
        values["inviter"] = _host_of(journey)
    if "{reward}" in words and "reward" not in more:
        values["reward"] = _reward_of(journey)
    return plan.fill(words, values)


def page_link(campaign: Campaign) -> str:
    return f"{settings.PUBLIC_URL}/me/{campaign.id}/"


def say_opened(journey: Journey, count: int, *, key: str) -> None:
    """In place of the campaign's words for an approval, which speak of a screenshot: there was none."""
    with translation.override(journey.person.language):
        text = ngettext(
            "%(nickname)s, %(count)s friend has come by your code: no screenshot is needed. Thank you for sharing!",
            "%(nickname)s, %(count)s friends have come by your code: no screenshot is needed. Thank you for sharing!",
            count,
        ) % {"nickname": journey.person.nickname, "count": count}  # fmt: skip
    text = f"{text}\n{page_link(journey.campaign)}"
    mailroom.say(where=where_of(journey), moment=Words.Moment.APPROVE, text=text, key=key)


def say_removed(journey: Journey, *, key: str) -> None:
    """In place of the campaign's words for a removal, which may invite them back: the code does not let them in. Where
    it has none, as silent."""
    if not words_for(journey.campaign, Moment.REMOVE, journey.person.language):
        return
    with translation.override(journey.person.language):
        text = gettext(
            "%(nickname)s has been removed from “%(campaign)s”. Questions: ask the organisers."
        ) % {
            "nickname": journey.person.nickname,
            "campaign": journey.campaign.name,
        }
    mailroom.say(where=where_of(journey), moment=Moment.REMOVE, text=text, key=key)


def reason_said(proof: Proof) -> str:
    """Why a screenshot does not count, in its sender's language; after an appeal, that somebody has looked again."""
    with translation.override(proof.journey.person.language):
        reason = reason_text(proof)
        return (
            gettext("A person has looked again. %(reason)s") % {"reason": reason}
            if proof.is_appeal
            else reason
        )


def _host_of(journey: Journey) -> str:
    """Who invited them. Where that was nobody's own code, it was whoever runs the campaign, as on their poster."""
    return journey.inviter.person.nickname if journey.inviter else journey.campaign.workspace.name


def _reward_of(journey: Journey) -> str:
    if reward := main_reward(journey.campaign):
        return reward.name
    with translation.override(journey.person.language):
        return gettext("your reward")


# --- what somebody has earned ---------------------------------------------------------------------------------


def say_reward(*, grant: Grant) -> None:
    """They have earned it: said once, with what for."""
    journey = grant.journey
    with translation.override(journey.person.language):
        why = why_said(grant.rule, is_invited=journey.inviter_id is not None)
    say(journey, Moment.REWARD, key=f"reward:{grant.id}", reward=grant.reward.name, why=why)


def why_said(rule: RewardRule, *, is_invited: bool) -> str:
    """What something is earned for, in the language that is active; who was invited by nobody has only joined."""
    if rule.when == When.INVITES:
        text = ngettext(
            "%(count)s friend has come by your code",
            "%(count)s friends have come by your code",
            rule.need,
        )
        return text % {"count": rule.need}
    if rule.when == When.ATTENDANCE:
        text = ngettext(
            "you have taken part on %(count)s day", "you have taken part on %(count)s days", rule.need
        )
        return text % {"count": rule.need}
    return {
        When.TASK: gettext("you have done the task"),
        When.JOINED: gettext("you have come by a friend's code")
        if is_invited
        else gettext("you have joined"),
        When.RANK: gettext("your place on the leaderboard"),
        When.LOTTERY: gettext("you were drawn"),
    }.get(When(rule.when), "")


# --- shown where there is no chat to say it in ----------------------------------------------------------------


def full_said(*, campaign: Campaign, place: int, language: str) -> str:
    """For the page of whoever stands in line at this place."""
    words = words_for(campaign, Moment.FULL, language)
    link = f"{settings.PUBLIC_URL}/line/{campaign.id}/"
    return plan.fill(words, {"campaign": campaign.name, "count": str(place), "page_link": link})


# --- when it is over ------------------------------------------------------------------------------------------


@step
def say_end(*, campaign: Campaign) -> None:
    """The campaign is over: said once in each group. What each has brought and earned stands on their own page."""
    words = words_for(campaign, Moment.END, campaign.language)
    if not words:
        return
    values = {"campaign": campaign.name, "page_link": page_link(campaign)}
    values["count"] = str(campaign.journeys.exclude(joined_at=None).count())
    for group in campaign.groups.exclude(state=Group.State.CLOSED).order_by("pk"):
        where = mailroom.Where(campaign.workspace_id, campaign.id, group.id, group.platform)
        text = plan.fill(words, values | {"group": group.name})
        mailroom.say(where=where, moment=Moment.END, text=text, key=f"end:{campaign.id}:{group.id}")
