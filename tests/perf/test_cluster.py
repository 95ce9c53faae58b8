"""The drills' PostgreSQL keeps what it has confirmed through every end it is given, and leaves nothing behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from perf.cluster import Cluster
from tests.postgres import free_port, server_programs

pytestmark = pytest.mark.skipif(server_programs() is None, reason="no PostgreSQL server programs here")


@pytest.fixture(scope="module")
def primary() -> Iterator[Cluster]:
    with Cluster(free_port()) as cluster:
        cluster.ask("create table kept (n int)")
        yield cluster


def test_it_is_durable_as_an_untouched_server_is(primary: Cluster) -> None:
    for setting in ("fsync", "synchronous_commit", "full_page_writes"):
        assert primary.ask(f"show {setting}") == [("on",)]


@pytest.mark.parametrize(
    "end",
    [
        lambda cluster: cluster.stop(),
        lambda cluster: cluster.stop(immediate=True),
        lambda cluster: cluster.kill(),
        lambda cluster: cluster.kill(all_of_it=False),
    ],
    ids=["fast", "immediate", "killed", "the first process killed"],
)
def test_what_was_confirmed_is_there_after_every_end(
    primary: Cluster, end: Callable[[Cluster], None]
) -> None:
    primary.ask("truncate kept")
    primary.ask("insert into kept values (1)")
    before = primary.pid
    end(primary)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(primary.url)
    primary.start()
    assert primary.pid != before
    assert primary.ask("select n from kept") == [(1,)]


def test_an_option_of_ones_own_wins() -> None:
    with Cluster(free_port(), "fsync=off") as careless:
        assert careless.ask("show fsync") == [("off",)]


def test_a_synchronous_standby_has_everything_and_takes_writes_when_promoted() -> None:
    with Cluster(free_port()) as primary:
        primary.ask("create table kept (n int)")
        standby = primary.standby(free_port())
        primary.ask("insert into kept values (1)")
        primary.kill()
        standby.promote()
        standby.ask("insert into kept values (2)")  # and waits for no third server
        assert standby.ask("select n from kept order by n") == [(1,), (2,)]
        folders, pids = [primary.folder, standby.folder], [primary.pid, standby.pid]
    assert not any(folder.exists() for folder in folders)
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_an_asynchronous_standby_that_is_held_back_has_not_what_was_confirmed() -> None:
    with Cluster(free_port()) as primary:
        primary.ask("create table kept (n int)")
        standby = primary.standby(free_port(), synchronous=False)
        primary.hold_back()
        primary.ask("insert into kept values (1)")
        primary.kill()
        standby.promote()
        assert standby.ask("select n from kept") == []


def test_a_block_that_fails_leaves_nothing_behind() -> None:
    cluster = Cluster(free_port())
    with pytest.raises(ZeroDivisionError), cluster:
        raise ZeroDivisionError
    assert not cluster.folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(cluster.pid, 0)


def test_a_port_on_which_somebody_else_answers_is_refused(primary: Cluster) -> None:
    with pytest.raises(OSError, match="in use"), Cluster(primary.port):
        pass
    assert primary.ask("select 1") == [(1,)]
