"""The story of `tenfold up`: prepare, start, tell the addresses, look after everything until told to stop."""

from __future__ import annotations

import http.client
import math
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from types import FrameType
from typing import TYPE_CHECKING

import click

from tenfold.up import ground
from tenfold.up.children import Child, stop

if TYPE_CHECKING:
    from tenfold.simulation.demo import Demo

TICK_SECONDS = 0.1
READY_SECONDS = 60.0
# What takes no longer than this need not be told of.
QUIET_SECONDS = 2.0


@dataclass(frozen=True)
class Wishes:
    data: Path
    port: int
    is_empty: bool = False
    is_lan: bool = False

    @property
    def bind(self) -> str:
        return "0.0.0.0" if self.is_lan else "127.0.0.1"  # noqa: S104 - asked for by --lan


class Stopped(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal. Not an Exception: nothing on the way may mistake it for a failure."""


def up(wishes: Wishes) -> None:
    with _signals_stop_us():
        children: list[Child] = []
        try:
            _run(wishes, children)
        except Stopped:
            click.echo("\nStopping ...")
        finally:
            _ignore_signals()
            stop(children)
    click.echo("Stopped. The data is kept; start again with the same command.")


def _run(wishes: Wishes, children: list[Child]) -> None:
    set_environment(wishes)
    lock = ground.take(wishes.data)
    ground.free_port(wishes.bind, wishes.port)
    server = Child("server", "serve", "--host", wishes.bind, "--port", str(wishes.port))
    children.append(server)
    if ground.has_static(wishes.data):
        server.start()  # it says by itself when it is ready; meanwhile the tables are looked at
    log_in = _prepare(wishes)
    children.append(Child("worker", "worker"))
    _wait_until_ready(wishes, children)
    if log_in:
        _welcome(log_in.email, log_in.password)
        _look_after(children)
    else:
        _with_demo(children)
    os.close(lock)


def set_environment(wishes: Wishes) -> None:
    """Before Django is set up, here and in the children."""
    host = ground.address_in_network() if wishes.is_lan else "127.0.0.1"
    os.environ["TENFOLD_DATA"] = str(wishes.data)
    if wishes.is_lan or not os.environ.get("TENFOLD_PUBLIC_URL"):
        os.environ["TENFOLD_PUBLIC_URL"] = f"http://{host}:{wishes.port}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "tenfold.settings"


def _prepare(wishes: Wishes) -> ground.LogIn | None:
    import django
    from django.db import connections

    django.setup()
    if ground.make_tables():
        click.echo("Tables made.")
    if not ground.has_static(wishes.data):
        ground.collect_static(wishes.data)
        click.echo("Static files collected.")
    log_in = ground.owner(wishes.data) if wishes.is_empty else None
    connections.close_all()
    return log_in


def _wait_until_ready(wishes: Wishes, children: list[Child]) -> None:
    give_up = time.monotonic() + READY_SECONDS
    _tend(children)
    while not _is_ready(wishes.port):
        if time.monotonic() > give_up:
            raise ground.CannotStart(f"The server did not become ready within {READY_SECONDS:g} s.")
        _tend(children)


def _is_ready(port: int) -> bool:
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        asking.request("GET", "/readyz")
        return asking.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        asking.close()


def _with_demo(children: list[Child]) -> None:
    """The demo's people come through the real doors, so they come while everything runs and is looked after."""
    from tenfold.simulation import demo

    making: Future[Demo] = Future()
    Thread(target=_settle, args=(making, demo.prepare), name="demo", daemon=True).start()
    tell_at = time.monotonic() + QUIET_SECONDS
    while not making.done():
        _tend(children)
        if time.monotonic() > tell_at:
            click.echo("Making the demo: its people come in through the same doors as everybody ...")
            tell_at = math.inf
    if error := making.exception():
        click.secho(
            f"The demo could not be finished: {error!r}. Start again to repair it.", fg="red", err=True
        )
    else:
        made = making.result()
        _welcome(made.email, made.password, made.scan_url, made.poster_url)
        children.append(Child("crowd", "crowd"))
        children[-1].start()
    _look_after(children)


def _settle(future: Future[Demo], work: Callable[[], Demo]) -> None:
    """A thread that does not keep the process alive: a pool's threads would be waited for at the end."""
    from django.db import connections

    try:
        future.set_result(work())
    except Exception as error:  # noqa: BLE001 - told by whoever asks for the result
        future.set_exception(error)
    finally:
        connections.close_all()


def _look_after(children: list[Child]) -> None:
    while True:
        _tend(children)


def _tend(children: list[Child]) -> None:
    for child in children:
        if told := child.tend():
            click.secho(told, fg="yellow", err=True)
    time.sleep(TICK_SECONDS)


def _welcome(email: str, password: str, scan_url: str = "", poster_url: str = "") -> None:
    url = os.environ["TENFOLD_PUBLIC_URL"]
    rows = [
        ("Console", f"{url}/console/"),
        ("Log-in", f"{email}   {password}"),
        ("Scan link", scan_url),
        ("Poster", poster_url),
    ]
    told = "\n".join(f"  {name:10} {value}" for name, value in rows if value)
    click.echo(f"\nTenfold is running.\n\n{told}\n\nCtrl-C stops it.\n")


@contextmanager
def _signals_stop_us() -> Iterator[None]:
    def stopped(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stopped) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore_signals() -> None:
    """A second Ctrl-C must not leave half of the children behind."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
