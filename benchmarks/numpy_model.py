"""The city of city.yaml as a good analyst would write it: vectorised numpy, float64, one process.

Nothing is made slow on purpose, and every short cut that needs no compiled code is taken:

* people are exchangeable: only those with an admission exist, and how many have 1, 2, 3, ... is one multinomial draw;
* admissions are exchangeable too, so the order in which they are drawn is the order of their dates;
* people lie in order of falling number of admissions, so the k-th admission of all who have one is a prefix of them;
* only people who left more than the lowest deductible to pay go on to critical illness insurance (CII).

Amounts are yuan in float64: no rounding to the fen. There is no trace and no other output than :class:`Totals`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

# Claims: township, county, tertiary.
ADMISSIONS, CV = 0.245, 0.8
LEVEL_BELOW = (0.45, 0.85)
COST_MEAN, COST_CV = np.array([1400.0, 3500.0, 8000.0]), np.array([0.9, 1.0, 1.0])
SIGMA = np.sqrt(np.log1p(COST_CV**2))
MU = np.log(COST_MEAN) - SIGMA**2 / 2
SPLICE, TAIL_INDEX = 40_000.0, 0.33
SHARE_A, SHARE_B, SHARE_C = np.array([0.60, 0.50, 0.42]), np.array([0.30, 0.38, 0.43]), np.array([0.05, 0.07, 0.10])
# Places: local, province-referred, province-unreferred, outside-referred, outside-unreferred.
PLACE_BELOW = np.array([0.50, 0.75, 0.85, 0.95])
# Basic insurance, by level.
BASIC_COUNTS, BASIC_CAP = SHARE_A + 0.85 * SHARE_B, 100_000.0
BASIC_DEDUCTIBLE, BASIC_RATE = np.array([100.0, 400.0, 700.0]), np.array([0.80, 0.65, 0.50])
# CII: bands above the deductible, whether they apply at a place, and what else is paid of every yuan there.
CII_COUNTS, CII_CAP = SHARE_A + 0.85 * SHARE_B + 0.70 * SHARE_C, 500_000.0
BANDS, BAND_RATES = (20_000.0, 40_000.0, 60_000.0), (0.50, 0.60, 0.70, 0.80)
BANDED, FLAT = np.array([1.0, 1.0, 1.0, 0.0, 0.0]), np.array([0.0, -0.05, -0.10, 0.50, 0.40])


@dataclass(frozen=True)
class Group:
    """Some of the insured; ``deductible`` of their own, or None for the design's."""

    share: float
    admissions: float = 1.0
    cost: float = 1.0
    deductible: float | None = None
    extra_rate: float = 0.0


GROUPS = (Group(0.92), Group(0.08, admissions=1.5, cost=0.85, deductible=3000.0, extra_rate=0.10))


class Totals(NamedTuple):
    """One replication under one design (yuan, persons)."""

    claims: float
    beneficiaries: int
    largest: float
    gross: float
    """Gross cost of the beneficiaries."""
    basic: float
    """What basic insurance paid the beneficiaries."""

    def __add__(self, other: Totals) -> Totals:  # type: ignore[override]
        """Add up groups: sums, and the larger of the largest."""
        sums = [a + b for a, b in zip(self, other, strict=True)]
        return Totals(*sums)._replace(largest=max(self.largest, other.largest))


class Bills(NamedTuple):
    """What CII may have to pay, in one group: one array per admission 1, 2, ..., over the people who had one."""

    base: list[Floats]
    banded: list[Floats]
    flat: list[Floats]
    gross: Floats
    """(people,) gross cost of the year."""
    basic: Floats
    """(people,) paid by basic insurance in the year."""


def tail_scale() -> float:
    """Scale of the generalised Pareto excess that makes the density continuous at the splice: S(u)/f(u)."""
    from scipy.stats import lognorm

    body = lognorm(s=SIGMA[2], scale=np.exp(MU[2]))
    return float(body.sf(SPLICE) / body.pdf(SPLICE))


TAIL_SCALE = tail_scale()


def draw_counts(rng: np.random.Generator, persons: int, mean: float, *, each: bool = False) -> Ints:
    """Return how many persons have at least 1, 2, 3, ... admissions in the year: negative binomial.

    ``each``: draw a number for every person instead of one multinomial for all, as a first script would.
    """
    from scipy.stats import nbinom

    r = CV**-2
    if each:
        counts = np.bincount(rng.negative_binomial(r, r / (r + mean), persons))
    else:
        pmf = nbinom.pmf(np.arange(64), r, r / (r + mean))
        counts = rng.multinomial(persons, pmf / pmf.sum())
    at_least = counts[::-1].cumsum()[::-1][1:]
    return at_least[at_least > 0]


def draw_bills(rng: np.random.Generator, group: Group, insured: int, lowest: float, *, each: bool = False) -> Bills:
    """Draw the year's admissions of a group, settle basic insurance, and keep who left more than ``lowest`` to pay."""
    at_least = draw_counts(rng, round(insured * group.share), ADMISSIONS * group.admissions, each=each)
    starts = np.concatenate([[0], np.cumsum(at_least)])
    n = int(starts[-1])
    u = rng.random(n)
    level = (u >= LEVEL_BELOW[0]).view(np.int8) + (u >= LEVEL_BELOW[1]).view(np.int8)
    gross = rng.standard_normal(n)
    gross *= SIGMA[level]
    gross += MU[level]
    np.exp(gross, out=gross)
    dear = np.flatnonzero((gross > SPLICE) & (level == 2))
    gross[dear] = SPLICE + TAIL_SCALE * np.expm1(TAIL_INDEX * rng.standard_exponential(len(dear))) / TAIL_INDEX
    gross *= group.cost
    place = np.zeros(n, dtype=np.int8)
    tertiary = np.flatnonzero(level == 2)
    place[tertiary] = PLACE_BELOW.searchsorted(rng.random(len(tertiary)), side="right")

    counted = gross * BASIC_COUNTS[level]
    absorbed = np.minimum(counted, BASIC_DEDUCTIBLE[level])
    paid = (counted - absorbed) * BASIC_RATE[level]
    ranks = [slice(start, stop) for start, stop in pairwise(starts)]
    basic = np.zeros(at_least[0])
    for rank in ranks:  # the yearly cap, admission by admission
        so_far = basic[: rank.stop - rank.start]
        np.minimum(paid[rank], BASIC_CAP - so_far, out=paid[rank])
        so_far += paid[rank]
    base = np.maximum(gross * CII_COUNTS[level] - paid - absorbed, 0.0)

    keep = np.flatnonzero(_by_person(base, ranks) > lowest)
    spent = _by_person(gross, ranks)[keep]
    kept = [rank.start + keep[: keep.searchsorted(rank.stop - rank.start)] for rank in ranks]
    kept = [rows for rows in kept if len(rows)]
    places = [place[rows] for rows in kept]
    return Bills(
        base=[base[rows] for rows in kept],
        banded=[BANDED[p] for p in places],
        flat=[FLAT[p] + group.extra_rate for p in places],
        gross=spent,
        basic=basic[keep],
    )


def _by_person(amount: Floats, ranks: Sequence[slice]) -> Floats:
    total = amount[ranks[0]].copy()
    for rank in ranks[1:]:
        total[: rank.stop - rank.start] += amount[rank]
    return total


def _bands(above: Floats) -> Floats:
    """What the bands pay on so much above the deductible."""
    paid = BAND_RATES[0] * above
    for start, (lower, upper) in zip(BANDS, pairwise(BAND_RATES), strict=True):
        paid += (upper - lower) * np.maximum(above - start, 0.0)
    return paid


def settle(bills: Bills, deductible: float) -> Totals:
    """Settle CII for one group under one design, admission by admission: a bill is paid F(after) - F(before)."""
    before, claim = np.zeros(len(bills.gross)), np.zeros(len(bills.gross))
    for rank, (base, banded, flat) in enumerate(zip(bills.base, bills.banded, bills.flat, strict=True)):
        n = len(base)
        low = np.maximum(before[:n] - deductible, 0.0)
        before[:n] += base
        high = np.maximum(before[:n] - deductible, 0.0)
        bands = _bands(high) - _bands(low) if rank else _bands(high)
        claim[:n] = np.minimum(claim[:n] + banded * bands + flat * (high - low), CII_CAP)
    paid = claim > 0
    largest = float(claim.max(initial=0.0))
    return Totals(
        float(claim.sum()),
        int(np.count_nonzero(paid)),
        largest,
        *(float(x[paid].sum()) for x in (bills.gross, bills.basic)),
    )


def replication(
    insured: int, deductibles: Sequence[float], seed: int, number: int, *, each: bool = False
) -> list[Totals]:
    """Draw one replication once, and settle it under every deductible (``reuse``)."""
    rng = np.random.default_rng([seed, number])
    totals = [Totals(0.0, 0, 0.0, 0.0, 0.0)] * len(deductibles)
    for group in GROUPS:
        lowest = min(deductibles) if group.deductible is None else group.deductible
        bills = draw_bills(rng, group, insured, lowest, each=each)
        settled = [settle(bills, d if group.deductible is None else group.deductible) for d in deductibles]
        totals = [total + one for total, one in zip(totals, settled, strict=True)]
    return totals


def simulate(insured: int, n: int, seed: int, *, deductible: float = 6000.0, each: bool = False) -> Iterator[Totals]:
    """Yield ``n`` replications of one design."""
    for number in range(n):
        yield replication(insured, [deductible], seed, number, each=each)[0]


def rerun(insured: int, deductibles: Sequence[float], seed: int, number: int) -> list[Totals]:
    """Settle many designs on the same people as a script with a loop does: draw again, with the same seed, for each."""
    return [replication(insured, [deductible], seed, number)[0] for deductible in deductibles]
