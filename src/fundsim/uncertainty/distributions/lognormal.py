"""Lognormal (对数正态): the usual distribution of a level that multiplies."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from scipy import special

from fundsim.uncertainty.distributions.base import Distribution, Floats
from fundsim.uncertainty.quantity import Place, Quantity, Spread


class Lognormal(Distribution):
    """log X is normal with mean mu and standard deviation sigma: sigma² = log(1 + cv²), mu = log(mean) - sigma²/2.

    Written as ``{family: lognormal, cv: 0.05}``, with mean x1 where none is stated. SciPy: ``lognorm(s=sigma,
    scale=exp(mu))``. Formulas: Klugman, Panjer and Willmot, *Loss Models*, Appendix A.5.1.
    """

    PLACES: ClassVar = ("mean",)

    family: Literal["lognormal"] = "lognormal"
    stated_mean: Place = Field(default=Quantity(1.0, "factor"), alias="mean")
    cv: Spread

    @property
    def natural(self) -> tuple[float, float]:
        """Mu and sigma."""
        variance = math.log1p(self.cv**2)
        return math.log(self.stated_mean.value) - variance / 2, math.sqrt(variance)

    def _ppf(self, u: Floats) -> Floats:
        mu, sigma = self.natural
        return np.asarray(np.exp(mu + sigma * special.ndtri(u)))

    def _cdf(self, x: Floats) -> Floats:
        mu, sigma = self.natural
        with np.errstate(divide="ignore"):
            log_x = np.log(np.maximum(x, 0.0))
        return np.asarray(special.ndtr((log_x - mu) / sigma))

    def mean(self) -> float:
        return self.stated_mean.value

    def variance(self) -> float:
        return (self.stated_mean.value * self.cv) ** 2
