"""Rows past the ORM arrive as they were given, on both databases, and are found again by many keys at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import DatabaseError, DataError, IntegrityError, connection, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tenfold.accounts.models import Workspace
from tenfold.base import bulk
from tenfold.base.keys import new_hex, new_id
from tenfold.codes.models import Scan
from tests import cast

pytestmark = pytest.mark.django_db
HERE = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
is_sqlite = connection.vendor == "sqlite"
# All that both databases keep in a text.
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
ODD = [
    *("", " ", "\\N", "\\", "\\.", "\t", "\n", "\r\n", "a\tb\\tc", "'", '"', "%s %(x)s ?", "NULL", "{}"),
    *("十本书 ✦ 🏮", "e\u0301", "\u202e", "\ufeff", "\x7f", "\x1a", "; DROP TABLE tenfold_scan --"),
]


@pytest.fixture
def odd() -> str:
    """A table of its own, gone with the transaction of the test."""
    bulk.run("CREATE TEMPORARY TABLE odd (nth integer NOT NULL UNIQUE, word text, number bigint)")
    return "odd"


def put(*rows: bulk.Row) -> None:
    bulk.insert("odd", ("nth", "word", "number"), rows)


def found() -> list[tuple[Any, ...]]:
    return bulk.rows("SELECT nth, word, number FROM odd ORDER BY nth")


def emptied() -> None:
    bulk.run("DELETE FROM odd")


# --- rows -----------------------------------------------------------------------------------------------------


@HERE
@given(
    told=st.lists(
        st.tuples(st.one_of(st.none(), TEXTS), st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))),
        max_size=20,
    )
)
@example(told=[(each, None) for each in ODD])
@example(told=[(None, 0), ("", None), (None, None)])
def test_rows_arrive_as_they_were_given(odd: str, told: list[tuple[str | None, int | None]]) -> None:
    emptied()
    rows = [(nth, *values) for nth, values in enumerate(told)]
    put(*rows)
    assert found() == rows


@HERE
@given(told=st.lists(st.tuples(st.one_of(st.none(), TEXTS), st.integers(-(2**53), 2**53)), max_size=20))
@example(told=[(each, nth) for nth, each in enumerate(ODD)])
def test_gathered_rows_are_the_rows_there_are(odd: str, told: list[tuple[str | None, int]]) -> None:
    emptied()
    rows = [(nth, *values) for nth, values in enumerate(told)]
    put(*rows)
    source = "FROM odd WHERE nth >= ?"
    assert sorted(bulk.gathered(("nth", "word", "number"), source, (0,)), key=lambda row: row[0]) == rows
    assert bulk.gathered(("nth", "upper('x')"), source, (10**6,)) == []


def test_gathered_ids_are_those_of_the_rows() -> None:
    homes = {cast.workspace(f"{nth}@example.com")[0].id.hex for nth in range(3)}
    told = bulk.gathered(("id", "NULL", "name"), "FROM tenfold_workspace")
    assert {(bulk.hexed(row_id), *rest) for row_id, *rest in told} == {
        (home, None, "Reading Club") for home in homes
    }


@pytest.mark.parametrize("count", [0, 1, 2, 15, 16, 17, 127, 128, 129, 255, 256, 257, 600])
def test_any_number_of_rows_goes_in_at_once(odd: str, count: int) -> None:
    rows = [(nth, f"row {nth}", nth * nth) for nth in range(count)]
    put(*rows)
    assert found() == rows


def test_what_the_orm_reads_is_what_was_written() -> None:
    stage, visitor, at = cast.live(), new_id(), datetime(2026, 3, 2, 10, 0, 0, 1, tzinfo=UTC)
    about = [stage.workspace.id.hex, stage.campaign.id.hex, stage.code.id.hex, visitor.hex, None]
    columns = ("workspace_id", "campaign_id", "code_id", "visitor_id", "group_id")
    row = [new_hex(), bulk.moment(at), *about, "waiting", 1, 0]
    names = ("id", "at", *columns, "outcome", "is_first", "is_hold")
    bulk.insert("tenfold_scan", names, [tuple(row)])
    scan = Scan.objects.get()
    assert (scan.id.hex, scan.at, scan.visitor_id, scan.group_id) == (row[0], at, visitor, None)
    assert (scan.code, scan.outcome, scan.is_first, scan.is_hold) == (stage.code, "waiting", True, False)
    [told] = bulk.rows(
        "SELECT id, at, visitor_id, is_first FROM tenfold_scan WHERE at = ?", [bulk.moment(at)]
    )
    assert (bulk.hexed(told[0]), bulk.as_moment(told[1]), bulk.hexed(told[2])) == (row[0], at, visitor.hex)
    assert told[3] == 1


EPOCH, SECONDS = datetime(1970, 1, 2, tzinfo=UTC), st.timedeltas(timedelta(), timedelta(days=84_000))
ZONES = st.one_of(st.none(), st.integers(-720, 840)).map(
    lambda minutes: UTC if minutes is None else timezone(timedelta(minutes=minutes))
)


@HERE
@given(at=st.builds(lambda second, zone: (EPOCH + second).astimezone(zone), SECONDS, ZONES))
@example(at=datetime(2026, 3, 2, 10, tzinfo=UTC))
@example(at=datetime(2026, 3, 2, 10, 0, 0, 100, tzinfo=timezone(timedelta(hours=8))))
def test_a_moment_is_written_as_django_writes_it(at: datetime) -> None:
    Workspace.objects.all().delete()
    home = cast.workspace()[0]
    Workspace.objects.filter(pk=home.pk).update(created_at=at)
    by_moment = "SELECT created_at FROM tenfold_workspace WHERE created_at = ?"
    assert [bulk.as_moment(row[0]) for row in bulk.rows(by_moment, [bulk.moment(at)])] == [at]
    bulk.run("UPDATE tenfold_workspace SET created_at = ?", [bulk.moment(at)])
    assert Workspace.objects.get(created_at=at).created_at == at


def test_no_moment_is_none() -> None:
    assert bulk.as_moment(None) is None
    assert bulk.hexed(None) is None


# --- what goes wrong ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 40, 200])
def test_a_key_twice_is_djangos_own_error_and_nothing_is_kept(odd: str, count: int) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        put(*((nth, "", 0) for nth in range(count)), (count // 2, "again", 0))
    assert found() == []
    put((1, "after", 1))
    assert found() == [(1, "after", 1)]


@pytest.mark.parametrize("act", [bulk.run, bulk.rows])
def test_a_statement_that_cannot_be_is_djangos_own_error(act: Callable[[str], object]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        act("SELECT nothing FROM nowhere")
    assert bulk.rows("SELECT 1") == [(1,)]


def test_a_text_that_the_database_cannot_keep_is_its_own_fault(odd: str) -> None:
    """Whoever hands texts on has taken these letters away; if not, it is an error, and no half of a row."""
    if is_sqlite:
        put((1, "a\0b", 0))
        assert found() == [(1, "a\0b", 0)]
        return
    with pytest.raises(DataError), transaction.atomic():
        put((1, "a\0b", 0))
    assert found() == []


def test_half_a_letter_is_refused_and_leaves_the_connection_usable(odd: str) -> None:
    with pytest.raises(UnicodeEncodeError), transaction.atomic():
        put((1, "fine", 0), (2, "\ud800", 0))
    assert found() == []


def test_a_change_tells_how_many_rows_it_changed(odd: str) -> None:
    put((1, "a", 0), (2, "a", 0), (3, "b", 0))
    assert bulk.run("UPDATE odd SET number = number + ? WHERE word = ?", (5, "a")) == 2
    assert bulk.run("UPDATE odd SET number = 1 WHERE word = ?", ("c",)) == 0
    assert [row[2] for row in found()] == [5, 5, 0]


def test_a_percent_sign_in_a_statement_is_a_percent_sign(odd: str) -> None:
    put((1, "50% off", 0), (2, "full", 0))
    assert bulk.rows("SELECT nth FROM odd WHERE word LIKE '%\\%%' ESCAPE '\\' AND nth < ?", (9,)) == [(1,)]


@pytest.mark.django_db(transaction=True)
def test_everything_belongs_to_the_transaction_that_is_open() -> None:
    home = cast.workspace()[0]
    rename = "UPDATE tenfold_workspace SET name = ?"
    with transaction.atomic():
        assert bulk.run(rename, ("Other",)) == 1
        assert bulk.rows("SELECT name FROM tenfold_workspace") == [("Other",)]
        transaction.set_rollback(True)
    assert Workspace.objects.get().name == home.name


# --- many keys ------------------------------------------------------------------------------------------------

IDS = st.lists(st.uuids().map(lambda each: each.hex), max_size=30)


@HERE
@given(ids=IDS)
@example(ids=["0" * 32, "0" * 32, "f" * 32])
def test_listed_ids_come_back_each_as_often_as_it_was_told(ids: list[str]) -> None:
    subquery, values = bulk.listed(iter(ids))
    told = bulk.rows(f"SELECT a FROM ({subquery}) listed", values)
    assert sorted(bulk.hexed(row[0]) for row in told) == sorted(ids)


@HERE
@given(texts=st.lists(TEXTS, max_size=30))
@example(texts=ODD)
def test_listed_texts_come_back_as_they_were_told(texts: list[str]) -> None:
    subquery, values = bulk.listed_texts(iter(texts))
    told = bulk.rows(f"SELECT a FROM ({subquery}) listed", values)
    assert sorted(row[0] for row in told) == sorted(texts)


@HERE
@given(ids=IDS, others=IDS)
def test_paired_ids_stay_together(ids: list[str], others: list[str]) -> None:
    pairs = list(zip(ids, others, strict=False))
    subquery, values = bulk.paired(iter(pairs))
    told = bulk.rows(f"SELECT a, b FROM ({subquery}) paired", values)
    assert sorted((bulk.hexed(a), bulk.hexed(b)) for a, b in told) == sorted(pairs)


def _by_list(ids: Iterable[str]) -> list[tuple[Any, ...]]:
    subquery, values = bulk.listed(ids)
    return bulk.rows(
        f"SELECT id FROM tenfold_workspace WHERE id IN ({subquery}) AND name <> ?", (*values, "x")
    )


def _by_pair(ids: Iterable[str]) -> list[tuple[Any, ...]]:
    subquery, values = bulk.paired((each, each) for each in ids)
    join = "JOIN tenfold_workspace home ON home.id = asked.a AND home.id = asked.b"
    return bulk.rows(f"SELECT home.id FROM ({subquery}) asked {join}", values)


@pytest.mark.parametrize("ask", [_by_list, _by_pair])
def test_rows_are_found_by_thousands_of_keys_in_one_statement(ask: Callable[[Iterable[str]], Any]) -> None:
    homes = {cast.workspace(f"{nth}@example.com")[0].id.hex for nth in range(3)}
    told = ask([*homes, *(new_hex() for _nth in range(5000))])
    assert {bulk.hexed(row[0]) for row in told} == homes
    assert len(told) == 3
    assert ask([]) == []


def test_an_id_that_is_none_finds_nothing_or_is_an_error() -> None:
    """No caller hands on what it has not read; if one did, no other row must be found by it."""
    cast.workspace()
    if is_sqlite:
        assert _by_list(["' OR 1=1 --", "%", ""]) == []
        return
    with pytest.raises(DataError), transaction.atomic():
        _by_list(["' OR 1=1 --"])
