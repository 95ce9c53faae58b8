"""Files that anybody may have written: every trouble is named with its place, and none costs more than its size."""

from __future__ import annotations

import time
import tomllib
from typing import Any

import pytest
import tomli_w
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from tenfold.campaigns.playbooks import LARGEST_FILE, ORDER, READY, NotAPlaybook, read_toml
from tenfold.flow.playbooks import checked, every_ready

GOOD = (READY / "task_treasure.toml").read_bytes()
SECONDS = 10.0


def changed(**parts: Any) -> bytes:
    """The good file with other parts; None takes one out."""
    raw = tomllib.loads(GOOD.decode()) | parts
    return tomli_w.dumps({key: value for key, value in raw.items() if value is not None}).encode()


def places(data: bytes) -> set[tuple[str, str]]:
    return {(one.place, one.code) for one in checked(data)}


def one_reward(**fields: object) -> dict[str, Any]:
    return {"rewards": [{"key": "a", "name": "A", **fields}]}


def one_order(**shares: int) -> dict[str, Any]:
    return {"rules": [{"when": "order", "unit": "money", **shares}]}


@pytest.mark.parametrize("name", ORDER)
def test_those_of_the_install_are_good(name: str) -> None:
    assert checked((READY / f"{name}.toml").read_bytes()) == ()


def test_all_of_them_are_offered_in_their_order() -> None:
    assert [one.name for one in every_ready()] == list(ORDER) == [*dict.fromkeys(ORDER)]
    assert {path.stem for path in READY.glob("*.toml")} == set(ORDER)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_they_say_about_themselves_is_there_in_both_languages(language: str) -> None:
    with translation.override(language):
        for one in every_ready():
            assert set(one.told) == {"title", "does", "suits", "needs"}
            assert all(text.isascii() == (language == "en") for text in one.told.values())


def test_every_trouble_is_named_at_once_with_its_place() -> None:
    raw = tomllib.loads(GOOD.decode())
    raw["plan"] |= {"hold_minutes": 0, "board": "world", "colour": "red", "quiet_from": "22:00"}
    raw["words"]["en"] |= {"join": "Hello {stranger}", "sing": "La"}
    del raw["words"]["zh-hans"]["task"]
    raw["rewards"][1]["amount"] = 5
    raw["rewards"].append(raw["rewards"][0])
    raw["rules"][2] |= {"need": 0, "fallback": "nobody"}
    raw["rules"].append({"when": "weather"})
    raw["designs"].append({"kind": "poster", "ready": "ticket-coral"})
    assert places(tomli_w.dumps(raw).encode()) == {
        ("plan.hold_minutes", "bad_value"),
        ("plan.board", "unknown_choice"),
        ("plan.colour", "unknown_key"),
        ("plan.quiet_from", "not_a_time"),
        ("words.en.join", "words_unknown"),
        ("words.en.sing", "unknown_key"),
        ("words.zh-hans.task", "missing"),
        ("rewards[2]", "bad_amount"),
        ("rewards[5].key", "twice"),
        ("rules[3].fallback", "unknown_reward"),
        ("rules[4].when", "unknown_choice"),
        ("designs[3].kind", "other_kind"),
        ("designs[3].variant", "twice"),
    }


@pytest.mark.parametrize(
    ("parts", "place", "code"),
    [
        ({"format": 2}, "format", "unknown_choice"),
        ({"format": None}, "format", "missing"),
        ({"format": True}, "format", "not_a_number"),
        ({"name": "Task Treasure"}, "name", "bad_key"),
        ({"plan": None}, "plan", "missing"),
        ({"plan": "soon"}, "plan", "not_a_table"),
        ({"plan": {"days": 0}}, "plan.days", "bad_days"),
        ({"plan": {"time_zone": "Mars/Base"}}, "plan", "bad_time_zone"),
        ({"plan": {"currency": "yen"}}, "plan", "bad_currency"),
        ({"plan": {"purpose": {"tlh": "Qapla"}}}, "plan.purpose", "unknown_language"),
        ({"plan": {"purpose": "p" * 1001}}, "plan.purpose", "too_long"),
        ({"plan": {"name": "Spring"}}, "plan.name", "unknown_key"),
        ({"plan": {"remind_count": 11}}, "plan.remind_count", "bad_value"),
        ({"plan": {"is_removal_on": 1}}, "plan.is_removal_on", "not_a_switch"),
        ({"about": {}}, "about.title", "missing"),
        ({"poster": {"en": {"title": "t" * 61}}}, "poster.en.title", "too_long"),
        ({"poster": {"fr": {"title": "Bonjour"}}}, "poster.fr", "unknown_key"),
        ({"poster": {"en": {"title": "a\x00b"}}}, "poster.en.title", "bad_sign"),
        ({"designs": {}}, "designs", "not_a_list"),
        ({"designs": [{"kind": "poster"}]}, "designs[1]", "no_design"),
        ({"designs": [{"kind": "poster", "ready": "nice"}]}, "designs[1].ready", "unknown_choice"),
        ({"designs": [{"kind": "poster", "content": {"format": 1}}]}, "designs[1].content", "bad_design"),
        ({"designs": ["poster"]}, "designs[1]", "not_a_table"),
        ({"review": {"mode": "automatic"}}, "review.mode", "unknown_key"),
        ({"review": {"oldest_hours": 0}}, "review.oldest_hours", "bad_value"),
        ({"editions": [{"key": "a", "kind": "card", "name": "A"}]}, "editions[1].kind", "unknown_choice"),
        (one_reward(kind="codes", stock_count=5), "rewards[1].stock_count", "no_stock"),
        (one_reward(kind="keepsake", edition="no"), "rewards[1].edition", "unknown_edition"),
        (one_reward(kind="text", text="B", edition="card"), "rewards[1].edition", "no_edition"),
        (one_reward(kind="link", text="javascript:alert(1)"), "rewards[1]", "bad_link"),
        (one_reward(kind="money"), "rewards[1]", "bad_amount"),
        ({"rewards": [{"key": "a"}] * 51}, "rewards", "too_many"),
        (one_order(direct=9000, second=2000), "rules[1]", "bad_second"),
        (one_order(direct=9, second=1, third=1), "rules[1].third", "unknown_key"),
        ({"rules": [{"when": "task"}]}, "rules[1]", "reward_needed"),
        ({"rules": [{"when": "task", "reward": "guide"}] * 2}, "rules[2].when", "twice"),
        ({"codes": ["BOOK-1"]}, "codes", "unknown_key"),
    ],
)
def test_each_trouble_has_its_place(parts: dict[str, Any], place: str, code: str) -> None:
    assert (place, code) in places(changed(**parts))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_troubles_are_told_in_the_language_of_whoever_asks(language: str) -> None:
    with translation.override(language):
        told = [one.text for one in checked(changed(plan={"days": 0, "board": "x"}, codes=[]))]
    assert told
    assert all(told)
    if language == "en":
        assert all(text.isascii() for text in told)


def test_a_key_that_nobody_can_read_is_shown_without_harm() -> None:
    (found,) = [
        one.place for one in checked(changed(plan={"a\n\x1b[31m" + "x" * 99: 1})) if one.code == "unknown_key"
    ]
    assert found.isprintable()
    assert len(found) < 60


HOSTILE = {
    "empty": b"",
    "nothing but a mark": b"\xef\xbb\xbf",
    "bytes": bytes(range(256)),
    "utf-16": GOOD.decode().encode("utf-16"),
    "too large": b"#" * (LARGEST_FILE + 1),
    "dots": b"a" + b".a" * 60_000 + b"=1",
    "dots in brackets": b"[a" + b".a" * 60_000 + b"]",
    "quoted dots": b'"a"' + b'."a"' * 30_000 + b"=1",
    "dots inside": b"a={b=1," + b"a" + b".a" * 60_000 + b"=1}",
    "deep lists": b"a=" + b"[" * 100_000,
    "deep tables": b"a=" + b"{a=" * 40_000,
    "deep and closed": b"a=" + b"[" * 60_000 + b"]" * 60_000,
    "long number": b"format=" + b"9" * 100_000,
    "long hexadecimal": b"format=0x" + b"f" * 100_000,
    "long fraction": b"format=0." + b"1" * 100_000,
    "infinite": b"format=inf",
    "many tables": b"[[rules]]\n" * 12_000,
    "many keys": b"\n".join(b"k%d=1" % n for n in range(15_000)),
    "unclosed": b'a="""' + b"x" * 100_000,
    "escaped nothing": b'name="\\u0000"',
    "half a pair": b'name="\\ud800"',
    "a date for a name": b"name=2026-01-01",
    "one key twice": b"name='a'\nname='b'",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_a_reason_and_soon(name: str) -> None:
    data = HOSTILE[name][: LARGEST_FILE + 1]
    begun = time.process_time()
    found = checked(data)
    assert time.process_time() - begun < SECONDS
    assert found
    assert all(one.text and one.code for one in found)
    assert len(found) < 500


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_no_bytes_do_anything_but_be_refused(data: bytes) -> None:
    assert checked(data)


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.times()
    | st.dates()
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
PARTS = ["name", "about", "plan", "words", "poster", "designs", "review", "editions", "rewards", "rules"]


def without_none(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: without_none(value) for key, value in part.items() if value is not None}
    return [without_none(value) for value in part if value is not None] if isinstance(part, list) else part


@settings(max_examples=60, deadline=None)
@given(
    part=st.sampled_from(PARTS),
    tree=TREES,
    key=st.sampled_from(["kind", "key", "en", "when", "title", "content"]),
)
def test_whatever_stands_where_a_part_belongs_is_read_or_refused(part: str, tree: Any, key: str) -> None:
    raw = tomllib.loads(GOOD.decode())
    for value in (tree, {key: tree}, [{key: tree}]):
        written = tomli_w.dumps(without_none(raw | {part: value})).encode("utf-8", "surrogatepass")
        for one in checked(written):
            assert one.text


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b'format = 1\nname = "open\n', "line 2, column 13"),
        (b'format = 1\nname = """open\nstill open\n\n', "line 3"),
        (b'format = 1\nname = "cut', "line 2"),
        (b"rules = [\r\n  {", "line 2"),
        (b"[plan", "line 1"),
    ],
)
def test_what_is_no_toml_says_where(data: bytes, place: str) -> None:
    with pytest.raises(NotAPlaybook) as refused:
        read_toml(data)
    assert [(one.place, one.code) for one in refused.value.troubles] == [(place, "not_toml")]


def test_a_number_that_was_not_taken_is_told_of_once() -> None:
    raw = tomllib.loads(GOOD.decode())
    raw["rules"][2] |= {"need": -3}
    raw["rewards"][1] |= {"claim_hours": -1, "amount": 5}
    raw["plan"] |= {"colour": "red", "currency": "yen"}
    assert places(tomli_w.dumps(raw).encode()) == {
        ("rules[3].need", "bad_value"),
        ("rewards[2].claim_hours", "bad_value"),
        ("plan.colour", "unknown_key"),
        ("plan", "bad_currency"),
    }
