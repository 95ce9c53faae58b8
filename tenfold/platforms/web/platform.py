"""The built-in community as a platform: it lives in our own database, so that saying is part of the transaction."""

from __future__ import annotations

from uuid import UUID

from tenfold.platforms.contract import Outcome, Sent
from tenfold.platforms.web import actions
from tenfold.platforms.web.models import Post


class WebPlatform:
    sees_joins = True
    says_privately = True

    def say(self, *, room_id: UUID, text: str, key: str, reader_id: UUID | None = None) -> Outcome:
        actions.post(room_id=room_id, kind=Post.Kind.BOT, text=text, key=key, reader_id=reader_id)
        return Sent()

    def remove(self, *, room_id: UUID, name: str, key: str) -> Outcome:  # noqa: ARG002
        # Who may read and write in a room follows from the journey's state, which the story has moved already.
        return Sent()
