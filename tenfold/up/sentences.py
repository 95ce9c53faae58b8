"""What `tenfold review` tells of a picture in words: each a whole sentence, in every language."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import translation
from django.utils.functional import Promise

from tenfold.accounts.models import Language
from tenfold.proofs.deciding import Judgement
from tenfold.proofs.models import Look, Proof

# By language: its name in what is printed, the stop that ends a sentence, and what stands between two.
SET_AS = {Language.EN: ("en", ".", " "), Language.ZH: ("zh", "。", "")}
STOPS = (".", "!", "?", "。", "！", "？")


def of(made: Judgement) -> dict[str, str]:
    """What its sender is told of a refusal; why a person is asked."""
    if made.outcome == Look.Outcome.FAIL:
        return said([Proof.Reason(reason).label for reason in made.reasons])
    return said([Look.Doubt(doubt).label for doubt in made.missing])


def said(sentences: Sequence[str | Promise]) -> dict[str, str]:
    """Reviewers see doubts as a list, where none needs a stop; here they stand one after another."""
    told = {}
    for language, (key, stop, between) in SET_AS.items():
        with translation.override(language):
            each = dict.fromkeys(str(sentence) for sentence in sentences)
            told[key] = between.join(_ended(sentence, stop) for sentence in each)
    return told if sentences else {}


def _ended(sentence: str, stop: str) -> str:
    return sentence if sentence.endswith(STOPS) else sentence + stop
