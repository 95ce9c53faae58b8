"""The server as it is run: a process on a port, real sockets, phones that go away in the middle."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.edge.browser import PHONE

pytestmark = pytest.mark.slow

# A process of its own makes the campaign: this one's Django is set up for the tests' database.
STAGE = """
import json, django
django.setup()
from tests import cast
from tenfold.base import visitor
stage = cast.live()
mia = cast.joins(stage, "Mia")
print(json.dumps({"slug": stage.code.slug, "room": str(stage.group.id), "campaign": str(stage.campaign.id),
    "page_key": mia.page_key, "cookie": f"{visitor.COOKIE}={visitor.write(mia.person.visitor_id)}"}))
"""
SCAN_OF_MIAS_CODE = """
import django
django.setup()
from tenfold import flow
from tenfold.people.models import Journey
flow.scanned(slug=Journey.objects.get().code.slug, visitor_id=None)
"""


@dataclass
class Served:
    port: int
    environment: dict[str, str]
    process: subprocess.Popen[bytes]
    slug: str = ""
    room: str = ""
    campaign: str = ""
    page_key: str = ""
    cookie: str = ""

    def get(
        self, path: str, method: str = "GET", body: bytes = b"", *, patience: float = 20, **headers: str
    ) -> tuple[int, bytes]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=patience)
        says = {"user_agent": PHONE} | headers
        named = {name.replace("_", "-"): value for name, value in says.items()}
        link.request(method, path, body or None, named)
        answer = link.getresponse()
        told = answer.read()
        link.close()
        return answer.status, told

    def listen(self, path: str) -> socket.socket:
        link = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        link.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {self.cookie}\r\n\r\n".encode())
        return link

    def metric(self, name: str) -> float:
        told = self.get("/metrics")[1].decode()
        return float(next(line.split()[-1] for line in told.splitlines() if line.startswith(f"{name} ")))

    def run(self, code: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", code], env=self.environment, capture_output=True, text=True, check=True
        ).stdout


def scan_count(served: Served) -> int:
    """As anybody sees it who opens the database now."""
    file = Path(served.environment["TENFOLD_DATA"]) / "tenfold.sqlite3"
    with closing(sqlite3.connect(file)) as database:
        count: int = database.execute("SELECT count(*) FROM tenfold_scan").fetchone()[0]
        return count


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def until(is_so: object, seconds: float = 15) -> None:
    give_up = time.monotonic() + seconds
    while not is_so():  # type: ignore[operator]
        assert time.monotonic() < give_up, "it never came"
        time.sleep(0.02)


TENFOLD = [sys.executable, "-m", "tenfold"]


def lay_out(data: Path) -> None:
    for command in (["migrate"], ["manage", "collectstatic", "--no-input", "-v0"]):
        subprocess.run([*TENFOLD, *command], env=surroundings(data, 0), check=True, capture_output=True)


def surroundings(data: Path, port: int) -> dict[str, str]:
    not_ours = ("DATABASE_URL", "TENFOLD_PARENT")
    return {
        **{name: value for name, value in os.environ.items() if name not in not_ours},
        "DJANGO_SETTINGS_MODULE": "tenfold.settings",
        "TENFOLD_DATA": str(data),
        "TENFOLD_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }


@contextmanager
def serving(ground: Path, data: Path, *options: str) -> Iterator[Served]:
    """A server on a copy of `ground` in `data`."""
    shutil.copytree(ground, data, dirs_exist_ok=True)
    port = free_port()
    environment = surroundings(data, port)
    process = subprocess.Popen([*TENFOLD, "serve", "--port", str(port), *options], env=environment)
    served = Served(port, environment, process)
    try:
        until(lambda: is_ready(served), seconds=60)
        yield served
    finally:
        process.kill()
        process.wait()


def is_ready(served: Served) -> bool:
    try:
        return served.get("/readyz")[0] == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def served(laid_out: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(laid_out, tmp_path_factory.mktemp("served")) as one:
        for name, value in json.loads(one.run(STAGE)).items():
            setattr(one, name, value)
        yield one


def test_scans_pages_and_static_files_come_from_one_port(served: Served) -> None:
    assert served.get(f"/C/{served.slug}")[0] == 302
    assert served.get("/")[0] == 200
    status, page = served.get("/console/login/")
    assert status == 200
    sheet = page.decode().split('rel="stylesheet" href="')[1].split('"')[0]
    assert served.get(sheet)[0] == 200


def test_head_has_no_body_and_no_scan(served: Served) -> None:
    before = scan_count(served)
    assert served.get(f"/c/{served.slug}", method="HEAD") == (200, b"")
    assert served.get("/", method="HEAD") == (200, b"")
    assert scan_count(served) == before


def test_an_answered_scan_is_on_disk_after_kill_9(laid_out: Path, tmp_path: Path) -> None:
    with serving(laid_out, tmp_path) as one:
        one.slug = json.loads(one.run(STAGE))["slug"]
        before = scan_count(one)
        assert [one.get(f"/c/{one.slug}")[0] for _ in range(5)] == [302] * 5
        one.process.kill()
        assert scan_count(one) == before + 5
        # The worker process of a server that was killed notices, and leaves the port.
        until(lambda: not is_open(one.port))


def is_open(port: int) -> bool:
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", port)) == 0


def test_a_large_upload_comes_through(served: Served) -> None:
    body = b"".join(
        [
            b"--X\r\nContent-Disposition: form-data; name=picture; filename=a.png\r\n\r\n",
            os.urandom(8 * 1024 * 1024),
            b"\r\n--X--\r\n",
        ]
    )
    kind = "multipart/form-data; boundary=X"
    # Without a token it is refused, but by the page, which has read it to its end.
    assert served.get("/language", "POST", body, content_type=kind)[0] == 403
    assert served.get("/language", "POST", body + b"x" * 2 * 1024 * 1024, content_type=kind)[0] == 413


def test_a_stream_is_left_when_the_phone_goes_away(served: Served) -> None:
    before = served.metric("tenfold_open_streams")
    links = [served.listen(f"/live/room/{served.room}") for _ in range(20)]
    for link in links:
        assert b"text/event-stream" in link.recv(2000)
    until(lambda: served.metric("tenfold_open_streams") == before + 20)
    for link in links:
        link.close()
    until(lambda: served.metric("tenfold_open_streams") == before)


def test_what_happens_reaches_an_open_page(served: Served) -> None:
    with served.listen(f"/live/me/{served.page_key}") as link:
        heard = link.recv(2000)
        served.run(SCAN_OF_MIAS_CODE)  # from then on she is somebody who shares
        while b"event: changed" not in heard:
            heard += link.recv(2000)
    assert b"data: changed" in heard


def test_rubbish_on_the_wire_never_makes_a_500(served: Served) -> None:
    for line in (
        b"GET /c/\xff\xfe HTTP/1.1",
        b"GET //c/%00 HTTP/1.1",
        b"GET /c/" + b"A" * 10_240 + b" HTTP/1.1",
        b"GET /c/%E4%B8%AD%E6%96%87 HTTP/1.1",
        b"GET /?q=\xff HTTP/1.1",
        b"GET /g/%ff/ HTTP/1.1",
        b"FOO /c/AAAAAAAA HTTP/1.1",
        b"rubbish",
    ):
        with socket.create_connection(("127.0.0.1", served.port), timeout=10) as link:
            link.sendall(
                line + b"\r\nHost: 127.0.0.1\r\nCookie: tf_visitor=\xff\xfe\r\nConnection: close\r\n\r\n"
            )
            status = link.recv(2000)[9:12]
            assert status[:1] == b"4", (line, status)


def test_it_stops_at_once_with_streams_open(laid_out: Path, tmp_path: Path) -> None:
    with serving(laid_out, tmp_path) as one:
        told = json.loads(one.run(STAGE))
        one.cookie = told["cookie"]
        link = one.listen(f"/live/room/{told['room']}")
        assert b"text/event-stream" in link.recv(2000)
        one.process.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert one.process.wait(timeout=10) == 0
        assert time.monotonic() - began < 2.5
        link.close()
