"""The soak's own sums: what is compared with what is recorded, and what counts as flat."""

from __future__ import annotations

from dataclasses import replace

import pytest

from perf.drill_soak import Slice, added, sliced, tally, thirds, told
from perf.load import History, Scan

MIA, BEN = "0" * 32, "1" * 32


def scan(slug: str = "AAAAAAAA", visitor: str = MIA, *, status: int = 302, seconds: float = 0.01) -> Scan:
    return Scan(at=0, seconds=seconds, slug=slug, visitor=visitor, status=status, location="/g/")


def parts(count: int = 6, **changes: float) -> list[Slice]:
    history = History([scan(), scan(visitor=BEN)])
    return [replace(sliced(history, 100, 50), **changes) for _ in range(count)]  # type: ignore[arg-type]


def failed(slices: list[Slice], recorded: list[tuple[str, str, int]]) -> list[str]:
    return [figure.name for figure in told(slices, tally(recorded)) if not figure.ok]


RECORDED = [("AAAAAAAA", MIA, 6), ("AAAAAAAA", BEN, 6)]


def test_scans_are_the_same_whatever_their_order() -> None:
    one = tally([("A", MIA, 1), ("B", BEN, 2)])
    assert one == tally([("B", BEN, 1), ("A", MIA, 1), ("B", BEN, 1)])
    assert one.count == 3
    assert added([one, one]) - one == one
    assert tally([]) - one != one


@pytest.mark.parametrize("other", [[("A", BEN, 1)], [("B", MIA, 1)], [("A", MIA, 2)], []])
def test_another_code_visitor_or_number_makes_another_sum(other: list[tuple[str, str, int]]) -> None:
    assert tally(other) != tally([("A", MIA, 1)])


def test_an_answer_is_counted_and_nothing_else() -> None:
    scans = [scan(seconds=nth / 1000) for nth in range(100)]
    part = sliced(History([*scans, scan(status=503), scan(status=0)], unsent=3), 100, 50)
    assert part.answered == tally([("AAAAAAAA", MIA, 100)])
    assert (part.unanswered, part.unsent) == (2, 3)
    assert (part.p50, part.p99) == (50, 99)


def test_a_part_without_an_answer_is_endless_and_no_error() -> None:
    assert sliced(History([]), 1, 1).p99 == float("inf")


def test_all_that_was_answered_and_nothing_else_is_recorded() -> None:
    assert failed(parts(), RECORDED) == []


@pytest.mark.parametrize(
    "recorded",
    [RECORDED[:1], [*RECORDED, ("AAAAAAAA", MIA, 1)], [("AAAAAAAA", MIA, 5), ("AAAAAAAA", BEN, 6)]],
)
def test_a_scan_lost_or_recorded_twice_is_noticed(recorded: list[tuple[str, str, int]]) -> None:
    names = failed(parts(), recorded)
    assert names == ["recorded and not answered, or the other way", "codes and visitors"]


def test_another_visitor_is_noticed_though_the_count_is_right() -> None:
    assert failed(parts(), [("AAAAAAAA", MIA, 7), ("AAAAAAAA", BEN, 5)]) == ["codes and visitors"]


def test_a_scan_that_was_not_answered_in_time_is_noticed() -> None:
    assert failed(parts(unanswered=1), RECORDED) == ["not answered"]


@pytest.mark.parametrize("who", ["door", "worker"])
def test_growing_memory_is_noticed_but_what_is_filled_at_first_is_not(who: str) -> None:
    sizes = [50.0, 80.0, 100.0, 100.0, 105.0, 105.0]
    flat = [replace(part, **{who: size}) for part, size in zip(parts(), sizes, strict=True)]  # type: ignore[arg-type]
    assert failed(flat, RECORDED) == []
    grown = [*flat[:4], *(replace(part, **{who: 106.0}) for part in flat[4:])]  # type: ignore[arg-type]
    assert failed(grown, RECORDED) == [f"memory of the {who} grew by, %"]


def test_getting_slower_is_noticed() -> None:
    slower = [*parts(4, p99=10), *parts(2, p99=15.1)]
    assert failed(slower, RECORDED) == ["p99 at last, ms"]
    assert failed([*parts(4, p99=10), *parts(2, p99=15)], RECORDED) == []


def test_thirds_are_medians_and_few_values_do_not_break_them() -> None:
    assert thirds([1, 2, 9, 4, 5, 6, 7, 8, 30]) == (2, 5, 8)
    assert thirds([3.0]) == (3, 3, 3)
    assert thirds([1, 2]) == (1, 1.5, 2)
