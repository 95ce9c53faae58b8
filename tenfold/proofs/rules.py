"""What is wrong with a picture, in words for the person who sent it."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenfold.base.refusal import Refusal
from tenfold.imaging.reading import Unreadable
from tenfold.proofs.models import Proof

WHY_UNREADABLE: dict[str, str | Promise] = {
    "too_large": _("The picture is larger than 8 MB. Send a smaller one."),
    "not_a_picture": _("This is not a picture we can read. JPEG, PNG and WebP work."),
    "truncated": _("The picture is damaged or was cut off on the way. Send it again."),
    "too_many_pixels": _("The picture has too many pixels. Send a normal screenshot."),
    "animated": _("This is a moving picture. Send a still screenshot."),
    "too_complex": _("This picture is built in an unusual way. Take a new screenshot and send that."),
}
REASONS = [reason for reason in Proof.Reason.values if reason]


def refusal_of(unreadable: Unreadable) -> Refusal:
    return Refusal(unreadable.reason, WHY_UNREADABLE[unreadable.reason], status=400)


def check_verdict(*, is_approved: bool, reason: str, note: str) -> None:
    """A rejection needs a reason that the participant can act on; "other" needs the reviewer's own words."""
    if is_approved:
        return
    if reason not in REASONS:
        raise Refusal("reason_needed", _("Choose why it is not approved."), status=400)
    if reason == Proof.Reason.OTHER and not note.strip():
        raise Refusal("note_needed", _("Say in a few words what is wrong."), status=400)


def reason_text(proof: Proof) -> str:
    """What the participant reads: the reason, or the reviewer's own words."""
    return proof.note if proof.reason == Proof.Reason.OTHER else str(Proof.Reason(proof.reason).label)
