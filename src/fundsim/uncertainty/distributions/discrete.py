"""Discrete (离散): a few values with their probabilities, such as the two outcomes of a negotiation."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from fundsim.money import PPM
from fundsim.terms import Rate, problem
from fundsim.uncertainty.distributions.base import Distribution, Floats
from fundsim.uncertainty.quantity import Place


class Discrete(Distribution):
    """Written as ``{family: discrete, values: [x1, x1.15], probabilities: [70%, 30%]}``, the values rising.

    SciPy: ``rv_discrete(values=(values, probabilities))``.
    """

    PLACES: ClassVar = ("values",)
    CONTINUOUS: ClassVar = False

    family: Literal["discrete"] = "discrete"
    values: Annotated[list[Place], Field(min_length=2)]
    probabilities: list[Rate]
    """Ppm; they add up to 100%."""

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        points, chances = self._points, self.probabilities
        if len(chances) != len(points):
            why = f"{len(points)} values have {len(chances)} probabilities"
            raise problem("probabilities", why, "write one probability for each value", ("probabilities",))
        if not all(np.diff(points) > 0):
            raise problem("order", "the values do not rise", "write the lowest value first, each once", ("values",))
        if sum(chances) != PPM:
            why = f"the probabilities add up to {sum(chances) / 10_000:g}%"
            raise problem("probabilities", why, "let the probabilities add up to 100%", ("probabilities",))
        return self

    @property
    def _points(self) -> Floats:
        return np.array([value.value for value in self.values])

    def _ppf(self, u: Floats) -> Floats:
        below = np.cumsum(self.probabilities)[:-1] / PPM
        return np.asarray(self._points[np.searchsorted(below, u, side="right")])

    def _cdf(self, x: Floats) -> Floats:
        below = np.concatenate([[0], np.cumsum(self.probabilities)]) / PPM
        return np.asarray(below[np.searchsorted(self._points, x, side="right")])

    def mean(self) -> float:
        return float(np.dot(self._points, self.probabilities) / PPM)

    def variance(self) -> float:
        return float(np.dot((self._points - self.mean()) ** 2, self.probabilities) / PPM)
