"""How far the machine and people agree, and people with each other: counts with their interval, for whoever has to
decide whether the machine may decide."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q

from tenfold.campaigns.models import Campaign
from tenfold.insight.rules import Rate
from tenfold.proofs import queries
from tenfold.proofs.models import Look, Proof
from tenfold.proofs.queries import Beside


@dataclass(frozen=True)
class Said:
    """Everything the machine said in the same words, and what people said to it."""

    outcome: str
    reason: str
    approved: int
    rejected: int
    same_reason: int

    @property
    def count(self) -> int:
        return self.approved + self.rejected

    @property
    def agreed(self) -> Rate | None:
        """How often people said the same; None where the machine left it to them."""
        if self.outcome == Look.Outcome.ASK:
            return None
        is_pass = self.outcome == Look.Outcome.PASS
        return Rate(self.approved if is_pass else self.rejected, self.count)


@dataclass(frozen=True)
class Agreement:
    """`said` is the table, the most frequent words of each outcome first."""

    said: tuple[Said, ...]

    @property
    def beside(self) -> int:
        """Verdicts of people beside which the machine has said something."""
        return sum(one.count for one in self.said)

    @property
    def decided(self) -> Rate:
        """How much of it the machine would have decided by itself."""
        return Rate(sum(one.count for one in self.said if one.outcome != Look.Outcome.ASK), self.beside)

    @property
    def passed(self) -> int:
        """How much of it both would have approved."""
        return sum(one.approved for one in self.said if one.outcome == Look.Outcome.PASS)

    @property
    def agreed(self) -> Rate:
        """Of what it would have decided, how often people said the same."""
        decided = [one.agreed for one in self.said if one.agreed]
        return Rate(sum(rate.part for rate in decided), sum(rate.whole for rate in decided))

    @property
    def wrongly_approved(self) -> Rate:
        """Of what it would have approved, how much people did not: the mistake that costs a reward."""
        passed = [one for one in self.said if one.outcome == Look.Outcome.PASS]
        return Rate(sum(one.rejected for one in passed), sum(one.count for one in passed))

    @property
    def wrongly_refused(self) -> Rate:
        """Of what it would not have approved, how much people did: the mistake that costs a friend."""
        failed = [one for one in self.said if one.outcome == Look.Outcome.FAIL]
        return Rate(sum(one.approved for one in failed), sum(one.count for one in failed))


ORDER: list[str] = [Look.Outcome.PASS, Look.Outcome.FAIL, Look.Outcome.ASK]


def agreement(campaign: Campaign) -> Agreement:
    return folded(queries.agreement(campaign).rows)


def folded(rows: Iterable[Beside]) -> Agreement:
    """Rows of single counts as the table. An ask has reasons too, but none that it would have decided by."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for row in rows:
        name = (row.outcome, row.reason if row.outcome == Look.Outcome.FAIL else "")
        counted[*name, row.state] += row.count
        counted[*name, "same"] += row.count if row.human_reason == row.reason else 0
    names = {(outcome, reason) for outcome, reason, _what in counted if outcome in ORDER}
    said = [
        Said(
            outcome,
            reason,
            counted[outcome, reason, Proof.State.APPROVED],
            counted[outcome, reason, Proof.State.REJECTED],
            counted[outcome, reason, "same"],
        )
        for outcome, reason in names
    ]
    shown = [one for one in said if one.count]
    return Agreement(tuple(sorted(shown, key=lambda one: (ORDER.index(one.outcome), -one.count, one.reason))))


def decided_by_itself(campaign: Campaign) -> Rate:
    """How much of what it has looked at the machine decides, or would; since it may, of what came since then."""
    looks = Look.objects.filter(campaign=campaign, state=Look.State.DONE)
    if since := queries.plan_of(campaign).automatic_at:
        looks = looks.filter(looked_at__gte=since)
    sure = Count("pk", filter=~Q(outcome=Look.Outcome.ASK))
    found = looks.aggregate(sure=sure, whole=Count("pk"))
    return Rate(found["sure"], found["whole"])


@dataclass(frozen=True)
class Disagreement:
    """Of verdicts seen a second time: how often the second one said something else."""

    of_machine: Rate
    of_people: Rate


def disagreement(campaign: Campaign) -> Disagreement:
    since = queries.plan_of(campaign).automatic_at  # how good it was before is another story
    sampled, seconded = queries.sampled(campaign, since=since), queries.seconded(campaign)
    return Disagreement(Rate(sampled.disagreed, sampled.looked), Rate(seconded.disagreed, seconded.looked))
