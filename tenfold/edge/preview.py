"""What a program gets for a code that leads somewhere: words for a chat's card, no seat, no cookie, nobody's name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from tenfold.campaigns.models import Campaign
from tenfold.edge.protocol import Answer, plain
from tenfold.posters.queries import text_of

# Who is a person after all goes in by this query: the button of the page. Programs do not send forms.
PERSON = b"person=1"
# Kept by whoever asked, and by nobody in between: the same address lets people in.
KEPT = b"private, max-age=60"
LONGEST = 160


@dataclass(frozen=True)
class Words:
    """What a campaign says of itself, in its own language."""

    language: str
    title: str
    description: str


def words_of(campaign: Campaign) -> Words:
    """From the texts of its poster; reads the database."""
    text = text_of(campaign, campaign.language)
    said = (text.subtitle, text.offer, *text.points.splitlines())
    told = " · ".join(line.strip() for line in said if line.strip())
    return Words(text.language, text.title, _shortened(told))


def _shortened(text: str) -> str:
    """Not in the middle of a word, where words have spaces between them."""
    if len(text) <= LONGEST:
        return text
    kept = text[: LONGEST - 1]
    at = kept.rfind(" ", LONGEST // 2) if text[LONGEST - 1] != " " else -1
    return (kept[:at] if at > 0 else kept).rstrip(" ·") + "…"


@lru_cache(maxsize=1024)
def preview(words: Words, slug: str) -> Answer:
    """The page for a program that asked for the code `slug`."""
    context = {"words": words, "slug": slug, "address": f"{settings.PUBLIC_URL}/c/{slug}"}
    with translation.override(words.language):
        page = render_to_string("edge/preview.html", context)
    return Answer(200, page.encode(), headers=((b"vary", b"user-agent"),), kept=KEPT)


@lru_cache(maxsize=1)
def not_ahead() -> Answer:
    """To a browser that reads ahead: it throws away what failed, and asks again when somebody really goes there."""
    return plain(403, "Not ahead of a person.")
