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
    primary: Int64s
    """(d,) position of the primary covered payer, whose own base ``in_policy_left`` is."""
    insured: Int64s
    """(d, p) 1 where the contract insures the payer at a position."""
    counted_once: Int64s
    """(d, p) 1 where an insured payer's base is cost of its own: not what an insured payer before it has left."""
    prefix: int
    """Positions that are the same in all designs and come before any covered payer."""
    shared_base: bool
    """Whether one covered payer follows the prefix at once, counts the same of a bill in every design, and pays by its
    curve and cap alone."""
    payers: Int64s
    """(u, columns) counted ppm of cost A, B and C; 1 where the base accumulates by year; 1 where the payer tops others
    up; then for each position what is done with its payment, its deductible and its cut (1 added to the base, -1 taken
    off it), 1 where its payment is topped up, and 1 where it uses up the cap."""
    terms: Int64s
    """(u, k, columns) deductible (fen), cap (fen a year or ``NO_CAP``), 1 where the class is covered, share of the bill
    that does not count (ppm); then for each knot of the curve its place (fen) and the change of slope there (ppm),
    padded with knots of no change."""
    cumulative_rounding: bool

    @property
    def insured_steps(self) -> Int64s:
        """The step of every payer that the contract of some design insures."""
        found: Int64s = np.unique(self.steps[self.insured == 1])
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
    parts: frozenset[tuple[str, int, int]]
    """What is done with what the payer at a position did: (what, position, 1 or -1)."""
    tops_up: tuple[int, ...]
    cap_shared_with: tuple[int, ...]

    def counting(self) -> tuple[object, ...]:
        """What decides the base of a bill."""
        classes = tuple((schedule.covered, schedule.above_share) for schedule in self.payer.classes)
        return (self.payer.counts, self.parts, bool(self.tops_up), classes)

    @property
    def alone(self) -> bool:
        """Whether curve and cap decide what the payer pays on a base."""
        return not self.tops_up and not self.cap_shared_with


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
    insured = np.zeros((len(plans), positions), dtype=np.int64)
    for d, (plan, row) in enumerate(zip(plans, rows, strict=True)):
        steps[d, : len(row)] = [index[step] for step in row]
        insured[d, [plan.names.index(name) for name in plan.covers]] = 1
    prefix = _prefix(rows, int(insured.argmax(axis=1).min()))
    return CompiledPlans(
        steps=steps,
        primary=np.array([plan.names.index(plan.primary) for plan in plans], dtype=np.int64),
        insured=insured,
        counted_once=_counted_once(rows, insured),
        prefix=prefix,
        shared_base=_shares_base(rows, insured, prefix),
        payers=np.array([_payer_row(step, positions) for step in distinct], dtype=np.int64),
        terms=_terms(distinct),
        cumulative_rounding=first.cumulative_rounding,
    )


def _steps(plan: Plan) -> list[_Step]:
    position = {name: place for place, name in enumerate(plan.names)}
    return [
        _Step(
            payer=replace(payer, name="", clause=None, parts=(), tops_up=(), cap_shared_with=(), classes=_bare(payer)),
            parts=frozenset((part.what, position[part.payer], part.sign) for part in payer.parts),
            tops_up=tuple(sorted(position[name] for name in payer.tops_up)),
            cap_shared_with=tuple(sorted(position[name] for name in payer.cap_shared_with)),
        )
        for payer in plan.payers
    ]


def _bare(payer: PayerSchedule) -> tuple[ClassSchedule, ...]:
    distinct = {id(schedule): schedule for schedule in payer.classes}  # many classes are one and the same
    bare = {key: replace(schedule, variants=(), bands=()) for key, schedule in distinct.items()}
    return tuple(bare[id(schedule)] for schedule in payer.classes)


def _counted_once(rows: Sequence[Sequence[_Step]], insured: Int64s) -> Int64s:
    """A second layer looks again at cost that the first has counted, less what that paid; other payers at their own."""
    once = insured.copy()
    for d, row in enumerate(rows):
        for p, step in enumerate(row):
            again = any(what == "paid by" and sign < 0 and insured[d, q] for what, q, sign in step.parts)
            once[d, p] *= not again
    return once


def _prefix(rows: Sequence[Sequence[_Step]], first_insured: int) -> int:
    """How many first positions are alike in all designs, and wait for nobody behind them."""
    shared = 0
    while shared < first_insured and len({row[shared] for row in rows}) == 1:
        if any(position >= shared for position in rows[0][shared].cap_shared_with):
            break
        shared += 1
    return shared


def _shares_base(rows: Sequence[Sequence[_Step]], insured: Int64s, prefix: int) -> bool:
    if not (insured.sum(axis=1) == 1).all() or not insured[:, prefix].all():
        return False
    return all(row[prefix].alone for row in rows) and len({row[prefix].counting() for row in rows}) == 1


def _payer_row(step: _Step, positions: int) -> list[int]:
    row = [*step.payer.counts, int(step.payer.by_year), int(bool(step.tops_up))]
    for p in range(positions):
        done = {(what, sign) for what, position, sign in step.parts if position == p}
        row += [((what, 1) in done) - ((what, -1) in done) for what in ("paid by", "deductible of", "cut by cap of")]
        row += [int(p in step.tops_up), int(p in step.cap_shared_with)]
    return row


def _terms(distinct: Sequence[_Step]) -> Int64s:
    schedules = {id(schedule): schedule for step in distinct for schedule in step.payer.classes}
    knots = max(len(schedule.curve.knots) for schedule in schedules.values())
    rows = {key: _terms_row(schedule, knots) for key, schedule in schedules.items()}
    return np.array([[rows[id(schedule)] for schedule in step.payer.classes] for step in distinct], np.int64)


def _terms_row(schedule: ClassSchedule, knots: int) -> list[int]:
    curve = schedule.curve
    if curve.value(LARGEST_BILL) > LARGEST_BILL * PPM:
        raise ValueError("a payout curve pays more than its base")
    cap = NO_CAP if schedule.cap is None else schedule.cap
    row = [schedule.deductible, cap, int(schedule.covered), schedule.above_share]
    for knot, weight in zip(curve.knots, curve.weights, strict=True):
        row += [knot, weight]
    return row + [0, 0] * (knots - len(curve.knots))
