"""Writing a campaign's plan and words, and moving it between its states."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Language, Operator
from tenfold.base import clock
from tenfold.base.claim import step
from tenfold.base.keys import new_id
from tenfold.base.refusal import Refusal, refusal_of
from tenfold.campaigns import rules
from tenfold.campaigns.models import Campaign, Words
from tenfold.campaigns.playbooks import ORDER, usual_words
from tenfold.journal.actions import write
from tenfold.journal.facts import Fact

State = Campaign.State
PLAN = (
    *("name", "language", "time_zone", "starts_at", "ends_at"),
    *("purpose", "audience", "pain_point", "process", "channel_plan"),
    *("hold_minutes", "remind_count", "remind_interval_minutes", "quiet_from", "quiet_until"),
    *("is_removal_on", "warn_after_minutes", "remove_after_minutes"),
    *("credit_when", "stay_hours", "grace_minutes", "undo_seconds"),
    *("currency", "board", "board_names"),
)
MINUTES = [name for name in PLAN if name.endswith("_minutes")]
_CURRENCY = re.compile(r"[A-Z]{3}")
FACT_OF = {
    State.LIVE: Fact.CAMPAIGN_LAUNCHED,
    State.PAUSED: Fact.CAMPAIGN_PAUSED,
    State.ENDED: Fact.CAMPAIGN_ENDED,
}


@step
def make_campaign(
    *,
    workspace_id: uuid.UUID,
    name: str,
    language: str,
    operator: Operator,
    row_id: uuid.UUID | None = None,
    playbook: str = ORDER[0],
    words: Iterable[tuple[str, str, str]] = (),
) -> Campaign:
    """A draft with these `words` (language, moment, text) of its playbook, else the usual ones. With `row_id` a second
    call finds the first one's."""
    if row_id and (found := Campaign.objects.filter(pk=row_id, workspace_id=workspace_id).first()):
        return found
    campaign = Campaign(
        id=row_id or new_id(),
        workspace_id=workspace_id,
        name=name.strip(),
        language=language,
        playbook=playbook,
    )
    check_plan(campaign)
    campaign.save()
    Words.objects.bulk_create(
        Words(workspace_id=workspace_id, campaign=campaign, moment=moment, language=spoken, text=text)
        for spoken, moment, text in words or usual_words()
    )
    write(
        Fact.CAMPAIGN_MADE,
        campaign,
        {"name": campaign.name},
        campaign_id=campaign.id,
        operator_id=operator.id,
    )
    return campaign


@step
def change_plan(*, campaign: Campaign, operator: Operator, **fields: object) -> Campaign:
    """Change any of the fields in PLAN. Refuses a plan that contradicts itself; nothing of it is kept then."""
    unknown = set(fields) - set(PLAN)
    if unknown:
        raise ValueError(f"not part of the plan: {sorted(unknown)}")
    # The row as it is now, locked: two people may write at once, and the caller's own row must stay as it was if the
    # plan is refused, or if the database asks for this step again. Against those who refer to it too: whoever joins
    # this moment is looked at again with the others (`flow.replanned`).
    plan = Campaign.objects.select_for_update().get(pk=campaign.pk)
    told = {name: _kept(value) for name, value in fields.items()}
    changed = [name for name, value in told.items() if getattr(plan, name) != value]
    if "currency" in changed and plan.state != State.DRAFT:
        raise Refusal("currency_fixed", _("The currency stays: amounts were promised in it."), status=400)
    for name in changed:
        setattr(plan, name, told[name])
    check_plan(plan)
    if changed:
        plan.save(update_fields=changed)
        about = {"campaign_id": campaign.id, "operator_id": operator.id}
        write(Fact.CAMPAIGN_CHANGED, plan, {"fields": changed}, **about)
    campaign.refresh_from_db()
    return campaign


def _kept(value: object) -> object:
    """As PostgreSQL can keep it."""
    return value.replace("\x00", "") if isinstance(value, str) else value


@step
def change_words(*, campaign: Campaign, moment: str, language: str, text: str, operator: Operator) -> Words:
    words = Words.objects.filter(campaign=campaign, moment=moment, language=language).first()
    if words is None and (moment not in rules.OPTIONAL or language not in Language.values):
        raise Refusal("unknown_moment", _("There is no such moment or language."), status=404)
    checked = rules.check_words(moment, text)
    told = words or Words(
        workspace_id=campaign.workspace_id, campaign=campaign, moment=moment, language=language
    )
    if told.text != checked:
        told.text = checked
        told.save()
        about = {"moment": moment, "language": language}
        write(Fact.WORDS_CHANGED, campaign, about, campaign_id=campaign.id, operator_id=operator.id)
    return told


@step
def clone(*, campaign: Campaign, name: str, operator: Operator, row_id: uuid.UUID | None = None) -> Campaign:
    """A new draft with the same plan and words, without dates: those of the past help nobody."""
    copy = Campaign(
        id=row_id or new_id(),
        workspace_id=campaign.workspace_id,
        playbook=campaign.playbook,
        **{f: getattr(campaign, f) for f in PLAN},
    )
    copy.name, copy.starts_at, copy.ends_at = name.strip()[:80], None, None
    copy.save()
    Words.objects.bulk_create(
        Words(
            workspace_id=copy.workspace_id, campaign=copy, moment=w.moment, language=w.language, text=w.text
        )
        for w in campaign.words.all()
    )
    told = {"name": copy.name, "from": str(campaign.id)}
    write(Fact.CAMPAIGN_MADE, copy, told, campaign_id=copy.id, operator_id=operator.id)
    return copy


@step
def move(*, campaign: Campaign, to: State, operator: Operator | None) -> Campaign:
    """Move to another state; asking twice is asking once. `operator` is None where the end came by itself."""
    # The row as it is now: a page may be old, and a first try of this step that was undone has left its mark here.
    campaign.refresh_from_db(from_queryset=Campaign.objects.select_for_update(no_key=True))
    before = State(campaign.state)
    if before == to:
        return campaign
    if not rules.may_move(before, to):
        raise Refusal("wrong_state", _("A campaign in this state cannot do that."))
    Campaign.objects.filter(pk=campaign.pk).update(state=to, **_times_of(to, clock.now(), campaign))
    campaign.refresh_from_db()
    fact = Fact.CAMPAIGN_RESUMED if before == State.PAUSED and to == State.LIVE else FACT_OF[to]
    write(fact, campaign, campaign_id=campaign.id, operator_id=operator.id if operator else None)
    return campaign


def _times_of(to: State, now: datetime, campaign: Campaign) -> dict[str, datetime]:
    if to == State.ENDED:
        return {"ended_at": now}
    if to == State.LIVE and campaign.launched_at is None:
        return {"launched_at": now}
    return {}


@cache
def _zones() -> set[str]:
    """Those this machine knows. It looks through hundreds of files for them."""
    return available_timezones()


def check_plan(campaign: Campaign) -> None:
    """Raises the Refusal of a plan that contradicts itself; the campaign need not be saved."""
    if not _CURRENCY.fullmatch(campaign.currency):
        raise Refusal("bad_currency", _("A currency is three capital letters: CNY, EUR, USD."), status=400)
    if campaign.time_zone not in _zones():
        raise Refusal("bad_time_zone", _("There is no such time zone."), status=400)
    if campaign.starts_at and campaign.ends_at and campaign.ends_at <= campaign.starts_at:
        raise Refusal("ends_before_start", _("The end must come after the start."), status=400)
    try:
        campaign.clean_fields(exclude={field.name for field in campaign._meta.fields} - set(PLAN))
    except ValidationError as error:
        raise refusal_of(error, campaign, code="bad_plan") from error
    if max(getattr(campaign, name) for name in MINUTES) > rules.LONGEST_MINUTES:
        raise Refusal("too_long", _("A year at most, please."), status=400)
