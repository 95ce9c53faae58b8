"""What a look has found, in words for a reviewer: what was there, what was not, and what nobody can tell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenfold.imaging.seen import PERSON_ALIKE, Findings, PostSeen
from tenfold.proofs.deciding import SURELY_THERE
from tenfold.proofs.models import Look, ReviewPlan

Tone = Literal["yes", "no", "open", "hint"]


@dataclass(frozen=True)
class Line:
    """One finding. `key` is that of its shape over the picture, if it has one; `note` is what was read or measured."""

    key: str
    tone: Tone
    text: str
    note: str = ""


@dataclass(frozen=True)
class Made:
    """What the machine makes of the findings: its outcome, and what speaks for the picture (`deciding.FOUND`)."""

    outcome: str = ""
    found: Sequence[str] = ()


SCREENS: dict[str, Promise | str] = {
    "post": gettext_lazy("A post in a feed"),
    "detail": gettext_lazy("An opened post"),
    "chat": gettext_lazy("A message in a chat"),
    "grid": gettext_lazy("One of several small pictures in a post"),
    "viewer": gettext_lazy("The poster alone, opened on a phone"),
    "file": gettext_lazy("The poster's own file, not a screenshot"),
    "unknown": gettext_lazy("What kind of screen this is cannot be told"),
}
OWNERS: dict[str, Promise | str] = {
    "own": gettext_lazy("their own code"),
    "other_person": gettext_lazy("the code of somebody else in this campaign"),
    "other_campaign": gettext_lazy("a code of another campaign"),
    "channel": gettext_lazy("a code of this campaign that is no participant's"),
    "group": gettext_lazy("a group's code"),
    "foreign": gettext_lazy("a code that is none of ours"),
}


Belongs = Mapping[str, Sequence[str]]
"""The text of each code that was read: whose it is (`case.Owner`), and the id of their journey or nothing."""


def lines(
    found: Findings,
    asked: ReviewPlan,
    belongs: Belongs,
    names: Mapping[str, str],
    made: Made | None = None,
) -> list[Line]:
    """What is worth telling about a picture, the weightiest first. `names` are those of other journeys, `made` is
    what the machine makes of it all."""
    made = made or Made()
    told = [*_poster(found), *_code(found), *_others(found, belongs, names), *_screen(found)]
    told += _post(found.post, asked, made) if found.post else _unlooked(found, asked, belongs, made)
    return [*told, *_person(found, asked), *_hints(found)]


def doubtful(doubts: Iterable[str], told: Sequence[Line]) -> list[Line]:
    """What the machine doubts and no line says yet. That it only watches, or was drawn by chance, is no doubt."""
    keys = {line.key.split("-")[0] for line in told}
    keys |= ABOUT_POST if UNLOOKED in keys else set()
    return [
        Line("", "open", str(Look.Doubt(doubt).label))
        for doubt in doubts
        if doubt in Look.Doubt.values and doubt not in ABOUT_MODE and SAID_BY.get(doubt) not in keys
    ]


def _poster(found: Findings) -> Iterator[Line]:
    if found.poster is None:
        yield Line("poster", "open", _("The campaign's poster was not found"))
        return
    note = _("fits by %(percent)s %%") % {"percent": round(100 * found.poster.score)}
    if found.poster.is_cropped:
        note = _("only a part of it is in the picture, %(note)s") % {"note": note}
    yield Line("poster", "yes", _("The campaign's poster is there"), note)


def _code(found: Findings) -> Iterator[Line]:
    code = found.code
    if code is None or not code.proven:
        yield Line("code", "open", _("Their own code was not proven"), _small(found) if code else "")
    elif code.proven == "decoded":
        yield Line("code", "yes", _("Their own code was read"))
    else:
        note = _("too small to be read: its dots match far better than those of any other code")
        yield Line("code", "yes", _("Their own code was recognised"), note)


def _small(found: Findings) -> str:
    if not found.code or not found.code.module:
        return ""
    return _("%(pixels)s pixels a dot") % {"pixels": f"{found.code.module:.1f}"}


def _others(found: Findings, belongs: Belongs, names: Mapping[str, str]) -> Iterator[Line]:
    """Codes that were read and are not theirs; their own is told by `_code`."""
    for number, code in enumerate(found.codes):
        owner, journey_id = (*belongs.get(code.text, ("foreign", "")), "")[:2]
        if owner == "own":
            continue
        if name := names.get(journey_id):
            text = _("Read: the code of %(who)s") % {"who": name}
        else:
            text = _("Read: %(what)s") % {"what": OWNERS.get(owner, owner)}
        yield Line(f"read-{number}", "no", text, code.text[:120])


def _is_proven(found: Findings) -> bool:
    return found.code is not None and bool(found.code.proven)


def _screen(found: Findings) -> Iterator[Line]:
    if found.screen == "unknown" and not _is_proven(found):
        return  # `_unlooked` says why
    tone: Tone = "no" if found.screen == "file" else "open" if found.screen in ("unknown", "grid") else "yes"
    yield Line("screen", tone, str(SCREENS.get(found.screen, SCREENS["unknown"])))


def _unlooked(found: Findings, asked: ReviewPlan, belongs: Belongs, made: Made) -> Iterator[Line]:
    """Around the poster nothing is read where it would prove nothing: that is no failure to read it."""
    owners = {(*belongs.get(code.text, ()), "foreign")[0] for code in found.codes}
    if not _is_proven(found) and owners - {"own"}:
        yield Line(UNLOOKED, "open", _("The post itself was not looked at, because the code is not theirs"))
    elif not _is_proven(found):
        yield Line(UNLOOKED, "open", _("The post itself was not looked at, because their code is not proven"))
    elif found.poster is None:
        yield Line(UNLOOKED, "open", _("The post itself was not looked at, because the poster was not found"))
    else:
        yield from _unsaid(asked, made)


def _unsaid(asked: ReviewPlan, made: Made) -> Iterator[Line]:
    """A screen that says nothing about the post. Its age may be known from the code, whatever else is in doubt."""
    is_young = _is_young(asked, made)
    if is_young:
        yield _young()
    has_more = asked.needs_everyone or asked.needs_caption or asked.needs_name
    if made.outcome == Look.Outcome.PASS:  # nothing more was asked of it
        return
    if has_more and is_young:
        yield Line(UNLOOKED, "open", _("On a screen like this nothing else is said about the post"))
    elif has_more or (asked.oldest_hours and not is_young):
        yield Line(UNLOOKED, "open", _("On a screen like this nothing tells when and for whom it was posted"))


def _post(post: PostSeen, asked: ReviewPlan, made: Made) -> Iterator[Line]:
    if asked.oldest_hours:
        yield _age(post, asked.oldest_hours * 60, is_young=_is_young(asked, made))
    if asked.needs_everyone:
        yield _audience(post)
    if asked.needs_caption:
        yield _caption(post)
    if post.delete_button:
        yield Line("delete_button", "yes", _("It can be deleted here: the post is their own"))


def _is_young(asked: ReviewPlan, made: Made) -> bool:
    return bool(asked.oldest_hours) and "age" in made.found


def _young() -> Line:
    return Line("", "yes", _("It is no older than their code, and that is young enough"))


def _age(post: PostSeen, most: int, *, is_young: bool) -> Line:
    if post.age is None or post.youngest_minutes is None or post.oldest_minutes is None:
        if is_young:
            return _young()
        return Line("age", "open", _("How old the post is could not be read"))
    note = f"“{post.age.text}”"
    if post.oldest_minutes <= most:
        return Line("age", "yes", _("The post is young enough"), note)
    if post.youngest_minutes > most:
        return Line("age", "no", _("The post is too old"), note)
    return Line("age", "open", _("The post may be too old"), note)


def _audience(post: PostSeen) -> Line:
    if post.audience == "everyone":
        return Line("audience", "yes", _("Nothing restricts who sees it"))
    if post.audience == "restricted":
        return Line("audience", "no", _("Only some people can see it"))
    return Line("audience", "open", _("Who can see it could not be told"))


def _caption(post: PostSeen) -> Line:
    share = post.caption_share
    if post.caption is None or share is None:
        return Line("caption", "open", _("The words beside the poster could not be read"))
    note = f"“{post.caption.text[:80]}”"
    if share >= SURELY_THERE:
        return Line("caption", "yes", _("The words asked for are there"), note)
    percent = {"percent": round(100 * share)}
    return Line("caption", "open", _("Of the words asked for, %(percent)s %% are there") % percent, note)


def _person(found: Findings, asked: ReviewPlan) -> Iterator[Line]:
    if found.person_share is not None and found.person_share < PERSON_ALIKE:
        yield Line("person", "open", _("Face and name on the poster do not look like theirs"))
    if not asked.needs_name:
        return
    post = found.post
    if post is None:
        return
    if post.name is None or post.name_share is None:
        yield Line("name", "open", _("Whose post it is could not be read"))
        return
    is_theirs = post.name_share >= SURELY_THERE
    text = _("The post bears their name") if is_theirs else _("The post bears another name")
    yield Line("name", "yes" if is_theirs else "open", text, f"“{post.name.text[:40]}”")


def _hints(found: Findings) -> Iterator[Line]:
    for number, hint in enumerate(found.hints):
        yield Line(f"hint-{number}", "hint", str(HINTS.get(hint.kind, ANY_HINT)))


UNLOOKED = "post"
# What only the post itself can tell, by the keys of their lines.
ABOUT_POST = {"age", "audience", "caption", "name", "screen"}
D = Look.Doubt
ABOUT_MODE = (D.SHADOW, D.OFF, D.SAMPLED, D.APPEAL)
# Which line tells of a doubt already.
SAID_BY: dict[str, str] = {
    D.POSTER_NOT_FOUND: "poster",
    D.CODE_NOT_PROVEN: "code",
    D.OTHER_CODE: "read",
    D.AGE_NOT_READ: "age",
    D.AUDIENCE_NOT_READ: "audience",
    D.CAPTION_NOT_READ: "caption",
    D.NAME_DIFFERS: "name",
    D.PERSON_DIFFERS: "person",
    D.COPY_SUSPECTED: "copy",
    D.SMALL_PICTURE_IN_A_POST: "screen",
    D.SCREEN_UNKNOWN: "screen",
    D.EDITED: "hint",
}
ANY_HINT = gettext_lazy("Something here may have been edited: look closely")
HINTS: dict[str, Promise | str] = {}
