"""What of a stranger's text can be drawn with our font: never a box, never a mark that turns the line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from tenfold.imaging.fonts import COVERED, emoji

# Nobody reads more on a poster; it bounds the work that a hostile text can ask for.
LONGEST = 600

# A private plane, out of which no text of a stranger keeps a character, holds the emoji of a text.
EMOJI_FROM = "\U000f0000"

_ZWJ = "\u200d"
# Letters that Unicode does not take apart into a base letter and a mark.
_NEAREST = str.maketrans("łŁđĐħĦŧŦıŋŊ‑−", "lLdDhHtTinN--")
_CHINESE_SIZED, _LATIN_SIZED = "‘’“”…", "\ue000\ue001\ue002\ue003\ue004"
_NARROW = str.maketrans(_CHINESE_SIZED, _LATIN_SIZED)
_WIDE = str.maketrans(_LATIN_SIZED, _CHINESE_SIZED)


def drawable(text: str, placeholder: str = "") -> str:
    """The text as far as our font has it, on one line; `placeholder` if nothing is left.

    A character we lack becomes its plain form (a letter without its accent, an ornamental letter's ordinary
    one) or goes, together with all that belongs to it: half an emoji would be worse than none.
    """
    kept = "".join(_drawn(cluster) for cluster in clusters(_cleaned(text)))
    return " ".join(kept.split()) or placeholder


def with_emoji(text: str, found: list[str]) -> str:
    """As `drawable`, but emoji that this machine has a picture of stay, each as one private code.

    They are appended to `found`; the code is EMOJI_FROM and the place in that list.
    """
    kept = []
    for cluster in clusters(_cleaned(text)):
        if _is_covered(cluster) or not emoji.has(cluster):
            kept.append(_drawn(cluster))
        else:
            kept.append(chr(ord(EMOJI_FROM) + len(found)))
            found.append(cluster)
    return " ".join("".join(kept).split())


def legible(text: str, substitute: str) -> str:
    """The text as a picture shows it, emoji written out; `substitute` for one of which no letter, digit or emoji is
    left. An empty text stays empty."""
    found: list[str] = []
    kept = with_emoji(text, found)
    if not found and missing(text) and not any(character.isalnum() for character in kept):
        return substitute
    for nth, cluster in enumerate(found):
        kept = kept.replace(chr(ord(EMOJI_FROM) + nth), cluster)
    return kept


def missing(text: str) -> tuple[str, ...]:
    """The clusters that `drawable` replaced or dropped, in order, for counting and for the editor."""
    return tuple(cluster for cluster in clusters(_cleaned(text)) if _drawn(cluster) != cluster)


def fallen(text: str) -> tuple[str, ...]:
    """The clusters that `with_emoji` replaced or dropped, in order."""
    return tuple(cluster for cluster in missing(text) if not emoji.has(cluster))


def first_drawable(text: str) -> str:
    """The first letter, digit or ideograph we can draw, as a capital if there is one; empty if there is none."""
    letter = next((character for character in drawable(text) if character.isalnum()), "")
    return letter.upper() if letter.upper() in COVERED else letter


def clusters(text: str) -> Iterator[str]:
    """What a reader takes for one character: a base with its marks, selectors and joined parts."""
    cluster = ""
    for character in text:
        if cluster and not _belongs(character, cluster):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def set_quotes(text: str) -> str:
    """The text with quotes and dots of Latin words in their narrow form; Chinese ones stay a square wide.

    The narrow forms sit at private codes of our font, so this comes last before drawing.
    """
    if not any(mark in text for mark in _CHINESE_SIZED):
        return text
    return "".join(
        character.translate(_NARROW) if _is_latin_at(text, at) else character
        for at, character in enumerate(text)
    )


def unset_quotes(text: str) -> str:
    """The text with its quotes and dots as they are written."""
    return text.translate(_WIDE)


def _cleaned(text: str) -> str:
    """Composed, without controls, direction marks, private and unassigned codes; blanks become spaces."""
    composed = unicodedata.normalize("NFC", text[:LONGEST])
    blanks = "".join(" " if character.isspace() else character for character in composed)
    return "".join(filter(_is_kept, blanks))


def _is_kept(character: str) -> bool:
    """Emoji are kept even if they are newer than the Unicode of this Python, so that they can be drawn or counted."""
    if character == _ZWJ or "\U0001f000" <= character <= "\U0001faff":
        return True
    return not unicodedata.category(character).startswith("C")


def _belongs(character: str, cluster: str) -> bool:
    return (
        cluster[-1] == _ZWJ
        or character == _ZWJ
        or unicodedata.category(character) in {"Mn", "Me", "Mc"}
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or (_is_flag_half(character) and _is_flag_half(cluster))
    )


def _is_flag_half(text: str) -> bool:
    return len(text) == 1 and "\U0001f1e6" <= text <= "\U0001f1ff"


def _drawn(cluster: str) -> str:
    """The cluster, or the nearest thing our font has, or nothing."""
    if _is_covered(cluster):
        return cluster
    if _ZWJ in cluster.rstrip(_ZWJ):
        return ""
    plain = unicodedata.normalize("NFKC", cluster)
    bare = "".join(c for c in unicodedata.normalize("NFKD", plain.translate(_NEAREST)) if c in COVERED)
    return plain if _is_covered(plain) else bare


def _is_covered(text: str) -> bool:
    return bool(text) and all(character in COVERED and character != "\u00ad" for character in text)


def _is_latin_at(text: str, at: int) -> bool:
    """Whether the mark belongs to a Latin word: a closing one looks back first, an opening one ahead."""
    before = text[:at].rstrip(_CHINESE_SIZED + " ")[-1:]
    after = text[at + 1 :].lstrip(_CHINESE_SIZED + " ")[:1]
    beside = (before or after) if text[at] in "’”…" else (after or before)
    return bool(beside) and beside < "\u2000"
