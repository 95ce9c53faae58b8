"""Everybody's pictures at once: part by part, cancelled and resumed, through crashes, as a ZIP and for a printer."""

from __future__ import annotations

import io
import os
import threading
import zipfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pypdf
import pytest
from django.core.files.storage import InMemoryStorage, default_storage
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from PIL import Image
from pytest_django import Settings

from tenfold import flow, worker
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.codes.queries import address_of
from tenfold.imaging.qr import read_codes
from tenfold.journal.models import Entry
from tenfold.keepsakes import actions as keepsakes
from tenfold.people.models import Journey
from tenfold.posters import parts, renders
from tenfold.posters.models import PosterText, RenderRun
from tests import cast
from tests.conftest import FrozenClock
from tests.posters.samples import content, saved
from tests.race.crowd import all_at_once, codes_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> cast.Stage:
    """Five who joined, parts of two pieces, and a storage with nothing in it."""
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(renders, "PART", 2)
    stage = cast.live()
    for name in ("Mia", "李雷", "../etc/passwd", "🎉", "Ben"):
        cast.joins(stage, name)
    return stage


def begins(stage: cast.Stage, **wishes: object) -> RenderRun:
    wishes = {"kind": "poster"} | wishes
    return flow.renders_begun(campaign=stage.campaign, operator=stage.owner, **wishes)  # type: ignore[arg-type]


def works(times: int) -> None:
    """So many turns of a worker that was only just started."""
    job = next(job for job in worker.JOBS if job.name == "renders")
    for _nth in range(times):
        job.run(worker.Round(threading.Event()))


def now(run: RenderRun) -> RenderRun:
    return RenderRun.objects.get(pk=run.pk)


def files_of(run: RenderRun) -> list[str]:
    """In the storage, whether they count or not."""
    folder = f"renders/{run.pk.hex}"
    return sorted(default_storage.listdir(folder)[1]) if default_storage.exists(folder) else []


def unpacked(run: RenderRun) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(parts.zip_of(now(run))))) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


def test_everybody_who_joined_gets_a_poster_with_their_own_code(stage: cast.Stage) -> None:
    run = begins(stage)
    assert (run.total_count, run.done_count) == (5, 0)
    works(4)
    assert (now(run).state, now(run).done_count, now(run).part_count) == ("done", 5, 3)
    made = unpacked(run)
    assert list(made) == [
        "00001 Mia.jpg",
        "00002 李雷.jpg",
        "00003 etcpasswd.jpg",
        "00004 -.jpg",
        "00005 Ben.jpg",
    ]
    codes = [address_of(journey.code) for journey in Journey.objects.order_by("id")]
    assert [read_codes(data)[0].text for data in made.values()] == codes


def test_a_printer_gets_a_page_each_of_the_same_bytes(stage: cast.Stage) -> None:
    run = begins(stage)
    works(4)
    pages = pypdf.PdfReader(io.BytesIO(b"".join(parts.print_of(now(run)))), strict=True).pages
    assert len(pages) == 5
    # The long side of A4, and as wide as the poster then is.
    assert [round(float(side)) for side in pages[0].mediabox[2:]] == [474, 842]
    drawn = [page["/Resources"]["/XObject"]["/P"] for page in pages]  # type: ignore[index]
    assert [picture._data for picture in drawn] == list(unpacked(run).values())


def test_progress_is_seen_while_it_is_made(stage: cast.Stage) -> None:
    run, seen = begins(stage), []
    for _nth in range(4):
        works(1)
        seen.append((now(run).state, now(run).done_count))
    assert seen == [("running", 2), ("running", 4), ("running", 5), ("done", 5)]
    works(2)
    assert now(run).done_count == 5


def test_it_is_cancelled_and_goes_on_where_it_stopped(stage: cast.Stage) -> None:
    run = begins(stage)
    works(1)
    renders.cancel(run=run, operator=stage.owner)
    works(3)
    assert (now(run).state, now(run).done_count) == ("cancelled", 2)
    assert len(unpacked(run)) == 2
    renders.resume(run=now(run), operator=stage.owner)
    works(3)
    assert (now(run).state, len(unpacked(run))) == ("done", 5)


def test_a_worker_that_dies_before_a_part_counts_leaves_no_hole_and_nothing_twice(stage: cast.Stage) -> None:
    run = begins(stage)
    works(1)

    class Killed(BaseException):
        pass

    with mock.patch.object(renders, "_moved_on", side_effect=Killed), pytest.raises(Killed):
        works(1)
    assert now(run).done_count == 2
    assert len(files_of(run)) == 2
    RenderRun.objects.update(lease_until=None)  # the dead worker's lease is over
    works(3)
    assert (now(run).state, len(unpacked(run))) == ("done", 5)
    assert len(files_of(run)) == 4
    assert parts.swept() == 1  # what the dead one had made
    assert files_of(run) == now(run).parts
    assert len(unpacked(run)) == 5
    assert parts.swept() == 0


def test_a_worker_that_was_too_slow_changes_nothing_any_more(stage: cast.Stage) -> None:
    slow = begins(stage)
    works(1)  # another one has made the part meanwhile
    assert not renders.keep_part(run=slow, pieces=[("x.jpg", b"x")], after=new_id())
    RenderRun.objects.update(lease_until=None)
    assert now(slow).done_count == 2
    assert files_of(slow) == now(slow).parts
    assert list(unpacked(slow)) == ["00001 Mia.jpg", "00002 李雷.jpg"]


def test_a_run_has_the_designs_and_the_people_of_the_moment_it_was_asked_for(stage: cast.Stage) -> None:
    saved(stage.campaign, stage.owner, content(colour="#ff0000"), variant="A")
    run = begins(stage)
    saved(stage.campaign, stage.owner, content(colour="#0000ff"), variant="A", name="New")
    cast.joins(stage, "Late")
    works(4)
    made = unpacked(run)
    assert len(made) == 5
    red, _green, blue = Image.open(io.BytesIO(made["00001 Mia.jpg"])).getpixel((2, 2))  # type: ignore[misc]
    assert red > 240 > 20 > blue


def test_it_is_asked_for_once(stage: cast.Stage) -> None:
    row_id = new_id()
    assert begins(stage, row_id=row_id) == begins(stage, row_id=row_id)
    with pytest.raises(Refusal) as refused:
        begins(stage)
    assert refused.value.code == "being_made"


@pytest.mark.parametrize(
    ("wishes", "why"),
    [
        ({"kind": "certificate"}, "edition_needed"),
        ({"kind": "rubbish"}, "edition_needed"),
        ({"language": "fr"}, "unknown_kind"),
    ],
)
def test_what_cannot_be_made_is_refused(stage: cast.Stage, wishes: dict[str, object], why: str) -> None:
    with pytest.raises(Refusal) as refused:
        begins(stage, **wishes)
    assert refused.value.code == why


def test_of_nobody_nothing_is_made() -> None:
    with pytest.raises(Refusal) as refused:
        begins(cast.live())
    assert refused.value.code == "nothing_to_make"


def test_what_cannot_be_drawn_ends_it_and_says_why(stage: cast.Stage) -> None:
    version = saved(stage.campaign, stage.owner, variant="A")
    run = begins(stage)
    with mock.patch("tenfold.flow.renders.picture_of", side_effect=ValueError("address too long")):
        works(1)
    assert (now(run).state, now(run).why) == ("failed", "drawing")
    renders.resume(run=now(run), operator=stage.owner)
    works(4)
    assert now(run).state == "done"
    assert version.number == 1


def test_certificates_of_an_edition_are_made_of_those_that_are_valid(stage: cast.Stage) -> None:
    edition = keepsakes.make_edition(
        campaign=stage.campaign, kind="certificate", name="Ten Books", operator=stage.owner
    )
    journeys = list(Journey.objects.order_by("id").select_related("person"))
    for journey in journeys[:3]:
        keepsakes.issue(edition=edition, journeys=[journey], operator=stage.owner)
    revoked = edition.keepsakes.get(journey=journeys[1])
    keepsakes.revoke(keepsake=revoked, operator=stage.owner, reason="by mistake")
    run = begins(stage, kind="certificate", edition=edition)
    works(3)
    made = unpacked(run)
    assert list(made) == ["00001 Mia.jpg", "00002 etcpasswd.jpg"]
    first = edition.keepsakes.get(journey=journeys[0])
    assert read_codes(made["00001 Mia.jpg"])[0].text.endswith(f"/K/{first.number}")


def test_thrown_away_is_gone_with_its_files(stage: cast.Stage) -> None:
    run = begins(stage)
    works(1)
    with pytest.raises(Refusal):
        renders.discard(run=now(run), operator=stage.owner)
    renders.cancel(run=run, operator=stage.owner)
    assert files_of(run)
    renders.discard(run=now(run), operator=stage.owner)
    assert run.pk.hex not in default_storage.listdir("renders")[0]
    assert not RenderRun.objects.exists()
    assert Entry.objects.filter(kind="renders_ended", data__state="discarded").count() == 1
    renders.discard(run=run, operator=stage.owner)  # sent twice
    assert Entry.objects.filter(data__state="discarded").count() == 1


def test_an_object_store_has_no_files_of_ours(stage: cast.Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked of a storage is what every storage of Django has: no path on a disk."""
    store = InMemoryStorage()
    monkeypatch.setattr(parts, "default_storage", store)
    run = begins(stage)
    works(4)
    assert len(unpacked(run)) == 5
    assert len(store.listdir(f"renders/{run.pk.hex}")[1]) == 3
    assert not files_of(run)
    renders.discard(run=now(run), operator=stage.owner)
    assert store.listdir("renders") == ([], [])


# --- two at once ----------------------------------------------------------------------------------------------


def test_a_worker_that_wakes_after_its_lease_neither_changes_nor_destroys_what_counts(
    stage: cast.Stage,
) -> None:
    """It writes its part only when another one has made that part and the run has moved on."""
    slow = begins(stage)

    class Killed(BaseException):
        pass

    works(1)
    with mock.patch.object(renders, "_moved_on", side_effect=Killed), pytest.raises(Killed):
        renders.keep_part(run=slow, pieces=[("00001 Other.jpg", b"x")], after=new_id())
    works(3)
    assert next(iter(unpacked(slow))) == "00001 Mia.jpg"
    assert len(unpacked(slow)) == 5


def test_of_two_who_make_a_part_at_once_one_counts_and_the_other_leaves_nothing(stage: cast.Stage) -> None:
    begins(stage)
    one, other = RenderRun.objects.get(), RenderRun.objects.get()
    write = parts.written
    ends: list[bool] = []

    def interleaved(run: RenderRun, pieces: list[tuple[str, bytes]]) -> str:
        name = write(run, pieces)
        if not ends:
            ends.append(True)
            ends.append(renders.keep_part(run=other, pieces=[("00001 B.jpg", b"b")], after=new_id()))
        return name

    with mock.patch.object(parts, "written", interleaved):
        assert not renders.keep_part(run=one, pieces=[("00001 A.jpg", b"a")], after=new_id())
    assert ends == [True, True]
    assert unpacked(one) == {"00001 B.jpg": b"b"}
    assert files_of(one) == now(one).parts


def test_who_was_at_it_before_it_was_cancelled_and_resumed_counts_nothing(
    frozen: FrozenClock, stage: cast.Stage
) -> None:
    before = begins(stage)
    renders.cancel(run=before, operator=stage.owner)
    frozen.advance(seconds=1)
    renders.resume(run=now(before), operator=stage.owner)
    old = RenderRun.objects.get()
    old.due_at = frozen.now - timedelta(seconds=1)
    assert not renders.keep_part(run=old, pieces=[("x.jpg", b"x")], after=new_id())
    assert (now(old).part_count, files_of(old)) == (0, [])


def test_thrown_away_while_a_part_is_made_leaves_nothing_of_anybody(stage: cast.Stage) -> None:
    run = begins(stage)
    write = parts.written

    def meanwhile(run: RenderRun, pieces: list[tuple[str, bytes]]) -> str:
        renders.cancel(run=run, operator=stage.owner)
        renders.discard(run=now(run), operator=stage.owner)
        return write(run, pieces)

    with mock.patch.object(parts, "written", meanwhile):
        works(1)
    assert run.pk.hex not in default_storage.listdir("renders")[0]


def test_what_a_dead_worker_left_of_a_run_thrown_away_is_swept(stage: cast.Stage) -> None:
    run = begins(stage)
    works(1)
    RenderRun.objects.all().delete()
    kept = next(job for job in worker.JOBS if job.name == "old renders")
    kept.run(worker.Round(threading.Event()))
    assert run.pk.hex not in default_storage.listdir("renders")[0]


def test_a_run_that_goes_on_keeps_what_a_worker_is_about_to_count(stage: cast.Stage) -> None:
    run = begins(stage)
    parts.written(run, [("x.jpg", b"x")])
    assert parts.swept() == 0
    assert len(files_of(run)) == 1


def test_resumed_at_the_moment_it_is_thrown_away_it_keeps_its_files(stage: cast.Stage) -> None:
    run = begins(stage)
    works(1)
    renders.cancel(run=run, operator=stage.owner)
    seen = now(run)
    renders.resume(run=now(run), operator=stage.owner)
    with pytest.raises(Refusal) as refused:
        renders.discard(run=seen, operator=stage.owner)
    assert refused.value.code == "being_made"
    works(3)
    assert len(unpacked(run)) == 5


@pytest.mark.django_db(transaction=True)
def test_two_operators_who_begin_at_once_begin_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = cast.live()
    cast.joins(stage, "Mia")
    both, seen = threading.Barrier(2), renders._versions

    def late(campaign: Campaign, kind: str) -> dict[str, str]:
        with suppress(threading.BrokenBarrierError):
            both.wait(timeout=0.3)  # long enough for the other one to have looked too, if it may
        return seen(campaign, kind)

    monkeypatch.setattr(renders, "_versions", late)
    answers = all_at_once([lambda: begins(stage)] * 2)
    assert codes_of(answers) == ["being_made"]
    assert RenderRun.objects.count() == 1


# --- troubles -------------------------------------------------------------------------------------------------


def fails_once_more() -> None:
    RenderRun.objects.update(lease_until=None)
    works(1)


def test_a_disk_that_stays_full_ends_it_after_a_few_tries(stage: cast.Stage) -> None:
    run = begins(stage)
    with mock.patch.object(parts, "_made_lasting", side_effect=OSError("no space left on device")):
        for tries in (1, 2):
            fails_once_more()
            assert (now(run).state, now(run).tries) == ("running", tries)
        fails_once_more()
    assert (now(run).state, now(run).why, files_of(run)) == ("failed", "storage", [])
    renders.resume(run=now(run), operator=stage.owner)
    works(4)
    assert (now(run).state, now(run).tries, len(unpacked(run))) == ("done", 0, 5)


def test_a_face_that_cannot_be_read_ends_it_after_a_few_tries(stage: cast.Stage) -> None:
    run = begins(stage)
    with mock.patch("tenfold.flow.renders.picture_of", side_effect=OSError("broken data stream")):
        for _nth in range(renders.TRIES):
            fails_once_more()
    assert (now(run).state, now(run).why) == ("failed", "drawing")


def test_a_database_that_is_away_for_a_moment_is_no_fault_of_the_run(stage: cast.Stage) -> None:
    run = begins(stage)
    with (
        mock.patch("tenfold.flow.renders.picture_of", side_effect=OperationalError("gone away")),
        pytest.raises(OperationalError),
    ):
        works(1)
    assert (now(run).state, now(run).tries) == ("running", 0)


def test_a_part_outlives_a_power_cut_with_its_name_and_its_folder_s(
    stage: cast.Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: kept.append(os.fstat(descriptor).st_ino))
    run = begins(stage)
    works(1)
    file = Path(default_storage.path(parts.part_name(now(run), 0)))
    assert kept == [path.stat().st_ino for path in (file, file.parent, file.parent.parent)]


# --- what it takes --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["poster", "certificate"])
def test_a_larger_part_takes_no_more_queries(
    stage: cast.Stage, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    wishes: dict[str, object] = {}
    if kind == "certificate":
        edition = keepsakes.make_edition(
            campaign=stage.campaign, kind=kind, name="Ten Books", operator=stage.owner
        )
        everybody = list(Journey.objects.order_by("id").select_related("person"))
        keepsakes.issue(edition=edition, journeys=everybody, operator=stage.owner)
        wishes["edition"] = edition
    asked = []
    for size in (1, 5):
        monkeypatch.setattr(renders, "PART", size)
        run = begins(stage, kind=kind, **wishes)
        with CaptureQueriesContext(connection) as queries:
            works(1)
        assert now(run).done_count == size
        asked.append(len(queries))
        renders.cancel(run=run, operator=stage.owner)
    assert asked[0] == asked[1]


def test_a_run_says_from_beginning_to_end_what_was_written_at_its_beginning(stage: cast.Stage) -> None:
    run = begins(stage)
    with mock.patch("tenfold.flow.renders.picture_of", return_value=b"x") as drawn:
        works(1)
        PosterText.objects.update(title="Something else")
        works(3)
    titles = {dict(call.args[0].shared)["title"] for call in drawn.call_args_list}
    assert (now(run).done_count, titles) == (5, {"Read ten books with us"})
