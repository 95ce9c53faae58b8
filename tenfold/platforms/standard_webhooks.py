"""Standard Webhooks 1.0 with a shared secret: HMAC-SHA-256 over `id.timestamp.body`, in headers many have agreed on."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
import secrets as randomness
from collections.abc import Mapping, Sequence
from datetime import datetime

from tenfold.platforms.contract import Unproven

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300
# Of a key, as the standard has it.
FEWEST_BYTES, MOST_BYTES = 24, 64
# A sender in the middle of changing its key sends two.
MOST_SIGNATURES = 10
# No full stop: it would make another pair of id and body out of the same signed bytes.
_ID = re.compile(r"[!-\-/-~]{1,200}")
_SECONDS = re.compile(r"[0-9]{1,12}")
_SIGNATURES = re.compile(r"[ -~]+")

MISSING = Unproven("missing_headers", "webhook-id, webhook-timestamp and webhook-signature are needed")
BAD_ID = Unproven("bad_id", "webhook-id has to be 1 to 200 printable letters without a full stop")
BAD_TIME = Unproven("bad_timestamp", "webhook-timestamp has to be whole seconds since 1970")
NOT_NOW = Unproven("not_now", "webhook-timestamp is more than 5 minutes away from the clock here")
NO_MATCH = Unproven("no_match", "no signature in webhook-signature fits what was sent")


class StandardWebhooks:
    headers: tuple[str, ...] = ("webhook-id", "webhook-timestamp", "webhook-signature")

    def new_secret(self) -> str:
        return PREFIX + base64.b64encode(randomness.token_bytes(32)).decode()

    def is_secret(self, text: str) -> bool:
        try:
            return text.startswith(PREFIX) and FEWEST_BYTES <= len(_key(text)) <= MOST_BYTES
        except ValueError:
            return False

    def verify(
        self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime
    ) -> str | Unproven:
        event_id, timestamp, signatures = (headers.get(name, "") for name in self.headers)
        if not (event_id and timestamp and signatures):
            return MISSING
        if not _ID.fullmatch(event_id):
            return BAD_ID
        if not _SECONDS.fullmatch(timestamp):
            return BAD_TIME
        if abs(now.timestamp() - int(timestamp)) > TOLERANCE_SECONDS:
            return NOT_NOW
        right = [_signature(_key(secret), f"{event_id}.{timestamp}.".encode(), body) for secret in secrets]
        return event_id if _has_one(signatures, right) else NO_MATCH


def _has_one(signatures: str, right: Sequence[bytes]) -> bool:
    """Whether any of them is right. How long it takes tells nothing about the letters of either."""
    if not _SIGNATURES.fullmatch(signatures):
        return False
    given = [part[3:].encode() for part in signatures.split(" ") if part.startswith("v1,")]
    return any(hmac.compare_digest(one, other) for one in given[:MOST_SIGNATURES] for other in right)


def _signature(key: bytes, before: bytes, body: bytes) -> bytes:
    signing = hmac.new(key, before, "sha256")
    signing.update(body)
    return binascii.b2a_base64(signing.digest(), newline=False)


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
