"""How a process that serves sets itself up, once it has loaded everything."""

from __future__ import annotations

import gc
import sys

# How long a thread that computes keeps the interpreter from others; Python's own choice is 0.005.
SWITCH_SECONDS = 0.0005


def settle_in() -> None:
    """Short turns, and what is loaded by now stays. A collector that looks through all of it again and again, as it
    does after every few hundred new objects, takes up to a fifth of a launch night's time; 20,000 of them are 10 MB at
    most."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
