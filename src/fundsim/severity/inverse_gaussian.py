"""Inverse Gaussian costs (逆高斯): as skew as the lognormal, with an exponential tail."""

from __future__ import annotations

import math
from typing import ClassVar, Final, Literal

import numpy as np
from pydantic import Field
from scipy import special

from fundsim.severity.base import FEN, Floats, PositiveMoney, SeverityFamily, Spread

_SQRT_2: Final = math.sqrt(2.0)
_HALVINGS: Final = 64
"""Bisections in log cost: from e^±60 about the mean to the last bit."""


class InverseGaussian(SeverityFamily):
    """Density sqrt(λ/(2πx³))·exp(-λ(x - m)²/(2m²x)), the first passage of a drifting Brownian motion.

    Written as ``{family: inverse-gaussian, mean: 5000 yuan, cv: 1.2}`` or with ``mean`` and ``shape`` λ, an amount;
    cv² = m/λ. SciPy: ``invgauss(mu=m/λ, scale=λ)``. Formulas: Klugman, Panjer and Willmot, *Loss Models*,
    Appendix A.5.1 (inverse Gaussian), with the two terms of each tail taken as Mills' ratios, which neither overflow
    nor cancel.
    """

    WAYS: ClassVar = (("mean", "cv"), ("mean", "shape"))

    family: Literal["inverse-gaussian"] = "inverse-gaussian"
    stated_mean: PositiveMoney | None = Field(default=None, alias="mean")
    """Mean cost."""
    cv: Spread | None = None
    """Standard deviation over mean."""
    shape: PositiveMoney | None = None
    """λ: mean over cv²."""

    @property
    def natural(self) -> tuple[float, float]:
        """Mean and λ, both in yuan."""
        assert self.stated_mean is not None
        mean = self.stated_mean / FEN
        if self.shape is not None:
            return mean, self.shape / FEN
        assert self.cv is not None
        return mean, mean / self.cv**2

    def mean(self) -> float:
        return self.natural[0]

    def variance(self) -> float:
        mean, shape = self.natural
        return mean**3 / shape

    def _pdf(self, x: Floats) -> Floats:
        _, shape = self.natural
        low, _ = self._scores(x)
        return np.asarray(np.sqrt(shape / (2.0 * math.pi * x)) / x * np.exp(-0.5 * low**2))

    def _cdf(self, x: Floats) -> Floats:
        low, high = self._scores(x)
        return np.asarray(special.ndtr(low) + np.exp(-0.5 * low**2) * _mills(high))

    def _survival(self, x: Floats) -> Floats:
        low, high = self._scores(x)
        near = special.ndtr(-low) - np.exp(-0.5 * low**2) * _mills(high)
        far = np.exp(-0.5 * low**2) * (_mills(np.maximum(low, 0.0)) - _mills(high))
        return np.where(low > 0.0, far, near)

    def _quantile(self, u: Floats) -> Floats:
        upper = self._solve(np.log1p(-np.where(u > 0.5, u, 0.5)), of_survival=True)
        lower = self._solve(np.log(np.where(u > 0.5, 0.5, u)), of_survival=False)
        return np.where(u > 0.5, upper, lower)

    def _quantile_upper(self, v: Floats) -> Floats:
        upper = self._solve(np.log(np.where(v < 0.5, v, 0.5)), of_survival=True)
        lower = self._solve(np.log1p(-np.where(v < 0.5, 0.5, v)), of_survival=False)
        return np.where(v < 0.5, upper, lower)

    def _limited_mean(self, d: Floats) -> Floats:
        low, high = self._scores(d)
        below = special.ndtr(low) - np.exp(-0.5 * low**2) * _mills(high)
        return np.asarray(self.natural[0] * below + d * self._survival(d))

    def _stop_loss(self, d: Floats) -> Floats:
        mean, _ = self.natural
        low, high = self._scores(d)
        near = mean * (special.ndtr(-low) + np.exp(-0.5 * low**2) * _mills(high)) - d * self._survival(d)
        ratio, other = _mills(np.maximum(low, 0.0)), _mills(high)
        far = np.exp(-0.5 * low**2) * ((mean - d) * ratio + (mean + d) * other)
        return np.where(low > 0.0, far, near)

    def _scores(self, x: Floats) -> tuple[Floats, Floats]:
        """sqrt(λ/x)·(x/m - 1) and sqrt(λ/x)·(x/m + 1)."""
        mean, shape = self.natural
        root = np.sqrt(shape / x)
        return root * (x / mean - 1.0), root * (x / mean + 1.0)

    def _solve(self, log_share: Floats, *, of_survival: bool) -> Floats:
        """The cost at which the log of the survival or distribution function is ``log_share``, by bisection."""
        target = np.where(np.isfinite(log_share), log_share, -1.0)
        at, rising = math.log(self.natural[0]), -1.0 if of_survival else 1.0
        low, high = np.full(target.shape, at - 60.0), np.full(target.shape, at + 60.0)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            beyond = rising * (self._log_share(np.exp(middle), of_survival) - target) > 0
            low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
        found = np.exp((low + high) / 2.0)
        end = np.inf if of_survival else 0.0
        return np.where(np.isfinite(log_share), found, end)

    def _log_share(self, x: Floats, of_survival: bool) -> Floats:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            share = self._survival(x) if of_survival else self._cdf(x)
            return np.asarray(np.log(np.maximum(share, 0.0)))


def _mills(score: Floats) -> Floats:
    """(1 - Φ(score))/exp(-score²/2) for scores from zero on: Mills' ratio over sqrt(2π)."""
    return np.asarray(0.5 * special.erfcx(score / _SQRT_2))
