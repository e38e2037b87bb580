"""Normal (正态): the usual distribution of an error that is added."""

from __future__ import annotations

import math
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator
from scipy import special

from fundsim.terms import problem
from fundsim.uncertainty.distributions.base import Distribution, Floats
from fundsim.uncertainty.quantity import Place, Quantity, Width


class Normal(Distribution):
    """Written as ``{family: normal, sd: 2pp}``, with mean 0pp where none is stated. SciPy: ``norm(loc, scale)``."""

    PLACES: ClassVar = ("mean",)
    WIDTHS: ClassVar = ("sd",)

    family: Literal["normal"] = "normal"
    stated_mean: Place = Field(default=Quantity(0.0, "points"), alias="mean")
    sd: Width
    """Standard deviation, in the unit of the input."""

    @model_validator(mode="after")
    def _spreads(self) -> Self:
        if not self.sd.value > 0:
            raise problem("spread", "a standard deviation must be above zero", "write one such as 2pp or 0.05", ("sd",))
        return self

    def _ppf(self, u: Floats) -> Floats:
        return np.asarray(self.stated_mean.value + self.sd.value * special.ndtri(u))

    def _cdf(self, x: Floats) -> Floats:
        return np.asarray(special.ndtr((x - self.stated_mean.value) / self.sd.value))

    def mean(self) -> float:
        return self.stated_mean.value

    def variance(self) -> float:
        return math.pow(self.sd.value, 2)
