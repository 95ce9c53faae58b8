"""The phones of a launch night against a server of ours: what they send is a form like any other."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser

from perf import review_night
from perf.review_night import TOKEN, Phones, Sender

PICTURE = bytes(range(256)) * 300
SENDER = Sender(file="", campaign="c" * 32, cookie="b" * 32, slug="ABCDEFGH", wrong="")


class Heard:
    """What came in: of each request its path and headers, and the body."""

    def __init__(self, statuses: list[int]) -> None:
        self.statuses = statuses
        self.all: list[tuple[str, dict[str, str], bytes]] = []


@contextmanager
def answering(*statuses: int) -> Iterator[tuple[str, Heard]]:
    """One answer after the other; 0 breaks the connection off."""
    heard = Heard(list(statuses))

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            heard.all.append((self.path, dict(self.headers), body))
            status = heard.statuses.pop(0)
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_what: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", heard
        finally:
            server.shutdown()


def sent(base: str, folder: Path) -> Phones:
    (folder / "shot.jpg").write_bytes(PICTURE)
    phones = Phones(base, [SENDER._replace(file=str(folder / "shot.jpg"))], 0.01)
    phones.start()
    phones.join()
    return phones


def test_a_phone_sends_its_picture_as_a_form(tmp_path: Path) -> None:
    with answering(302) as (base, heard):
        (told,) = sent(base, tmp_path).told
    assert told.is_kept
    assert (told.tries, told.sha256) == (1, hashlib.sha256(PICTURE).hexdigest())
    [(path, headers, body)] = heard.all
    assert path == f"/me/{SENDER.campaign}/proof"
    assert headers["Cookie"] == f"tf_visitor={SENDER.cookie}; csrftoken={TOKEN}"
    assert headers["Origin"] == base
    meta = {"CONTENT_TYPE": headers["Content-Type"], "CONTENT_LENGTH": str(len(body))}
    fields, files = MultiPartParser(meta, BytesIO(body), [MemoryFileUploadHandler()]).parse()
    assert fields.dict() == {"csrfmiddlewaretoken": TOKEN}
    picture = files["picture"]
    assert isinstance(picture, UploadedFile)
    assert (picture.content_type, picture.read()) == ("image/jpeg", PICTURE)


def test_it_tries_again_whatever_happens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_night, "AGAIN_SECONDS", 0.001)
    with answering(503, 0, 302) as (base, heard):
        (told,) = sent(base, tmp_path).told
    assert (told.status, told.tries) == (302, 3)
    assert len({body for _path, _headers, body in heard.all}) == 1


def test_who_is_told_no_does_not_ask_again(tmp_path: Path) -> None:
    with answering(403) as (base, heard):
        (told,) = sent(base, tmp_path).told
    assert (told.status, told.is_kept) == (403, False)
    assert len(heard.all) == 1
