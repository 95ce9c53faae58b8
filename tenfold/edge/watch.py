"""One thread that looks at the tables for everybody who listens.

It looks over a sliding window instead of from a mark: commits may become visible out of order, also across machines,
and a mark would step over the late ones. What it has told already it remembers for as long as the window reaches.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

import structlog
from django.db import close_old_connections
from django.db.models import Q, Sum
from django.template.loader import render_to_string
from django.utils import translation

from tenfold.base import clock
from tenfold.codes.models import ScanTally
from tenfold.edge.hub import Event, Hub, Topic, frame
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.people.models import Person
from tenfold.platforms.web.models import Post

log = structlog.get_logger(__name__)

T = TypeVar("T", bound=Hashable)

EVERY_SECONDS = 0.3
WINDOW = timedelta(seconds=10)
# A console redraws at most once a second, however much happens.
CONSOLE_PAUSE = timedelta(seconds=1)
HIDDEN = "hidden "  # what the ids of such events begin with
# Of so many hidden posts it is noticed that they are shown again: who takes one away too many says so soon.
MOST_AWAY = 100
AFTER_TROUBLE_SECONDS = 2.0


class Seen:
    """The ids met within the window."""

    def __init__(self) -> None:
        self._until: dict[Hashable, datetime] = {}

    def fresh(self, ids: Iterable[T], now: datetime) -> set[T]:
        """Those of `ids` not met before. An id is remembered for twice the window, so that it cannot come back."""
        self._until = {known: until for known, until in self._until.items() if until > now}
        new = {each for each in ids if each not in self._until}
        self._until |= dict.fromkeys(new, now + 2 * WINDOW)
        return new


class Eyes:
    """What the watcher knows between two looks."""

    def __init__(self) -> None:
        self._posts = Seen()
        self._entries = Seen()
        self._hidden = Seen()
        self._away: dict[UUID, None] = {}  # hidden, as far as told, the latest last
        self._kinds: dict[str, set[str]] = defaultdict(set)
        self._told_at: dict[str, datetime] = {}
        self._scan_counts: dict[str, int] = {}

    def look(self, topics: set[Topic], now: datetime) -> list[Event]:
        """Everything new that somebody listens to."""
        return [*self._new_posts(topics, now), *self._new_facts(topics, now)]

    def _new_posts(self, topics: set[Topic], now: datetime) -> Iterator[Event]:
        languages = defaultdict(set)
        for topic in topics:
            if topic[0] == "room":
                languages[topic[1]].add(topic[2])
        if not languages:
            return
        since = now - WINDOW
        recent = Post.objects.filter(Q(at__gte=since) | Q(hidden_at__gte=since) | Q(id__in=list(self._away)))
        found = list(recent.values_list("id", "room_id", "hidden_at"))
        rooms = {post_id: str(room_id) for post_id, room_id, hidden_at in found if hidden_at is None}
        again = rooms.keys() & self._away.keys()
        wanted = [each for each in self._posts.fresh(rooms, now) | again if rooms[each] in languages]
        shown = Post.objects.filter(id__in=wanted, hidden_at=None).select_related("picture")
        posts = list(shown.order_by("id"))
        owners = _owners(posts)
        for post in posts:
            if post.reader_id and post.reader_id not in owners:
                continue
            owner = owners[post.reader_id] if post.reader_id else ""
            for language in languages[str(post.room_id)]:
                is_again = post.id in again and not owner
                yield shown_event(post, now, language) if is_again else post_event(post, language, owner)
        hidden = [(post_id, room_id, at) for post_id, room_id, at in found if at and at >= since]
        self._gone(again, [each for each, _room, _at in hidden])
        for post_id, room_id, at in self._hidden.fresh(hidden, now):
            for language in languages.get(str(room_id), ()):
                yield hidden_event(post_id, room_id, at, language)

    def _gone(self, again: set[UUID], hidden: list[UUID]) -> None:
        """Remember what open pages do not have any more, in case it is shown again."""
        for post_id in again:
            del self._away[post_id]
        self._away |= dict.fromkeys(hidden)
        for post_id in list(self._away)[:-MOST_AWAY]:
            del self._away[post_id]

    def _new_facts(self, topics: set[Topic], now: datetime) -> Iterator[Event]:
        if all(topic[0] == "room" for topic in topics):
            return
        columns = ("id", "kind", "campaign_id", "journey_id", "data")
        rows = {row[0]: row[1:] for row in Entry.objects.filter(at__gte=now - WINDOW).values_list(*columns)}
        changed: set[Topic] = set()
        for entry_id in self._entries.fresh(rows, now):
            kind, campaign_id, journey_id, told = rows[entry_id]
            self._kinds[str(campaign_id)].add(kind)
            changed |= {("journey", str(journey_id)), *_line(kind, str(campaign_id), told)}
        for topic in changed & topics:
            yield changed_event(topic, "changed", now)
        for campaign_id in self._scanned({topic[1] for topic in topics if topic[0] == "campaign"}):
            self._kinds[campaign_id].add("scanned")
        yield from self._consoles(topics, now)

    def _scanned(self, campaigns: set[str]) -> set[str]:
        """Those of these campaigns that were scanned since the last look. Their tallies tell: there are too many scans
        to look at each."""
        if not campaigns:
            return set()
        tallies = ScanTally.objects.filter(campaign_id__in=campaigns).order_by().values_list("campaign_id")
        found = {str(campaign_id): count for campaign_id, count in tallies.annotate(sum=Sum("scan_count"))}
        counts = (
            dict.fromkeys(campaigns, 0) | found
        )  # no tally before the first scan, which is to be told too
        before, self._scan_counts = self._scan_counts, counts
        return {each for each, count in counts.items() if each in before and count != before[each]}

    def _consoles(self, topics: set[Topic], now: datetime) -> Iterator[Event]:
        for topic in [("campaign", campaign_id) for campaign_id in self._kinds]:
            if topic not in topics:
                del self._kinds[topic[1]]
            elif self._told_at.get(topic[1], now - CONSOLE_PAUSE) <= now - CONSOLE_PAUSE:
                self._told_at[topic[1]] = now
                yield changed_event(topic, " ".join(sorted(self._kinds.pop(topic[1]))), now)


def _line(kind: str, campaign_id: str, told: dict[str, str]) -> set[Topic]:
    is_about_line = kind in (Fact.LINE_CALLED, Fact.LINE_LEFT) and "visitor" in told
    return {("line", campaign_id, told["visitor"])} if is_about_line else set()


def _owners(posts: Iterable[Post]) -> dict[UUID, str]:
    """Who listens as whom, of those to whom something is said alone."""
    readers = {post.reader_id for post in posts if post.reader_id}
    if not readers:
        return {}
    return {
        person_id: str(visitor_id)
        for person_id, visitor_id in Person.objects.filter(pk__in=readers).values_list("pk", "visitor_id")
    }


def post_event(post: Post, language: str, owner: str = "") -> Event:
    html = _html(post, language)
    return Event(
        ("room", str(post.room_id), language), str(post.id), frame("post", html, str(post.id)), owner
    )


def shown_event(post: Post, now: datetime, language: str) -> Event:
    """A post that was hidden, also for those who were told of it before. The stream goes on where it was."""
    event_id = f"shown {post.id} {now}"
    return Event(("room", str(post.room_id), language), event_id, frame("post", _html(post, language)))


def _html(post: Post, language: str) -> str:
    with translation.override(language):
        return render_to_string("web/_post.html", {"post": post})


def hidden_event(post_id: UUID, room_id: UUID, hidden_at: datetime, language: str) -> Event:
    """In the place of a post, nothing: the page takes away the one it has. The stream goes on where it was."""
    html, event_id = f'<li class="post" id="{post_id}" data-hidden></li>', f"{HIDDEN}{post_id} {hidden_at}"
    return Event(("room", str(room_id), language), event_id, frame("post", html))


def changed_event(topic: Topic, told: str, now: datetime) -> Event:
    """Something happened; the page fetches what. The id only has to differ from one such event to the next."""
    event_id = f"{now.timestamp():.6f}"
    return Event(topic, event_id, frame("changed", told, event_id))


class Watcher:
    """Runs `Eyes` in a thread of its own and hands what they see to the event loop."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start once; further calls change nothing."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, args=(loop,), name="watcher", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread:
            self._thread.join(timeout=3)

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        eyes = Eyes()
        while not self._stopped.wait(EVERY_SECONDS):
            if self._hub.wait(seconds=1) and (events := self._look(eyes)):
                _hand_over(loop, self._hub.publish, events)

    def _look(self, eyes: Eyes) -> list[Event]:
        try:
            close_old_connections()
            return eyes.look(self._hub.topics(), clock.now())
        except Exception:
            # Whatever it was: those who listen only see it later. Without this thread they would never again.
            log.exception("watcher_could_not_look")
            time.sleep(AFTER_TROUBLE_SECONDS)
            return []


def _hand_over(
    loop: asyncio.AbstractEventLoop, publish: Callable[[list[Event]], None], events: list[Event]
) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(publish, events)
