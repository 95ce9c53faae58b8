"""Keys: row ids, the short codes on posters, and signed values that come back from strangers."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator

import uuid_utils
from django.core import signing
from uuid_utils.compat import uuid7

# Crockford's base 32: no I, L, O, U, so that a code read aloud or copied by hand survives. Upper case keeps a
# QR code in its alphanumeric mode: fewer modules, readable from smaller prints.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SLUG_LENGTH = 8
_LOOKALIKES = str.maketrans("ILO", "110")


def new_id() -> uuid.UUID:
    """A UUIDv7: unique without a database, and ordered by time, so that inserts stay at the end of an index."""
    return uuid7()


def new_hex() -> str:
    """A new id as 32 hex letters, for rows that go past the ORM."""
    return uuid_utils.uuid7().hex


def new_hexes() -> Iterator[str]:
    """As many as wished, each the one before and one more: for rows written together that nobody need keep secret.
    A UUIDv7 ends in 62 random bits, so that there is room for it to count (RFC 9562, 6.2)."""
    number = uuid_utils.uuid7().int
    while True:
        yield f"{number:032x}"
        number += 1


def new_slug() -> str:
    """A code for a poster: 40 random bits, so that neighbours cannot be guessed from one another."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SLUG_LENGTH))


def read_slug(raw: str) -> str | None:
    """The slug as stored, whatever case or look-alike letters it was typed with; None if it cannot be one."""
    slug = raw.strip().upper().translate(_LOOKALIKES)
    if len(slug) == SLUG_LENGTH and all(letter in ALPHABET for letter in slug):
        return slug
    return None


def new_secret() -> str:
    """A secret for a link, URL-safe, 128 bits."""
    return secrets.token_urlsafe(16)


def sign(purpose: str, value: str) -> str:
    """`value` with a signature that only holds for `purpose`."""
    return signing.TimestampSigner(salt=f"tenfold.{purpose}").sign(value)


def unsign(purpose: str, signed: str, *, max_age: int | None = None) -> str | None:
    """The value behind `sign`, or None if it was forged, damaged or is older than `max_age` seconds."""
    try:
        return signing.TimestampSigner(salt=f"tenfold.{purpose}").unsign(signed, max_age=max_age)
    except signing.BadSignature:
        return None


def read_id(raw: str | None) -> uuid.UUID | None:
    """A UUID from outside, or None: rubbish in an address is not an error of ours."""
    try:
        return uuid.UUID(raw) if raw else None
    except ValueError:
        return None
