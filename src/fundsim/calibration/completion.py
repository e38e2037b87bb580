"""Completing the last months for late settlements (未决与迟报发展): chain ladder with Mack's standard error.

Bills are discharged in a month and settled in the same or a later one, so the last months before the data were drawn
are incomplete. With C_ik the cumulative count (or amount) of month i settled within k months, the factors are
f_k = sum_i C_i,k+1 / sum_i C_ik over the months that show both, and a month seen up to k comes to C_ik·f_k·f_k+1·…

    s_k² = sum_i C_ik·(C_i,k+1/C_ik - f_k)² / (n_k - 1)
    se(R_i)² = U_i²·sum_k s_k²/f_k²·(1/C_ik + 1/sum_j C_jk)
    se(R)²   = sum_i (se(R_i)² + U_i·(sum of later U)·sum_k 2·s_k²/f_k² / sum_j C_jk)

with U_i the ultimate, C_ik beyond the diagonal as projected, and the last s² extrapolated as min(s⁴/s², s², s²) of the
two before (Mack, *ASTIN Bulletin* 23, 1993). Settlement is taken to be complete after the longest delay seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ChainLadder:
    """A completed triangle; n origins, m delays."""

    cumulative: Floats
    """(n, m) as seen, NaN beyond."""
    factors: Floats
    """(m - 1,)"""
    factor_errors: Floats
    """(m - 1,) standard errors of the factors."""
    sigma2: Floats
    """(m - 1,)"""
    latest: Floats
    """(n,) the last that is seen of each origin."""
    ultimate: Floats
    """(n,)"""
    covariance: Floats
    """(n, n) of the ultimates, Mack's; the root of its diagonal is se(R_i)."""

    @property
    def reserve(self) -> Floats:
        """(n,) what is still to come."""
        return self.ultimate - self.latest

    @property
    def se(self) -> Floats:
        """(n,) standard error of the ultimates."""
        return np.asarray(np.sqrt(np.diag(self.covariance)))

    @property
    def total_reserve(self) -> float:
        """Over all origins."""
        return float(self.reserve.sum())

    @property
    def total_se(self) -> float:
        """Standard error of the total: origins share the factors and their error."""
        return float(np.sqrt(self.covariance.sum()))

    def frame(self) -> pd.DataFrame:
        """A row per origin."""
        import pandas as pd

        columns = {"seen": self.latest, "ultimate": self.ultimate, "to_come": self.reserve, "se": self.se}
        return pd.DataFrame(columns)


def chain_ladder(cumulative: npt.ArrayLike) -> ChainLadder:
    """Complete a triangle of cumulative counts or amounts.

    Args:
        cumulative: (n, m) by origin and delay, oldest origin first; NaN where nothing can have been seen yet. The
            oldest origin is seen in full, and later ones never further than earlier ones.

    Raises:
        ValueError: another shape of what is seen, an entry below zero, or a delay at which nothing was seen before.
    """
    seen = np.asarray(cumulative, dtype=np.float64)
    known = ~np.isnan(seen)
    _check(seen, known)
    n, m = seen.shape
    last = known.sum(axis=1) - 1
    factors, sigma2, below = np.ones(m - 1), np.zeros(m - 1), np.ones(m - 1)
    for k in range(m - 1):
        here, after = seen[known[:, k + 1], k], seen[known[:, k + 1], k + 1]
        below[k] = here.sum()
        factors[k] = after.sum() / below[k]
        sigma2[k] = _sigma2(here, after, factors[k], sigma2[:k])
    projected = seen.copy()
    for k in range(m - 1):
        open_ = ~known[:, k + 1]
        projected[open_, k + 1] = projected[open_, k] * factors[k]
    ultimate, latest = projected[:, -1], seen[np.arange(n), last]
    covariance = _covariance(projected, known, ultimate, sigma2 / factors**2, below)
    return ChainLadder(seen, factors, np.sqrt(sigma2 / below), sigma2, latest, ultimate, covariance)


def _sigma2(here: Floats, after: Floats, factor: float, before: Floats) -> float:
    """Variance of the development from a delay, of one origin: extrapolated."""
    positive = here > 0
    if positive.sum() > 1:
        ratios = after[positive] / here[positive]
        return float((here[positive] * (ratios - factor) ** 2).sum() / (positive.sum() - 1))
    if len(before) < 2:
        return float(before[-1]) if len(before) else 0.0
    earlier, latest = float(before[-2]), float(before[-1])
    return min(latest**2 / earlier if earlier > 0 else 0.0, earlier, latest)


def _covariance(projected: Floats, known: npt.NDArray[np.bool_], ultimate: Floats, q: Floats, below: Floats) -> Floats:
    """(n, n) Mack's mean squared error of the ultimates; ``q`` (k,) is s²/f²."""
    n = len(projected)
    open_ = ~known[:, 1:]
    shared = open_ * (q / below)
    with np.errstate(divide="ignore"):
        own = np.where(open_ & (projected[:, :-1] > 0), q / projected[:, :-1], 0.0)
    result = np.zeros((n, n))
    for i in range(n):
        for j in range(i, n):
            common = (open_[i] * shared[j]).sum()
            result[i, j] = result[j, i] = ultimate[i] * ultimate[j] * common
        result[i, i] += ultimate[i] ** 2 * own[i].sum()
    return result


def _check(seen: Floats, known: npt.NDArray[np.bool_]) -> None:
    if seen.ndim != 2 or seen.shape[1] < 2 or not known[:, 0].all():
        raise ValueError("a triangle has a row per origin and two delays at least, the first of them seen everywhere")
    reach = known.sum(axis=1)
    if (known != (np.arange(seen.shape[1]) < reach[:, None])).any() or (np.diff(reach) > 0).any():
        raise ValueError("what is seen is no triangle: later origins must not be seen further than earlier ones")
    if reach[0] < seen.shape[1]:
        raise ValueError("no origin is seen up to the longest delay")
    if (seen[known] < 0).any():
        raise ValueError("a cumulative entry is below zero")
    if any(seen[known[:, k + 1], k].sum() <= 0 for k in range(seen.shape[1] - 1)):
        raise ValueError("nothing was seen before some delay, so no factor leads on from it")


@dataclass(frozen=True, eq=False)
class Completion:
    """Months of discharge, completed."""

    ladder: ChainLadder
    not_stated: int
    """Records that do not say when they were settled: they are not in the triangle."""

    @property
    def factor(self) -> Floats:
        """(months,) what each month's count is to be multiplied by; one where it is complete or had nothing."""
        latest = self.ladder.latest
        return np.asarray(np.divide(self.ladder.ultimate, latest, out=np.ones_like(latest), where=latest > 0))

    def of_months(self, months: Int64s) -> tuple[float, float, float]:
        """Seen, completed, and its standard error, of some months together, such as those of a year."""
        ladder = self.ladder
        error = float(np.sqrt(ladder.covariance[np.ix_(months, months)].sum()))
        return float(ladder.latest[months].sum()), float(ladder.ultimate[months].sum()), error

    def frame(self) -> pd.DataFrame:
        """A row per month, with the factor."""
        return self.ladder.frame().assign(factor=self.factor)


def month_numbers(year: npt.ArrayLike, month: npt.ArrayLike) -> Int64s:
    """Months counted through: 12·year + month - 1."""
    return np.asarray(year, dtype=np.int64) * 12 + np.asarray(month, dtype=np.int64) - 1


def complete(
    discharged: Int64s, settled: Int64s, *, seen_to: int | None = None, amounts: Floats | None = None
) -> Completion:
    """Complete counts by month of discharge for what is settled late.

    Args:
        discharged: (n,) month of discharge, by :func:`month_numbers`.
        settled: (n,) month of settlement, likewise; below the month of discharge where it is not stated.
        seen_to: the last month whose settlements are in the data; the last month of settlement by default.
        amounts: (n,) amounts to be completed instead of counts.

    Raises:
        ValueError: no record says when it was settled, one was settled after ``seen_to``, or the months cannot be
            developed.
    """
    stated = settled >= discharged
    if not stated.any():
        raise ValueError("no record says when it was settled, so that nothing tells how late settlements come")
    end = int(settled[stated].max()) if seen_to is None else seen_to
    if settled[stated].max() > end:
        raise ValueError("a record was settled after the month up to which settlements are in the data")
    first = int(discharged.min())
    months, delay = int(discharged.max()) - first + 1, settled - discharged
    delays = min(max(int(delay[stated].max()), 1), end - first) + 1
    counts = np.zeros((months, delays))
    weights = np.ones(len(delay)) if amounts is None else amounts
    np.add.at(counts, (discharged[stated] - first, delay[stated]), weights[stated])
    reach = end - first - np.arange(months)
    cumulative = np.where(np.arange(delays) <= reach[:, None], np.cumsum(counts, axis=1), np.nan)
    return Completion(chain_ladder(cumulative), int((~stated).sum()))
