"""The visitor's cookie: its seal, those that Django's signer made, and how it is found among others."""

from __future__ import annotations

import time
from hashlib import blake2b
from uuid import UUID

import pytest
from django.http.cookie import parse_cookie
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from tenfold.base import visitor
from tenfold.base.keys import new_id, sign

SECRETS = st.text(min_size=1, max_size=80).filter(lambda text: text.isprintable())
# The bytes that matter to a cookie header, beside any others.
PIECES = st.sampled_from(
    [
        b"tf_visitor",
        b"tf_visitor=",
        b"=",
        b";",
        b"; ",
        b" ",
        b'"',
        b"\\",
        b"\\072",
        b"\t",
        b"\x85",
        b"\xa0",
        b"\x1c",
    ]
)
HEADERS = st.lists(PIECES | st.binary(max_size=4), max_size=14).map(b"".join)


@given(visitor_id=st.uuids(), secret=SECRETS)
def test_ours_is_read_and_so_is_one_that_django_signed(visitor_id: UUID, secret: str) -> None:
    with override_settings(SECRET_KEY=secret):
        ours, djangos = visitor.write(visitor_id), sign("visitor", visitor_id.hex)
        assert visitor.read(djangos) == visitor.read(ours) == visitor_id
        assert visitor.read_hex(djangos) == visitor.read_hex(ours) == visitor_id.hex
        assert ours == visitor.write_hex(visitor_id.hex)
        assert ours.startswith(f"{visitor_id.hex}.")


@given(visitor_id=st.uuids(), secret=SECRETS, other=SECRETS)
def test_another_secret_makes_another_seal(visitor_id: UUID, secret: str, other: str) -> None:
    with override_settings(SECRET_KEY=secret):
        cookie = visitor.write(visitor_id)
    with override_settings(SECRET_KEY=other):
        assert visitor.read(cookie) == (visitor_id if secret == other else None)


def test_the_seal_is_a_keyed_blake2b_of_the_id() -> None:
    """From the standard, so that nobody changes it by accident: whoever has a cookie would be a stranger."""
    with override_settings(SECRET_KEY="of a test"):
        key = blake2b(b"of a test", person=b"tenfold.visitor").digest()
        seal = blake2b(b"0123456789abcdef" * 2, key=key, digest_size=16).hexdigest()
        assert visitor.write_hex("0123456789abcdef" * 2) == f"{'0123456789abcdef' * 2}.{seal}"


@given(
    visitor_id=st.uuids(), at=st.integers(0, 64), other=st.characters(max_codepoint=0x2FF) | st.just("\ud800")
)
def test_a_cookie_with_any_letter_changed_is_nobody(visitor_id: UUID, at: int, other: str) -> None:
    cookie = visitor.write(visitor_id)
    at = min(at, len(cookie) - 1)
    changed = cookie[:at] + other + cookie[at + 1 :]
    assert visitor.read(changed) == (visitor_id if changed == cookie else None)
    assert visitor.read_hex(changed) == (visitor_id.hex if changed == cookie else None)


@given(cookie=st.text(max_size=100) | st.text(":=_-Az09", max_size=100))
def test_rubbish_is_nobody(cookie: str) -> None:
    assert visitor.read(cookie) is None


@pytest.mark.parametrize(
    "cookie",
    [None, "", ":", "::", ":" * 500, "a" * 1_000_000, sign("visitor", "mia"), sign("visitor", "z" * 32)],
)
def test_what_cannot_be_ours_is_nobody(cookie: str | None) -> None:
    assert visitor.read(cookie) is None


def test_a_signature_for_something_else_does_not_make_a_visitor() -> None:
    assert visitor.read(sign("page", new_id().hex)) is None


def test_cookies_of_an_old_secret_hold_as_long_as_it_is_kept() -> None:
    someone = new_id()
    with override_settings(SECRET_KEY="old"):
        cookies = [visitor.write(someone), sign("visitor", someone.hex)]
    with override_settings(SECRET_KEY=b"new", SECRET_KEY_FALLBACKS=["older", b"old"]):
        assert visitor.write(someone) not in cookies
    for cookie in cookies:
        assert visitor.read(cookie) is None
        with override_settings(SECRET_KEY=b"new", SECRET_KEY_FALLBACKS=["older", b"old"]):
            assert visitor.read(cookie) == someone


@given(raw=HEADERS)
def test_a_cookie_is_found_as_django_finds_it(raw: bytes) -> None:
    assert visitor.from_header(raw) == parse_cookie(raw.decode("latin-1")).get(visitor.COOKIE)


@given(before=HEADERS, after=HEADERS, visitor_id=st.uuids(), is_quoted=st.booleans())
def test_ours_is_found_among_others(before: bytes, after: bytes, visitor_id: UUID, is_quoted: bool) -> None:
    cookie = visitor.write(visitor_id)
    told = f'"{cookie}"' if is_quoted else cookie
    raw = before + b"; tf_visitor=" + told.encode() + b"; " + after
    assert visitor.from_header(raw) == parse_cookie(raw.decode("latin-1"))[visitor.COOKIE]
    assert visitor.read(visitor.from_header(b"a=b;tf_visitor=" + told.encode())) == visitor_id


def test_the_last_of_several_counts_as_in_django() -> None:
    assert visitor.from_header(b"tf_visitor=1; x=2; tf_visitor = 3 ; xtf_visitor=4; y=tf_visitor") == "3"


@pytest.mark.parametrize(
    "raw", [b"", b"x=1", b"tf_visitor", b"tf_visitors=1", b"TF_VISITOR=1", b"=tf_visitor"]
)
def test_other_cookies_are_not_ours(raw: bytes) -> None:
    assert visitor.from_header(raw) is None


def test_a_header_full_of_our_name_is_read_in_one_pass() -> None:
    """Each step goes back one cookie: 60,000 of them must not cost 60,000 times 600,000 bytes."""
    raw = b"tf_visitor;" * 60_000
    began = time.process_time()
    assert visitor.from_header(raw) is None
    assert visitor.from_header(b"tf_visitor=" + b"x" * 600_000) is None
    assert time.process_time() - began < 2
