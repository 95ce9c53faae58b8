"""A sender of Standard Webhooks, written from the standard and not from our own code."""

from __future__ import annotations

import base64
import hashlib
import hmac

from tenfold.base import clock


def signature(secret: str, event_id: str, timestamp: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{event_id}.{timestamp}.".encode("latin-1") + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def signed(
    secret: str, body: bytes, *, event_id: str = "msg_1", timestamp: str = "", late: int = 0
) -> dict[str, str]:
    """The headers of a hook sent now, or by a clock that is `late` seconds behind ours."""
    timestamp = timestamp or str(int(clock.now().timestamp()) - late)
    return {
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(secret, event_id, timestamp, body),
    }
