"""Many at once: a run is asked for, made part by part by the worker, cancelled, resumed, and handed out as one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Language, Operator
from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.posters import parts
from tenfold.posters.models import PosterDesign, RenderRun

# Always so many: the same part made twice, after a crash, has the same pieces.
PART = 25
MOST_RUNS = 50  # of a campaign, as long as none of them is thrown away
TRIES = 3  # of one part, a lease apart: a full disk may have room again
TEXTS = ("language", "title", "subtitle", "points", "endorsement", "offer")

State = RenderRun.State


@step
def begin(
    *,
    campaign: Campaign,
    kind: str,
    total_count: int,
    operator: Operator,
    language: str = "",
    edition_id: UUID | None = None,
    row_id: UUID | None = None,
) -> RenderRun:
    """Ask for all of a kind, with designs and texts as they are now. With the same `row_id` it is asked for once."""
    # Of two who ask at once the second waits here, and finds the first one's.
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    if row_id and (found := RenderRun.objects.filter(pk=row_id, campaign=campaign).first()):
        return found
    if kind not in PosterDesign.Kind.values or language not in ("", *Language.values):
        raise Refusal("unknown_kind", _("There is no such choice."), status=400)
    if total_count < 1:
        raise Refusal("nothing_to_make", _("There is nobody to make one for yet."))
    if campaign.renders.filter(state=State.RUNNING, kind=kind, edition_id=edition_id).exists():
        raise Refusal("being_made", _("These are being made already."))
    if campaign.renders.count() >= MOST_RUNS:
        raise Refusal("too_many_runs", _("There are many of these already. Throw some away first."))
    run = RenderRun.objects.create(
        pk=row_id or new_id(),
        workspace_id=campaign.workspace_id,
        campaign=campaign,
        kind=kind,
        language=language,
        edition_id=edition_id,
        versions=_versions(campaign, kind),
        texts=list(campaign.poster_texts.order_by("id").values(*TEXTS)),
        total_count=total_count,
        operator=operator,
        created_at=clock.now(),
        due_at=clock.now(),
    )
    _note(Fact.RENDERS_BEGUN, run, operator)
    return run


def _versions(campaign: Campaign, kind: str) -> dict[str, str]:
    in_use = campaign.designs.filter(kind=kind, shown__isnull=False).exclude(variant="")
    return {variant: str(shown) for variant, shown in in_use.values_list("variant", "shown_id")}


@step
def cancel(*, run: RenderRun, operator: Operator) -> RenderRun:
    """Stop after the part that is being made. What is made stays, so that it can go on later."""
    changes = {"state": State.CANCELLED, "finished_at": clock.now()}
    if changes_one(RenderRun.objects.filter(pk=run.pk, state=State.RUNNING), **changes):
        _note(Fact.RENDERS_ENDED, run, operator, state=State.CANCELLED)
    run.refresh_from_db()
    return run


@step
def resume(*, run: RenderRun, operator: Operator) -> RenderRun:
    """Go on where it stopped, whether it was cancelled or failed."""
    stopped = RenderRun.objects.filter(pk=run.pk, state__in=[State.CANCELLED, State.FAILED])
    anew = {"state": State.RUNNING, "finished_at": None, "why": "", "tries": 0}
    if changes_one(stopped, **anew, due_at=clock.now(), lease_until=None):
        _note(Fact.RENDERS_BEGUN, run, operator)
    run.refresh_from_db()
    return run


def discard(*, run: RenderRun, operator: Operator) -> None:
    """Throw a run and its files away. One that is being made has to be cancelled first."""
    if _discarded(run, operator):
        # The row first: files without a row are swept one day, a row without files promises what is not there.
        parts.thrown_away(run.pk)


@step
def _discarded(run: RenderRun, operator: Operator) -> bool:
    """False if it was thrown away already."""
    _all, gone = RenderRun.objects.filter(pk=run.pk).exclude(state=State.RUNNING).delete()
    if gone:
        _note(Fact.RENDERS_ENDED, run, operator, state="discarded")
    elif RenderRun.objects.filter(pk=run.pk).exists():
        raise Refusal("being_made", _("These are being made. Cancel that first."))
    return bool(gone)


def keep_part(*, run: RenderRun, pieces: Sequence[tuple[str, bytes]], after: UUID | None) -> bool:
    """Keep the pieces (name, JPEG) made since `run.after` as its next part, and give the run back to be gone on with.
    No pieces: all is made. False if it was cancelled meanwhile, or somebody else has made this part.
    """
    if not pieces:
        return _done(run)
    name = parts.written(run, pieces)
    is_mine = _moved_on(run, len(pieces), after, name)
    if not is_mine:
        parts.taken_back(run, name)
    return is_mine


def _as_claimed(run: RenderRun) -> QuerySet[RenderRun]:
    """The row, as long as nobody has moved it on since it was read. Not even by cancelling and resuming it: then it is
    due anew."""
    return RenderRun.objects.filter(
        pk=run.pk, state=State.RUNNING, part_count=run.part_count, due_at=run.due_at
    )


@step
def _done(run: RenderRun) -> bool:
    made = {"state": State.DONE, "total_count": run.done_count, "finished_at": clock.now()}
    is_mine = changes_one(_as_claimed(run), **made, lease_until=None)
    if is_mine:
        _note(Fact.RENDERS_ENDED, run, None, state=State.DONE)
    return is_mine


@step
def _moved_on(run: RenderRun, count: int, after: UUID | None, name: str) -> bool:
    done = run.done_count + count
    changes = {
        "after": after,
        "done_count": done,
        # Joined or issued while it was made: the bar is not to go beyond its end.
        "total_count": max(run.total_count, done),
        "part_count": run.part_count + 1,
        "parts": [*run.parts, name],
        "tries": 0,
    }
    # Due now again, behind the other runs: each has its turn.
    return changes_one(_as_claimed(run), **changes, due_at=clock.now(), lease_until=None)


@step
def tried(*, run: RenderRun, why: str) -> None:
    """A part could not be made, for a reason that may pass: it is tried again when the lease is over, and a few times
    only."""
    if run.tries + 1 >= TRIES:
        fail(run=run, why=why)
    else:
        _as_claimed(run).update(tries=run.tries + 1)


@step
def fail(*, run: RenderRun, why: str) -> None:
    """It cannot be made: an operator has to change something and resume it. `why` is a code (`RenderRun.Why`)."""
    changes = {"state": State.FAILED, "why": why, "finished_at": clock.now()}
    if changes_one(_as_claimed(run), **changes):
        _note(Fact.RENDERS_ENDED, run, None, state=State.FAILED)


def _note(fact: Fact, run: RenderRun, operator: Operator | None, **told: object) -> None:
    about: Mapping[str, object] = {"run": str(run.pk), "kind": run.kind, **told}
    write(fact, run, about, campaign_id=run.campaign_id, operator_id=operator.id if operator else None)
