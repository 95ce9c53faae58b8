"""A labelled set of screenshots: `img/`, `labels.jsonl`, `campaigns/`, and what each of them claims to be.

A line of labels tells of one picture: `file`, `cls` ("pos" or the kind of wrong), `kind` of screen, `level` of damage,
`qr_text` of the code that is drawn, `cid` of the campaign it is for (null for wrong ones), `art` whose poster is drawn,
`qr_visible`, `privacy`, `nick`. All but `file` and `cls` may be missing. Of what a dishonest sender made of their own
post, which only some may see (neg_restricted) or which is older than the plan allows (neg_old), `trick` names the way,
and `oldest_hours` is what the plan asks for, 0 for any age.

Who sends a genuine one, or a trick, claims its campaign and its code. Who sends another wrong one claims a campaign of
the set and has a code of their own that is not in the picture: for a foreign code on our poster (neg_qrswap) the
poster's campaign, for the same art with other words (neg_sibling) the campaign whose art is most alike, else any.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tenfold.imaging.seen import Art, Claim
from tenfold.up.campaign_files import art_of

POSTS = ("feed", "detail", "grid")
LETTERS, CAPITALS, DIGITS = "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789"
SomeArt = Callable[[Art, Art], float]


@dataclass(frozen=True)
class Label:
    """One picture as its maker labels it."""

    file: str
    cls: str
    kind: str = ""
    level: str = ""
    qr_text: str = ""
    cid: str = ""
    art: str = ""
    nick: str = ""
    privacy: str = "none"
    qr_visible: bool = True
    trick: str = ""
    oldest_hours: int = 0
    module_px: float = 0.0
    quad: tuple[tuple[float, float], ...] = ()

    @property
    def is_genuine(self) -> bool:
        return self.cls == "pos"

    @property
    def is_own(self) -> bool:
        """Whether the code of who sends it is on it."""
        return self.is_genuine or bool(self.trick)

    @property
    def is_restricted(self) -> bool:
        return self.kind in POSTS and self.privacy not in ("", "none")

    @property
    def is_grid(self) -> bool:
        return self.kind == "grid"

    @property
    def truths(self) -> frozenset[str]:
        """The reason codes that are true of it; empty where it should be approved."""
        return (_WRONG.get(self.cls, frozenset()) if not self.is_genuine else frozenset()) | (
            frozenset({"restricted_audience"}) if self.is_restricted else frozenset()
        )


_WRONG = {
    "neg_qrswap": frozenset({"wrong_code", "wrong_person"}),
    "neg_sibling": frozenset({"wrong_code", "no_poster"}),
    "neg_other": frozenset({"wrong_code", "no_poster"}),
    "neg_noposter": frozenset({"no_poster"}),
    "neg_restricted": frozenset({"restricted_audience"}),
    "neg_old": frozenset({"too_old"}),
}


@dataclass
class ScreenSet:
    folder: Path
    labels: list[Label]
    arts: Mapping[str, Art]
    """Posters by campaign."""
    similarity: SomeArt | None = None
    _alike: dict[str, str] = field(default_factory=dict)

    @cached_property
    def known(self) -> list[str]:
        """Campaigns that genuine screenshots are of."""
        return sorted({label.cid for label in self.labels if label.is_genuine and label.cid in self.arts})

    @cached_property
    def form(self) -> str:
        """A code of the set's own, for others of the same form."""
        return next(label.qr_text for label in self.labels if label.is_genuine and label.qr_text)

    def picture(self, label: Label) -> bytes:
        return (self.folder / "img" / label.file).read_bytes()

    def claim(self, label: Label) -> Claim:
        art = self.arts[self.claimed(label)]
        text = label.qr_text if label.is_own else fresh(self.form, dice_of(label, "own"))
        return Claim(arts=(art,), code_text=text, nickname=label.nick)

    def claimed(self, label: Label) -> str:
        """The campaign that its sender takes part in."""
        if label.is_own or (label.cls == "neg_qrswap" and label.art in self.arts):
            return label.cid or label.art
        if label.cls == "neg_sibling" and label.art in self.arts and self.similarity:
            return self._most_alike(label.art)
        return dice_of(label, "campaign").choice(self.known)

    def _most_alike(self, cid: str) -> str:
        if cid not in self._alike:
            art, similarity = self.arts[cid], self.similarity
            assert similarity
            self._alike[cid] = max(self.known, key=lambda other: similarity(art, self.arts[other]))
        return self._alike[cid]

    def impostors(self, label: Label, count: int) -> list[str]:
        """So many codes of other people, others for each picture."""
        dice, claimed = dice_of(label, "impostors"), self.claim(label).code_text
        made = (fresh(claimed, dice) for _nth in range(2 * count))
        return [text for text in dict.fromkeys(made) if text not in (claimed, label.qr_text)][:count]


def read_set(folder: Path) -> ScreenSet:
    lines = (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    labels = [_label(json.loads(line)) for line in lines if line.strip()]
    arts = {path.stem: art_of(path) for path in sorted((folder / "campaigns").glob("*.json"))}
    return ScreenSet(folder, labels, arts)


def sampled(labels: Sequence[Label], count: int) -> list[Label]:
    """Every so manyeth of them, so that all kinds and levels are among them."""
    if not count or count >= len(labels):
        return list(labels)
    ordered = sorted(labels, key=lambda label: (label.cls, label.kind, label.level, label.file))
    return [ordered[nth * len(ordered) // count] for nth in range(count)]


def dice_of(label: Label, purpose: str) -> random.Random:
    """The same for the same picture in every run."""
    return random.Random(hashlib.sha256(f"{label.file} {purpose}".encode()).digest())


def fresh(text: str, dice: random.Random) -> str:
    """A code of the same form: the last part of the address drawn anew from the kinds of characters it has."""
    stem, slash, last = text.rpartition("/")
    kinds = [kind for kind in (LETTERS, CAPITALS, DIGITS) if any(letter in kind for letter in last)]
    pool = "".join(kinds)
    return stem + slash + "".join(dice.choice(pool) if letter in pool else letter for letter in last)


def _label(told: dict[str, Any]) -> Label:
    known = {name: told[name] for name in Label.__dataclass_fields__ if told.get(name) is not None}
    if "quad" in known:
        known["quad"] = tuple((float(x), float(y)) for x, y in known["quad"])
    if "qr_visible" not in known:
        known["qr_visible"] = known.get("kind") != "grid" and bool(known.get("qr_text"))
    return Label(**known)
