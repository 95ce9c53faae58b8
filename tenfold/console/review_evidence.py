"""What a look has found, as shapes over the picture. Nothing here decides, and nothing is read anew."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tenfold.imaging.seen import Findings, Quad

View = tuple[int, int, int, int]
"""Left, top, width and height of a part of the picture, as an SVG's `viewBox` has it."""

CODE_MARGIN = 0.12  # of the code's side: enough to see its quiet zone
POST_MARGIN = 0.35  # of the poster's sides: the name above it and the age below
TEXT_MARGIN = 1 / 130  # of the picture's width: a line around words must not lie on them


def shapes(found: Findings) -> dict[str, Quad]:
    """All that can be pointed at, by the key of the line that tells it (`review_words.lines`)."""
    return dict(_shapes(found))


def points(quad: Sequence[Sequence[float]]) -> str:
    """As an SVG's polygon has it."""
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in quad)


def upper_left(quad: Sequence[Sequence[float]], *, least: int = 0) -> tuple[int, int]:
    """Its corner, and at least so far from the picture's edges."""
    x, y = min(quad, key=lambda corner: corner[0] + corner[1])
    return max(least, round(x)), max(least, round(y))


def _shapes(found: Findings) -> Iterator[tuple[str, Quad]]:
    if found.poster:
        yield "poster", found.poster.quad
    if found.code and found.code.quad:
        yield "code", found.code.quad
    for number, code in enumerate(found.codes):
        yield f"read-{number}", code.corners
    yield from _texts(found)
    for number, hint in enumerate(found.hints):
        yield f"hint-{number}", hint.quad


def _texts(found: Findings) -> Iterator[tuple[str, Quad]]:
    post = found.post
    if post is None:
        return
    margin = found.width * TEXT_MARGIN
    for key in ("age", "caption", "name", "delete_button"):
        if (text := getattr(post, key)) is not None:
            yield key, _wider(text.quad, margin)
    if post.audience_quad:
        yield "audience", _wider(post.audience_quad, margin)


def _wider(quad: Quad, margin: float) -> Quad:
    """The upright box around it, and some more."""
    across, down = [x for x, _y in quad], [y for _x, y in quad]
    left, right = min(across) - margin, max(across) + margin
    top, bottom = min(down) - margin, max(down) + margin
    return (left, top), (right, top), (right, bottom), (left, bottom)


def code_view(found: Findings) -> View | None:
    """The code enlarged: where it was proven or should be, else where any was read."""
    if found.code and found.code.quad:
        return _around(found.code.quad, CODE_MARGIN, found)
    return _around(found.codes[0].corners, CODE_MARGIN, found) if found.codes else None


def post_view(found: Findings) -> View | None:
    """The poster with what is written around it."""
    return _around(found.poster.quad, POST_MARGIN, found) if found.poster else None


def _around(quad: Quad, margin: float, found: Findings) -> View | None:
    """The part of the picture around a shape; None where that lies outside of it."""
    across, down = [x for x, _y in quad], [y for _x, y in quad]
    more_x, more_y = margin * (max(across) - min(across)), margin * (max(down) - min(down))
    left, top = max(0, round(min(across) - more_x)), max(0, round(min(down) - more_y))
    right = min(found.width, round(max(across) + more_x))
    bottom = min(found.height, round(max(down) + more_y))
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None
