"""Facts as sentences a person reads, with the names that belong to them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenfold.accounts.models import Operator
from tenfold.base.keys import read_id
from tenfold.campaigns.models import Campaign
from tenfold.groups.models import Group
from tenfold.journal.facts import Fact
from tenfold.journal.models import Entry
from tenfold.people.models import Credit, Journey
from tenfold.proofs.models import Look, Proof, ReviewPlan

# kind -> (icon, colour, sentence). What is not here is not worth telling: a held seat, a message queued.
SENTENCES: dict[str, tuple[str, str, Promise | str]] = {
    Fact.CAMPAIGN_MADE: ("flag", "secondary", _("The campaign was made")),
    Fact.CAMPAIGN_LAUNCHED: ("rocket", "green", _("The campaign went live")),
    Fact.CAMPAIGN_PAUSED: ("player-pause", "yellow", _("The campaign was paused")),
    Fact.CAMPAIGN_RESUMED: ("player-play", "green", _("The campaign went on")),
    Fact.CAMPAIGN_ENDED: ("player-stop", "secondary", _("The campaign ended")),
    Fact.GROUP_ADDED: ("users-group", "secondary", _("The group %(group)s was added")),
    Fact.GROUP_COUNTED: ("users-group", "secondary", _("The members of %(group)s were counted")),
    Fact.LINE_JOINED: ("hourglass", "yellow", _("Someone waits in line: all groups are full")),
    Fact.LINE_CALLED: ("bell", "blue", _("Someone in line was called to %(group)s")),
    Fact.ARRIVED: ("door-enter", "blue", _("%(who)s is on the way into %(group)s")),
    Fact.JOINED: ("user-plus", "blue", _("%(who)s joined %(group)s")),
    Fact.REJOINED: ("user-plus", "blue", _("%(who)s came back to %(group)s")),
    Fact.CREDIT_VALID: ("user-check", "teal", _("%(newcomer)s counts for %(who)s")),
    Fact.CREDIT_VOID: ("user-x", "secondary", _("%(newcomer)s does not count for %(who)s")),
    Fact.CREDIT_UNVALIDATED: ("user-minus", "orange", _("%(newcomer)s no longer counts for %(who)s")),
    Fact.STARTED_SHARING: ("share", "purple", _("%(who)s's poster was scanned for the first time")),
    Fact.REMINDED: ("bell", "secondary", _("%(who)s was reminded")),
    Fact.WARNED: ("alert-triangle", "orange", _("%(who)s was warned")),
    Fact.LEFT: ("door-exit", "orange", _("%(who)s left %(group)s")),
    Fact.REMOVED: ("user-x", "red", _("%(who)s was removed from %(group)s")),
    Fact.KEPT_OUT: ("lock", "red", _("%(operator)s does not let %(who)s come back")),
    Fact.LET_BACK: ("arrow-back-up", "secondary", _("%(operator)s allowed %(who)s to come back")),
    Fact.POST_HIDDEN: ("eye-off", "orange", _("%(operator)s removed a post of %(who)s in %(group)s")),
    Fact.POST_SHOWN: (
        "arrow-back-up",
        "secondary",
        _("%(operator)s shows a post of %(who)s in %(group)s again"),
    ),
    Fact.PROOF_SENT: ("photo-plus", "azure", _("%(who)s sent a screenshot")),
    Fact.PROOF_WITHDRAWN: ("photo", "secondary", _("%(who)s replaced a screenshot by a newer one")),
    Fact.PROOF_JUDGED: ("photo-check", "secondary", _("%(operator)s looked at the screenshot of %(who)s")),
    Fact.LOOKED: ("robot", "secondary", _("The machine looked at the screenshot of %(who)s")),
    Fact.APPEALED: ("speakerphone", "yellow", _("%(who)s appealed: a person looks again")),
    Fact.SECOND_LOOKED: ("eye", "secondary", _("%(operator)s looked again at the screenshot of %(who)s")),
    Fact.OPENED_ENOUGH: ("qrcode", "green", _("Enough others have opened the code of %(who)s")),
    Fact.REVIEW_PLAN_CHANGED: (
        "adjustments",
        "secondary",
        _("%(operator)s changed how screenshots are reviewed"),
    ),
    Fact.REVIEW_MODE_CHANGED: ("robot", "blue", _("%(operator)s changed what the machine may decide")),
    Fact.REVIEW_FELL_BACK: (
        "alert-triangle",
        "red",
        _("People review again: too many of the machine's verdicts were not confirmed"),
    ),
    Fact.VERDICT_UNDONE: ("arrow-back-up", "secondary", _("%(operator)s took back a verdict on %(who)s")),
    Fact.APPROVED: ("circle-check", "green", _("%(who)s has done the task")),
    Fact.REJECTED: ("photo-x", "red", _("The screenshot of %(who)s was not approved")),
    Fact.STOCK_ADDED: ("package", "secondary", _("%(operator)s added to the stock")),
    Fact.REWARDED: ("gift", "green", _("%(who)s earned the reward")),
    Fact.REWARD_OUT: ("package", "red", _("%(who)s has earned a reward, but the stock is empty")),
    Fact.REDEEMED: ("ticket", "green", _("The reward of %(who)s was redeemed")),
    Fact.CLAIMED: ("gift", "green", _("%(who)s has claimed the reward")),
    Fact.CLAIM_EXPIRED: ("hourglass", "orange", _("%(who)s did not claim the reward in time")),
    Fact.SHIPPED: ("send", "green", _("The reward of %(who)s was sent")),
    Fact.UNSHIPPED: ("arrow-back-up", "secondary", _("The reward of %(who)s was not sent after all")),
    Fact.STOCK_TAKEN_BACK: ("package", "orange", _("%(operator)s took back an upload of codes")),
    Fact.RULE_MADE: ("list-check", "secondary", _("%(operator)s made a rule for rewards")),
    Fact.RULE_CHANGED: ("list-check", "secondary", _("%(operator)s changed a rule for rewards")),
    Fact.RULE_STOPPED: ("player-stop", "orange", _("A rule for rewards has stopped")),
    Fact.RULE_RESUMED: ("player-play", "secondary", _("%(operator)s let a rule for rewards go on")),
    Fact.RULE_FREED: ("player-play", "secondary", _("A rule for rewards goes on: something came back")),
    Fact.INVITES_ADJUSTED: ("adjustments", "yellow", _("%(operator)s changed how many count for %(who)s")),
    Fact.BLOCKED: ("ban", "red", _("%(operator)s excluded %(who)s")),
    Fact.UNBLOCKED: ("arrow-back-up", "secondary", _("%(operator)s let %(who)s take part again")),
    Fact.ORDERED: ("tag", "green", _("%(who)s ordered something")),
    Fact.ORDER_REFUNDED: ("arrow-back-up", "orange", _("An order of %(who)s was refunded")),
    Fact.ORDER_UNREFUNDED: (
        "arrow-back-up",
        "secondary",
        _("An order of %(who)s was not refunded after all"),
    ),
    Fact.PAYOUT_MADE: ("file-spreadsheet", "blue", _("A payout is ready to be transferred")),
    Fact.PAYOUT_PAID: ("circle-check", "green", _("%(operator)s has transferred a payout")),
    Fact.PAYOUT_UNPAID: ("arrow-back-up", "orange", _("%(operator)s has not transferred a payout after all")),
    Fact.PAYOUT_CANCELLED: ("arrow-back-up", "orange", _("%(operator)s cancelled a payout")),
    Fact.DRAW_ANNOUNCED: ("lock", "secondary", _("A draw was announced")),
    Fact.DRAWN: ("star", "green", _("The draw was made")),
    Fact.RANKED: ("trophy", "green", _("The first places of the leaderboard were rewarded")),
    Fact.ATTENDED: ("calendar-event", "blue", _("%(who)s took part today")),
    Fact.KEEPSAKE_ISSUED: ("award", "blue", _("%(who)s was given a keepsake")),
    Fact.KEEPSAKE_REVOKED: ("ban", "red", _("%(operator)s revoked a keepsake of %(who)s")),
    Fact.KEEPSAKE_RESTORED: ("arrow-back-up", "secondary", _("%(operator)s restored a keepsake of %(who)s")),
    Fact.CHECKED_IN: ("ticket", "green", _("%(who)s was let in")),
    Fact.CHECK_IN_UNDONE: ("arrow-back-up", "secondary", _("%(operator)s took back that %(who)s was let in")),
}
BY_MACHINE: dict[str, tuple[str, str, Promise | str]] = {
    Fact.PROOF_JUDGED: ("robot", "secondary", _("The machine decided about the screenshot of %(who)s")),
    Fact.VERDICT_UNDONE: (
        *("robot", "secondary"),
        _("The machine took back its verdict on %(who)s: the same screenshot was sent before"),
    ),
}
# What only belongs into one person's story, not into the campaign's news.
QUIET = frozenset(
    {
        Fact.PROOF_JUDGED,
        Fact.LOOKED,
        Fact.SECOND_LOOKED,
        Fact.CAMPAIGN_MADE,
        Fact.GROUP_ADDED,
        Fact.CREDIT_VALID,
        Fact.CREDIT_UNVALIDATED,
        Fact.ATTENDED,
        Fact.ORDERED,
        Fact.REMINDED,
    }
)
ABOUT_NEWCOMERS = (Fact.CREDIT_VALID, Fact.CREDIT_VOID, Fact.CREDIT_UNVALIDATED)
TOLD_NEWCOMERS = 100
SOMEONE = _("Someone")
A_GROUP = _("a group")


@dataclass(frozen=True)
class Told:
    """One sentence; `because` adds what the fact itself carries, for example why a screenshot failed."""

    at: datetime
    kind: str
    icon: str
    colour: str
    text: str
    because: str
    journey_id: UUID | None
    times: int = 1


def news(campaign: Campaign, *, limit: int = 20) -> list[Told]:
    """The latest facts of a campaign, newest first; the same sentence several times on end is told once."""
    kinds = [kind for kind in SENTENCES if kind not in QUIET]
    latest = Entry.objects.filter(campaign_id=campaign.id, kind__in=kinds).order_by("-id")[: 3 * limit]
    folded: list[Told] = []
    for each in told(latest):
        if folded and folded[-1].text == each.text:
            folded[-1] = replace(folded[-1], times=folded[-1].times + 1)
        else:
            folded.append(each)
    return folded[:limit]


def story(journey: Journey) -> list[Told]:
    """What happened to one person in a campaign, in the order it happened: their own way whole, and of the newcomers
    they brought, who may be thousands, the latest."""
    facts = Entry.objects.filter(journey_id=journey.id, kind__in=list(SENTENCES))
    own = facts.exclude(kind__in=ABOUT_NEWCOMERS)
    latest = facts.filter(kind__in=ABOUT_NEWCOMERS).order_by("-id")[:TOLD_NEWCOMERS]
    return told(sorted([*own, *latest], key=lambda entry: entry.id))


def told(entries: Iterable[Entry]) -> list[Told]:
    found = list(entries)
    journeys = [*(entry.journey_id for entry in found), *(_newcomer(entry) for entry in found)]
    who = _names(Journey, "person__nickname", journeys)
    group = _names(Group, "name", [entry.group_id for entry in found])
    operator = _operators([entry.operator_id for entry in found])
    return [
        _sentence(
            entry,
            who=who.get(entry.journey_id) or str(SOMEONE),
            newcomer=who.get(_newcomer(entry)) or str(SOMEONE),
            group=group.get(entry.group_id) or str(A_GROUP),
            operator=operator.get(entry.operator_id) or str(SOMEONE),
        )
        for entry in found
    ]


def _operators(ids: Sequence[UUID | None]) -> dict[UUID | None, str]:
    """By their name, else by their address, as everywhere else in the console."""
    wanted = {each for each in ids if each}
    return {one.pk: str(one) for one in Operator.objects.filter(pk__in=wanted)} if wanted else {}


def _names(
    model: type[Journey] | type[Group], column: str, ids: Sequence[UUID | None]
) -> dict[UUID | None, str]:
    wanted = {each for each in ids if each}
    if not wanted:
        return {}
    return dict(model._default_manager.filter(pk__in=wanted).values_list("pk", column))


def _sentence(entry: Entry, **names: str) -> Told:
    is_machine = entry.kind in BY_MACHINE and entry.data.get("by") == "machine" and not entry.operator_id
    icon, colour, sentence = BY_MACHINE[entry.kind] if is_machine else SENTENCES[entry.kind]
    return Told(entry.at, entry.kind, icon, colour, str(sentence) % names, _because(entry), entry.journey_id)


def _newcomer(entry: Entry) -> UUID | None:
    return read_id(str(entry.data.get("newcomer", "")))


Choices = type[Proof.Reason | Proof.State | Credit.Reason | Look.Outcome | ReviewPlan.Mode]
BECAUSE: dict[str, tuple[str, Choices]] = {
    Fact.REJECTED: ("reason", Proof.Reason),
    Fact.APPEALED: ("reason", Proof.Reason),
    Fact.PROOF_JUDGED: ("verdict", Proof.State),
    Fact.SECOND_LOOKED: ("verdict", Proof.State),
    Fact.LOOKED: ("outcome", Look.Outcome),
    Fact.REVIEW_MODE_CHANGED: ("mode", ReviewPlan.Mode),
    Fact.CREDIT_VOID: ("reason", Credit.Reason),
}
FELL_BACK = {
    "questions": _("other questions are asked now"),
    "engine": _("another release of the machine looks now"),
}
# Facts keep the names that reasons had when they were told.
RENAMED = {"not_public": Proof.Reason.RESTRICTED_AUDIENCE}


def _because(entry: Entry) -> str:
    if entry.kind == Fact.REVIEW_FELL_BACK:
        if "changed" in entry.data:
            return str(FELL_BACK.get(str(entry.data["changed"]), ""))
        counts = {name: str(entry.data[name]) for name in ("disagreed", "sampled") if name in entry.data}
        return str(_("%(disagreed)s of %(sampled)s that were looked at again")) % counts if counts else ""
    key, choices = BECAUSE.get(entry.kind, ("", Proof.Reason))
    said = str(entry.data.get(key, ""))
    said = RENAMED.get(said, said)
    return str(choices(said).label) if said in choices.values else ""
