"""The texts of a campaign's poster, one row a language."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Language
from tenfold.base.models import WorkspaceRow
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
