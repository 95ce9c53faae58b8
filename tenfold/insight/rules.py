"""What may honestly be said about counts: shares with an interval, no percentage of too few."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

FEW = 20  # below this many a percentage says more than is known
Z95 = 1.959964


@dataclass(frozen=True)
class Rate:
    """`part` of `whole`, both counts of people. `whole` is 0 before anything has happened."""

    part: int
    whole: int

    @property
    def is_few(self) -> bool:
        return self.whole < FEW

    @property
    def percent(self) -> float:
        return 100 * self.part / self.whole if self.whole else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % Wilson interval in percent: right for small counts too, unlike the usual formula."""
        if not self.whole:
            return (0.0, 100.0)
        share, n, z2 = min(self.part / self.whole, 1.0), self.whole, Z95 * Z95
        middle = (share + z2 / (2 * n)) / (1 + z2 / n)
        reach = Z95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
        return (100 * max(0.0, middle - reach), 100 * min(1.0, middle + reach))

    @property
    def low(self) -> float:
        return self.interval[0]

    @property
    def high(self) -> float:
        return self.interval[1]
