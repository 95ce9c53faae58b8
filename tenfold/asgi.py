"""The whole product behind one port: the doors in front, and the pages behind them in a process of their own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tenfold import parent, turns
from tenfold.edge.apart import Apart

if TYPE_CHECKING:
    from tenfold.edge.protocol import App

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tenfold.settings")


def _loaded() -> App:
    pages = Apart("-m", "tenfold.pages")  # first of all, so that both processes load at the same time
    import django
    import structlog

    django.setup()
    # isort: split
    from django.conf import settings
    from django.urls import get_resolver
    from granian.utils.proxies import wrap_asgi_with_proxy_headers

    from tenfold.edge.front import Front
    from tenfold.edge.process import settle_in

    turns.take_turns(turns.SHORT)
    # The door alone, not the pages; and not where in a flood no core were left to all others of the machine.
    if settings.AHEAD and int(os.environ.get(turns.DOORS, "1")) < turns.cores() and turns.go_ahead():
        structlog.get_logger(__name__).info("door_goes_ahead")
    # What is shown at the door has links to pages: importing them now keeps the first visitor from waiting for that.
    _ = get_resolver().url_patterns
    front: App = Front(pages)
    if settings.TRUSTED_PROXIES:
        front = wrap_asgi_with_proxy_headers(front, settings.TRUSTED_PROXIES)
    settle_in()
    return front


parent.end_with_parent()
application = _loaded()
