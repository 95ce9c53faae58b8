"""Every scan that was an entry of the journal becomes a row of its own, with the first touches and tallies it tells."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.db import migrations
from django.db.models.functions import Coalesce

from tenfold.base.keys import new_id

AT_ONCE = 2000


def _scans(apps: Any) -> Iterator[Any]:
    """Campaign by campaign, as the first touches of all of them might not fit into memory."""
    entries = apps.get_model("tenfold", "Entry").objects.filter(kind="scanned", code_id__isnull=False)
    touches = apps.get_model("tenfold", "FirstTouch").objects.order_by()
    campaigns = {
        campaign
        for rows in (entries, touches)
        for campaign in rows.order_by().values_list("campaign_id", flat=True).distinct()
    }
    scan = apps.get_model("tenfold", "Scan")
    for campaign in sorted(campaigns):
        of_campaign = {"campaign_id": campaign}
        yield from _scans_of(scan, entries.filter(**of_campaign), touches.filter(**of_campaign))


def _scans_of(scan: Any, entries: Any, touches: Any) -> Iterator[Any]:
    """In the order they were made, so that the first of a visitor by the code of their first touch is that touch."""
    open_touches = dict(touches.values_list("visitor_id", "code_id").iterator(chunk_size=AT_ONCE))
    for entry in entries.order_by("id").iterator(chunk_size=AT_ONCE):
        visitor = UUID(entry.data["visitor"])
        is_first = open_touches.get(visitor) == entry.code_id
        if is_first:
            del open_touches[visitor]
        yield scan(
            id=entry.id,
            at=entry.at,
            workspace_id=entry.workspace_id,
            campaign_id=entry.campaign_id,
            code_id=entry.code_id,
            visitor_id=visitor,
            group_id=entry.group_id,
            outcome=entry.data["outcome"],
            is_first=is_first,
            is_hold=False,  # that a seat was held is an entry of its own, and stays one
        )
    if open_touches:
        yield from _scans_without_entry(scan, touches, open_touches)


def _scans_without_entry(scan: Any, touches: Any, left: dict[UUID, UUID]) -> Iterator[Any]:
    """First touches that no entry tells of: they decide inviters, and their table is dropped."""
    for touch in touches.iterator(chunk_size=AT_ONCE):
        if touch.visitor_id in left:
            yield scan(
                id=new_id(),
                at=touch.at,
                workspace_id=touch.workspace_id,
                campaign_id=touch.campaign_id,
                code_id=touch.code_id,
                visitor_id=touch.visitor_id,
                group_id=None,
                outcome="unknown",
                is_first=True,
                is_hold=False,
            )


def move(apps: Any, _schema: Any) -> None:
    scan, block = apps.get_model("tenfold", "Scan"), []
    for each in _scans(apps):
        block.append(each)
        if len(block) == AT_ONCE:
            scan.objects.bulk_create(block)
            block = []
    scan.objects.bulk_create(block)
    _count(apps)
    apps.get_model("tenfold", "Entry").objects.filter(kind="scanned").delete()


def _count(apps: Any) -> None:
    scans, visitors = Counter[tuple[UUID, UUID]](), Counter[tuple[UUID, UUID]]()
    rows = apps.get_model("tenfold", "Scan").objects.annotate(
        source=Coalesce("code__channel_id", "campaign_id")
    )
    for campaign, source, is_first in rows.values_list("campaign_id", "source", "is_first").iterator():
        scans[campaign, source] += 1
        visitors[campaign, source] += is_first
    tally = apps.get_model("tenfold", "ScanTally")
    tally.objects.bulk_create(
        tally(
            id=new_id(),
            campaign_id=campaign,
            source_id=source,
            slot=0,
            scan_count=count,
            visitor_count=visitors[campaign, source],
        )
        for (campaign, source), count in scans.items()
    )


class Migration(migrations.Migration):
    dependencies = [("tenfold", "0004_scans_apart")]
    operations = [migrations.RunPython(move)]
