"""The fast settlement of given bills: many people under one compiled design."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fundsim.benefits.compiled import CompiledPlans, Int64s


@dataclass(frozen=True)
class Settled:
    """Settled bills (fen); columns are positions in the waterfall."""

    paid: Int64s
    """(bills, p)"""
    deductible: Int64s
    """(bills, p) what each payer's deductible absorbed."""
    base: Int64s
    """(bills, p) what of the bill counted for each payer."""
    left: Int64s
    """(bills,) what the patient pays of the payable cost."""


def settle_people(
    plans: CompiledPlans,
    design: int,
    starts: Int64s,
    cost: Int64s,
    case: Int64s,
    payable: Int64s,
    *,
    annual: bool = False,
    paid: Int64s | None = None,
    deductible: Int64s | None = None,
) -> Settled:
    """Settle the bills of many people; a person's bills are neighbours, in order of settlement.

    Args:
        plans: compiled designs, of which ``design`` is used.
        design: its number.
        starts: (people + 1,) offsets of each person's bills.
        cost: (bills, 3) cost A, B and C.
        case: (bills,) class of case.
        payable: (bills,) cost without what is excluded; with ``annual``, the covered payer's base itself.
        annual: whether each bill is an amount left in policy after the payers before the covered one.
        paid: (bills, p) what was paid outside, -1 where the payer is to be settled.
        deductible: (bills, p) the deductible that goes with what was paid outside.
    """
    from fundsim import kernels

    positions = plans.n_positions
    bills = np.zeros((kernels.TRAIL + kernels.TRAILS * positions, len(case)), dtype=np.int64)
    bills[kernels.COST_A : kernels.COST_C + 1] = cost.T
    bills[kernels.CASE], bills[kernels.PAYABLE], bills[kernels.LEFT] = case, payable, payable
    trail = bills[kernels.TRAIL :].reshape(positions, kernels.TRAILS, len(case))
    trail[:, kernels.PAID] = -1 if paid is None else paid.T
    trail[:, kernels.ABSORBED] = 0 if deductible is None else deductible.T
    kernels.settle_people(
        starts, bills, design, annual, plans.cumulative_rounding,
        plans.steps, plans.primary, plans.payers, plans.terms,
    )  # fmt: skip
    return Settled(
        paid=trail[:, kernels.PAID].T,
        deductible=trail[:, kernels.ABSORBED].T,
        base=trail[:, kernels.BASE].T,
        left=bills[kernels.LEFT],
    )
