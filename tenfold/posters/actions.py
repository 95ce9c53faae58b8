"""Writing the texts of a campaign's poster."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Language, Operator
from tenfold.base.claim import step
from tenfold.base.refusal import Refusal, refusal_of
from tenfold.campaigns.models import Campaign
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.posters.models import PosterText

ELEMENTS = ("title", "subtitle", "points", "endorsement", "offer")


@step
def change_text(*, campaign: Campaign, language: str, operator: Operator, **elements: str) -> PosterText:
    """Set any of the ELEMENTS in one language."""
    if language not in Language.values:
        raise Refusal("unknown_language", _("There is no such language."), status=400)
    text = PosterText.objects.filter(campaign=campaign, language=language).first()
    text = text or PosterText(workspace_id=campaign.workspace_id, campaign=campaign, language=language)
    for name in ELEMENTS:
        setattr(text, name, elements.get(name, getattr(text, name)).strip())
    try:
        text.clean_fields(exclude=["workspace", "campaign"])
    except ValidationError as error:
        raise refusal_of(error, text, code="bad_poster_text") from error
    text.save()
    told = {"poster": language}
    write(Fact.CAMPAIGN_CHANGED, campaign, told, campaign_id=campaign.id, operator_id=operator.id)
    return text


@step
def copy_texts(*, source: Campaign, to: Campaign) -> None:
    PosterText.objects.bulk_create(
        PosterText(
            workspace_id=to.workspace_id,
            campaign=to,
            language=text.language,
            **{name: getattr(text, name) for name in ELEMENTS},
        )
        for text in source.poster_texts.all()
    )
