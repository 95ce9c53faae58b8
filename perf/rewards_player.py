"""One database under `./dev bench rewards`: it joins people and opens pages when it is told to, and says how long each
took. In a process of its own, as Django knows one database.

python -m perf.rewards_player FILE

reads from standard input a line "joins 20", "board 10" or "constant 10" at a time, and answers each with its seconds as
one line of JSON. FILE is what `perf.rewards_stage` has written.
"""

from __future__ import annotations

import cProfile
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test import Client

    from tenfold.people.models import Journey

# The friends whom those had so far through whom people join, time and again: eight of ten come to a step of the ladder.
BY_FRIENDS = (0, 1, 0, 2, 0, 3, 0, 1, 0, 0)
PROFILE = "BENCH_PROFILE"


class Player:
    def __init__(self, file: Path, seed: int = 1) -> None:
        self._slugs: dict[int, list[str]] = defaultdict(list)
        for line in file.read_text().splitlines():
            slug, friends = line.split()
            self._slugs[int(friends)].append(slug)
        dice = Random(seed)
        for slugs in self._slugs.values():
            dice.shuffle(slugs)
        self._turns = cycle(BY_FRIENDS)
        self._clients: dict[str, Client] = {}
        self._reader = self._somebody()

    def joins(self) -> None:
        """Somebody scans, gets a seat and joins; whoever brought them gets the credit, and what it earns them."""
        from tenfold import flow

        friends = next(self._turns)
        slug = self._slugs[friends].pop()
        shown = flow.scanned(slug=slug, visitor_id=None)
        group = shown.group
        assert group, shown.outcome
        flow.joined(
            group=group,
            visitor_id=shown.visitor_id,
            nickname="Newcomer",
            has_consented=True,
            language="en",
        )
        self._slugs[friends + 1].insert(0, slug)

    def board(self) -> None:
        """The page of the board, for somebody in its middle."""
        self._get(f"/board/{self._reader.campaign_id}/")

    def constant(self) -> None:
        """A page that asks the database nothing."""
        self._get("/")

    def _get(self, address: str) -> None:
        answer = self._client().get(address)
        assert answer.status_code == 200, answer.status_code

    def _client(self) -> Client:
        from django.test import Client

        from tenfold.base import visitor

        if "reader" not in self._clients:
            client = Client(headers={"accept-language": "en"})
            client.cookies[visitor.COOKIE] = visitor.write(self._reader.person.visitor_id)
            self._clients["reader"] = client
        return self._clients["reader"]

    def _somebody(self) -> Journey:
        """In the middle of the largest block there is: of those with one friend."""
        from tenfold.people.models import Journey

        ones = Journey.objects.filter(valid_count=1).order_by("counted_seq").select_related("person")
        return ones[len(self._slugs[1]) // 2]


def timed(act: Callable[[], None], times: int) -> Iterator[float]:
    for _nth in range(times):
        began = time.perf_counter()
        act()
        yield time.perf_counter() - began


def main(file: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenfold.settings")
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["*"]
    # The manifest of hashed names is made when the product is set up.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    player = Player(Path(file))
    profile = cProfile.Profile() if os.environ.get(PROFILE) else None
    for line in sys.stdin:
        what, times = line.split()
        if profile and what == os.environ[PROFILE]:
            profile.enable()
        seconds = list(timed(getattr(player, what), int(times)))
        if profile:
            profile.disable()
        print(json.dumps(seconds), flush=True)
    if profile:
        profile.dump_stats(f"{file}.profile")


if __name__ == "__main__":
    main(*sys.argv[1:])
