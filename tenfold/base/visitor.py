"""The signed cookie by which a phone is known again.

`<32 hex digits>.<32 hex digits of a keyed BLAKE2b>`, made in 1 us and read in 2: every scan of a launch night does one
of both, and Django's signer takes 30. Cookies that Django's signer made in earlier versions (their second and an
HMAC after a colon each) still hold: nobody may lose their place because we were updated.
"""

from __future__ import annotations

import hmac
import uuid
from functools import lru_cache
from hashlib import blake2b

from django.conf import settings
from django.http.cookie import parse_cookie

from tenfold.base.keys import unsign

COOKIE = "tf_visitor"
MAX_AGE = 400 * 24 * 3600  # the longest that browsers keep a cookie

# Ours have 65 letters, Django's 84; one that somebody quoted, each letter as an octal escape, up to 338. What is longer
# is rubbish, and nobody may have us sign rubbish of any length.
LONGEST = 340
_LENGTH = 65
_SEAL_BYTES = 16
_NAME = COOKIE.encode()


def read(cookie: str | None) -> uuid.UUID | None:
    """The visitor's id, or None where the cookie is missing, forged or damaged: then they count as new."""
    letters = read_hex(cookie)
    try:
        return uuid.UUID(int=int(letters, 16)) if letters else None
    except ValueError:
        return None  # signed by us, but not as a visitor


def read_hex(cookie: str | None) -> str | None:
    """As `read`, in the 32 letters of the cookie: a door need not make a UUID of them and take it apart again."""
    if not cookie or len(cookie) > LONGEST or not cookie.isascii():
        return None
    if len(cookie) != _LENGTH or cookie[32] != ".":
        return _read_djangos(cookie)
    visitor, seal = cookie[:32], cookie[33:]
    if hmac.compare_digest(seal, _seal(visitor, settings.SECRET_KEY)):
        return visitor
    is_old = any(hmac.compare_digest(seal, _seal(visitor, old)) for old in settings.SECRET_KEY_FALLBACKS)
    return visitor if is_old else None


def _read_djangos(cookie: str) -> str | None:
    visitor = unsign("visitor", cookie)
    return visitor if visitor and len(visitor) == 32 else None


def write(visitor_id: uuid.UUID) -> str:
    return write_hex(visitor_id.hex)


def write_hex(visitor: str) -> str:
    return f"{visitor}.{_seal(visitor, settings.SECRET_KEY)}"


def from_header(raw: bytes) -> str | None:
    """Our cookie's value in a `Cookie` header; of several the last. None where there is none that could be ours.

    As Django's `parse_cookie` finds it, without taking the other cookies apart.
    """
    end = len(raw)
    while (at := raw.rfind(_NAME, 0, end)) >= 0:
        end, until = raw.rfind(b";", 0, at) + 1, raw.find(b";", at)
        name, is_pair, value = raw[end : until if until >= 0 else None].decode("latin-1").partition("=")
        if is_pair and name.strip() == COOKIE:
            return _unquoted(value.strip())
    return None


def _unquoted(value: str) -> str | None:
    if len(value) > LONGEST:
        return None
    return parse_cookie(f"{COOKIE}={value}")[COOKIE] if value.startswith('"') else value


def _seal(visitor: str, secret: str | bytes) -> str:
    return blake2b(visitor.encode(), key=_key(secret), digest_size=_SEAL_BYTES).hexdigest()


@lru_cache(maxsize=16)
def _key(secret: str | bytes) -> bytes:
    """For visitors alone. Kept by the secret itself, so that a changed setting is followed at once."""
    told = secret.encode() if isinstance(secret, str) else secret
    return blake2b(told, person=b"tenfold.visitor").digest()
