#!/usr/bin/env python3
# ruff: noqa: T201
"""Repeat a draw from what is published of it, without any code of the product.

    python3 check_draw.py draw.json [TOKEN]

The file is what the page of a draw offers for download (its address and `.json`). TOKEN is what your own page shows as
yours: then it also says which number you had. Exit 0 when everything agrees, 1 when something does not.
"""

import hashlib
import json
import sys
from typing import Any


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def troubles_of(draw: dict[str, Any]) -> list[str]:
    """What does not agree with what was published; empty for an honest draw."""
    secret, public = draw["secret"], draw["public_text"]
    tokens, winners = draw["entries"], draw["winners"]
    listed = "".join(f"{number} {token}\n" for number, token in enumerate(tokens, start=1))
    lots = sorted(range(1, len(tokens) + 1), key=lambda number: sha256(f"{secret}:{public}:{number}"))
    checks = [
        ("the secret is not the one that was promised", sha256(secret) == draw["commitment"]),
        ("the list of entries is not the one that was fixed", sha256(listed) == draw["entrants_hash"]),
        ("the number of entries is wrong", len(tokens) == draw["entrants_count"]),
        ("somebody is in the list twice", len(set(tokens)) == len(tokens)),
        ("the winners are not those that the lots say", winners == lots[: draw["winners_count"]]),
    ]
    return [trouble for trouble, is_right in checks if not is_right]


def main(arguments: list[str]) -> int:
    with open(arguments[0], encoding="utf-8") as file:
        draw = json.load(file)
    if draw.get("secret") is None:
        print("Not drawn yet: there is only the promise,", draw["commitment"])
        return 1
    troubles = troubles_of(draw)
    print("\n".join(troubles) if troubles else f"Agrees. Winning numbers: {draw['winners']}")
    if len(arguments) > 1:
        print("Your number:", 1 + draw["entries"].index(arguments[1]))
    return 1 if troubles else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
