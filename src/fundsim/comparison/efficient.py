"""Efficient designs: those that no other beats in premium, probability of a loss and benefit to patients.

Design j beats design i beyond the error if in every aim j is surely not worse than i by more than the tolerance, and in
one aim surely better by more than that; surely means by the 95% interval of the paired difference. Every pair is judged
by itself, so of very many designs a few dominated ones owe that to chance. Where j looks as good in all and better in
one, but the error leaves it open, i is undecided. All others are efficient.

The probability of a loss has a tolerance by default (one point): of two designs that never lost in so many replications
it can only be told that they differ by less than something.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from fundsim.comparison.differences import sample, value_of
from fundsim.comparison.errors import refuse
from fundsim.comparison.figures import Floats, figure
from fundsim.comparison.frontier_result import Aim, Budget, Frontier, Limit, Standing, Status
from fundsim.comparison.sweep_result import Sweep
from fundsim.comparison.sweeping import sweep
from fundsim.estimates import NORMAL_95
from fundsim.scenario import Scenario

PREMIUM, LOSS, BENEFIT = "premium_per_head", "insurer_loss", "pure_premium"
"""What designs are judged by, unless others are named: the premium charged, the insurer's P(loss), money paid."""
TOLERANCE: Final = {LOSS: 0.01}
AT_A_TIME: Final = 128
"""Designs that are compared with all others at once."""

Bools = npt.NDArray[np.bool_]


def frontier(
    scenario: Scenario,
    path: str | Mapping[str, Sequence[Any]],
    values: Sequence[Any] | str | None = None,
    *,
    benefit: str = BENEFIT,
    premium: str = PREMIUM,
    loss: str = LOSS,
    premium_at_most: float | None = None,
    loss_at_most: float | None = None,
    tolerance: Mapping[str, float] | None = None,
    **how: Any,
) -> Frontier:
    """Sweep over designs and find those that no other beats.

    Args:
        scenario: the scheme.
        path: what is varied, as for :func:`sweep`.
        values: as for :func:`sweep`.
        benefit: the figure that patients want more (or less) of: ``pure_premium`` (money paid to patients per insured),
            ``actual_reimbursement_ratio``, ``beneficiaries``, ``poor_share``, ``burden_per_beneficiary`` and so on.
        premium: what the premium is: ``premium_per_head`` as charged, or ``premium_needed``.
        loss: the probability that is to be low: ``insurer_loss`` or ``deficit``.
        premium_at_most: the budget, yuan per head.
        loss_at_most: the most that the probability may be.
        tolerance: differences that count as none, by figure; one point of a probability by default.
        how: further arguments of :func:`sweep`.

    Raises:
        ComparisonError: as for :func:`sweep`; a benefit that is neither good nor bad in itself.
    """
    wanted = _aims(benefit, premium, loss, tolerance or {})
    return _judged(sweep(scenario, path, values, **how), wanted, _limits(premium, premium_at_most, loss, loss_at_most))


def frontier_of(
    found: Sweep,
    *,
    benefit: str = BENEFIT,
    premium: str = PREMIUM,
    loss: str = LOSS,
    premium_at_most: float | None = None,
    loss_at_most: float | None = None,
    tolerance: Mapping[str, float] | None = None,
) -> Frontier:
    """Find the efficient designs of a sweep that was made already; arguments as for :func:`frontier`.

    Raises:
        ComparisonError: a figure that the designs have not, or a benefit that is neither good nor bad in itself.
    """
    wanted = _aims(benefit, premium, loss, tolerance or {})
    return _judged(found, wanted, _limits(premium, premium_at_most, loss, loss_at_most))


def _limits(premium: str, premium_at_most: float | None, loss: str, loss_at_most: float | None) -> tuple[Limit, ...]:
    stated = ((premium, premium_at_most), (loss, loss_at_most))
    return tuple(Limit(name, most) for name, most in stated if most is not None)


def _aims(benefit: str, premium: str, loss: str, tolerance: Mapping[str, float]) -> tuple[Aim, ...]:
    allowed = TOLERANCE | dict(tolerance)
    found = []
    for name, sense in ((premium, -1), (loss, -1), (benefit, figure(benefit).better)):
        of = figure(name)
        if not sense:
            instead = "write one such as pure_premium, actual_reimbursement_ratio or beneficiaries"
            raise refuse(name, "is neither good nor bad for patients in itself", instead)
        found.append(Aim(of, 1 if sense > 0 else -1, allowed.get(name, 0.0)))
    return tuple(found)


def _judged(found: Sweep, aims: tuple[Aim, ...], limits: tuple[Limit, ...]) -> Frontier:
    measured = [_Measured.of(found, aim) for aim in aims]
    designs = len(found.points)
    beaten, by = np.zeros(designs, np.bool_), np.full(designs, -1)
    looks, like = np.zeros(designs, np.bool_), np.full(designs, -1)
    for start in range(0, designs, AT_A_TIME):
        some = slice(start, min(start + AT_A_TIME, designs))
        sure, seeming = _beaten(measured, some)
        beaten[some], by[some] = sure.any(axis=1), sure.argmax(axis=1)
        looks[some], like[some] = seeming.any(axis=1), seeming.argmax(axis=1)
    standings = []
    for d in range(designs):
        status: Status = "dominated" if beaten[d] else "undecided" if looks[d] else "efficient"
        other = {"dominated": int(by[d]) + 1, "undecided": int(like[d]) + 1}.get(status)
        row = found.row(d + 1)
        values = tuple(value_of(row, aim.figure) for aim in aims)
        standings.append(Standing(d + 1, status, other, _budget(found, d + 1, limits), values))
    return Frontier(found, aims, limits, tuple(standings))


def _budget(found: Sweep, design: int, limits: Sequence[Limit]) -> Budget:
    """Whether a design keeps the limits, as far as its intervals tell."""
    told: Budget = "within"
    for limit in limits:
        value = found.value(limit.figure_id, design)
        if value.mean is None or value.lo is None or value.hi is None or value.lo > limit.most:
            return "beyond"
        if value.hi > limit.most:
            told = "undecided"
    return told


def _beaten(measured: Sequence[_Measured], some: slice) -> tuple[Bools, Bools]:
    """(i, j) whether design j beats design i of ``some``, beyond the error; and whether it looks so."""
    sure, seeming = [], []
    better_in_one, looks_better = None, None
    for each in measured:
        gain, half = each.gains(some)
        sure.append(gain - half >= -each.aim.tolerance)
        seeming.append(gain >= 0)
        one, look = (gain - half > each.aim.tolerance) & (gain > 0), gain > 0
        better_in_one = one if better_in_one is None else better_in_one | one
        looks_better = look if looks_better is None else looks_better | look
    assert better_in_one is not None
    assert looks_better is not None
    return np.logical_and.reduce(sure) & better_in_one, np.logical_and.reduce(seeming) & looks_better


@dataclass(frozen=True, eq=False)
class _Measured:
    """An aim of every design, and all that the errors of differences are made of."""

    aim: Aim
    values: Floats
    """(d,)"""
    influence: Floats
    """(d, m) of independent replications, or of means of batches."""
    squares: Floats
    """(d,) sums of squares of the influence."""
    n: int
    """Replications; ``m`` of them, or whole batches, are independent."""

    @classmethod
    def of(cls, found: Sweep, aim: Aim) -> _Measured:
        """Linearise the aim of every design.

        Raises:
            ComparisonError: the designs do not have it.
        """
        values, parts = [], list(_samples(found, aim))
        values = [value for value, _ in parts]
        influence = np.stack([each for _, each in parts])
        batch, n = found.row(0).batch, found.replications
        if batch is not None and n >= 2 * batch:
            influence = influence[:, : n // batch * batch].reshape(len(values), -1, batch).mean(axis=2)
        return cls(aim, np.array(values), influence, (influence**2).sum(axis=1), n)

    def gains(self, some: slice) -> tuple[Floats, Floats]:
        """(i, j) by how much j is better than i of ``some``, and half the 95% interval of that difference."""
        m = self.influence.shape[1]
        gain = self.aim.sense * (self.values[None, :] - self.values[some, None])
        spread = self.squares[some, None] + self.squares[None, :] - 2 * self.influence[some] @ self.influence.T
        error = np.sqrt(np.maximum(spread, 0.0) / max(m - 1, 1) / m)
        half: Floats = error * (float(stdtrit(m - 1, 0.975)) if m > 1 else np.inf)
        if self.aim.figure.sign:  # events that did not part in so many replications may still differ
            half = np.maximum(half, NORMAL_95 * np.sqrt(2.0) / (self.n + 2))
            half[np.arange(len(half)), np.arange(len(self.values))[some]] = 0.0
        return gain, half


def _samples(found: Sweep, aim: Aim) -> Iterator[tuple[float, Floats]]:
    for design in range(1, len(found.points) + 1):
        each = sample(found.row(design), aim.figure)
        if each is None:
            name = aim.figure.id
            raise refuse(name, f"{found.name(design)} has no such figure", "choose another one for it")
        yield each.value, each.influence
