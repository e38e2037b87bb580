"""Lognormal costs (对数正态): the usual body of medical bills."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from scipy import special

from fundsim.severity.base import FEN, Floats, Positive, PositiveMoney, SeverityFamily, Spread


class Lognormal(SeverityFamily):
    """log X is normal with mean log(median) and standard deviation sigma.

    Written as ``{family: lognormal, mean: 5000 yuan, cv: 1.2}`` or with ``median`` and ``sigma``. With mean m and
    coefficient of variation c: sigma² = log(1 + c²), median = m/sqrt(1 + c²). SciPy: ``lognorm(s=sigma,
    scale=median)``. Formulas: Klugman, Panjer and Willmot, *Loss Models*, Appendix A.5.1.
    """

    WAYS: ClassVar = (("mean", "cv"), ("median", "sigma"))

    family: Literal["lognormal"] = "lognormal"
    stated_mean: PositiveMoney | None = Field(default=None, alias="mean")
    """Mean cost."""
    cv: Spread | None = None
    """Standard deviation over mean."""
    median: PositiveMoney | None = None
    """Cost that half the cases exceed."""
    sigma: Positive | None = None
    """Standard deviation of log cost."""

    @property
    def natural(self) -> tuple[float, float]:
        """Mu (log of the median in yuan) and sigma."""
        if self.median is not None and self.sigma is not None:
            return math.log(self.median / FEN), self.sigma
        assert self.stated_mean is not None
        assert self.cv is not None
        variance = math.log1p(self.cv**2)
        return math.log(self.stated_mean / FEN) - variance / 2, math.sqrt(variance)

    def mean(self) -> float:
        mu, sigma = self.natural
        return math.exp(mu + sigma**2 / 2)

    def variance(self) -> float:
        return self.mean() ** 2 * math.expm1(self.natural[1] ** 2)

    def _pdf(self, x: Floats) -> Floats:
        return np.exp(-0.5 * self._score(x) ** 2) / (x * self.natural[1] * math.sqrt(2.0 * math.pi))

    def _cdf(self, x: Floats) -> Floats:
        return np.asarray(special.ndtr(self._score(x)))

    def _survival(self, x: Floats) -> Floats:
        return np.asarray(special.ndtr(-self._score(x)))

    def _quantile(self, u: Floats) -> Floats:
        mu, sigma = self.natural
        return np.asarray(np.exp(mu + sigma * special.ndtri(u)))

    def _quantile_upper(self, v: Floats) -> Floats:
        mu, sigma = self.natural
        return np.asarray(np.exp(mu - sigma * special.ndtri(v)))

    def _limited_mean(self, d: Floats) -> Floats:
        return self.mean() * special.ndtr(self._score(d) - self.natural[1]) + d * self._survival(d)

    def _stop_loss(self, d: Floats) -> Floats:
        return self.mean() * special.ndtr(self.natural[1] - self._score(d)) - d * self._survival(d)

    def _score(self, x: Floats) -> Floats:
        mu, sigma = self.natural
        return np.asarray((np.log(x) - mu) / sigma)
