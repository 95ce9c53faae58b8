"""The phones of a launch night, which send their screenshots whatever happens; and what becomes of these."""

from __future__ import annotations

import hashlib
import http.client
import json
import threading
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import NamedTuple, cast

from perf.reader import Reader

PATIENCE_SECONDS = 30.0
# Who hears that it is busy tries again; so often, and then gives up.
TRIES, AGAIN_SECONDS = 8, 3.0
AGAIN = (0, 500, 502, 503)
LATE = 1.2
# So long at most the machine has a screenshot to itself (`proofs.rules.MACHINE_FIRST`).
HIDDEN_SECONDS = 120.0
# So many may wait for the machine, and yet it is not behind: about as many as it looks at in a second.
NOT_BEHIND = 5
HANDS = 24
TOKEN = "a" * 32
# A form with a picture, around the picture: by hand, because a phone is another machine, and whoever plays it here is
# to take as little of this one as can be. A client that can do everything took 8 % of a core.
EDGE = "a-phone-sends-this"
BEFORE = (
    f"--{EDGE}\r\nContent-Disposition: form-data; name=csrfmiddlewaretoken\r\n\r\n{TOKEN}\r\n"
    f"--{EDGE}\r\nContent-Disposition: form-data; name=picture; filename=screenshot.jpg\r\n"
    "Content-Type: image/jpeg\r\n\r\n"
).encode()
AFTER = f"\r\n--{EDGE}--\r\n".encode()

LOOKS = "SELECT count(*) FROM tenfold_look WHERE state IN ('queued', 'running')"
PEOPLE = "SELECT count(*) FROM tenfold_proof WHERE state = 'waiting' AND people_at <= now()"
WAITING = "SELECT count(*) FROM tenfold_proof WHERE state = 'waiting'"
DECIDED = "SELECT count(*) FROM tenfold_proof WHERE is_machine AND judged_at IS NOT NULL"
SENT = "SELECT count(*) FROM tenfold_proof"


class Sender(NamedTuple):
    file: str
    campaign: str
    cookie: str
    slug: str
    wrong: str


@dataclass(frozen=True)
class Told:
    """What a phone heard in the end: `status` 0 is nothing. `sha256` is that of the file it sent."""

    sha256: str
    status: int
    seconds: float
    tries: int

    @property
    def is_kept(self) -> bool:
        return self.status == 302


def senders(folder: Path) -> list[Sender]:
    lines = (folder / "senders.jsonl").read_text().splitlines()
    return sorted(Sender(**json.loads(line)) for line in lines)


class Phones:
    """One screenshot after the other at an even pace, each by whichever hand is free."""

    def __init__(self, base: str, who: Sequence[Sender], seconds: float) -> None:
        self._base, self._who, self._seconds = base, who, seconds
        self._mine = threading.local()
        self._links: list[http.client.HTTPConnection] = []
        self.told: list[Told] = []
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def join(self) -> list[Told]:
        """What everybody was told; who is still on the way a good while after the end was told nothing."""
        self._thread.join(self._seconds * LATE + PATIENCE_SECONDS)
        self.stop()
        return self.told

    def stop(self) -> None:
        self._is_over.set()
        self._thread.join()
        for link in self._links:
            link.close()

    def _run(self) -> None:
        began = time.monotonic()
        with ThreadPoolExecutor(HANDS) as hands:
            for nth, sender in enumerate(self._who):
                due = began + nth * self._seconds / len(self._who)
                if self._is_over.wait(max(0.0, due - time.monotonic())):
                    break
                hands.submit(self._send, sender)

    def _send(self, sender: Sender) -> None:
        picture, began, status, tries = Path(sender.file).read_bytes(), time.monotonic(), 0, 0
        while tries < TRIES and status in AGAIN and not self._is_over.wait(AGAIN_SECONDS if tries else 0):
            tries += 1
            status = self._posted(sender, picture)
        digest = hashlib.sha256(picture).hexdigest()
        self.told.append(Told(digest, status, time.monotonic() - began, tries))

    def _posted(self, sender: Sender, picture: bytes) -> int:
        headers = {
            "Content-Type": f"multipart/form-data; boundary={EDGE}",
            "Cookie": f"tf_visitor={sender.cookie}; csrftoken={TOKEN}",
            "Origin": self._base,
        }
        link = self._link()
        try:
            link.request("POST", f"/me/{sender.campaign}/proof", BEFORE + picture + AFTER, headers)
            answer = link.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            link.close()
            return 0
        return answer.status

    def _link(self) -> http.client.HTTPConnection:
        """This hand's own, which opens itself again where it was closed."""
        if not hasattr(self._mine, "link"):
            host = self._base.removeprefix("http://")
            self._mine.link = http.client.HTTPConnection(host, timeout=PATIENCE_SECONDS)
            self._links.append(self._mine.link)
        return cast(http.client.HTTPConnection, self._mine.link)


class Point(NamedTuple):
    """How much there was of what, so many seconds after the first."""

    at: float
    sent: int
    decided: int
    machine: int
    """To be looked at by the machine."""
    hidden: int
    """Waiting, and not yet shown to people."""
    people: int
    """Waiting for a person."""


class Watch:
    """Looks into the database every few seconds."""

    def __init__(self, database: str, every_seconds: float = 2.0) -> None:
        self._database, self._every = database, every_seconds
        self._is_over = threading.Event()
        self.points: list[Point] = []
        self._began, self.began_at = time.monotonic(), time.time()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._began, self.began_at = time.monotonic(), time.time()
        self._thread.start()

    def stop(self) -> list[Point]:
        self._is_over.set()
        self._thread.join()
        return self.points

    def now(self) -> Point:
        with Reader(self._database) as reader:
            sent, decided, machine, people, waiting = (
                reader.number(query) for query in (SENT, DECIDED, LOOKS, PEOPLE, WAITING)
            )
        # Not asked for by itself: who comes to be shown between two questions would be neither.
        hidden = max(0, waiting - people)
        return Point(time.monotonic() - self._began, sent, decided, machine, hidden, people)

    def _run(self) -> None:
        while not self._is_over.is_set():
            self.points.append(self.now())
            self._is_over.wait(self._every)


# What must never be: each counts screenshots.
TWICE_JUDGED = """
    SELECT count(*) FROM (
        SELECT data ->> 'proof' FROM tenfold_entry WHERE kind = 'proof_judged'
        GROUP BY data ->> 'proof' HAVING count(*) > 1
    ) twice
"""
# Judged, and neither by the machine nor by anybody.
NOBODYS = """
    SELECT count(*) FROM tenfold_proof WHERE state IN ('approved', 'rejected')
        AND (judged_at IS NULL OR NOT (is_machine OR judged_by_id IS NOT NULL))
"""
# Judged, but never to take effect; or waiting, and later shown to people than the machine may keep it to itself; or
# looked at by the machine, which does not decide it and does not show it to people either.
ENDLESS = f"""
    SELECT count(*) FROM tenfold_proof proof LEFT JOIN tenfold_look look ON look.proof_id = proof.id
    WHERE (proof.state IN ('approved', 'rejected') AND proof.settle_at IS NULL)
        OR (proof.state = 'waiting' AND (
            epoch(proof.people_at) - epoch(proof.sent_at) > {HIDDEN_SECONDS + 1.0}
            OR (look.state IN ('done', 'unreadable') AND proof.people_at > now())
        ))
"""
UNJUDGED_FACTS = """
    SELECT count(*) FROM tenfold_proof
    WHERE state IN ('approved', 'rejected') AND replace(CAST(id AS text), '-', '') NOT IN (
        SELECT replace(data ->> 'proof', '-', '') FROM tenfold_entry WHERE kind = 'proof_judged'
    )
"""
FAULTS = {
    "decided twice": TWICE_JUDGED,
    "nobody's": NOBODYS,
    "without an end": ENDLESS,
    "decided without a fact": UNJUDGED_FACTS,
}
PROOFS = """
    SELECT picture.sha256, count(*) FROM tenfold_proof proof
    JOIN tenfold_picture picture ON picture.id = proof.picture_id GROUP BY picture.sha256
"""
# When each was sent, in seconds since 1970, and how long the machine's verdict took; what it has not looked at yet has
# none, and what it left to people is not asked for.
WAITED = """
    SELECT epoch(proof.sent_at),
        CASE WHEN proof.is_machine THEN epoch(proof.judged_at) - epoch(proof.sent_at) END
    FROM tenfold_proof proof LEFT JOIN tenfold_look look ON look.proof_id = proof.id
    WHERE (proof.is_machine AND proof.judged_at IS NOT NULL) OR look.state IN ('queued', 'running')
"""
BY_STATE = "SELECT state, count(*) FROM tenfold_proof GROUP BY state"


class Wait(NamedTuple):
    """For the machine's verdict on a screenshot: when that was sent, since 1970; for ever where there is none yet."""

    sent_at: float
    seconds: float


@dataclass(frozen=True)
class Counted:
    kept: int
    lost: int
    twice: int
    faults: dict[str, int]
    states: dict[str, int]
    waits: list[Wait]


def counted(database: str, told: Sequence[Told]) -> Counted:
    """The database held against what the phones were told."""
    kept = {each.sha256 for each in told if each.is_kept}
    with Reader(database) as reader:
        there = dict(reader.rows(PROOFS))
        faults = {name: reader.number(query) for name, query in FAULTS.items()}
        states = dict(reader.rows(BY_STATE))
        waits = [Wait(at, inf if took is None else took) for at, took in reader.rows(WAITED)]
    doubled = sum(count > 1 for count in there.values())
    return Counted(len(kept), len(kept - there.keys()), doubled, faults, states, waits)


def not_behind(waits: Sequence[Wait], points: Sequence[Point], began_at: float) -> list[float]:
    """How long the machine's verdicts took on what was sent while next to nothing waited for it, the shortest first.
    `points` count from `began_at`, which is since 1970."""
    queued = [(began_at + point.at, point.machine) for point in points]
    times = [at for at, _machine in queued]
    found = list[float]()
    for wait in waits:
        nth = bisect_right(times, wait.sent_at)
        around = [machine for _at, machine in queued[max(0, nth - 1) : nth + 1]]
        if around and max(around) <= NOT_BEHIND:
            found.append(wait.seconds)
    return sorted(found)


def every(points: Sequence[Point], seconds: float) -> Iterator[Point]:
    """One of them in so many seconds, and the last."""
    due = 0.0
    for point in points:
        if point.at >= due or point is points[-1]:
            due = point.at + seconds
            yield point
