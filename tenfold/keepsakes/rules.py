"""Numbers that nobody can guess, names shown as their owner wishes, and who may come in with a ticket."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Protocol

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from tenfold.base.keys import ALPHABET
from tenfold.base.refusal import Refusal
from tenfold.imaging.texts import clusters

RANDOM_LETTERS = (
    16  # 80 bits: at a thousand guesses a second, one of ten million numbers is hit in 3.8 million years
)
NUMBER_LENGTH = RANDOM_LETTERS + 1
NO_NUMBER = "0" * NUMBER_LENGTH  # on samples: whole, and never drawn by lot
LONGEST_TYPED = 300  # an address around the number, as a camera reads it
_LOOKALIKES = str.maketrans("ILO", "110")
_JOINER = "\u200d"
_BETWEEN = str.maketrans("", "", "- \t\r\n\u00a0\u2010\u2011\u2012\u2013\u2014")


def _powers() -> list[int]:
    """The powers of x in GF(32), as built on x^5 + x^2 + 1: 31 different ones before they repeat."""
    found = [1]
    while len(found) < 31:
        doubled = found[-1] << 1
        found.append(doubled ^ 0b100101 if doubled & 32 else doubled)
    return found


_EXP = _powers()
_LOG = {value: power for power, value in enumerate(_EXP)}


def check_letter(letters: str) -> str:
    """The letter that completes a number. Each place weighs differently, so that one wrong letter, or any two that
    have changed places, never go unnoticed."""
    total = 0
    for place, letter in enumerate(letters, start=1):
        if value := ALPHABET.index(letter):
            total ^= _EXP[(_LOG[value] + place) % 31]
    return ALPHABET[total]


def new_number() -> str:
    chance = secrets.randbits(5 * RANDOM_LETTERS)
    letters = "".join(ALPHABET[chance >> 5 * place & 31] for place in range(RANDOM_LETTERS))
    return letters + check_letter(letters)


def read_number(raw: str) -> str | None:
    """The number in what was typed or scanned: alone, in groups, or at the end of its address. None if there is none;
    a mistyped one is known here, without looking it up."""
    if len(raw) > LONGEST_TYPED:
        return None
    tail = raw.split("?")[0].split("#")[0].rstrip("/ ").upper().rpartition("/K/")[2]
    number = tail.translate(_BETWEEN).translate(_LOOKALIKES)
    if len(number) != NUMBER_LENGTH or any(letter not in ALPHABET for letter in number):
        return None
    return number if check_letter(number[:-1]) == number[-1] else None


def in_groups(number: str) -> str:
    """As people read it aloud: 7K3M-9QXT-2B4N-WZ8P-C."""
    return "-".join(number[start : start + 4] for start in range(0, len(number), 4))


def one_line(text: str) -> str:
    """What was typed, without what cannot be seen; the joiner inside an emoji family stays."""
    kept = (c for c in text if c == _JOINER or c.isspace() or not unicodedata.category(c).startswith("C"))
    return " ".join("".join(kept).split())


class Who(StrEnum):
    """To whom an edition is issued at one go."""

    FINISHED = "finished"
    REWARDED = "rewarded"
    MEMBERS = "members"
    INVITERS = "inviters"


class Shown(StrEnum):
    """How much of the name strangers see."""

    FULL = "full"
    FIRST = "first"
    HIDDEN = "hidden"


def shown_name(name: str, shown: str) -> str:
    """What a stranger reads; empty where nothing is to be read. The stars tell nothing of the length."""
    if shown == Shown.FULL:
        return name
    first = next(clusters(name.strip()), "")
    return f"{first}**" if first and shown == Shown.FIRST else ""


class Standing(StrEnum):
    """What a keepsake is worth at a moment; the first that holds, in this order."""

    REVOKED = "revoked"
    USED = "used"
    EARLY = "early"
    OVER = "over"
    VALID = "valid"


class Dates(Protocol):
    """When an edition holds; None where it holds for good."""

    @property
    def valid_from(self) -> datetime | None: ...
    @property
    def valid_until(self) -> datetime | None: ...


class Marks(Protocol):
    """What has happened to one keepsake."""

    @property
    def revoked_at(self) -> datetime | None: ...
    @property
    def revoke_reason(self) -> str: ...
    @property
    def checked_in_at(self) -> datetime | None: ...
    @property
    def gate(self) -> str: ...


def standing_of(marks: Marks, dates: Dates, now: datetime) -> Standing:
    if marks.revoked_at is not None:
        return Standing.REVOKED
    if marks.checked_in_at is not None:
        return Standing.USED
    if dates.valid_from is not None and now < dates.valid_from:
        return Standing.EARLY
    if dates.valid_until is not None and now >= dates.valid_until:
        return Standing.OVER
    return Standing.VALID


def refusal_at_gate(ticket: Marks, dates: Dates, *, now: datetime, zone: tzinfo) -> Refusal | None:
    """Why nobody comes in with this ticket now, in words for whoever stands at the gate."""
    match standing_of(ticket, dates, now):
        case Standing.REVOKED:
            message = _("This ticket was revoked: %(reason)s") % {"reason": ticket.revoke_reason}
        case Standing.USED:
            message = _used(ticket, zone)
        case Standing.EARLY:
            message = _("This ticket is valid from %(when)s on.") % {"when": _written(dates.valid_from, zone)}
        case Standing.OVER:
            message = _("This ticket was valid until %(when)s.") % {"when": _written(dates.valid_until, zone)}
        case Standing.VALID:
            return None
    return Refusal(standing_of(ticket, dates, now).value, message)


def _used(ticket: Marks, zone: tzinfo) -> str:
    told = {"when": _written(ticket.checked_in_at, zone), "gate": ticket.gate}
    if ticket.gate:
        return _("This ticket was used at %(when)s, at the gate %(gate)s.") % told
    return _("This ticket was used at %(when)s.") % told


def _written(at: datetime | None, zone: tzinfo) -> str:
    return date_format(at.astimezone(zone), _("j M Y, H:i")) if at else ""
