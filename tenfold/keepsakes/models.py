"""What people keep and show: certificates, letters, tickets, cards and awards, each with a number of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.models import WorkspaceRow
from tenfold.campaigns.models import Campaign
from tenfold.keepsakes import rules
from tenfold.people.models import Journey
from tenfold.rewards.models import Reward


class Edition(WorkspaceRow):
    """What many keepsakes have in common: their kind, what they are for, and when they hold."""

    class Kind(models.TextChoices):
        CERTIFICATE = "certificate", _("Certificate")
        INVITATION = "invitation", _("Invitation letter")
        ADMISSION = "admission", _("Admission letter")
        TICKET = "ticket", _("Ticket")
        ACHIEVEMENT = "achievement", _("Achievement card")
        AWARD = "award", _("Award")

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="editions")
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    name = models.CharField(_("what it is for"), max_length=80)
    valid_from = models.DateTimeField(_("valid from"), null=True, blank=True)
    valid_until = models.DateTimeField(_("valid until"), null=True, blank=True)
    reward = models.OneToOneField(Reward, null=True, on_delete=models.SET_NULL, related_name="edition")
    """What is earned by a rule and issued from this edition then."""
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None)
                | Q(valid_until=None)
                | Q(valid_until__gt=models.F("valid_from")),
                name="edition_dates_in_order",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_ticket(self) -> bool:
        return self.kind == self.Kind.TICKET


def nameless(collector: Any, field: Any, keepsakes: Iterable[Keepsake], _using: str) -> None:
    """When somebody is deleted, what they held stays verifiable, without their name."""
    collector.add_field_update(field, None, keepsakes)
    collector.add_field_update(Keepsake._meta.get_field("name"), "", keepsakes)


class Keepsake(WorkspaceRow):
    """One keepsake of one person. `name` is the name it was issued to: a nickname changed later must not turn it into
    somebody else's. Where the person was erased, `journey` is None and `name` empty."""

    class Shown(models.TextChoices):
        FULL = rules.Shown.FULL.value, _("The whole name")
        FIRST = rules.Shown.FIRST.value, _("The first character only")
        HIDDEN = rules.Shown.HIDDEN.value, _("No name")

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="keepsakes", db_index=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="keepsakes", db_index=False)
    journey = models.ForeignKey(Journey, null=True, on_delete=nameless, related_name="keepsakes")
    number = models.CharField(max_length=rules.NUMBER_LENGTH, unique=True, default=rules.new_number)
    name = models.CharField(_("name on it"), max_length=40, blank=True)
    shown = models.CharField(max_length=10, choices=Shown, default=Shown.FIRST)
    issued_at = models.DateTimeField(default=clock.now)
    issued_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")

    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    revoke_reason = models.CharField(_("reason"), max_length=200, blank=True)

    checked_in_at = models.DateTimeField(null=True)
    checked_in_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    gate = models.CharField(_("gate"), max_length=40, blank=True)
    # Which form let them in: the same one sent again, because its answer was lost on the way, is no second entry.
    check_in_key = models.UUIDField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "journey"], name="keepsake_once")]
        indexes = [
            models.Index(fields=["campaign", "id"], name="keepsake_newest"),
            models.Index(
                fields=["campaign", "checked_in_at"],
                name="keepsake_checked_in",
                condition=Q(checked_in_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number
