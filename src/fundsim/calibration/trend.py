"""Trends of use and of cost from several years of experience (费用与使用趋势), each with its standard error.

Both are log-linear in the year with a level for every stratum (care level, group, county), log E[y] = a_stratum +
b·(year - last year), so that a shift between strata is not taken for growth:

* **Frequency** (利用率): counts with exposure as offset, quasi-Poisson: variance φ·mean, φ by Pearson's statistic and
  not below one (McCullagh and Nelder, *Generalized Linear Models*, sections 6.2 and 9.2). Counts completed for late
  settlement bring their own variance, added in the sandwich.
* **Cost** (次均费用): the mean by the same log-linear model as a pseudo-likelihood, which is consistent for the mean
  whatever the distribution (Gourieroux, Monfort and Trognon, *Econometrica* 52, 1984), with the robust sandwich error
  (White, *Econometrica* 50, 1982). A regression of log cost would estimate the growth of the median.

What only a year has in common (an epidemic, a new price list) is told from growth by more years alone: with two years
nothing is left to tell it by, and ``degrees`` is zero.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import exp, expm1, sqrt
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

from fundsim.estimates import NORMAL_95

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

_ROUNDS: Final = 50
_CLOSE: Final = 1e-12


@dataclass(frozen=True)
class Trend:
    """A yearly growth, with its error."""

    log_growth: float
    """b: growth is e^b - 1 a year."""
    log_se: float
    """Standard error of b."""
    dispersion: float
    """φ of a frequency; one where the counts vary no more than chance, and for a cost."""
    degrees: int | None
    """Degrees of freedom behind the error; None where the normal distribution serves."""
    first: int
    last: int
    """Years of the experience."""

    @property
    def growth(self) -> float:
        """Yearly growth."""
        return expm1(self.log_growth)

    @property
    def se(self) -> float:
        """Standard error of the yearly growth, by the delta method."""
        return exp(self.log_growth) * self.log_se

    def interval(self) -> tuple[float, float]:
        """95% interval of the yearly growth, by Student's t where the dispersion was estimated."""
        half = (NORMAL_95 if not self.degrees else float(stdtrit(self.degrees, 0.975))) * self.log_se
        return expm1(self.log_growth - half), expm1(self.log_growth + half)

    def factor(self, year: int, to: int) -> tuple[float, float]:
        """What brings a year's level to another year's, and its standard error."""
        factor = exp(self.log_growth * (to - year))
        return factor, factor * abs(to - year) * self.log_se

    def frame(self, years: Iterable[int], to: int) -> pd.DataFrame:
        """Factor and error by year."""
        import pandas as pd

        rows = {year: self.factor(year, to) for year in years}
        return pd.DataFrame.from_dict(rows, orient="index", columns=["factor", "se"]).rename_axis("year")


def frequency_trend(
    year: npt.ArrayLike,
    count: npt.ArrayLike,
    exposure: npt.ArrayLike,
    stratum: npt.ArrayLike | None = None,
    count_error: npt.ArrayLike | None = None,
) -> Trend:
    """Estimate the growth of a frequency; cells (k,) of year and stratum.

    Args:
        year: of each cell.
        count: events, completed for late settlement where that was done.
        exposure: persons insured.
        stratum: number of its stratum; one for all by default.
        count_error: standard error of the completion of each count, or (k, k) the covariance of all.

    Raises:
        ValueError: fewer than two years, an exposure or a stratum without anything, or a count below zero.
    """
    t, y, e = (np.asarray(each, dtype=np.float64) for each in (year, count, exposure))
    if (e <= 0).any():
        raise ValueError("a cell has no exposure; leave it out")
    x, years = _design(t, stratum)
    coefficients, mean = _log_linear(x, y, e)
    bread = np.linalg.inv((x * mean[:, None]).T @ x)
    degrees = len(y) - x.shape[1]
    pearson = float(((y - mean) ** 2 / mean).sum())
    dispersion = max(pearson / degrees, 1.0) if degrees > 0 else 1.0
    variance = dispersion * bread
    if count_error is not None:
        errors = np.asarray(count_error, dtype=np.float64)
        covariance = np.diag(errors**2) if errors.ndim == 1 else errors
        variance = variance + bread @ x.T @ covariance @ x @ bread
    estimated = degrees if dispersion > 1.0 else None
    return Trend(float(coefficients[-1]), sqrt(variance[-1, -1]), dispersion, estimated, *years)


def cost_trend(year: npt.ArrayLike, cost: npt.ArrayLike, stratum: npt.ArrayLike | None = None) -> Trend:
    """Estimate the growth of the mean cost; n bills, added up by year and stratum once.

    Raises:
        ValueError: fewer than two years, a stratum without any cost, or a cost below zero.
    """
    t, y = np.asarray(year, dtype=np.int64), np.asarray(cost, dtype=np.float64)
    s = np.zeros(len(t), dtype=np.int64) if stratum is None else np.asarray(stratum, dtype=np.int64)
    cells, cell = np.unique(np.stack([t, s], axis=1), axis=0, return_inverse=True)
    cell = cell.ravel()
    number = np.bincount(cell).astype(np.float64)
    total, squares = (np.asarray(np.bincount(cell, each), np.float64) for each in (y, y * y))
    x, years = _design(cells[:, 0].astype(np.float64), cells[:, 1])
    coefficients, mean = _log_linear(x, total, number)
    each = mean / number
    bread = np.linalg.inv((x * mean[:, None]).T @ x)
    about = squares - 2 * each * total + number * each**2
    variance = bread @ (x * about[:, None]).T @ x @ bread
    return Trend(float(coefficients[-1]), sqrt(variance[-1, -1]), 1.0, None, *years)


def _design(year: Floats, stratum: npt.ArrayLike | None) -> tuple[Floats, tuple[int, int]]:
    """(k, strata + 1) a column for each stratum, and the year counted from the last; and the first and last year."""
    first, last = int(year.min()), int(year.max())
    if first == last:
        raise ValueError("a trend needs two years at least")
    number = np.zeros(len(year), dtype=np.int64) if stratum is None else np.asarray(stratum, dtype=np.int64)
    strata = np.unique(number)
    return np.column_stack([number[:, None] == strata, year - last]).astype(np.float64), (first, last)


def _log_linear(x: Floats, y: Floats, offset: Floats) -> tuple[Floats, Floats]:
    """Maximum of sum y·log m - m with log m = log offset + x·b, by Newton's steps; b and m."""
    if (y < 0).any():
        raise ValueError("a count or a cost is below zero")
    if ((x[:, :-1] * y[:, None]).sum(axis=0) <= 0).any():
        raise ValueError("a stratum has no claims in any year; leave it out")
    start = np.log((x[:, :-1].T @ y) / (x[:, :-1].T @ offset))
    b = np.append(start, 0.0)
    for _ in range(_ROUNDS):
        mean = offset * np.exp(x @ b)
        step = np.linalg.solve((x * mean[:, None]).T @ x, x.T @ (y - mean))
        b = b + step
        if np.abs(step).max() < _CLOSE:
            return b, offset * np.exp(x @ b)
    raise ValueError("the trend does not settle: a year of some stratum may have no claims at all")
