"""Faces that other platforms keep: the worker fetches them, many at a time, and nobody waits for one."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import structlog
from django.db import InterfaceError, OperationalError

from tenfold.base import clock
from tenfold.imaging.child import NoChild
from tenfold.imaging.intake import avatar_apart
from tenfold.imaging.reading import CleanPicture, Unreadable
from tenfold.people import avatars
from tenfold.people.models import AvatarSource
from tenfold.platforms.fetching import NotFetched, fetch

log = structlog.get_logger(__name__)
Fetched = CleanPicture | NotFetched


def faces_fetched(*, sources: Sequence[AvatarSource]) -> int:
    """Fetch all at once, then keep what came; how many faces there are more. No transaction is open meanwhile."""
    if not sources:
        return 0
    with ThreadPoolExecutor(max_workers=len(sources), thread_name_prefix="face") as pool:
        found = list(pool.map(_fetched, [source.address for source in sources]))
    return sum(_kept_apart(source, face) for source, face in zip(sources, found, strict=True))


def _fetched(address: str) -> Fetched:
    try:
        return avatar_apart(fetch(address))
    except NotFetched as error:
        return error
    except Unreadable as error:
        return NotFetched(error.reason, is_permanent=True)
    except NoChild as error:
        return NotFetched(error.reason, is_ours=True)
    except Exception:
        log.exception("face_not_fetched", address=address)
        return NotFetched("failed")


def _kept_apart(source: AvatarSource, face: Fetched) -> bool:
    """What goes wrong with one face is no other's business."""
    try:
        return _kept(source, face)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("face_not_kept", source=str(source.pk))
        return _kept(source, NotFetched("failed"))


def _kept(source: AvatarSource, face: Fetched) -> bool:
    if isinstance(face, CleanPicture):
        return avatars.take(source=source, picture=face)
    if face.is_ours:
        avatars.wait(source=source, why=face.code, now=clock.now())
    else:
        avatars.put_off(source=source, why=face.code, is_permanent=face.is_permanent, now=clock.now())
    return False
