"""Groups of personal WeChat. They have no API, and driving a client by force gets people banned: a person acts."""

from __future__ import annotations

from uuid import UUID

from tenfold.platforms.contract import NeedsHuman, Outcome


class WechatGroupPlatform:
    sees_joins = False
    # Whoever posts by hand is no friend of most members: WeChat lets nobody write to them alone.
    says_privately = False

    def say(
        self,
        *,
        room_id: UUID,  # noqa: ARG002
        text: str,  # noqa: ARG002
        key: str,  # noqa: ARG002
        reader_id: UUID | None = None,  # noqa: ARG002
    ) -> Outcome:
        return NeedsHuman()

    def remove(self, *, room_id: UUID, name: str, key: str) -> Outcome:  # noqa: ARG002
        return NeedsHuman()
