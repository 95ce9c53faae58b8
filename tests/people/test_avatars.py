"""Faces that a platform keeps: fetched by the worker, kept once, given up when there is no use."""

from __future__ import annotations

import threading

import pytest

from tenfold import flow, worker
from tenfold.base.pictures import Clean
from tenfold.flow import faces
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.people import avatars
from tenfold.people.actions import change_profile
from tenfold.people.models import AvatarSource, Person
from tenfold.platforms.fetching import NotFetched
from tests import cast
from tests.conftest import FrozenClock

pytestmark = pytest.mark.django_db

ADDRESS = "https://pictures.example/mia.png"


@pytest.fixture
def mia() -> Person:
    return cast.joins(cast.live(), "Mia").person


def source_of(person: Person) -> AvatarSource:
    return AvatarSource.objects.get(person=person)


def fetches(patch: pytest.MonkeyPatch, *found: bytes | NotFetched) -> list[str]:
    """What the network gives, one after the other; the addresses asked for."""
    asked: list[str] = []
    left = list(found)

    def fetch(address: str) -> bytes:
        asked.append(address)
        came = left.pop(0)
        if isinstance(came, NotFetched):
            raise came
        return came

    patch.setattr(faces, "fetch", fetch)
    return asked


def works() -> None:
    job = next(job for job in worker.JOBS if job.name == "faces")
    job.run(worker.Round(threading.Event()))


def test_a_face_is_fetched_once_and_is_theirs(mia: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = fetches(monkeypatch, cast.picture_bytes("red"))
    avatars.tell_address(person=mia, address=ADDRESS)
    works()
    works()
    avatars.tell_address(person=mia, address=ADDRESS)
    works()
    assert asked == [ADDRESS]
    mia.refresh_from_db()
    assert mia.avatar is not None
    assert (mia.avatar.width, mia.avatar.height) == (256, 256)
    assert Entry.objects.filter(kind=Fact.PROFILE_CHANGED).count() == 1


def test_another_address_is_fetched_anew(mia: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    fetches(monkeypatch, cast.picture_bytes("red"), cast.picture_bytes("blue"))
    avatars.tell_address(person=mia, address=ADDRESS)
    works()
    first = Person.objects.get(pk=mia.pk).avatar_id
    avatars.tell_address(person=mia, address=f"{ADDRESS}?2")
    works()
    assert Person.objects.get(pk=mia.pk).avatar_id not in (None, first)


def test_what_is_no_use_is_given_up_at_once(mia: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = fetches(monkeypatch, NotFetched("not_public", is_permanent=True))
    avatars.tell_address(person=mia, address="http://127.0.0.1/me.png")
    works()
    works()
    assert len(asked) == 1
    assert (source_of(mia).why, source_of(mia).due_at) == ("not_public", None)
    assert Person.objects.get(pk=mia.pk).avatar_id is None


@pytest.mark.parametrize(
    ("data", "why"), [(b"<svg onload='x'/>", "not_a_picture"), (cast.picture_bytes()[:200], "truncated")]
)
def test_what_is_no_picture_is_given_up(
    mia: Person, monkeypatch: pytest.MonkeyPatch, data: bytes, why: str
) -> None:
    fetches(monkeypatch, data)
    avatars.tell_address(person=mia, address=ADDRESS)
    works()
    assert (source_of(mia).why, source_of(mia).due_at) == (why, None)


def test_trouble_is_tried_again_later_and_not_for_ever(
    mia: Person, monkeypatch: pytest.MonkeyPatch, frozen: FrozenClock
) -> None:
    asked = fetches(monkeypatch, *(NotFetched("too_slow") for _nth in range(4)))
    avatars.tell_address(person=mia, address=ADDRESS)
    for waits in (0, 1, 15, 360):
        frozen.advance(minutes=waits, seconds=-1 if waits else 0)
        works()
        frozen.advance(seconds=1)
        works()
    frozen.advance(days=3)
    works()
    assert len(asked) == 4
    assert (source_of(mia).why, source_of(mia).due_at) == ("too_slow", None)


def test_an_address_told_while_the_old_one_is_fetched_wins(
    mia: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    avatars.tell_address(person=mia, address=ADDRESS)
    old = source_of(mia)
    avatars.tell_address(person=mia, address=f"{ADDRESS}?2")
    fetches(monkeypatch, cast.picture_bytes("red"))
    assert flow.faces_fetched(sources=[old]) == 0
    assert Person.objects.get(pk=mia.pk).avatar_id is None
    assert source_of(mia).due_at is not None


@pytest.mark.parametrize("address", ["", " ", "\x00", "https://x.example/" + "a" * 500])
def test_an_address_that_cannot_be_one_is_not_kept(mia: Person, address: str) -> None:
    avatars.tell_address(person=mia, address=address)
    assert not AvatarSource.objects.exists()


def test_a_picture_of_their_own_is_not_replaced_by_one_on_its_way(
    mia: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    avatars.tell_address(person=mia, address=ADDRESS)
    on_its_way = source_of(mia)
    own = change_profile(person=mia, nickname="Mia", avatar=cast.screenshot(), language="en").avatar_id
    asked = fetches(monkeypatch, cast.picture_bytes("red"))
    works()
    assert asked == []
    assert flow.faces_fetched(sources=[on_its_way]) == 0
    assert Person.objects.get(pk=mia.pk).avatar_id == own


def test_trouble_of_our_own_is_no_try(
    mia: Person, monkeypatch: pytest.MonkeyPatch, frozen: FrozenClock
) -> None:
    asked = fetches(monkeypatch, *(NotFetched("no_resolver", is_ours=True) for _nth in range(9)))
    avatars.tell_address(person=mia, address=ADDRESS)
    for _nth in range(9):
        works()
        frozen.advance(minutes=15)
    assert len(asked) == 9
    assert source_of(mia).try_count == 0


@pytest.mark.parametrize("where", ["fetch", "keep"])
def test_one_face_that_fails_does_not_take_the_others_along(
    mia: Person, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    ben = cast.joins(cast.live(owner=cast.workspace("ben@example.org")), "Ben").person
    for person, name in ((mia, "mia"), (ben, "ben")):
        avatars.tell_address(person=person, address=f"https://pictures.example/{name}.png")
    real = avatars.take

    def fetch(address: str) -> bytes:
        if where == "fetch" and "mia" in address:
            raise RuntimeError(address)
        return cast.picture_bytes("red")

    def take(*, source: AvatarSource, picture: Clean) -> bool:
        if where == "keep" and source.person_id == mia.pk:
            raise RuntimeError(where)
        return real(source=source, picture=picture)

    monkeypatch.setattr(faces, "fetch", fetch)
    monkeypatch.setattr(avatars, "take", take)
    works()
    assert (source_of(mia).why, source_of(mia).try_count) == ("failed", 1)
    assert Person.objects.get(pk=ben.pk).avatar_id is not None


def test_an_empty_table_is_not_asked_all_the_time() -> None:
    assert next(job for job in worker.JOBS if job.name == "faces").every_seconds >= 30


def test_who_was_never_seen_has_no_face_to_fetch() -> None:
    assert flow.faces_fetched(sources=[]) == 0
