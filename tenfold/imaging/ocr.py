"""Reading lines of text that have been found already.

The recognition model comes inside rapidocr's wheel and is run by ONNX Runtime directly: what is to be read here are
single lines whose place is known from the poster's, so that its detector, ten times as dear, is not needed, and what
the model thinks of every single character decides whether a reading is believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""(height, width, 3) RGB, or (height, width) grey."""

HEIGHT = 48  # what the model was trained on
_WIDEST = 1600  # a line of a phone at that height; more is no line
_STEP = 8
_BLANK = 0


@dataclass(frozen=True)
class Character:
    """One character, where its middle is in pixels from the left of the line's picture, and how sure that is."""

    text: str
    middle: float
    surety: float


Reading = tuple[Character, ...]


def warm() -> None:
    """Loads the model ahead of the first line."""
    _model()


def read_line(line: Pixels) -> Reading:
    """The characters of one line; the picture should reach a little beyond the ink on all sides."""
    height, width = line.shape[:2]
    if height < 4 or width < 4:
        return ()
    scale = HEIGHT / height
    across = min(_WIDEST, max(_STEP, round(width * scale)))
    sized = cv2.resize(line, (across, HEIGHT), interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
    session, characters = _model()
    (shares,) = session.run(None, {session.get_inputs()[0].name: _normal(sized)})
    return _decoded(shares[0], characters, width / shares.shape[1])


def text_of(reading: Sequence[Character]) -> str:
    return "".join(character.text for character in reading)


def surety_of(reading: Sequence[Character]) -> float:
    """That of the least sure character."""
    return min((character.surety for character in reading), default=0.0)


def _normal(line: NDArray[Any]) -> NDArray[np.float32]:
    grey = line if line.ndim == 2 else cv2.cvtColor(line, cv2.COLOR_RGB2GRAY)
    values = np.asarray(grey, np.float32) / 127.5 - 1
    return np.repeat(values[None, None], 3, axis=1)


def _decoded(shares: NDArray[np.float32], characters: Sequence[str], step: float) -> Reading:
    """Best character of each step; neighbours that are the same are one, blanks part them."""
    best = shares.argmax(axis=1)
    starts = np.flatnonzero(np.diff(best, prepend=-1))
    found = []
    for start, end in zip(starts, [*starts[1:], len(best)], strict=True):
        if best[start] != _BLANK:
            surety = float(shares[start:end, best[start]].max())
            found.append(Character(characters[best[start]], (start + end) / 2 * step, surety))
    return tuple(found)


@lru_cache(maxsize=1)
def _model() -> tuple[Any, list[str]]:
    import onnxruntime  # half a second and 60 MB, for those alone who read

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(_path()), options, providers=["CPUExecutionProvider"])
    kept = session.get_modelmeta().custom_metadata_map["character"].splitlines()
    return session, ["", *kept, " "]


def _path() -> Path:
    """The recogniser in rapidocr's wheel; raises FileNotFoundError where that is not installed."""
    spec = find_spec("rapidocr")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for path in sorted(Path(place, "models").glob("*rec*.onnx")):
            return path
    raise FileNotFoundError("no recognition model: the extra `review` is not installed")
