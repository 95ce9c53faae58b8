"""Screenshots that are one shot, and screenshots that only look like it: eight edits of some, and honest pairs.

Honest pairs are other people's: of the set, all of one campaign and kind of screen; and drawn for this, people of one
campaign with the same phone, so that nothing differs but what people have of their own.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from PIL import Image

from perf.review_copies import copies
from perf.review_looks import Seen, cleaned, look_at, verdict
from perf.review_set import ScreenSet, dice_of, fresh, sampled
from tenfold.imaging.avatars import monogram_image
from tenfold.imaging.fonts import face
from tenfold.imaging.qr import qr_image
from tenfold.imaging.seen import Art, Claim, Findings, Kind
from tenfold.imaging.shapes import Box

if TYPE_CHECKING:
    from tenfold.proofs.copies import Match

LEVELS = ("clean", "light", "wechat", "heavy", "overlay", "")
MOST_PAIRS = 20_000
PHONES, PEOPLE = 6, 12
NAMED = {"clock repainted": "clock_edited", "age repainted": "age_edited"}


@dataclass(frozen=True)
class CopySeen:
    """One altered copy held against its base. `approvals` counts of three senders those whom it was approved for:
    another participant; who was approved for it before; who was not, because it was too old, and has edited it."""

    edit: str
    level: str
    kind: str
    """Likely is not found: it is held against the sender's own alone, for a person."""
    approvals: int
    has_reason: bool

    @property
    def is_found(self) -> bool:
        return self.kind not in ("likely", "other")


def some_bases(seen: Sequence[Seen], count: int) -> list[Seen]:
    """Genuine ones whose code is to be seen, spread over all kinds and levels; photographs are never edited."""
    good = {each.label.file: each for each in seen if each.label.is_genuine and each.label.qr_visible}
    labels = [each.label for each in good.values() if each.label.level in LEVELS]
    return [good[label.file] for label in sampled(labels, count)] if labels else []


def copies_seen(screens: ScreenSet, bases: Iterable[Seen]) -> Iterator[CopySeen]:
    from tenfold.imaging.likeness import alike

    for base in bases:
        claim = screens.claim(base.label)
        other = replace(claim, code_text=fresh(claim.code_text, dice_of(base.label, "other")))
        for edit, picture in copies(screens.picture(base.label), base.findings):
            kept = cleaned(picture)
            own, theirs = look_at(kept, claim), look_at(kept, other)
            kind = alike(own.fingerprint, base.findings.fingerprint).kind
            made = [
                verdict(theirs, other, match(kind, is_own=False)),
                verdict(own, claim, match(kind, is_own=True)),
            ]
            if edit in NAMED:
                made.append(verdict(own, claim, match(kind, is_own=True, reason="too_old")))
            approvals = sum(outcome == "pass" for outcome, _reasons, _missing in made)
            yield CopySeen(edit, base.label.level, kind, approvals, "already_used" in made[1][1])


def match(kind: Kind, *, is_own: bool, reason: str = "") -> Match | None:
    """The base as the rules want to be told of it: approved, or not for this reason."""
    from tenfold.proofs.copies import Match

    if kind == "other" or (kind == "likely" and not is_own):
        return None
    nobody, state = UUID(int=0), "rejected" if reason else "approved"
    return Match(nobody, None, nobody, nobody, kind, 1.0, (), is_own, True, state, reason)


@dataclass(frozen=True)
class Pairs:
    """`persons` are how alike face and name were to the sender's own, where that was looked at."""

    compared: int = 0
    false: int = 0
    examples: tuple[str, ...] = ()
    persons: tuple[float, ...] = ()


def pairs_of(shots: Iterable[tuple[str, bytes]], already: Pairs = Pairs()) -> Pairs:
    """Honest shots by name, each held against each other."""
    from tenfold.imaging.likeness import alike

    compared, wrong = already.compared, list(already.examples)
    for (one, first), (other, second) in combinations(shots, 2):
        compared += 1
        likeness = alike(first, second)
        if likeness.kind not in ("likely", "other"):
            wrong.append(f"{one} / {other}: {likeness.kind} {likeness.share:.2f}")
    false = already.false + len(wrong) - len(already.examples)
    return replace(already, compared=compared, false=false, examples=tuple(wrong))


def pairs_in_set(seen: Sequence[Seen]) -> Pairs:
    """Of one poster and one kind of screen, whoever they are of."""
    groups: dict[tuple[str, str], list[Seen]] = {}
    for each in seen:
        if each.label.is_genuine:
            groups.setdefault((each.label.cid, each.label.kind), []).append(each)
    found = Pairs()
    for group in groups.values():
        if found.compared < MOST_PAIRS:
            found = pairs_of([(each.label.file, each.findings.fingerprint) for each in group], found)
    return found


def pairs_drawn(screens: ScreenSet, seed: int = 1) -> Pairs:
    """Of one phone each, so of one size, one look and one kind of screen."""
    found = Pairs()
    for nth, cid in enumerate(islice(screens.known, PHONES)):
        shots = _phone(screens.arts[cid], screens.form, Random(f"{seed} {nth}"))
        found = pairs_of([(name, seen.fingerprint) for name, seen in shots], found)
        shares = (seen.person_share for _name, seen in shots)
        found = replace(found, persons=(*found.persons, *(share for share in shares if share is not None)))
    return found


def _phone(art: Art, form: str, dice: Random) -> list[tuple[str, Findings]]:
    from tenfold.simulation.names import some_nickname
    from tenfold.simulation.screenshots import screenshot, some_look

    look = some_look(dice)
    made = []
    for nth in range(PEOPLE):
        name, text = some_nickname(dice)[0], fresh(form, dice)
        poster = stamped(art, text, name)
        shot = screenshot(poster, nickname=name, look=look, dice=Random(dice.random()), screen="detail")
        claim = Claim((art,), text, nickname=name, posters=(poster,))
        made.append((f"{art.key[:6]} {nth} {name}", look_at(cleaned(shot), claim)))
    return made


def stamped(art: Art, text: str, name: str) -> bytes:
    """A person's own poster, drawn where the art has its places."""
    with Image.open(io.BytesIO(art.picture)) as opened:
        image = opened.convert("RGB")
    _put(image, art.code_box, code_plate(text, art.code_box))
    if art.avatar_box:
        _put(image, art.avatar_box, monogram_image(name, art.avatar_box[2] - art.avatar_box[0]))
    if art.name_box:
        _write(image, art.name_box, name)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=92)
    return out.getvalue()


def code_plate(text: str, box: Box) -> Image.Image:
    """In the middle of a white plate, as large as whole pixels a module allow."""
    side = box[2] - box[0]
    modules = qr_image(text, module=1).width
    plate = Image.new("RGB", (side, side), "white")
    code = qr_image(text, module=max(1, side // modules)).convert("RGB")
    plate.paste(code, ((side - code.width) // 2, (side - code.height) // 2))
    return plate


def _put(image: Image.Image, box: Box, part: Image.Image) -> None:
    image.paste(part.convert("RGB").resize((box[2] - box[0], box[3] - box[1])), (box[0], box[1]))


def _write(image: Image.Image, box: Box, name: str) -> None:
    from PIL import ImageDraw

    font = face(round((box[3] - box[1]) * 0.42), 600)
    ImageDraw.Draw(image).text((box[0], box[1]), name, font=font, fill=(255, 255, 255))
