"""Live codes, the channels they stand for, and the facts of who opened them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenfold.base import clock
from tenfold.base.keys import new_slug
from tenfold.base.models import Row, WorkspaceRow
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
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes = [models.Index(fields=["campaign", "channel"], name="code_channel")]

    def __str__(self) -> str:
        return self.slug


class Scan(Row):
    """One opening of a live code by a person: a fact, kept apart from the journal, as there are more of these than of
    all others together. Plain ids and few indexes, each of which grows at its end: a random page a row costs more than
    the row (decision 7). Bots' openings are facts of the journal.
    """

    at = models.DateTimeField()
    workspace_id = models.UUIDField()
    campaign_id = models.UUIDField()
    code = models.ForeignKey(
        LiveCode, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="scans"
    )
    visitor_id = models.UUIDField()
    group_id = models.UUIDField(null=True)
    outcome = models.CharField(max_length=12)
    is_first = models.BooleanField()
    """Their first touch of the campaign, which decides the inviter; never set once the campaign was over."""
    is_hold = models.BooleanField()
    """A seat was held for them by this opening; else they had one, or got none."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign_id", "visitor_id"], condition=Q(is_first=True), name="scan_first_once"
            )
        ]
        indexes = [models.Index(fields=["campaign_id", "at"], name="scan_campaign_at")]


class ScanTally(Row):
    """How many openings and visitors a source brought: a channel, or the participants of a campaign with their own
    codes all together (`source_id` is then the campaign's). Several processes count in slots of their own, so that they
    do not wait for each other; what counts is the sum.
    """

    campaign_id = models.UUIDField()
    source_id = models.UUIDField()
    slot = models.PositiveSmallIntegerField()
    scan_count = models.PositiveBigIntegerField(default=0)
    visitor_count = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source_id", "slot"], name="tally_once")]
        indexes = [models.Index(fields=["campaign_id"], name="tally_campaign")]
