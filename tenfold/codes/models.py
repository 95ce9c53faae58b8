"""Live codes, the channels they stand for, and who touched a campaign first through which."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenfold.base import clock
from tenfold.base.keys import new_slug
from tenfold.base.models import WorkspaceRow
from tenfold.campaigns.models import Campaign


class Channel(WorkspaceRow):
    """Where scans come from: a KOL, a partner, a placement."""

    class Kind(models.TextChoices):
        SEED = "seed", _("Seed users")
        KOL = "kol", _("KOL")
        PARTNER = "partner", _("Partner")
        PLACEMENT = "placement", _("Placement")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="channels")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SEED)
    name = models.CharField(_("name"), max_length=60)
    created_at = models.DateTimeField(default=clock.now)

    def __str__(self) -> str:
        return self.name


class LiveCode(WorkspaceRow):
    """A code that never changes. One of a channel, or the personal one of a participant (`code.journey`)."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="codes")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.PROTECT, related_name="codes")
    slug = models.CharField(max_length=12, unique=True, default=new_slug)
    scan_count = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["campaign", "channel"], name="code_channel")]

    def __str__(self) -> str:
        return self.slug


class FirstTouch(WorkspaceRow):
    """The code through which a visitor first came to a campaign. Written once; it decides the inviter."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="+")
    visitor_id = models.UUIDField()
    code = models.ForeignKey(LiveCode, on_delete=models.CASCADE, related_name="first_touches")
    at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["campaign", "visitor_id"], name="first_touch_once")]
