"""The words: every moment in two languages, side by side, with a preview of what people will read."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from tenfold.accounts.access import Right
from tenfold.accounts.models import Language
from tenfold.base.claim import one_transaction
from tenfold.base.refusal import Refusal
from tenfold.campaigns import actions, rules
from tenfold.campaigns.models import Campaign, Words
from tenfold.console import layout
from tenfold.console.editor import setup_page
from tenfold.console.layout import campaign_for, operator_of, operator_required, say
from tenfold.proofs.models import Proof
from tenfold.rewards.queries import main_reward

WHEN: dict[str, str | Promise] = {
    Words.Moment.JOIN: _("right after joining"),
    Words.Moment.TASK: _("with the welcome"),
    Words.Moment.REMIND: _("when nothing has come yet"),
    Words.Moment.APPROVE: _("when the screenshot is approved"),
    Words.Moment.REJECT: _(
        "to them alone, when it is not approved; a WeChat group only reads that there is something new on their page"
    ),
    Words.Moment.REWARD: _("when the reward is earned"),
    Words.Moment.WARN: _("before a removal"),
    Words.Moment.REMOVE: _("after a removal"),
    Words.Moment.PROGRESS: _("to the inviter, when a friend counts; left empty, nothing is said"),
    Words.Moment.REPEAT: _(
        "on their page, when they scan again; left empty, a sentence of ours stands there"
    ),
    Words.Moment.FULL: _(
        "to those in line, when all groups are full; left empty, a sentence of ours stands there"
    ),
    Words.Moment.END: _("once in each group, when it is over; left empty, nothing is said"),
}


@dataclass(frozen=True)
class Field:
    """The words for one moment in one language, as typed, with what is wrong and how they will read."""

    name: str
    language: str
    text: str
    error: str
    preview: str


@dataclass(frozen=True)
class Block:
    moment: str
    label: str | Promise
    when: str | Promise
    variables: list[tuple[str, str | Promise]]
    fields: list[Field]


def name_of(moment: str, language: str) -> str:
    return f"{moment}.{language}"


@operator_required
def words(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    is_save = request.method == "POST"
    campaign = campaign_for(request, campaign_id, Right.MANAGE if is_save else Right.VIEW)
    kept = {name_of(moment, language): "" for moment in rules.OPTIONAL for language in Language.values}
    kept |= {name_of(one.moment, one.language): one.text for one in campaign.words.all()}
    typed = kept | {name: _plain(request.POST[name]) for name in kept if name in request.POST}
    errors = {name: why for name, text in typed.items() if (why := _fault(name, text))}
    if is_save and not errors:
        _save(campaign, {name: text for name, text in typed.items() if text.strip() != kept[name]}, request)
        say(request, _("The words are saved. From now on they are said like this."))
        return redirect("console:words", campaign.id)
    context: dict[str, object] = {"blocks": _blocks(campaign, typed, errors), "has_errors": bool(errors)}
    return setup_page(request, campaign, "words", context, status=422 if is_save else 200)


def _save(campaign: Campaign, changed: dict[str, str], request: HttpRequest) -> None:
    """All of them or none: somebody who saves a page must not find half of it kept."""
    with one_transaction():
        for name, text in changed.items():
            moment, language = name.split(".", 1)
            actions.change_words(
                campaign=campaign,
                moment=moment,
                language=language,
                text=text,
                operator=operator_of(request),
            )


def _fault(name: str, text: str) -> str:
    try:
        rules.check_words(name.split(".", 1)[0], text)
    except Refusal as refusal:
        return str(refusal.message)
    return ""


def _plain(text: str) -> str:
    """Browsers send line ends as two characters; words have one."""
    return text.replace("\r\n", "\n")


def _blocks(campaign: Campaign, typed: dict[str, str], errors: dict[str, str]) -> list[Block]:
    samples = {language: sample(campaign, language) for language in Language.values}

    def field(moment: str, language: str) -> Field:
        name = name_of(moment, language)
        text, error = typed.get(name, ""), errors.get(name, "")
        return Field(name, language, text, error, "" if error else rules.fill(text, samples[language]))

    return [
        Block(
            moment,
            label,
            WHEN[moment],
            [(name, rules.MEANING[name]) for name in rules.VARIABLES[moment]],
            [field(moment, language) for language in Language.values],
        )
        for moment, label in Words.Moment.choices
    ]


def sample(campaign: Campaign, language: str) -> dict[str, str]:
    """Values such as the words will meet; the campaign's own where it has them already."""
    group, reward = campaign.groups.first(), main_reward(campaign)
    with override(language):
        return {
            "nickname": gettext("Mei"),
            "inviter": gettext("Lin"),
            "campaign": campaign.name,
            "group": group.name if group else gettext("Group 1"),
            "reward": reward.name if reward else gettext("the reward"),
            "reason": str(Proof.Reason.NO_POSTER.label),
            "page_link": f"{settings.PUBLIC_URL}/p/…",
            "hours": "24",
            "why": gettext("for three friends"),
            "newcomer": gettext("Lin"),
            "count": "2",
            "left": "1",
            "next": gettext("1 more friend for the next reward."),
        }


@operator_required
@require_POST
def preview(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """How one text will read, or what is wrong with it, while it is being typed."""
    campaign = campaign_for(request, campaign_id)
    name = request.POST.get("name", "")
    moment, language = name.split(".", 1) if "." in name else ("", "")
    if moment not in Words.Moment.values or language not in Language.values:
        raise Refusal("unknown_moment", _("There is no such moment or language."), status=404)
    text = _plain(request.POST.get(name, ""))
    error = _fault(name, text)
    shown = "" if error else rules.fill(text.strip(), sample(campaign, language))
    field = Field(name, language, text, error, shown)
    return layout.fragment(request, "console/editor/_bubble.html", {"field": field})
