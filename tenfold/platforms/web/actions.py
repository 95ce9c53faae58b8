"""Posting in a room of the built-in community."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from tenfold.base import clock
from tenfold.base.claim import changes_one, step
from tenfold.base.fresh import insert_once
from tenfold.base.models import Picture
from tenfold.base.refusal import Refusal
from tenfold.platforms.web.models import Post

LONGEST_POST = 1000
MOST_POSTS_A_MINUTE = 20


def posts_too_fast(*, room_id: UUID, author_id: UUID, now: datetime) -> bool:
    """Whether someone has had their share of the room for this minute: one member must not drown the others."""
    recent = Post.objects.filter(room_id=room_id, at__gte=now - timedelta(minutes=1))
    return recent.filter(author_id=author_id).count() >= MOST_POSTS_A_MINUTE


@step
def post(
    *,
    room_id: UUID,
    kind: Post.Kind,
    key: str,
    text: str = "",
    author_id: UUID | None = None,
    author_name: str = "",
    picture: Picture | None = None,
    reader_id: UUID | None = None,
) -> Post:
    """Post once: the same `key` gives the post that is there already. `author_id` and `reader_id` are persons' ids."""
    text = text.replace("\x00", "").strip()
    if refusal := _refused(text, has_picture=picture is not None, is_members=author_id is not None):
        if found := Post.objects.filter(key=key).first():
            return found
        raise refusal
    made = Post(
        room_id=room_id,
        kind=kind,
        key=key,
        text=text,
        author_id=author_id,
        author_name=author_name,
        picture=picture,
        reader_id=reader_id,
        at=clock.now(),
    )
    return made if insert_once(made) else Post.objects.get(key=key)


def _refused(text: str, *, has_picture: bool, is_members: bool) -> Refusal | None:
    if not text and not has_picture:
        return Refusal("post_empty", _("Write something, or add a picture."), status=400)
    if is_members and len(text) > LONGEST_POST:
        return Refusal("post_too_long", _("At most 1,000 characters."), status=400)
    return None


@step
def hide(*, post: Post) -> bool:
    """No member sees it any more, its author neither; False if that was so already."""
    shown = Post.objects.filter(pk=post.pk, hidden_at=None)
    is_new = changes_one(shown, hidden_at=clock.now())
    post.refresh_from_db()
    return is_new


@step
def show(*, post: Post) -> bool:
    """Where it stood before; False if it is there already."""
    is_new = changes_one(Post.objects.filter(pk=post.pk, hidden_at__isnull=False), hidden_at=None)
    post.refresh_from_db()
    return is_new
