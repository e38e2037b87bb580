"""Table (分位数表): quantiles as observed or judged, straight lines between them."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from fundsim.money import PPM
from fundsim.terms import Rate, problem
from fundsim.uncertainty.distributions.base import Distribution, Floats
from fundsim.uncertainty.quantity import Place


class Table(Distribution):
    """Written as ``{family: table, at: [0%, 50%, 100%], values: [x0.9, x1, x1.3]}``, both rising.

    Between two quantiles the distribution is uniform. SciPy: ``rv_histogram`` of the same masses.
    """

    PLACES: ClassVar = ("values",)

    family: Literal["table"] = "table"
    at: Annotated[list[Rate], Field(min_length=2)]
    """Probabilities of not exceeding the values, from 0% to 100%, ppm."""
    values: list[Place]

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        shares, points = self._knots
        if len(shares) != len(points):
            why = f"{len(shares)} probabilities have {len(points)} values"
            raise problem("values", why, "write one value for each probability", ("values",))
        if shares[0] != 0 or shares[-1] != 1:
            raise problem(
                "ends", "the table does not run from 0% to 100%", "write the lowest and the highest value", ("at",)
            )
        for key, row in (("at", shares), ("values", points)):
            if not all(np.diff(row) > 0):
                raise problem("order", f"'{key}' does not rise", "write a larger value at each place", (key,))
        return self

    @property
    def _knots(self) -> tuple[Floats, Floats]:
        return np.array(self.at) / PPM, np.array([value.value for value in self.values])

    def _ppf(self, u: Floats) -> Floats:
        return np.asarray(np.interp(u, *self._knots))

    def _cdf(self, x: Floats) -> Floats:
        shares, points = self._knots
        return np.asarray(np.interp(x, points, shares))

    def mean(self) -> float:
        shares, points = self._knots
        return float(np.sum(np.diff(shares) * (points[1:] + points[:-1])) / 2)

    def variance(self) -> float:
        shares, points = self._knots
        low, high = points[:-1] - self.mean(), points[1:] - self.mean()
        return float(np.sum(np.diff(shares) * (low**2 + low * high + high**2)) / 3)
