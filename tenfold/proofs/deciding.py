"""What the machine makes of a look at a screenshot: questions, each answered yes, surely not, or not known."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenfold.imaging.seen import PERSON_ALIKE, Findings
from tenfold.proofs.case import Case, Owner
from tenfold.proofs.copies import Match, held_against
from tenfold.proofs.models import Look, Proof, ReviewPlan

Reason, Doubt, Outcome = Proof.Reason, Look.Doubt, Look.Outcome
# Below this lead over the decoys, on modules of this many pixels, it is rather another code than theirs badly seen.
OTHER_LEAD, OTHER_MODULE = 0.05, 0.9
SURELY_THERE, SURELY_MISSING = 0.8, 0.2
HINT_SHOWN = 0.5

POSTS = ("post", "detail", "grid")
# A viewer also shows what lies in the phone's album: that it was shared does not follow.
PLACES: dict[str, tuple[str, ...]] = {
    ReviewPlan.Place.SHARED: (*POSTS, "chat"),
    ReviewPlan.Place.MOMENTS: POSTS,
    ReviewPlan.Place.GROUP: ("chat",),
    ReviewPlan.Place.ANY: (*POSTS, "chat", "viewer"),
}
REASON_OF_OWNER: dict[str, str] = {"other_person": Reason.WRONG_PERSON}
SIGNED = ("other_person", "other_campaign", "channel")

FOUND: dict[str, str | Promise] = {
    "poster": _("The campaign's poster"),
    "code_decoded": _("Their own code, read"),
    "code_matched": _("Their own code, matched against others"),
    "post": _("A post among others"),
    "detail": _("A post by itself"),
    "chat": _("A message in a chat"),
    "grid": _("A post with several pictures"),
    "viewer": _("The poster in a viewer"),
    "everyone": _("Visible to everyone"),
    "age": _("A post that is young enough"),
    "caption": _("The words to post with it"),
    "name": _("Their name above the post"),
    "delete_button": _("A button to delete it, as only its author has"),
}


@dataclass(frozen=True)
class Judgement:
    """What the machine makes of a look. `reasons` are codes for the participant, the gravest first; where a person is
    asked, those that may turn out to be true. `missing` says why a person is asked, `found` what speaks for it."""

    outcome: str
    reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    found: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Answer:
    """To one question: it is so (`found`), it is surely not (`reason`), or it is not known (`doubt`, with the reason
    that may be behind it)."""

    kind: Literal["yes", "no", "unsure", "unasked"]
    found: str = ""
    reason: str = ""
    doubt: str = ""


UNASKED = _Answer("unasked")


def _yes(found: str) -> _Answer:
    return _Answer("yes", found=found)


def _no(reason: str) -> _Answer:
    return _Answer("no", reason=reason)


def _unsure(doubt: str, reason: str = "") -> _Answer:
    return _Answer("unsure", doubt=doubt, reason=reason)


def decide(
    findings: Findings,
    plan: ReviewPlan,
    belongs: Mapping[str, Owner],
    same: Match | None,
    *,
    code_minutes: int | None = None,
) -> Judgement:
    """Approve only what is proven, poster and own code first of all; not approve only on a hard fact; ask a person
    about all the rest. `belongs` says whose each code is that was read, `code_minutes` for how long at most they had
    their own when this was sent."""
    case = Case(findings, plan, belongs, same, code_minutes)
    answers = [question(case) for question in QUESTIONS]
    found = tuple(dict.fromkeys(answer.found for answer in answers if answer.found))
    facts = _each(answer.reason for answer in answers if answer.kind == "no")
    if facts:
        return Judgement(Outcome.FAIL, facts, (), found)
    doubts = _each(answer.doubt for answer in answers if answer.kind == "unsure")
    if not doubts and case.is_placed and case.is_own:
        return Judgement(Outcome.PASS, (), (), found)
    return Judgement(
        Outcome.ASK, _each(answer.reason for answer in answers), _with_hints(findings, doubts), found
    )


def proves_own_code(findings: Findings, belongs: Mapping[str, Owner]) -> bool:
    """Whether the sender's own code is in it, whatever is asked besides."""
    return Case(findings, ReviewPlan(), belongs, None).is_own


def unread() -> Judgement:
    """The machine could not look at it at all."""
    return Judgement(Outcome.ASK, (Reason.UNREADABLE,), (Doubt.UNREADABLE,))


def _each(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(code) for code in codes if code))


def _with_hints(findings: Findings, doubts: tuple[str, ...]) -> tuple[str, ...]:
    """Signs of editing are shown to whoever is asked anyway; nobody is asked because of them."""
    is_edited = any(hint.strength >= HINT_SHOWN for hint in findings.hints)
    return (*doubts, Doubt.EDITED) if is_edited else doubts


def _file(case: Case) -> _Answer:
    is_theirs = case.is_placed or case.is_own
    return _no(Reason.NOT_A_SCREENSHOT) if case.seen.screen == "file" and is_theirs else UNASKED


def _copy(case: Case) -> _Answer:
    """An earlier shot that it is like may be held against it: `copies` says how."""
    held = held_against(case.same, has_own_code=case.is_own) if case.same else ""
    if held == "already_used":
        return _no(Reason.ALREADY_USED)
    return _unsure(Doubt.COPY_SUSPECTED, Reason.ALREADY_USED) if held else UNASKED


def _code(case: Case) -> _Answer:
    on_poster = case.others_on_poster
    whose = REASON_OF_OWNER.get(_gravest(on_poster), Reason.WRONG_CODE) if on_poster else Reason.WRONG_CODE
    if case.is_own_aside:
        return _unsure(Doubt.OTHER_CODE, whose)
    if on_poster and case.is_decoded:
        return _unsure(Doubt.OTHER_CODE)
    if on_poster:
        return _no(whose)
    if case.is_own:
        return _yes("code_decoded" if case.is_decoded else "code_matched")
    if case.is_placed:
        return _unsure(Doubt.CODE_NOT_PROVEN, _why_unproven(case.seen))
    signed = [owner for owner in case.others if owner in SIGNED]
    if signed:
        return _no(REASON_OF_OWNER.get(_gravest(signed), Reason.WRONG_CODE))
    return _unsure(Doubt.CODE_NOT_PROVEN, Reason.WRONG_CODE if case.has_other_on_what_is_like_it else "")


def _gravest(owners: Collection[str]) -> str:
    return "other_person" if "other_person" in owners else next(iter(owners))


def _why_unproven(seen: Findings) -> str:
    if seen.poster and seen.poster.is_cropped:
        return Reason.UNREADABLE
    is_other = seen.code and seen.code.module >= OTHER_MODULE and seen.code.margin < OTHER_LEAD
    return Reason.WRONG_CODE if is_other else Reason.UNREADABLE


def _poster(case: Case) -> _Answer:
    if case.is_placed:
        return _yes("poster")
    if case.seen.screen == "grid":
        return _unsure(Doubt.SMALL_PICTURE_IN_A_POST, Reason.UNREADABLE)
    return _unsure(Doubt.POSTER_NOT_FOUND, "" if case.is_own else Reason.NO_POSTER)


def _other_code(case: Case) -> _Answer:
    """Another code but no poster: what is to be seen may be another poster."""
    is_other = bool(case.others) and not case.is_placed and not case.is_own
    return _unsure(Doubt.OTHER_CODE, Reason.WRONG_CODE) if is_other else UNASKED


def _place(case: Case) -> _Answer:
    screen = case.seen.screen
    if screen in PLACES[case.plan.place]:
        return _yes(screen)
    if screen == "file":
        return _unsure(Doubt.SCREEN_UNKNOWN, Reason.NOT_A_SCREENSHOT)
    return _unsure(Doubt.SCREEN_UNKNOWN if screen == "unknown" else Doubt.WRONG_PLACE)


def _audience(case: Case) -> _Answer:
    """Of posts only: a message in a chat has no audience to choose."""
    if not case.plan.needs_everyone:
        return UNASKED
    audience = case.seen.post.audience if case.seen.post else "unknown"
    if audience == "restricted":
        return _fact(case, Reason.RESTRICTED_AUDIENCE, Doubt.AUDIENCE_NOT_READ)
    if audience == "everyone" and case.seen.screen in POSTS:
        return _yes("everyone")
    # What is on no screen that is known may be a post.
    is_post = case.seen.screen in (*POSTS, "unknown") and case.is_placed
    return _unsure(Doubt.AUDIENCE_NOT_READ) if is_post else UNASKED


def _age(case: Case) -> _Answer:
    if not case.plan.oldest_hours:
        return UNASKED
    post, most = case.seen.post, case.plan.oldest_hours * 60
    # Nothing with their code on it is older than the code.
    is_young = case.is_placed and case.is_own and case.code_minutes is not None and case.code_minutes <= most
    if post is None or post.youngest_minutes is None or post.oldest_minutes is None:
        return _yes("age") if is_young else _unsure(Doubt.AGE_NOT_READ)  # a message in a chat bears no age
    if post.youngest_minutes > most:
        # What was read cannot be so where the code is young: of another post, or misread.
        return (
            _unsure(Doubt.AGE_NOT_READ, Reason.TOO_OLD)
            if is_young
            else _fact(case, Reason.TOO_OLD, Doubt.AGE_NOT_READ)
        )
    return _yes("age") if post.oldest_minutes <= most else _unsure(Doubt.AGE_NOT_READ)


def _caption(case: Case) -> _Answer:
    if not case.plan.needs_caption:
        return UNASKED
    post = case.seen.post
    if post is None or post.caption is None or post.caption_share is None:
        return _unsure(Doubt.CAPTION_NOT_READ)
    if post.caption_share <= SURELY_MISSING:
        return _fact(case, Reason.WRONG_CAPTION, Doubt.CAPTION_NOT_READ)
    is_there = post.caption_share >= SURELY_THERE
    return _yes("caption") if is_there else _unsure(Doubt.CAPTION_NOT_READ, Reason.WRONG_CAPTION)


def _fact(case: Case, reason: str, doubt: str) -> _Answer:
    """Hard only where it is their post, which their code proves."""
    return _no(reason) if case.is_placed and case.is_own else _unsure(doubt, reason)


def _name(case: Case) -> _Answer:
    if not case.plan.needs_name:
        return UNASKED
    share = case.seen.post.name_share if case.seen.post else None
    return _yes("name") if (share or 0) >= SURELY_THERE else _unsure(Doubt.NAME_DIFFERS)


def _person(case: Case) -> _Answer:
    share = case.seen.person_share
    return _unsure(Doubt.PERSON_DIFFERS) if share is not None and share < PERSON_ALIKE else UNASKED


def _author(case: Case) -> _Answer:
    has_button = case.seen.post is not None and case.seen.post.delete_button is not None
    return _Answer("unasked", found="delete_button") if has_button else UNASKED


# In this order of gravity.
QUESTIONS: tuple[Callable[[Case], _Answer], ...] = (
    *(_file, _copy, _code, _poster, _other_code, _place),
    *(_audience, _age, _caption, _name, _person, _author),
)
