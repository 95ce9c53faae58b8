"""What more than one caller asks of campaigns."""

from __future__ import annotations

from tenfold.base.models import read_before
from tenfold.campaigns.models import Campaign, Words


def words_for(campaign: Campaign, moment: str, language: str) -> str:
    """The words in the person's language; empty where the campaign says nothing at this moment."""
    if (known := read_before(campaign, "words")) is not None:
        return next((each.text for each in known if (each.moment, each.language) == (moment, language)), "")
    words = Words.objects.filter(campaign=campaign, moment=moment, language=language)
    return words.values_list("text", flat=True).first() or ""
