"""Where nearly all of a compound law lies (窗口): bounds on both tails that hold for certain.

Chernoff: P(S >= b) <= exp(K(θ) - θb) and P(S <= a) <= exp(K(-θ) + θa) for every θ > 0, with K = log E[exp(θS)], which
a capped payment has in closed form. Where payments have no cap, P(S >= b) <= E[N]·P(Y > T) plus the bound for payments
up to T (Fuk and Nagaev, Theory Prob. Appl. 16, 1971, in its simplest form).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fundsim.exact.counts import Count
from fundsim.exact.maps import Floats
from fundsim.exact.payouts import LatticeLaw

ANGLES: Final = 24
"""Values of θ that are tried, from well below to well above the best one for a normal law."""
MOST_MASSES: Final = 2048
"""Masses that a bound looks at; more are merged, which makes it no smaller (the exponential is convex)."""
STEEPEST: Final = 500.0
"""Largest exponent that is evaluated."""


@dataclass(frozen=True, eq=False)
class Component:
    """One independent part of a compound law: so many payments of one law."""

    count: Count
    law: LatticeLaw

    @property
    def mean(self) -> float:
        """E[S] by quadrature."""
        return self.count.mean * self.law.mean

    @property
    def variance(self) -> float:
        """Var[S] by quadrature: E[N]·E[Y²] + (Var[N] - E[N])·E[Y]²."""
        return self.count.mean * self.law.square + (self.count.variance - self.count.mean) * self.law.mean**2


@dataclass(frozen=True, eq=False)
class Tails:
    """Bounds on the tails of a sum of components, tabulated over θ."""

    angles: Floats
    rising: Floats
    """K(θ) of payments up to the limit."""
    falling: Floats
    """K(-θ) of all payments."""
    above_limit: float
    """Bound on the probability that any payment exceeds the limit."""

    @classmethod
    def of(cls, components: Sequence[Component], mass: float) -> Tails:
        """Tabulate K for windows that may leave ``mass`` outside."""
        sd = np.sqrt(sum(each.variance for each in components))
        limits = [_limit(each, mass / (4 * len(components))) for each in components]
        longest = max([*limits, 1.0])
        normal = np.sqrt(2.0 * np.log(4.0 / mass)) / sd if np.isfinite(sd) and sd > 0 else 1.0 / longest
        angles = np.geomspace(min(normal, 10.0 / longest) / 8.0, min(normal * 8.0, STEEPEST / longest), ANGLES)
        rising, falling, above = np.zeros_like(angles), np.zeros_like(angles), 0.0
        for each, limit in zip(components, limits, strict=True):
            values, masses = _merged(each.law)
            inside = values <= limit
            beyond = float(masses[~inside].sum())
            grown = _moments(angles, values[inside], masses[inside]) - beyond
            rising += each.count.log_mgf(grown)
            falling += each.count.log_mgf(_moments(-angles, values, masses))
            above += each.count.mean * beyond
        return cls(angles, rising, falling, above)

    def window(self, mass: float) -> tuple[float, float]:
        """The narrowest window of these bounds that leaves at most ``mass`` outside, half on either side; yuan."""
        log = np.log(2.0 / mass)
        low = float(np.max((-self.falling - log) / self.angles))
        above = max(mass / 2.0 - self.above_limit, mass / 8.0)
        with np.errstate(invalid="ignore"):
            high = float(np.min((self.rising - np.log(above)) / self.angles))
        return max(low, 0.0), high

    def outside(self, low: float, high: float) -> float:
        """Bound on P(S < low) + P(S > high); nothing lies below zero."""
        below = 0.0 if low <= 0 else float(np.exp(min(np.min(self.falling + self.angles * low), 0.0)))
        above = float(np.exp(min(np.min(self.rising - self.angles * high), 0.0)))
        return min(below + above + self.above_limit, 1.0)


def _moments(angles: Floats, values: Floats, masses: Floats) -> Floats:
    """E[exp(θY) - 1] for each θ; without the linear algebra library, whose threads cost more than they save here."""
    return np.asarray(np.einsum("tv,v->t", np.expm1(np.multiply.outer(angles, values)), masses))


def _limit(component: Component, mass: float) -> float:
    """The largest payment that a bound needs to look at: a larger one happens with a probability below ``mass``."""
    law = component.law
    tail = np.cumsum(law.masses[::-1])[::-1]
    rare = np.append(component.count.mean * tail[1:], 0.0) <= mass
    return float(law.values[int(np.argmax(rare))])


def _merged(law: LatticeLaw) -> tuple[Floats, Floats]:
    """Values and masses, spread over fewer points with the same mean where there are many."""
    values, masses = law.values, law.masses
    if len(values) <= MOST_MASSES:
        return values, masses
    kept = np.unique(np.rint((np.linspace(0.0, 1.0, MOST_MASSES) ** 2) * (len(values) - 1)).astype(np.int64))
    points: Floats = values[kept]
    place = np.clip(np.searchsorted(points, values, side="right") - 1, 0, len(points) - 2)
    upper = (values - points[place]) / (points[place + 1] - points[place])
    lower = np.bincount(place, masses * (1.0 - upper), len(points))
    higher = np.bincount(place + 1, masses * upper, len(points))
    return points, np.asarray(lower + higher, dtype=np.float64)
