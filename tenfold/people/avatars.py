"""Where a platform keeps somebody's picture: told by it, fetched by the worker, given up after a few tries."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models

from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.pictures import Clean
from tenfold.people.actions import change_profile
from tenfold.people.models import AvatarSource, Person

LONGEST_ADDRESS = 500
WAITS = (timedelta(minutes=1), timedelta(minutes=15), timedelta(hours=6))


@step
def tell_address(*, person: Person, address: str) -> None:
    """A platform says where the picture is. The same address again changes nothing; another one is fetched anew.

    For platforms that tell the address of a face with their members. None of those built in does: a WeChat group shows
    its faces to people alone, and on the web they are uploaded.
    """
    address = address.replace("\x00", "").strip()
    source = AvatarSource.objects.select_for_update(no_key=True).filter(person=person).first()
    if not address or len(address) > LONGEST_ADDRESS or (source and source.address == address):
        return
    source = source or AvatarSource(person=person, workspace_id=person.workspace_id)
    source.address, source.due_at, source.try_count, source.why = address, clock.now(), 0, ""
    source.save()


@step
def take(*, source: AvatarSource, picture: Clean) -> bool:
    """What was fetched is their face from now on. False if another address was told meanwhile."""
    if not _same(source).update(due_at=None, lease_until=None, why=""):
        return False
    person = Person.objects.select_for_update(no_key=True).get(pk=source.person_id)
    change_profile(person=person, nickname=person.nickname, avatar=picture, language=person.language)
    return True


@step
def wait(*, source: AvatarSource, why: str, now: datetime) -> None:
    """It was not tried at all, for trouble of our own: later again, and that was no try."""
    _same(source).update(due_at=now + WAITS[1], lease_until=None, why=why[:40])


@step
def put_off(*, source: AvatarSource, why: str, is_permanent: bool, now: datetime) -> None:
    """It could not be fetched: later again, or never."""
    is_over = is_permanent or source.try_count >= len(WAITS)
    due_at = None if is_over else now + WAITS[source.try_count]
    _same(source).update(due_at=due_at, lease_until=None, try_count=source.try_count + 1, why=why[:40])


def _same(source: AvatarSource) -> models.QuerySet[AvatarSource]:
    return AvatarSource.objects.filter(pk=source.pk, address=source.address, due_at__isnull=False)
