"""Whether the code on a poster that was found is the claimed one, even where it is too small to be read.

Who sends a picture is known, and so is the code that ought to be on it. Where no reader reads it, its modules are
compared with those expected: the lead over codes of the same kind that nobody has (decoys) proves it. How the code
lies is told by its three eyes alone, which all codes share: an impostor gains nothing by that search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import zxingcpp

from tenfold.imaging.arts import Array, correlation, prepared
from tenfold.imaging.decoys import Way, decoys, drawn, like
from tenfold.imaging.fitting import Sight, flattened, mapped
from tenfold.imaging.qr import CodeFacts, FoundCode, Point
from tenfold.imaging.registering import modules_box, quad_of, view_of
from tenfold.imaging.seen import PROVEN, Art, Claim, CodeSeen, PosterSeen, Proven

MARGIN = 0.15  # the lead over the decoys from which a code counts as proven
NOT_COMPARED = -1.0  # another code is read there, or the text is none that a code can hold
# Where a picture is blurred, codes differ in little of it, and the decoys' likeness is spread more widely: the lead is
# counted from so many spreads above the usual one, if that is more than the best of them.
SPREADS = 4.5
FEWEST_DECOYS = 48
FINE = 4  # samples a module
SIGHT = 2.0  # modules around an eye within which it is looked for
BLURS = (0.25, 0.4, 0.55, 0.7, 0.9, 1.2)  # modules
CLEAR = 0.45  # likeness from which an eye is where it was found
READ_MODULE = 6  # pixels a module when the placed code is read once more
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)


def prove(picture: Array, seen: PosterSeen, claim: Claim, codes: Sequence[FoundCode] = ()) -> CodeSeen:
    """How far the claimed code is proven; `codes` are those read already, from anywhere in the picture."""
    return proved(Sight(picture), seen, claim, codes)[0]


def proved(
    sight: Sight, seen: PosterSeen, claim: Claim, codes: Sequence[FoundCode]
) -> tuple[CodeSeen, tuple[FoundCode, ...]]:
    """As `prove`; and all codes, with those that are read when the code's place is looked at more closely."""
    patch = Patch(sight, seen, next(art for art in claim.arts if art.key == seen.art))
    if not any(patch.holds(code) for code in codes):
        codes = [*codes, *patch.read()]
    # One's own code beside another's poster proves nothing.
    there = [code for code in codes if seen.score < PROVEN or patch.holds(code)]
    own = next((code for code in there if code.text == claim.code_text), None)
    if own is not None:
        return decoded(own, claim), tuple(codes)
    margin = NOT_COMPARED if there else patch.margin(claim.code_text, claim.facts)
    module = round(patch.module(claim.code_text, claim.facts), 2)
    is_there = bool(there) or margin >= MARGIN or patch.clearness >= CLEAR
    proven: Proven = "matched" if margin >= MARGIN else ""
    return CodeSeen(proven, round(margin, 4), module, patch.quad if is_there else None), tuple(codes)


def decoded(code: FoundCode, claim: Claim) -> CodeSeen:
    corners = np.array(code.corners, float)
    ways = drawn(claim.code_text, claim.facts)
    side = float(np.hypot(*(corners - np.roll(corners, 1, 0)).T).mean())
    module = round(side / len(ways[0][1]), 2) if ways else 0.0
    return CodeSeen("decoded", 1.0, module, quad_of(corners))


def margins(
    picture: Array, seen: PosterSeen, art: Art, texts: Sequence[str], facts: CodeFacts | None = None
) -> list[float]:
    """The lead of each of these codes over the decoys, on the poster where it was placed."""
    patch = Patch(Sight(picture), seen, art)
    return [patch.margin(text, facts) for text in texts]


@dataclass(frozen=True)
class Modules:
    """What the picture shows of a code of so many modules a side: the light of each, and by how many it is blurred."""

    light: Array
    blur: float
    clearness: float


class Patch:
    """The place of the code on a poster that was found."""

    def __init__(self, sight: Sight, seen: PosterSeen, art: Art) -> None:
        self.sight, self.art = sight, art
        ready = prepared(art)
        self.view = view_of(seen, ready.width, ready.height)
        self._sampled: dict[int, Modules] = {}
        left, top, right, bottom = art.code_box
        square = np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)
        self.corners = mapped(self.view, square)
        self.quad = quad_of(self.corners)

    def module(self, text: str, facts: CodeFacts | None) -> float:
        """Pixels of the picture a module."""
        ways = drawn(text, facts)
        count = len(ways[0][1]) if ways else 25
        box = modules_box(self.art.code_box, count)
        side = float(np.mean(np.hypot(*(self.corners - np.roll(self.corners, 1, 0)).T)))
        return side * (box[2] - box[0]) / (self.art.code_box[2] - self.art.code_box[0]) / count

    def read(self) -> list[FoundCode]:
        """The codes that a reader reads in the patch, set upright and larger."""
        left, top, right, _bottom = self.art.code_box
        scale = READ_MODULE * 40 / (right - left)
        side = round((right - left) * scale)
        flat = flattened(self.sight, self.view, scale, (side, side), (left * scale, top * scale))
        found = zxingcpp.read_barcodes(flat, formats=_QR, text_mode=zxingcpp.TextMode.Plain)
        return [FoundCode(code.text, code.format.name, self._corners_of_all()) for code in found]

    def holds(self, code: FoundCode) -> bool:
        """Whether a code that was read stands where the poster's own does."""
        middle = np.array(code.corners, float).mean(0)
        reach = np.hypot(*(self.corners[0] - self.corners[2])) / 4
        return bool(np.hypot(*(middle - self.corners.mean(0))) < reach)

    @property
    def clearness(self) -> float:
        """How plainly the eyes of a code are there, as far as it was looked for."""
        return max((modules.clearness for modules in self._sampled.values()), default=0.0)

    def _corners_of_all(self) -> tuple[Point, Point, Point, Point]:
        first, second, third, fourth = ((round(x), round(y)) for x, y in self.quad)
        return first, second, third, fourth

    def margin(self, text: str, facts: CodeFacts | None) -> float:
        """The lead of this code, drawn in the way that fits best, over all decoys that are drawn in the same."""
        ways = drawn(text, facts)
        if not ways:
            return NOT_COMPARED
        sizes = sorted({len(modules) for _way, modules in ways})
        fits = {
            count: fit(self.sampled(count), np.stack([own for _way, own in ways if len(own) == count]))
            for count in sizes
        }
        count = max(sizes, key=lambda count: fits[count].max())
        way, own = [each for each in ways if len(each[1]) == count][int(fits[count].argmax())]
        others = _decoys(text, way, count)
        return margin_of(self.sampled(count), own, others) if len(others) >= FEWEST_DECOYS else NOT_COMPARED

    def sampled(self, count: int) -> Modules:
        if count not in self._sampled:
            self._sampled[count] = _sampled(self.sight, self.view, self.art, count)
        return self._sampled[count]


def _sampled(sight: Sight, view: Array, art: Art, count: int) -> Modules:
    box = modules_box(art.code_box, count)
    scale = FINE * count / (box[2] - box[0])
    edge = int(SIGHT * FINE) + FINE
    side = count * FINE + 2 * edge
    corner = box[0] * scale - edge, box[1] * scale - edge
    flat = flattened(sight, view, scale, (side, side), corner).astype(np.float32)
    turned, clearness = _by_eyes(flat, count, edge)
    upright = cv2.warpAffine(flat, turned, (count * FINE,) * 2, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    light = upright.reshape(count, FINE, count, FINE).mean((1, 3))
    return Modules(light, _blur_of(light, count), clearness)


def _eye() -> Array:
    """One of the three eyes with the light line around it: 1 dark, 0 light, a number a module."""
    eye = np.zeros((9, 9), np.float32)
    eye[1:8, 1:8] = 1
    eye[2:7, 2:7] = 0
    eye[3:6, 3:6] = 1
    return eye


def _by_eyes(flat: Array, count: int, edge: int) -> tuple[Array, float]:
    """From the upright code's samples to those of the patch, by where its eyes are found; and how clearly."""
    eye: Array = np.kron(_eye(), np.ones((FINE, FINE), np.float32))
    drawn = cv2.GaussianBlur(-eye, (0, 0), FINE * 0.5)
    reach, far = int(SIGHT * FINE), (count - 7) * FINE
    ideal, found, sure = [], [], []
    for x, y in ((0, 0), (far, 0), (0, far)):
        left, top = x - FINE + edge - reach, y - FINE + edge - reach
        part = flat[top : top + 9 * FINE + 2 * reach, left : left + 9 * FINE + 2 * reach]
        _least, likeness, _at, place = cv2.minMaxLoc(cv2.matchTemplate(part, drawn, cv2.TM_CCOEFF_NORMED))
        ideal.append((x, y))
        found.append((left + place[0] + FINE, top + place[1] + FINE))
        sure.append(likeness)
    return _turned(np.array(ideal, float), np.array(found, float), np.array(sure), edge), float(
        np.median(sure)
    )


def _turned(ideal: Array, found: Array, sure: Array, edge: int) -> Array:
    """The affine map that takes the eyes to where they were found; those not clearly found have no say."""
    clear = sure >= CLEAR
    moved = found - ideal
    usual = moved[clear].mean(0) if clear.any() else np.array([edge, edge], float)
    moved[~clear] = usual
    return np.asarray(cv2.getAffineTransform(ideal.astype(np.float32), (ideal + moved).astype(np.float32)))


def _blur_of(light: Array, count: int) -> float:
    """By how many modules the picture is blurred, as far as the eyes tell."""
    eyes = np.zeros((count, count), np.float32)
    known = np.zeros((count, count), bool)
    dark: Array = -light
    for rows, columns in (
        (slice(0, 8), slice(0, 8)),
        (slice(0, 8), slice(-8, None)),
        (slice(-8, None), slice(0, 8)),
    ):
        eye = _eye()[1:, 1:] if rows.start == 0 else _eye()[:-1, 1:]
        eye = eye if columns.start == 0 else (_eye()[1:, :-1])
        eyes[rows, columns], known[rows, columns] = eye, True
    scores = [correlation(_softened(eyes[None], blur)[:, known], dark[known][None])[0] for blur in BLURS]
    return BLURS[int(np.argmax(scores))]


def _decoys(text: str, way: Way, count: int) -> Array:
    try:
        return decoys(*like(text, way), way, count)
    except ValueError:  # none has the size of this one: it cannot be told from others
        return np.zeros((0, count, count), np.uint8)


def fit(seen: Modules, codes: Array) -> Array:
    """Correlation of what is seen with each of the codes (k, n, n), over the modules that carry text."""
    own = _telling(codes.shape[1])
    expected = _sharpened(_softened(codes, seen.blur))[:, own]
    return correlation(expected, np.repeat(-_sharpened(seen.light[None])[:, own], len(codes), 0))


def margin_of(seen: Modules, code: Array, others: Array) -> float:
    """How far a code is ahead of the best of others, and of what others come to at most."""
    scores = lead(seen, code, others)
    usual, spread = float(scores[1:].mean()), float(scores[1:].std())
    return float(scores[0] - max(scores[1:].max(), usual + SPREADS * spread))


def lead(seen: Modules, code: Array, others: Array) -> Array:
    """Correlation of what makes a code its own with that of what is seen: the code's first, then that of each of the
    others. What all of them share is taken out of both."""
    own = _telling(len(code)) & (others != code).any(0)
    expected = _sharpened(_softened(np.concatenate([code[None], others]), seen.blur))[:, own]
    light = -_sharpened(seen.light[None])[:, own]
    usual = expected[1:].mean(0)
    usual = usual - usual.mean()
    light = light - light.mean()
    light = light - usual * (light @ usual)[:, None] / (usual @ usual + 1e-6)
    expected = expected - expected[1:].mean(0)
    return correlation(expected, np.repeat(light, len(expected), 0))


def _softened(codes: Array, blur: float) -> Array:
    """Each of (k, n, n) codes as it looks when it is blurred."""
    steps = np.arange(codes.shape[1])
    weights = np.exp(-((steps[:, None] - steps[None]) ** 2) / (2 * blur**2))
    weights = (weights / weights.sum(1).max()).astype(np.float32)
    return np.asarray(weights @ codes.astype(np.float32) @ weights)


def _sharpened(values: Array) -> Array:
    """Without what changes slowly, which stickers, folds and glare bring: (k, n, n)."""
    return np.stack([value - cv2.blur(value.astype(np.float32), (7, 7)) for value in values])


def _telling(count: int) -> Array:
    """All modules but those that codes of a size share: eyes with their light lines, and the alternating lines."""
    telling = np.ones((count, count), bool)
    telling[:8, :8] = telling[:8, -8:] = telling[-8:, :8] = False
    telling[6, :] = telling[:, 6] = False
    return telling
