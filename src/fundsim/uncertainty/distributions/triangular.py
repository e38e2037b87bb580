"""Triangular (三角): a lowest, a likeliest and a highest value, as experts state them."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from fundsim.terms import problem
from fundsim.uncertainty.distributions.base import Distribution, Floats
from fundsim.uncertainty.quantity import Place


class Triangular(Distribution):
    """Written as ``{family: triangular, from: x0.9, mode: x1, to: x1.3}``.

    SciPy: ``triang(c=(mode - from)/(to - from), loc=from, scale=to - from)``.
    """

    PLACES: ClassVar = ("from", "mode", "to")

    family: Literal["triangular"] = "triangular"
    from_: Place = Field(alias="from")
    mode: Place
    """The likeliest value."""
    to: Place

    @model_validator(mode="after")
    def _runs_upwards(self) -> Self:
        low, mode, high = self._corners
        if not (low <= mode <= high and low < high):
            raise problem(
                "order", "'from', 'mode' and 'to' do not run upwards", "write the lowest value first", ("to",)
            )
        return self

    @property
    def _corners(self) -> tuple[float, float, float]:
        return self.from_.value, self.mode.value, self.to.value

    def _ppf(self, u: Floats) -> Floats:
        low, mode, high = self._corners
        share = u
        rising = low + np.sqrt(share * (high - low) * (mode - low))
        falling = high - np.sqrt((1.0 - share) * (high - low) * (high - mode))
        return np.where(share < (mode - low) / (high - low), rising, falling)

    def _cdf(self, x: Floats) -> Floats:
        low, mode, high = self._corners
        inside = np.clip(x, low, high)
        with np.errstate(invalid="ignore", divide="ignore"):
            rising = (inside - low) ** 2 / ((high - low) * (mode - low))
            falling = 1.0 - (high - inside) ** 2 / ((high - low) * (high - mode))
        return np.where(inside < mode, rising, np.where(inside >= high, 1.0, falling))

    def mean(self) -> float:
        return sum(self._corners) / 3

    def variance(self) -> float:
        low, mode, high = self._corners
        return float((low**2 + mode**2 + high**2 - low * mode - low * high - mode * high) / 18)
