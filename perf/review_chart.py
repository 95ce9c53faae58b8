"""How long the queues were over a night: as an SVG that needs nothing else, and as lines of text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from perf.review_night import Point, every

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 900, 420, 64, 56, 24, 48
LINES = (
    ("sent", "#9aa4b2", "sent so far"),
    ("decided", "#2f9e44", "decided by the machine so far"),
    ("machine", "#e8590c", "waiting for the machine"),
    ("people", "#1971c2", "waiting for a person"),
)
BAR = 50


def svg(points: Sequence[Point], kills: Sequence[float], title: str) -> str:
    most = max((max(point.sent, point.machine, point.people) for point in points), default=1) or 1
    longest = max((point.at for point in points), default=1.0) or 1.0
    parts = [*_grid(most, longest), *_kills(kills, longest), *_lines(points, most, longest), *_legend(title)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="12">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def text(points: Sequence[Point], seconds: float = 30.0) -> Iterator[str]:
    most = max((max(point.machine, point.people) for point in points), default=1) or 1
    yield f"{'s':>5} {'sent':>6} {'decided':>8} {'machine':>8} {'people':>7}  queues: # the machine's, = people's"
    for point in every(points, seconds):
        machine, people = (round(BAR * count / most) for count in (point.machine, point.people))
        told = f"{point.at:5.0f} {point.sent:6} {point.decided:8} {point.machine:8} {point.people:7}"
        yield f"{told}  {'#' * machine}{'=' * people}"


def _x(at: float, longest: float) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * at / longest, 1)


def _y(count: float, most: int) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * count / most, 1)


def _grid(most: int, longest: float) -> Iterator[str]:
    for quarter in range(5):
        y, x = _y(most * quarter / 4, most), _x(longest * quarter / 4, longest)
        yield f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="#e5e8ec"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end" fill="#555">{round(most * quarter / 4)}</text>'
        minutes = longest * quarter / 4 / 60
        yield f'<text x="{x}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle" fill="#555">{minutes:.1f} min</text>'


def _kills(kills: Sequence[float], longest: float) -> Iterator[str]:
    for at in kills:
        x = _x(min(at, longest), longest)
        yield f'<path d="M{x} {TOP}V{HEIGHT - BOTTOM}" stroke="#c92a2a" stroke-dasharray="3 4"/>'


def _lines(points: Sequence[Point], most: int, longest: float) -> Iterator[str]:
    for name, colour, _label in LINES:
        corners = " ".join(f"{_x(point.at, longest)},{_y(getattr(point, name), most)}" for point in points)
        yield f'<polyline points="{corners}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _legend(title: str) -> Iterator[str]:
    yield f'<text x="{LEFT}" y="22" font-size="15" fill="#222">{escape(title)}</text>'
    x = LEFT
    for _name, colour, label in LINES:
        yield f'<path d="M{x} 38h18" stroke="{colour}" stroke-width="3"/>'
        yield f'<text x="{x + 24}" y="42" fill="#333">{label}</text>'
        x += 40 + 6 * len(label)
    yield f'<text x="{x}" y="42" fill="#c92a2a">¦ kill -9</text>'
