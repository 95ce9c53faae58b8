"""One screenshot as the desk shows it: the picture with what was found drawn over it, and the machine's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenfold.accounts.models import Language
from tenfold.console import review_evidence, review_words
from tenfold.console.review_evidence import View
from tenfold.console.review_reasons import short
from tenfold.console.review_words import Line
from tenfold.flow.claims import posters_of
from tenfold.imaging.seen import Findings, Quad
from tenfold.insight.desk import look_of, names_of, shot_of
from tenfold.posters.arts import art_key, code_layer
from tenfold.posters.drawing import Drawing, poster_of
from tenfold.posters.models import PosterDesign
from tenfold.posters.queries import chosen_among, in_use_at
from tenfold.proofs.likeness import exact_before
from tenfold.proofs.models import Look, Proof, ReviewPlan, Shot
from tenfold.proofs.queries import findings_of
from tenfold.proofs.rules import plan_then

BADGES_ACROSS = 14  # so many numbers fit beside each other over the width of a picture
BADGE = 20  # units of its drawing that a badge is wide


@dataclass(frozen=True)
class Mark:
    key: str
    tone: str
    points: str
    at: tuple[int, int]
    number: int = 0


@dataclass(frozen=True)
class Told:
    """A line with the number of its shape over the picture; 0 where it has none."""

    key: str
    tone: str
    text: str
    note: str
    number: int


@dataclass(frozen=True)
class Copy:
    """The earlier screenshot that this one is like."""

    who: str
    text: str
    is_own: bool
    """Whoever sends this one has sent it."""
    picture: str
    width: int
    height: int
    sent_at: datetime
    state: str
    is_erased: bool


@dataclass(frozen=True)
class Case:
    """All that the templates of one screenshot ask for; addresses and `viewBox`es are ready to be put in."""

    who: str
    picture: str
    poster: str
    width: int
    height: int
    is_erased: bool
    headline: str = ""
    outcome: str = ""
    marks: tuple[Mark, ...] = ()
    lines: tuple[Told, ...] = ()
    views: str = ""
    post_view: str = ""
    code_view: str = ""
    own_code_view: str = ""
    canvas: tuple[int, int] = (0, 0)
    earlier_copy: Copy | None = None

    @property
    def badge(self) -> str:
        return f"{self.width / BADGES_ACROSS / BADGE:.2f}"


def plain_case(proof: Proof) -> Case:
    """The picture and nothing that anybody has said about it."""
    return Case(
        who=proof.journey.person.nickname,
        picture=reverse("console:picture", args=[proof.picture_id]),
        poster=reverse("console:review_poster", args=[proof.campaign_id, proof.id]),
        width=proof.picture.width,
        height=proof.picture.height,
        is_erased=proof.erased_at is not None,
        post_view=f"0 0 {proof.picture.width} {proof.picture.height}",
    )


def cases(proofs: Sequence[Proof], plan: ReviewPlan) -> list[tuple[UUID, Case]]:
    """Many at the cost of one, each with its id."""
    names = names_of(*(look for proof in proofs if (look := look_of(proof))))
    return [(proof.pk, case(proof, plan, names=names)) for proof in proofs]


def case(proof: Proof, plan: ReviewPlan, *, names: Mapping[str, str] | None = None) -> Case:
    """With all that the machine has found, as far as it has looked. `names` are those of `names_of`, where the caller
    knows them."""
    bare, look = plain_case(proof), look_of(proof)
    if look is None:
        return bare
    shot = shot_of(proof)
    copy = _copy(shot, proof.journey.person_id) if shot else None
    said = replace(bare, headline=headline(look, plan), outcome=look.outcome or look.state, earlier_copy=copy)
    found = findings_of(look)
    if found is None or bare.is_erased:
        return said
    names = names_of(look) if names is None else names
    asked = plan_then(look.asked, plan)  # as it was when they sent it, and as the machine decided
    made = review_words.Made(look.outcome, look.found)
    lines = review_words.lines(found, asked, look.belongs, names, made)
    return _with_evidence(said, found, look, shot, lines)


def with_own_code(case: Case, proof: Proof) -> Case:
    """With where on their own poster their code is, to be enlarged beside the one that was found."""
    made = own_poster(proof)
    design, layer = made.chosen.design, code_layer(made)
    view = view_box(layer.box) if layer else ""
    return replace(case, own_code_view=view, canvas=(design.width, design.height))


def own_poster(proof: Proof) -> Drawing:
    """The sender's poster as it was when the screenshot was sent: the very one that was found in it, else in their
    own language."""
    look = look_of(proof)
    found = look.findings.get("poster") if look else None
    key = found.get("art", "") if isinstance(found, dict) else ""
    made = _posters(proof)
    likely = next(made)
    if not key or art_key(likely) == key:
        return likely
    return next((each for each in made if art_key(each) == key), likely)


def _posters(proof: Proof) -> Iterator[Drawing]:
    """The likeliest first, and asked for only as long as none is the one; at last those of other times."""
    journey, kind = proof.journey, PosterDesign.Kind.POSTER
    chosen = chosen_among(in_use_at(journey.campaign, kind, proof.sent_at), kind, journey.code_id)
    for language in dict.fromkeys((journey.person.language, *Language.values)):
        yield poster_of(journey.code, language=language, owner=journey, chosen=chosen)
    yield from posters_of(journey, at=proof.sent_at)


def view_box(view: View | None) -> str:
    return " ".join(str(number) for number in view) if view else ""


def _with_evidence(said: Case, found: Findings, look: Look, shot: Shot | None, lines: list[Line]) -> Case:
    changed = shot.changed if shot and shot.first_id else []
    if shot and shot.first_id:
        lines.append(Line("copy", "no", str(COPIES.get(shot.likeness, ANY_COPY))))
    lines += review_words.doubtful(look.doubts, lines)
    marks, told = _numbered(lines, found, changed)
    whole, post = (0, 0, found.width, found.height), review_evidence.post_view(found)
    code = review_evidence.code_view(found)
    views = dict.fromkeys(view_box(view) for view in (whole, post, code) if view)
    return replace(
        said,
        marks=tuple(marks),
        lines=tuple(told),
        views="|".join(views) if len(views) > 1 else "",
        post_view=view_box(post or whole),
        code_view=view_box(code),
    )


def _numbered(lines: list[Line], found: Findings, changed: list[Quad]) -> tuple[list[Mark], list[Told]]:
    """Lines with a shape are numbered as they stand in the list, so that one finds them in the picture."""
    places, marks, told = review_evidence.shapes(found), list[Mark](), list[Told]()
    least = round(found.width / BADGES_ACROSS)
    for line in lines:
        quads = changed if line.key == "copy" else [places[line.key]] if line.key in places else []
        number = sum(mark.number > 0 for mark in marks) + 1 if quads else 0
        told.append(Told(line.key, line.tone, line.text, line.note, number))
        for nth, quad in enumerate(quads):
            at, points = review_evidence.upper_left(quad, least=least), review_evidence.points(quad)
            marks.append(Mark(line.key, line.tone, points, at, 0 if nth else number))
    return marks, told


COPIES: dict[str, Promise | str] = {
    "exact": gettext_lazy("The very same picture was sent before"),
    "same": gettext_lazy("The same screenshot was sent before"),
    "clock_edited": gettext_lazy("Like one sent before: only the clock differs"),
    "age_edited": gettext_lazy("Like one sent before: only the age of the post differs"),
    "retaken": gettext_lazy("Like one sent before: clock and age of the post differ"),
    "cropped": gettext_lazy("A part of a screenshot that was sent before"),
}
ANY_COPY = gettext_lazy("Like one sent before, with changes")


def _copy(shot: Shot, sender_id: UUID) -> Copy | None:
    first = shot.first.proof if shot.first else exact_before(shot) if shot.likeness == "exact" else None
    if first is None:
        return None
    who, what = first.journey.person.nickname, COPIES.get(shot.likeness, ANY_COPY)
    is_own = first.journey.person_id == sender_id
    text = _("%(what)s: their own.") if is_own else _("%(what)s. It came from %(who)s.")
    return Copy(
        who=who,
        text=text % {"what": what, "who": who},
        is_own=is_own,
        picture=reverse("console:picture", args=[first.picture_id]),
        width=first.picture.width,
        height=first.picture.height,
        sent_at=first.sent_at,
        state=first.get_state_display(),
        is_erased=first.erased_at is not None,
    )


def headline(look: Look, plan: ReviewPlan) -> str:
    """What the machine says, in one sentence."""
    if look.state in (Look.State.QUEUED, Look.State.RUNNING):
        return _("The machine has not looked at it yet")
    if look.state == Look.State.UNREADABLE:
        return _("The machine could not look at this picture")
    reason = {"reason": short(look.reasons[0]) if look.reasons else ""}
    match look.outcome:
        case Look.Outcome.PASS:
            return _("The machine approved it") if look.is_applied else _("The machine would approve it")
        case Look.Outcome.FAIL:
            text = _("The machine did not approve it: %(reason)s")
            return (text if look.is_applied else _("The machine would not approve it: %(reason)s")) % reason
    is_sure = plan.mode == ReviewPlan.Mode.AUTOMATIC
    return _("The machine is not sure and asks you") if is_sure else _("The machine would ask you")
