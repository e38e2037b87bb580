"""How often persons are admitted (住院频率的拟合): Poisson, negative binomial or at most one, by maximum likelihood.

A person with records is seen with the number of admissions; persons without are those of the enrolment that no record
names. The mean of each cell (year by group) is free, and its estimate is admissions over persons under every family
here; the negative binomial's spread is common to all cells. ``mixing`` is by person, because records of a few years
cannot tell what a group or the pool shares.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import optimize, special

from fundsim.calibration.errors import FitError
from fundsim.estimates import NORMAL_95

Floats = npt.NDArray[np.float64]
Name = Literal["poisson", "negative-binomial", "at-most-one"]

LARGEST_CV: Final = 20.0


@dataclass(frozen=True)
class Dispersion:
    """A test of Poisson against more spread: Dean and Lawless (JASA 84, 1989), standard normal under Poisson."""

    variance_over_mean: float
    score: float
    p: float
    """One-sided."""


@dataclass(frozen=True, eq=False)
class FrequencyFit:
    """Admissions a person and year, fitted."""

    family: Name
    """The family of least AIC."""
    mean: float
    """Admissions per person and year, over all cells."""
    mean_se: float
    """With the variance of the fitted family, so that repeated admissions of a person widen it."""
    cv: float | None
    """Of the negative binomial's mixing variable; None under another family."""
    cv_se: float | None
    rates: Floats
    """(years, groups) admissions per person; NaN where nobody was enrolled."""
    multipliers: Floats
    """(groups,) mean of each group over that of all, years pooled."""
    multipliers_se: Floats
    aic: dict[Name, float]
    """By family that the counts allow."""
    dispersion: Dispersion
    persons: float
    """Person-years."""
    admissions: float
    """Completed for late settlements where that was done."""
    completion_log_se: float = 0.0
    """The part of the standard error of the log of the mean that completion brings."""

    @property
    def log_mean_se(self) -> float:
        """Standard error of the log of the mean."""
        return self.mean_se / self.mean

    def interval(self) -> tuple[float, float]:
        """The 95% interval of the mean."""
        half = math.exp(NORMAL_95 * self.log_mean_se)
        return self.mean / half, self.mean * half

    def frame(self) -> Any:
        """One row per parameter; a pandas DataFrame."""
        import pandas as pd

        rows = {"mean": {"value": self.mean, "se": self.mean_se}}
        if self.cv is not None:
            rows["cv"] = {"value": self.cv, "se": self.cv_se if self.cv_se is not None else math.nan}
        return pd.DataFrame.from_dict(rows, orient="index")


def fit_frequency(
    counts: npt.ArrayLike, completed: npt.ArrayLike | None = None, completed_se: float = 0.0
) -> FrequencyFit:
    """Fit the number of admissions.

    Args:
        counts: (years, groups, k) persons with 0, 1, .. k - 1 admissions in the year.
        completed: (years, groups) admissions completed for late settlements. The family and its spread are fitted to
            what is seen: admissions of which each is missing by chance keep their mixing law, and lose of their mean.
        completed_se: standard error of all completed admissions together, as a forecast of what they will be.

    Raises:
        FitError: nobody is enrolled or nobody is admitted, or more persons have records than are enrolled.
    """
    table = np.asarray(counts, dtype=np.float64)
    _refuse(table)
    number = np.arange(table.shape[-1], dtype=np.float64)
    persons, admissions = table.sum(axis=-1), table @ number
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = np.where(persons > 0, admissions / persons, np.nan)
    cells = _Cells(table[persons > 0], rates[persons > 0], number)
    aic, cv, cv_se = _families(cells)
    family = min(aic, key=lambda name: aic[name])
    spread = cv if family == "negative-binomial" else 0.0
    if completed is not None:
        admissions = np.asarray(completed, dtype=np.float64)
        rates = np.divide(admissions, persons, out=np.full_like(persons, np.nan), where=persons > 0)
    variance = _variance(rates, spread, family)
    total, all_admissions = float(persons.sum()), float(admissions.sum())
    mean = all_admissions / total
    by_group, multipliers_se = _multipliers(persons, admissions, variance, mean)
    return FrequencyFit(
        family=family,
        mean=mean,
        mean_se=math.sqrt(float(np.nansum(persons * variance)) + completed_se**2) / total,
        cv=cv if family == "negative-binomial" else None,
        cv_se=cv_se if family == "negative-binomial" else None,
        rates=rates,
        multipliers=by_group,
        multipliers_se=multipliers_se,
        aic=aic,
        dispersion=_dispersion(cells),
        persons=total,
        admissions=all_admissions,
        completion_log_se=completed_se / all_admissions,
    )


def counts_of(
    year: npt.NDArray[np.int64], group: npt.NDArray[np.int64], admissions: npt.NDArray[np.int64], enrolled: Floats
) -> Floats:
    """Persons by year, group and number of admissions, (years, groups, k), from persons with records and enrolment.

    Args:
        year: (m,) position of the year, of each person and year with records.
        group: (m,) position of the group.
        admissions: (m,) at least one.
        enrolled: (years, groups) persons enrolled.

    Raises:
        FitError: more persons have records than are enrolled in a cell.
    """
    most = int(admissions.max()) + 1
    years, groups = enrolled.shape
    place = (year * groups + group) * most + admissions
    table = np.bincount(place, minlength=years * groups * most).reshape(years, groups, most).astype(np.float64)
    table[..., 0] = enrolled - table.sum(axis=-1)
    _refuse(table)
    return table


def _refuse(table: Floats) -> None:
    if table.ndim != 3 or table.shape[-1] < 2:
        raise FitError("counts are not laid out by year, group and number", "give persons with 0, 1, 2 .. admissions")
    if np.any(table < 0):
        raise FitError(
            "more persons have records than are enrolled", "compare the enrolment with the records, year and group"
        )
    if table.sum() <= 0 or table[..., 1:].sum() <= 0:
        raise FitError("nobody is enrolled or nobody was admitted", "check the years of records and enrolment")


@dataclass(frozen=True, eq=False)
class _Cells:
    counts: Floats
    """(c, k)"""
    means: Floats
    """(c,)"""
    number: Floats
    """(k,)"""

    def log_likelihood(self, log_pmf: Callable[[Floats, Floats], Floats]) -> float:
        with np.errstate(all="ignore"):
            logs = log_pmf(self.number[None, :], self.means[:, None])
        return float(np.sum(self.counts * np.where(self.counts > 0, logs, 0.0)))


def _families(cells: _Cells) -> tuple[dict[Name, float], float, float]:
    """AIC by family, and cv of the negative binomial with its standard error."""
    free = len(cells.means)
    aic: dict[Name, float] = {"poisson": 2.0 * free - 2.0 * cells.log_likelihood(_poisson)}
    if not cells.counts[:, 2:].sum():
        aic["at-most-one"] = 2.0 * free - 2.0 * cells.log_likelihood(_at_most_one)
        return aic, 0.0, 0.0

    def loss(log_cv: float) -> float:
        return -cells.log_likelihood(lambda k, m: _negative_binomial(k, m, math.exp(log_cv)))

    search = optimize.minimize_scalar(loss, bounds=(math.log(1e-3), math.log(LARGEST_CV)), method="bounded",
                                      options={"xatol": 1e-9})  # fmt: skip
    best = float(search.x)
    aic["negative-binomial"] = 2.0 * (free + 1) + 2.0 * float(search.fun)
    step = 1e-3
    curvature = (loss(best + step) - 2.0 * float(search.fun) + loss(best - step)) / step**2
    cv = math.exp(best)
    return aic, cv, cv / math.sqrt(curvature) if curvature > 0 else math.inf


def _poisson(k: Floats, mean: Floats) -> Floats:
    return np.asarray(special.xlogy(k, mean) - mean - special.gammaln(k + 1.0))


def _negative_binomial(k: Floats, mean: Floats, cv: float) -> Floats:
    r = cv**-2
    choose = -np.log(k + r) - special.betaln(k + 1.0, r)
    return np.asarray(choose - r * np.log1p(mean / r) + special.xlogy(k, mean / (r + mean)))


def _at_most_one(k: Floats, mean: Floats) -> Floats:
    return np.where(k == 0, np.log1p(-mean), np.where(k == 1, np.log(mean), -np.inf))


def _variance(rates: Floats, cv: float, family: Name) -> Floats:
    if family == "at-most-one":
        return np.asarray(rates * (1.0 - rates))
    return np.asarray(rates + (cv * rates) ** 2)


def _multipliers(persons: Floats, admissions: Floats, variance: Floats, mean: float) -> tuple[Floats, Floats]:
    """(groups,) mean of each group over that of all, with its error; the whole counts as known."""
    heads = persons.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = np.where(heads > 0, admissions.sum(axis=0) / heads, np.nan)
        se = np.sqrt(np.nansum(persons * variance, axis=0)) / heads
    return rate / mean, se / mean


def _dispersion(cells: _Cells) -> Dispersion:
    gap = cells.number[None, :] - cells.means[:, None]
    excess = float(np.sum(cells.counts * (gap**2 - cells.number[None, :])))
    persons = cells.counts.sum(axis=1)
    score = excess / math.sqrt(2.0 * float(persons @ cells.means**2))
    spread = float(np.sum(cells.counts * gap**2)) / float(persons @ cells.means)
    return Dispersion(spread, score, float(special.ndtr(-score)))
