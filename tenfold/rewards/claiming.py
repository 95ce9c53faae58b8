"""What becomes of what was given: claimed or gone back, redeemed where it is handed over, sent."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.keys import read_slug
from tenfold.base.refusal import Refusal
from tenfold.journal.facts import Fact
from tenfold.rewards import ledger
from tenfold.rewards.books import LedgerRow, Unit
from tenfold.rewards.granting import book, note
from tenfold.rewards.models import Grant, Reward, StockCode
from tenfold.rewards.rules import clean_address

Kind, State, Reason = Reward.Kind, Grant.State, LedgerRow.Reason


@step
def claim(*, grant: Grant, address: Mapping[str, str] | None = None) -> Grant:
    """They want it; what is sent needs an address, which may change until it is sent. Twice is once."""
    given = _locked(grant)
    fields = clean_address(address) if given.reward.kind == Kind.PHYSICAL else None
    if given.journey.person.blocked_at is not None:
        raise Refusal("blocked", _("You were excluded from this campaign."), status=403)
    if given.state == State.CLAIMED and fields and given.shipped_at is None:
        Grant.objects.filter(pk=given.pk).update(address=fields)
    elif given.state == State.OFFERED:
        _claim(given, fields)
    elif given.state == State.EXPIRED:
        raise Refusal("claim_over", _("The time to claim this is over, and it went back."))
    grant.refresh_from_db()
    return grant


def _claim(given: Grant, fields: dict[str, str] | None) -> None:
    now = clock.now()
    if given.claim_until is not None and given.claim_until <= now:
        raise Refusal("claim_over", _("The time to claim this is over, and it went back."))
    Grant.objects.filter(pk=given.pk).update(
        state=State.CLAIMED, claimed_at=now, address=fields, lease_until=None
    )
    note(Fact.CLAIMED, given.reward, journey=given.journey, grant=str(given.pk))


@step
def expire(*, grant: Grant) -> bool:
    """Not claimed in time: back to the stock, for the next one. False if it was claimed, or still can be."""
    given = _locked(grant)
    if given.state != State.OFFERED or given.claim_until is None or given.claim_until > clock.now():
        return False
    Grant.objects.filter(pk=given.pk).update(state=State.EXPIRED, lease_until=None)
    StockCode.objects.filter(grant=given).update(grant=None)
    Reward.objects.filter(pk=given.reward_id).update(granted_count=F("granted_count") - 1)
    ledger.give_back(line=given.line, amount=0)
    book(given, Unit.ITEM, -1, Reason.EXPIRED, f"grant:{given.pk}:expired")
    note(Fact.CLAIM_EXPIRED, given.reward, journey=given.journey, grant=str(given.pk))
    grant.refresh_from_db()
    return True


def _locked(grant: Grant) -> Grant:
    rows = Grant.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("reward", "rule", "journey__person", "campaign").get(pk=grant.pk)


# --- handed over ----------------------------------------------------------------------------------------------


@step
def redeem(*, number: str, workspace_id: UUID, operator: Operator) -> Grant:
    """Redeem once. A second time is refused and says when the first one was."""
    found = Grant.objects.filter(number=read_slug(number), workspace_id=workspace_id).first()
    if found is None:
        raise Refusal("unknown_number", _("There is no reward with this number."), status=404)
    given = _locked(found)
    if given.redeemed_at is not None:
        when = timezone.localtime(given.redeemed_at, given.campaign.zone)
        message = _("This reward was redeemed on %(when)s already.") % {"when": f"{when:%Y-%m-%d %H:%M}"}
        raise Refusal("redeemed_before", message)
    if given.state != State.CLAIMED:
        raise Refusal(
            "not_claimed",
            _("They have not claimed this: they do it on their own page, as long as there is time."),
        )
    now = clock.now()
    Grant.objects.filter(pk=given.pk).update(state=State.REDEEMED, redeemed_at=now, redeemed_by=operator)
    Reward.objects.filter(pk=given.reward_id).update(redeemed_count=F("redeemed_count") + 1)
    note(Fact.REDEEMED, given.reward, journey=given.journey, operator=operator, grant=str(given.pk))
    given.refresh_from_db()
    return given


@step
def ship(*, grant: Grant, tracking: str, operator: Operator) -> Grant:
    """It is on its way; sent twice, only the number to follow it by changes."""
    given = _locked(grant)
    if given.reward.kind != Kind.PHYSICAL or given.state not in (State.CLAIMED, State.REDEEMED):
        raise Refusal("not_to_ship", _("There is nothing to send: no address was given."))
    number = " ".join(tracking.replace("\x00", "").split())[:80]
    if given.shipped_at is None:
        note(Fact.SHIPPED, given.reward, journey=given.journey, operator=operator, grant=str(given.pk))
    sent = {"shipped_at": given.shipped_at or clock.now(), "shipped_by": operator, "tracking": number}
    Grant.objects.filter(pk=given.pk).update(**sent)
    grant.refresh_from_db()
    return grant


@step
def unship(*, grant: Grant, operator: Operator) -> Grant:
    """It was marked by mistake."""
    given = _locked(grant)
    if given.shipped_at is not None:
        Grant.objects.filter(pk=given.pk).update(shipped_at=None, shipped_by=None, tracking="")
        note(Fact.UNSHIPPED, given.reward, journey=given.journey, operator=operator, grant=str(given.pk))
    grant.refresh_from_db()
    return grant
