"""The law of a year's claims (年度赔付总额分布): compound sums by Fourier transform, in a window around their mean.

The transform of the sum is exp(Σ log E[(1 + D)^N]) with D = φ - 1 of one payment. Its inverse at n points is the law of
the sum folded into any window of n lattice points; what is folded in is bounded before (:mod:`.windows`) and what comes
out is checked after: mean and standard deviation against integrals of the survival function.
See Grübel and Hermesmeier, ASTIN Bulletin 29 (1999), on aliasing; Embrechts and Frei, Math. Meth. Oper. Res. 69 (2009).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import fft

from fundsim.exact.counts import Complexes, Count
from fundsim.exact.errors import ExactError
from fundsim.exact.maps import Floats
from fundsim.exact.payouts import LEFT_BEYOND, Mixture, Payment, discretised, step_for
from fundsim.exact.report import TOLERANCE, Report, Tolerance
from fundsim.exact.windows import Component, Tails

MOST_POINTS: Final = 1 << 22
"""Most lattice points of one transform: about a second, and 100 MB."""
CUT: Final = "payments without a cap are cut far out 未设封顶线的赔付在远端截断"
FINEST: Final = 128
"""Lattice points in a standard deviation of the sum, or in a usual payment if that is more, at least."""
NEARER: Final = 0.1
"""How much nearer than its tolerance a lattice that is chosen here aims to be; of masses a tenth of that."""


@dataclass(frozen=True, eq=False)
class AggregateLaw:
    """The law of a sum on a lattice, with the report of its accuracy."""

    step: float
    """Yuan."""
    start: int
    """The first lattice point, in steps."""
    masses: Floats
    """(n,) probabilities of the lattice points from ``start`` on; none is negative."""
    report: Report

    @property
    def values(self) -> Floats:
        """(n,) yuan."""
        return np.asarray((self.start + np.arange(len(self.masses))) * self.step, dtype=np.float64)

    @cached_property
    def mean(self) -> float:
        """E[S], yuan."""
        return _mean(self.masses, self.start, self.step)

    @cached_property
    def sd(self) -> float:
        """Standard deviation, yuan."""
        return _sd(self.masses, self.step)

    def cdf(self, x: npt.ArrayLike) -> Floats:
        """P(S <= x), x in yuan: straight between the middles of neighbouring points; the mass at zero stays there."""
        at = np.asarray(x, dtype=np.float64)
        return np.where(at < 0, 0.0, np.interp(at, *self._below, left=0.0, right=1.0))

    def survival(self, x: npt.ArrayLike) -> Floats:
        """P(S > x), accurate in the upper tail."""
        at = np.asarray(x, dtype=np.float64)
        points, _ = self._below
        return np.where(at < 0, 1.0, np.interp(at, points, self._above, left=1.0, right=0.0))

    def quantile(self, level: npt.ArrayLike) -> Floats:
        """The amount that is not exceeded with probability ``level``, 0 to 1, yuan (分位数)."""
        at = np.asarray(level, dtype=np.float64)
        if ((at <= 0) | (at >= 1)).any():
            raise ValueError("a quantile has a level between 0 and 1")
        points, below = self._below
        return np.interp(at, below, points)

    @cached_property
    def _below(self) -> tuple[Floats, Floats]:
        points = self.values + self.step / 2.0
        if self.start == 0:
            points[0] = 0.0
        return points, np.cumsum(self.masses)

    @cached_property
    def _above(self) -> Floats:
        return np.append(np.cumsum(self.masses[::-1])[::-1][1:], 0.0)


def compound(
    count: Count,
    payment: Payment | Mixture,
    *,
    step: float | None = None,
    points: int | None = None,
    tolerance: Tolerance = TOLERANCE,
) -> AggregateLaw:
    """The law of a sum of N independent payments, N independent of them.

    Args:
        count: how many.
        payment: the law of one.
        step: yuan between lattice points; by default such that knots of the schedule lie on the lattice, and the
            standard deviation is ten times nearer than its tolerance.
        points: lattice points; by default as many as leave a hundredth of the tolerated mass outside.
        tolerance: beyond which there is no answer.

    Raises:
        ExactError: the answer would be less accurate than the tolerance, as with a step or points that do not do.
    """
    return of_parts([(count, payment)], step=step, points=points, tolerance=tolerance)


def of_parts(
    parts: Sequence[tuple[Count, Payment | Mixture]],
    *,
    step: float | None = None,
    points: int | None = None,
    tolerance: Tolerance = TOLERANCE,
) -> AggregateLaw:
    """The law of a sum of independent compound sums, as of groups of the insured; arguments as of :func:`compound`."""
    whole = [(count, Mixture.of(payment)) for count, payment in parts]
    ended = [(count, *law.cut(LEFT_BEYOND * float(law.stop_loss(0.0)))) for count, law in whole]
    kept = [(count, law) for count, law, _ in ended]
    chosen = step_of(kept, tolerance) if step is None else step
    components = on_lattice(kept, chosen)
    if step is None and window_of(components, points, tolerance)[1] > MOST_POINTS:
        components = on_lattice(kept, 2.0 * chosen)
    law = summed(components, points=points, tolerance=tolerance)
    lost = sum(count.mean * beyond for count, _, beyond in ended)
    return replace(law, report=law.report.with_bounds((CUT, lost / law.mean))) if lost else law


def on_lattice(parts: Sequence[tuple[Count, Mixture]], step: float) -> list[Component]:
    """The parts with their payments spread over one lattice."""
    return [Component(count, discretised(payment, step)) for count, payment in parts]


def step_of(parts: Sequence[tuple[Count, Payment | Mixture]], tolerance: Tolerance = TOLERANCE) -> float:
    """A step at which spreading payments over the lattice adds next to nothing to the variance of the sum.

    A payment spread within a cell gains a variance of step²/6 on average.
    """
    variance, squares, paid = 0.0, 0.0, 0.0
    for count, payment in parts:
        law = Mixture.of(payment)
        mean, square = law.by_quadrature
        squares += count.mean * square
        variance += count.mean * square + (count.variance - count.mean) * mean**2
        paid += count.mean * float(law.survival(0.0))
    if not (0 < variance < np.inf and paid > 0):
        return step_for([payment for _, payment in parts], 100.0)
    wanted = np.sqrt(12.0 * NEARER * tolerance.sd * variance / paid)
    size = np.sqrt(max(variance, squares / paid))
    return step_for([payment for _, payment in parts], float(min(wanted, size / FINEST)))


def summed(
    components: Sequence[Component], *, points: int | None = None, tolerance: Tolerance = TOLERANCE
) -> AggregateLaw:
    """The law of the sum of components whose laws share one lattice.

    Raises:
        ExactError: the answer would be less accurate than the tolerance.
    """
    step = components[0].law.step
    start, n, lost = window_of(components, points, tolerance)
    if n > MOST_POINTS:
        raise ExactError(
            f"a window takes {n:,} points of {step:g} yuan, more than {MOST_POINTS:,}; give a coarser step, or state a "
            "cap on the payment"
        )
    folded = fft.irfft(transform(components, n), n)
    masses, clipped = clip(np.roll(folded, -(start % n)))
    clipped += sum(each.count.mean * each.law.clipped for each in components)
    variance = sum(each.variance for each in components)
    sd = _sd(masses, step)
    report = Report(
        step=step,
        points=n,
        window=(start * step, (start + n - 1) * step),
        lost_mass=lost,
        aliasing=lost + clipped,
        clipped=clipped,
        mean=_mean(masses, start, step),
        mean_by_quadrature=sum(each.mean for each in components),
        sd=sd,
        sd_by_quadrature=float(np.sqrt(variance)) if np.isfinite(variance) else sd,
        tolerance=tolerance,
    )
    return AggregateLaw(step, start, masses, report.check())


def window_of(components: Sequence[Component], points: int | None, tolerance: Tolerance) -> tuple[int, int, float]:
    """Where a window starts (in steps), how many points it has, and a bound on the probability outside."""
    step = components[0].law.step
    mean, largest = sum(each.mean for each in components), max(each.law.values[-1] for each in components)
    kept = NEARER * tolerance.mean * mean / largest  # what is folded in moves the mean by about as much as it was out
    for aim in (min(NEARER**2 * tolerance.mass, kept), min(tolerance.mass / 2.0, kept)):
        tails = Tails.of(components, aim)
        low, high = tails.window(aim)
        first, needed = int(low / step), max(int(np.ceil(min((high - low) / step, 2.0**60))) + 2, 16)
        n = points or (int(fft.next_fast_len(needed, real=True)) if needed <= MOST_POINTS else needed)
        if n <= MOST_POINTS:
            break
    spare = n - needed
    start = max(first - spare // 2, 0)
    return start, n, tails.outside(start * step, (start + n - 1) * step)


def transform(components: Sequence[Component], n: int) -> Complexes:
    """The Fourier transform of the sum at n points: one period from the origin."""
    logs = np.zeros(n // 2 + 1, dtype=np.complex128)
    for each in components:
        logs += each.count.log_pgf(difference(each, n))
    found: Complexes = np.exp(logs)
    return found


def difference(component: Component, n: int) -> Complexes:
    """D = φ - 1 of one payment, without the cancellation: its mass at zero never enters."""
    law = component.law
    masses = np.bincount(law.places[1:] % n, law.masses[1:], minlength=n)
    found: Complexes = fft.rfft(masses) - masses.sum()
    found[0] = 0.0
    return found


def clip(masses: Floats) -> tuple[Floats, float]:
    """Masses without the round-off below zero, and how much that was."""
    return np.maximum(masses, 0.0), float(-np.minimum(masses, 0.0).sum())


def _mean(masses: Floats, start: int, step: float) -> float:
    return (start + float((masses * np.arange(len(masses))).sum()) / float(masses.sum())) * step


def _sd(masses: Floats, step: float) -> float:
    total, places = float(masses.sum()), np.arange(len(masses))
    apart = places - float((masses * places).sum()) / total
    return float(np.sqrt((masses * apart**2).sum() / total)) * step
