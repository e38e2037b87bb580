"""What a person is paid in a year (一人一年的赔付): own cost added up over the admissions, then the schedule.

The year's own cost is a compound sum itself: its law on a lattice follows from that of one admission and the person's
number of admissions. Where admissions are paid one by one, the payments are added up instead. Spreading each admission
over the lattice moves the mean payment in second order of the step only; the law at twice the step shows by how much.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from scipy import fft

from fundsim.exact.compound import clip, difference
from fundsim.exact.counts import Count
from fundsim.exact.errors import ExactError
from fundsim.exact.maps import Floats, PiecewiseMap
from fundsim.exact.overflow import Overflow
from fundsim.exact.payouts import LEFT_BEYOND, LatticeLaw, Mixture, discretised
from fundsim.exact.windows import Component, Tails

FOLDED: Final = 1e-9
"""Part of the mean payment that what lies above the window of a year's cost may make."""
DRIFT: Final = 1e-6
"""Largest relative error of the mean of a year's own cost on its lattice."""
MOST_POINTS: Final = 1 << 21
OVERFLOWS: Final = 1e-18
"""Probability of an overflow at one cost below which it is left out."""


@dataclass(frozen=True, eq=False)
class PersonLaw:
    """The law of one person's year on a lattice."""

    cost: Floats
    """(n,) the year's own cost, or where bills are paid one by one, what they add up to; yuan."""
    masses: Floats
    paid: Floats
    """(m,) what is paid in a year: on each of these costs, and where a cap of another payer overflows, on more."""
    weights: Floats
    """(m,) probabilities of the payments."""
    clipped: float

    @property
    def mean(self) -> float:
        """What is paid on average, yuan."""
        return float((self.weights * self.paid).sum())

    @property
    def positive(self) -> float:
        """Probability of a payment above zero, on the lattice."""
        return float(self.weights[self.paid > 0].sum())

    def chance_above(self, cost: float) -> float:
        """P(the year's own cost > ``cost``), straight between the middles of lattice points."""
        step = self.cost[1]
        above = np.append(np.cumsum(self.masses[::-1])[::-1], 0.0)
        return float(np.interp(cost, np.append(self.cost - step / 2.0, self.cost[-1] + step / 2.0), above))


@dataclass(frozen=True, eq=False)
class Year:
    """A person's year: how many admissions, what counts of one, and what is paid on the sum."""

    count: Count
    admission: Mixture
    pays: PiecewiseMap
    """What is paid on the year's sum."""
    overflow: Overflow | None = None
    """The yearly cap of the payer before, where what it leaves over is known."""

    def paid(self, step: float) -> PersonLaw:
        """What is paid in the year, from lattices of ``step`` and of twice ``step``.

        The two are extrapolated (Richardson): what is in proportion to the square of the step cancels. Masses stay
        above zero, because the finer lattice has half of the coarser one's on every second point.
        """
        fine, coarse = self.masses(step, 2.0 * step), self.masses(2.0 * step, 2.0 * step)
        return self._extrapolated(step, fine, coarse)

    def checked(self, step: float, tolerance: float) -> tuple[PersonLaw, float, float]:
        """The same at ``step`` or a half or a quarter of it, with the step taken and the error left.

        The error is how far the extrapolated mean moves when the step is doubled, relative to it.

        Raises:
            ExactError: more than ``tolerance`` even then.
        """
        for finer in (1.0, 0.5, 0.25):
            h = step * finer
            fine, coarse, coarsest = (self.masses(h * times, 4.0 * h) for times in (1.0, 2.0, 4.0))
            law, before = self._extrapolated(h, fine, coarse), self._extrapolated(2.0 * h, coarse, coarsest)
            error = abs(law.mean - before.mean) / (law.mean or 1.0)
            if error <= tolerance:
                return law, h, error
        raise ExactError(
            f"the mean of a person's year moves by {error:.1g} when the lattice of {h:g} yuan is doubled, more than "
            f"{tolerance:g}; state deductible and knots in rounder amounts"
        )

    def _extrapolated(self, step: float, fine: Floats, coarse: Floats) -> PersonLaw:
        both = np.zeros(max(len(fine), 2 * len(coarse)))
        both[: len(fine)] = 4.0 / 3.0 * fine
        both[: 2 * len(coarse) : 2] -= coarse / 3.0
        values = np.arange(len(both), dtype=np.float64) * step
        _, clipped = clip(both[self.pays(values) > 0])  # what is clipped of costs that are not paid on moves nothing
        masses, _ = clip(both)
        return PersonLaw(values, masses, *self._paid_on(values, masses), clipped)

    def _paid_on(self, costs: Floats, masses: Floats) -> tuple[Floats, Floats]:
        """Payments with their probabilities, what overflows from another payer's cap on top of some costs."""
        if self._overflowing is None:
            return self.pays(costs), masses
        at, chance, amount = self._overflowing
        chance, amount = np.interp(costs, at, chance), np.interp(costs, at, amount)
        some = chance * masses > OVERFLOWS
        more = np.where(some, chance * masses, 0.0)
        paid = np.concatenate([self.pays(costs), self.pays(costs[some] + amount[some])])
        return paid, np.concatenate([masses - more, more[some]])

    @cached_property
    def _overflowing(self) -> tuple[Floats, Floats, Floats] | None:
        return None if self.overflow is None else self.overflow.given_cost(self.count, self.admission, self._enough)

    def overflow_error(self, law: PersonLaw) -> float:
        """How much the coarseness of the overflow's lattice moves the mean payment, yuan: as one twice as coarse."""
        if self.overflow is None:
            return 0.0
        coarse = replace(self)
        coarse.__dict__["_overflowing"] = self.overflow.given_cost(self.count, self.admission, self._enough, 2)
        paid, weights = coarse._paid_on(law.cost, law.masses)
        return abs(float((paid * weights).sum()) - law.mean)

    def masses(self, step: float, unit: float) -> Floats:
        """The law of the year's own cost on one lattice from zero on; ``unit`` is a multiple of its step.

        What is paid no more above some cost is limited there, or at the next multiple of the unit, so that lattices of
        several steps agree about it.

        Raises:
            ExactError: a lattice that is too large, or whose mean drifted.
        """
        ended, _ = self.admission.limited(self._enough).cut(self._spare)
        limited = self.admission.limited(np.ceil(ended.highest / unit) * unit)
        component = Component(self.count, discretised(limited, step))
        n = self._points(component)
        masses = fft.irfft(np.exp(self.count.log_pgf(difference(component, n))), n)
        mean = float((masses * np.arange(n)).sum()) * step
        if not abs(mean - component.mean) <= DRIFT * component.mean:
            raise ExactError(
                f"the year's own cost has the mean {mean:.9g} yuan on its lattice and {component.mean:.9g} by "
                "quadrature; give a finer step"
            )
        return masses

    @property
    def _enough(self) -> float:
        """A cost from which on no more is paid; infinite without a cap."""
        flat = self.pays.last <= 0
        return float(self.pays.knots[-1]) if flat else np.inf

    @property
    def _spare(self) -> float:
        """Yuan of one admission's mean that may be lost where admissions without end are cut."""
        paid = Mixture(tuple((p, replace(part, pays=self.pays.after(part.pays))) for p, part in self.admission.parts))
        return LEFT_BEYOND * float(paid.stop_loss(0.0)) / max(self.pays.last, 1e-9)

    def _points(self, component: Component) -> int:
        """Lattice points that the year's cost takes: what lies above them is next to impossible, or next to nothing."""
        law = component.law
        paid = float((law.masses * self.pays(law.values)).sum()) * component.count.mean
        aim = max(FOLDED * paid / max(float(self.pays(law.values[-1])), 1e-9), 1e-30)
        _, high = Tails.of([component], aim).window(aim)
        needed = max(int(np.ceil(max(high, law.values[-1]) / law.step)) + 2, 64)
        if needed > MOST_POINTS:
            raise ExactError(
                f"a person's year takes {needed:,} points of {law.step:g} yuan, more than {MOST_POINTS:,}; state a cap "
                "on the payment"
            )
        return int(fft.next_fast_len(needed, real=True))


def on_lattice(paid: Floats, masses: Floats, step: float, clipped: float = 0.0) -> LatticeLaw:
    """Payments with probabilities, spread over multiples of ``step``, their mean kept."""
    place = np.floor(paid / step * (1 + 1e-13)).astype(np.int64)
    upper = np.clip(paid / step - place, 0.0, 1.0)
    n = int(place.max()) + 2
    spread = np.bincount(place, masses * (1.0 - upper), n) + np.bincount(place + 1, masses * upper, n)
    kept = np.append(True, spread[1:] > 0)
    mean, square = float((masses * paid).sum()), float((masses * paid**2).sum())
    return LatticeLaw(step, np.flatnonzero(kept), spread[kept], mean, square, clipped)
