"""What the rules of a campaign will cost, before it has begun: expected grants and expected money.

How many newcomers one participant brings is negative binomial: a mean, and a size that says how unevenly (small: few
people bring most). A Poisson guess would promise far too few high steps of a ladder and pay far too many low ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from math import exp, fsum, inf, lgamma, log

FARTHEST = 100_000
"""No sum goes on beyond so many newcomers of one person."""
HIGHEST_MEAN = 10.0
"""Nobody has measured more; sums of two levels take a second here and minutes further on."""
NOTHING = 1e-13
SMALLEST = 1e-280


@dataclass(frozen=True)
class Offspring:
    """Newcomers of one participant: negative binomial of this `mean` and `size`; a size of `inf` is Poisson."""

    mean: float
    size: float = inf

    def share(self, count: int) -> float:
        """P(X = count)."""
        if self.mean <= 0:
            return float(count == 0)
        if self.size == inf:
            return exp(count * log(self.mean) - self.mean - lgamma(count + 1))
        lucky = log(self.mean / (self.mean + self.size))
        unlucky = -log(1 + self.mean / self.size)
        ways = lgamma(self.size + count) - lgamma(self.size) - lgamma(count + 1)
        return exp(ways + self.size * unlucky + count * lucky)

    def at_least(self, count: int) -> float:
        """P(X >= count)."""
        if count <= 0:
            return 1.0
        return max(0.0, 1.0 - fsum(share for _fewer, share in self._below(count)))

    def capped(self, most: int | None) -> float:
        """E min(X, most): how many are paid where no more than `most` are; all with None."""
        if most is None:
            return self.mean
        return most - fsum((most - fewer) * share for fewer, share in self._below(most))

    def _below(self, count: int) -> Iterator[tuple[int, float]]:
        return islice(self.shares(), count)

    def shares(self) -> Iterator[tuple[int, float]]:
        """Each count with its share, until what is left is nothing."""
        told, share = 0.0, self.share(0)
        for count in range(FARTHEST):
            yield count, share
            told += share
            if 1.0 - told < NOTHING and count >= self.mean:
                return
            share = self._next(count, share)

    def _next(self, count: int, share: float) -> float:
        """The share of the next count. One is a small step from the other, but not from one too small to be written."""
        if share < SMALLEST:
            return self.share(count + 1)
        if self.size == inf:
            return share * self.mean / (count + 1)
        return share * (self.size + count) / (count + 1) * self.mean / (self.mean + self.size)


@lru_cache(maxsize=256)
def grandchildren(offspring: Offspring, most: int | None) -> float:
    """E min(Y, most) of those whom one's own newcomers bring: the sum of X such counts has the size X times."""
    if most is None:
        return offspring.mean**2
    return fsum(
        share * Offspring(offspring.mean * count, offspring.size * count).capped(most)
        for count, share in offspring.shares()
        if count
    )


@dataclass(frozen=True)
class Outlook:
    """What is expected of a campaign: how many will take part, what one brings, and how many of them do the task.
    `order_amount` is what one participant buys on average, in the smallest unit; None where nobody knows."""

    people: int
    offspring: Offspring
    task_share: float = 1.0
    order_amount: float | None = None


@dataclass(frozen=True)
class Terms:
    """A rule as the forecast reads it. `worth` is what one grant gives in points or money; 0 for anything else."""

    when: str
    need: int = 0
    places: int = 0
    winners: int = 0
    direct: int = 0
    second: int = 0
    person_cap: int | None = None
    most: int | None = None
    """The cap of the campaign or the stock, whichever is less."""
    budget: int | None = None
    worth: int = 0
    instead_most: int | None = 0
    """How many replacements there are once the stock is used up; None for no end, 0 without one."""


@dataclass(frozen=True)
class Expected:
    """`count` grants, or paid invites or orders; None where it cannot be told. `cost` in the rule's unit; `limit` is
    what it cannot exceed. `instead` are the replacements that are given beside."""

    count: float | None
    cost: float | None
    limit: int | None = None
    instead: float = 0.0


def expected(terms: Terms, outlook: Outlook) -> Expected:
    """What is expected of one rule, its caps and its budget kept."""
    if terms.when == "order":
        return _orders(terms, outlook)
    if terms.when == "invite":
        return _invites(terms, outlook)
    deserved = _granted(terms, outlook)
    count = deserved if terms.most is None else min(deserved, float(terms.most))
    found = _within(terms, count, count * terms.worth)
    return replace(found, instead=_instead(terms, deserved, count)) if found.count == count else found


def _instead(terms: Terms, deserved: float, count: float) -> float:
    """Whoever earns it once none is left gets the replacement. A rule that its budget has stopped gives none."""
    return min(deserved - count, inf if terms.instead_most is None else terms.instead_most)


def _granted(terms: Terms, outlook: Outlook) -> float:
    people = outlook.people
    done = people * outlook.task_share
    counts = {
        "task": lambda: done,
        "attendance": lambda: done,
        "joined": lambda: float(people),
        "invites": lambda: people * outlook.offspring.at_least(terms.need),
        "rank": lambda: min(float(terms.places), people * outlook.offspring.at_least(max(1, terms.need))),
        "lottery": lambda: min(float(terms.winners), _qualified(terms, outlook)),
    }
    return counts[terms.when]()


def _qualified(terms: Terms, outlook: Outlook) -> float:
    share = outlook.offspring.at_least(terms.need) if terms.need else outlook.task_share
    return outlook.people * share


def _invites(terms: Terms, outlook: Outlook) -> Expected:
    """Nobody is counted twice: those who come are at most as many as there are people, however large the mean."""
    people, offspring = outlook.people, outlook.offspring
    direct = people * min(1.0, offspring.capped(terms.person_cap)) if terms.direct else 0.0
    second = people * min(1.0, grandchildren(offspring, terms.person_cap)) if terms.second else 0.0
    count, cost = direct + second, direct * terms.direct + second * terms.second
    if terms.most is not None and count > terms.most:
        count, cost = float(terms.most), cost * terms.most / count
    return _within(terms, count, cost)


def _orders(terms: Terms, outlook: Outlook) -> Expected:
    """Of every participant's orders those of invited ones are paid, once for each level that stands above them."""
    if outlook.order_amount is None:
        return Expected(None, None, terms.budget)
    invited = min(1.0, outlook.offspring.mean)
    turnover = outlook.people * outlook.order_amount
    cost = turnover * (invited * terms.direct + invited**2 * terms.second) / 10_000
    return _within(terms, None, cost)


def _within(terms: Terms, count: float | None, cost: float) -> Expected:
    if terms.budget is None or cost <= terms.budget:
        return Expected(count, cost, terms.budget)
    paid = None if count is None else count * terms.budget / cost
    return Expected(paid, float(terms.budget), terms.budget)
