"""Gamma costs (伽马): a light tail, for bills that are kept within bounds."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from scipy import special

from fundsim.severity.base import FEN, Floats, Positive, PositiveMoney, SeverityFamily, Spread


class Gamma(SeverityFamily):
    """Density proportional to x^(shape - 1)·exp(-x/scale).

    Written as ``{family: gamma, mean: 5000 yuan, cv: 0.8}`` or with ``shape`` and ``scale``. With mean m and
    coefficient of variation c: shape = 1/c², scale = m·c². SciPy: ``gamma(a=shape, scale=scale)``.
    Formulas: Klugman, Panjer and Willmot, *Loss Models*, Appendix A.3.2.
    """

    WAYS: ClassVar = (("mean", "cv"), ("shape", "scale"))

    family: Literal["gamma"] = "gamma"
    stated_mean: PositiveMoney | None = Field(default=None, alias="mean")
    """Mean cost."""
    cv: Spread | None = None
    """Standard deviation over mean."""
    shape: Positive | None = None
    scale: PositiveMoney | None = None

    @property
    def natural(self) -> tuple[float, float]:
        """Shape, and scale in yuan."""
        if self.shape is not None and self.scale is not None:
            return self.shape, self.scale / FEN
        assert self.stated_mean is not None
        assert self.cv is not None
        return self.cv**-2, self.stated_mean / FEN * self.cv**2

    def mean(self) -> float:
        shape, scale = self.natural
        return shape * scale

    def variance(self) -> float:
        shape, scale = self.natural
        return shape * scale**2

    def _pdf(self, x: Floats) -> Floats:
        shape, scale = self.natural
        y = x / scale
        return np.asarray(np.exp(special.xlogy(shape - 1.0, y) - y - special.gammaln(shape)) / scale)

    def _cdf(self, x: Floats) -> Floats:
        shape, scale = self.natural
        return np.asarray(special.gammainc(shape, x / scale))

    def _survival(self, x: Floats) -> Floats:
        shape, scale = self.natural
        return np.asarray(special.gammaincc(shape, x / scale))

    def _quantile(self, u: Floats) -> Floats:
        shape, scale = self.natural
        return np.asarray(scale * special.gammaincinv(shape, u))

    def _quantile_upper(self, v: Floats) -> Floats:
        shape, scale = self.natural
        return np.asarray(scale * special.gammainccinv(shape, v))

    def _limited_mean(self, d: Floats) -> Floats:
        shape, scale = self.natural
        return np.asarray(self.mean() * special.gammainc(shape + 1.0, d / scale) + d * self._survival(d))

    def _stop_loss(self, d: Floats) -> Floats:
        shape, scale = self.natural
        return np.asarray(self.mean() * special.gammaincc(shape + 1.0, d / scale) - d * self._survival(d))
