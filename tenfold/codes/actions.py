"""Making codes, and noting who came by them."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.codes.models import Channel, FirstTouch, LiveCode
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact


@step
def make_channel(*, campaign: Campaign, name: str, kind: str, operator: Operator) -> LiveCode:
    """A channel and its code: one that a poster can carry from today on, whatever state the campaign is in."""
    name = name.strip()
    if not 1 <= len(name) <= 60:
        raise Refusal("bad_name", _("A name of 1 to 60 characters, please."), status=400)
    if kind not in Channel.Kind.values:
        raise Refusal("unknown_kind", _("There is no such kind of channel."), status=400)
    channel = Channel.objects.create(
        workspace_id=campaign.workspace_id, campaign=campaign, name=name, kind=kind, created_at=clock.now()
    )
    return make_code(campaign=campaign, channel=channel, operator=operator)


@step
def make_code(
    *, campaign: Campaign, channel: Channel | None = None, operator: Operator | None = None
) -> LiveCode:
    """A code of a channel, or with none the personal code of a participant."""
    code = LiveCode.objects.create(
        workspace_id=campaign.workspace_id, campaign=campaign, channel=channel, created_at=clock.now()
    )
    told = {"channel": str(channel.id)} if channel else {}
    by = operator.id if operator else None
    write(Fact.CODE_MADE, code, told, campaign_id=campaign.id, code_id=code.id, operator_id=by)
    return code


@step
def note_scan(*, code: LiveCode, visitor_id: UUID, group_id: UUID | None, outcome: str) -> None:
    """One opening of a code: the fact, and the counter that is derived from it."""
    told = {"visitor": str(visitor_id), "outcome": outcome}
    write(Fact.SCANNED, code, told, campaign_id=code.campaign_id, code_id=code.id, group_id=group_id)
    LiveCode.objects.filter(pk=code.pk).update(scan_count=F("scan_count") + 1)


@step
def note_first_touch(*, code: LiveCode, visitor_id: UUID) -> FirstTouch:
    """The code by which this visitor came first; later codes change nothing."""
    touch, _is_new = FirstTouch.objects.get_or_create(
        campaign_id=code.campaign_id,
        visitor_id=visitor_id,
        defaults={"workspace_id": code.workspace_id, "code": code, "at": clock.now()},
    )
    return touch
