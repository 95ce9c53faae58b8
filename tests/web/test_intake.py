"""Uploads come in through a process that may die: the sender is told, nothing is kept by halves, the next one works."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from tenfold.base.keys import new_id
from tenfold.base.models import Picture
from tenfold.flow.faces import _fetched
from tenfold.imaging import cell, intake
from tenfold.platforms.fetching import NotFetched
from tenfold.platforms.web.models import Post
from tenfold.proofs.models import Proof
from tests import cast
from tests.cast import Stage
from tests.web.conftest import phone, upload


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    """Children of other tests are not of the build that these are about."""
    intake.close()
    yield
    intake.close()


@pytest.fixture
def nobody_comes(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    def none(*_arguments: object, **_options: object) -> None:
        raise BlockingIOError("no more processes")

    with monkeypatch.context() as patched:
        patched.setattr("tenfold.imaging.cell.subprocess.Popen", none)
        yield patched


@pytest.fixture
def poisoned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process dies of every picture."""
    monkeypatch.setattr(cell, "PROGRAM", ("tests.imaging.strange_child", "crash"))


def proves(client: Client, stage: Stage, *, is_live: bool = False) -> tuple[int, str, str]:
    """Status, page, and after how many seconds to come again."""
    headers = {"HX-Request": "true"} if is_live else {}
    address = f"/me/{stage.campaign.id}/proof"
    answer = client.post(address, {"picture": upload()}, headers=headers)
    return answer.status_code, answer.content.decode(), answer.headers.get("Retry-After", "")


@pytest.mark.parametrize("is_live", [True, False])
def test_where_no_process_can_be_started_one_is_asked_to_come_again(
    stage: Stage, nobody_comes: pytest.MonkeyPatch, is_live: bool
) -> None:
    mia = phone(cast.joins(stage, "Mia"))
    status, page, again = proves(mia, stage, is_live=is_live)
    assert (status, again) == (503, "5")
    assert "again in a few seconds" in page
    assert 'role="alert"' in page
    assert not Proof.objects.exists()
    assert not Picture.objects.exists()
    # Everything else goes on, and so does this as soon as there is one.
    assert mia.get(f"/me/{stage.campaign.id}/").status_code == 200
    nobody_comes.undo()
    assert proves(mia, stage)[0] == 302
    assert Proof.objects.count() == 1


def test_the_room_and_ones_own_face_say_so_too(stage: Stage, nobody_comes: pytest.MonkeyPatch) -> None:
    journey = cast.joins(stage, "Mia")
    mia = phone(journey)
    sent = {"text": "look", "key": new_id().hex, "picture": upload()}
    answer = mia.post(f"/g/{stage.group.id}/post", sent)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert not Post.objects.filter(author_id=journey.person_id).exists()
    sent = {"nickname": "Mia M.", "language": "en", "picture": upload()}
    answer = mia.post(f"/me/{stage.campaign.id}/profile", sent)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    journey.person.refresh_from_db()
    assert (journey.person.nickname, journey.person.avatar_id) == ("Mia", None)


def test_a_picture_that_ends_every_process_is_unreadable(stage: Stage, poisoned: None) -> None:
    mia = phone(cast.joins(stage, "Mia"))
    status, page, again = proves(mia, stage)
    assert (status, again) == (400, "")
    assert "Nothing here could read this picture" in page
    assert not Proof.objects.exists()


def test_a_face_that_cannot_be_read_now_is_our_fault_and_a_poisoned_one_is_not(
    monkeypatch: pytest.MonkeyPatch, nobody_comes: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenfold.flow.faces.fetch", lambda _address: cast.picture_bytes())
    face = _fetched("https://faces.example/1.png")
    assert isinstance(face, NotFetched)
    assert (face.is_ours, face.is_permanent) == (True, False)
    nobody_comes.undo()
    monkeypatch.setattr(cell, "PROGRAM", ("tests.imaging.strange_child", "crash"))
    face = _fetched("https://faces.example/1.png")
    assert isinstance(face, NotFetched)
    assert (face.code, face.is_permanent) == ("unreadable", True)
