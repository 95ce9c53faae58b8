"""The only writer of editions and keepsakes. Nobody gets two of the same, and a ticket lets in once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base import bulk, clock
from tenfold.base.claim import changes_one, step
from tenfold.base.keys import new_hex
from tenfold.base.refusal import Refusal, refusal_of
from tenfold.campaigns.models import Campaign
from tenfold.journal.actions import About, write, write_of_each
from tenfold.journal.facts import Fact
from tenfold.keepsakes import rules
from tenfold.keepsakes.models import Edition, Keepsake
from tenfold.keepsakes.queries import keepsake_by_number
from tenfold.people.models import Journey
from tenfold.rewards.models import Reward

A_BATCH = 1000
COLUMNS = (
    *("id", "journey_id", "name", "number", "workspace_id", "edition_id", "campaign_id", "issued_by_id"),
    *("issued_at", "shown", "revoke_reason", "gate"),
)


@step
def make_edition(
    *,
    campaign: Campaign,
    kind: str,
    name: str,
    operator: Operator,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
    row_id: UUID | None = None,
) -> Edition:
    """With the same `row_id` it is made once."""
    if row_id and (found := Edition.objects.filter(pk=row_id, campaign=campaign).first()):
        return found
    edition = Edition(
        workspace_id=campaign.workspace_id, campaign=campaign, kind=kind, name=rules.one_line(name)
    )
    edition.pk = row_id or edition.pk
    edition.valid_from, edition.valid_until = valid_from, valid_until
    _check(edition)
    edition.save(force_insert=True)
    _note(Fact.EDITION_MADE, edition, operator, kind=kind, name=edition.name)
    return edition


@step
def change_edition(
    *,
    edition: Edition,
    name: str,
    operator: Operator,
    valid_from: datetime | None,
    valid_until: datetime | None,
) -> Edition:
    """The name stays once one was issued: the paper in somebody's hand says it. The dates may move."""
    # Against those who refer to it too: what is being issued this moment has the name already.
    edition.refresh_from_db(from_queryset=Edition.objects.select_for_update())
    name = rules.one_line(name)
    if name != edition.name and edition.keepsakes.exists():
        raise Refusal("name_fixed", _("The name cannot change: some were issued already."))
    edition.name, edition.valid_from, edition.valid_until = name, valid_from, valid_until
    _check(edition)
    edition.save(update_fields=["name", "valid_from", "valid_until"])
    _note(Fact.EDITION_CHANGED, edition, operator, name=edition.name)
    return edition


@step
def reward_with(*, edition: Edition, reward: Reward | None, operator: Operator) -> Edition:
    """What a reward gives is issued from this edition; with None it is a reward no more. Those who have it keep it."""
    edition.refresh_from_db(from_queryset=Edition.objects.select_for_update())  # its `reward` is a key
    if reward is not None and reward.kind != Reward.Kind.KEEPSAKE:
        raise Refusal("not_keepsake", _("This reward is no ticket, letter or certificate."), status=400)
    if reward is not None and reward.campaign_id != edition.campaign_id:
        raise Refusal("reward_wrong", _("This reward belongs to another campaign."), status=400)
    if reward is not None:
        Edition.objects.filter(reward=reward).exclude(pk=edition.pk).update(reward=None)
    edition.reward = reward
    edition.save(update_fields=["reward"])
    _note(Fact.EDITION_CHANGED, edition, operator, reward=str(reward.pk) if reward else "")
    return edition


def _check(edition: Edition) -> None:
    try:
        edition.clean_fields(exclude=["workspace", "campaign", "reward"])
    except ValidationError as error:
        raise refusal_of(error, edition, code="bad_edition") from error
    if edition.valid_from and edition.valid_until and edition.valid_until <= edition.valid_from:
        raise Refusal("bad_dates", _("The end comes before the beginning."), status=400)


@step
def issue(*, edition: Edition, journeys: Sequence[Journey], operator: Operator | None) -> list[Keepsake]:
    """One to each who has none of this edition yet, a revoked one included; those that are new. By nobody where a rule
    gives it."""
    if any(journey.campaign_id != edition.campaign_id for journey in journeys):
        raise Refusal("not_found", _("This person is not in the campaign."), status=404)
    fresh = _give(edition, {journey.pk: journey.person.nickname for journey in journeys}, operator)
    return list(Keepsake.objects.filter(pk__in=fresh).select_related("edition").order_by("id"))


def _give(edition: Edition, names: Mapping[UUID, str], operator: Operator | None) -> list[str]:
    """One to each of these journeys who has none; the ids of the new ones. Past the ORM: those of a whole campaign are
    issued in one request. A twin of that request hits the unique constraint, is run again, and finds them."""
    held = Keepsake.objects.filter(edition=edition, journey__in=list(names))
    have = set(held.values_list("journey_id", flat=True))
    fresh = {journey_id: new_hex() for journey_id in sorted(names) if journey_id not in have}
    issued_by = operator.pk.hex if operator else None
    same = (edition.workspace_id.hex, edition.pk.hex, edition.campaign_id.hex, issued_by)
    at, shown = bulk.moment(clock.now()), Keepsake.Shown.FIRST.value
    bulk.insert(
        "tenfold_keepsake",
        COLUMNS,
        [
            (pk, journey_id.hex, names[journey_id], rules.new_number(), *same, at, shown, "", "")
            for journey_id, pk in fresh.items()
        ],
    )
    write_of_each(
        Fact.KEEPSAKE_ISSUED,
        edition,
        [(journey_id, {"keepsake": str(UUID(pk))}) for journey_id, pk in fresh.items()],
        campaign_id=edition.campaign_id,
        operator_id=operator.id if operator else None,
    )
    return list(fresh.values())


@step
def issue_one(*, edition: Edition, journey: Journey, operator: Operator, name: str = "") -> Keepsake:
    """To one person, with the name that shall stand on it; the one they have, where they have one."""
    name = rules.one_line(name)
    if len(name) > 40:
        raise Refusal("bad_name", _("The name has at most 40 characters."), status=400)
    fresh = issue(edition=edition, journeys=[journey], operator=operator)
    if fresh and name and name != fresh[0].name:
        fresh[0].name = name
        fresh[0].save(update_fields=["name"])
    return Keepsake.objects.select_related("edition").get(edition=edition, journey=journey)


def issue_to_all(*, edition: Edition, journeys: Sequence[UUID], operator: Operator) -> int:
    """To many of its campaign, a batch a transaction; how many are new. Cut short anywhere, the next go does the
    rest."""
    count = 0
    for start in range(0, len(journeys), A_BATCH):
        count += len(_give_batch(edition, journeys[start : start + A_BATCH], operator))
    return count


@step
def _give_batch(edition: Edition, journeys: Sequence[UUID], operator: Operator) -> list[str]:
    theirs = Journey.objects.filter(pk__in=journeys, campaign_id=edition.campaign_id)
    return _give(edition, dict(theirs.order_by("id").values_list("id", "person__nickname")), operator)


@step
def take_back(*, edition: Edition, since: datetime, until: datetime, reason: str, operator: Operator) -> int:
    """Revoke what this operator issued of the edition between these two moments and nobody has used; how many."""
    theirs = Keepsake.objects.filter(edition=edition, issued_by=operator, issued_at__range=(since, until))
    theirs = theirs.filter(revoked_at=None, checked_in_at=None)
    taken = list(theirs.select_for_update(no_key=True).order_by("id").values_list("pk", "journey_id"))
    by = {"revoked_at": clock.now(), "revoked_by": operator, "revoke_reason": reason}
    for start in range(0, len(taken), A_BATCH):
        part = taken[start : start + A_BATCH]
        Keepsake.objects.filter(pk__in=[pk for pk, _journey in part]).update(**by)
        write_of_each(
            Fact.KEEPSAKE_REVOKED,
            edition,
            [(journey_id, {"keepsake": str(pk), "reason": reason}) for pk, journey_id in part if journey_id],
            campaign_id=edition.campaign_id,
            operator_id=operator.id,
        )
    return len(taken)


@step
def revoke(*, keepsake: Keepsake, reason: str, operator: Operator) -> Keepsake:
    """From now on its page says so, with the reason. Twice is once: the first reason stays."""
    reason = rules.one_line(reason)
    if not 1 <= len(reason) <= 200:
        raise Refusal(
            "reason_needed",
            _("Say why, in at most 200 characters: whoever looks it up reads it."),
            status=400,
        )
    valid = Keepsake.objects.filter(pk=keepsake.pk, revoked_at=None)
    if changes_one(valid, revoked_at=clock.now(), revoked_by=operator, revoke_reason=reason):
        _note_one(Fact.KEEPSAKE_REVOKED, keepsake, operator, reason=reason)
    keepsake.refresh_from_db()
    return keepsake


@step
def restore(*, keepsake: Keepsake, operator: Operator) -> Keepsake:
    """The revocation was a mistake."""
    revoked = Keepsake.objects.filter(pk=keepsake.pk, revoked_at__isnull=False)
    if changes_one(revoked, revoked_at=None, revoked_by=None, revoke_reason=""):
        _note_one(Fact.KEEPSAKE_RESTORED, keepsake, operator)
    keepsake.refresh_from_db()
    return keepsake


@step
def show_name(*, keepsake: Keepsake, shown: str) -> Keepsake:
    """Its owner chooses how much of the name strangers see."""
    if shown not in Keepsake.Shown.values:
        raise Refusal("unknown_choice", _("There is no such choice."), status=400)
    if changes_one(Keepsake.objects.filter(pk=keepsake.pk).exclude(shown=shown), shown=shown):
        _note_one(Fact.KEEPSAKE_SHOWN, keepsake, shown=shown)
    keepsake.refresh_from_db()
    return keepsake


@step
def forget(*, journey: Journey) -> int:
    """The person is erased: their numbers stay verifiable, without a name. How many there were."""
    theirs = list(Keepsake.objects.filter(journey=journey))
    for keepsake in theirs:
        _note_one(Fact.KEEPSAKE_FORGOTTEN, keepsake)
    return Keepsake.objects.filter(pk__in=[one.pk for one in theirs]).update(name="", journey=None)


@step
def check_in(*, number: str, campaign: Campaign, operator: Operator, gate: str, key: UUID) -> Keepsake:
    """Let in whoever holds this ticket, once. A Refusal says why not; the form `key` sent again is let in again."""
    ticket = _ticket(number, campaign)
    now = clock.now()
    if _is_let_in_by(ticket, key, now):
        return ticket
    free = Keepsake.objects.filter(pk=ticket.pk, checked_in_at=None, revoked_at=None)
    changes = {"checked_in_at": now, "checked_in_by": operator, "gate": rules.one_line(gate)[:40]}
    is_first = changes_one(free, check_in_key=key, **changes)
    ticket.refresh_from_db()
    if is_first:
        _note_one(Fact.CHECKED_IN, ticket, operator, gate=ticket.gate)
    elif not _is_let_in_by(ticket, key, now):
        # Let in elsewhere and taken back again, all at this very moment.
        raise Refusal("once_more", _("Something changed just now. Scan it once more."))
    return ticket


def _is_let_in_by(ticket: Keepsake, key: UUID, now: datetime) -> bool:
    """Whether this form let them in already; a Refusal where nobody comes in by it any more."""
    if ticket.check_in_key == key and ticket.revoked_at is None:
        return True
    no = rules.refusal_at_gate(ticket, ticket.edition, now=now, zone=ticket.campaign.zone)
    if no is not None:
        raise no
    return False


def _ticket(number: str, campaign: Campaign) -> Keepsake:
    """The ticket, if it is one for this campaign; another workspace's is as unknown as one that never was."""
    if rules.read_number(number) is None:
        raise Refusal("unknown", _("This is no number of ours. Was it mistyped?"), status=404)
    found = keepsake_by_number(number)
    if found is None or found.workspace_id != campaign.workspace_id:
        raise Refusal("unknown", _("There is no ticket with this number."), status=404)
    if not found.edition.is_ticket:
        raise Refusal("no_ticket", _("This is not a ticket."))
    if found.campaign_id != campaign.id:
        message = _("This ticket is for %(campaign)s.") % {"campaign": found.campaign.name}
        raise Refusal("elsewhere", message)
    return found


@step
def undo_check_in(*, keepsake: Keepsake, operator: Operator) -> Keepsake:
    """It was a mistake: the check-in that the asker saw is taken back, and no later one."""
    seen = Keepsake.objects.filter(pk=keepsake.pk, checked_in_at=keepsake.checked_in_at)
    changes = {"checked_in_at": None, "checked_in_by": None, "gate": "", "check_in_key": None}
    if keepsake.checked_in_at and changes_one(seen, **changes):
        _note_one(Fact.CHECK_IN_UNDONE, keepsake, operator, gate=keepsake.gate)
    keepsake.refresh_from_db()
    return keepsake


def _note(fact: Fact, edition: Edition, operator: Operator, **told: object) -> None:
    about = About(campaign_id=edition.campaign_id, operator_id=operator.id)
    write(fact, edition, {"edition": str(edition.pk), **told}, **about)


def _note_one(fact: Fact, keepsake: Keepsake, operator: Operator | None = None, **told: object) -> None:
    about = About(
        campaign_id=keepsake.campaign_id,
        journey_id=keepsake.journey_id,
        operator_id=operator.id if operator else None,
    )
    write(fact, keepsake, {"keepsake": str(keepsake.pk), **told}, **about)
