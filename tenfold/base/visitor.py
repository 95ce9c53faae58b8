"""The signed cookie by which a phone is known again.

`<32 hex digits>:<second, base 62>:<HMAC-SHA-256, base 64>`: letter for letter what Django's TimestampSigner makes (a
test holds the two together). Django derives the key anew for every value, 15 us each; a scan has 6 for all of this.
"""

from __future__ import annotations

import hashlib
import hmac
import uuid
from binascii import b2a_base64
from functools import lru_cache

from django.conf import settings
from django.core.signing import b62_encode
from django.http.cookie import parse_cookie

from tenfold.base import clock

COOKIE = "tf_visitor"
MAX_AGE = 400 * 24 * 3600  # the longest that browsers keep a cookie

# Ours have 84 letters; one that somebody quoted, each letter as an octal escape, up to 338. What is longer is rubbish,
# and nobody may have us sign rubbish of any length.
LONGEST = 340
_SEALED = 44  # ":" and the signature
_NAME = COOKIE.encode()
_SALT = b"tenfold.visitorsigner"
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_INNER, _OUTER = (bytes(byte ^ pad for byte in range(256)) for pad in (0x36, 0x5C))


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
    raw = cookie.encode()
    signed, colon_and_seal = raw[:-_SEALED], raw[-_SEALED:]
    if signed[32:33] != b":" or colon_and_seal[:1] != b":" or not _is_sealed(signed, colon_and_seal[1:]):
        return None
    return cookie[:32]


def write(visitor_id: uuid.UUID) -> str:
    return write_hex(visitor_id.hex)


def write_hex(visitor: str) -> str:
    signed = f"{visitor}:{_base_62(int(clock.now().timestamp()))}"
    return f"{signed}:{_seal(signed.encode(), settings.SECRET_KEY).decode()}"


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


def _is_sealed(signed: bytes, seal: bytes) -> bool:
    if hmac.compare_digest(seal, _seal(signed, settings.SECRET_KEY)):
        return True
    return any(hmac.compare_digest(seal, _seal(signed, secret)) for secret in settings.SECRET_KEY_FALLBACKS)


def _seal(signed: bytes, secret: str | bytes) -> bytes:
    """HMAC (RFC 2104) from two hashes that have taken in the key already: a third of what `hmac` takes."""
    inner, outer = _keyed(secret)
    inner, outer = inner.copy(), outer.copy()
    inner.update(signed)
    outer.update(inner.digest())
    # 32 bytes are 43 letters and one "=".
    return b2a_base64(outer.digest(), newline=False)[:43].translate(_URL_SAFE)


@lru_cache(maxsize=16)
def _keyed(secret: str | bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    """Kept by the secret itself, so that a changed setting is followed at once."""
    told = secret.encode() if isinstance(secret, str) else secret
    key = hashlib.sha256(_SALT + told).digest().ljust(64, b"\0")
    return hashlib.sha256(key.translate(_INNER)), hashlib.sha256(key.translate(_OUTER))


@lru_cache(maxsize=4)
def _base_62(second: int) -> str:
    return b62_encode(second)
