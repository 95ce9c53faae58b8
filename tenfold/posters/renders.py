"""Many at once: a run is asked for, made part by part by the worker, cancelled, resumed, and handed out as one file."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Language, Operator
from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.imaging.pdf import pdf_of
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.posters.models import PosterDesign, RenderRun

# Always so many: the same part made twice, after a crash, has the same pieces.
PART = 25
MOST_RUNS = 50  # of a campaign, as long as none of them is thrown away

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
    """Ask for all of a kind, with the designs as they are now. With the same `row_id` it is asked for once."""
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
    if changes_one(
        stopped, state=State.RUNNING, finished_at=None, why="", due_at=clock.now(), lease_until=None
    ):
        _note(Fact.RENDERS_BEGUN, run, operator)
    run.refresh_from_db()
    return run


def discard(*, run: RenderRun) -> None:
    """Throw a run and its files away. One that is being made has to be cancelled first."""
    if run.state == State.RUNNING:
        raise Refusal("being_made", _("These are being made. Cancel that first."))
    # The row first: files without a row are lost room, a row without its files would promise what is not there.
    RenderRun.objects.filter(pk=run.pk).exclude(state=State.RUNNING).delete()
    for nth in range(run.part_count + 1):
        default_storage.delete(part_name(run, nth))


def keep_part(*, run: RenderRun, pieces: Sequence[tuple[str, bytes]], after: UUID | None) -> bool:
    """Keep the pieces (name, JPEG) made since `run.after` as its next part, and give the run back to be gone on with.
    No pieces: all is made. False if it was cancelled meanwhile, or somebody else has made this part.
    """
    if pieces:
        _write(part_name(run, run.part_count), _packed(pieces))
    return _moved_on(run, len(pieces), after)


@step
def _moved_on(run: RenderRun, count: int, after: UUID | None) -> bool:
    mine = RenderRun.objects.filter(pk=run.pk, state=State.RUNNING, part_count=run.part_count)
    if not count:
        made = {"state": State.DONE, "total_count": run.done_count, "finished_at": clock.now()}
        is_mine = changes_one(mine, **made, lease_until=None)
        if is_mine:
            _note(Fact.RENDERS_ENDED, run, None, state=State.DONE)
        return is_mine
    done = run.done_count + count
    parts = run.part_count + 1
    # Joined or issued while it was made: the bar is not to go beyond its end.
    total = max(run.total_count, done)
    changes = {"after": after, "done_count": done, "part_count": parts, "total_count": total}
    # Due now again, behind the other runs: each has its turn.
    return changes_one(mine, **changes, due_at=clock.now(), lease_until=None)


@step
def fail(*, run: RenderRun, why: str) -> None:
    """It cannot be made: an operator has to change something and resume it."""
    changes = {"state": State.FAILED, "why": why[:200], "finished_at": clock.now()}
    if changes_one(RenderRun.objects.filter(pk=run.pk, state=State.RUNNING), **changes):
        _note(Fact.RENDERS_ENDED, run, None, state=State.FAILED)


def _note(fact: Fact, run: RenderRun, operator: Operator | None, **told: object) -> None:
    about: Mapping[str, object] = {"run": str(run.pk), "kind": run.kind, **told}
    write(fact, run, about, campaign_id=run.campaign_id, operator_id=operator.id if operator else None)


# --- files ----------------------------------------------------------------------------------------------------


def part_name(run: RenderRun, nth: int) -> str:
    return f"renders/{run.pk.hex}/{nth:05}.zip"


def _packed(pieces: Iterable[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as packed:
        for name, data in pieces:
            packed.writestr(ZipInfo(name), data)
    return out.getvalue()


def _write(name: str, data: bytes) -> None:
    """Kept before it counts, also through a power cut where it is a file of ours."""
    default_storage.delete(name)
    default_storage.save(name, ContentFile(data))
    if not isinstance(default_storage, FileSystemStorage):  # an object store answers when it has it
        return
    with open(default_storage.path(name), "rb") as file:
        os.fsync(file.fileno())


def pieces_of(run: RenderRun) -> Iterator[tuple[str, bytes]]:
    """What is made so far: name and JPEG of each."""
    for nth in range(run.part_count):
        with default_storage.open(part_name(run, nth)) as file, ZipFile(file) as packed:
            for entry in packed.infolist():
                yield entry.filename, packed.read(entry)


def zip_of(run: RenderRun) -> Iterator[bytes]:
    """One ZIP of all pieces, piece by piece, so that 10,000 of them need no more memory than one."""
    sink = _Sink()
    with ZipFile(sink, "w", ZIP_STORED) as packed:
        for name, data in pieces_of(run):
            packed.writestr(ZipInfo(name), data)
            yield sink.taken()
    yield sink.taken()


def print_of(run: RenderRun) -> Iterator[bytes]:
    """One PDF, a page a piece, without another loss of quality."""
    return pdf_of(data for _name, data in pieces_of(run))


class _Sink:
    """A file whose beginning was sent off already. A ZIP goes back no further than to the head of its last entry."""

    def __init__(self) -> None:
        self._sent, self._kept = 0, io.BytesIO()

    def write(self, data: bytes) -> int:
        return self._kept.write(data)

    def tell(self) -> int:
        return self._sent + self._kept.tell()

    def seek(self, to: int, whence: int = 0) -> int:
        return self._sent + self._kept.seek(to - self._sent if whence == 0 else to, whence)

    def flush(self) -> None:
        """There is nothing behind it."""

    def close(self) -> None:
        """It is nobody's."""

    def taken(self) -> bytes:
        data, self._sent = self._kept.getvalue(), self.tell()
        self._kept = io.BytesIO()
        return data
