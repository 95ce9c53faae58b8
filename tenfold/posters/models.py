"""What a campaign's poster says, how it and the keepsakes look, and the making of many at once."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Language, Operator
from tenfold.base import clock
from tenfold.base.models import Picture, WorkspaceRow
from tenfold.campaigns.models import Campaign


class PosterText(WorkspaceRow):
    """Five of the six elements; the sixth is the code. `points` holds one selling point a line."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="poster_texts")
    language = models.CharField(max_length=10, choices=Language)
    title = models.CharField(_("main title"), max_length=60)
    subtitle = models.CharField(_("subtitle"), max_length=120, blank=True)
    points = models.TextField(_("selling points"), max_length=400, blank=True)
    endorsement = models.CharField(_("endorsement"), max_length=160, blank=True)
    offer = models.CharField(_("offer"), max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "language"], name="poster_text_once")]


class PosterDesign(WorkspaceRow):
    """A design of a campaign by its name. What it looks like is in its versions; `shown` is the one people get."""

    class Kind(models.TextChoices):
        POSTER = "poster", _("Poster")
        DISTRIBUTION = "distribution", _("Distribution poster")
        INVITATION = "invitation", _("Invitation letter")
        ADMISSION = "admission", _("Admission letter")
        TICKET = "ticket", _("Ticket")
        ACHIEVEMENT = "achievement", _("Achievement card")
        AWARD = "award", _("Award")
        CERTIFICATE = "certificate", _("Completion certificate")

    class Variant(models.TextChoices):
        NONE = "", _("Not in use")
        A = "A", _("Variant A")
        B = "B", _("Variant B")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="designs")
    kind = models.CharField(max_length=12, choices=Kind)
    name = models.CharField(_("name"), max_length=60)
    variant = models.CharField(max_length=1, choices=Variant, blank=True, default=Variant.NONE)
    shown = models.ForeignKey("DesignVersion", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "kind", "variant"], name="design_variant_once", condition=~Q(variant="")
            )
        ]

    def __str__(self) -> str:
        return self.name


class DesignVersion(WorkspaceRow):
    """A design as it was saved, never changed again: its id stands for how it looks, in memories and addresses.

    `content` is what `imaging.design.read_design` takes. `code` is the writer, version, level and mask of the QR code
    drawn with it, so that another can draw the same; `checks` is what was found when it was saved.
    """

    design = models.ForeignKey(PosterDesign, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    code = models.JSONField(default=dict)
    checks = models.JSONField(default=list)
    operator = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["design", "number"], name="design_version_once")]

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("a version of a design never changes: save another")
        super().save(*args, **kwargs)


class DesignPicture(WorkspaceRow):
    """A picture that designs of a workspace may use, by the digest of what was uploaded. Screenshots and faces of
    participants, which are pictures too, are not among them: a design is public."""

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="+")
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "sha256"], name="design_picture_once")]


class RenderRun(WorkspaceRow):
    """All posters or keepsakes of one kind of a campaign, made by the worker part by part.

    A part is a file (`posters.parts`); its pieces count once its name is in `parts`. `after`
    is the last piece made, so that whoever takes the run over knows where to go on. `versions` and `texts` are the
    designs and what they say as they were when it was asked for.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Being made")
        DONE = "done", _("Ready")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    class Why(models.TextChoices):
        DESIGN = (
            "design",
            _("A picture of the design is missing or damaged. Look at the design, then let it go on."),
        )
        DRAWING = (
            "drawing",
            _("Somebody's could not be drawn with this design. Look at it, then let it go on."),
        )
        STORAGE = (
            "storage",
            _("The files could not be kept. Have the server's disk looked at, then let it go on."),
        )
        TROUBLE = "trouble", _("It could not be made. Look at the design, then let it go on.")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="renders")
    kind = models.CharField(max_length=12, choices=PosterDesign.Kind)
    language = models.CharField(max_length=10, choices=Language, blank=True)
    """Of all pieces; empty: each in the language of the person it is for."""
    edition_id = models.UUIDField(null=True)
    """Of keepsakes: the edition they are of. A plain id, since that room is a later one."""
    versions = models.JSONField(default=dict)
    texts = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    total_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    part_count = models.PositiveIntegerField(default=0)
    parts = models.JSONField(default=list)
    tries = models.PositiveSmallIntegerField(default=0)
    """Of the part that is being made, those that failed."""
    after = models.UUIDField(null=True)
    why = models.CharField(max_length=200, blank=True)
    """Of a failure: one of `Why`. Engineers find more in the log."""
    operator = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=clock.now)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="render_due", condition=Q(state="running"))]
