"""Plans as arrays, for the kernel: several designs at once, with the payers they share settled once.

Designs of one scheme mostly differ in one payer. Payers that are alike from the first on, in every design, form the
*prefix*: it is settled once per person, and only the rest once per design.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from fundsim.benefits.schedule import ClassSchedule, PayerSchedule, Plan
from fundsim.money import LARGEST_BILL, PPM

NO_CAP = 2**62
Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True)
class CompiledPlans:
    """One or more designs over the same traits, as arrays.

    Axes: u distinct payer step, d design, p position in the waterfall, k class of case. The columns of ``payers`` and
    ``terms`` are named in :mod:`fundsim.kernels`.
    """

    steps: Int64s
    """(d, p) the step at each position; -1 beyond a design's last payer."""
    covered: Int64s
    """(d,) position of the payer that the contract insures."""
    prefix: int
    """Positions that are the same in all designs and come before any covered payer."""
    shared_base: bool
    """Whether the covered payer follows the prefix at once, and counts the same of a bill in every design."""
    payers: Int64s
    """(u, columns) counted ppm of cost A, B and C; 1 where the base accumulates by year; then for each position 1 where
    what it paid, and 1 where its deductible, is taken off the base."""
    terms: Int64s
    """(u, k, columns) deductible (fen), cap (fen a year or ``NO_CAP``), 1 where the class is covered; then for each
    knot of the curve its place (fen) and the change of slope there (ppm), padded with knots of no change."""
    cumulative_rounding: bool

    @property
    def covered_steps(self) -> Int64s:
        """(d,) the step of the payer that the contract insures."""
        found: Int64s = self.steps[np.arange(self.n_designs), self.covered]
        return found

    @property
    def n_designs(self) -> int:
        return len(self.steps)

    @property
    def n_positions(self) -> int:
        return int(self.steps.shape[1])


@dataclass(frozen=True)
class _Step:
    """A payer at a position, with names resolved to positions, so that equal steps settle equally."""

    payer: PayerSchedule
    less_paid: tuple[int, ...]
    less_deductible: tuple[int, ...]

    def counting(self) -> tuple[object, ...]:
        """What decides the base of a bill."""
        covered = tuple(schedule.covered for schedule in self.payer.classes)
        return (self.payer.counts, self.less_paid, self.less_deductible, covered)


def compile_plans(plans: Sequence[Plan]) -> CompiledPlans:
    """Lay plans out as arrays.

    Raises:
        ValueError: the plans do not share their traits or their rounding, or a curve would leave int64.
    """
    first = plans[0]
    if any(plan.traits != first.traits or plan.cumulative_rounding != first.cumulative_rounding for plan in plans):
        raise ValueError("designs settled together must share their traits and their rounding")
    rows = [_steps(plan) for plan in plans]
    distinct = list(dict.fromkeys(step for row in rows for step in row))
    index = {step: number for number, step in enumerate(distinct)}
    positions = max(len(row) for row in rows)
    steps = np.full((len(plans), positions), -1, dtype=np.int64)
    for d, row in enumerate(rows):
        steps[d, : len(row)] = [index[step] for step in row]
    covered = np.array([plan.names.index(plan.covers) for plan in plans], dtype=np.int64)
    prefix = _prefix(steps, int(covered.min()))
    knots = max(len(schedule.curve.knots) for step in distinct for schedule in step.payer.classes)
    terms = [[_terms_row(schedule, knots) for schedule in step.payer.classes] for step in distinct]
    return CompiledPlans(
        steps=steps,
        covered=covered,
        prefix=prefix,
        shared_base=bool((covered == prefix).all()) and len({row[prefix].counting() for row in rows}) == 1,
        payers=np.array([_payer_row(step, positions) for step in distinct], dtype=np.int64),
        terms=np.array(terms, dtype=np.int64),
        cumulative_rounding=first.cumulative_rounding,
    )


def _steps(plan: Plan) -> list[_Step]:
    position = {name: place for place, name in enumerate(plan.names)}
    return [
        _Step(
            payer=replace(payer, name="", clause=None, less_paid=(), less_deductible=(), classes=_bare(payer)),
            less_paid=tuple(sorted(position[name] for name in payer.less_paid)),
            less_deductible=tuple(sorted(position[name] for name in payer.less_deductible)),
        )
        for payer in plan.payers
    ]


def _bare(payer: PayerSchedule) -> tuple[ClassSchedule, ...]:
    return tuple(replace(schedule, variants=(), bands=()) for schedule in payer.classes)


def _prefix(steps: Int64s, first_covered: int) -> int:
    shared = 0
    while shared < first_covered and len(set(steps[:, shared].tolist())) == 1:
        shared += 1
    return shared


def _payer_row(step: _Step, positions: int) -> list[int]:
    row = [*step.payer.counts, int(step.payer.by_year)]
    for p in range(positions):
        row += [int(p in step.less_paid), int(p in step.less_deductible)]
    return row


def _terms_row(schedule: ClassSchedule, knots: int) -> list[int]:
    curve = schedule.curve
    if curve.value(LARGEST_BILL) > LARGEST_BILL * PPM:
        raise ValueError("a payout curve pays more than its base")
    row = [schedule.deductible, NO_CAP if schedule.cap is None else schedule.cap, int(schedule.covered)]
    for knot, weight in zip(curve.knots, curve.weights, strict=True):
        row += [knot, weight]
    return row + [0, 0] * (knots - len(curve.knots))
