"""The signed cookie by which a phone is known again."""

from __future__ import annotations

import uuid

from tenfold.base.keys import read_id, sign, unsign

COOKIE = "tf_visitor"
MAX_AGE = 400 * 24 * 3600  # the longest that browsers keep a cookie


def read(cookie: str | None) -> uuid.UUID | None:
    """The visitor's id, or None where the cookie is missing, forged or damaged: then they count as new."""
    return read_id(unsign("visitor", cookie)) if cookie else None


def write(visitor_id: uuid.UUID) -> str:
    return sign("visitor", visitor_id.hex)
