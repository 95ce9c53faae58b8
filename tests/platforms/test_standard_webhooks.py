"""Standard Webhooks: what is proven, what is not, and that nothing else can be made of what was signed."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenfold.platforms.contract import Unproven
from tenfold.platforms.registry import HOOK_SCHEMES
from tenfold.platforms.standard_webhooks import (
    BAD_ID,
    BAD_TIME,
    MISSING,
    NO_MATCH,
    NOT_NOW,
    StandardWebhooks,
)
from tests.platforms.signing import signature, signed

SCHEME = StandardWebhooks()
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_" + base64.b64encode(bytes(range(32))).decode()
AT = 1614265330
NOW = datetime.fromtimestamp(AT, UTC)
BODY = b'{"test": 2432232314}'
GOOD = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(AT),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def told(
    headers: dict[str, str] | None = None,
    body: bytes = BODY,
    secrets: tuple[str, ...] = (SECRET,),
    late: float = 0,
) -> str | Unproven:
    now = datetime.fromtimestamp(AT + late, UTC)
    return SCHEME.verify(GOOD if headers is None else headers, body, secrets, now)


def test_the_example_that_all_libraries_are_tried_with() -> None:
    assert told() == GOOD["webhook-id"]
    assert signature(SECRET, GOOD["webhook-id"], str(AT), BODY) == GOOD["webhook-signature"]


@pytest.mark.parametrize("late", [-300, -1, 0, 1, 300])
def test_within_five_minutes_either_way_it_is_now(late: int) -> None:
    assert told(late=late) == GOOD["webhook-id"]


@pytest.mark.parametrize("late", [-86400, -301, -300.5, 300.5, 301, 86400])
def test_beyond_them_it_is_not(late: float) -> None:
    assert told(late=late) == NOT_NOW


@pytest.mark.parametrize("body", [b"", b'{"test": 2432232315}', BODY + b"\n", BODY[:-1], b"\x00" + BODY])
def test_another_body_was_not_signed(body: bytes) -> None:
    assert told(body=body) == NO_MATCH


def test_another_id_another_time_or_another_secret_was_not_signed() -> None:
    assert told(GOOD | {"webhook-id": "msg_2"}) == NO_MATCH
    assert told(GOOD | {"webhook-timestamp": str(AT + 1)}) == NO_MATCH
    assert told(secrets=(OTHER,)) == NO_MATCH
    assert told(secrets=()) == NO_MATCH


def test_any_of_several_signatures_and_of_several_secrets_will_do() -> None:
    good, wrong = GOOD["webhook-signature"], signature(OTHER, "x", "1", b"")
    for several in (f"{wrong} {good}", f"{good} {wrong}", f"v1a,{wrong[3:]} v9,x {good}", f"  {good}  "):
        assert told(GOOD | {"webhook-signature": several}) == GOOD["webhook-id"]
    assert told(secrets=(OTHER, SECRET)) == GOOD["webhook-id"]


def test_a_thousand_signatures_are_not_tried() -> None:
    guesses = " ".join(["v1,x"] * 1000 + [GOOD["webhook-signature"]])
    assert told(GOOD | {"webhook-signature": guesses}) == NO_MATCH


@pytest.mark.parametrize(
    "wrong",
    [
        "v1," + GOOD["webhook-signature"][3:].rstrip("="),
        GOOD["webhook-signature"][3:],
        "v1a," + GOOD["webhook-signature"][3:],
        "V1," + GOOD["webhook-signature"][3:],
        GOOD["webhook-signature"].lower(),
        GOOD["webhook-signature"] + "=",
        GOOD["webhook-signature"] + "\x00",
        GOOD["webhook-signature"] + " é",
        "v1,",
        ",",
        " ",
        "v1",
    ],
)
def test_what_only_looks_like_a_signature_is_none(wrong: str) -> None:
    assert told(GOOD | {"webhook-signature": wrong}) == NO_MATCH


@pytest.mark.parametrize("name", SCHEME.headers)
def test_each_header_is_needed(name: str) -> None:
    assert told({key: value for key, value in GOOD.items() if key != name}) == MISSING
    assert told(GOOD | {name: ""}) == MISSING


@pytest.mark.parametrize(
    "at", ["1614265330.0", " 1614265330", "+1614265330", "-1", "1_614265330", "١٢", "9" * 13, "x"]
)
def test_a_time_is_whole_seconds_and_nothing_else(at: str) -> None:
    assert told(GOOD | {"webhook-timestamp": at}) == BAD_TIME


@pytest.mark.parametrize("event_id", ["a.b", "a b", "a\n", "é", "\x00", "x" * 201, "."])
def test_an_id_is_short_and_printable_and_has_no_full_stop(event_id: str) -> None:
    assert told(signed(SECRET, BODY, event_id=event_id, timestamp=str(AT))) == BAD_ID


def test_the_same_signed_bytes_cut_elsewhere_are_another_hook_and_refused() -> None:
    """Otherwise whoever has seen a hook whose body begins with a number could send it again as a new event."""
    body = f"{AT + 200}.rest".encode()
    sent = signed(SECRET, body, event_id="msg_1", timestamp=str(AT))
    assert told(sent, body) == "msg_1"
    cut = sent | {"webhook-id": f"msg_1.{AT}", "webhook-timestamp": str(AT + 200)}
    assert told(cut, b"rest") == BAD_ID


@given(
    body=st.binary(max_size=200), event_id=st.text(st.characters(codec="latin-1"), min_size=1, max_size=30)
)
def test_whatever_is_signed_is_proven_or_its_id_is_at_fault(body: bytes, event_id: str) -> None:
    assert told(signed(SECRET, body, event_id=event_id, timestamp=str(AT)), body) in (event_id, BAD_ID)


@given(
    headers=st.dictionaries(st.sampled_from(SCHEME.headers), st.text(max_size=60)),
    body=st.binary(max_size=60),
)
def test_whatever_comes_is_answered_and_nothing_unsigned_is_proven(
    headers: dict[str, str], body: bytes
) -> None:
    assert isinstance(told(headers, body), Unproven)


@given(at=st.integers(0, len(BODY) * 8 - 1))
def test_not_one_bit_may_differ(at: int) -> None:
    other = (int.from_bytes(BODY) ^ (1 << at)).to_bytes(len(BODY))
    assert told(body=other) == NO_MATCH


def test_secrets_of_ours_and_of_others() -> None:
    ours = {SCHEME.new_secret() for _each in range(100)}
    assert len(ours) == 100
    assert all(SCHEME.is_secret(each) for each in ours | {SECRET, OTHER})
    for size, is_one in ((23, False), (24, True), (64, True), (65, False), (0, False)):
        assert SCHEME.is_secret("whsec_" + base64.b64encode(bytes(size)).decode()) is is_one
    for none in ("", "whsec_", SECRET[6:], "whpk_" + SECRET[6:], "whsec_é" * 9, "whsec_!" * 9, SECRET + "!"):
        assert not SCHEME.is_secret(none)


def test_what_a_refusal_says_is_for_anybody_to_read() -> None:
    for refusal in (MISSING, BAD_ID, BAD_TIME, NOT_NOW, NO_MATCH):
        assert refusal.why.isascii()
        assert 10 < len(refusal.why) < 100
        assert refusal.code.replace("_", "").isalpha()


def test_every_scheme_keeps_the_contract() -> None:
    for scheme in HOOK_SCHEMES.values():
        secret = scheme.new_secret()
        assert scheme.is_secret(secret)
        assert len(secret) <= 200
        assert all(name == name.lower() for name in scheme.headers)
        assert isinstance(scheme.verify({}, b"", [secret], NOW), Unproven)
    assert all(len(name) <= 20 for name in HOOK_SCHEMES)
