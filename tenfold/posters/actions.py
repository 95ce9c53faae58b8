"""Writing the texts of a campaign's poster, its designs and their versions, and the pictures that designs use."""

from __future__ import annotations

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
from tenfold.imaging.design import write_design
from tenfold.imaging.reading import CleanPicture, Unreadable, clean_picture
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact
from tenfold.posters import rules
from tenfold.posters.checking import Looked, looked_through
from tenfold.posters.models import DesignPicture, DesignVersion, PosterDesign, PosterText
from tenfold.proofs.rules import refusal_of as refusal_of_picture

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
    """The designs in use, each with the version that is shown; their pictures belong to the workspace."""
    for design in source.designs.exclude(variant="").select_related("shown"):
        if (shown := design.shown) is None:
            continue
        copy = PosterDesign.objects.create(
            workspace_id=to.workspace_id,
            campaign=to,
            kind=design.kind,
            name=design.name,
            variant=design.variant,
        )
        copy.shown = DesignVersion.objects.create(
            workspace_id=to.workspace_id,
            design=copy,
            number=1,
            content=shown.content,
            code=shown.code,
            checks=shown.checks,
            operator_id=shown.operator_id,
        )
        copy.save(update_fields=["shown"])


def _unknown(code: str) -> Refusal:
    return Refusal(code, _("There is no such choice."), status=400)


@step
def make_design(
    *, campaign: Campaign, kind: str, name: str, operator: Operator, row_id: UUID | None = None
) -> PosterDesign:
    """A design without a version, in use by nobody. The same `row_id` gives the one made before."""
    if row_id and (found := PosterDesign.objects.filter(pk=row_id, campaign=campaign).first()):
        return found
    if kind not in PosterDesign.Kind.values:
        raise _unknown("unknown_kind")
    design = PosterDesign(
        pk=row_id or new_id(),
        workspace_id=campaign.workspace_id,
        campaign=campaign,
        kind=kind,
        name=_name(name),
    )
    design.save(force_insert=True)
    _note(Fact.DESIGN_MADE, design, operator, kind=kind)
    return design


@step
def rename_design(*, design: PosterDesign, name: str, operator: Operator) -> PosterDesign:
    design.name = _name(name)
    design.save(update_fields=["name"])
    _note(Fact.CAMPAIGN_CHANGED, design, operator, name=design.name)
    return design


def save_version(
    *,
    design: PosterDesign,
    content: object,
    operator: Operator,
    after: int | None = None,
    row_id: UUID | None = None,
) -> DesignVersion:
    """Keep a design as its next version, and show it from now on.

    Raises DesignRefused with the flaws of its data, or with the checks that it did not stand. `after` is the number
    the editor began from (0: none yet): where somebody saved meanwhile, theirs is not overwritten unseen.
    """
    # Drawing and reading it takes a good part of a second: nobody's scan may wait for that at the database.
    looked = looked_through(design.campaign, design.kind, content)
    if looked.is_refused:
        raise rules.DesignRefused(checks=looked.checks)
    return _kept(design, looked, operator, after, row_id)


@step
def _kept(
    design: PosterDesign, looked: Looked, operator: Operator, after: int | None, row_id: UUID | None
) -> DesignVersion:
    if row_id and (found := DesignVersion.objects.filter(pk=row_id, design=design).first()):
        return found
    PosterDesign.objects.select_for_update().get(pk=design.pk)
    newest = design.versions.order_by("-number").values_list("number", flat=True).first() or 0
    if after is not None and after != newest:
        raise Refusal("design_moved", _("Somebody has saved this design meanwhile. Load theirs first."))
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
    _show(version, operator)
    return version


@step
def show_version(*, version: DesignVersion, operator: Operator) -> DesignVersion:
    """Back to an older version, or forth to a newer one."""
    _show(version, operator)
    return version


def _show(version: DesignVersion, operator: Operator) -> None:
    PosterDesign.objects.filter(pk=version.design_id).update(shown=version)
    _note(Fact.DESIGN_SAVED, version.design, operator, number=version.number)


@step
def choose_variant(*, design: PosterDesign, variant: str, operator: Operator) -> PosterDesign:
    """Put a design to use as variant A or B of its kind, in the place of the one that was; "" takes it out of use."""
    if variant not in PosterDesign.Variant.values:
        raise _unknown("unknown_variant")
    # All of the campaign's, in key order: two operators who choose at once follow one another.
    rows = PosterDesign.objects.select_for_update().filter(campaign_id=design.campaign_id, kind=design.kind)
    known = {each.pk: each for each in rows.order_by("pk")}
    if design.pk not in known:
        raise Refusal("not_found", _("This design is gone."), status=404)
    design = known[design.pk]
    if variant and design.shown_id is None:
        raise Refusal("no_version", _("Save the design first: it has no version yet."))
    if design.variant == variant:
        return design
    if variant:
        rows.filter(variant=variant).update(variant="")
    rows.filter(pk=design.pk).update(variant=variant)
    design.variant = variant
    _note(Fact.VARIANT_CHOSEN, design, operator, variant=variant)
    return design


def add_picture(*, workspace_id: UUID, data: bytes) -> DesignPicture:
    """Keep a picture for designs of the workspace; the same one is kept once. Raises Refusal for what is no picture."""
    try:
        return _kept_picture(workspace_id, clean_picture(data))
    except Unreadable as unreadable:
        raise refusal_of_picture(unreadable) from unreadable


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
