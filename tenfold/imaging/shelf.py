"""Claims on their way to a process that looks at screenshots: each art is sent once, and kept there."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tenfold.imaging import plain
from tenfold.imaging.frames import Frame
from tenfold.imaging.seen import Art, Claim

MOST_KEPT = 32


class Shelf:
    """The arts that both sides know, the longest unused first. Each side has one; since both do the same in the same
    order, both forget the same ones too."""

    def __init__(self) -> None:
        self._arts: OrderedDict[str, Art] = OrderedDict()

    def packed(self, claim: Claim) -> Frame:
        """The sender's part: the claim without the pictures that the other side has."""
        arts = tuple(replace(art, picture=b"") for art in claim.arts)
        is_new = [self._put(art) for art in arts]
        pictures = [art.picture for art, new in zip(claim.arts, is_new, strict=True) if new]
        told = plain.told(replace(claim, arts=arts, posters=()))
        return Frame({"claim": told, "new": is_new}, (*pictures, *claim.posters))

    def unpacked(self, told: dict[str, Any], blobs: Sequence[bytes]) -> Claim:
        """The receiver's part."""
        claim = plain.read(Claim, told["claim"])
        pictures = iter(blobs)
        arts = []
        for art, is_new in zip(claim.arts, told["new"], strict=True):
            self._put(replace(art, picture=next(pictures)) if is_new else art)
            arts.append(self._arts[art.key])
        return replace(claim, arts=tuple(arts), posters=tuple(pictures))

    def _put(self, art: Art) -> bool:
        """To the end; whether it is new here."""
        is_new = art.key not in self._arts
        if is_new:
            self._arts[art.key] = art
        self._arts.move_to_end(art.key)
        while len(self._arts) > MOST_KEPT:
            self._arts.popitem(last=False)
        return is_new
