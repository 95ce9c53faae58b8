"""What somebody may have forwarded: their own posters, as they were when the screenshot came and shortly before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from math import ceil
from uuid import UUID

from tenfold.accounts.models import Language
from tenfold.codes.queries import address_of
from tenfold.imaging.seen import Art, Claim
from tenfold.people.models import Journey
from tenfold.posters.arts import art_of, facts_of
from tenfold.posters.drawing import Drawing, poster_of
from tenfold.posters.grounds import picture_of
from tenfold.posters.models import PosterDesign
from tenfold.posters.queries import chosen_among, has_design_at, in_use, in_use_at
from tenfold.proofs.models import ReviewPlan

KIND = PosterDesign.Kind.POSTER
# Each more is another poster to search the whole picture for.
MOST_ARTS = 6


def claim_of(journey: Journey, plan: ReviewPlan, *, at: datetime) -> Claim:
    """What whoever sent a screenshot at a moment claims: the likeliest poster first, and their own code."""
    campaign, made = journey.campaign, posters_of(journey, at=at)
    drawn = {art.key: (art, each) for each in made if (art := art_of(each)) is not None}
    facts = {facts_of(each) for each in made}
    return Claim(
        arts=tuple(art for art, _made in drawn.values()),
        code_text=address_of(journey.code),
        facts=facts.pop() if len(facts) == 1 else None,
        nickname=journey.person.nickname,
        posters=tuple(_own(art, each) for art, each in drawn.values()),
        captions=(plan.needs_caption,) if plan.needs_caption else (),
        sent_on=at.astimezone(campaign.zone).date().isoformat(),
    )


def code_minutes(journey: Journey, *, at: datetime) -> int:
    """For how long whoever sends a screenshot at a moment has had their own code, rounded up."""
    return ceil((at - journey.code.created_at).total_seconds() / 60)


def posters_of(journey: Journey, *, at: datetime) -> list[Drawing]:
    """Theirs at that moment, in their language and in the others; then those of now, of when they joined, and of the
    other variant, which was theirs while that was the only one. Each once."""
    campaign = journey.campaign
    since = journey.joined_at or journey.created_at
    uses = [in_use_at(campaign, KIND, at), in_use(campaign, KIND), in_use_at(campaign, KIND, since)]
    if not has_design_at(campaign, KIND, since):
        uses.append({})  # a ready one, which they were given at first
    languages = list(dict.fromkeys((journey.person.language, campaign.language, *Language.values)))
    found: dict[str, Drawing] = {}
    for versions in _versions(uses, journey.code.id):
        chosen = chosen_among(versions, KIND, journey.code.id)
        for language in languages:
            made = poster_of(journey.code, language=language, owner=journey, chosen=chosen)
            found.setdefault(made.ground_key, made)
            if len(found) >= MOST_ARTS:
                return list(found.values())
    return list(found.values())


def _versions(uses: list[dict[str, UUID]], key: UUID) -> Iterator[Mapping[str, UUID]]:
    """Choices of one design each, the likeliest first; without any design a ready one."""
    yield from uses
    for versions in uses:
        if len(versions) > 1:
            own = chosen_among(versions, KIND, key).variant
            yield from ({variant: each} for variant, each in versions.items() if variant != own)


def _own(art: Art, made: Drawing) -> bytes:
    """Their whole poster, if face or name on it can tell whose it is."""
    is_personal = art.avatar_box is not None or art.name_box is not None
    return picture_of(made, media_type="image/jpeg") if is_personal else b""
