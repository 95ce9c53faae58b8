"""Everybody's pictures at once: part by part, cancelled and resumed, through crashes, as a ZIP and for a printer."""

from __future__ import annotations

import io
import threading
import zipfile
from unittest import mock

import pypdf
import pytest
from django.core.files.storage import InMemoryStorage, default_storage
from PIL import Image

from tenfold import flow, worker
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.codes.queries import address_of
from tenfold.imaging.qr import read_codes
from tenfold.keepsakes import actions as keepsakes
from tenfold.people.models import Journey
from tenfold.posters import renders
from tenfold.posters.models import RenderRun
from tests import cast
from tests.posters.samples import content, saved

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> cast.Stage:
    """Five who joined, and parts of two pieces."""
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


def unpacked(run: RenderRun) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(b"".join(renders.zip_of(now(run))))) as packed:
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
    pages = pypdf.PdfReader(io.BytesIO(b"".join(renders.print_of(now(run)))), strict=True).pages
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
    assert default_storage.exists(renders.part_name(run, 1))
    RenderRun.objects.update(lease_until=None)  # the dead worker's lease is over
    works(3)
    assert (now(run).state, len(unpacked(run))) == ("done", 5)


def test_a_worker_that_was_too_slow_changes_nothing_any_more(stage: cast.Stage) -> None:
    slow = begins(stage)
    works(1)  # another one has made the part meanwhile
    assert not renders.keep_part(run=slow, pieces=[("x.jpg", b"x")], after=new_id())
    RenderRun.objects.update(lease_until=None)
    assert now(slow).done_count == 2


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
    assert (now(run).state, now(run).why) == ("failed", "address too long")
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
        renders.discard(run=now(run))
    renders.cancel(run=run, operator=stage.owner)
    name = renders.part_name(run, 0)
    assert default_storage.exists(name)
    renders.discard(run=now(run))
    assert not default_storage.exists(name)
    assert not RenderRun.objects.exists()


def test_an_object_store_has_no_files_of_ours(stage: cast.Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked of a storage is what every storage of Django has: no path on a disk."""
    store = InMemoryStorage()
    monkeypatch.setattr(renders, "default_storage", store)
    run = begins(stage)
    works(4)
    assert len(unpacked(run)) == 5
    assert not default_storage.exists(renders.part_name(run, 0))
