"""What a look at a screenshot is given, and what it finds.

Plain values, which pass between processes and are kept as JSON. Nothing here decides. Every length is in pixels of the
upright picture as it is kept, every share from 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from tenfold.imaging.qr import CodeFacts, FoundCode
from tenfold.imaging.shapes import Box

Corner = tuple[float, float]
Quad = tuple[Corner, Corner, Corner, Corner]
"""Clockwise from its own top left; corners may lie outside the picture."""

Screen = Literal["post", "detail", "chat", "grid", "viewer", "file", "unknown"]
"""What kind of screen: a post in a feed, the post by itself, a message in a chat, one of several small pictures in a
post, the poster alone in a viewer, or no screen at all but the poster's own file."""

Audience = Literal["everyone", "restricted", "unknown"]
Proven = Literal["", "decoded", "matched"]
Want = Literal["text", "hints", "person"]
"""What a look is asked for besides poster and code."""

PROVEN = 0.62
"""The score from which a poster counts as this very one, words included. Of 521 with the same art and all other words
that were measured none came above 0.58, where a line or two differ some do; of 460 genuine ones whose code is to be
seen 457 reach it."""
PERSON_ALIKE = 0.75
"""Face and name on a poster: below this share they are somebody else's, as far as can be seen. Of 240 that were none
came above 0.70, of their own 2 % fall below."""


@dataclass(frozen=True)
class Art:
    """A poster as far as it is the same for everybody, as it may be seen in a screenshot.

    `picture` is an encoded picture of the whole canvas; pixels in `personal` differ from person to person. `code_box`
    is the square of the code's modules with its quiet zone. `key` changes exactly when the rest does.
    """

    key: str
    picture: bytes
    code_box: Box
    personal: tuple[Box, ...] = ()
    avatar_box: Box | None = None
    name_box: Box | None = None


@dataclass(frozen=True)
class Claim:
    """Who says to have sent this: the posters that they may have forwarded, the likeliest first, and their own code.

    Without `facts` the code may have been drawn by any writer: all masks and both usual levels are tried. `posters` are
    their own whole poster of each of the arts, for comparing face and name: none where these are not known, an empty
    one where an art has neither. `captions` are words the post should have, `sent_on` is the day of the sender's when
    it came (ISO), without which no date tells an age.
    """

    arts: tuple[Art, ...]
    code_text: str
    facts: CodeFacts | None = None
    nickname: str = ""
    posters: tuple[bytes, ...] = ()
    captions: tuple[str, ...] = ()
    sent_on: str = ""


@dataclass(frozen=True)
class PosterSeen:
    """Where the campaign's art lies, and how well it fits: `score` is that of the worst parts, words included."""

    art: str
    quad: Quad
    score: float
    is_cropped: bool = False


@dataclass(frozen=True)
class CodeSeen:
    """How far the claimed code itself is proven. `margin` is the match's lead over the best of the decoys."""

    proven: Proven
    margin: float
    module: float
    """Pixels a module in the screenshot."""
    quad: Quad | None = None


@dataclass(frozen=True)
class TextSeen:
    """A piece of text that was read, where, and how surely."""

    text: str
    quad: Quad
    surety: float


@dataclass(frozen=True)
class PostSeen:
    """What the post around the poster says. An age is a span of minutes, since "2 hours ago" is anything up to 3."""

    age: TextSeen | None = None
    youngest_minutes: int | None = None
    oldest_minutes: int | None = None
    audience: Audience = "unknown"
    audience_quad: Quad | None = None
    """The mark that restricts it."""
    delete_button: TextSeen | None = None
    """Only the author of a post is offered to delete it."""
    caption: TextSeen | None = None
    caption_share: float | None = None
    """How much of the expected words is there; None where nothing was expected."""
    name: TextSeen | None = None
    name_share: float | None = None


Kind = Literal["same", "cropped", "clock_edited", "age_edited", "retaken", "likely", "other"]
"""Retaken: clock and age both differ and nothing else does, as in an honest second shot of one's own post; or they
cannot be compared any more, since one of the pictures is erased. Likely: too much differs to be sure, and too little to
rule it out where both are one person's; of two people's it says nothing."""


@dataclass(frozen=True)
class Likeness:
    """How alike two are: `share` of the parts that show something. `changed` lies in pixels of the first picture."""

    share: float
    changed: tuple[Quad, ...]
    kind: Kind


@dataclass(frozen=True)
class Hint:
    """A sign of editing, for a person to look at; never a verdict."""

    kind: str
    quad: Quad
    strength: float


@dataclass(frozen=True)
class Findings:
    """All that one look has found. What was not looked for, or could not be, is None or empty."""

    width: int
    height: int
    codes: tuple[FoundCode, ...] = ()
    screen: Screen = "unknown"
    poster: PosterSeen | None = None
    code: CodeSeen | None = None
    post: PostSeen | None = None
    person_share: float | None = None
    """How alike face and name on the poster are to the sender's own."""
    hints: tuple[Hint, ...] = ()
    fingerprint: bytes = b""
    """For finding the same shot again (`imaging.likeness`)."""
    spent_ms: dict[str, float] = field(default_factory=dict)
    """CPU of each part."""
