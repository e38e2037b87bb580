"""Gamma (伽马): a level that multiplies, with a lighter upper tail than the lognormal."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from scipy import special

from fundsim.uncertainty.distributions.base import Distribution, Floats
from fundsim.uncertainty.quantity import Place, Quantity, Spread


class Gamma(Distribution):
    """Shape a = 1/cv² and scale mean·cv².

    Written as ``{family: gamma, cv: 0.05}``, with mean x1 where none is stated. SciPy: ``gamma(a, scale=mean/a)``.
    Formulas: Klugman, Panjer and Willmot, *Loss Models*, Appendix A.3.2.1.
    """

    PLACES: ClassVar = ("mean",)

    family: Literal["gamma"] = "gamma"
    stated_mean: Place = Field(default=Quantity(1.0, "factor"), alias="mean")
    cv: Spread

    def _ppf(self, u: Floats) -> Floats:
        shape = self.cv**-2
        return np.asarray(special.gammaincinv(shape, u) * (self.stated_mean.value / shape))

    def _cdf(self, x: Floats) -> Floats:
        shape = self.cv**-2
        below = np.maximum(x, 0.0)
        return np.asarray(special.gammainc(shape, below / (self.stated_mean.value / shape)))

    def mean(self) -> float:
        return self.stated_mean.value

    def variance(self) -> float:
        return (self.stated_mean.value * self.cv) ** 2
