"""The processes that decode pictures end with the one that started them, however that ends."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

import pytest

from perf.product import descendants
from tests.imaging.samples import encoded, photograph
from tests.server.test_really_served import STAGE, Served, serving, until

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


def decoding(served: Served) -> list[int]:
    """The processes below the server that decode pictures."""
    found = []
    for pid in descendants(served.process.pid):
        if b"tenfold.imaging.confined" in Path(f"/proc/{pid}/cmdline").read_bytes():
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
        children = decoding(one)
        assert children
        os.kill(one.process.pid, number)
        one.process.wait(20)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children))
