"""Whether the codes in pictures stand at the address that codes are looked for at: a command set up otherwise than the
server takes everybody's own code for another one."""

from __future__ import annotations

import os
from collections.abc import Mapping

import click

from tenfold.proofs.case import Owner

NAME = "TENFOLD_PUBLIC_URL"
OF_CAMPAIGN = ("own", "other_person", "channel")
LONGEST = 200


class Watch:
    """Over all that is read in one run, `address` being the public one; without one nothing is compared."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.is_told = False
        self.is_confirmed = False
        """A code of the campaign was read at the public address."""

    def elsewhere(self, belongs: Mapping[str, Owner]) -> list[str]:
        """Codes of the campaign that stand at another address. The first one is told."""
        ours = [text for text, owner in belongs.items() if self.address and owner in OF_CAMPAIGN]
        far = [text for text in ours if _stem(text) != self.address.upper()]
        self.is_confirmed |= len(far) < len(ours)
        if far and not self.is_told:
            self.is_told = True
            click.echo(self._mismatch(far[0]), err=True)
        return far

    def conclude(self) -> None:
        """An own code that is only matched is matched at the public address: nobody sees by it that this is wrong."""
        is_known = self.is_told or self.is_confirmed or NAME in os.environ
        if self.address and not is_known:
            said = f"{NAME} is not set: codes were looked for at {self.address}. Is that the server's?"
            click.echo(said, err=True)

    def _mismatch(self, text: str) -> str:
        there = _stem(text).lower()[:LONGEST]
        return (
            f"A code of this campaign was read at {there!r}, and not at {self.address!r}, the public address here: "
            f"the worker's verdict may be another. Set {NAME} as it is set for the server."
        )


def _stem(text: str) -> str:
    return text.strip().upper().partition("/C/")[0]
