"""What a door keeps in memory: bounded, asked for together, never older than it may be."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.db import OperationalError
from hypothesis import given
from hypothesis import strategies as st

from tenfold import flow
from tenfold.base.keys import new_hex, new_id
from tenfold.campaigns import actions as campaigns
from tenfold.codes import actions as codes
from tenfold.edge import memory, scan
from tenfold.edge.front import Front
from tenfold.edge.memory import Cards, Full, Recent, Shelf, Threads
from tenfold.edge.pages import Pages
from tenfold.edge.protocol import Message
from tenfold.flow import Card, Plans, known
from tenfold.groups.models import Waiting
from tests import cast


def card(slug: str = "") -> Card:
    """Of a channel's code; what its ids are is of no account here."""
    return Card(new_hex(), "1" * 32, "2" * 32, None, None, False)


class Database:
    """Live codes by slug, with every question noted; it can be slow, and away."""

    def __init__(self, *slugs: str) -> None:
        self.known = {slug: card(slug) for slug in slugs}
        self.asked: list[list[str]] = []
        self.gate, self.is_reading = threading.Event(), threading.Event()
        self.gate.set()
        self.trouble: Exception | None = None

    def cards_of(self, slugs: Iterable[str]) -> dict[str, Card]:
        wanted = list(slugs)
        self.asked.append(wanted)
        self.is_reading.set()
        assert self.gate.wait(20)
        if self.trouble:
            raise self.trouble
        return {slug: self.known[slug] for slug in wanted if slug in self.known}


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    made = Database("A", "B", "C")
    monkeypatch.setattr(memory, "cards_of", made.cards_of)
    return made


@pytest.fixture
def readers() -> Iterator[Threads]:
    threads = Threads("test-reader", count=2, line=50)
    yield threads
    threads.close()


@pytest.fixture
def cards(readers: Threads) -> Cards:
    return Cards(readers, patience=20)


class Steady:
    """A steady clock that goes on when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def steady(monkeypatch: pytest.MonkeyPatch) -> Steady:
    clock = Steady()
    for module in (memory, known):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


async def find_all(cards: Cards, *slugs: str) -> list[Card | BaseException | None]:
    asked = [cards.find(slug) for slug in slugs]
    return await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 20)


# --- the values used last -------------------------------------------------------------------------------------


@given(most=st.integers(2, 9), used=st.lists(st.tuples(st.booleans(), st.integers(0, 12)), max_size=80))
def test_recent_is_bounded_and_never_forgets_the_younger_half(
    most: int, used: list[tuple[bool, int]]
) -> None:
    recent: Recent[int] = Recent(most)
    order: OrderedDict[str, int] = OrderedDict()
    for is_put, number in used:
        key = str(number)
        if is_put:
            recent.put(key, number)
        if is_put or recent.get(key) is not None:
            order[key] = number
            order.move_to_end(key)
        assert len(recent._young) + len(recent._old) <= most
    for key, number in list(order.items())[-(most // 2) :]:
        assert recent.get(key) == number


def test_recent_tells_nothing_of_what_it_was_never_told() -> None:
    recent: Recent[int] = Recent(4)
    assert recent.get("a") is None
    recent.put("a", 0)
    recent.put("a", 1)
    assert recent.get("a") == 1


HEX = st.uuids().map(lambda each: each.hex)
CARDS = st.one_of(
    st.builds(Card, HEX, HEX, HEX, st.none(), st.none(), st.just(False)),
    st.builds(Card, HEX, HEX, HEX, HEX, HEX, st.booleans()),
)


@given(told=st.dictionaries(st.text("ABC0123", min_size=1, max_size=8), CARDS, max_size=20))
def test_a_card_comes_off_the_shelf_as_it_was_put_there(told: dict[str, Card]) -> None:
    shelf = Shelf(100)
    for slug, each in told.items():
        shelf.put(slug, each)
    assert {slug: shelf.get(slug) for slug in told} == told
    assert shelf.get("no such code") is None


# --- cards ----------------------------------------------------------------------------------------------------


def test_many_misses_at_once_are_one_question(database: Database, cards: Cards) -> None:
    slugs = ["A", "B", *(f"Z{nth}" for nth in range(300)), "A"]
    found = asyncio.run(find_all(cards, *slugs))
    assert found == [database.known["A"], database.known["B"], *[None] * 300, database.known["A"]]
    assert len(database.asked) == 1
    assert (cards.at_hand("A"), cards.at_hand("C"), cards.at_hand("Z1")) == (database.known["A"], None, None)


def test_what_is_asked_for_meanwhile_is_the_next_question(database: Database, cards: Cards) -> None:
    async def story() -> None:
        database.gate.clear()
        first = asyncio.create_task(find_all(cards, "A"))
        assert await asyncio.to_thread(database.is_reading.wait, 20)
        others = asyncio.create_task(find_all(cards, "B", "Z", "A", "C"))
        await asyncio.sleep(0)
        database.gate.set()
        assert await first == [database.known["A"]]
        assert await others == [database.known["B"], None, database.known["A"], database.known["C"]]

    asyncio.run(story())
    assert database.asked == [["A"], ["B", "Z", "C"]]


def test_a_question_has_an_end(database: Database, cards: Cards, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MOST_AT_ONCE", 10)
    asyncio.run(find_all(cards, *(f"Z{nth}" for nth in range(25))))
    assert [len(asked) for asked in database.asked] == [10, 10, 5]


def test_a_slug_nobody_knows_is_asked_for_once_a_second(
    database: Database, cards: Cards, steady: Steady
) -> None:
    for seconds in (0.0, 0.5, 0.4):
        steady.now += seconds
        assert asyncio.run(find_all(cards, "Z", "Z")) == [None, None]
    assert database.asked == [["Z"]]
    database.known["Z"] = card("Z")
    steady.now += 0.2
    assert asyncio.run(find_all(cards, "Z")) == [database.known["Z"]]
    assert cards.at_hand("Z") == database.known["Z"]


def test_the_memory_of_cards_and_of_rubbish_has_an_end(
    database: Database, readers: Threads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "MOST_CARDS", 10)
    monkeypatch.setattr(memory, "MOST_UNKNOWN", 10)
    cards = Cards(readers, patience=20)
    slugs = [f"S{nth}" for nth in range(100)]
    database.known = {slug: card(slug) for slug in slugs}
    asyncio.run(find_all(cards, *slugs, *(f"Z{nth}" for nth in range(100))))
    assert 5 <= sum(cards.at_hand(slug) is not None for slug in slugs) <= 10
    assert cards.at_hand("S99")
    kept = cards._unknown
    assert len(kept._young) + len(kept._old) <= 10
    assert cards._asked == {}


def test_a_flood_of_rubbish_drops_no_card_that_is_in_use(database: Database, cards: Cards) -> None:
    asyncio.run(find_all(cards, "A"))
    asyncio.run(find_all(cards, *(f"Z{nth}" for nth in range(3000))))
    assert cards.at_hand("A") == database.known["A"]


@pytest.mark.parametrize("trouble", [OperationalError("locked"), ZeroDivisionError()])
def test_trouble_is_told_to_all_who_asked_and_the_next_one_asks_anew(
    database: Database, cards: Cards, trouble: Exception
) -> None:
    database.trouble = trouble
    assert asyncio.run(find_all(cards, "A", "Z", "A")) == [trouble] * 3
    database.trouble = None
    assert asyncio.run(find_all(cards, "A", "Z")) == [database.known["A"], None]


def test_a_database_that_takes_too_long_is_told_as_that(database: Database, readers: Threads) -> None:
    cards = Cards(readers, patience=0.02)
    database.gate.clear()
    [found] = asyncio.run(find_all(cards, "A"))
    assert isinstance(found, TimeoutError)
    database.gate.set()


def test_one_who_leaves_while_it_is_looked_up_keeps_nobody_waiting(database: Database, cards: Cards) -> None:
    async def story() -> Card | None:
        database.gate.clear()
        gone, stays = (asyncio.create_task(cards.find("A")) for _each in range(2))
        assert await asyncio.to_thread(database.is_reading.wait, 20)
        gone.cancel()
        await asyncio.sleep(0)
        database.gate.set()
        return await asyncio.wait_for(stays, 20)

    assert asyncio.run(story()) == database.known["A"]
    assert cards.at_hand("A") == database.known["A"]


def test_past_so_many_questions_the_answer_comes_at_once(
    database: Database, cards: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "LONGEST_LINE", 3)
    found = asyncio.run(find_all(cards, *"ABCDEF"))
    assert found[:3] == [database.known[slug] for slug in "ABC"]
    assert all(isinstance(each, Full) for each in found[3:])
    assert asyncio.run(find_all(cards, "D")) == [None]


def test_who_shares_by_now_is_noted_on_the_card_alone(database: Database, cards: Cards) -> None:
    own = Card(new_hex(), "1" * 32, "1" * 32, new_hex(), new_hex(), False)
    cards.note_sharing("A", own)
    assert cards.at_hand("A") == own._replace(is_sharing=True)
    cards.note_sharing("B", own._replace(is_sharing=True))
    assert cards.at_hand("B") is None


# --- with the database ----------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_code_made_a_moment_later_is_found(cards: Cards, steady: Steady) -> None:
    stage = cast.live()
    [found, missing] = asyncio.run(find_all(cards, stage.code.slug, "ZZZZZZZZ"))
    assert (found, missing) == (flow.cards_of([stage.code.slug])[stage.code.slug], None)
    wall = codes.make_channel(campaign=stage.campaign, name="Wall", kind="placement", operator=stage.owner)
    type(wall).objects.filter(pk=wall.pk).update(slug="ZZZZZZZZ")
    assert asyncio.run(find_all(cards, "ZZZZZZZZ")) == [None]
    steady.now += memory.UNKNOWN_SECONDS + 0.01
    [late] = asyncio.run(find_all(cards, "ZZZZZZZZ"))
    assert isinstance(late, Card)
    assert (late.code_id, late.source_id) == (wall.id.hex, wall.channel_id and wall.channel_id.hex)


@pytest.mark.django_db(transaction=True)
def test_a_card_says_whose_code_it_is_and_whether_they_share() -> None:
    stage = cast.live()
    mia = cast.joins(stage, "Mia")
    ben = cast.joins(stage, "Ben", by=mia.code)
    found = flow.cards_of([stage.code.slug, mia.code.slug, ben.code.slug, "ZZZZZZZZ", mia.code.slug])
    home, seeds = stage.campaign.id.hex, stage.code.channel_id
    assert seeds
    assert found == {
        stage.code.slug: Card(stage.code.id.hex, home, seeds.hex, None, None, False),
        mia.code.slug: Card(mia.code.id.hex, home, home, mia.id.hex, mia.person.visitor_id.hex, True),
        ben.code.slug: Card(ben.code.id.hex, home, home, ben.id.hex, ben.person.visitor_id.hex, False),
    }


@pytest.mark.django_db(transaction=True)
def test_after_a_start_the_newest_codes_of_running_campaigns_are_at_hand(
    cards: Cards, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = cast.live()
    journeys = [cast.joins(stage, f"Ben {nth}") for nth in range(5)]
    over = cast.draft(owner=(stage.workspace, stage.owner))
    monkeypatch.setattr(memory, "CARDS_AT_ONCE", 2)
    monkeypatch.setattr(memory, "CARDS_IN_ADVANCE", 4)
    asyncio.run(cards.read_in_advance())
    slugs = [stage.code.slug, *(journey.code.slug for journey in journeys)]
    assert [cards.at_hand(slug) is not None for slug in slugs] == [False, False, True, True, True, True]
    monkeypatch.setattr(memory, "CARDS_IN_ADVANCE", 100)
    asyncio.run(cards.read_in_advance())
    assert {slug: cards.at_hand(slug) for slug in slugs} == flow.cards_of(slugs)
    assert cards.at_hand(over.code.slug) is None


# --- campaigns ------------------------------------------------------------------------------------------------


def questions(plans: Plans, stage: cast.Stage, monkeypatch: pytest.MonkeyPatch) -> int:
    """How often the database was asked for this."""
    asked: list[list[str]] = []
    read = known._read

    def noted(ids: list[str], moment: float) -> dict[str, known.Plan]:
        asked.append(ids)
        return read(ids, moment)

    with monkeypatch.context() as patch:
        patch.setattr(known, "_read", noted)
        plans.of({stage.campaign.id.hex})
    return len(asked)


@pytest.mark.django_db
def test_a_campaign_is_read_again_when_it_was_remembered_long_enough(
    steady: Steady, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans, stage = Plans(), cast.live()
    assert [questions(plans, stage, monkeypatch) for _nth in range(3)] == [1, 0, 0]
    steady.now += known.PLAN_SECONDS
    assert questions(plans, stage, monkeypatch) == 0
    steady.now += 0.01
    assert [questions(plans, stage, monkeypatch) for _nth in range(2)] == [1, 0]


@pytest.mark.django_db
def test_a_break_holds_at_every_door_within_the_time_a_campaign_is_remembered(steady: Steady) -> None:
    plans, stage = Plans(), cast.live()
    opening = [flow.Opening(flow.cards_of([stage.code.slug])[stage.code.slug], None)]
    assert flow.scanned_together(opening, plans=plans)[0].outcome == "group"
    flow.paused(campaign=stage.campaign, operator=stage.owner)
    steady.now += known.PLAN_SECONDS + 0.01
    assert flow.scanned_together(opening, plans=plans)[0].outcome == "paused"
    flow.resumed(campaign=stage.campaign, operator=stage.owner)
    campaigns.change_plan(campaign=stage.campaign, operator=stage.owner, hold_minutes=7)
    steady.now += known.PLAN_SECONDS + 0.01
    [shown] = flow.scanned_together(opening, plans=plans)
    assert (shown.outcome, shown.campaign and shown.campaign.hold_minutes) == ("group", 7)


@pytest.mark.django_db
def test_a_line_that_has_formed_elsewhere_is_seen_within_that_time_too(steady: Steady) -> None:
    plans, stage = Plans(), cast.live()
    key = stage.campaign.id.hex
    assert not plans.of({key})[key].has_line
    waits = {"workspace": stage.workspace, "campaign": stage.campaign, "visitor_id": new_id()}
    Waiting.objects.create(**waits)
    Waiting.objects.create(**waits | {"visitor_id": UUID(int=1), "state": "served"})
    steady.now += known.PLAN_SECONDS + 0.01
    assert plans.of({key})[key].has_line
    Waiting.objects.update(state="called")
    steady.now += known.PLAN_SECONDS + 0.01
    assert not plans.of({key})[key].has_line


@pytest.mark.django_db
def test_the_memory_of_campaigns_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST_PLANS", 2)
    plans, first = Plans(), cast.live()
    stages = [first, *(cast.live(owner=(first.workspace, first.owner)) for _nth in range(5))]
    for stage in stages:
        key = stage.campaign.id.hex
        assert plans.of({key})[key].campaign == stage.campaign
        assert len(plans._plans) <= 3


@pytest.mark.django_db
def test_campaigns_of_one_batch_are_all_told_even_when_the_memory_is_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(known, "MOST_PLANS", 2)
    plans, first = Plans(), cast.live()
    stages = [first, *(cast.live(owner=(first.workspace, first.owner)) for _nth in range(4))]
    keys = [stage.campaign.id.hex for stage in stages]
    for some in (keys[:1], keys[1:2], keys[2:3], keys[2:4], keys):
        assert set(plans.of(set(some))) == set(some)  # and nothing else: each costs the batch something


def test_a_door_that_is_told_to_stop_while_it_reads_ahead_ends_without_a_word(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """There is always more to read, and the threads end in the middle of it."""
    said: list[object] = []
    is_reading = asyncio.Event()

    def more(**_asked: object) -> tuple[dict[str, Card], str]:
        loop.call_soon_threadsafe(is_reading.set)
        return {}, "more"

    async def receive() -> Message:
        if not began:
            began.append(True)
            return {"type": "lifespan.startup"}
        await is_reading.wait()
        return {"type": "lifespan.shutdown"}

    async def send(message: Message) -> None:
        told.append(message["type"])

    monkeypatch.setattr(memory, "newest_cards", more)
    monkeypatch.setattr(scan, "log", SimpleNamespace(warning=lambda *told, **_more: said.append(told)))
    began, told = [False][:0], [""][:0]
    front = Front(Pages(lambda _environ, _start: []))
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        loop.set_exception_handler(lambda _loop, trouble: said.append(trouble))
        runner.run(front({"type": "lifespan"}, receive, send))
        reading = front._door._reading
    assert reading is not None
    assert reading.done()
    del reading
    gc.collect()
    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert (said, caplog.records) == ([], [])


def test_threads_that_have_ended_take_nothing_more() -> None:
    threads = Threads("test", count=1, line=1)
    threads.close()
    with pytest.raises(Full):
        asyncio.run(threads.run(lambda: 1, patience=1))
