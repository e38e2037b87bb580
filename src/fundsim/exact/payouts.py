"""The law of one payment (单笔赔付分布): a cost family through a piecewise-linear map, discretised *after* the map.

What is paid on a cost X at a level f is F(f·X). Its stop-loss transform E[(Y - a)+] follows in closed form from that of
X. Spreading each payment over its two neighbours on a lattice, so that its mean stays (Gerber's local moment matching
of order one), gives point masses that are second differences of that transform: payments at zero and at the cap, and
the mean, are then exact, wherever the knots of the schedule lie; knots on the lattice cost no variance either.
See Klugman, Panjer and Willmot, *Loss Models*, section 9.6.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.exact.errors import ExactError
from fundsim.exact.maps import Floats, PiecewiseMap
from fundsim.severity import SeverityFamily

Ints = npt.NDArray[np.int64]
UNIFORM: Final = 1 << 19
"""Most lattice points one step apart; beyond them the lattice widens with the payment."""
PER_OCTAVE: Final = 256
"""Lattice points for each doubling of the payment, where the lattice widens."""
LEFT_BEYOND: Final = 5e-7
"""Part of the mean that payments without a cap may lose where they are cut."""
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


@dataclass(frozen=True, eq=False)
class Payment:
    """What is paid on one cost: ``pays(factor·X)``, yuan."""

    severity: SeverityFamily
    pays: PiecewiseMap
    factor: float = 1.0
    """Level of cost: multiplies X before any deductible."""

    def __post_init__(self) -> None:
        if not self.pays.rises or self.pays.values[0] < 0:
            raise ExactError("a payment that falls with the cost has no closed stop-loss transform; give a rising map")

    def stop_loss(self, a: npt.ArrayLike) -> Floats:
        """E[max(Y - a, 0)], yuan, for a >= 0 (停损保费)."""
        at = np.asarray(a, dtype=np.float64)
        knots, values, slopes = self.pays.knots, self.pays.values, self.pays.slopes
        place = np.searchsorted(values, at, side="right") - 1
        place = np.maximum(place, 0)
        slope = slopes[place]
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.where(slope > 0, (at - values[place]) / slope, np.inf)
        cost = knots[place] + np.maximum(reach, 0.0)
        beyond = np.append(self._cost_stop_loss(knots), 0.0)
        after = np.append(np.cumsum((slopes * (beyond[:-1] - beyond[1:]))[::-1])[::-1], 0.0)
        found = slope * (self._cost_stop_loss(cost) - beyond[place + 1]) + after[place + 1]
        return np.where(slope > 0, np.maximum(found, 0.0), after[place + 1])

    def limited(self, end: float) -> Payment:
        """The same where nobody gets more than ``end`` yuan."""
        return self if not np.isfinite(end) else replace(self, pays=self.pays.least(PiecewiseMap.level(end)))

    def survival(self, a: npt.ArrayLike) -> Floats:
        """P(Y > a) for a >= 0."""
        at = np.asarray(a, dtype=np.float64)
        knots, values, slopes = self.pays.knots, self.pays.values, self.pays.slopes
        place = np.maximum(np.searchsorted(values, at, side="right") - 1, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.where(slopes[place] > 0, (at - values[place]) / slopes[place], np.inf)
        return np.asarray(self.severity.survival((knots[place] + np.maximum(reach, 0.0)) / self.factor))

    @cached_property
    def mean(self) -> float:
        """E[Y] in closed form."""
        return float(self.stop_loss(0.0))

    @cached_property
    def by_quadrature(self) -> tuple[float, float]:
        """E[Y] and E[Y²] as integrals of the cost's survival function: ∫F'·S dx and ∫2F·F'·S dx.

        Sixteen Gauss-Legendre nodes in panels that end at every knot, at the splice and corners of the cost, and after
        each half octave.
        Independent of the stop-loss transform, from which the lattice is made.
        """
        edges = self._panels()
        half = np.diff(edges)[:, None] / 2.0
        x = edges[:-1, None] + half * (1.0 + _NODES)
        slope = self.pays.slopes[np.searchsorted(self.pays.knots, x, side="right") - 1]
        rate = half * _WEIGHTS * slope * self.severity.survival(x / self.factor)
        return float(rate.sum()), float((2.0 * self.pays(x) * rate).sum())

    def _panels(self) -> Floats:
        """Edges of the panels, from zero to where next to nothing is left to pay."""
        top = self._top()
        octaves = top * 2.0 ** (-np.arange(0.0, 50.0, 0.5))
        tail, corners = self.severity.closed_tail(), self.severity.corners()
        breaks = [self.severity.lowest()] if tail is None else [self.severity.lowest(), tail.threshold]
        marks = self.factor * np.append(breaks, [] if corners is None else corners)
        edges = np.unique(np.concatenate([[0.0], octaves, self.pays.knots, marks]))
        return edges[edges <= top]

    def _top(self) -> float:
        """A cost above which nothing more is paid, or less than 1e-13 of the mean."""
        if self.pays.last <= 0:
            return max(float(self.pays.knots[-1]), self.factor * self.severity.lowest() + 1.0)
        top = max(float(self.pays.knots[-1]), self.factor * self.severity.mean())
        least = self.mean or 1.0
        while self.pays.last * float(self._cost_stop_loss(np.asarray(top))) > 1e-13 * least and top < 1e18:
            top *= 2.0
        return top

    def _cost_stop_loss(self, d: Floats) -> Floats:
        finite = np.isfinite(d)
        beyond = self.factor * self.severity.stop_loss(np.where(finite, d, 0.0) / self.factor)
        return np.where(finite, beyond, 0.0)


@dataclass(frozen=True, eq=False)
class Mixture:
    """A payment that is one of several, each with its probability."""

    parts: tuple[tuple[float, Payment], ...]

    @classmethod
    def of(cls, payment: Payment | Mixture) -> Mixture:
        return payment if isinstance(payment, Mixture) else cls(((1.0, payment),))

    def stop_loss(self, a: npt.ArrayLike) -> Floats:
        """E[max(Y - a, 0)], yuan."""
        return np.asarray(sum(p * part.stop_loss(a) for p, part in self.parts))

    def survival(self, a: npt.ArrayLike) -> Floats:
        """P(Y > a)."""
        return np.asarray(sum(p * part.survival(a) for p, part in self.parts))

    @property
    def by_quadrature(self) -> tuple[float, float]:
        """E[Y] and E[Y²], independent of the stop-loss transform."""
        found = [(p, part.by_quadrature) for p, part in self.parts if p > 0]
        return sum(p * mean for p, (mean, _) in found), sum(p * square for p, (_, square) in found)

    @property
    def highest(self) -> float:
        """The largest payment; infinite without a cap."""
        return max(part.pays.highest for _, part in self.parts)

    def limited(self, end: float) -> Mixture:
        """The same where nobody gets more than ``end`` yuan."""
        return Mixture(tuple((p, part.limited(end)) for p, part in self.parts))

    def cut(self, most: float) -> tuple[Mixture, float]:
        """The same ended where no cap ends it, where at most ``most`` yuan of the mean are lost; and how many."""
        if np.isfinite(self.highest):
            return self, 0.0
        end = float(max([*self.knots, 1.0]))
        while float(self.stop_loss(end)) > most:
            end *= 1.1
        return self.limited(end), float(self.stop_loss(end))

    @property
    def knots(self) -> Floats:
        """Payments at which a schedule turns, above zero."""
        values = np.unique(np.concatenate([part.pays.values for _, part in self.parts]))
        return values[values > 0]


@dataclass(frozen=True, eq=False)
class LatticeLaw:
    """A law on multiples of a step: where, how much, and what is known of it without the lattice."""

    step: float
    """Yuan."""
    places: Ints
    """(n,) multiples of the step, increasing from 0."""
    masses: Floats
    """(n,) their probabilities."""
    mean: float
    """E[Y] by quadrature, yuan."""
    square: float
    """E[Y²] by quadrature."""
    clipped: float = 0.0
    """Total of round-off below zero that was set to zero."""

    @property
    def values(self) -> Floats:
        """(n,) yuan."""
        return np.asarray(self.places * self.step, dtype=np.float64)

    @property
    def lattice_mean(self) -> float:
        """The mean of the masses, yuan."""
        return float((self.masses * self.values).sum())

    @property
    def positive(self) -> float:
        """Probability of a payment above zero, on the lattice."""
        return float(self.masses[1:].sum())


def discretised(payment: Payment | Mixture, step: float) -> LatticeLaw:
    """Spread the law of a payment over multiples of ``step`` yuan, its mean kept.

    Raises:
        ExactError: a step that is not above zero, or payments without end, which :meth:`Mixture.cut` ends.
    """
    if not step > 0:
        raise ExactError(f"a lattice cannot have a step of {step:g} yuan; give one above zero")
    law = Mixture.of(payment)
    if not np.isfinite(law.highest):
        raise ExactError("payments without a cap fill no lattice; cut them first")
    places = _places(law, step)
    beyond = law.stop_loss(places * step)
    share = -np.diff(beyond) / (np.diff(places) * step)
    masses = np.concatenate([[1.0 - share[0]], -np.diff(share), share[-1:]])
    clipped = float(-np.minimum(masses, 0.0).sum())
    mean, square = law.by_quadrature
    return LatticeLaw(step, places, np.maximum(masses, 0.0), mean, square, clipped)


def _places(law: Mixture, step: float) -> Ints:
    """Every multiple up to the cap; of many, far out those only that widen with the payment."""
    last = max(int(np.ceil(law.highest / step - 1e-9)), 1)
    if last <= UNIFORM:
        return np.arange(last + 1, dtype=np.int64)
    octaves = np.log2(last / UNIFORM)
    wide = np.rint(UNIFORM * 2.0 ** np.linspace(0.0, octaves, int(np.ceil(octaves * PER_OCTAVE)) + 1)).astype(np.int64)
    wide[-1] = last
    return np.unique(np.concatenate([np.arange(UNIFORM + 1, dtype=np.int64), wide]))


def step_for(payments: Sequence[Payment | Mixture], wanted: float) -> float:
    """A step of about ``wanted`` yuan, or less, on which the knots of the schedules lie, if it can be found.

    Where their common divisor is finer than an eighth of it, the largest payment at least lies on the lattice.
    """
    knots = np.unique(np.concatenate([Mixture.of(payment).knots for payment in payments] or [np.zeros(0)]))
    if not len(knots):
        return wanted
    fen = np.rint(knots * 100.0).astype(np.int64)
    common = int(np.gcd.reduce(fen)) / 100.0 if np.allclose(fen / 100.0, knots, rtol=0.0, atol=1e-6) else 0.0
    base = common if common >= wanted / 8.0 else float(knots[-1])
    return float(base / np.ceil(base / wanted)) if base > wanted else base
