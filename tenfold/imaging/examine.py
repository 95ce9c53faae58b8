"""One whole look at a screenshot, in the order that lets it stop where the rest cannot matter. Nothing here decides.

Runs in a child process: pictures are hostile. What needs OpenCV is loaded with the first look.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import get_args

from tenfold.imaging.qr import READING_SIDE, read_codes
from tenfold.imaging.reading import open_picture
from tenfold.imaging.seen import Claim, Findings, Want

EVERYTHING: frozenset[Want] = frozenset(get_args(Want))


def can_look() -> bool:
    """Whether posters can be found here at all; without it codes are read, and everything else goes to people."""
    return find_spec("cv2") is not None and find_spec("numpy") is not None


def examine(picture: bytes, claim: Claim, *, wants: frozenset[Want] = frozenset()) -> Findings:
    """All that one look at the picture finds of what is claimed. Raises Unreadable for what is no picture."""
    if not can_look():
        return _codes_alone(picture)
    # OpenCV takes half a second and 60 MB: only who looks at pictures pays for it.
    from tenfold.imaging.looking import look

    return look(picture, claim, wants)


def warm() -> None:
    """Load what looks need, so that the first one does not pay for it."""
    if can_look():
        import tenfold.imaging.likeness
        import tenfold.imaging.looking  # noqa: F401
    if can_look() and find_spec("rapidocr") is not None:
        from tenfold.imaging import ocr

        ocr.warm()


def _codes_alone(picture: bytes) -> Findings:
    width, height = open_picture(picture, max_side=READING_SIDE).size
    return Findings(width, height, codes=tuple(read_codes(picture)))
