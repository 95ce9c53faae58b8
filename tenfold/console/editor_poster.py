"""The poster's texts in both languages, with a picture of what they make."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from tenfold.accounts.access import Right
from tenfold.accounts.models import Language
from tenfold.base.claim import one_transaction
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.codes.models import Channel, LiveCode
from tenfold.codes.queries import address_of
from tenfold.console.editor import setup_page
from tenfold.console.forms_editor import PosterForm
from tenfold.console.layout import campaign_for, operator_of, operator_required, say
from tenfold.imaging.compose import MediaType
from tenfold.posters import actions
from tenfold.posters.drawing import drawing, poster_of
from tenfold.posters.grounds import picture_of
from tenfold.posters.models import PosterDesign, PosterText
from tenfold.posters.queries import chosen_for

KINDS: dict[str, MediaType] = {"png": "image/png", "jpg": "image/jpeg"}


def _forms(request: HttpRequest, campaign: Campaign) -> dict[str, PosterForm]:
    """A form a language. An empty language is not wrong: people then get the other one."""
    kept = {text.language: text for text in campaign.poster_texts.all()}
    is_save = request.method == "POST"
    forms = {}
    for language in Language.values:
        initial = (
            {name: getattr(kept[language], name) for name in actions.ELEMENTS} if language in kept else {}
        )
        forms[language] = PosterForm(
            request.POST if is_save else None,
            prefix=language,
            initial=initial,
            empty_permitted=language not in kept,
            use_required_attribute=False,
        )
    return forms


@operator_required
def poster(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    is_save = request.method == "POST"
    campaign = campaign_for(request, campaign_id, Right.MANAGE if is_save else Right.VIEW)
    forms = _forms(request, campaign)
    faulty = [form for form in forms.values() if is_save and not form.is_valid()]  # all of them are asked
    if is_save and not faulty and _saved(request, campaign, forms):
        say(
            request,
            _("The poster is saved. Posters that were forwarded stay as they are; their codes still work."),
        )
        return redirect("console:poster", campaign.id)
    sides = [(language, Language(language).label, form) for language, form in forms.items()]
    context: dict[str, object] = {"sides": sides, "code": seed_code(campaign)}
    return setup_page(request, campaign, "poster", context, status=422 if is_save else 200)


def _saved(request: HttpRequest, campaign: Campaign, forms: dict[str, PosterForm]) -> bool:
    changed = {language: form for language, form in forms.items() if form.has_changed()}
    try:
        with one_transaction():
            for language, form in changed.items():
                actions.change_text(
                    campaign=campaign, language=language, operator=operator_of(request), **form.cleaned_data
                )
    except Refusal as refusal:
        next(iter(changed.values())).add_error(None, str(refusal.message))
        return False
    return True


def seed_code(campaign: Campaign) -> LiveCode | None:
    """The code of the poster that starts it all: the first seed channel's, else any channel's."""
    codes = campaign.codes.filter(channel__isnull=False).select_related("channel", "campaign")
    found = list(codes.order_by("created_at"))
    seeds = [code for code in found if code.channel and code.channel.kind == Channel.Kind.SEED]
    return next(iter([*seeds, *found]), None)


@operator_required
@require_POST
def preview(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """A picture of the poster with the texts as they stand in the form. Nothing is kept."""
    campaign = campaign_for(request, campaign_id)
    language = request.POST.get("language", "")
    if language not in Language.values:
        raise Refusal("unknown_language", _("There is no such language."), status=400)
    typed = {name: request.POST.get(f"{language}-{name}", "")[:400] for name in actions.ELEMENTS}
    text = PosterText(campaign=campaign, language=language, **typed)
    code = seed_code(campaign)
    address = address_of(code) if code else f"{settings.PUBLIC_URL}/C/00000000".upper()
    chosen = chosen_for(campaign, PosterDesign.Kind.POSTER, code.id if code else campaign.id)
    made = drawing(chosen=chosen, text=text, code_text=address, person=None)
    return HttpResponse(picture_of(made, media_type="image/jpeg"), content_type="image/jpeg")


@operator_required
@require_safe
def download(request: HttpRequest, campaign_id: UUID, language: str, kind: str) -> HttpResponseBase:
    """The poster of the first seed channel, as a file to hand to the seed users."""
    campaign = campaign_for(request, campaign_id)
    code = seed_code(campaign)
    if code is None or kind not in KINDS or language not in Language.values:
        raise Refusal("not_found", _("Make a channel code first: the poster carries it."), status=404)
    return poster_file(code, language, kind)


def poster_file(code: LiveCode, language: str, kind: str) -> HttpResponse:
    media_type = KINDS[kind]
    picture = picture_of(poster_of(code, language=language), media_type=media_type)
    answer = HttpResponse(picture, content_type=media_type)
    answer["Content-Disposition"] = f'attachment; filename="poster-{code.slug}-{language}.{kind}"'
    return answer
