"""The process that decodes what strangers send: it does as the decoder does, and may die of it as often as it will."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tenfold.imaging import cell, child, intake
from tenfold.imaging.child import CLEANING, Child, Death, Died, NoChild, Pool, twice
from tenfold.imaging.headers import Unreadable
from tenfold.imaging.reading import MAX_BYTES, avatar_picture, clean_picture
from tenfold.imaging.seen import Claim
from tests.imaging import samples
from tests.imaging.samples import drawing, encoded, photograph
from tests.imaging.strange_child import WRITTEN
from tests.server.test_turns import weighed

QUICK = replace(CLEANING, cpu_seconds=0.3, wall_seconds=20.0, memory_bytes=256 * 1024 * 1024)
PICTURE = encoded(drawing(), "PNG")


@pytest.fixture(scope="module")
def cleaner() -> Iterator[Child]:
    with Child() as one:
        yield one


@pytest.fixture
def strange(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Child]:
    """One that has been taken over, in the way that the test names."""
    monkeypatch.setattr(cell, "PROGRAM", ("tests.imaging.strange_child", request.param))
    with Child(QUICK) as one:
        yield one


def is_gone(pid: int | None) -> bool:
    assert pid
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


# What it does for us


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_it_gives_the_very_picture_that_the_decoder_gives(cleaner: Child, kind: str) -> None:
    data = encoded(photograph(), kind)
    assert cleaner.clean(data) == clean_picture(data)
    assert cleaner.clean(data, max_side=40) == clean_picture(data, max_side=40)
    assert cleaner.avatar(data) == avatar_picture(data)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GIF89a", "not_a_picture"),
        (PICTURE[:-40], "truncated"),
        (samples.animation("WEBP"), "animated"),
        (samples.scan_bomb(300), "too_complex"),
        (samples.png(50_000, 50_000), "too_many_pixels"),
        (bytes(MAX_BYTES + 1), "too_large"),
    ],
)
def test_what_is_no_picture_of_ours_is_refused_and_hurts_nobody(
    cleaner: Child, data: bytes, reason: str
) -> None:
    pid = cleaner.pid
    with pytest.raises(Unreadable) as refused:
        cleaner.clean(data)
    assert refused.value.reason == reason
    assert cleaner.clean(PICTURE).width == 120
    assert cleaner.pid == pid or pid is None


def test_it_has_no_files_to_write_no_privileges_to_gain_and_none_of_our_secrets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TENFOLD_SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    with Child() as one:
        one.clean(PICTURE)
        place = Path(f"/proc/{one.pid}")
        if not place.exists():
            pytest.skip("no /proc here")
        assert b"secret" not in (place / "environ").read_bytes().lower().replace(b"tenfold_secret_key", b"")
        limits = {line[:26].strip(): line[26:47].strip() for line in (place / "limits").open()}
        assert limits["Max file size"] == limits["Max core file size"] == "0"
        assert limits["Max address space"] == str(CLEANING.memory_bytes)
        assert int(limits["Max open files"]) < 100
        assert "NoNewPrivs:\t1" in (place / "status").read_text()
        loaded = (place / "maps").read_text()
        assert "cv2" not in loaded
        assert "onnxruntime" not in loaded


def test_it_is_replaced_after_so_many_tasks_and_when_it_has_grown() -> None:
    with Child(replace(CLEANING, tasks=2)) as one:
        pids = []
        for _ in range(4):
            one.clean(PICTURE)
            pids.append(one.pid)
        assert pids[0] != pids[1] == pids[2] != pids[3]
        assert is_gone(pids[0])
    with Child(replace(CLEANING, grown_bytes=1)) as one:
        one.clean(PICTURE)
        first = one.pid
        one.clean(PICTURE)
        assert one.pid != first


def test_when_it_is_closed_it_is_over() -> None:
    one = Child()
    one.clean(PICTURE)
    pid = one.pid
    one.close()
    assert is_gone(pid)
    with pytest.raises(NoChild) as none:
        one.clean(PICTURE)
    assert none.value.reason == "closed"


# What a hostile picture may make of it

DEATHS: list[tuple[str, Death]] = [
    ("crash", "crashed"),
    ("leave", "ended"),
    ("burn", "cpu"),
    ("eat", "memory"),
    ("write", "failed"),
    ("flood", "garbage"),
    ("babble", "garbage"),
    ("talkative", "garbage"),
    ("webp", "garbage"),
    ("two", "garbage"),
    ("none", "garbage"),
    ("strange death", "failed"),
]


@pytest.mark.parametrize(("strange", "reason"), DEATHS, indirect=["strange"])
def test_each_death_has_its_reason_and_the_next_task_a_fresh_process(strange: Child, reason: Death) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _try in range(2):
        with pytest.raises(Died) as died:
            strange.clean(PICTURE)
        assert died.value.reason == reason
        assert strange.pid is None
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 4
    if WRITTEN.exists():
        assert WRITTEN.read_bytes() == b""
        WRITTEN.unlink()


@pytest.mark.parametrize("strange", ["too large"], indirect=True)
def test_a_picture_larger_than_was_asked_for_is_not_believed(strange: Child) -> None:
    with pytest.raises(Died):
        strange.clean(PICTURE, max_side=200)


@pytest.mark.parametrize("strange", ["sleep", "half"], indirect=True)
def test_who_does_not_answer_is_ended(strange: Child) -> None:
    strange.limits = replace(QUICK, wall_seconds=0.2, late_seconds=0.2)
    with pytest.raises(Died) as died:
        strange.clean(PICTURE)
    assert died.value.reason == "late"
    with pytest.raises(NoChild) as none:
        twice(lambda: strange.clean(PICTURE))
    assert none.value.reason == "busy"


@pytest.mark.parametrize("strange", ["strange reason"], indirect=True)
def test_a_reason_that_nobody_knows_is_none_of_its_own(strange: Child) -> None:
    with pytest.raises(Unreadable) as refused:
        strange.clean(PICTURE)
    assert refused.value.reason == "unreadable"


@pytest.mark.parametrize("strange", ["strange death"], indirect=True)
def test_what_it_says_can_be_logged(strange: Child) -> None:
    with pytest.raises(Died) as died:
        strange.clean(PICTURE)
    assert died.value.told.isprintable()
    assert len(died.value.told) <= 300


@pytest.mark.parametrize("strange", ["no findings"], indirect=True)
def test_findings_that_cannot_be_are_not_believed(strange: Child) -> None:
    with pytest.raises(Died) as died:
        strange.examine(PICTURE, Claim((), "A"))
    assert died.value.reason == "garbage"


def test_it_ends_with_its_parent() -> None:
    program = (
        "import os, sys; from tenfold.imaging.child import Child; from tests.imaging.test_child import PICTURE\n"
        "one = Child(); one.clean(PICTURE); print(one.pid, flush=True); os._exit(0)"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout
    assert until_gone(int(out))


def until_gone(pid: int, looks: int = 200) -> bool:
    still = threading.Event()
    return any(is_gone(pid) or still.wait(0.05) for _ in range(looks)) and is_gone(pid)


def test_closing_it_ends_a_task_in_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell, "PROGRAM", ("tests.imaging.strange_child", "sleep"))
    one, told = Child(QUICK), []

    def ask() -> None:
        try:
            one.clean(PICTURE)
        except NoChild as none:
            told.append(none.reason)

    asking = threading.Thread(target=ask)
    asking.start()
    while one.pid is None:
        pass
    one.close()
    asking.join(20)
    assert told == ["closed"]
    assert one.pid is None


# Where there is none


@pytest.mark.parametrize("error", [BlockingIOError("fork"), MemoryError, OSError("no files")])
def test_where_no_process_can_be_started_that_is_said(
    monkeypatch: pytest.MonkeyPatch, error: type[Exception] | Exception
) -> None:
    def none(*_arguments: object, **_options: object) -> None:
        raise error

    with Pool() as pool:
        with monkeypatch.context() as patched:
            patched.setattr("tenfold.imaging.cell.subprocess.Popen", none)
            with pytest.raises(NoChild) as said:
                pool.clean(PICTURE)
            assert said.value.reason == "not_started"
        assert pool.clean(PICTURE).width == 120


def test_one_that_ends_while_it_loads_has_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell, "PROGRAM", ("tests.imaging.strange_child", "never"))
    with Pool() as pool, pytest.raises(NoChild) as said:
        pool.clean(PICTURE)
    assert said.value.reason == "not_started"


# Several


def test_a_poisoned_picture_is_tried_twice_and_hurts_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell, "PROGRAM", ("tests.imaging.strange_child", "once"))
    found: list[object] = []

    def send(pool: Pool, data: bytes) -> None:
        try:
            found.append(pool.clean(data).width)
        except Unreadable as refused:
            found.append(refused.reason)

    with Pool(QUICK, wait_seconds=60) as pool:
        threads = [
            threading.Thread(target=send, args=(pool, b"poison" if nth % 3 == 0 else PICTURE))
            for nth in range(9)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        pids = [one.pid for one in pool.children]
        assert len(pids) <= 2
    assert sorted(map(str, found)) == ["120"] * 6 + ["unreadable"] * 3
    assert all(is_gone(pid) for pid in pids if pid)


def test_who_finds_all_of_them_busy_is_told_so() -> None:
    with Pool(size=1, wait_seconds=0.01) as pool, pool.borrowed(), pytest.raises(NoChild) as said:
        pool.clean(PICTURE)
    assert said.value.reason == "busy"


def test_a_closed_pool_starts_nothing() -> None:
    pool = Pool()
    pool.clean(PICTURE)
    pool.close()
    with pytest.raises(NoChild):
        pool.clean(PICTURE)
    assert all(one.pid is None for one in pool.children)


def test_the_way_in_has_one_pool_a_process() -> None:
    assert intake.clean_apart(PICTURE) == clean_picture(PICTURE)
    assert intake.avatar_apart(PICTURE) == avatar_picture(PICTURE)
    pool = intake._opened()
    pids = [one.pid for one in pool.children]
    assert intake._opened() is pool
    intake.close()
    assert all(is_gone(pid) for pid in pids)
    assert intake.clean_apart(PICTURE).width == 120
    intake.close()


def test_the_parents_side_loads_nothing_that_looks() -> None:
    program = (
        "import sys; import tenfold.imaging.child, tenfold.imaging.intake;"
        "print(sorted({'cv2', 'onnxruntime', 'rapidocr', 'tenfold.imaging.examine'} & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout
    assert out.strip() == "[]"
    assert child.LOOKING.is_looking


def test_after_one_that_came_late_the_next_is_less_nice_and_has_longer() -> None:
    """Where others take all cores, who is nice would never come to an end."""
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    with Child(replace(CLEANING, nice=4, late_nice=1, wall_seconds=1e-6, tasks=1)) as cleans:
        cleans.ready()
        assert cleans.pid
        assert os.getpriority(os.PRIO_PROCESS, cleans.pid) == ours + 4
        assert twice(lambda: cleans.clean(PICTURE)).width == 120
        cleans.limits = replace(cleans.limits, tasks=2)
        with pytest.raises(Died):
            cleans.clean(PICTURE)
        cleans.ready()
        assert os.getpriority(os.PRIO_PROCESS, cleans.pid) == ours + 1
        cleans.clean(PICTURE)
        cleans.clean(PICTURE)
        cleans.ready()
        assert os.getpriority(os.PRIO_PROCESS, cleans.pid) == ours + 4, "only that one was late"


def test_what_a_picture_may_take_of_a_core_it_gets_beside_one_other() -> None:
    """At a niceness of 5 a quarter of it."""
    assert child.CLEANING.after_late().wall_seconds >= 4 * child.CLEANING.cpu_seconds
    assert child.CLEANING.after_late().nice == 5


@pytest.mark.skipif(not Path("/proc/self/autogroup").exists(), reason="sessions are weighed by Linux alone")
def test_who_looks_and_who_cleans_is_nice_to_other_sessions_too() -> None:
    """Each of the product's processes has a session of its own, and a child's niceness counts within one only."""
    process, session = weighed(os.getpid())
    with Child(replace(child.LOOKING, nice=3)) as looks, Child(replace(CLEANING, nice=3)) as cleans:
        looks.ready()
        cleans.ready()
        assert looks.pid
        assert cleans.pid
        assert weighed(looks.pid) == (process + 3, session + 3)
        assert weighed(cleans.pid) == (process + 3, session + 3)
