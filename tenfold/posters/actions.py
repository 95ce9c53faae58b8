"""Writing the texts of a campaign's poster, its designs and their versions, and the pictures that designs use."""

from __future__ import annotations

from copy import copy
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Language, Operator
from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.keys import new_id
from tenfold.base.pictures import keep
from tenfold.base.refusal import Refusal, refusal_of
from tenfold.campaigns.models import Campaign
from tenfold.imaging.child import NoChild
from tenfold.imaging.design import Design, write_design
from tenfold.imaging.intake import clean_apart
from tenfold.imaging.reading import CleanPicture, Unreadable
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.posters import rules, sentences
from tenfold.posters.checking import Looked, looked_through
from tenfold.posters.models import DesignPicture, DesignVersion, PosterDesign, PosterText

ELEMENTS = ("title", "subtitle", "points", "endorsement", "offer")
LONGEST_NAME = 60
MOST_PICTURES = 500  # of a workspace; each is some hundred KB of the database


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


@step
def copy_designs(*, source: Campaign, to: Campaign) -> None:
    """The designs in use, each with the version that is shown; their pictures belong to the workspace. The copy's own
    entry in the journal says what it is a copy of."""
    for design in source.designs.exclude(variant="").select_related("shown"):
        if (shown := design.shown) is None:
            continue
        made = PosterDesign.objects.create(
            workspace_id=to.workspace_id,
            campaign=to,
            kind=design.kind,
            name=design.name,
            variant=design.variant,
        )
        made.shown = DesignVersion.objects.create(
            workspace_id=to.workspace_id,
            design=made,
            number=1,
            content=shown.content,
            code=shown.code,
            checks=shown.checks,
            operator_id=shown.operator_id,
        )
        made.save(update_fields=["shown"])


@step
def take_design(*, campaign: Campaign, name: str, design: Design, variant: str, operator: Operator) -> None:
    """Put a design to use that came in a file. It is looked through before the launch, like all; pictures it names have
    to be the workspace's own already."""
    known = DesignPicture.objects.filter(workspace_id=campaign.workspace_id, sha256__in=design.pictures)
    if known.count() < len(set(design.pictures)):
        message = _("It names pictures that are not in this workspace. Upload them to a design first.")
        raise Refusal("unknown_picture", message)
    taken = new_design(campaign=campaign, kind=design.kind, name=name)
    taken.variant = variant
    _made(taken, operator)
    version = DesignVersion.objects.create(
        workspace_id=campaign.workspace_id,
        design=taken,
        number=1,
        content=write_design(design),
        operator=operator,
        created_at=clock.now(),
    )
    PosterDesign.objects.filter(pk=taken.pk).update(shown=version)
    _note(Fact.DESIGN_SAVED, taken, operator, number=version.number)


def _unknown(code: str) -> Refusal:
    return Refusal(code, _("There is no such choice."), status=400)


def new_design(*, campaign: Campaign, kind: str, name: str, row_id: UUID | None = None) -> PosterDesign:
    """A design that `save_version` keeps with its first version, in use by nobody. The same `row_id` gives the one
    kept before."""
    if row_id and (found := PosterDesign.objects.filter(pk=row_id, campaign=campaign).first()):
        return found
    if kind not in PosterDesign.Kind.values:
        raise _unknown("unknown_kind")
    return PosterDesign(
        pk=row_id or new_id(),
        workspace_id=campaign.workspace_id,
        campaign=campaign,
        kind=kind,
        name=_name(name),
    )


def save_version(
    *,
    design: PosterDesign,
    content: object,
    operator: Operator,
    after: int | None = None,
    row_id: UUID | None = None,
    name: str | None = None,
    variant: str | None = None,
) -> DesignVersion:
    """Keep a design as its next version, and show it from now on; all of it is kept or nothing.

    `name` and `variant` are what the operator changed along with it: None leaves a colleague's choice as it is.
    `design` may be new (`new_design`): it is made with its first version. Raises DesignRefused with the flaws of its
    data, or with the checks that it did not stand. `after` is the number the editor began from (0: none yet): where
    somebody saved meanwhile, theirs is not overwritten unseen.
    """
    _known_variant(variant or "")
    name = None if name is None else _name(name)
    # Drawing and reading it takes a good part of a second: nobody's scan may wait for that at the database.
    looked = looked_through(design.campaign, design.kind, content)
    if looked.is_refused:
        raise rules.DesignRefused(checks=looked.checks)
    return _kept(design, looked, operator, after, row_id, name, variant)


@step
def _kept(
    design: PosterDesign,
    looked: Looked,
    operator: Operator,
    after: int | None,
    row_id: UUID | None,
    name: str | None,
    variant: str | None,
) -> DesignVersion:
    if row_id and (found := DesignVersion.objects.filter(pk=row_id, design_id=design.pk).first()):
        return found
    known = _locked(design)
    newest = _newest(design)
    if after is not None and after != newest:
        raise Refusal("design_moved", _("Somebody has saved this design meanwhile. Load theirs first."))
    if design.pk not in known:
        known[design.pk] = _made(design, operator)
    design = known[design.pk]
    _renamed(design, name, operator)
    version = DesignVersion.objects.create(
        pk=row_id or new_id(),
        workspace_id=design.workspace_id,
        design=design,
        number=newest + 1,
        content=write_design(looked.design),
        code=looked.code,
        checks=[check.as_kept() for check in looked.checks],
        operator=operator,
        created_at=clock.now(),
    )
    PosterDesign.objects.filter(pk=design.pk).update(shown=version)
    _note(Fact.DESIGN_SAVED, design, operator, number=version.number)
    _put_to_use(design, variant, operator)
    return version


def _newest(design: PosterDesign) -> int:
    numbers = DesignVersion.objects.filter(design_id=design.pk).order_by("-number")
    return numbers.values_list("number", flat=True).first() or 0


def _locked(design: PosterDesign) -> dict[UUID, PosterDesign]:
    """All of the campaign's and of its kind, in key order: two operators who choose or save at once follow one
    another."""
    rows = PosterDesign.objects.select_for_update(no_key=True).filter(
        campaign_id=design.campaign_id, kind=design.kind
    )
    return {each.pk: each for each in rows.order_by("pk")}


def _made(design: PosterDesign, operator: Operator) -> PosterDesign:
    if not design._state.adding:
        raise Refusal("not_found", _("This design is gone."), status=404)
    # A copy: should the database ask for the step again, the one given is new as before.
    made = copy(design)
    made.save(force_insert=True)
    _note(Fact.DESIGN_MADE, made, operator, kind=made.kind)
    return made


def _renamed(design: PosterDesign, name: str | None, operator: Operator) -> None:
    if name is None or name == design.name:
        return
    design.name = name
    design.save(update_fields=["name"])
    _note(Fact.CAMPAIGN_CHANGED, design, operator, name=name)


@step
def choose_variant(*, design: PosterDesign, variant: str, operator: Operator) -> PosterDesign:
    """Put a design to use as variant A or B of its kind, in the place of the one that was; "" takes it out of use."""
    _known_variant(variant)
    known = _locked(design)
    if design.pk not in known:
        raise Refusal("not_found", _("This design is gone."), status=404)
    design = known[design.pk]
    if variant and design.shown_id is None:
        raise Refusal("no_version", _("Save the design first: it has no version yet."))
    _put_to_use(design, variant, operator)
    return design


def _known_variant(variant: str) -> None:
    if variant not in PosterDesign.Variant.values:
        raise _unknown("unknown_variant")


def _put_to_use(design: PosterDesign, variant: str | None, operator: Operator) -> None:
    if variant is None or design.variant == variant:
        return
    if variant:
        rows = PosterDesign.objects.filter(campaign_id=design.campaign_id, kind=design.kind)
        rows.filter(variant=variant).update(variant="")
    PosterDesign.objects.filter(pk=design.pk).update(variant=variant)
    design.variant = variant
    _note(Fact.VARIANT_CHOSEN, design, operator, variant=variant)


def add_picture(*, workspace_id: UUID, data: bytes) -> DesignPicture:
    """Keep a picture for designs of the workspace; the same one is kept once. Raises Refusal for what is no picture."""
    try:
        return _kept_picture(workspace_id, clean_apart(data))
    except Unreadable as unreadable:
        raise Refusal(unreadable.reason, sentences.of_picture(unreadable.reason), status=400) from unreadable
    except NoChild as error:
        raise Refusal("busy", sentences.of_picture("busy"), status=503) from error


@step
def _kept_picture(workspace_id: UUID, clean: CleanPicture) -> DesignPicture:
    known = DesignPicture.objects.filter(workspace_id=workspace_id)
    if found := known.filter(sha256=clean.sha256).select_related("picture").first():
        return found
    if known.count() >= MOST_PICTURES:
        raise Refusal("too_many_pictures", _("There are too many pictures already."))
    picture = keep(clean, workspace_id=workspace_id)
    return DesignPicture.objects.create(workspace_id=workspace_id, picture=picture, sha256=clean.sha256)


def _name(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise Refusal("bad_design_name", _("A design needs a name of at most 60 characters."), status=400)
    return name


def _note(fact: Fact, design: PosterDesign, operator: Operator | None, **told: object) -> None:
    told = {"design": str(design.pk), **told}
    write(fact, design, told, campaign_id=design.campaign_id, operator_id=operator.id if operator else None)
