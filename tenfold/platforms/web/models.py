"""The built-in community's own table: what was posted in a room."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenfold.base import clock
from tenfold.base.models import Picture, Row


class Post(Row):
    """One post. `key` is the sender's own name for it, so that sending it again changes nothing."""

    class Kind(models.TextChoices):
        TEXT = "text", _("Text")
        PICTURE = "picture", _("Picture")
        BOT = "bot", _("Assistant")
        NOTICE = "notice", _("Notice")

    room_id = models.UUIDField()
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    author_id = models.UUIDField(null=True)
    author_name = models.CharField(max_length=40, blank=True)
    text = models.TextField(blank=True)
    picture = models.ForeignKey(Picture, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField(default=clock.now)
    reader_id = models.UUIDField(null=True)
    """The person who alone sees it; null where everybody in the room does."""
    hidden_at = models.DateTimeField(null=True)
    """Since when an operator does not let members see it."""

    class Meta:
        indexes = [
            models.Index(
                fields=["hidden_at"], name="post_hidden", condition=models.Q(hidden_at__isnull=False)
            ),
            models.Index(fields=["room_id", "id"], name="post_room"),
            models.Index(fields=["at"], name="post_at"),
        ]
