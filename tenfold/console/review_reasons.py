"""Reasons as a reviewer reads them: short, since they are read a thousand times a night.

What a participant reads is the label of `Proof.Reason`: it says what to do, these say what is the matter.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from tenfold.proofs.models import Look, Proof

SHORT: dict[str, Promise | str] = {
    Proof.Reason.NO_POSTER: _("No poster"),
    Proof.Reason.WRONG_CODE: _("Not their own code"),
    Proof.Reason.WRONG_PERSON: _("Somebody else's code"),
    Proof.Reason.NOT_A_SCREENSHOT: _("Not a screenshot"),
    Proof.Reason.TOO_OLD: _("Post too old"),
    Proof.Reason.RESTRICTED_AUDIENCE: _("Not for everyone"),
    Proof.Reason.WRONG_CAPTION: _("Words missing"),
    Proof.Reason.NOT_YET: _("Not posted yet"),
    Proof.Reason.UNREADABLE: _("Too small or blurred"),
    Proof.Reason.ALREADY_USED: _("Used before"),
    Proof.Reason.OTHER: pgettext_lazy("reason", "Something else"),
}
# Ten reasons, ten digits; "other" has a letter of its own.
KEYS = "1234567890"
NAMED = [reason for reason in Proof.Reason if reason not in (Proof.Reason.NONE, Proof.Reason.OTHER)]


@dataclass(frozen=True)
class Choice:
    """A reason to press. `is_likely` says that the machine would take it."""

    code: str
    key: str
    short: str
    label: str
    is_likely: bool


def short(code: str) -> str:
    return str(SHORT.get(code, code))


def choices(look: Look | None) -> list[Choice]:
    """Always in the same order: who knows the keys by heart shall not look."""
    likely = look.reasons[0] if look and look.outcome != Look.Outcome.PASS and look.reasons else ""
    return [
        Choice(reason.value, key, short(reason), str(reason.label), reason == likely)
        for reason, key in zip(NAMED, KEYS, strict=True)
    ]
