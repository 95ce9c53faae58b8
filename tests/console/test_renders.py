"""The page where everybody's pictures are made at once."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.utils import timezone

from tenfold import flow
from tenfold.accounts.models import Role
from tenfold.posters import renders
from tenfold.posters.models import RenderRun
from tests import cast
from tests.conftest import FrozenClock
from tests.console.desk import address, desk, mate, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def stage() -> cast.Stage:
    stage = cast.live()
    for name in ("Mia", "Ben"):
        cast.joins(stage, name)
    return stage


def asks(stage: cast.Stage, **form: str) -> RenderRun:
    desk(stage.owner).post(address("renders", stage.campaign.id), {"what": "poster", "language": ""} | form)
    return RenderRun.objects.get()


def test_posters_are_asked_for_watched_and_taken_home(stage: cast.Stage) -> None:
    run, client = asks(stage), desk(stage.owner)
    page = said(client.get(address("renders", stage.campaign.id)))
    assert "0 of 2" in page
    assert 'hx-trigger="every 1s"' in page
    flow.rendered(run=run)
    flow.rendered(run=RenderRun.objects.get())
    now = said(client.get(address("renders_now", stage.campaign.id)))
    assert "2 of 2" in now
    assert "every 1s" not in now
    answer = client.get(address("render_file", stage.campaign.id, run.id, "zip"))
    assert answer["Content-Disposition"].startswith('attachment; filename="poster-')
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as packed:  # type: ignore[attr-defined]
        assert packed.namelist() == ["00001 Mia.jpg", "00002 Ben.jpg"]
    pdf = client.get(address("render_file", stage.campaign.id, run.id, "pdf"))
    assert b"".join(pdf.streaming_content).startswith(b"%PDF-")  # type: ignore[attr-defined]


def test_nothing_made_says_what_this_is_for(stage: cast.Stage) -> None:
    assert "Nothing made yet" in said(desk(stage.owner).get(address("renders", stage.campaign.id)))


def test_what_cannot_be_made_is_said_on_the_page(stage: cast.Stage) -> None:
    asks(stage)
    answer = desk(stage.owner).post(address("renders", stage.campaign.id), {"what": "poster", "language": ""})
    assert answer.status_code == 409
    assert "These are being made already." in said(answer)


def test_cancelled_gone_on_with_and_thrown_away(stage: cast.Stage) -> None:
    run, client = asks(stage), desk(stage.owner)
    change = address("change_render", stage.campaign.id, run.id)
    states = []
    for act in ("cancel", "resume", "cancel"):
        client.post(change, {"act": act})
        states.append(RenderRun.objects.get().state)
    assert states == ["cancelled", "running", "cancelled"]
    assert client.post(change, {"act": "dance"}).status_code == 400
    client.post(change, {"act": "discard"})
    assert not RenderRun.objects.exists()


def test_who_may_only_look_finds_no_button(stage: cast.Stage) -> None:
    asks(stage)
    viewer = desk(mate(stage, Role.VIEWER))
    for page in ("renders", "renders_now"):
        assert "Cancel" not in said(viewer.get(address(page, stage.campaign.id)))


def test_a_run_of_another_campaign_is_not_found(stage: cast.Stage) -> None:
    run = asks(stage)
    other = cast.live(owner=(stage.workspace, stage.owner))
    assert desk(stage.owner).get(address("render_file", other.campaign.id, run.id, "zip")).status_code == 404


def test_why_it_failed_is_said_in_the_reader_s_language_and_in_nobody_s_code(stage: cast.Stage) -> None:
    run = asks(stage)
    renders.fail(run=run, why="storage")
    page = said(desk(stage.owner).get(address("renders", stage.campaign.id)))
    assert "The files could not be kept." in page
    assert "<code>" not in page
    RenderRun.objects.update(why="address too long")  # of an earlier release
    page = said(desk(stage.owner).get(address("renders", stage.campaign.id)))
    assert "It could not be made." in page
    assert "address too long" not in page


def test_the_moment_is_written_as_everywhere_in_the_console(frozen: FrozenClock, stage: cast.Stage) -> None:
    asks(stage)
    page = said(desk(stage.owner).get(address("renders", stage.campaign.id)))
    assert f"{timezone.localtime(frozen.now, stage.campaign.zone):2 Mar 2026, %H:%M}" in page


def test_more_downloads_than_two_at_once_are_asked_to_wait(stage: cast.Stage) -> None:
    run, client = asks(stage), desk(stage.owner)
    flow.rendered(run=run)
    get = address("render_file", stage.campaign.id, run.id, "zip")
    under_way = [client.get(get), client.get(get)]
    busy = client.get(get)
    assert (busy.status_code, busy["Retry-After"]) == (503, "30")
    assert "Try again in half a minute." in said(busy)
    assert b"".join(under_way[0].streaming_content)  # type: ignore[attr-defined]
    third = client.get(get)
    assert third.status_code == 200
    sending = third._iterator  # type: ignore[attr-defined]
    next(sending)
    sending.close()  # broken off
    assert b"".join(client.get(get).streaming_content)  # type: ignore[attr-defined]
    assert b"".join(under_way[1].streaming_content)  # type: ignore[attr-defined]
