"""Every change of what somebody has, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from tenfold.base.keys import read_id
from tenfold.base.money import written
from tenfold.campaigns.models import Campaign
from tenfold.people.models import Journey
from tenfold.rewards.books import Balance, LedgerRow, Unit
from tenfold.rewards.payouts import to_be_paid
from tenfold.rewards.queries import ledger_of
from tenfold.web.asking import journey_of
from tenfold.web.ladder import friends
from tenfold.web.ways import Held, amount_text, balances_of

SHOWN_LINES = 50
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Line:
    """One change as its owner reads it."""

    at: datetime
    why: str
    about: str
    note: str
    amount: str
    is_less: bool


@require_safe
@gzip_page  # padded by Django with a random length, so that its size tells nothing about secrets
def show(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    journey = journey_of(request, campaign_id)
    found, older = _rows(journey, read_id(request.GET.get("before")))
    balances = Balance.objects.filter(journey=journey).order_by("unit")
    context: dict[str, Any] = {
        "journey": journey,
        "campaign": journey.campaign,
        "lines": [_line(row, journey.campaign) for row in found],
        "older": older,
        "balances": [*balances_of(balances, journey.campaign), *_to_be_paid(journey)],
    }
    response = render(request, "web/ledger.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _rows(journey: Journey, before: UUID | None) -> tuple[list[LedgerRow], UUID | None]:
    """Newest first, from before that row on; and the last of them where there are more."""
    rows = ledger_of(journey)
    if before and (last := LedgerRow.objects.filter(pk=before, journey=journey).first()):
        rows = rows.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk))
    found = list(rows[: SHOWN_LINES + 1])
    return found[:SHOWN_LINES], found[SHOWN_LINES - 1].pk if len(found) > SHOWN_LINES else None


def _to_be_paid(journey: Journey) -> list[Held]:
    """What has left the balance and is not paid yet."""
    amount = to_be_paid(LedgerRow.objects.filter(journey=journey))
    text = written(amount, journey.campaign.currency)
    return [Held("file-spreadsheet", _("On a list to be paid to me"), text)] if amount else []


def _line(row: LedgerRow, campaign: Campaign) -> Line:
    return Line(
        at=row.at,
        why=row.why,
        about=_about(row),
        note=row.told,
        amount=_amount(row, campaign),
        is_less=row.amount < 0,
    )


def _about(row: LedgerRow) -> str:
    """Whom or what it is about. A friend's friend is nobody the reader was told of: they stay without a name."""
    parts = [row.reward.name if row.reward else ""]
    if row.level > 1:
        parts.append(_("through a friend of yours"))
    elif row.newcomer:
        parts.append(row.newcomer.person.nickname)
    return " · ".join(part for part in parts if part)


def _amount(row: LedgerRow, campaign: Campaign) -> str:
    if row.unit == Unit.MONEY:
        return f"{'+' if row.amount > 0 else ''}{written(row.amount, campaign.currency)}"
    sign, count = "+" if row.amount > 0 else MINUS, abs(row.amount)
    if row.unit == Unit.INVITE:
        return f"{sign}{friends(count)}"
    if row.unit == Unit.POINTS:
        return f"{sign}{amount_text(count, Unit.POINTS, '')}"
    return f"{sign}{count}"
