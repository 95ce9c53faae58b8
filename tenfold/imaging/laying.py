"""Laying one fingerprint over another, so that the same place of both screenshots has the same row and column."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tenfold.imaging.prints import Grey, Places, Print, area

_BINS = 16
_EQUAL = 1.008  # steps that differ less are the same but for how exactly the poster was placed
_COARSEST = 6.0
_LEAST_ROWS = 0.45  # of the shorter one's rows, that two have to share


@dataclass(frozen=True)
class Laid:
    """What two prints share. `of_first` tells where a column and row lie in the first picture, `of_second` in the
    second: (x, y, step), x and y those of the first column and row."""

    first: Print
    second: Print
    a: Grey
    b: Grey
    of_first: tuple[float, float, float]
    of_second: tuple[float, float, float]
    is_by_poster: bool


def laid(first: Print, second: Print) -> Iterator[Laid]:
    """The ways in which they can lie over each other, the surest first."""
    if first.poster and second.poster:
        found = _by_poster(first, second)
        if found:
            yield found
    found = _by_frame(first, second)
    if found:
        yield found


def _by_poster(first: Print, second: Print) -> Laid | None:
    """Both grids go through the middle of the poster. One whose steps are finer is made as coarse as the other."""
    finer = _size(first) / _size(second)
    if not 1 / _COARSEST < finer < _COARSEST:
        return None
    a = coarse(first, finer if finer > _EQUAL else 1.0)
    b = coarse(second, 1 / finer if finer < 1 / _EQUAL else 1.0)
    return _overlap(first, second, a, b, (int(b.left - a.left), int(b.top - a.top)), True)


def _size(found: Print) -> float:
    """Of the poster, in steps of the grid."""
    assert found.poster
    return math.sqrt(area(found.poster)) / found.step


@dataclass(frozen=True)
class Grid:
    """`left` and `top` are of the first column and row in steps from the origin; a step is `times` the print's."""

    grey: Grey
    left: float
    top: float
    times: float


def coarse(found: Print, times: float) -> Grid:
    """The print with `times` as large a step, its grid through the same origin."""
    if times == 1:
        return Grid(found.grey, found.left, found.top, 1)
    high, wide = found.grey.shape
    left, top = math.ceil(found.left / times), math.ceil(found.top / times)
    columns = np.arange(left, math.floor((found.left + wide) / times) + 1) * times
    rows = np.arange(top, math.floor((found.top + high) / times) + 1) * times
    grey = _means(_means(found.grey, rows - found.top).T, columns - found.left).T
    return Grid(grey, left, top, times)


def _overlap(
    first: Print, second: Print, a: Grid, b: Grid, shift: tuple[int, int], is_by_poster: bool
) -> Laid | None:
    """What the grids share where the second one's first column and row are the first one's at `shift`."""
    left, top = max(0, shift[0]), max(0, shift[1])
    right = min(a.grey.shape[1], b.grey.shape[1] + shift[0])
    bottom = min(a.grey.shape[0], b.grey.shape[0] + shift[1])
    if right - left < 18 or bottom - top < 18:
        return None
    # Beside a bar the outermost samples are partly the bar's.
    left, top, right, bottom = left + 1, top + 1, right - 1, bottom - 1
    lower = a.grey[top:bottom, left:right]
    upper = b.grey[top - shift[1] : bottom - shift[1], left - shift[0] : right - shift[0]]
    return Laid(
        first,
        second,
        lower,
        upper,
        _placed(first, a, left, top),
        _placed(second, b, left - shift[0], top - shift[1]),
        is_by_poster,
    )


def _placed(found: Print, grid: Grid, column: int, row: int) -> tuple[float, float, float]:
    step = found.step * grid.times
    return found.at[0] + (grid.left + column) * step, found.at[1] + (grid.top + row) * step, step


def _by_frame(first: Print, second: Print) -> Laid | None:
    """Both frames made equally wide, moved up and down until they fit."""
    step = max(_share(first), _share(second))
    a, b = _framed(first, step), _framed(second, step)
    down = _down(a.grey, b.grey)
    return None if down is None else _overlap(first, second, a, b, (0, down), False)


def _share(found: Print) -> float:
    """The grid's step as a share of the frame's width."""
    return found.step / (found.frame[2] - found.frame[0])


def _framed(found: Print, share: float) -> Grid:
    """The print on a grid that begins in the corner of the frame, each step this share of the frame's width."""
    left, top, right, bottom = found.frame
    step = share * (right - left)
    columns = left + np.arange(int((right - left) / step + 0.01) + 1) * step
    rows = top + np.arange(int((bottom - top) / step + 0.01) + 1) * step
    grey = _means(found.grey, (rows - found.at[1]) / found.step - found.top)
    grey = _means(grey.T, (columns - found.at[0]) / found.step - found.left).T
    times = step / found.step
    return Grid(grey, (left - found.at[0]) / step, (top - found.at[1]) / step, times)


def _means(grey: Grey, edges: Places) -> Grey:
    """The mean of the rows between each two edges, which need not lie between whole rows."""
    total = np.zeros((len(grey) + 1, grey.shape[1]), np.float32)
    np.cumsum(grey - 128, axis=0, out=total[1:])
    at = np.clip(edges, 0, len(grey))
    lower = np.minimum(at.astype(np.intp), len(grey) - 1)
    part = (at - lower).astype(np.float32)[:, None]
    summed = total[lower] * (1 - part) + total[lower + 1] * part
    span = np.maximum(np.diff(at), 0.01).astype(np.float32)[:, None]
    means: Grey = np.diff(summed, axis=0) / span + 128
    return means


def _between(grey: Grey, rows: Places) -> Grey:
    """Rows between the rows."""
    at = np.clip(rows, 0, len(grey) - 1)
    lower = np.minimum(at.astype(np.intp), len(grey) - 2)
    part = (at - lower).astype(np.float32)[:, None]
    rows_between: Grey = grey[lower] * (1 - part) + grey[lower + 1] * part
    return rows_between


def _down(a: Grey, b: Grey) -> int | None:
    """By how many rows the second one's first lies lower than the first one's; None where they cannot be laid."""
    least = max(16, int(_LEAST_ROWS * min(len(a), len(b))))
    if min(len(a), len(b)) < least or min(a.shape[1], b.shape[1]) < _BINS:
        return None
    first, second = _profile(a), _profile(b)
    if not first.any() or not second.any():
        return None
    size = len(a) + len(b)
    spectrum = np.fft.rfft(first, size, axis=0) * np.conj(np.fft.rfft(second, size, axis=0))
    fits = np.fft.irfft(spectrum.sum(axis=1), size)
    shifts = np.arange(size)
    shifts[shifts >= len(a)] -= size
    shared = np.minimum(len(a), len(b) + shifts) - np.maximum(0, shifts)
    return int(shifts[np.argmax(np.where(shared >= least, fits, -np.inf))])


def fitted(a: Grey, b: Grey) -> Grey:
    """The second laid exactly: moved and scaled by the fractions of a pixel that make it fit the first best."""
    for _nth in range(2):
        across, down, scale = _misfit(a, b)
        reach = abs(scale) * max(a.shape) / 2 + max(abs(across), abs(down))
        if not 0.15 < reach < 4:
            break
        rows = np.arange(a.shape[0]) * (1 + scale) + down - scale * a.shape[0] / 2
        columns = np.arange(a.shape[1]) * (1 + scale) + across - scale * a.shape[1] / 2
        b = _between(_between(b, rows).T, columns).T
    return b


def _misfit(a: Grey, b: Grey) -> tuple[float, float, float]:
    """How far right, down and larger the second lies, by the slopes of both; in pixels, and the share of one."""
    mean = a + b
    right, down = np.zeros_like(a), np.zeros_like(a)
    right[:, 1:-1] = (mean[:, 2:] - mean[:, :-2]) / 4
    down[1:-1] = (mean[2:] - mean[:-2]) / 4
    rows = (np.arange(a.shape[0], dtype=np.float32) - a.shape[0] / 2)[:, None]
    columns = np.arange(a.shape[1], dtype=np.float32) - a.shape[1] / 2
    shade = (mean / 255 - 1).ravel()
    # Beside the slopes what another light does: without it, every edge of a lighter copy would seem to have moved.
    light = np.ones_like(shade), shade, shade * shade
    slopes = np.stack((right.ravel(), down.ravel(), (right * columns + down * rows).ravel(), *light))
    # What differs much is something else there, not the same thing in another place.
    gap = np.clip(a - b, -40, 40).ravel()
    normal = slopes @ slopes.T + np.diag((1.0, 1.0, 100.0, 1.0, 1.0, 1.0))
    across, lower, scale = np.linalg.solve(normal, slopes @ gap)[:3]
    return float(across), float(lower), float(scale)


def _profile(grey: Grey) -> Grey:
    """Each row as a few numbers, of which those that change slowly from row to row are left out."""
    wide = grey.shape[1] // _BINS * _BINS
    bins = grey[:, :wide].reshape(len(grey), _BINS, -1).mean(axis=2)
    sharp: Grey = np.diff(bins, axis=0, prepend=bins[:1])
    return sharp
