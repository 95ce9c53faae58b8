"""Groups of personal WeChat. They have no API, and driving a client by force gets people banned: a person acts."""

from __future__ import annotations

from uuid import UUID

from tenfold.platforms.contract import NeedsHuman, Outcome


class WechatGroupPlatform:
    sees_joins = False

    def say(self, *, room_id: UUID, text: str, key: str) -> Outcome:  # noqa: ARG002
        return NeedsHuman()

    def remove(self, *, room_id: UUID, name: str, key: str) -> Outcome:  # noqa: ARG002
        return NeedsHuman()
