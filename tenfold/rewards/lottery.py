"""The arithmetic of a draw that anybody can repeat. Plain values in and out; `tests/outside/check_draw.py` does the
same without any of our code.

1. Before anybody can win, the fingerprint of a secret is published: the secret cannot be chosen any more.
2. At the end the entries are numbered from 1 on; the fingerprint of their list is published with them.
3. A public value that nobody could know when the secret was chosen may be mixed in: then not even whoever can read the
   secret knows who will win.
4. The lot of a number is sha256("secret:public value:number"); the lowest lots, as hexadecimal letters, win in order.
"""

from __future__ import annotations

import heapq
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

LETTERS_OF_TOKEN = 20
FORMULA = 'sha256("secret:public value:number"), lowest first'


@dataclass(frozen=True)
class Odds:
    """`winners` of `entrants` win. With fewer entrants than prizes all of them do."""

    winners: int
    entrants: int

    @property
    def share(self) -> float:
        return min(1.0, self.winners / self.entrants) if self.entrants else 1.0


def new_secret() -> str:
    return secrets.token_hex(32)


def commitment_of(secret: str) -> str:
    return _fingerprint(secret)


def token_of(draw_id: object, journey_id: object) -> str:
    """What an entry is called in public: its owner finds it on their page, and nobody else learns whose it is."""
    return _fingerprint(f"{draw_id}:{journey_id}")[:LETTERS_OF_TOKEN]


def entrants_hash(tokens: Iterable[str]) -> str:
    """Of the tokens in the order of their numbers, each with its number on a line of its own."""
    whole = sha256()
    for number, token in enumerate(tokens, start=1):
        whole.update(f"{number} {token}\n".encode())
    return whole.hexdigest()


def lot_of(secret: str, public_text: str, number: int) -> str:
    return _fingerprint(f"{secret}:{public_text}:{number}")


def winners_of(*, secret: str, public_text: str, entrants: int, winners: int) -> list[int]:
    """The numbers that win, the first prize first; all of them where there are no more than prizes."""
    numbers = range(1, entrants + 1)
    return heapq.nsmallest(winners, numbers, key=lambda number: lot_of(secret, public_text, number))


def _fingerprint(text: str) -> str:
    return sha256(text.encode()).hexdigest()
