"""Saying the campaign's words to someone at a moment."""

from __future__ import annotations

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext, ngettext

from tenfold.campaigns import rules as plan
from tenfold.campaigns.models import Words
from tenfold.campaigns.queries import words_for
from tenfold.mailroom import actions as mailroom
from tenfold.people.models import Journey
from tenfold.proofs.models import Proof
from tenfold.proofs.rules import reason_text
from tenfold.rewards.queries import reward_of


def where_of(journey: Journey) -> mailroom.Where:
    group = journey.group
    return mailroom.Where(journey.workspace_id, journey.campaign_id, group.id, group.platform, journey.id)


def say(journey: Journey, moment: Words.Moment, *, key: str, **more: str) -> None:
    """Queue the campaign's words for a moment, in the person's language, with the variables filled in."""
    person, campaign = journey.person, journey.campaign
    with translation.override(person.language):
        reward = reward_of(campaign)
        values = {
            "nickname": person.nickname,
            "campaign": campaign.name,
            "group": journey.group.name,
            "page_link": f"{settings.PUBLIC_URL}/me/{campaign.id}/",
            "inviter": _host_of(journey),
            "reward": reward.name if reward else gettext("your reward"),
            **more,
        }
    text = plan.fill(words_for(campaign, moment, person.language), values)
    mailroom.say(where=where_of(journey), moment=moment, text=text, key=key)


def say_opened(journey: Journey, count: int, *, key: str) -> None:
    """In place of the campaign's words for an approval, which speak of a screenshot: there was none."""
    with translation.override(journey.person.language):
        text = ngettext(
            "%(nickname)s, %(count)s friend has come by your code: no screenshot is needed. Thank you for sharing!",
            "%(nickname)s, %(count)s friends have come by your code: no screenshot is needed. Thank you for sharing!",
            count,
        ) % {"nickname": journey.person.nickname, "count": count}  # fmt: skip
    text = f"{text}\n{settings.PUBLIC_URL}/me/{journey.campaign_id}/"
    mailroom.say(where=where_of(journey), moment=Words.Moment.APPROVE, text=text, key=key)


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
