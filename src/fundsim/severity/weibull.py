"""Weibull costs (威布尔): between gamma and lognormal in the tail where the shape is below one."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field
from scipy import special

from fundsim.severity.base import FEN, Floats, Positive, PositiveMoney, SeverityFamily, Spread
from fundsim.severity.roots import increasing_root


class Weibull(SeverityFamily):
    """P(X > x) = exp(-(x/scale)^shape).

    Written as ``{family: weibull, mean: 5000 yuan, cv: 1.1}`` or with ``shape`` and ``scale``. The shape k belongs
    to the coefficient of variation c by Γ(1 + 2/k)/Γ(1 + 1/k)² = 1 + c², and mean = scale·Γ(1 + 1/k).
    SciPy: ``weibull_min(c=shape, scale=scale)``. Formulas: Klugman, Panjer and Willmot, *Loss Models*,
    Appendix A.3.2.
    """

    WAYS: ClassVar = (("mean", "cv"), ("shape", "scale"))

    family: Literal["weibull"] = "weibull"
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
        inverse_shape = _inverse_shape(self.cv)
        return 1.0 / inverse_shape, self.stated_mean / FEN / math.gamma(1.0 + inverse_shape)

    def mean(self) -> float:
        shape, scale = self.natural
        return scale * math.gamma(1.0 + 1.0 / shape)

    def variance(self) -> float:
        return self.mean() ** 2 * math.expm1(_log_moment_ratio(1.0 / self.natural[0]))

    def _pdf(self, x: Floats) -> Floats:
        shape, scale = self.natural
        log_ratio = np.log(x / scale)
        return np.exp(math.log(shape) + shape * log_ratio - np.exp(shape * log_ratio)) / x

    def _cdf(self, x: Floats) -> Floats:
        return np.asarray(-np.expm1(-self._hazard(x)))

    def _survival(self, x: Floats) -> Floats:
        return np.asarray(np.exp(-self._hazard(x)))

    def _quantile(self, u: Floats) -> Floats:
        shape, scale = self.natural
        return np.asarray(scale * (-np.log1p(-u)) ** (1.0 / shape))

    def _quantile_upper(self, v: Floats) -> Floats:
        shape, scale = self.natural
        return np.asarray(scale * (-np.log(v)) ** (1.0 / shape))

    def _limited_mean(self, d: Floats) -> Floats:
        order = 1.0 + 1.0 / self.natural[0]
        return np.asarray(self.mean() * special.gammainc(order, self._hazard(d)) + d * self._survival(d))

    def _stop_loss(self, d: Floats) -> Floats:
        order = 1.0 + 1.0 / self.natural[0]
        return np.asarray(self.mean() * special.gammaincc(order, self._hazard(d)) - d * self._survival(d))

    def _hazard(self, x: Floats) -> Floats:
        """-log P(X > x)."""
        shape, scale = self.natural
        return np.asarray((x / scale) ** shape)


def _log_moment_ratio(inverse_shape: float) -> float:
    """log(E[X²]/E[X]²)."""
    return math.lgamma(1.0 + 2.0 * inverse_shape) - 2.0 * math.lgamma(1.0 + inverse_shape)


@lru_cache(maxsize=256)
def _inverse_shape(cv: float) -> float:
    return increasing_root(_log_moment_ratio, math.log1p(cv**2))
