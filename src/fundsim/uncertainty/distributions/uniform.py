"""Uniform (均匀): between two bounds, nothing known in between."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from fundsim.terms import problem
from fundsim.uncertainty.distributions.base import Distribution, Floats
from fundsim.uncertainty.quantity import Place


class Uniform(Distribution):
    """Written as ``{family: uniform, from: x0.9, to: x1.2}``. SciPy: ``uniform(loc=from, scale=to - from)``."""

    PLACES: ClassVar = ("from", "to")

    family: Literal["uniform"] = "uniform"
    from_: Place = Field(alias="from")
    to: Place

    @model_validator(mode="after")
    def _runs_upwards(self) -> Self:
        if not self.from_.value < self.to.value:
            raise problem("order", "'from' is not below 'to'", "write the lower bound after 'from'", ("to",))
        return self

    def _ppf(self, u: Floats) -> Floats:
        return np.asarray(self.from_.value + (self.to.value - self.from_.value) * u)

    def _cdf(self, x: Floats) -> Floats:
        share = (x - self.from_.value) / (self.to.value - self.from_.value)
        return np.clip(share, 0.0, 1.0)

    def mean(self) -> float:
        return (self.from_.value + self.to.value) / 2

    def variance(self) -> float:
        return float((self.to.value - self.from_.value) ** 2 / 12)
