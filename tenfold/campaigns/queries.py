"""What more than one caller asks of campaigns."""

from __future__ import annotations

from tenfold.campaigns.models import Campaign, Words


def words_for(campaign: Campaign, moment: str, language: str) -> str:
    """The words in the person's language; every campaign is made with all of them."""
    return Words.objects.values_list("text", flat=True).get(
        campaign=campaign, moment=moment, language=language
    )
