"""Who can matter: below which cost of each admission nobody can be paid by any design at hand.

Draws never look at the rules; this only says which drawn people need not be settled, because what they are paid is
zero for certain. A person with k admissions is left out if each lies below its cell's floor for k, so that together
they cannot reach the lowest deductible. The bounds are conservative and hold to the fen; where a design is too
entangled to bound closely, they fall back to the share of the bill that counts, and at worst to zero.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fundsim.benefits.compiled import NO_CAP, CompiledPlans, Int64s
from fundsim.claims import ClaimsModel
from fundsim.money import LARGEST_BILL, PPM

ADMISSIONS = 8
"""Floors are worked out for up to this many admissions; people with more are always settled."""

WORD = 2**32
_GRID = np.unique(np.rint(np.geomspace(1_00, LARGEST_BILL, 4000)).astype(np.int64))
"""Gross bills in fen between which bases are bounded."""
_SAFE = 1 - 1e-6
"""Costs are taken this much larger than the cost family says, far beyond the error of its quantile table."""


def least_deductible(plans: CompiledPlans) -> Int64s:
    """(k,) fen: the lowest deductible of a covered payer in any design, by class of case."""
    from fundsim.kernels import DEDUCTIBLE

    least: Int64s = plans.terms[plans.insured_steps, :, DEDUCTIBLE].min(axis=0)
    return least


def floors(model: ClaimsModel, plans: CompiledPlans, cases: Int64s) -> npt.NDArray[np.uint64]:
    """(g, c, k) the high word of the cost below which an admission of cell c cannot matter among k admissions.

    ``cases`` (g, c) is the class of case of each cell.
    """
    least = least_deductible(plans)
    result = np.zeros((*cases.shape, ADMISSIONS), dtype=np.uint64)
    for g, factor in enumerate(model.group_factors):
        lowest = int(least[cases[g]].min())
        for c, cell in enumerate(model.cells):
            case = int(cases[g, c])
            bound = _largest_base(plans, case, cell.splits, annual=model.annual)
            for k in range(1, ADMISSIONS + 1):
                gross = _harmless(bound, plans, lowest // k, k)
                yuan = gross / factor * _SAFE
                below = float(model.severities[cell.severity].cdf(yuan)) if gross < LARGEST_BILL else 2.0
                result[g, c, k - 1] = min(max(int(below * WORD) - 1, 0), WORD)
    return result


def _largest_base(
    plans: CompiledPlans, case: int, splits: tuple[int, int, int], *, annual: bool
) -> tuple[Int64s, Int64s]:
    """(grid,) the most that counts for the covered payer, and the most the prefix pays, on bills up to each gross."""
    from fundsim.kernels import COVERS

    insured = plans.insured_steps
    rate = _counted_rate(plans, insured, splits, annual=annual) if plans.terms[insured, case, COVERS].any() else 0
    if not _bounded_by_prefix(plans) or annual:
        return _ceiling(_GRID * rate), np.zeros_like(_GRID)
    base, paid = _settle_alone(plans, _split(_GRID, splits), case)
    if not rate:
        return base, paid  # it never counts itself, but it can use up the cap of a payer before
    gaps = np.diff(_GRID, prepend=0)
    lower = np.concatenate([[0], base[:-1]])
    return np.maximum.accumulate(lower + _ceiling(gaps * rate) + 3), paid


def _split(gross: Int64s, splits: tuple[int, int, int]) -> Int64s:
    b, bc, bcx = ((gross * split + PPM // 2) // PPM for split in splits)
    return np.stack([gross - bcx, b, bc - b], axis=1)


def _counted_rate(plans: CompiledPlans, insured: Int64s, splits: tuple[int, int, int], *, annual: bool) -> int:
    """Ppm: the largest part of a gross bill that counts for a covered payer in any design."""
    from fundsim.kernels import PARTS

    if annual or (plans.payers[insured, PARTS:] > 0).any():  # something may be added to what counts of the bill
        return PPM
    b, bc, bcx = splits
    parts = np.array([PPM - bcx, b, bc - b], dtype=np.int64)
    return int(-(-(plans.payers[insured, :3] @ parts).max() // PPM))


def _ceiling(amount: Int64s) -> Int64s:
    result: Int64s = -(-amount // PPM) + 3
    return result


def _bounded_by_prefix(plans: CompiledPlans) -> bool:
    """Whether what the prefix pays on a bill can be relied on: the same in every design, bill by bill, and rising.

    It rises with the bill for a single payer; of two, the second could be left less by a larger bill.
    """
    from fundsim.kernels import BY_YEAR

    prefix = plans.steps[0, : plans.prefix]
    alone = len(prefix) <= 1 and not plans.payers[prefix, BY_YEAR:].any()  # and nothing is taken off its base
    return plans.shared_base and alone


def _settle_alone(plans: CompiledPlans, cost: Int64s, case: int) -> tuple[Int64s, Int64s]:
    """(grid,) the covered payer's base, and the prefix's payments, where each bill is one person's only one."""
    from fundsim.benefits.batch import settle_people

    n = len(cost)
    settled = settle_people(plans, 0, np.arange(n + 1), cost, np.full(n, case), cost.sum(axis=1))
    return settled.base[:, plans.prefix], settled.paid[:, : plans.prefix].sum(axis=1)


def _harmless(bound: tuple[Int64s, Int64s], plans: CompiledPlans, limit: int, k: int) -> int:
    """Fen: the largest gross bill of the grid up to which nothing above ``limit`` can count."""
    from fundsim.kernels import CAP

    base, paid = bound
    caps = plans.terms[plans.steps[0, : plans.prefix], :, CAP]
    room = int(caps.min()) if caps.size else NO_CAP
    fits = (base <= limit) & (paid * k <= room)
    if fits.all():
        return LARGEST_BILL
    first_bad = int(np.argmin(fits))
    return int(_GRID[first_bad - 1]) if first_bad else 0
