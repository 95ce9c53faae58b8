"""Where a product that is really started may stand: a port, and an environment that says nothing of the tests'."""

from __future__ import annotations

import os
import socket
from contextlib import closing

import pytest


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment(patch: pytest.MonkeyPatch) -> None:
    """What a person's shell would have: nothing of ours."""
    for name in [name for name in os.environ if name.startswith(("TENFOLD_", "DJANGO_", "PYTHON"))]:
        patch.delenv(name)
    patch.delenv("DATABASE_URL", raising=False)
