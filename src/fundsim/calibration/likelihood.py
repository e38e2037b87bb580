"""The likelihood of costs (似然): one formula for exact, censored, grouped and truncated amounts.

log L = Σ w·log f(x) over exact amounts + Σ w·log(F(b) - F(a)) over bands and caps - Σ w·log(F(below) - F(above)).
See Klugman, Panjer and Willmot, *Loss Models*, section 11.5 (maximum likelihood with truncation and censoring).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from fundsim.calibration.observations import Observations
from fundsim.severity import SeverityFamily

Floats = npt.NDArray[np.float64]


class Likelihood:
    """The log-likelihood of one set of observations, as a function of the distribution of costs."""

    def __init__(self, observations: Observations) -> None:
        exact = observations.is_exact
        self._at, self._weight_at = observations.low[exact], observations.weight[exact]
        censored = ~exact & (observations.weight > 0)
        window = np.column_stack([observations.above, observations.below])
        windows, which = np.unique(window, axis=0, return_inverse=True)
        cut = (windows[:, 0] > 0) | np.isfinite(windows[:, 1])
        self._low = np.concatenate([observations.low[censored], windows[cut, 0]])
        self._high = np.concatenate([observations.high[censored], windows[cut, 1]])
        of_windows = np.bincount(which.ravel(), observations.weight)[cut]
        self._weight_between = np.concatenate([observations.weight[censored], -of_windows])
        self.records = observations.records

    def __call__(self, severity: SeverityFamily) -> float:
        """Return log L, -inf where the distribution gives what was seen no probability."""
        with np.errstate(all="ignore"):
            total = float(np.dot(self._weight_at, np.log(severity.pdf(self._at)))) if len(self._at) else 0.0
            if len(self._low):
                between = probability_between(severity, self._low, self._high)
                total += float(np.dot(self._weight_between, np.log(between)))
        return total if np.isfinite(total) else -np.inf


def probability_between(severity: SeverityFamily, low: npt.ArrayLike, high: npt.ArrayLike) -> Floats:
    """P(low < X <= high), from the end of the distribution that is nearer, so that little cancels."""
    lows, highs = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    below, above = severity.cdf(lows), severity.survival(lows)
    from_below = np.where(np.isposinf(highs), 1.0, severity.cdf(highs)) - below
    from_above = above - np.where(np.isposinf(highs), 0.0, severity.survival(highs))
    return np.where(below < 0.5, np.where(np.isposinf(highs), above, from_below), from_above)
