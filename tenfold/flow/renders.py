"""All posters or keepsakes of a kind at once: an operator asks for them, and the worker makes them part by part."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import UUID

import structlog
from django.db import Error
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
from tenfold.posters.models import PosterText, RenderRun
from tenfold.posters.queries import chosen_among, text_among

log = structlog.get_logger(__name__)
Why = RenderRun.Why

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
    """One part of a run, or its end; how many pieces were made. What cannot be drawn ends it, and says why; what may
    pass, such as a full disk, does so after a few tries."""
    try:
        made = list(_next(run))
    except (Flawed, ValueError, Refusal) as error:
        log.warning("render_failed", run=str(run.pk), why=repr(error))
        renders.fail(run=run, why=Why.DESIGN if isinstance(error, Flawed) else Why.DRAWING)
        return 0
    except Error:  # of the database, which is no fault of the run
        raise
    except Exception:
        renders.tried(run=run, why=Why.DRAWING)
        raise
    first = run.done_count + 1
    pieces = [(f"{nth:05} {name}.jpg", picture) for nth, (_id, name, picture) in enumerate(made, first)]
    _keep(run, pieces, made[-1][0] if made else None)
    return len(made)


def _keep(run: RenderRun, pieces: list[tuple[str, bytes]], after: UUID | None) -> None:
    try:
        renders.keep_part(run=run, pieces=pieces, after=after)
    except Error:
        raise
    except Exception:  # every storage has its own
        renders.tried(run=run, why=Why.STORAGE)
        raise


def _next(run: RenderRun) -> Iterator[tuple[UUID, str, bytes]]:
    """The pieces after the last one made: the row each is of, whose it is, and its picture."""
    rows = _all_of(run).order_by("id")
    texts = [PosterText(campaign=run.campaign, **said) for said in run.texts]
    for row in (rows.filter(pk__gt=run.after) if run.after else rows)[: renders.PART]:
        name = row.name if isinstance(row, Keepsake) else row.person.nickname
        made = _drawing(row, run, texts)
        yield row.pk, _file_name(name), picture_of(made, media_type="image/jpeg")


def _drawing(row: Keepsake | Journey, run: RenderRun, texts: list[PosterText]) -> Drawing:
    journey = row.journey if isinstance(row, Keepsake) else row
    language = run.language or (journey.person.language if journey else run.campaign.language)
    text = text_among(texts, run.campaign, language)
    versions = {variant: UUID(version) for variant, version in run.versions.items()}
    if isinstance(row, Keepsake):
        return drawing_of(row, text=text, chosen=chosen_among(versions, run.kind, row.pk))
    chosen = chosen_among(versions, run.kind, row.code_id)
    return poster_of(row.code, language=language, owner=row, text=text, chosen=chosen)


def _all_of(run: RenderRun) -> QuerySet[Keepsake] | QuerySet[Journey]:
    """Those there were when it was asked for: who joins meanwhile is in the next run."""
    if run.edition_id:
        return drawn_of(run.edition_id).filter(issued_at__lte=run.created_at)
    joined = Journey.objects.filter(campaign_id=run.campaign_id, joined_at__lte=run.created_at)
    return joined.select_related("code__campaign__workspace", "person__avatar").defer(
        "person__avatar__content"
    )


def _file_name(name: str) -> str:
    """As much of a name as every file system takes."""
    return " ".join(_NOT_IN_NAMES.sub("", name).split())[:LONGEST_FILE_NAME] or "-"
