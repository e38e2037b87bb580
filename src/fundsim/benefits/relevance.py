"""Who can matter: below which cost of each admission nobody can be paid by any design at hand.

Draws never look at the rules; this only says which drawn people need not be settled, because what they are paid is
zero for certain. A person with k admissions is left out if each lies below its cell's floor for k, so that together
they cannot reach the lowest deductible. The bounds are conservative and hold to the fen; where a design is too
entangled to bound closely, they fall back to the share of the bill that counts, and at worst to zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fundsim.benefits.compiled import NO_CAP, CompiledPlans, Int64s
from fundsim.claims import MOST_FLOORS, ClaimsModel, Draws
from fundsim.money import LARGEST_BILL, PPM

ADMISSIONS = MOST_FLOORS
"""Floors are worked out for up to this many admissions; people with more are always settled."""

STEPS = 8 * 33
"""Steps of the high word of a cost by which :func:`reach` bounds what counts."""
WORD = 2**32
_GRID = np.unique(np.rint(np.geomspace(1_00, LARGEST_BILL, 4000)).astype(np.int64))
"""Gross bills in fen between which bases are bounded."""


def least_deductible(plans: CompiledPlans) -> Int64s:
    """(k,) fen: the lowest deductible of a covered payer in any design, by class of case."""
    from fundsim.kernels import DEDUCTIBLE

    least: Int64s = plans.terms[plans.insured_steps, :, DEDUCTIBLE].min(axis=0)
    return least


@dataclass(frozen=True, eq=False)
class Unpaid:
    """What no design at hand can pay, known up to the catalogue: bounds that hold to the fen."""

    gross: Int64s
    """(k, g, c) fen: the largest gross bill of cell c that no design can pay if it is one of k such bills."""
    grid: Int64s
    """(n,) fen: rising gross bills."""
    bases: Int64s
    """(u, n) fen: the most that counts for the covered payer on a bill up to each gross; ``BEYOND`` where unknown."""
    which: Int64s
    """(g, c) the row of ``bases`` of each cell."""
    lowest: Int64s
    """(g,) fen: people whose bills count for no more than this together are paid nothing."""


BEYOND = 2**50
"""Fen: more than any deductible, and small enough to be added up."""


def unpaid(model: ClaimsModel, plans: CompiledPlans, cases: Int64s, splits: Int64s) -> Unpaid:
    """Bound what no design can pay.

    ``cases`` (g, c) is the class of case of each cell, ``splits`` (v, c, 3) the catalogue of each replication: what is
    found holds for all of them. Stated floors are among the amounts that are tried.
    """
    least, room = least_deductible(plans), _room(plans)
    lowest = np.array([least[group].min() for group in cases])
    grid = np.union1d(_GRID, model.floors_of_groups[model.floors_of_groups > 0])
    rows: dict[tuple[int, bytes], int] = {}  # many groups have the same classes of case
    found: list[tuple[Int64s, Int64s]] = []
    gross, which = np.zeros((ADMISSIONS, *cases.shape), dtype=np.int64), np.zeros(cases.shape, dtype=np.int64)
    known: dict[tuple[int, int], list[int]] = {}
    for g, c in np.ndindex(cases.shape):
        key = (int(cases[g, c]), splits[:, c].tobytes())
        if key not in rows:
            rows[key] = len(found)
            found.append(_largest_base(grid, plans, key[0], splits[:, c], annual=model.annual))
        row, limit = rows[key], int(lowest[g])
        if (row, limit) not in known:
            counts = range(1, ADMISSIONS + 1)
            known[row, limit] = [_harmless(grid, found[row], room, limit // k, k) for k in counts]
        gross[:, g, c], which[g, c] = known[row, limit], row
    bases = [np.where(paid * ADMISSIONS <= room, np.minimum(base, BEYOND), BEYOND) for base, paid in found]
    return Unpaid(gross, grid, np.array(bases), which, lowest)


def too_high(model: ClaimsModel, gross: Int64s) -> tuple[int, int, int] | None:
    """The first stated floor (k - 1, g, c) below which some design could pay, given :class:`Unpaid`; None if none."""
    stated = model.floors_of_groups
    found = np.argwhere(stated > gross[: len(stated)])
    return None if not len(found) else (int(found[0, 0]), int(found[0, 1]), int(found[0, 2]))


def reach(model: ClaimsModel, bounds: Unpaid, draws: Draws) -> Int64s:
    """(v, g, c, j) fen: the most that an admission can count for the covered payer, by the step of its word.

    With w the high word of its cost, the step is read from the leading bits of 2(2**32 - 1 - w) + 1 as a float, eight
    to an octave: the dearer, the closer. Good for up to ``ADMISSIONS`` admissions of a person together.
    """
    least = 2.0 ** (np.arange(STEPS) // 8) * (1 + np.arange(STEPS) % 8 / 8)
    above = np.ceil((least - 1) / 2) / WORD
    result = np.full((*draws.factors.shape, STEPS), BEYOND, dtype=np.int64)
    ends = np.append(bounds.bases, np.full((len(bounds.bases), 1), BEYOND), axis=1)
    for c, cell in enumerate(model.cells):
        yuan = np.full(STEPS, np.inf)
        yuan[above > 0] = model.severities[cell.severity].quantile_upper(above[above > 0])
        if np.ptp(draws.tails[:, cell.severity, 3]) > 0:
            yuan[yuan > draws.tails[:, cell.severity, 1].min()] = np.inf
        dearest = yuan * draws.factors[:, :, c, None] * (1 + 1e-6) + 1
        result[:, :, c] = ends[bounds.which[:, c][None, :, None], np.searchsorted(bounds.grid, dearest)]
    return result


def bars(model: ClaimsModel, gross: Int64s, draws: Draws) -> npt.NDArray[np.uint64]:
    """(v, g, k, c) the high word of the cost below which an admission of cell c cannot be paid among k admissions."""
    return model.words_below(gross, draws.factors, draws.tails)


def _largest_base(
    grid: Int64s, plans: CompiledPlans, case: int, splits: Int64s, *, annual: bool
) -> tuple[Int64s, Int64s]:
    """(grid,) the most that counts for the covered payer, and the most the prefix pays, on bills up to each gross.

    ``splits`` (v, 3) are the catalogues of the replications; one bound holds for all of them. What the prefix takes off
    rises with what counts for it, so it is least in the catalogue where the least counts for it; what counts for the
    covered payer in other catalogues beyond that one is added.
    """
    from fundsim.kernels import COVERS

    insured, parts = plans.insured_steps, _parts(splits)
    rates = _counted_rates(plans, insured, parts, annual=annual)
    if not plans.terms[insured, case, COVERS].any():
        rates = np.zeros_like(rates)
    rate = int(rates.max())
    if annual or not _bounded_by_prefix(plans, case, varied=len(parts) > 1):
        return _ceiling(grid * rate), np.zeros_like(grid)
    prefix = plans.payers[plans.steps[0, : plans.prefix], :3].sum(axis=0)
    least, most = int(np.argmin(parts @ prefix)), int(np.argmax(parts @ prefix))
    base, _ = _settle_alone(plans, _split(grid, splits[least]), case)
    _, paid = _settle_alone(plans, _split(grid, splits[most]), case)
    if not rate:
        return base, paid  # it never counts itself, but it can use up the cap of a payer before
    gaps = np.diff(grid, prepend=0)
    lower = np.concatenate([[0], base[:-1]])
    other = _ceiling(grid * (rate - int(rates[least]))) if rate > rates[least] else 0
    return np.maximum.accumulate(lower + _ceiling(gaps * rate) + 3 + other), paid


def _parts(splits: Int64s) -> Int64s:
    """(v, 3) ppm of a gross bill in A, B and C."""
    b, bc, bcx = splits.T
    return np.stack([PPM - bcx, b, bc - b], axis=1)


def _split(gross: Int64s, splits: Int64s) -> Int64s:
    b, bc, bcx = ((gross * split + PPM // 2) // PPM for split in splits)
    return np.stack([gross - bcx, b, bc - b], axis=1)


def _counted_rates(plans: CompiledPlans, insured: Int64s, parts: Int64s, *, annual: bool) -> Int64s:
    """(v,) ppm: the largest part of a gross bill that counts for a covered payer in any design."""
    from fundsim.kernels import PARTS

    if annual or (plans.payers[insured, PARTS:] > 0).any():  # something may be added to what counts of the bill
        return np.full(len(parts), PPM)
    rates: Int64s = -(-(parts @ plans.payers[insured, :3].T).max(axis=1) // PPM)
    return rates


def _ceiling(amount: Int64s) -> Int64s:
    result: Int64s = -(-amount // PPM) + 3
    return result


def _bounded_by_prefix(plans: CompiledPlans, case: int, *, varied: bool) -> bool:
    """Whether what the prefix pays on a bill can be relied on: the same in every design, bill by bill, and rising.

    It rises with the bill for a single payer; of two, the second could be left less by a larger bill. In catalogues
    that vary, what exceeds a share of the bill is not bounded.
    """
    from fundsim.kernels import ABOVE_SHARE, BY_YEAR

    if varied and plans.terms[:, case, ABOVE_SHARE].any():
        return False

    prefix = plans.steps[0, : plans.prefix]
    alone = len(prefix) <= 1 and not plans.payers[prefix, BY_YEAR:].any()  # and nothing is taken off its base
    return plans.shared_base and alone


def _settle_alone(plans: CompiledPlans, cost: Int64s, case: int) -> tuple[Int64s, Int64s]:
    """(grid,) the covered payer's base, and the prefix's payments, where each bill is one person's only one."""
    from fundsim.benefits.batch import settle_people

    n = len(cost)
    settled = settle_people(plans, 0, np.arange(n + 1), cost, np.full(n, case), cost.sum(axis=1))
    return settled.base[:, plans.prefix], settled.paid[:, : plans.prefix].sum(axis=1)


def _room(plans: CompiledPlans) -> int:
    """Fen: what the prefix can pay a person a year before any cap is reached."""
    from fundsim.kernels import CAP

    caps = plans.terms[plans.steps[0, : plans.prefix], :, CAP]
    return int(caps.min()) if caps.size else NO_CAP


def _harmless(grid: Int64s, bound: tuple[Int64s, Int64s], room: int, limit: int, k: int) -> int:
    """Fen: the largest gross bill of the grid up to which nothing above ``limit`` can count."""
    base, paid = bound
    fits = (base <= limit) & (paid * k <= room)
    if fits.all():
        return LARGEST_BILL
    first_bad = int(np.argmin(fits))
    return int(grid[first_bad - 1]) if first_bad else 0
