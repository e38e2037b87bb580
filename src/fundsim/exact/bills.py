"""What one bill leaves to the covered payer (次均纳入费用): the waterfall before it as maps of gross cost.

The payers before the covered one are settled as :mod:`fundsim.benefits.settlement` does it, on a bill of any amount at
once, without rounding. A yearly cap of theirs limits what they pay on one bill here; what several bills together add
to it is bounded elsewhere (:mod:`.person`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from fundsim.benefits.payer import Part
from fundsim.benefits.schedule import PayerSchedule, Plan
from fundsim.exact.errors import OutOfReachError
from fundsim.exact.maps import FEN, PiecewiseMap
from fundsim.money import PPM

NOTHING = PiecewiseMap.level(0.0)
WHOLE = PiecewiseMap.straight(1.0)


@dataclass(frozen=True, eq=False)
class Work:
    """What one payer did with a bill, by its gross cost."""

    paid: PiecewiseMap
    absorbed: PiecewiseMap
    """Taken by its deductible."""
    cut: PiecewiseMap
    """Withheld by its cap."""


@dataclass(frozen=True, eq=False)
class BillMap:
    """One kind of bill: what of it counts for the covered payer, and what each payer before it paid."""

    base: PiecewiseMap
    before: Mapping[str, Work]
    free: bool
    """Whether neither zero nor what is left limits the base, so that whatever is withheld before falls to it whole."""


def bill_map(plan: Plan, case: int, splits: Sequence[int]) -> BillMap:
    """Settle a bill of every amount up to the covered payer.

    Args:
        plan: the payers.
        case: the bill's class.
        splits: cumulative catalogue shares, ppm, as of :class:`fundsim.claims.Cell`.

    Raises:
        OutOfReachError: a payer before the covered one whose payment on a bill depends on the bills before it.
    """
    b, bc, bcx = (part / PPM for part in splits)
    shares = (1.0 - bcx, b, bc - b)
    payable = WHOLE.times(sum(shares))
    left, done = payable, dict[str, Work]()
    for payer in plan.payers:
        base = _base(payer, case, shares, payable, left, done)
        if payer.name == plan.primary:
            free = np.allclose(base(base.knots), _unlimited(payer, case, shares, done)(base.knots), atol=1e-6)
            return BillMap(base.times(float(payer.classes[case].covered)), done, free)
        done[payer.name] = _work(payer, case, base, left, done)
        left = left.plus(done[payer.name].paid, -1.0)
    raise AssertionError("the covered payer stands in the waterfall")


def _base(
    payer: PayerSchedule,
    case: int,
    shares: tuple[float, float, float],
    payable: PiecewiseMap,
    left: PiecewiseMap,
    done: Mapping[str, Work],
) -> PiecewiseMap:
    base = _unlimited(payer, case, shares, done)
    return base.most(NOTHING).least(payable if payer.tops_up else left)


def _unlimited(
    payer: PayerSchedule, case: int, shares: tuple[float, float, float], done: Mapping[str, Work]
) -> PiecewiseMap:
    """What counts, with what is added and taken off, before it is held above zero and below what is left."""
    above = payer.classes[case].above_share
    counted = max(sum(share * (rate - above) / PPM for share, rate in zip(shares, payer.counts, strict=True)), 0.0)
    base = WHOLE.times(counted)
    for part in payer.parts:
        base = base.plus(_of(part, done), part.sign)
    return base


def _of(part: Part, done: Mapping[str, Work]) -> PiecewiseMap:
    work = done[part.payer]
    return {"paid by": work.paid, "deductible of": work.absorbed, "cut by cap of": work.cut}[part.what]


def _work(payer: PayerSchedule, case: int, base: PiecewiseMap, left: PiecewiseMap, done: Mapping[str, Work]) -> Work:
    terms = payer.classes[case]
    if not terms.covered:
        return Work(NOTHING, NOTHING, NOTHING)
    if payer.by_year and len(terms.curve.knots) > 1:
        raise OutOfReachError(
            f"what '{payer.name}' pays on a bill depends on the bills of the year before it",
            f"write 'accumulate: admission' for '{payer.name}', or start from the annual amount "
            "(claims: {basis: in-policy-left})",
        )
    due = PiecewiseMap.of_curve(terms.curve).after(base)
    for name in payer.tops_up:
        due = due.plus(done[name].paid, -1.0)
    owed = due.most(NOTHING)
    room = owed if terms.cap is None else owed.least(PiecewiseMap.level(terms.cap / FEN))
    absorbed = base.least(PiecewiseMap.level(terms.deductible / FEN))
    return Work(room.least(left), absorbed, owed.plus(room, -1.0))
