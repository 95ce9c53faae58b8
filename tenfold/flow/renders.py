"""All posters or keepsakes of a kind at once: an operator asks for them, and the worker makes them part by part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.imaging.design import Flawed
from tenfold.keepsakes.models import Edition, Keepsake
from tenfold.keepsakes.queries import drawing_of, drawn_of
from tenfold.people.models import Journey
from tenfold.posters import renders
from tenfold.posters.checking import POSTERS
from tenfold.posters.drawing import Drawing, poster_of
from tenfold.posters.grounds import picture_of
from tenfold.posters.models import RenderRun
from tenfold.posters.queries import chosen_among

LONGEST_FILE_NAME = 40
_NOT_IN_NAMES = re.compile(r"[^\w\- ]+")


def renders_begun(
    *,
    campaign: Campaign,
    kind: str,
    operator: Operator,
    language: str = "",
    edition: Edition | None = None,
    row_id: UUID | None = None,
) -> RenderRun:
    """Posters are made of everybody who joined, keepsakes of everybody who has one of the edition."""
    if edition is None and kind not in POSTERS:
        raise Refusal("edition_needed", _("Choose what they are for."), status=400)
    run = RenderRun(campaign=campaign, kind=kind, edition_id=edition.id if edition else None)
    return renders.begin(
        campaign=campaign,
        kind=kind,
        operator=operator,
        language=language,
        edition_id=run.edition_id,
        total_count=_all_of(run).count(),
        row_id=row_id,
    )


def rendered(*, run: RenderRun) -> int:
    """One part of a run, or its end; how many pieces were made. What cannot be drawn ends it, and says why."""
    try:
        made = list(_next(run))
    except (Flawed, ValueError, Refusal) as error:
        renders.fail(run=run, why=str(error))
        return 0
    first = run.done_count + 1
    pieces = [(f"{nth:05} {name}.jpg", picture) for nth, (_id, name, picture) in enumerate(made, first)]
    renders.keep_part(run=run, pieces=pieces, after=made[-1][0] if made else None)
    return len(made)


def _next(run: RenderRun) -> Iterator[tuple[UUID, str, bytes]]:
    """The pieces after the last one made: the row each is of, whose it is, and its picture."""
    rows = _all_of(run).order_by("id")
    part = (rows.filter(pk__gt=run.after) if run.after else rows)[: renders.PART]
    versions = {variant: UUID(version) for variant, version in run.versions.items()}
    for row in part:
        made = drawing_of(row, language=run.language) if isinstance(row, Keepsake) else _poster(row, run)
        key = row.pk if isinstance(row, Keepsake) else row.code_id
        made = replace(made, chosen=chosen_among(versions, run.kind, key))
        name = row.name if isinstance(row, Keepsake) else row.person.nickname
        yield row.pk, _file_name(name), picture_of(made, media_type="image/jpeg")


def _all_of(run: RenderRun) -> QuerySet[Keepsake] | QuerySet[Journey]:
    """Those there were when it was asked for: who joins meanwhile is in the next run."""
    if run.edition_id:
        return drawn_of(run.edition_id).filter(issued_at__lte=run.created_at)
    joined = Journey.objects.filter(campaign_id=run.campaign_id, joined_at__lte=run.created_at)
    return joined.select_related("code__campaign__workspace", "person__avatar").defer(
        "person__avatar__content"
    )


def _poster(journey: Journey, run: RenderRun) -> Drawing:
    return poster_of(journey.code, language=run.language or journey.person.language, owner=journey)


def _file_name(name: str) -> str:
    """As much of a name as every file system takes."""
    return " ".join(_NOT_IN_NAMES.sub("", name).split())[:LONGEST_FILE_NAME] or "-"
