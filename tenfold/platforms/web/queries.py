"""Reading a room's feed."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F

from tenfold.platforms.web.models import Post


def latest_posts(room_id: UUID, limit: int = 50) -> list[Post]:
    """The last posts, oldest first."""
    return posts_before(room_id, None, limit)


def posts_before(room_id: UUID, before: UUID | None, limit: int = 50) -> list[Post]:
    """The `limit` posts just before one, oldest first. `erased_at` tells where a picture is gone."""
    posts = Post.objects.filter(room_id=room_id).annotate(erased_at=F("picture__erased_at"))
    if before is not None:
        posts = posts.filter(id__lt=before)
    newest = list(posts.order_by("-id")[:limit])
    return list(reversed(newest))


def posts_after(room_id: UUID, after: UUID | None, limit: int = 200) -> list[Post]:
    posts = Post.objects.filter(room_id=room_id)
    if after is not None:
        posts = posts.filter(id__gt=after)
    return list(posts.order_by("id")[:limit])
