"""What a sample says of a figure, and how sure that is: standard errors, intervals, honest digits.

Formulas: the standard error of a mean is sd/√n; of a ratio of totals, by the delta method, the sd of
(numerator − ratio x denominator) over mean(denominator)·√n (Cochran, *Sampling Techniques*, section 6.3); the interval
of a mean is Student's t; that of a probability is Wilson's score interval (JASA 22, 1927), which stays in [0, 1] and
honest near its ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, isfinite, log10, sqrt
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import stdtrit

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

    def as_dict(self) -> dict[str, float | None]:
        """Return plain numbers under the names of the JSON output."""
        points = self.percentiles or (None,) * len(PERCENTILES)
        named = {f"p{level:02d}": point for level, point in zip(PERCENTILES, points, strict=True)}
        return {"mean": self.mean, "se": self.se, "sd": self.sd, **named, "min": self.min, "max": self.max}

    def interval(self) -> tuple[float, float] | None:
        """Return the 95% interval of the mean, by Student's t; None with fewer than two replications."""
        if self.mean is None or self.se is None:
            return None
        half = float(stdtrit(self.n - 1, 0.975)) * self.se
        return self.mean - half, self.mean + half


UNDEFINED: Final = Estimate(mean=None, se=None, sd=None, percentiles=None, min=None, max=None)


def mean_of(values: Floats) -> Estimate:
    """Estimate the mean of a figure from its value in each replication."""
    if not len(values):
        return UNDEFINED
    return _estimate(float(values.mean()), values, values - values.mean())


def ratio_of(numerator: Floats, denominator: Floats) -> Estimate:
    """Estimate a ratio of totals; percentiles are of the ratio in each replication that has one."""
    total = float(denominator.sum())
    if total == 0:
        return UNDEFINED
    ratio = float(numerator.sum()) / total
    defined = denominator != 0
    residual = (numerator - ratio * denominator) / float(denominator.mean())
    return _estimate(ratio, numerator[defined] / denominator[defined], residual)


def _estimate(mean: float, values: Floats, residual: Floats) -> Estimate:
    n = len(residual)
    return Estimate(
        mean=mean,
        se=float(np.sqrt((residual**2).sum() / (n - 1) / n)) if n > 1 else None,
        sd=float(values.std(ddof=1)) if len(values) > 1 else None,
        percentiles=tuple(float(point) for point in np.percentile(values, PERCENTILES)),
        min=float(values.min()),
        max=float(values.max()),
        n=n,
    )


@dataclass(frozen=True)
class Probability:
    """How often something happened, with its 95% Wilson interval."""

    p: float
    lo: float
    hi: float

    def as_dict(self) -> dict[str, float]:
        return {"p": self.p, "lo": self.lo, "hi": self.hi}


def probability_of(happened: npt.NDArray[np.bool_]) -> Probability:
    """Estimate a probability from whether something happened in each replication."""
    n, p, z = len(happened), float(happened.mean()), NORMAL_95
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Probability(p, 0.0 if p == 0 else max(centre - half, 0.0), 1.0 if p == 1 else min(centre + half, 1.0))


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
