"""Who may see a post, by what stands behind its age: words that say it, a mark that restricts it, or nothing at all.

"Everyone" is believed where the age is in its place, whatever its figures, and only in two ways: words that say just
that, with nothing between them and the age but a phone or a place as apps name them, nothing that might turn them
round, and nothing after them but what is known to be harmless; or nothing at all between the age and the button to
delete it, which only its author has, for who posts is shown the mark. A mark is never recognised by its shape.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import numpy as np

from tenfold.imaging.agelines import (
    CLEAR,
    DELETE,
    LED,
    OWN,
    SURE,
    AgeLine,
    Word,
    button_in,
    button_of,
    tells_age,
    words_with,
)
from tenfold.imaging.ocr import Character, surety_of, text_of
from tenfold.imaging.places import PLACES
from tenfold.imaging.postlines import Line
from tenfold.imaging.seen import Audience, Quad
from tenfold.imaging.textlines import columns, runs

# Simplified and narrow, as `ages.plain` makes text. What only some may see is said by any of these, wherever it stands.
RESTRICTED = re.compile(
    "私密|不公开|非公开|仅.{1,8}可见|部分.{0,4}可见|(?:好友|朋友|粉丝)(?:圈)?可见|只限|限定好友|不给谁看|谁可以看|只给谁看"
    "|private|onlyme|notpublic|closefriends|except|visibleto(?!everyone|anyone|all|public)"
    "|shared(?:with)?(?!everyone|anyone|all|public)|sharewith"
)
# And by these, where nothing else is said.
_SOME = re.compile(
    "(?:好友|朋友|粉丝|密友|挚友|亲友|家人|互关好友|本人|自己|(?:我)?关注的人|好友圈|friends|followers|subscribers|contacts|family)$"
)
# And by these behind an age, where their line ends.
_ONLY = re.compile("(?:friends|followers|subscribers|contacts|family)only$")
_EVERYONE = re.compile(
    "(?:对)?(?:所有人|全部人|任何人|全体|全部|公开)可见|对?所有人公开|公开|visibleto(?:everyone|anyone|all)|public|everyone|anyone"
)
# What apps put before them: the phone it was sent from, its model with a figure, and the place, of those there are.
_BRAND = "(?:iphone|ipad|android|华为|huawei|小米|xiaomi|redmi|荣耀|honor|vivo|oppo|oneplus|realme|samsung)"
_MODEL = "(?:[a-z]{0,5}[0-9]{1,3}(?:pro|plus|max|promax|ultra)?)?"
_FROM = f"(?:来自|(?:sent)?via)(?:{_BRAND}{_MODEL}|微博(?:网页版)?|web|mobile)"
_BEFORE = re.compile(f"[·•∙・|丨-]?(?P<said>{_FROM}|{PLACES})")
_SEPARATORS = re.compile("[·•∙・.,，|丨/:-]*")
# Nothing is certain of a post where any of these stands in a line that says more, or that has no age.
_DOUBTFUL = re.compile(
    f"{RESTRICTED.pattern}|可见|除外|屏蔽|不给|仅限?(?:好友|朋友|粉丝|自己|本人|互关)|hidden|friendsonly|followersonly"
)
# All that may follow the words for everyone: anything else may take some away.
_DEVICE = "(?:iphone|ipad|android|web|mobile|安卓|华为|小米|荣耀|vivo|oppo|微博|网页版?|小程序)"
_HARMLESS = re.compile(
    f"(?:[·•∙・|丨-]*(?:{OWN.pattern}|已编辑|编辑|修改|edited|edit(?!ed)|来自{_DEVICE}|(?:sent)?via{_DEVICE}))*[·•∙・|丨-]*"
)

# All of an em.
_REACH = 0.95  # from the middle of a letter: its half, and how far off its middle may be told
_SEPARATOR_WIDE = 0.5
_STROKE = 0.25
_NEXT_WORD = 0.45  # nearer, without a separator, more of the same words follows
_IDEOGRAPH_MORE = 0.7  # so much wider than its letters words may be, with a separator close before them
_NO_ROOM = 1.15  # so little between age and button has no room for a mark
# Of a mark that was painted over, between age and button, the room is left; a button farther off may stand so. No words
# do: there a longer age may have been.
_MARKS_ROOM = (1.5, 3.4)
_DOT, _UNEVEN, _AIR_OF_DOTS = 0.5, 0.12, 0.4
_MARK_WIDE = (0.3, 2.6)
_MARK_TALL = (0.4, 1.7)
_FAINT = 0.25  # of the age's own darkness: less is no ink

Told = tuple[Audience, Quad | None]
UNTOLD: Told = "unknown", None


def is_restriction(text: str) -> bool:
    """Whether a line by itself says that only some may see the post: such words and little else."""
    said = RESTRICTED.search(text)
    return said is not None and 2 * len(said[0]) >= len(text)


def may_restrict(text: str) -> bool:
    """Whether a line has words that may take some away from those who see the post, whatever else it says."""
    return _DOUBTFUL.search(text) is not None or _SOME.match(text) is not None


def tells_more(line: Line, today: date | None) -> bool:
    """Whether a line besides the one with the age says such a thing too: one of both was written by the author."""
    return tells_age(line, today) or button_in(line) is not None or may_restrict(line.text)


def audience_of(found: AgeLine, *, is_in_place: bool, is_straight: bool, is_alone: bool = True) -> Told:
    """Who may see the post, by what stands behind its age. Where other lines tell such things too, words for "everyone"
    may be what its author wrote."""
    is_clear = is_straight and found.line.page.ink.noise < CLEAR
    said = _said(found, is_in_place=is_in_place, is_clear=is_clear)
    if said is not None:
        return said if is_alone or said[0] != "everyone" else UNTOLD
    if found.button is None or button_of(found) is None or found.button[0] < found.end:
        return UNTOLD
    between = found.words[found.end : found.button[0]]
    if between:
        return _marked(found, between)
    if not DELETE.match(text_of(found.button_characters).lower()):
        return UNTOLD
    if not (_is_ink_of(found, found.characters) and _is_ink_of(found, found.button_characters)):
        return UNTOLD
    is_followed = _is_followed(found, found.words[found.button[1] - 1].x1)
    if not is_in_place or is_followed or may_restrict(found.line.text):
        return UNTOLD
    return ("everyone", None) if _is_empty(found, found.end - 1, is_clear=is_clear) else UNTOLD


def _said(found: AgeLine, *, is_in_place: bool, is_clear: bool) -> Told | None:
    """What the words behind the age say; None where they are about something else."""
    quad = found.line.quad(found.x1, found.words[-1].x1)
    text, first = found.line.text, found.words[found.end - 1].last
    start_at, lead = _before(found, first, is_clear=is_clear)
    if RESTRICTED.search(text, first) or _ONLY.search(text, first):
        return "restricted", quad
    start = _SEPARATORS.match(text, start_at)
    said = _EVERYONE.match(text, start.end() if start else start_at)
    if said is None:
        return ("restricted", quad) if _says_some(found) else None
    words = words_with(found.words, start_at, said.end())
    letters = found.line.characters[said.start() : said.end()]
    if words is None or not is_in_place or surety_of(letters) < SURE or _SOME.search(text):
        return UNTOLD
    if not (_is_ink_of(found, found.characters) and _is_ink_of(found, letters, is_from=False)):
        return UNTOLD
    is_whole = _is_bare_before(found, lead, words, said.start(), is_clear=is_clear) and _has_room_for(
        found, words, said[0]
    )
    return ("everyone", None) if is_whole and _ends_at(found, words[1]) else UNTOLD


def _is_ink_of(found: AgeLine, letters: Sequence[Character], *, is_from: bool = True) -> bool:
    """Whether the ink that holds these letters is all theirs: small and blurred, a mark runs into what is beside it."""
    first, last, reach = letters[0].middle, letters[-1].middle, _REACH * found.em
    holding = [word for word in found.words if word.x0 <= last and first <= word.x1]
    if not holding:
        return False
    return holding[-1].x1 <= last + reach and (not is_from or holding[0].x0 >= first - reach)


def _says_some(found: AgeLine) -> bool:
    """Whether the words next to the age, or all behind it, name those who may see it."""
    first = found.words[found.end - 1].last
    for word in found.words[found.end :]:
        letters = found.line.characters[first : word.last]
        text = _SEPARATORS.sub("", found.line.text[first : word.last], count=1)
        if _SOME.match(text):
            return surety_of([letter for letter in letters if letter.text.isalnum()]) >= SURE
    return False


def _before(found: AgeLine, first: int, *, is_clear: bool) -> tuple[int, int]:
    """Which character and which word the phone or the place ends with that follows the age; else the age itself. Read
    surely, with nothing between it and the age where a mark may stand."""
    said = _BEFORE.match(found.line.text, first)
    words = words_with(found.words, first, said.end()) if said else None
    if said is None or words is None or surety_of(found.line.characters[first : said.end()]) < SURE:
        return first, found.end
    is_bare = _is_bare_before(found, found.end, words, said.start("said"), is_clear=is_clear)
    return (said.end(), words[1]) if is_bare else (first, found.end)


def _is_bare_before(found: AgeLine, lead: int, words: tuple[int, int], start: int, *, is_clear: bool) -> bool:
    """Whether nothing but a separator stands, or may have stood, between the word that leads, which is the age or what
    apps put behind it, and these words."""
    separators = [word for word in found.words[lead : words[1]] if word.last <= start]
    if any(word.width > _SEPARATOR_WIDE * found.em for word in separators):
        return False
    steps = range(lead - 1, lead + len(separators))
    return all(_is_empty(found, step, is_clear=is_clear, may_be_thin=True) for step in steps)


def _has_room_for(found: AgeLine, words: tuple[int, int], said: str) -> bool:
    """Whether the words take no more room than they should: one swallowed before them leaves its room."""
    inked = [word for word in found.words[words[0] : words[1]] if word.width > _SEPARATOR_WIDE * found.em]
    if said.isascii() or not inked:
        return bool(inked)
    return inked[-1].x1 - inked[0].x0 <= (len(said) + _IDEOGRAPH_MORE) * found.em


def _ends_at(found: AgeLine, end: int) -> bool:
    """Whether the words end there: what stands close behind is at some distance and known to take nothing away."""
    x1, is_apart, first = found.words[end - 1].x1, False, found.words[end - 1].last
    last = first
    for word in found.words[end:]:
        if word.x0 - x1 >= LED * found.em:
            break
        sure = len(_sure(_letters(found, word)))
        is_thin = not sure and word.width <= _SEPARATOR_WIDE * found.em
        if not (sure or is_thin):
            return False
        is_apart |= is_thin or word.x0 - x1 >= _NEXT_WORD * found.em
        if not is_apart:
            return False
        last, x1 = max(last, word.last), word.x1
    return _HARMLESS.fullmatch(found.line.text, first, last) is not None


def _is_followed(found: AgeLine, x1: int) -> bool:
    """Whether something stands close behind the button, where a phone of another make may have its mark. The dots of
    a menu are lower than any mark."""
    behind = [word for word in found.words if word.x0 >= x1]
    return any(word.x0 - x1 < LED * found.em for word in behind) and not _are_dots(found, behind)


def _are_dots(found: AgeLine, some: Sequence[Word]) -> bool:
    """Whether these are the two or three like dots of a menu, as low as no mark is, and all that there is."""
    line, ink, em = found.line, found.line.page.ink, found.em
    air = round(_AIR_OF_DOTS * em)
    zone = ink.strength[max(0, line.top - air) : line.bottom + air, some[0].x0 - air : some[-1].x1 + air]
    dark = np.asarray(zone > max(_FAINT * float(zone.max()), ink.grain))
    tall = np.flatnonzero(dark.any(axis=1))
    across = runs(columns(dark))
    if not 2 <= len(across) <= 3 or tall[-1] + 1 - tall[0] > _DOT * em:
        return False
    wide, steps = (
        [end - start for start, end in across],
        [right[0] - left[0] for left, right in pairwise(across)],
    )
    is_even = max(wide) - min(wide) <= max(2.0, _UNEVEN * em) and max(steps) - min(steps) <= max(
        2.0, _UNEVEN * em
    )
    return max(wide) <= _DOT * em and is_even


def _letters(found: AgeLine, word: Word) -> tuple[Character, ...]:
    return found.line.characters[word.first : word.last]


def _sure(letters: Sequence[Character]) -> list[Character]:
    return [letter for letter in letters if letter.surety >= SURE and letter.text.isalnum()]


def _marked(found: AgeLine, between: tuple[Word, ...]) -> Told:
    """What stands there is the mark, if it is of a mark's size and cannot be read as words."""
    em, x0, x1 = found.em, between[0].x0, between[-1].x1
    quad = found.line.quad(x0, x1)
    letters = [
        letter
        for word in between
        for letter in found.line.characters[word.first : word.last]
        if letter.surety >= SURE
    ]
    mask = found.line.page.ink.mask[found.line.top : found.line.bottom, x0:x1]
    tall = int(mask.any(axis=1).sum())
    fits = _MARK_WIDE[0] <= (x1 - x0) / em <= _MARK_WIDE[1] and _MARK_TALL[0] <= tall / em <= _MARK_TALL[1]
    return ("restricted", quad) if fits and len(letters) < 2 else ("unknown", quad)


def _is_empty(found: AgeLine, at: int, *, is_clear: bool, may_be_thin: bool = False) -> bool:
    """Whether between this word and the next there is nothing at all, and no room for what glare might have eaten; what
    may be thin is a separator's stroke, too faint to be ink."""
    start, end = found.words[at].x1, found.words[at + 1].x0
    room = (end - start) / found.em
    if not is_clear and room > _NO_ROOM:
        return False
    if _MARKS_ROOM[0] < room and (may_be_thin or room <= _MARKS_ROOM[1]):
        return False
    line, ink = found.line, found.line.page.ink
    dark = float(np.percentile(ink.strength[line.top : line.bottom, found.x0 : found.x1], 95))
    zone = ink.strength[line.top : line.bottom, start + 2 : end - 2]
    if zone.size == 0:
        return True
    stained = np.percentile(zone, 99) > max(_FAINT * dark, ink.grain)
    wide = int((zone > max(_FAINT * dark, ink.grain)).any(axis=0).sum())
    return not stained or (may_be_thin and wide <= _STROKE * found.em)
