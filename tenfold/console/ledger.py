"""The ledger of a campaign: every change of what somebody has, with its reason; and the same as a file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.expressions import CombinedExpression
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_safe

from tenfold.accounts.access import Right
from tenfold.base import clock
from tenfold.base.keys import read_slug
from tenfold.base.money import MINUS, plain, written
from tenfold.base.sheets import write_rows
from tenfold.campaigns.models import Campaign
from tenfold.console.layout import campaign_for, fragment, is_fragment, operator_required, page
from tenfold.console.pages import LongPages
from tenfold.console.shipping import clock_text
from tenfold.people.models import Credit, Journey, Standing
from tenfold.rewards.books import Balance, LedgerRow, Payout, Unit
from tenfold.rewards.models import Reward
from tenfold.rewards.payouts import to_be_paid

PAGE = 50
PIECE = 1000
UNDO = ":undo"
BOM = "\ufeff".encode()
RELATED = ("journey__person", "newcomer__person", "reward", "order", "payout", "operator")
LABELS = {
    Unit.INVITE: gettext_lazy("Friends who count"),
    Unit.ITEM: gettext_lazy("Rewards given, without points and money"),
    Unit.POINTS: gettext_lazy("Points held"),
    Unit.MONEY: gettext_lazy("Money owed"),
}
Reason = LedgerRow.Reason
# Nobody looks for a list by whether it was paid.
REASONS = {Reason.PAID_OUT: gettext_lazy("put on a list to be paid")}


@dataclass(frozen=True)
class Shown:
    """A row of the ledger as people read it."""

    row: LedgerRow
    change: str
    why: str
    about: str
    may_undo: bool


@dataclass(frozen=True)
class Total:
    label: str | Promise
    figure: str


@operator_required
@require_safe
def ledger(request: HttpRequest, campaign_id: UUID) -> HttpResponse:
    campaign = campaign_for(request, campaign_id)
    asked = asked_of(request)
    context: dict[str, object] = {
        "rows": shown_page(campaign, found(campaign, asked), request.GET.get("page"))
    }
    context |= {"asked": f"{urlencode(asked)}&" if asked else ""}
    if is_fragment(request):
        return fragment(request, "console/ledger/_rows.html", {"campaign": campaign} | context)
    context |= {
        "query": asked.get("q", ""),
        "unit": asked.get("unit", ""),
        "reason": asked.get("reason", ""),
        "units": Unit.choices,
        "reasons": [(each.value, REASONS.get(each, each.label)) for each in Reason],
        "sums": totals(campaign),
    }
    return page(request, "console/ledger/ledger.html", context, campaign=campaign, tab="ledger")


def asked_of(request: HttpRequest) -> dict[str, str]:
    """What is looked for, without what is empty or unknown."""
    unit, reason = request.GET.get("unit", ""), request.GET.get("reason", "")
    asked = {"q": request.GET.get("q", "").replace("\x00", "").strip()[:64]}
    asked |= {
        "unit": unit if unit in Unit.values else "",
        "reason": reason if reason in Reason.values else "",
    }
    return {name: value for name, value in asked.items() if value}


def found(campaign: Campaign, asked: dict[str, str]) -> QuerySet[LedgerRow]:
    """By a name, the code on somebody's poster or the number of an order."""
    rows = LedgerRow.objects.filter(campaign=campaign).select_related(*RELATED).order_by("-at", "-id")
    rows = rows.filter(**{name: asked[name] for name in ("unit", "reason") if name in asked})
    if query := asked.get("q"):
        match = Q(journey__person__nickname__icontains=query) | Q(order__number=query)
        slug = read_slug(query)
        rows = rows.filter(match | Q(journey__code__slug=slug) if slug else match)
    return rows


def shown_page(campaign: Campaign, rows: QuerySet[LedgerRow], number: str | None) -> Page[Shown]:
    found = LongPages(rows, PAGE).get_page(number)
    here = list(found.object_list)
    undone = undone_among(here)
    told = [shown(campaign, row, is_undone=row.pk in undone) for row in here]
    return Page(told, found.number, cast(Any, found.paginator))


def undone_among(rows: list[LedgerRow]) -> set[UUID]:
    """Those that were taken back, and what took them back: of both there is nothing to take back."""
    keys = {undo_key(row): row.pk for row in rows if row.reason == Reason.ADJUSTED}
    taken_back = LedgerRow.objects.filter(key__in=keys).values_list("key", flat=True)
    return {keys[key] for key in taken_back} | {row.pk for row in rows if row.key.endswith(UNDO)}


def undo_key(row: LedgerRow) -> str:
    return f"adjusted:{row.pk.hex}{UNDO}"


def shown(campaign: Campaign, row: LedgerRow, *, is_undone: bool) -> Shown:
    return Shown(
        row=row,
        change=change_of(row.amount, row.unit, campaign.currency),
        why=row.why,
        about=_about(row),
        may_undo=row.reason == Reason.ADJUSTED and not is_undone,
    )


def change_of(amount: int, unit: str, currency: str) -> str:
    """With its sign: `+1 friend`, `−¥5.00`."""
    sign = MINUS if amount < 0 else "+"
    return f"{sign}{figure_of(abs(amount), unit, currency)}"


def figure_of(amount: int, unit: str, currency: str) -> str:
    if unit == Unit.MONEY:
        return written(amount, currency)
    told = {
        Unit.INVITE: ngettext("%(n)s friend", "%(n)s friends", amount),
        Unit.POINTS: ngettext("%(n)s point", "%(n)s points", amount),
        Unit.ITEM: ngettext("%(n)s reward", "%(n)s rewards", amount),
    }
    return told[Unit(unit)] % {"n": f"{amount:,}"}


def _about(row: LedgerRow) -> str:
    """The newcomer, the order, the reward, who did it by hand, and their words: whatever there is."""
    told = [row.reward.name if row.reward else "", row.newcomer.person.nickname if row.newcomer else ""]
    told += [_("order %(number)s") % {"number": row.order.number}] if row.order else []
    told += [_("one above")] if row.level == 2 else []
    told += [row.told, str(row.operator) if row.operator else ""]
    return " · ".join(each for each in told if each)


def note_of(row: LedgerRow) -> str:
    """What an operator has written, or why a friend no longer counts."""
    is_credit = row.reason in (Reason.COUNTED, Reason.UNCOUNTED)
    return str(Credit.Reason(row.note).label) if is_credit and row.note in Credit.Reason.values else row.note


def totals(campaign: Campaign) -> list[Total]:
    """Of each unit that occurs, from what is counted beside the rows, of which there may be millions."""
    here = {"campaign": campaign}
    points = Balance.objects.filter(**here, unit=Unit.POINTS)
    given = Reward.objects.filter(**here).exclude(kind__in=[Reward.Kind.MONEY, Reward.Kind.POINTS])
    sums = {
        Unit.INVITE: _sum(Standing.objects.filter(**here), F("valid_count") * F("people_count")),
        Unit.ITEM: _sum(given, "granted_count"),
        Unit.POINTS: _sum(points, "amount"),
    }
    rows = LedgerRow.objects.filter(**here)
    told = [Total(LABELS[unit], f"{n:,}") for unit, n in sums.items() if rows.filter(unit=unit).exists()]
    money = Balance.objects.filter(**here, unit=Unit.MONEY)
    if not money.exists():
        return told
    lists = Payout.objects.filter(**here, state=Payout.State.EXPORTED)
    owed, more = _sum(money.filter(amount__gt=0), "amount"), -_sum(money.filter(amount__lt=0), "amount")
    return told + money_totals(campaign, owed, _sum(lists, "total"), more)


def _sum(rows: QuerySet[Any], of: str | CombinedExpression) -> int:
    return rows.order_by().aggregate(sum=Sum(of))["sum"] or 0


def money_totals(campaign: Campaign, owed: int, listed: int, overpaid: int) -> list[Total]:
    """What is to come, what is on its way, and what was paid and had to be taken back."""
    more: list[tuple[str | Promise, int]] = [
        (_("On lists to be paid"), listed),
        (_("Paid too much"), overpaid),
    ]
    told: list[tuple[str | Promise, int]] = [(LABELS[Unit.MONEY], owed), *(each for each in more if each[1])]
    return [Total(label, written(amount, campaign.currency)) for label, amount in told]


def own_totals(journey: Journey) -> list[Total]:
    """The same of one person."""
    rows = LedgerRow.objects.filter(journey=journey).order_by()
    sums = dict(rows.values_list("unit").annotate(sum=Sum("amount")))
    labels: dict[Unit, str | Promise] = {unit: label for unit, label in LABELS.items() if unit in sums}
    if Unit.INVITE in labels and journey.person.blocked_at:
        labels[Unit.INVITE] = _("Friends, not counted while blocked")
    money = sums.get(Unit.MONEY, 0)
    told = [Total(label, f"{sums[unit]:,}") for unit, label in labels.items() if unit != Unit.MONEY]
    if Unit.MONEY not in labels:
        return told
    return told + money_totals(journey.campaign, max(0, money), to_be_paid(rows), max(0, -money))


@operator_required
@require_safe
def file(request: HttpRequest, campaign_id: UUID) -> HttpResponseBase:
    """What is looked for, all of it, oldest last as on the page; sent in pieces, since there may be millions. With
    everybody's names, sums and what was noted of them in one file, it is not for who may look only."""
    campaign = campaign_for(request, campaign_id, Right.MANAGE)
    rows = found(campaign, asked_of(request))
    answer = StreamingHttpResponse(_pieces(campaign, rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="ledger-{clock.now():%Y%m%d-%H%M}.csv"'
    return answer


def _pieces(campaign: Campaign, rows: QuerySet[LedgerRow]) -> Iterator[bytes]:
    heads = [_("Time"), _("Name"), _("Code"), _("What"), _("Change"), _("Why"), _("Reward"), _("Newcomer")]
    yield write_rows([[*heads, _("Order"), _("Note"), _("By")]])
    piece: list[list[object]] = []
    for row in rows.select_related(*RELATED, "journey__code").iterator(chunk_size=PIECE):
        piece.append(_cells(campaign, row))
        if len(piece) == PIECE:
            yield write_rows(piece).removeprefix(BOM)
            piece = []
    yield write_rows(piece).removeprefix(BOM)


def _cells(campaign: Campaign, row: LedgerRow) -> list[object]:
    return [
        clock_text(campaign, row.at),
        row.journey.person.nickname,
        row.journey.code.slug,
        row.get_unit_display(),
        plain(row.amount, campaign.currency) if row.unit == Unit.MONEY else row.amount,
        row.why,
        row.reward.name if row.reward else "",
        row.newcomer.person.nickname if row.newcomer else "",
        row.order.number if row.order else "",
        row.told,
        row.operator or "",
    ]
