"""Which rewards and rules can be, and reading what comes from outside: a file, an address."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from tenfold.base.refusal import Refusal
from tenfold.base.sheets import LARGEST_FILE
from tenfold.rewards.models import Reward, RewardRule

Kind, When, Unit = Reward.Kind, RewardRule.When, RewardRule.Unit

# --- what can be given, and by which rule ---------------------------------------------------------------------

MOST_STOCK = 10_000_000
MOST_AMOUNT = 100_000_000_000
LONGEST_CLAIM_HOURS = 366 * 24
FULL_SHARE = 10_000
OF_ITEMS = (When.TASK, When.INVITES, When.JOINED, When.ATTENDANCE, When.RANK, When.LOTTERY)
# Earned on the way, in the order in which they are told; the others at the end, or for every friend or order.
ON_THE_WAY = (When.TASK, When.JOINED, When.ATTENDANCE, When.INVITES)
OF_AMOUNTS = (When.INVITE, When.ORDER)
NEEDS = {When.INVITES: 100_000, When.ATTENDANCE: 366, When.RANK: 100_000, When.LOTTERY: 100_000}


def check_reward(reward: Reward) -> None:
    """Whether a reward, saved or not, could be given out. Looks at its own columns alone."""
    if reward.kind not in Kind.values:
        raise Refusal("unknown_kind", _("There is no such kind of reward."), status=400)
    if not 1 <= len(reward.name) <= 80:
        raise Refusal("bad_name", _("Give the reward a name of at most 80 characters."), status=400)
    if reward.kind in (Kind.TEXT, Kind.LINK) and not reward.text:
        raise Refusal("text_needed", _("Say what they get: the text or the link is missing."), status=400)
    if len(reward.text) > 1000:
        raise Refusal("text_too_long", _("At most 1,000 characters."), status=400)
    if reward.kind == Kind.LINK:
        _check_link(reward.text)
    _check_numbers(reward)


def _check_numbers(reward: Reward) -> None:
    if reward.is_amount != (0 < reward.amount <= MOST_AMOUNT) or (reward.amount and not reward.is_amount):
        raise Refusal("bad_amount", _("Money and points need an amount; nothing else has one."), status=400)
    if reward.stock_count is not None and not 0 <= reward.stock_count <= MOST_STOCK:
        raise Refusal("bad_stock", _("The stock lies between 0 and 10,000,000."), status=400)
    if reward.stock_count is not None and reward.stock_count < reward.granted_count:
        raise Refusal("stock_too_small", _("More than that were given out already."), status=400)
    if reward.warn_below is not None and not 1 <= reward.warn_below <= MOST_STOCK:
        raise Refusal("bad_warn", _("The warning comes at a number between 1 and 10,000,000."), status=400)
    hours = reward.claim_hours
    if hours is not None and (reward.is_amount or not 1 <= hours <= LONGEST_CLAIM_HOURS):
        message = _(
            "The time to claim it lies between an hour and a year. Money and points are theirs at once."
        )
        raise Refusal("bad_claim", message, status=400)


def _check_link(text: str) -> None:
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError as error:
        raise Refusal(
            "bad_link", _("This is not a web address. It starts with https://"), status=400
        ) from error


def check_rule(rule: RewardRule) -> None:
    """Whether a rule, saved or not, says what it has to and nothing else. Its rewards may be unsaved, too."""
    if rule.when not in When.values:
        raise Refusal("bad_when", _("There is no such rule."), status=400)
    if rule.when in OF_ITEMS:
        _check_items(rule)
    else:
        _check_amounts(rule)
    if rule.campaign_cap is not None and not max(1, rule.used_count) <= rule.campaign_cap <= MOST_STOCK:
        message = _("The limit is at least 1, and not below what was given already.")
        raise Refusal("bad_campaign_cap", message, status=400)
    if rule.budget is not None and not (rule.unit and max(1, rule.spent) <= rule.budget <= MOST_AMOUNT):
        message = _("A budget is for money or points, and not below what was spent already.")
        raise Refusal("bad_budget", message, status=400)


def _check_items(rule: RewardRule) -> None:
    reward, fallback = rule.reward, rule.fallback
    if reward is None:
        raise Refusal("reward_needed", _("Choose what is given."), status=400)
    if reward.state == Reward.State.RETIRED:
        raise Refusal("reward_wrong", _("This reward was put away."), status=400)
    if fallback is not None and fallback.state == Reward.State.RETIRED:
        raise Refusal("bad_fallback", _("The replacement was put away."), status=400)
    if fallback is not None and (fallback is reward or fallback.pk == reward.pk or fallback.is_amount):
        message = _("The replacement is another reward, and neither money nor points.")
        raise Refusal("bad_fallback", message, status=400)
    if rule.direct or rule.second:
        raise Refusal("bad_rates", _("Only rules for each friend or each order have amounts."), status=400)
    if rule.unit != (reward.kind if reward.is_amount else ""):
        raise Refusal("bad_unit", _("The unit is that of the reward."), status=400)
    if rule.person_cap is not None:
        raise Refusal("bad_cap", _("Everybody gets this once anyway."), status=400)
    _check_counts(rule)


def _check_counts(rule: RewardRule) -> None:
    lowest = 1 if rule.when in (When.INVITES, When.ATTENDANCE) else 0
    if not lowest <= rule.need <= NEEDS.get(When(rule.when), 0):
        raise Refusal("bad_need", _("How many does it take? This number does not fit."), status=400)
    has_places = 1 <= rule.rank_from <= rule.rank_to <= 1000
    if has_places != (rule.when == When.RANK) or (not has_places and (rule.rank_from or rule.rank_to)):
        raise Refusal("bad_rank", _("Places run from 1 to 1,000, the first before the last."), status=400)
    if (1 <= rule.winners <= 10_000) != (rule.when == When.LOTTERY) or (
        rule.when != When.LOTTERY and rule.winners
    ):
        raise Refusal("bad_winners", _("A draw has between 1 and 10,000 winners."), status=400)


def _check_amounts(rule: RewardRule) -> None:
    most = FULL_SHARE if rule.when == When.ORDER else MOST_AMOUNT
    if rule.reward is not None or rule.fallback is not None:
        raise Refusal("reward_wrong", _("This rule gives an amount, no reward."), status=400)
    if rule.unit not in ((Unit.MONEY,) if rule.when == When.ORDER else (Unit.MONEY, Unit.POINTS)):
        raise Refusal("bad_unit", _("Choose money or points; a share of an order is money."), status=400)
    if not 1 <= rule.direct <= most:
        raise Refusal("bad_rates", _("Say how much: this amount or share does not fit."), status=400)
    if rule.when == When.ORDER and 0 <= rule.second <= most < rule.direct + rule.second:
        message = _("Both shares together are more than the whole order.")
        raise Refusal("bad_second", message, status=400)
    if not 0 <= rule.second <= most:
        raise Refusal("bad_second", _("Say how much one level above gets, or nothing."), status=400)
    if rule.person_cap is not None and not 1 <= rule.person_cap <= MOST_STOCK:
        raise Refusal("bad_cap", _("The limit a person is at least 1."), status=400)
    if rule.need or rule.rank_from or rule.rank_to or rule.winners:
        raise Refusal("bad_need", _("How many does it take? This number does not fit."), status=400)


# --- files and addresses --------------------------------------------------------------------------------------

MEDIA_TYPES = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "audio/mpeg": (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"),
    "application/zip": (b"PK\x03\x04",),
}
SUFFIXES = {"application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg", "audio/mpeg": ".mp3"}
EPUB = b"mimetypeapplication/epub+zip"


def media_type_of(data: bytes) -> str:
    """What a file is by its own bytes, whatever its name says; only what phones open without running it."""
    if not 0 < len(data) <= LARGEST_FILE:
        raise Refusal("file_too_large", _("A file has at most 5 MB, and is not empty."), status=400)
    if data.startswith(b"PK\x03\x04") and data[30 : 30 + len(EPUB)] == EPUB:
        return "application/epub+zip"
    for media_type, starts in MEDIA_TYPES.items():
        if data.startswith(starts):
            return media_type
    message = _("Give a PDF, PNG, JPEG, MP3, EPUB or ZIP file: phones open these.")
    raise Refusal("bad_file", message, status=400)


def file_name(raw: str, media_type: str) -> str:
    """A name that can be saved anywhere, with the ending that fits what the file is."""
    suffix = SUFFIXES.get(media_type, ".epub" if "epub" in media_type else ".zip")
    base = raw.replace("\\", "/").rsplit("/", 1)[-1]
    stem = base[: -len(suffix)] if base.lower().endswith(suffix) else base
    kept = "".join(letter for letter in stem if letter.isprintable() and letter not in '<>:"|?*')
    return (kept.strip(" .")[:100] or "file") + suffix


ADDRESS = {"name": 60, "phone": 30, "address": 300, "postcode": 20}


def clean_address(fields: Mapping[str, str] | None) -> dict[str, str]:
    """Name, phone and address, all three needed, and a postcode where there is one; each on one line."""
    given = fields or {}
    found = {name: _one_line(str(given.get(name, ""))) for name in ADDRESS}
    for name in ("name", "phone", "address"):
        if not found[name]:
            message = _("Name, phone and address are needed to send it to you.")
            raise Refusal("address_needed", message, status=400)
    if any(len(found[name]) > longest for name, longest in ADDRESS.items()):
        raise Refusal("address_too_long", _("Shorten it a little, please."), status=400)
    if not re.fullmatch(r"\+?[0-9][0-9 ()-]{4,28}", found["phone"]):
        raise Refusal("bad_phone", _("This is not a phone number."), status=400)
    return {name: text for name, text in found.items() if text}


def _one_line(text: str) -> str:
    kept = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(kept.split())
