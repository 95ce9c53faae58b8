"""Pictures from addresses of strangers: never from this machine or its network, never much, never long."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import pytest

from tenfold.platforms import fetching
from tenfold.platforms.fetching import MOST_BYTES, NotFetched, fetch, is_public
from tests import cast

Answer = Callable[[BaseHTTPRequestHandler], None]


class Elsewhere:
    """A server of somebody else, on a name that leads to it; tests say what it answers at which path."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                outer.answers[self.path](self)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        # It asks this often whether it is to end: with its own half second that is what each test here waits for.
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def address(self, path: str, host: str = "pictures.example") -> str:
        return f"http://{host}:{self.server.server_address[1]}{path}"


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[Elsewhere]:
    """Its name leads to this machine, which here alone counts as public; every other rule holds."""
    real_resolve, real_public = fetching.resolve, fetching.is_public

    def resolve(host: str, port: int) -> list[str]:
        return ["127.0.0.1"] if host == "pictures.example" else real_resolve(host, port)

    names: list[str] = []

    def noted(host: str, port: int) -> list[str]:
        names.append(host)
        return resolve(host, port)

    monkeypatch.setattr(fetching, "resolve", noted)
    monkeypatch.setattr(
        fetching, "is_public", lambda place: names[-1] == "pictures.example" or real_public(place)
    )
    there = Elsewhere()
    monkeypatch.setattr(fetching, "PORTS", (*fetching.PORTS, there.server.server_address[1]))
    yield there
    there.server.shutdown()
    there.server.server_close()


def sends(data: bytes, kind: str = "image/png", status: int = 200, **headers: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(data)), **headers}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(data)

    return answer


def why(address: str) -> tuple[str, bool]:
    with pytest.raises(NotFetched) as error:
        fetch(address)
    return error.value.code, error.value.is_permanent


def test_a_picture_comes_as_it_was_sent(elsewhere: Elsewhere) -> None:
    picture = cast.picture_bytes()
    elsewhere.answers["/a.png"] = sends(picture)
    assert fetch(elsewhere.address("/a.png")) == picture


@pytest.mark.parametrize(
    "place",
    [
        *("127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::"),
        *("192.0.0.8", "192.0.0.10", "fec0::1", "feff::1", "::ffff:192.0.0.9", "64:ff9b:1::a00:1"),
        *("", "x", "127.1", "0x7f000001"),
    ],
)
def test_addresses_of_no_public_host(place: str) -> None:
    assert not is_public(place)


@pytest.mark.parametrize("place", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet(place: str) -> None:
    assert is_public(place)


def test_the_public_address_of_this_very_machine_is_not_public(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bound(socket.socket):
        def connect(self, address: object) -> None:
            """This machine has every address there is, so that it speaks to itself."""

        def getsockname(self) -> tuple[str, int]:
            return "8.8.8.8", 1

    monkeypatch.setattr(socket, "socket", Bound)
    assert not is_public("8.8.8.8")


def test_a_machine_that_may_bind_any_address_still_knows_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    class Bound(socket.socket):
        def bind(self, address: object) -> None:
            """As with ip_nonlocal_bind."""

    monkeypatch.setattr(socket, "socket", Bound)
    assert is_public("8.8.8.8")


@pytest.mark.parametrize("port", [22, 25, 6379, 8000, 8080])
def test_only_the_ports_of_the_web_are_asked(port: int) -> None:
    assert why(f"http://pictures.example:{port}/a.png") == ("bad_address", True)


def test_a_system_that_trusts_nobody_trusts_the_common_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ssl, "create_default_context", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    assert fetching._tls.__wrapped__().cert_store_stats()["x509_ca"] > 50


def test_resolver_trouble_is_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    def again(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "again")

    def nobody(_host: str, _port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "nobody")

    for resolve, code, is_ours in ((again, "no_resolver", True), (nobody, "unreachable", False)):
        monkeypatch.setattr(fetching, "resolve", resolve)
        with pytest.raises(NotFetched) as error:
            fetch("http://pictures.example/")
        assert (error.value.code, error.value.is_ours, error.value.is_permanent) == (code, is_ours, False)


@pytest.mark.parametrize(
    "address",
    [
        *(
            "file:///etc/passwd",
            "ftp://pictures.example/a.png",
            "gopher://pictures.example/",
            "data:image/png,x",
        ),
        *("", "a.png", "//pictures.example/a.png", "http://", "http:///a", "http://[::1", "http://h:99999/"),
        *(
            "http://me:secret@pictures.example/",
            "http://例子.example/",
            "http://h/" + "a" * 500,
            "http://h:0/",
        ),
    ],
)
def test_what_is_no_address_of_a_picture_is_not_even_asked(address: str) -> None:
    assert why(address) == ("bad_address", True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433", "127.1"])
def test_this_machine_is_never_asked(elsewhere: Elsewhere, host: str) -> None:
    elsewhere.answers["/"] = sends(b"secret")
    code, _is_permanent = why(elsewhere.address("/", host))
    assert code in ("not_public", "unreachable")
    assert elsewhere.asked == []


@pytest.mark.parametrize(
    "to", ["http://127.0.0.1:{port}/secret", "http://localhost:{port}/secret", "file:///etc/passwd"]
)
def test_a_redirect_leads_to_no_private_place(elsewhere: Elsewhere, to: str) -> None:
    port = elsewhere.server.server_address[1]
    elsewhere.answers["/"] = sends(b"", status=302, Location=to.format(port=port))
    elsewhere.answers["/secret"] = sends(cast.picture_bytes())
    assert why(elsewhere.address("/"))[0] in ("not_public", "bad_address")
    assert elsewhere.asked == ["/"]


def test_a_redirect_to_a_public_place_is_followed_a_few_times(elsewhere: Elsewhere) -> None:
    picture = cast.picture_bytes()
    elsewhere.answers["/1"] = sends(b"", status=302, Location="/2")
    elsewhere.answers["/2"] = sends(b"", status=301, Location=elsewhere.address("/3"))
    elsewhere.answers["/3"] = sends(picture)
    assert fetch(elsewhere.address("/1")) == picture
    elsewhere.answers["/1"] = sends(b"", status=302, Location="/1")
    assert why(elsewhere.address("/1")) == ("too_many_redirects", True)


def test_a_name_that_leads_here_the_second_time_is_asked_for_once(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def turning(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["93.184.216.34"] if len(asked) == 1 else ["127.0.0.1"]

    connected: list[str] = []

    def connects(_backend: object, host: str, *_more: object) -> object:
        connected.append(host)
        raise httpcore.ConnectError

    monkeypatch.setattr(fetching, "resolve", turning)
    monkeypatch.setattr(fetching, "is_public", is_public)
    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connects)
    assert why("http://rebind.example/") == ("unreachable", False)
    assert (asked, connected) == (["rebind.example"], ["93.184.216.34"])


def test_one_private_address_among_public_ones_spoils_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "resolve", lambda *_: ["8.8.8.8", "10.0.0.1"])
    assert why("http://both.example/") == ("not_public", True)


def test_too_much_is_given_up_even_if_its_length_was_a_lie(elsewhere: Elsewhere) -> None:
    def pours(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "image/png")
        request.end_headers()
        for _nth in range(40):
            request.wfile.write(b"\0" * 65536)

    elsewhere.answers["/"] = pours
    assert why(elsewhere.address("/")) == ("too_large", True)
    elsewhere.answers["/"] = sends(b"\0" * (MOST_BYTES + 1))
    assert why(elsewhere.address("/")) == ("too_large", True)


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "image/gif", "application/pdf", ""])
def test_only_pictures_we_take_are_taken(elsewhere: Elsewhere, kind: str) -> None:
    elsewhere.answers["/"] = sends(b"<svg/>", kind)
    assert why(elsewhere.address("/")) == ("not_a_picture", True)


@pytest.mark.parametrize(
    ("status", "is_permanent"), [(404, True), (403, True), (429, False), (500, False), (204, False)]
)
def test_what_the_other_side_refuses(elsewhere: Elsewhere, status: int, is_permanent: bool) -> None:
    elsewhere.answers["/"] = sends(b"", status=status)
    assert why(elsewhere.address("/")) == ("refused", is_permanent)


def test_drops_that_never_end_are_given_up_in_time(
    elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_over = threading.Event()

    def drips(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not is_over.wait(0.05):
            request.wfile.write(b"X-Slow: 1\r\n")
            request.wfile.flush()

    monkeypatch.setattr(fetching, "MOST_SECONDS", 0.4)
    elsewhere.answers["/"] = drips
    began = time.monotonic()
    assert why(elsewhere.address("/")) == ("too_slow", False)
    is_over.set()
    assert time.monotonic() - began < 5


def test_a_resolver_that_never_answers_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    is_over = threading.Event()

    def never(_host: str, _port: int) -> list[str]:
        is_over.wait(10)
        return ["8.8.8.8"]

    monkeypatch.setattr(fetching, "MOST_SECONDS", 0.2)
    monkeypatch.setattr(fetching, "resolve", never)
    with pytest.raises(NotFetched) as error:
        fetch("http://slow.example/")
    assert (error.value.code, error.value.is_ours) == ("no_resolver", True)
    is_over.set()


def test_rubbish_in_place_of_http_is_no_picture(
    monkeypatch: pytest.MonkeyPatch, elsewhere: Elsewhere
) -> None:
    def rubbish(request: BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"\xff\x00not http\r\n\r\n")

    elsewhere.answers["/"] = rubbish
    assert why(elsewhere.address("/")) == ("unreachable", False)
