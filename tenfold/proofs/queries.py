"""What more than one caller asks of proofs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import Case, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from tenfold.accounts.access import RIGHT_OF, Right
from tenfold.accounts.models import Membership, Operator
from tenfold.base import bulk, clock
from tenfold.base.keys import read_slug
from tenfold.campaigns.models import Campaign
from tenfold.codes.models import LiveCode
from tenfold.codes.queries import address_of
from tenfold.groups.models import Group
from tenfold.imaging import plain
from tenfold.imaging.seen import Findings
from tenfold.people.models import Journey
from tenfold.proofs import rules
from tenfold.proofs.case import Owner
from tenfold.proofs.models import Look, OtherDevice, Proof, ReviewPlan, SecondLook

State = Proof.State
JUDGED = (State.APPROVED, State.REJECTED)
# The pace is that of the last verdicts, as long as they are not from another day.
PACE_VERDICTS, LEAST_PACE_VERDICTS, PACE_SPAN = 30, 3, timedelta(hours=2)
# Of those judged lately so many had waited no longer.
MOST_WAITED = 0.8
MOST_CODES = 20
WAITING = "SELECT id FROM tenfold_proof WHERE journey_id = ? AND state = 'waiting'"


def is_in_review(journey: Journey) -> bool:
    """Whether a screenshot of theirs waits for a verdict, or for the verdict to take effect."""
    unsettled = Proof.objects.filter(journey=journey, settled_at=None)
    return unsettled.exclude(state=Proof.State.WITHDRAWN).exists()


def waiting_of(journey: Journey) -> Proof | None:
    """Their screenshot that waits for a verdict, with its picture's row."""
    # Mostly there is none, and to ask for that by its statement alone is a tenth of what it is to ask for a row.
    if not bulk.rows(WAITING, (journey.pk.hex,)):
        return None
    waiting = Proof.objects.filter(journey=journey, state=Proof.State.WAITING)
    return waiting.select_related("picture").defer("picture__content").first()


def plan_of(campaign: Campaign) -> ReviewPlan:
    """How screenshots of the campaign are reviewed; the defaults, not saved, where nobody has said anything."""
    found = ReviewPlan.objects.filter(campaign_id=campaign.pk).first()
    return found or ReviewPlan(workspace_id=campaign.workspace_id, campaign_id=campaign.pk)


# First what still follows, also where SQLite has no figures: that is hardly anything, and some have brought thousands.
STILL_FOLLOWED = """
    SELECT credit.newcomer_id, proof.follows FROM tenfold_proof proof CROSS JOIN tenfold_credit credit
    WHERE NOT (proof.follows = '') AND proof.follows IN ('both', 'inviter') AND proof.state = 'approved'
        AND credit.newcomer_id = proof.journey_id AND credit.inviter_id = ? AND credit.state = 'valid'
"""


def still_followed(inviter: Journey) -> dict[UUID, Proof.Follows]:
    """The newcomers who count for them already, and of whom a step to come gives them something and tells them."""
    found = bulk.rows(STILL_FOLLOWED, (inviter.pk.hex,))
    return {UUID(bulk.hexed(key)): Proof.Follows(follows) for key, follows in found}


# --- the queue ------------------------------------------------------------------------------------------------


def queue(
    campaign: Campaign, *, operator: Operator | None = None, now: datetime | None = None
) -> QuerySet[Proof]:
    """What waits for people: appeals and those who have waited too long, then what settles most, similar ones
    together. For one operator without what others hold, and without appeals against their own verdicts."""
    now = now or clock.now()
    waiting = Proof.objects.filter(campaign=campaign, state=State.WAITING, people_at__lte=now)
    if operator is not None:
        waiting = waiting.filter(free_for(operator, now)).exclude(own_appeals(campaign, operator))
    is_first = Q(appealed_at__isnull=False) | Q(sent_at__lt=now - rules.PATIENCE)
    ranked = waiting.annotate(rank=Case(When(is_first, then=Value(0)), default=Value(1)))
    return ranked.order_by("rank", "-settles", "alike_key", "sent_at", "id")


def alike(proof: Proof, *, operator: Operator) -> QuerySet[Proof]:
    """Those that wait for the same decision as this one, itself included."""
    waiting = queue(proof.campaign, operator=operator)
    same = waiting.filter(alike_key=proof.alike_key, appealed_at=None)
    return same if proof.alike_key and not proof.is_appeal else waiting.filter(pk=proof.pk)


def second_looks(campaign: Campaign, operator: Operator) -> QuerySet[SecondLook]:
    """Verdicts of others to look at again, the oldest first."""
    waiting = SecondLook.objects.filter(campaign=campaign, state=State.WAITING, proof__erased_at=None)
    of_others = waiting.filter(~Q(first_by=operator) | Q(first_by=None))
    return of_others.filter(free_for(operator, clock.now())).order_by("asked_at", "id")


def free_for(operator: Operator, now: datetime) -> Q:
    """Held by nobody, or by themselves."""
    return Q(reserved_until=None) | Q(reserved_until__lte=now) | Q(reserved_by=operator)


def own_appeals(campaign: Campaign, operator: Operator) -> Q:
    """Appeals against their verdicts, which somebody else judges, if there is anybody else."""
    if not has_other_reviewer(campaign, operator):
        return Q(pk=None)
    return Q(appealed_at__isnull=False, appealed_judge=operator)


def has_other_reviewer(campaign: Campaign, operator: Operator) -> bool:
    roles = [role for role, right in RIGHT_OF.items() if right >= Right.REVIEW]
    mates = Membership.objects.filter(workspace_id=campaign.workspace_id, role__in=roles)
    return mates.filter(operator__is_active=True).exclude(operator=operator).exists()


def pace(campaign: Campaign, *, of_appeals: bool = False) -> int | None:
    """Minutes until a person looks at what is sent now: what waits at the pace at which people judge, and never less
    than most of those judged lately have waited, nor than since anybody judged; None where nobody knows. A case that
    all leave to others for long says nothing about the next one. Appeals go another way, to somebody else."""
    now = clock.now()
    these = Proof.objects.filter(campaign=campaign, appealed_at__isnull=not of_appeals)
    by_people = these.filter(is_machine=False, judged_at__gt=now - PACE_SPAN, judged_at__lte=now)
    spans = by_people.order_by("-judged_at").values_list("judged_at", Coalesce("appealed_at", "people_at"))
    lately = list(spans[:PACE_VERDICTS])
    if len(lately) < LEAST_PACE_VERDICTS:
        return None
    since_first, since_last = (_minutes(now - lately[nth][0]) for nth in (-1, 0))
    queued = these.filter(state=State.WAITING, people_at__lte=now).count()
    at_their_pace = max(1, queued) * max(1.0, since_first) / len(lately)
    waits = sorted(_minutes(judged_at - shown_at) for judged_at, shown_at in lately)
    usual = waits[int(MOST_WAITED * (len(waits) - 1))]
    return max(1, ceil(max(at_their_pace, usual, since_last if queued else 0.0)))


def _minutes(span: timedelta) -> float:
    return span.total_seconds() / 60


# --- the machine ----------------------------------------------------------------------------------------------


def findings_of(look: Look) -> Findings | None:
    """What was found; None before it was looked at, and once that is erased."""
    return plain.read(Findings, look.findings) if look.findings else None


@dataclass(frozen=True)
class Beside:
    """How often the machine said one thing and a person another, or the same. Reasons are codes."""

    outcome: str
    reason: str
    state: str
    human_reason: str
    count: int

    @property
    def is_decision(self) -> bool:
        return self.outcome in (Look.Outcome.PASS, Look.Outcome.FAIL)

    @property
    def agrees(self) -> bool:
        return (self.outcome == Look.Outcome.PASS) == (self.state == State.APPROVED)


@dataclass(frozen=True)
class Agreement:
    """Of all that people judged and the machine, as it is now, looked at without deciding it, since the questions were
    last changed. What the machine leaves to a person is neither agreement nor disagreement."""

    rows: tuple[Beside, ...]

    @property
    def beside(self) -> int:
        return sum(row.count for row in self.rows if row.is_decision)

    @property
    def agreed(self) -> int:
        return sum(row.count for row in self.rows if row.is_decision and row.agrees)

    @property
    def disagreed(self) -> int:
        return self.beside - self.agreed

    @property
    def passed(self) -> int:
        """Approved by both."""
        return sum(row.count for row in self.rows if row.outcome == Look.Outcome.PASS and row.agrees)

    @property
    def refused(self) -> int:
        """Of those that the machine would not have approved."""
        return sum(row.count for row in self.rows if row.outcome == Look.Outcome.FAIL)

    @property
    def wrongly_refused(self) -> int:
        return sum(row.count for row in self.rows if row.outcome == Look.Outcome.FAIL and not row.agrees)

    @property
    def share(self) -> float | None:
        return self.agreed / self.beside if self.beside else None


def agreement(campaign: Campaign) -> Agreement:
    looks = Look.objects.filter(campaign=campaign, state=Look.State.DONE, is_applied=False)
    judged = looks.filter(engine=rules.ENGINE, proof__state__in=JUDGED, proof__is_machine=False).order_by()
    if asked_at := plan_of(campaign).asked_at:
        judged = judged.filter(proof__sent_at__gte=asked_at)
    told = judged.annotate(first_reason=KT("reasons__0")).values_list(
        "outcome", "first_reason", "proof__state", "proof__reason"
    )
    rows = [
        Beside(outcome, reason or "", state, human, count)
        for outcome, reason, state, human, count in told.annotate(count=Count("pk"))
    ]
    return Agreement(tuple(sorted(rows, key=lambda row: -row.count)))


@dataclass(frozen=True)
class Again:
    """How many verdicts were looked at again, and how many of these the second one would not have given."""

    looked: int
    disagreed: int

    @property
    def share(self) -> float | None:
        return self.disagreed / self.looked if self.looked else None


def sampled(campaign: Campaign, *, since: datetime | None = None) -> Again:
    """Of the machine's verdicts, the latest ones only: it is about how good it is now."""
    return _again(campaign, SecondLook.Of.MACHINE, since)


def seconded(campaign: Campaign) -> Again:
    """Of people's verdicts."""
    return _again(campaign, SecondLook.Of.PERSON, None)


def _again(campaign: Campaign, of: str, since: datetime | None) -> Again:
    looks = SecondLook.objects.filter(campaign=campaign, of=of, agrees__isnull=False)
    looks = looks.filter(asked_at__gte=since) if since else looks
    agrees = list(looks.order_by("-looked_at").values_list("agrees", flat=True)[: rules.SAMPLED_WINDOW])
    return Again(len(agrees), agrees.count(False))


def owners_of(texts: Iterable[str], journey: Journey) -> dict[str, tuple[Owner, str]]:
    """Whose each code is that was read in this participant's picture, with the owner's journey where they are one."""
    unique = list(dict.fromkeys(texts))[:MOST_CODES]
    slugs = {text: slug for text in unique if (slug := _slug_in(text))}
    codes = LiveCode.objects.filter(slug__in=set(slugs.values())).select_related("journey")
    known = {code.slug: code for code in codes}
    return {text: _owner_of(text, known.get(slugs.get(text, "")), journey) for text in unique}


def _owner_of(text: str, code: LiveCode | None, journey: Journey) -> tuple[Owner, str]:
    if text.strip().upper() == address_of(journey.code) or (code and code.pk == journey.code_id):
        return "own", str(journey.pk)
    if code is None:
        return ("group" if is_group_code(text, journey) else "foreign"), ""
    owner: Journey | None = getattr(code, "journey", None)
    if code.campaign_id != journey.campaign_id:
        return "other_campaign", ""
    return ("other_person", str(owner.pk)) if owner else ("channel", "")


def is_group_code(text: str, journey: Journey) -> bool:
    """Of a chat on WeChat, or one of this workspace's own groups."""
    if text.lower().startswith(("https://weixin.qq.com/g/", "http://weixin.qq.com/g/")):
        return True
    return Group.objects.filter(workspace_id=journey.workspace_id, qr_text=text[:500]).exists()


def _slug_in(text: str) -> str | None:
    """Of an address of a live code; other machines of ours may go by other names."""
    head, is_code, tail = text.strip().upper().partition("/C/")
    is_ours = is_code and (head == settings.PUBLIC_URL.upper() or head.startswith("HTTP"))
    return read_slug(tail.split("/")[0].split("?")[0].split("#")[0]) if is_ours else None


def brought(newcomers: QuerySet[Journey]) -> QuerySet[Journey]:
    """Of those who came first by somebody's code and gave a name: who was not removed, and is not among the phones that
    are noted for it (`OtherDevice`)."""
    noted = OtherDevice.objects.filter(journey=OuterRef("inviter"), visitor_id=OuterRef("person__visitor_id"))
    return newcomers.exclude(state=Journey.State.REMOVED).filter(~Exists(noted))


def opened_count(journey: Journey) -> int:
    """How many others have opened their code since they joined and went further (`flow.opened`)."""
    phones = OtherDevice.objects.filter(journey=journey).count()
    return phones + brought(Journey.objects.filter(inviter=journey)).count()
