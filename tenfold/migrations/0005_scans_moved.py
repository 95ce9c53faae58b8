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
    """In the order they were made, so that the first of a visitor by the code of their first touch is that touch."""
    entries = apps.get_model("tenfold", "Entry").objects.filter(kind="scanned", code_id__isnull=False)
    touches = apps.get_model("tenfold", "FirstTouch").objects.values_list("campaign_id", "visitor_id", "code_id")
    open_touches = {(campaign, visitor): code for campaign, visitor, code in touches.iterator()}
    scan = apps.get_model("tenfold", "Scan")
    for entry in entries.order_by("id").iterator(chunk_size=AT_ONCE):
        visitor = UUID(entry.data["visitor"])
        is_first = open_touches.get((entry.campaign_id, visitor)) == entry.code_id
        if is_first:
            del open_touches[entry.campaign_id, visitor]
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
