"""Which rewards and rules can be: checked without a database, on rows that were never saved."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal
from tenfold.rewards.models import Reward, RewardRule
from tenfold.rewards.rules import check_reward, check_rule, clean_address, file_name, media_type_of

BOOK = {"kind": "text", "name": "Book", "text": "Ask at the desk"}
ADDRESS = {"name": "Ann", "phone": "+86 138 0000-0000", "address": "Harbour Street 5"}


def why_not(check: Callable[[], None]) -> str:
    try:
        check()
    except Refusal as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({}, ""),
        ({"kind": "keepsake", "text": ""}, ""),
        ({"kind": "money", "amount": 500}, ""),
        ({"kind": "points", "amount": 1, "stock_count": 10, "warn_below": 3}, ""),
        ({"kind": "physical", "claim_hours": 48}, ""),
        ({"kind": "money"}, "bad_amount"),
        ({"kind": "money", "amount": 100_000_000_001}, "bad_amount"),
        ({"amount": 5}, "bad_amount"),
        ({"kind": "money", "amount": 5, "claim_hours": 1}, "bad_claim"),
        ({"claim_hours": 0}, "bad_claim"),
        ({"claim_hours": 9000}, "bad_claim"),
        ({"warn_below": 0}, "bad_warn"),
        ({"text": "x" * 1001}, "text_too_long"),
        ({"kind": "link", "text": "ftp://x.example"}, "bad_link"),
        ({"stock_count": 1, "granted_count": 2}, "stock_too_small"),
    ],
)
def test_a_reward_says_what_it_is_and_nothing_else(fields: dict[str, object], why: str) -> None:
    assert why_not(partial(check_reward, Reward(**(BOOK | fields)))) == why


def rule_of(fields: dict[str, object]) -> RewardRule:
    """With `reward` and `fallback` by their kind; the unit is that of the reward, as actions set it."""
    made = dict(fields)
    for name in ("reward", "fallback"):
        if kind := made.pop(name, None):
            amount = 500 if kind in ("money", "points") else 0
            made[name] = Reward(id=new_id(), kind=str(kind), name=str(kind), text="x", amount=amount)
            if name == "reward" and amount:
                made.setdefault("unit", kind)
    return RewardRule(**made)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"when": "task", "reward": "text"}, ""),
        ({"when": "invites", "reward": "money", "need": 3, "budget": 10_000}, ""),
        ({"when": "invites", "reward": "codes", "need": 1, "fallback": "text", "campaign_cap": 5}, ""),
        ({"when": "rank", "reward": "keepsake", "rank_from": 1, "rank_to": 10, "need": 2}, ""),
        ({"when": "lottery", "reward": "physical", "winners": 3}, ""),
        ({"when": "invite", "direct": 500, "second": 200, "unit": "money", "person_cap": 5}, ""),
        ({"when": "invite", "direct": 10, "unit": "points"}, ""),
        ({"when": "order", "direct": 1000, "second": 300, "unit": "money", "budget": 1}, ""),
        ({"when": "always", "reward": "text"}, "bad_when"),
        ({"when": "task"}, "reward_needed"),
        ({"when": "task", "reward": "text", "need": 1}, "bad_need"),
        ({"when": "invites", "reward": "text"}, "bad_need"),
        ({"when": "attendance", "reward": "text", "need": 367}, "bad_need"),
        ({"when": "task", "reward": "text", "direct": 1}, "bad_rates"),
        ({"when": "task", "reward": "text", "person_cap": 1}, "bad_cap"),
        ({"when": "task", "reward": "text", "campaign_cap": 0}, "bad_campaign_cap"),
        ({"when": "task", "reward": "text", "campaign_cap": 3, "used_count": 4}, "bad_campaign_cap"),
        ({"when": "task", "reward": "text", "budget": 100}, "bad_budget"),
        ({"when": "task", "reward": "money", "budget": 100, "spent": 101}, "bad_budget"),
        ({"when": "task", "reward": "money", "unit": "points"}, "bad_unit"),
        ({"when": "task", "reward": "text", "fallback": "money"}, "bad_fallback"),
        ({"when": "task", "reward": "text", "winners": 1}, "bad_winners"),
        ({"when": "lottery", "reward": "text"}, "bad_winners"),
        ({"when": "rank", "reward": "text", "rank_from": 5, "rank_to": 4}, "bad_rank"),
        ({"when": "task", "reward": "text", "rank_from": 1}, "bad_rank"),
        ({"when": "invite", "unit": "money"}, "bad_rates"),
        ({"when": "invite", "direct": 5}, "bad_unit"),
        ({"when": "invite", "direct": 5, "unit": "money", "reward": "text"}, "reward_wrong"),
        ({"when": "invite", "direct": 5, "unit": "money", "person_cap": 0}, "bad_cap"),
        ({"when": "order", "direct": 5, "unit": "points"}, "bad_unit"),
        ({"when": "order", "direct": 10_001, "unit": "money"}, "bad_rates"),
        ({"when": "order", "direct": 9_000, "second": 1_001, "unit": "money"}, "bad_second"),
        ({"when": "order", "direct": 5, "unit": "money", "need": 1}, "bad_need"),
    ],
)
def test_a_rule_says_what_it_has_to_and_nothing_else(fields: dict[str, object], why: str) -> None:
    assert why_not(partial(check_rule, rule_of(fields))) == why


def test_no_rule_pays_more_than_two_levels() -> None:
    """There is no third amount to fill in."""
    amounts = {field.name for field in RewardRule._meta.fields} & {"direct", "second", "third", "levels"}
    assert amounts == {"direct", "second"}


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (b"%PDF-1.7 ...", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"\xff\xd8\xff\xe0...", "image/jpeg"),
        (b"ID3\x04...", "audio/mpeg"),
        (b"PK\x03\x04" + b"\x00" * 26 + b"mimetypeapplication/epub+zip", "application/epub+zip"),
        (b"PK\x03\x04" + b"\x00" * 40, "application/zip"),
    ],
)
def test_a_file_is_what_its_bytes_say(data: bytes, media_type: str) -> None:
    assert media_type_of(data) == media_type


@pytest.mark.parametrize("data", [b"", b"<html><script>", b"MZ\x90", b"x" * (5 * 1024 * 1024 + 1)])
def test_what_phones_would_run_or_choke_on_is_no_reward(data: bytes) -> None:
    with pytest.raises(Refusal):
        media_type_of(data)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("../../etc/passwd", "passwd.pdf"),
        ("C:\\Books\\Ten books.PDF", "Ten books.pdf"),
        ("report.html", "report.html.pdf"),
        ('a"<>|\x00b.pdf', "ab.pdf"),
        (" . ", "file.pdf"),
        ("十本书.pdf", "十本书.pdf"),
        ("x" * 300, "x" * 100 + ".pdf"),
    ],
)
def test_a_file_name_can_be_saved_anywhere(raw: str, name: str) -> None:
    assert file_name(raw, "application/pdf") == name


def test_an_address_is_kept_on_one_line_each() -> None:
    given = ADDRESS | {"address": " Harbour\nStreet \x00 5 ", "country": "ignored", "postcode": " 200000 "}
    assert clean_address(given) == ADDRESS | {"postcode": "200000"}


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"name": ""}, "address_needed"),
        ({"phone": "  "}, "address_needed"),
        ({"phone": "call me"}, "bad_phone"),
        ({"phone": "=1+1"}, "bad_phone"),
        ({"address": "x" * 301}, "address_too_long"),
    ],
)
def test_what_cannot_be_sent_to_is_no_address(fields: dict[str, str], why: str) -> None:
    with pytest.raises(Refusal) as refused:
        clean_address(ADDRESS | fields)
    assert refused.value.code == why
