"""What is wrong with a design, as sentences: with its data (`design.Flaw`) and with what it makes (`rules.Check`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tenfold.imaging.design import Flaw

Sentence = str | Promise

_FLAWS: dict[str, Sentence] = {
    "code_too_small": _("A code is too small for the address on it."),
    "larger_than_size": _("The smallest size is larger than the size."),
    "logo_needs_q": _("A code with a logo needs level Q."),
    "missing": _("This is missing."),
    "not_a_box": _("A box is four whole numbers: left, top, width, height."),
    "not_a_colour": _("A colour is written as #rrggbb."),
    "not_a_digest": _("A picture is named by its digest."),
    "not_a_list": _("This has to be a list."),
    "not_a_number": _("This is no number."),
    "not_a_whole_number": _("This is no whole number."),
    "not_an_id": _("An id has small letters, digits, - and _ alone, at most 32."),
    "not_an_object": _("This has to be an object."),
    "not_square": _("This has to be a square."),
    "not_text": _("This is no text."),
    "outside": _("It lies outside the canvas."),
    "too_large": _("Too large."),
    "too_long": _("At most %(most)s characters."),
    "too_many": _("There are too many."),
    "too_many_pixels": _("The canvas is too large: at most %(most)s pixels."),
    "too_much_covered": _("The layers cover the canvas more than %(most)s times."),
    "too_small": _("Too small."),
    "twice": _("Two layers have this id."),
    "unclosed_brace": _("A brace { opens and does not close. Write {{ for a brace."),
    "unknown_format": _("This format of designs is not known here."),
    "unknown_key": _("This is not known here."),
    "unknown_picture": _("This picture has not been uploaded."),
    "unknown_variable": _("There is no variable {%(name)s}."),
    "unreadable_picture": _("This picture cannot be opened."),
    "unknown_font": _("There is no font “%(name)s”."),
}
_ANY_UNKNOWN = _("“%(name)s” is not one of: %(known)s.")
_BOUNDS = {"too_large": _("Too large: at most %(most)s."), "too_small": _("Too small: at least %(least)s.")}
_BOUNDS["too_many"] = _("There are too many: at most %(most)s.")

# code of a check -> what was found, by state; then what to do about it where it is not well
CHECKS: dict[str, dict[str, Sentence]] = {
    "foreign_code": {
        "ok": _("No picture carries a code of its own."),
        "refused": _(
            "This picture carries a QR code of its own (%(text)s). A group's code fills up and expires."
        ),
        "advice": _(
            "Take the picture out and put in a code layer: it draws the live code, which never changes."
        ),
    },
    "live_code": {
        "ok": _("The code leads to the live code."),
        "refused": _("Another code is in the picture, and leads elsewhere: %(text)s"),
        "advice": _(
            "Take it out: with two codes in the picture a phone may open the wrong one. What covers the live code"
            " has to go, too."
        ),
    },
    "module": {
        "ok": _("A module of the code is %(pixels)s px when a chat shows the picture %(width)s px wide."),
        "warning": _(
            "A module of the code is only %(pixels)s px when a chat shows the picture %(width)s px wide."
        ),
        "refused": _(
            "A module of the code is %(pixels)s px when a chat shows the picture %(width)s px wide."
        ),
        "advice": _("At least %(least)s px are needed, and %(good)s px are safe: make the code larger."),
    },
    "contrast": {
        "ok": _("The code's contrast is %(ratio)s to 1."),
        "warning": _("The code's contrast is only %(ratio)s to 1."),
        "refused": _("The code's contrast is %(ratio)s to 1."),
        "advice": _("At least %(least)s to 1 are needed, with dark modules on a light ground."),
    },
    "quiet_zone": {
        "ok": _("Around the code %(modules)s modules are free."),
        "refused": _("Around the code only %(modules)s of 4 modules are free."),
        "advice": _("Move away what lies over the edge of the code."),
    },
    "decodes": {
        "ok": _(
            "After a chat has made it small, %(read)s of %(of)s readers read it, down to %(width)s px wide."
        ),
        "warning": _(
            "Read by all %(of)s readers at %(width)s px wide, but not when it is made smaller than that."
        ),
        "refused": _(
            "At %(width)s px wide and as a chat compresses it, %(read)s of %(of)s readers read the code."
        ),
        "advice": _("Make the code larger, give it more contrast, or take out the logo."),
    },
    "element": {
        "ok": _("It is on it: %(slot)s"),
        "warning": _("It has a place, but nothing is written for it yet: %(slot)s"),
        "refused": _("Missing: %(slot)s"),
        "advice": _("Give a layer to it, or waive it on purpose."),
    },
    "element_waived": {"ok": _("Done without: %(slot)s")},
    "fits": {
        "ok": _("All texts fit in %(language)s."),
        "refused": _("This text is cut off in %(language)s, even at %(size)s px."),
        "advice": _("Make its box larger, allow more lines or a smaller size, or shorten the text."),
    },
    "fits_name": {
        "warning": _("A very long name is cut off here."),
        "advice": _("That is fine for names; a larger box would show more of them."),
    },
    "glyphs": {
        "warning": _("%(glyphs)s cannot be drawn in %(language)s and is left out."),
        "advice": _("Write it another way."),
    },
    "number": {
        "warning": _("Its number is not written on it, so that only a camera can check it."),
        "advice": _("Put {number} into a text."),
    },
}
# Why a picture for designs cannot be kept, by the reasons of `imaging.reading`.
_PICTURES: dict[str, Sentence] = {
    "too_large": _("The picture is larger than 8 MB. Choose a smaller one."),
    "not_a_picture": _("This is not a picture that can be read. JPEG, PNG and WebP can."),
    "truncated": _("The picture is damaged or incomplete. Save it anew and choose it again."),
    "too_many_pixels": _(
        "The picture has more than 16 million pixels. Make it smaller, 4000 × 4000 at most, and choose it again."
    ),
    "animated": _("This is a moving picture. Choose a still one."),
    "too_complex": _(
        "This picture is built in an unusual way. Save it as a plain JPEG or PNG and choose that."
    ),
    "unreadable": _("Nothing here could read this picture. Save it as a plain JPEG or PNG and choose that."),
    "busy": _("Too many pictures are coming in right now. Choose it again in a few seconds."),
}
SLOTS: dict[str, Sentence] = {
    "title": _("main title"),
    "subtitle": _("subtitle"),
    "points": _("selling points"),
    "endorsement": _("endorsement"),
    "offer": _("offer"),
    "code": _("QR code"),
}


def of_flaw(flaw: Flaw) -> str:
    """In the reader's language, with the place: `layers.3.font: ...`."""
    about = {key: _listed(value) for key, value in flaw.about.items()}
    sentence: Sentence
    if flaw.code in _FLAWS and not (flaw.code in _BOUNDS and about):
        sentence = _FLAWS[flaw.code]
    else:
        sentence = _BOUNDS.get(flaw.code, _ANY_UNKNOWN)
    text = str(sentence) % ({"name": "", "known": "", "least": "", "most": ""} | about)
    return f"{flaw.where}: {text}" if flaw.where else text


def of_picture(reason: str) -> Sentence:
    """Why a picture for a design cannot be kept, and what would help."""
    return _PICTURES[reason]


def of_check(code: str, state: str, about: Mapping[str, Any]) -> str:
    return _said(CHECKS[code].get(state, ""), about)


def advice_on(code: str, state: str, about: Mapping[str, Any]) -> str:
    """What to do about it; empty where all is well."""
    return "" if state == "ok" else _said(CHECKS[code].get("advice", ""), about)


def _said(sentence: Sentence, about: Mapping[str, Any]) -> str:
    known = {key: _named(key, value) for key, value in about.items()}
    return str(sentence) % known if known else str(sentence)


def _named(key: str, value: Any) -> str:
    if key == "slot":
        return str(SLOTS.get(value, value))
    if key == "language":
        return gettext("Chinese") if value == "zh-hans" else gettext("English")
    return _listed(value)


def _listed(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.1f}"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
