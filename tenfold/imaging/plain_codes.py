"""QR codes as most writers draw them: the whole text in one segment, in the smallest version that holds it.

`qr` writes the codes of this house, and splits a text where that saves modules. A picture may show a code that another
writer drew; what it may look like is computed here for many texts at once. Versions 1 to 15, by ISO/IEC 18004.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from tenfold.imaging.arts import Array

_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VERSIONS = range(1, 16)
_LEVEL_BITS = {"L": 1, "M": 0, "Q": 3, "H": 2}
# By version from 1: codewords of correction in each block, and blocks.
_CORRECTION = {
    "L": (7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22),
    "M": (10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24),
    "Q": (13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30),
    "H": (17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24),
}
_BLOCKS = {
    "L": (1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6),
    "M": (1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10),
    "Q": (1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12),
    "H": (1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18),
}


def plain_modules(
    texts: Sequence[str], level: str, *, masks: Sequence[int] = range(8), starts_empty: bool = False
) -> Array | None:
    """(texts, masks, n, n), 1 for dark; None if they are too long. All texts have the same length and letters.

    Some writers leave the first byte behind the text empty before they fill up the rest: `starts_empty`.
    """
    version = next((one for one in _VERSIONS if _fits(texts[0], level, one)), None)
    if version is None:
        return None
    codewords = np.stack([_codewords(text, level, version, starts_empty) for text in texts])
    bits = np.unpackbits(_interleaved(codewords, level, version), axis=1)
    fixed, order = _ground(version)
    modules = np.repeat(fixed[None], len(texts), 0).astype(np.uint8)
    places = order[: bits.shape[1]]
    modules[:, places[:, 1], places[:, 0]] = bits
    return np.stack([_masked(modules, order, level, mask) for mask in masks], 1)


def _masked(modules: Array, order: Array, level: str, mask: int) -> Array:
    masked = modules.copy()
    x, y = order[:, 0], order[:, 1]
    masked[:, y, x] ^= _flips(mask, x, y).astype(np.uint8)
    bits = _format_bits(level, mask)
    count = modules.shape[1]
    for at in range(15):
        (x1, y1), (x2, y2) = _format_places(at, count)
        masked[:, y1, x1] = masked[:, y2, x2] = bits >> at & 1
    return masked


def _flips(mask: int, x: Array, y: Array) -> Array:
    terms = (
        lambda: (x + y) % 2,
        lambda: y % 2,
        lambda: x % 3,
        lambda: (x + y) % 3,
        lambda: (x // 3 + y // 2) % 2,
        lambda: x * y % 2 + x * y % 3,
        lambda: (x * y % 2 + x * y % 3) % 2,
        lambda: ((x + y) % 2 + x * y % 3) % 2,
    )
    return np.asarray(terms[mask]() == 0)


def _format_bits(level: str, mask: int) -> int:
    told = _LEVEL_BITS[level] << 3 | mask
    rest = told
    for _bit in range(10):
        rest = rest << 1 ^ (rest >> 9) * 0b10100110111
    return (told << 10 | rest) ^ 0b101010000010010


def _format_places(at: int, count: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The two places of a bit, the lowest first, as (x, y)."""
    upright = (*range(6), 7, 8)
    first = (8, upright[at]) if at < 8 else ((7 if at == 8 else 14 - at), 8)
    second = (count - 1 - at, 8) if at < 8 else (8, count - 15 + at)
    return first, second


# --- the text --------------------------------------------------------------------------------------------------


def _mode(text: str) -> int:
    """1 for digits, 2 for what has upper case alone, 4 for anything else."""
    if text.isdigit():
        return 1
    return 2 if all(letter in _ALPHANUMERIC for letter in text) else 4


def _count_bits(mode: int, version: int) -> int:
    return {1: (10, 12), 2: (9, 11), 4: (8, 16)}[mode][version >= 10]


def _payload(text: str, mode: int) -> str:
    if mode == 1:
        threes = [text[at : at + 3] for at in range(0, len(text), 3)]
        return "".join(f"{int(three):0{3 * len(three) + 1}b}" for three in threes)
    if mode == 4:
        return "".join(f"{byte:08b}" for byte in text.encode())
    values = [_ALPHANUMERIC.index(letter) for letter in text]
    pairs = [values[at : at + 2] for at in range(0, len(values), 2)]
    return "".join(f"{two[0] * 45 + two[1]:011b}" if len(two) == 2 else f"{two[0]:06b}" for two in pairs)


def _room(level: str, version: int) -> int:
    """Codewords for data."""
    return _all_codewords(version) - _CORRECTION[level][version - 1] * _BLOCKS[level][version - 1]


def _fits(text: str, level: str, version: int) -> bool:
    mode = _mode(text)
    needed = 4 + _count_bits(mode, version) + len(_payload(text, mode))
    return needed <= 8 * _room(level, version)


def _codewords(text: str, level: str, version: int, starts_empty: bool) -> Array:
    mode, room = _mode(text), _room(level, version)
    size = len(text.encode()) if mode == 4 else len(text)
    bits = f"{mode:04b}{size:0{_count_bits(mode, version)}b}{_payload(text, mode)}"
    bits += "0" * min(4, 8 * room - len(bits))
    bits += "0" * (8 - len(bits) % 8 if starts_empty else -len(bits) % 8)
    words = [int(bits[at : at + 8], 2) for at in range(0, len(bits), 8)]
    words += [0xEC, 0x11] * room
    return np.array(words[:room], np.uint8)


# --- its correction ----------------------------------------------------------------------------------------------


def _interleaved(data: Array, level: str, version: int) -> Array:
    """(texts, codewords): those of all blocks in turn, then their correction in turn."""
    blocks, correcting = _BLOCKS[level][version - 1], _CORRECTION[level][version - 1]
    short, longer = divmod(data.shape[1], blocks)
    ends = np.cumsum([short + (nth >= blocks - longer) for nth in range(blocks)])
    parts = np.split(data, ends[:-1], axis=1)
    corrections = [_correction(part, correcting) for part in parts]
    words = [part[:, at] for at in range(short + 1) for part in parts if at < part.shape[1]]
    words += [part[:, at] for at in range(correcting) for part in corrections]
    return np.stack(words, 1)


def _correction(data: Array, count: int) -> Array:
    """(texts, count): the remainder by Reed and Solomon."""
    powers, logs = _field()
    divisor = logs[_divisor(count)]
    rest = np.zeros((len(data), count), np.uint8)
    for word in data.T:
        factor = word ^ rest[:, 0]
        rest = np.concatenate([rest[:, 1:], np.zeros((len(data), 1), np.uint8)], 1)
        product = powers[(logs[factor][:, None] + divisor[None]) % 255]
        rest ^= np.where(factor[:, None] == 0, 0, product).astype(np.uint8)
    return rest


@cache
def _field() -> tuple[Array, Array]:
    powers, logs, value = np.zeros(255, np.uint8), np.zeros(256, int), 1
    for at in range(255):
        powers[at], logs[value] = value, at
        value = value << 1 ^ (value >> 7) * 0x11D
    return powers, logs


@cache
def _divisor(count: int) -> Array:
    """The product of all (x - 2^k), without its first factor, which is one."""
    powers, logs = _field()
    product: Array = np.array([1], np.uint8)
    for root in range(count):
        lower = np.where(product == 0, 0, powers[(logs[product] + root) % 255]).astype(np.uint8)
        product = np.append(product, 0) ^ np.insert(lower, 0, 0)
    return product[1:]


# --- what all codes of a version share -----------------------------------------------------------------------------


@cache
def _all_codewords(version: int) -> int:
    return len(_ground(version)[1]) // 8


@cache
def _ground(version: int) -> tuple[Array, Array]:
    """The modules that carry no data, 1 for dark; and where the others are, in the order of their bits, as (x, y)."""
    count = 17 + 4 * version
    dark, taken = np.zeros((count, count), np.uint8), np.zeros((count, count), bool)
    line = np.arange(count) % 2 == 0
    dark[6, :], dark[:, 6], taken[6, :], taken[:, 6] = line, line, True, True
    for x, y in ((3, 3), (count - 4, 3), (3, count - 4)):
        _ring(dark, taken, x, y, 4)
    for x, y in _alignments(version):
        _ring(dark, taken, x, y, 2)
    taken[:9, :9] = taken[:9, -8:] = taken[-8:, :9] = True
    dark[count - 8, 8] = 1
    if version >= 7:
        _tell_version(dark, taken, version)
    return dark, np.array([(x, y) for x, y in _zigzag(count) if not taken[y, x]])


def _ring(dark: Array, taken: Array, x: int, y: int, reach: int) -> None:
    """Squares around squares: an eye with the light line around it where it reaches 4, else a small one."""
    count = len(dark)
    for down in range(max(0, y - reach), min(count, y + reach + 1)):
        for across in range(max(0, x - reach), min(count, x + reach + 1)):
            far = max(abs(down - y), abs(across - x))
            dark[down, across], taken[down, across] = far not in ((2, 4) if reach == 4 else (1,)), True


def _alignments(version: int) -> list[tuple[int, int]]:
    if version == 1:
        return []
    count, number = 17 + 4 * version, version // 7 + 2
    step = (version * 8 + number * 3 + 5) // (number * 4 - 4) * 2
    lines = [6, *sorted(count - 7 - nth * step for nth in range(number - 1))]
    corners = {(6, 6), (6, lines[-1]), (lines[-1], 6)}
    return [(x, y) for y in lines for x in lines if (x, y) not in corners]


def _tell_version(dark: Array, taken: Array, version: int) -> None:
    rest, count = version, len(dark)
    for _bit in range(12):
        rest = rest << 1 ^ (rest >> 11) * 0b1111100100101
    bits = version << 12 | rest
    for at in range(18):
        far, near = count - 11 + at % 3, at // 3
        dark[near, far] = dark[far, near] = bits >> at & 1
        taken[near, far] = taken[far, near] = True


def _zigzag(count: int) -> list[tuple[int, int]]:
    order = []
    for right in range(count - 1, 0, -2):
        column = right - 1 if right <= 6 else right
        goes_up = (column + 1) & 2 == 0
        rows = range(count - 1, -1, -1) if goes_up else range(count)
        order += [(column - side, y) for y in rows for side in (0, 1)]
    return order
