"""Reading a room's feed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from tenfold.platforms.web.models import Post


def latest_posts(room_id: UUID, limit: int = 50, *, reader_id: UUID | None = None) -> list[Post]:
    """The last posts, oldest first."""
    return posts_before(room_id, None, limit, reader_id=reader_id)


def posts_before(
    room_id: UUID, before: UUID | None, limit: int = 50, *, reader_id: UUID | None = None
) -> list[Post]:
    """The `limit` posts just before one that this person sees, oldest first; without one, that everybody does.
    `erased_at` tells where a picture is gone."""
    return _before(_seen_by(reader_id).filter(room_id=room_id), before, limit)


def posts_for_operators(room_id: UUID, before: UUID | None, limit: int = 50) -> list[Post]:
    """As `posts_before`, with those that members do not see any more. What is said to one of them alone is none of the
    room's."""
    return _before(Post.objects.filter(room_id=room_id, reader_id=None), before, limit)


def _seen_by(reader_id: UUID | None) -> QuerySet[Post]:
    everybodys = Q(reader_id=None)
    return Post.objects.filter(
        everybodys | Q(reader_id=reader_id) if reader_id else everybodys, hidden_at=None
    )


def _before(posts: QuerySet[Post], before: UUID | None, limit: int) -> list[Post]:
    posts = posts.annotate(erased_at=F("picture__erased_at"))
    if before is not None:
        posts = posts.filter(id__lt=before)
    newest = list(posts.order_by("-id")[:limit])
    return list(reversed(newest))


def hidden_lately(room_id: UUID, limit: int = 250) -> list[tuple[UUID, datetime]]:
    """What pages that were open meanwhile may still show, and since when they must not; the latest first."""
    hidden = Post.objects.filter(room_id=room_id, hidden_at__isnull=False).order_by("-hidden_at")
    return [(post_id, at) for post_id, at in hidden.values_list("id", "hidden_at")[:limit] if at]


def posts_after(
    room_id: UUID, after: UUID | None, limit: int = 200, *, reader_id: UUID | None = None
) -> list[Post]:
    posts = _seen_by(reader_id).filter(room_id=room_id)
    if after is not None:
        posts = posts.filter(id__gt=after)
    return list(posts.order_by("id")[:limit])
