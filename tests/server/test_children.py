"""The processes for pages and those that decode pictures end with the one that started them, however that ends."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from perf.product import descendants, is_beside
from tenfold import turns
from tests.imaging.samples import encoded, photograph
from tests.server.test_really_served import STAGE, Served, serving, until
from tests.server.test_turns import HAS_TURNS, may_go_ahead, turn_of, weighed

pytestmark = pytest.mark.slow


def sends(served: Served, picture: bytes) -> int:
    """A participant's screenshot, by a form with its token."""
    address = f"/me/{served.campaign}/"
    page = served.get(address, cookie=served.cookie)[1].decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token, page
    head = 'Content-Disposition: form-data; name="{}"'
    body = b"\r\n".join(
        [
            b"--X",
            head.format("csrfmiddlewaretoken").encode(),
            b"",
            token[1].encode(),
            b"--X",
            head.format("picture").encode() + b"; filename=a.jpg",
            b"",
            picture,
            b"--X--",
            b"",
        ]
    )
    cookie = f"{served.cookie}; csrftoken={token[1]}"
    return served.get(
        f"{address}proof",
        "POST",
        body,
        content_type="multipart/form-data; boundary=X",
        cookie=cookie,
        host=f"127.0.0.1:{served.port}",
    )[0]


def running(served: Served, module: bytes) -> list[int]:
    """The processes below the server that run this module."""
    found = []
    for pid in descendants(served.process.pid):
        with suppress(OSError):  # it has just ended
            if module in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_none_is_left_when_the_server_has_ended(
    laid_out: Path, tmp_path: Path, number: signal.Signals
) -> None:
    with serving(laid_out, tmp_path) as one:
        for name, value in json.loads(one.run(STAGE)).items():
            setattr(one, name, value)
        assert sends(one, encoded(photograph(400, 300), "JPEG")) == 302
        decoding, pages = running(one, b"tenfold.imaging.confined"), running(one, b"tenfold.pages")
        assert decoding
        assert len(pages) == 1
        os.kill(one.process.pid, number)
        one.process.wait(20)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in decoding + pages))


def test_pages_that_are_killed_come_back_and_scans_go_on_meanwhile(laid_out: Path, tmp_path: Path) -> None:
    with serving(laid_out, tmp_path) as one:
        for name, value in json.loads(one.run(STAGE)).items():
            setattr(one, name, value)
        (pages,) = running(one, b"tenfold.pages")
        os.kill(pages, signal.SIGSTOP)  # nobody answers for them, and nobody takes over either
        assert one.get(f"/c/{one.slug}")[0] == 302
        os.kill(pages, signal.SIGKILL)
        assert one.get(f"/c/{one.slug}")[0] == 302
        until(lambda: one.get(f"/me/{one.campaign}/", cookie=one.cookie)[0] == 200, seconds=60)
        (anew,) = running(one, b"tenfold.pages")
        assert anew != pages
        if sys.platform == "linux":
            until(lambda: policies(anew) == {os.SCHED_OTHER})  # the door has started it, and may be ahead
            assert weighed(anew) == (os.nice(0), 0)
        if HAS_TURNS:
            assert turns.SHORT < turn_of(anew) < turns.LONG
        until(lambda: one.get("/readyz")[0] == 200)


@pytest.mark.skipif(sys.platform != "linux", reason="asked of Linux alone")
@pytest.mark.parametrize(("ahead", "doors"), [("on", 1), ("off", 1), ("on", turns.cores())])
def test_the_door_alone_goes_ahead_where_it_may(
    laid_out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ahead: str, doors: int
) -> None:
    """And where it leaves a core to all others of the machine, whatever comes to it."""
    monkeypatch.setenv("TENFOLD_AHEAD", ahead)
    goes = ahead == "on" and doors < turns.cores() and may_go_ahead()
    with serving(laid_out, tmp_path, "--workers", str(doors)) as one:
        assert one.get(f"/c/{json.loads(one.run(STAGE))['slug']}")[0] == 302  # so that its writer is there
        pages, pictures = running(one, b"tenfold.pages"), running(one, b"confined")
        serve = [pid for pid in descendants(one.process.pid) if not is_beside(pid) and pid not in pictures]
        assert len(serve) == len(pages) == doors
        for door in serve:
            assert policies(door) == {os.SCHED_RR if goes else os.SCHED_OTHER}
            assert goes or not HAS_TURNS or turn_of(door) == turns.SHORT
        for other in (one.process.pid, *pages):
            until(lambda other=other: policies(other) == {os.SCHED_OTHER})


def policies(pid: int) -> set[int]:
    """Of all its threads."""
    found = set()
    for thread in os.listdir(f"/proc/{pid}/task"):
        with suppress(ProcessLookupError):  # it has just ended
            found.add(os.sched_getscheduler(int(thread)) & ~os.SCHED_RESET_ON_FORK)
    return found
