"""The bench's own sums: what is read from wrk and from the product, what is compared, and what counts as reached."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from perf import bench_scan, constant, stage, wrk
from perf.bench_scan import Wishes, _speed_ups, figures_of, table
from perf.drill_kill import Figure
from perf.rounds import Moment, Pair, Row, Seen, middle, row, seen
from perf.served import Used, busy_seconds, cpu_seconds, read_metrics, rss_mib
from perf.wrk import Load, NoLoad, read
from tenfold.base import visitor
from tenfold.base.keys import read_slug
from tenfold.codes.models import LiveCode
from tenfold.edge.protocol import Message
from tenfold.groups.models import Seat
from tenfold.insight.rebuild import checked
from tenfold.people.models import Journey
from tests import cast

WRK = """
Running 3s test @ http://127.0.0.1:8810
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.83ms    0.41ms  11.09ms   93.12%
  99070 requests in 3.01s, 8.03MB read
Requests/sec:  32963.81
measured requests=99070 micros=3005417 refused=3 broken=4 p50=1825 p99=3252 slowest=11093
"""
DOOR = Seen(1000, 10, 20, 60, 5, 30, 90, 4, 0)
PLAIN = Seen(2000, 5, 10, 30, 0, 0, 40, 6, 0)


def door(**changes: float) -> Seen:
    return replace(DOOR, **changes)  # type: ignore[arg-type]


def plain(**changes: float) -> Seen:
    return replace(PLAIN, **changes)  # type: ignore[arg-type]


# --- what wrk says --------------------------------------------------------------------------------------------


def test_the_line_of_the_script_is_read_among_what_wrk_says() -> None:
    load = read(WRK)
    assert load == Load(99070, 3.005417, 3, 4, 1.825, 3.252, 11.093)
    assert round(load.rate) == 32964
    assert load.wrong == 7


def test_where_nobody_was_answered_everybody_has_waited_all_the_time() -> None:
    load = read("measured requests=0 micros=2000000 refused=0 broken=0 p50=0 p99=0 slowest=0")
    assert (load.rate, load.p50, load.p99, load.slowest) == (0, 2000, 2000, 2000)


@pytest.mark.parametrize("told", ["", "unable to connect to 127.0.0.1:8810 Connection refused", "measured"])
def test_a_wrk_that_has_measured_nothing_is_an_error(told: str) -> None:
    with pytest.raises(NoLoad, match="wrk has measured nothing"):
        read(told)


def test_a_missing_wrk_is_told_with_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(NoLoad, match="apt-get install wrk"):
        wrk.need_wrk()


@pytest.mark.skipif(
    "shutil.which('wrk') is None or (os.cpu_count() or 1) < 2", reason="needs wrk and two cores"
)
@pytest.mark.parametrize("behind", [None, 7])
def test_the_script_runs_in_wrk_itself(behind: int | None, tmp_path: Path) -> None:
    """Against a door that shuts in everybody's face: the line must come whatever happens."""
    (tmp_path / "codes.txt").write_text("AAAAAAAA\nBBBBBBBB")
    (tmp_path / "cookies.txt").write_text("cookie")
    here = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True)"
    shut = f"{here}\nwhile True: s.accept()[0].close()"
    with subprocess.Popen([sys.executable, "-c", shut], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout
        port = server.stdout.readline().strip()
        load = wrk.scan(f"http://127.0.0.1:{port}", tmp_path, connections=2, seconds=1, seed=1, behind=behind)
        server.kill()
    assert load.requests == 0
    assert load.broken > 0


def test_every_code_is_opened_once_and_a_slow_door_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "codes.txt").write_text("\n".join(["AAAAAAAA"] * 250))
    begun: list[int] = []

    def hundred(_base: str, _folder: Path, *, behind: int, **_wishes: float) -> Load:
        begun.append(behind)
        return replace(read(WRK), requests=100)

    monkeypatch.setattr(wrk, "scan", hundred)
    wrk.every_code_once("", tmp_path, most_seconds=60)
    assert begun == [0, 100, 200]
    wrk.every_code_once("", tmp_path, most_seconds=-1)
    assert begun == [0, 100, 200, 0]


# --- what the product and the machine say ---------------------------------------------------------------------


def test_scans_by_outcome_and_batches_are_read_from_the_metrics() -> None:
    text = (
        '# TYPE tenfold_scans counter\ntenfold_scans_total{outcome="group"} 30.0\n'
        'tenfold_scans_total{outcome="busy"} 2.0\ntenfold_scans_created{outcome="group"} 1.7e9\n'
    )
    assert read_metrics(text) == ({"group": 30, "busy": 2}, 0)
    batches = "# TYPE tenfold_scan_batches counter\ntenfold_scan_batches_total 5.0\n"
    assert read_metrics(text + batches) == ({"group": 30, "busy": 2}, 5)


def test_a_measurement_is_the_difference_of_before_and_after() -> None:
    load = read(WRK)
    before = Moment(0, Used(10.0, {"group": 100}, 10), database=1.0, ours=7.0, everybody=100.0)
    after = Moment(4, Used(12.0, {"group": 99_170, "busy": 3, "waiting": 2}, 1010), 1.5, 8.0, 105.5)
    found = seen(load, before, after, 88.0)
    assert found.cpu == pytest.approx(2e6 / 99070)
    assert found.database_cpu == pytest.approx(0.5e6 / 99070)
    assert found.batch == pytest.approx(99_075 / 1000)
    assert found.others == pytest.approx(100 * (5.5 - 2 - 0.5 - 1) / 4)
    assert found.wrong == 3 + 4 + 3 + 2  # refused and broken by wrk's count, and what was no way to a group


def test_without_counted_batches_none_is_made_up() -> None:
    before, after = Moment(0, Used(0, {}, 0), 0, 0, 0), Moment(1, Used(1, {"group": 5}, 0), 0, 0, 0)
    found = seen(read(WRK), before, after, 1)
    assert (found.batch, found.others) == (0, 0)


def test_cpu_and_memory_of_a_process_are_those_linux_tells() -> None:
    before, all_before = cpu_seconds(os.getpid()), busy_seconds()
    while cpu_seconds(os.getpid()) <= before or busy_seconds() <= all_before:
        sum(range(100_000))
    assert 5 < rss_mib([os.getpid()])[0] < 5000
    assert rss_mib([2**22 + 1]) == []  # beyond the largest number of a process
    assert cpu_seconds(2**22 + 1) == 0


# --- medians and ratios ---------------------------------------------------------------------------------------


def test_a_ratio_is_the_median_of_each_rounds_own() -> None:
    """A neighbour that slows down one round slows down both sides of it."""
    pairs = [
        Pair(door(rate=1000), plain(rate=2000)),
        Pair(door(rate=100), plain(rate=200)),
        Pair(door(rate=1600), plain(rate=2000)),
    ]
    assert row(64, pairs).rate_ratio == 0.5
    assert row(64, pairs).door.rate == 1000
    assert row(64, pairs).constant.rate == 2000


def test_every_number_has_its_own_median_and_wrong_answers_add_up() -> None:
    found = middle([door(p99=1, cpu=9, wrong=1), door(p99=2, cpu=8, wrong=0), door(p99=9, cpu=7, wrong=2)])
    assert (found.p99, found.cpu, found.wrong) == (2, 8, 3)


def test_a_constant_that_measured_nothing_divides_nothing() -> None:
    assert row(1, [Pair(DOOR, plain(rate=0))]).rate_ratio == 1000


# --- what counts as reached -----------------------------------------------------------------------------------


def measured_row(connections: int, **ratios: float) -> Row:
    given = {"rate_ratio": 1.0, "p99_ratio": 1.0, "cpu_ratio": 1.0, **ratios}
    return Row(connections, DOOR, PLAIN, **given)


def missed(figures: Sequence[Figure]) -> list[str]:
    return [figure.name for figure in figures if not figure.ok]


@pytest.mark.parametrize(
    ("database", "connections", "least"),
    [("sqlite", 64, 0.5), ("sqlite", 256, 0.75), ("postgresql", 64, 0.35), ("postgresql", 256, 0.5)],
)
def test_the_share_of_the_constants_rate_has_a_least(database: str, connections: int, least: float) -> None:
    assert missed(list(figures_of(database, measured_row(connections, rate_ratio=least)))) == []
    below = list(figures_of(database, measured_row(connections, rate_ratio=least - 0.01)))
    assert missed(below) == [f"{database}, {connections} connections: of the constant's rate"]


@pytest.mark.parametrize(("name", "most"), [("p99_ratio", 2.5), ("cpu_ratio", 2.0)])
def test_p99_and_cpu_are_promised_at_256_connections(name: str, most: float) -> None:
    assert missed(list(figures_of("sqlite", measured_row(256, **{name: most})))) == []
    assert len(missed(list(figures_of("sqlite", measured_row(256, **{name: most + 0.1}))))) == 1
    assert missed(list(figures_of("sqlite", measured_row(1000, **{name: 99.0})))) == []


def test_a_single_wrong_answer_is_one_too_many() -> None:
    wrong = replace(measured_row(8), constant=plain(wrong=1))
    assert missed(list(figures_of("sqlite", wrong))) == ["sqlite, 8 connections: wrong answers"]


def test_the_best_of_64_and_256_has_to_be_ten_times_one_transaction_a_scan() -> None:
    rows = [measured_row(64, rate_ratio=0.5), measured_row(256, rate_ratio=0.8)]
    slow = [measured_row(64, rate_ratio=0.1), measured_row(256, rate_ratio=0.08)]
    assert missed(list(_speed_ups("sqlite", rows, slow))) == []
    quick = [replace(each, rate_ratio=each.rate_ratio * 1.1) for each in slow]
    assert missed(list(_speed_ups("sqlite", rows, quick))) == ["sqlite: best times one transaction a scan"]
    assert list(_speed_ups("sqlite", rows, [])) == []


def test_the_table_has_a_line_for_each_number_of_connections() -> None:
    lines = table("sqlite", [measured_row(64), measured_row(1000)], [measured_row(64)]).splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    assert len({len(line) for line in cells}) == 1
    assert [line[0] for line in cells] == ["connections", "---", "64", "1,000"]
    assert [line[-1] for line in cells[2:]] == ["1,000", ""]
    assert cells[2][1:4] == ["1,000", "2,000", "1.00"]


def test_what_is_missed_is_told_by_the_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def speed(database: str, wishes: Wishes, *, is_silent: bool) -> list[Figure]:
        assert is_silent
        assert wishes.connections == (2, 4)
        return [Figure(f"{database} ratio", 0.4, ">= 0.5", database == "postgresql")]

    monkeypatch.setattr(bench_scan, "need_wrk", lambda: None)
    monkeypatch.setattr(bench_scan, "_speed", speed)
    arguments = ["--json", "--connections", "2,4"]
    both = CliRunner().invoke(bench_scan.main, arguments)
    assert both.exit_code == 1
    assert [json.loads(line)["ok"] for line in both.stdout.splitlines()] == [False, True]
    assert CliRunner().invoke(bench_scan.main, [*arguments, "--database", "postgresql"]).exit_code == 0
    assert CliRunner().invoke(bench_scan.main, ["--connections", "many"]).exit_code == 2


# --- the stage and the constant answer ------------------------------------------------------------------------


def test_a_stage_of_bulk_rows_agrees_with_the_journal(db: None) -> None:
    slugs = list(stage._slugs(50))
    made = stage._live_campaign(3)
    stage._participants(made, stage._codes(made, slugs))
    assert checked().differences == []
    assert made.campaign.state == "live"
    assert all(read_slug(slug) == slug for slug in slugs)
    assert set(LiveCode.objects.filter(journey__isnull=False).values_list("slug", flat=True)) == set(slugs)
    assert Journey.objects.exclude(sharing_at=None).count() == 50
    taken = [group.taken_count for group in made.campaign.groups.all()]
    assert sorted(taken) == [16, 17, 17]
    assert Seat.objects.filter(state="taken").count() == 50


def test_somebody_who_scans_a_code_of_the_stage_is_shown_a_group(db: None) -> None:
    made = stage._live_campaign(2)
    (slug,) = stage._slugs(1)
    stage._participants(made, stage._codes(made, [slug]))
    code = LiveCode.objects.get(slug=slug)
    newcomer = cast.joins(made, "Ben", by=code)
    assert newcomer.inviter == code.journey
    assert checked().differences == []


def test_slugs_are_the_same_each_time_and_no_two_alike() -> None:
    assert list(stage._slugs(1000)) == list(stage._slugs(1000))
    assert len(set(stage._slugs(1000))) == 1000


def test_the_stages_command_writes_down_what_the_load_has_to_know(
    transactional_db: None, tmp_path: Path
) -> None:
    arguments = [str(tmp_path / "load"), "--codes", "5", "--visitors", "3", "--groups", "2"]
    assert CliRunner().invoke(stage.main, arguments, catch_exceptions=False).exit_code == 0
    slugs, cookies = (
        (tmp_path / "load" / f"{name}.txt").read_text().split() for name in ("codes", "cookies")
    )
    assert LiveCode.objects.filter(slug__in=slugs, journey__isnull=False).count() == 5
    visitors = [visitor.read(cookie) for cookie in cookies]
    assert [each and each.hex for each in visitors] == [cookie[:32] for cookie in cookies]
    assert checked().differences == []


def test_bare_codes_belong_to_nobody(db: None) -> None:
    made = stage._live_campaign(1)
    stage._codes(made, list(stage._slugs(3)))
    assert LiveCode.objects.filter(journey=None, channel=None).count() == 3
    assert checked().differences == []


def test_the_constant_answer_is_a_whole_302_and_starts_and_ends_as_a_server_asks() -> None:
    sent: list[object] = []

    async def send(message: Message) -> None:
        sent.append(message.get("status", message["type"]))

    messages: Iterator[Message] = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])

    async def receive() -> Message:
        return next(messages)

    asyncio.run(constant.application({"type": "http"}, receive, send))
    asyncio.run(constant.application({"type": "lifespan"}, receive, send))
    assert sent == [302, "http.response.body", "lifespan.startup.complete", "lifespan.shutdown.complete"]
