"""Making codes, and noting who came by them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import bulk, clock
from tenfold.base.claim import step
from tenfold.base.keys import new_hex
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.codes.models import Channel, LiveCode
from tenfold.journal.actions import write, write_many
from tenfold.journal.facts import Fact

SCAN = (
    "id",
    "at",
    "workspace_id",
    "campaign_id",
    "code_id",
    "visitor_id",
    "group_id",
    "outcome",
    "is_first",
    "is_hold",
)
COUNT = """
    INSERT INTO tenfold_scantally (id, campaign_id, source_id, slot, scan_count, visitor_count)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (source_id, slot) DO UPDATE SET scan_count = tenfold_scantally.scan_count + excluded.scan_count,
        visitor_count = tenfold_scantally.visitor_count + excluded.visitor_count
"""


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


def note_scans(scans: Sequence[bulk.Row]) -> None:
    """Openings of codes, as rows of `SCAN`: the facts, inside the transaction of what they lead to."""
    bulk.insert("tenfold_scan", SCAN, scans)


def note_bots(openings: Sequence[tuple[str, str, str | None, Mapping[str, object]]]) -> None:
    """Openings by programs: of each its workspace, campaign and code, and who it says it is. They count for nothing."""
    if openings:
        write_many(Fact.BOT_SCANNED, openings)


def count_scans(*, campaign_id: str, tally: Mapping[str, Sequence[int]], slot: int) -> None:
    """Add openings and visitors to each source of a campaign: the counters that are derived from the facts."""
    for source_id, (scans, visitors) in sorted(tally.items()):
        bulk.run(COUNT, (new_hex(), campaign_id, source_id, slot, scans, visitors))
