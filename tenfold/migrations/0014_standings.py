"""Everybody for whom somebody counts stands on their campaign's board, in the order that the journal tells."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, islice
from operator import attrgetter
from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery

BLOCK = 1024


def place(apps: Any, _schema: Any) -> None:
    """In blocks of numbers, those who came to the same count earlier before those who came later."""
    journeys, standings = apps.get_model("tenfold", "Journey"), apps.get_model("tenfold", "Standing")
    for (campaign, count), level in groupby(_shown(apps), attrgetter("campaign_id", "valid_count")):
        for block, people in enumerate(_blocks(level)):
            for nth, journey in enumerate(people):
                journey.board_count, journey.counted_seq = count, block * BLOCK + nth
            journeys.objects.bulk_update(people, ["board_count", "counted_seq"], batch_size=256)
            standings.objects.create(
                workspace_id=people[0].workspace_id,
                campaign_id=campaign,
                valid_count=count,
                block=block,
                given_count=len(people),
                people_count=len(people),
            )


def _shown(apps: Any) -> Iterator[Any]:
    moves = apps.get_model("tenfold", "Entry").objects.filter(kind__in=["credit_valid", "credit_unvalidated"])
    reached_at = moves.filter(journey_id=OuterRef("pk")).order_by("-at").values("at")[:1]
    shown = apps.get_model("tenfold", "Journey").objects.filter(valid_count__gt=0)
    shown = shown.annotate(reached_at=Subquery(reached_at)).order_by("campaign_id", "valid_count", "reached_at", "id")
    return iter(list(shown.only("workspace_id", "campaign_id", "valid_count")))


def _blocks(level: Iterator[Any]) -> Iterator[list[Any]]:
    while people := list(islice(level, BLOCK)):
        yield people


class Migration(migrations.Migration):

    dependencies = [
        ('tenfold', '0013_rewards'),
    ]

    operations = [
        migrations.RunPython(place, migrations.RunPython.noop, elidable=True),
    ]
