"""Screenshots sent back, and the verdicts on them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.models import Picture, WorkspaceRow
from tenfold.campaigns.models import Campaign
from tenfold.people.models import Journey


class Proof(WorkspaceRow):
    """One screenshot. A verdict is written at once, and takes effect at `settle_at`: until then undo costs nothing."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Not approved")
        WITHDRAWN = "withdrawn", _("Replaced by a newer one")

    class Reason(models.TextChoices):
        """Why not: stable codes, with what the participant should do differently."""

        NONE = "", ""
        NO_POSTER = (
            "no_poster",
            _("The poster is not to be seen. Forward the poster and take the screenshot again."),
        )
        WRONG_CODE = (
            "wrong_code",
            _("This is not your own poster. Save yours from your page and forward that one."),
        )
        NOT_PUBLIC = "not_public", _("The post is visible to some people only. Make it visible to everyone.")
        NOT_YET = (
            "not_yet",
            _("It was taken before the post went out. Wait for the post to appear, then take it."),
        )
        UNREADABLE = "unreadable", _("The picture is too small or blurred. Send the original screenshot.")
        ALREADY_USED = "already_used", _("This screenshot was sent before. Take a new one.")
        OTHER = "other", _("See the reviewer's note.")

    class Source(models.TextChoices):
        PAGE = "page", _("own page")
        ROOM = "room", _("the group")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="proofs")
    journey = models.ForeignKey(Journey, on_delete=models.CASCADE, related_name="proofs")
    picture = models.ForeignKey(Picture, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=10, choices=Source)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    reason = models.CharField(max_length=20, choices=Reason, blank=True, default=Reason.NONE)
    note = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(default=clock.now)
    judged_at = models.DateTimeField(null=True)
    judged_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    settle_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["journey"], condition=Q(state="waiting"), name="one_waiting_proof"
            )
        ]
        indexes = [
            models.Index(fields=["campaign", "state", "sent_at"], name="proof_queue"),
            models.Index(fields=["settle_at"], name="proof_settle", condition=Q(settled_at__isnull=True)),
        ]
