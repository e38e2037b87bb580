"""What a sample says of a figure, and how sure that is: standard errors, intervals, honest digits.

Formulas: the standard error of a mean is sd/√n; of a ratio of totals, by the delta method, the sd of
(numerator − ratio x denominator) over mean(denominator)·√n (Cochran, *Sampling Techniques*, section 6.3); the interval
of a mean is Student's t; that of a probability is Wilson's score interval (JASA 22, 1927), which stays in [0, 1] and
honest near its ends; that of a quantile lies between two order statistics, whose ranks are binomial whatever the
distribution (David and Nagaraja, *Order Statistics*, section 7.1).

Replications that are stratified in batches are not independent, batches are: with ``batch`` errors come from the means
of whole batches, with one degree of freedom less than there are batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, isfinite, log10, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, stdtrit

Floats = npt.NDArray[np.float64]

PERCENTILES: Final = (1, 5, 25, 50, 75, 95, 99)
NORMAL_95: Final = 1.959963984540054
"""The 97.5% point of the standard normal distribution: half-width of a 95% interval in standard errors."""


@dataclass(frozen=True)
class Estimate:
    """A figure over replications: its mean with Monte Carlo standard error, its spread and its percentiles.

    None throughout where no replication defines it (a ratio over nobody).
    """

    mean: float | None
    se: float | None
    sd: float | None
    percentiles: tuple[float, ...] | None
    """At :data:`PERCENTILES`."""
    min: float | None
    max: float | None
    n: int = 0
    """Replications behind it."""
    degrees: int | None = None
    """Degrees of freedom of the error, where it comes from batches; else one less than replications."""

    def as_dict(self) -> dict[str, float | None]:
        """Return plain numbers under the names of the JSON output."""
        points = self.percentiles or (None,) * len(PERCENTILES)
        named = {f"p{level:02d}": point for level, point in zip(PERCENTILES, points, strict=True)}
        return {"mean": self.mean, "se": self.se, "sd": self.sd, **named, "min": self.min, "max": self.max}

    def interval(self) -> tuple[float, float] | None:
        """Return the 95% interval of the mean, by Student's t; None with fewer than two replications."""
        if self.mean is None or self.se is None:
            return None
        half = half_width(self.se, self.n - 1 if self.degrees is None else self.degrees)
        return self.mean - half, self.mean + half


def half_width(se: float, degrees: int) -> float:
    """Half the width of a 95% interval by Student's t."""
    return float(stdtrit(degrees, 0.975)) * se


UNDEFINED: Final = Estimate(mean=None, se=None, sd=None, percentiles=None, min=None, max=None)


def mean_of(values: Floats, *, batch: int | None = None) -> Estimate:
    """Estimate the mean of a figure from its value in each replication; ``batch``: as many are stratified together."""
    if not len(values):
        return UNDEFINED
    return _estimate(float(values.mean()), values, values - values.mean(), batch)


def ratio_of(numerator: Floats, denominator: Floats, *, batch: int | None = None) -> Estimate:
    """Estimate a ratio of totals; percentiles are of the ratio in each replication that has one."""
    total = float(denominator.sum())
    if total == 0:
        return UNDEFINED
    ratio = float(numerator.sum()) / total
    defined = denominator != 0
    residual = (numerator - ratio * denominator) / float(denominator.mean())
    return _estimate(ratio, numerator[defined] / denominator[defined], residual, batch)


def _estimate(mean: float, values: Floats, residual: Floats, batch: int | None) -> Estimate:
    n = len(residual)
    error = error_of(residual, batch)
    return Estimate(
        mean=mean,
        se=None if error is None else error[0],
        sd=float(values.std(ddof=1)) if len(values) > 1 else None,
        percentiles=tuple(float(point) for point in np.percentile(values, PERCENTILES)),
        min=float(values.min()),
        max=float(values.max()),
        n=n,
        degrees=None if error is None or batch is None else error[1],
    )


def error_of(residual: Floats, batch: int | None = None) -> tuple[float, int] | None:
    """Return the standard error of a mean and its degrees of freedom; None with fewer than two replications or batches.

    Args:
        residual: what each replication adds to the error, with mean zero.
        batch: as many are stratified together.
    """
    return _error(residual) if batch is None else _error_of_batches(residual, batch)


def _error(residual: Floats) -> tuple[float, int] | None:
    n = len(residual)
    return (float(np.sqrt((residual**2).sum() / (n - 1) / n)), n - 1) if n > 1 else None


def _error_of_batches(residual: Floats, batch: int) -> tuple[float, int] | None:
    """The same from the means of whole batches, None with fewer than two; a rest counts by its size only."""
    m = len(residual) // batch
    if m < 2:
        return None
    means = residual[: m * batch].reshape(m, batch).mean(axis=1)
    return float(means.std(ddof=1) * sqrt(batch / len(residual))), m - 1


@dataclass(frozen=True)
class Probability:
    """How often something happened, with its 95% Wilson interval."""

    p: float
    lo: float
    hi: float

    def as_dict(self) -> dict[str, float]:
        return {"p": self.p, "lo": self.lo, "hi": self.hi}


def probability_of(happened: npt.NDArray[np.bool_], *, batch: int | None = None) -> Probability:
    """Estimate a probability from whether something happened in each replication.

    Of stratified batches it is Wilson's interval for as many independent replications as have the error of the batches,
    with Student's t in place of the normal point. That error is taken as one replication at least, because batches that
    all agree are no proof that the next one will; with fewer than two batches all replications count as independent.
    """
    n, p, z = float(len(happened)), float(happened.mean()), NORMAL_95
    if batch is not None and 0 < p < 1:
        error = _error_of_batches(happened.astype(np.float64), batch)
        if error is not None:
            n, z = p * (1 - p) / max(error[0], 1 / n) ** 2, float(stdtrit(error[1], 0.975))
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Probability(p, 0.0 if p == 0 else max(centre - half, 0.0), 1.0 if p == 1 else min(centre + half, 1.0))


@dataclass(frozen=True)
class Quantile:
    """A quantile over replications (分位数), with an interval between two of the values that were seen."""

    level: float
    """The probability of not exceeding it, 0 to 1."""
    value: float
    lo: float | None
    """None where too few values lie below it to bound it."""
    hi: float | None
    n: int
    coverage: float
    """Probability that the interval holds the quantile, at least 95% where both ends exist."""
    conservative: bool = False
    """Whether the replications were stratified, so that the interval is wider than it need be."""


def quantile_of(values: Floats, level: float, *, stratified: bool = False) -> Quantile:
    """Estimate a quantile with its 95% interval by order statistics, whatever the distribution.

    Of n independent values B lie below the quantile, and B is binomial; the interval from the l-th to the u-th
    smallest value holds it with probability P(l <= B < u). The ranks leave at most 2.5% on either side, and one of
    them moves inwards where 95% remains.

    Raises:
        ValueError: no values, or a level outside 0 to 1.
    """
    if not len(values) or not 0 < level < 1:
        raise ValueError(f"no quantile at {level:g} of {len(values)} values")
    n, ordered = len(values), np.sort(values)
    lower, upper, coverage = _ranks(n, level)
    return Quantile(
        level=level,
        value=float(np.quantile(ordered, level)),
        lo=float(ordered[lower - 1]) if lower > 0 else None,
        hi=float(ordered[upper - 1]) if upper <= n else None,
        n=n,
        coverage=coverage,
        conservative=stratified,
    )


def _ranks(n: int, level: float) -> tuple[int, int, float]:
    """The ranks of the interval, from 1; 0 and n + 1 stand for no bound. And its coverage."""
    below = np.concatenate([[0.0], bdtr(np.arange(n + 1), n, level)])  # P(B < k) for k = 0 .. n + 1
    lower = int(np.flatnonzero(below <= 0.025)[-1])
    upper = int(np.flatnonzero(below >= 0.975)[0])
    inwards = max((lower + 1, upper), (lower, upper - 1), key=lambda ranks: below[ranks[1]] - below[ranks[0]])
    if lower > 0 and upper <= n and below[inwards[1]] - below[inwards[0]] >= 0.95:
        lower, upper = inwards
    return lower, upper, float(below[upper] - below[lower])


# -- how many replications a precision needs ------------------------------------------------------------------------


def replications_for_error(estimate: Estimate, se: float) -> int | None:
    """Replications at which the standard error of a mean comes down to ``se``; None where no error is known yet."""
    if estimate.se is None:
        return None
    return enough(estimate.n, estimate.se, se)


def replications_for_mean(estimate: Estimate, within: float) -> int | None:
    """Replications at which the 95% interval of a mean is the mean ± ``within``; None where no error is known yet."""
    interval = estimate.interval()
    if interval is None:
        return None
    return enough(estimate.n, (interval[1] - interval[0]) / 2, within)


def replications_for_probability(probability: Probability, within: float) -> int:
    """Independent replications at which the 95% interval of a probability is ± ``within``.

    For the probability nearest to one half that its present interval holds, which needs most.
    """
    p = min(max(0.5, probability.lo), probability.hi)
    return enough(1, NORMAL_95 * sqrt(p * (1 - p)), within)


def replications_for_quantile(quantile: Quantile, within: float) -> int | None:
    """Replications at which the 95% interval of a quantile ends ``within`` of it; None where it has an open end yet."""
    if quantile.lo is None or quantile.hi is None:
        return None
    return enough(quantile.n, max(quantile.hi - quantile.value, quantile.value - quantile.lo), within)


def enough(n: int, error: float, wanted: float) -> int:
    """Replications at which an error has come down to what is wanted: errors fall with the root of their number."""
    if wanted <= 0:
        raise ValueError(f"a precision of {wanted:g} is out of reach of any number of replications")
    return max(ceil(n * (error / wanted) ** 2 * (1 - 1e-12)), 1)


# -- honest digits --------------------------------------------------------------------------------------------------


def decimals(se: float | None, most: int = 6) -> int:
    """Return how many decimals an error supports: two digits of the error itself; negative for tens, hundreds ..."""
    if se is None or not isfinite(se) or se <= 0:
        return most
    return min(1 - floor(log10(se)), most)


def rounded(value: float | None, se: float | None, most: int = 2) -> str:
    """Print a value to the digits that its error supports, at most ``most`` decimals."""
    if value is None:
        return "–"
    places = decimals(se, most)
    shown = round(value, places) if places < 0 else value
    return f"{shown:,.{max(places, 0)}f}"
