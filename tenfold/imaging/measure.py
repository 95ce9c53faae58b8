"""How the texts of a design come out with given values: for the checks before a version is saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tenfold.imaging.design import Design
from tenfold.imaging.layers import Text
from tenfold.imaging.setting import Setting, set_text, spelled_out
from tenfold.imaging.texts import fallen
from tenfold.imaging.variables import filled


@dataclass(frozen=True)
class Fit:
    """One text layer as it would be drawn.

    `is_cut`: it ends in an ellipsis, or its box is lower than one line. `is_broken`: a word longer than a line had to
    fall apart. `fell_back`: characters that were replaced by a plainer form or left out, in order, each once.
    """

    id: str
    size: int
    lines: tuple[str, ...]
    is_cut: bool
    is_broken: bool
    fell_back: tuple[str, ...]


def measure(design: Design, values: Mapping[str, str], language: str) -> list[Fit]:
    """In the order of the layers; `values` are shared and personal ones together."""
    return [_fit(layer, values, language) for layer in design.layers if isinstance(layer, Text)]


def _fit(layer: Text, values: Mapping[str, str], language: str) -> Fit:
    setting: Setting = set_text(layer, values, language)
    lost = dict.fromkeys(
        cluster
        for line in filled(layer.says(language), values).splitlines()
        for cluster in fallen(line)
        if cluster.strip()
    )
    return Fit(layer.id, setting.size, spelled_out(setting), setting.is_cut, setting.is_broken, tuple(lost))
