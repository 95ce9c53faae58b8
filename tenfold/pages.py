"""The pages' own process, as `tenfold.asgi` starts it (`edge.apart`): its standard input is a socket."""

from __future__ import annotations

import asyncio
import os
import signal
import socket

from tenfold import turns


def main() -> None:
    # Ctrl-C reaches us too; whoever started us decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # And not as the door, from which we come: when we have died it has long gone ahead.
    turns.fall_in()
    turns.take_turns(turns.ORDINARY)
    control = socket.socket(fileno=os.dup(0))
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)

    from tenfold.wsgi import application as wsgi  # first, as it sets Django up

    # isort: split
    from django.urls import get_resolver

    from tenfold.base.sqlite.base import holders_go_ahead
    from tenfold.edge.apart import answer_for
    from tenfold.edge.pages import Pages
    from tenfold.edge.process import settle_in
    from tenfold.imaging import intake

    _ = get_resolver().url_patterns  # so that the first visitor need not wait for it
    settle_in()
    holders_go_ahead()
    asyncio.run(answer_for(Pages(wsgi), control))
    intake.close()
    os._exit(0)  # a thread that still works on a page keeps nobody waiting


if __name__ == "__main__":
    main()
