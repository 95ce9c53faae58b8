"""The operator's moves: what is missing before a launch, launching, pausing, ending, cloning, a group's QR."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.refusal import Refusal
from tenfold.campaigns import actions as campaigns
from tenfold.campaigns.models import Campaign
from tenfold.codes import actions as codes
from tenfold.codes.models import Channel
from tenfold.codes.queries import is_own_code
from tenfold.flow.ending import end_begun
from tenfold.groups import actions as groups
from tenfold.groups import rules as pool
from tenfold.groups.models import Group
from tenfold.groups.queries import with_leases_apart
from tenfold.imaging.child import NoChild
from tenfold.imaging.intake import clean_apart
from tenfold.imaging.qr import read_codes
from tenfold.imaging.reading import Unreadable
from tenfold.keepsakes.models import Edition
from tenfold.people import crediting
from tenfold.posters.actions import copy_designs, copy_texts
from tenfold.posters.checking import looked_through
from tenfold.posters.models import DesignVersion, PosterDesign
from tenfold.posters.rules import State as PosterState
from tenfold.proofs.rules import refusal_of
from tenfold.rewards.copying import copy_rewards
from tenfold.rewards.models import Reward, RewardFile
from tenfold.rewards.queries import rules_of

State = Campaign.State


def missing_before_launch(campaign: Campaign) -> list[str | Promise]:
    """What still stands between a plan and its launch, each as a sentence; empty when it is ready."""
    now = clock.now()
    rules = list(rules_of(campaign))
    given = {rule.reward.pk: rule.reward for rule in rules if rule.reward}
    has_room = any(pool.in_order(with_leases_apart(campaign.groups.all()), now))
    has_poster = campaign.poster_texts.filter(language=campaign.language).exclude(title="").exists()
    checks = [
        (not has_room, _("No group has room: add one, and for a WeChat group upload its QR code.")),
        (not has_poster, _("The poster has no main title in the campaign's main language.")),
        (not rules, _("No reward is set.")),
        *_missing_of_rewards(list(given.values())),
        (bool(campaign.ends_at and campaign.ends_at <= now), _("The end lies in the past.")),
    ]
    return [sentence for is_missing, sentence in checks if is_missing]


def _missing_of_rewards(given: list[Reward]) -> list[tuple[bool, str | Promise]]:
    has_file = set(RewardFile.objects.filter(reward__in=given).values_list("reward_id", flat=True))
    has_edition = set(Edition.objects.filter(reward__in=given).values_list("reward_id", flat=True))
    files = [each for each in given if each.kind == Reward.Kind.FILE and each.pk not in has_file]
    keepsakes = [each for each in given if each.kind == Reward.Kind.KEEPSAKE and each.pk not in has_edition]
    return [
        (any(each.left_count == 0 for each in given), _("The reward's stock is empty.")),
        (bool(files), _("A reward is a file, and the file is missing.")),
        (bool(keepsakes), _("A reward is a ticket, letter or certificate, and nothing says which.")),
    ]


@step
def replanned(*, campaign: Campaign, operator: Operator, **fields: object) -> Campaign:
    """The plan is changed. Where something else makes a newcomer count now, those who do not count yet are looked at
    again; those who do go on counting."""
    before = Campaign.objects.get(pk=campaign.pk).credit_when
    campaigns.change_plan(campaign=campaign, operator=operator, **fields)
    if campaign.credit_when != before:
        is_stay = campaign.credit_when == Campaign.CreditWhen.STAYED
        wait = timedelta(hours=campaign.stay_hours if is_stay else 0)
        crediting.look_again(campaign_id=campaign.pk, at=clock.now() + wait)
    return campaign


def poster_troubles(campaign: Campaign) -> list[str]:
    """What the campaign's own posters do not stand by now: texts have changed since they were saved, or its address.
    They are drawn for it, which takes a good part of a second each."""
    in_use = campaign.designs.filter(kind=PosterDesign.Kind.POSTER).exclude(variant="")
    shown = DesignVersion.objects.filter(pk__in=in_use.values("shown")).order_by("pk")
    looked = [looked_through(campaign, PosterDesign.Kind.POSTER, version.content) for version in shown]
    return [check.text for one in looked for check in one.checks if check.state == PosterState.REFUSED]


def launched(*, campaign: Campaign, operator: Operator | None) -> Campaign:
    """Live from now on (or from its start on). A campaign without any code gets one for its seed users."""
    if campaign.state != State.LIVE and (troubles := poster_troubles(campaign)):
        raise Refusal("poster_not_ready", " ".join(troubles))
    return _launched(campaign=campaign, operator=operator)


@step
def _launched(*, campaign: Campaign, operator: Operator | None) -> Campaign:
    campaign.refresh_from_db()
    if campaign.state == State.LIVE:
        return campaign
    if missing := missing_before_launch(campaign):
        raise Refusal("not_ready", " ".join(str(sentence) for sentence in missing))
    if operator and not campaign.codes.filter(channel__isnull=False).exists():
        name = gettext("Seed users")
        codes.make_channel(campaign=campaign, name=name, kind=Channel.Kind.SEED, operator=operator)
    return campaigns.move(campaign=campaign, to=State.LIVE, operator=operator)


def paused(*, campaign: Campaign, operator: Operator | None) -> Campaign:
    return campaigns.move(campaign=campaign, to=State.PAUSED, operator=operator)


def resumed(*, campaign: Campaign, operator: Operator | None) -> Campaign:
    """Out of a pause. A draft goes live through its launch alone, which looks for what is missing."""
    if campaign.state == State.DRAFT:
        raise Refusal("wrong_state", _("A campaign in this state cannot do that."))
    return campaigns.move(campaign=campaign, to=State.LIVE, operator=operator)


@step
def ended(*, campaign: Campaign, operator: Operator | None) -> Campaign:
    """Over, once. What comes after the end is due from now on."""
    campaign.refresh_from_db(from_queryset=Campaign.objects.select_for_update(no_key=True))
    if campaign.state != State.ENDED:
        campaigns.move(campaign=campaign, to=State.ENDED, operator=operator)
        end_begun(campaign=campaign)
    return campaign


@step
def cloned(*, campaign: Campaign, operator: Operator, row_id: UUID | None = None) -> Campaign:
    """A new draft like this one: plan, words, poster texts and designs, reward without its stock, groups without their
    people."""
    made = Campaign.objects.filter(workspace_id=campaign.workspace_id)
    if row_id and (found := made.filter(pk=row_id).first()):
        return found
    name = gettext("%(name)s (copy)") % {"name": campaign.name[:60]}
    copy = campaigns.clone(campaign=campaign, name=name, operator=operator, row_id=row_id)
    copy_texts(source=campaign, to=copy)
    copy_designs(source=campaign, to=copy)
    for group in campaign.groups.exclude(state=Group.State.CLOSED):
        groups.add_group(
            campaign=copy,
            name=group.name,
            platform=group.platform,
            capacity=group.capacity,
            operator=operator,
        )
    copy_rewards(source=campaign, to=copy, operator=operator)
    return copy


def qr_uploaded(*, group: Group, data: bytes, operator: Operator) -> Group:
    """The operator uploads a WeChat group's QR: read here, so that a wrong picture is never shown to anyone."""
    try:
        clean = clean_apart(data)
    except (Unreadable, NoChild) as error:
        raise refusal_of(error) from error
    texts = {code.text for code in read_codes(clean.data)}
    if not texts:
        raise Refusal("no_qr", _("There is no QR code in this picture."), status=400)
    if len(texts) > 1:
        raise Refusal(
            "many_qr", _("There is more than one QR code in this picture. Cut out the group's."), status=400
        )
    text = texts.pop().replace("\x00", "")[:500]
    if is_own_code(text):
        message = _("This is one of our own live codes. Upload the QR code that WeChat shows for the group.")
        raise Refusal("own_code", message, status=400)
    taken = Group.objects.filter(qr_text=text, campaign=group.campaign).exclude(pk=group.pk)
    if taken.exists():
        raise Refusal("qr_taken", _("This QR code belongs to another group of this campaign."), status=400)
    return groups.set_qr(group=group, clean=clean, text=text, operator=operator, now=clock.now())
