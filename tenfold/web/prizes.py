"""What somebody has earned, each by its kind: to collect, to open, to be sent, to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from tenfold.flow.say import why_said
from tenfold.imaging.qr import qr_svg
from tenfold.rewards.models import Grant, Reward

Kind, State = Reward.Kind, Grant.State
# Drawn in full for so many; the others show their number alone, or a page of many would be a heavy one.
DRAWN = 3
# What nobody shows to anybody: it is sent, put on a balance or has a page of its own.
NOT_SHOWN = (Kind.MONEY, Kind.POINTS, Kind.KEEPSAKE, Kind.FILE)


@dataclass(frozen=True)
class Gift:
    """What a grant gives: a code to copy, a text, a link to open, a file; and how it is shown to redeem it."""

    code: str
    text: str
    link: str
    file: str
    size: int
    drawing: SafeString
    is_shown: bool


@dataclass(frozen=True)
class Prize:
    """One grant as the page shows it: `is_open` waits to be collected, `is_given` can be used."""

    grant: Grant
    gift: Gift
    why: str
    label: str
    tone: str
    typed: Mapping[str, str] = field(default_factory=dict)
    """The address as it is, or as it was filled in and refused."""
    is_refused: bool = False

    @property
    def is_open(self) -> bool:
        return self.grant.state == State.OFFERED

    @property
    def is_given(self) -> bool:
        return self.grant.state in (State.CLAIMED, State.REDEEMED)

    @property
    def is_physical(self) -> bool:
        return self.grant.reward.kind == Kind.PHYSICAL

    @property
    def is_keepsake(self) -> bool:
        return self.grant.reward.kind == Kind.KEEPSAKE

    @property
    def address(self) -> str:
        told = self.grant.address or {}
        return "\n".join(
            str(told[each]) for each in ("name", "phone", "address", "postcode") if told.get(each)
        )


def prizes_of(
    grants: Sequence[Grant],
    *,
    is_invited: bool,
    number: str = "",
    typed: Mapping[str, str] | None = None,
) -> list[Prize]:
    """Of one person, in the order they come; `typed` is what was filled in for the one with this `number`, and
    refused."""
    drawn = {grant.pk for grant in [one for one in grants if _is_shown(one)][:DRAWN]}
    return [
        Prize(
            grant=grant,
            gift=_gift(grant, is_drawn=grant.pk in drawn),
            why=why_said(grant.rule, is_invited=is_invited),
            label=_label(grant),
            tone=_tone(grant),
            typed=(typed or {}) if grant.number == number else grant.address or {},
            is_refused=grant.number == number,
        )
        for grant in grants
    ]


def _is_shown(grant: Grant) -> bool:
    return grant.state == State.CLAIMED and grant.reward.kind not in NOT_SHOWN


def _gift(grant: Grant, *, is_drawn: bool) -> Gift:
    kind, text = grant.reward.kind, grant.reward.text
    stock_code = getattr(grant, "stock_code", None)
    file = getattr(grant.reward, "file", None) if kind == Kind.FILE else None
    is_link = kind == Kind.LINK and urlsplit(text.strip()).scheme in ("http", "https")
    return Gift(
        code=stock_code.code if stock_code else "",
        text="" if is_link or kind == Kind.CODES else text,
        link=text.strip() if is_link else "",
        file=file.name if file else "",
        size=file.size if file else 0,
        # Drawn by us from our own alphabet.
        drawing=mark_safe(qr_svg(grant.number) if is_drawn else ""),  # noqa: S308
        is_shown=_is_shown(grant),
    )


def _label(grant: Grant) -> str:
    if grant.state == State.CLAIMED and grant.reward.kind == Kind.PHYSICAL:
        return pgettext("a parcel", "Sent") if grant.shipped_at else _("To be sent")
    yours = {State.OFFERED: _("To be collected"), State.CLAIMED: pgettext("a reward", "Yours")}
    return yours.get(State(grant.state), str(grant.get_state_display()))


def _tone(grant: Grant) -> str:
    return {State.OFFERED: "wait", State.EXPIRED: "bad"}.get(State(grant.state), "good")
