"""Programs are told from people, and no person is ever taken for a program."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from crawleruseragents import CRAWLER_USER_AGENTS_DATA  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from tenfold.edge import bots
from tenfold.edge.bots import is_ahead, is_bot

HERE = Path(__file__).parent
# What the kept list takes for a program and is the browser inside an app, in front of a person.
MISTAKEN = ("Instagram 406.", "MetaIAB Facebook", "SogouMobileBrowser")


def listed(name: str) -> list[str]:
    lines = (HERE / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("user_agent", listed("phones.txt"))
def test_a_person_is_never_taken_for_a_program(user_agent: str) -> None:
    assert not is_bot(user_agent)
    # Nor where the app puts more behind it than we read.
    assert not is_bot(user_agent + " " + "Theme/white " * 100)


@pytest.mark.parametrize("user_agent", ["", " ", *listed("machines.txt")])
def test_a_program_is_told(user_agent: str) -> None:
    assert is_bot(user_agent)


def test_of_a_kept_list_of_programs_hardly_any_gets_by() -> None:
    kept = [agent for entry in CRAWLER_USER_AGENTS_DATA for agent in entry.get("instances", [])]
    programs = [agent for agent in kept if not any(word in agent for word in MISTAKEN)]
    assert len(programs) > 2000
    passed = [agent for agent in programs if not is_bot(agent)]
    assert len(passed) <= len(programs) * 0.025, passed


@pytest.mark.parametrize("word", ["bot", "Bot/1.0", "spider", "(+https://example.org)"])
def test_letters_of_either_case_and_whatever_is_around_a_mark(word: str) -> None:
    browser = (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    )
    for told in (word, word.upper(), word.lower()):
        assert is_bot(f"{browser} {told}")
        assert is_bot(f"{browser} x{told};")


@given(st.text(max_size=400))
def test_rubbish_gets_an_answer(user_agent: str) -> None:
    assert is_bot(user_agent) in (True, False)


def test_ever_new_and_hostile_user_agents_take_neither_time_nor_memory() -> None:
    pieces = (
        "; m ",
        "cubot",
        "bo",
        "compatible; msie",
        "com.",
        "htt",
        "é",
        "ſK",
        "- ",
        "spidecrawpreviecompatibl",
    )
    agents = [
        f"Mozilla/5.0 ({number} {(piece * 300)[:280]} {'x' * 5000}"
        for number in range(1000)
        for piece in pieces
    ]
    began = time.process_time()
    for agent in agents:
        is_bot(agent)
    each = (time.process_time() - began) / len(agents)
    assert each < 0.001, f"{each * 1e6:.0f} us"  # 0.1 ms on a quiet machine
    assert bots._is_bot.cache_info().currsize <= 4096


@pytest.mark.parametrize(
    "headers",
    [
        {b"sec-purpose": b"prefetch"},
        {b"sec-purpose": b"prefetch;prerender"},
        {b"sec-purpose": b"prefetch;anonymous-client-ip"},
        {b"purpose": b"prefetch"},
        {b"x-moz": b"prefetch"},
        {b"x-purpose": b"preview"},
        {b"purpose": b"Preview"},
    ],
)
def test_a_browser_that_reads_ahead_is_told(headers: dict[bytes, bytes]) -> None:
    assert is_ahead({b"user-agent": b"x", **headers})


@pytest.mark.parametrize(
    "headers", [{}, {b"sec-purpose": b""}, {b"purpose": b"\xff"}, {b"sec-fetch-dest": b"document"}]
)
def test_everybody_else_comes_in_person(headers: dict[bytes, bytes]) -> None:
    assert not is_ahead(headers)
