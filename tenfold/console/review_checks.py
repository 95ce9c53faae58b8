"""What a screenshot has to show, as a few plain questions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from tenfold.accounts.access import Right
from tenfold.base.models import Picture
from tenfold.base.pictures import keep
from tenfold.base.refusal import Refusal
from tenfold.campaigns.models import Campaign
from tenfold.codes.queries import slug_in
from tenfold.console.forms import Form
from tenfold.console.layout import campaign_for, operator_of, operator_required, say
from tenfold.console.review_frame import fell_back_text, framed
from tenfold.imaging.child import NoChild
from tenfold.imaging.intake import clean_apart
from tenfold.imaging.qr import read_codes
from tenfold.imaging.reading import Unreadable
from tenfold.people.models import Journey
from tenfold.proofs import plans
from tenfold.proofs.models import ReviewPlan
from tenfold.proofs.queries import plan_of
from tenfold.proofs.rules import WHY_UNREADABLE, refusal_of

SOMEBODYS = "somebodys"
PLAIN = [
    "place",
    "oldest_hours",
    "needs_everyone",
    "needs_caption",
    "needs_name",
    "opened_by",
    "sample_percent",
    "bound_percent",
    "second_percent",
    "keep_days",
    "appeals",
]


BETWEEN = gettext_lazy("A whole number from {least} to {most}.")


def _whole(label: str | Any, least: int, most: int, hint: str | Any) -> forms.IntegerField:
    wrong = format_lazy(BETWEEN, least=least, most=most)
    said = dict.fromkeys(("required", "invalid", "min_value", "max_value"), wrong)
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, help_text=hint, error_messages=said
    )


AGE = gettext_lazy(
    "Empty: any age. A message in a chat bears none: it counts as old as their code, and where that is too old a person"
    " is asked."
)

# What another answer to one of the questions costs, told before it is given.
WARNING: dict[str, Promise | str] = {
    ReviewPlan.Mode.AUTOMATIC: gettext_lazy(
        "The machine decides now. If you change any of these, people decide again, and the machine only watches until"
        " it was seen with the new questions."
    ),
    ReviewPlan.Mode.SHADOW: gettext_lazy(
        "How far machine and people agree is counted for these questions. If you change any of them, it is counted from"
        " the beginning."
    ),
}


class ChecksForm(Form):
    place = forms.ChoiceField(
        label=gettext_lazy("Where do people post it?"),
        choices=ReviewPlan.Place.choices,
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Choose one of the places.")
        ),
        help_text=gettext_lazy(
            "A poster opened on the phone may lie in the album: it does not show that it was shared."
        ),
    )
    oldest_hours = _whole(gettext_lazy("How old may the post be?"), 1, 24 * 366, AGE)
    needs_everyone = forms.BooleanField(
        label=gettext_lazy("Everyone has to be able to see it"),
        required=False,
        help_text=gettext_lazy("A post with a lock, or for some people only, does not count."),
    )
    needs_name = forms.BooleanField(
        label=gettext_lazy("Their own name stands above the post"),
        required=False,
        help_text=gettext_lazy("Many go by another name in chats: then a person is asked."),
    )
    needs_caption = forms.CharField(
        label=gettext_lazy("Which words go with it?"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Empty: any."),
        error_messages={"max_length": gettext_lazy("At most 120 characters: a screenshot shows no more.")},
    )
    opened_by = _whole(
        gettext_lazy("How many others have to come by their code, so that no screenshot is needed?"),
        0,
        50,
        gettext_lazy(
            "0: a screenshot is always needed. Opening the code alone counts for nothing: who gives a name here counts,"
            " and who comes back half a day later. Weaker than a screenshot: one person with several phones can do it."
        ),
    )
    sample_percent = _whole(
        gettext_lazy("Of what the machine decides, people look again at"), 1, 100, gettext_lazy("Never none.")
    )
    bound_percent = _whole(
        gettext_lazy("People take over again above"),
        1,
        50,
        gettext_lazy("Of what they looked at again, seen differently."),
    )
    second_percent = _whole(
        gettext_lazy("Of what people decide, a second person looks again at"),
        0,
        100,
        gettext_lazy("0: nobody does."),
    )
    appeals = forms.BooleanField(label=gettext_lazy("Who was not approved may appeal, once"), required=False)
    keep_days = _whole(
        gettext_lazy("How long are pictures kept?"),
        1,
        3650,
        gettext_lazy(
            "Then they are erased. What stays tells whether one was sent before, and shows nothing."
        ),
    )
    example = forms.FileField(
        label=gettext_lazy("An example of a good screenshot"),
        required=False,
        error_messages=dict.fromkeys(
            ("invalid", "empty", "missing"),
            gettext_lazy("This is not a picture we can read. Choose another one."),
        ),
        help_text=gettext_lazy(
            "Who was not approved sees it: take no participant's own. Without one we draw one with their own poster."
        ),
    )
    no_example = forms.BooleanField(label=gettext_lazy("Use the drawn example instead"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldest_hours"].required = False


@operator_required
@require_http_methods(["GET", "HEAD", "POST"])
def checks(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    is_save = request.method == "POST"
    campaign = campaign_for(request, campaign_id, Right.MANAGE if is_save else Right.REVIEW)
    plan = plan_of(campaign)
    form = ChecksForm(
        request.POST if is_save else None, request.FILES if is_save else None, initial=_initial(plan)
    )
    if is_save and form.is_valid() and _saved(request, campaign, form):
        say(request, _saved_text(plan, plan_of(campaign)))
        return redirect("console:checks", campaign.id)
    context: dict[str, object] = {
        "form": form,
        "example": plan.example_id,
        "warning": WARNING.get(plan.mode, ""),
    }
    status = 422 if form.errors else 200
    return framed(request, "checks.html", context, campaign=campaign, here="checks", status=status)


def _saved_text(before: ReviewPlan, plan: ReviewPlan) -> str:
    text = _("The checks are saved. They hold for what comes from now on.")
    if plan.mode == before.mode:
        return text
    return f"{text} {fell_back_text(plan)}"


def _initial(plan: ReviewPlan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in PLAIN}


def _saved(request: HttpRequest, campaign: Campaign, form: ChecksForm) -> bool:
    """False where a room said no; the form then says why, at its field."""
    asked = form.cleaned_data
    fields = {name: asked[name] for name in PLAIN}
    try:
        if (upload := asked["example"]) or asked["no_example"]:
            fields["example"] = _kept(campaign, upload) if upload else None
        plans.change_review_plan(campaign=campaign, operator=operator_of(request), **fields)
    except Refusal as refusal:
        form.refuse(refusal, "example" if refusal.code in (*WHY_UNREADABLE, SOMEBODYS) else None)
        return False
    return True


def _kept(campaign: Campaign, upload: UploadedFile[bytes]) -> Picture:
    try:
        clean = clean_apart(upload.read())
    except (Unreadable, NoChild) as error:
        raise refusal_of(error) from error
    _check_nobodys(campaign, clean.data)
    return keep(clean, workspace_id=campaign.workspace_id)


def _check_nobodys(campaign: Campaign, picture: bytes) -> None:
    """What everybody is shown must not be somebody's own screenshot, with their name and the code that counts for them.
    It tells itself by that code, of whichever of the workspace's campaigns it is."""
    slugs = {slug for code in read_codes(picture) if (slug := slug_in(code.text))}
    theirs = Journey.objects.filter(workspace_id=campaign.workspace_id, code__slug__in=slugs)
    if theirs.exists():
        raise Refusal(
            SOMEBODYS,
            _(
                "This is a participant's own screenshot: everybody would see their name, and could scan their code."
            ),
            status=400,
        )
