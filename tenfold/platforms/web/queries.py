"""Reading a room's feed."""

from __future__ import annotations

from uuid import UUID

from tenfold.platforms.web.models import Post


def latest_posts(room_id: UUID, limit: int = 50) -> list[Post]:
    """The last posts, oldest first."""
    return posts_before(room_id, None, limit)


def posts_before(room_id: UUID, before: UUID | None, limit: int = 50) -> list[Post]:
    """The `limit` posts just before one, oldest first."""
    posts = Post.objects.filter(room_id=room_id)
    if before is not None:
        posts = posts.filter(id__lt=before)
    return list(posts.order_by("-id")[:limit])[::-1]


def posts_after(room_id: UUID, after: UUID | None, limit: int = 200) -> list[Post]:
    posts = Post.objects.filter(room_id=room_id)
    if after is not None:
        posts = posts.filter(id__gt=after)
    return list(posts.order_by("id")[:limit])
