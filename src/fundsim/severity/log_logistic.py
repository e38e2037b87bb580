"""Log-logistic costs (对数逻辑斯蒂): a lognormal-like body with a power tail."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import AfterValidator, Field
from scipy import special

from fundsim.severity.base import FEN, Floats, PositiveMoney, SeverityFamily, Spread
from fundsim.severity.roots import increasing_root
from fundsim.terms import Number, problem


def _with_a_mean(shape: float) -> float:
    if shape <= 1:
        raise problem(
            "tail_index",
            f"with shape {shape:g} the mean bill is infinite, and so is every premium",
            "write a shape above 1; medical costs have 2 to 5",
        )
    return shape


class LogLogistic(SeverityFamily):
    """P(X > x) = 1/(1 + (x/median)^shape): the odds of exceeding x fall as a power of x.

    Written as ``{family: log-logistic, mean: 5000 yuan, cv: 1.5}`` or with ``median`` and ``shape``. With
    b = π/shape: mean = median·b/sin b, and the coefficient of variation c fixes b by tan(b)/b = 1 + c²; a finite c
    means a shape above 2. SciPy: ``fisk(c=shape, scale=median)``. Formulas: Klugman, Panjer and Willmot,
    *Loss Models*, Appendix A.2.3 (loglogistic).
    """

    WAYS: ClassVar = (("mean", "cv"), ("median", "shape"))

    family: Literal["log-logistic"] = "log-logistic"
    stated_mean: PositiveMoney | None = Field(default=None, alias="mean")
    """Mean cost."""
    cv: Spread | None = None
    """Standard deviation over mean."""
    median: PositiveMoney | None = None
    """Cost that half the cases exceed."""
    shape: Annotated[Number, AfterValidator(_with_a_mean)] | None = None
    """Above 1; the variance is finite above 2."""

    @property
    def natural(self) -> tuple[float, float]:
        """Shape, and median in yuan."""
        if self.shape is not None and self.median is not None:
            return self.shape, self.median / FEN
        assert self.stated_mean is not None
        assert self.cv is not None
        angle = _angle(self.cv)
        return math.pi / angle, self.stated_mean / FEN * math.sin(angle) / angle

    def mean(self) -> float:
        shape, median = self.natural
        angle = math.pi / shape
        return median * angle / math.sin(angle)

    def variance(self) -> float:
        shape, median = self.natural
        if shape <= 2:
            return math.inf
        angle = math.pi / shape
        return median**2 * (2.0 * angle / math.sin(2.0 * angle) - (angle / math.sin(angle)) ** 2)

    def _pdf(self, x: Floats) -> Floats:
        return self.natural[0] / x * self._cdf(x) * self._survival(x)

    def _cdf(self, x: Floats) -> Floats:
        return np.asarray(special.expit(self._log_odds(x)))

    def _survival(self, x: Floats) -> Floats:
        return np.asarray(special.expit(-self._log_odds(x)))

    def _quantile(self, u: Floats) -> Floats:
        shape, median = self.natural
        return np.asarray(median * np.exp(special.logit(u) / shape))

    def _quantile_upper(self, v: Floats) -> Floats:
        shape, median = self.natural
        return np.asarray(median * np.exp(-special.logit(v) / shape))

    def _limited_mean(self, d: Floats) -> Floats:
        gain = 1.0 / self.natural[0]
        share, rest = self._cdf(d), self._survival(d)
        low, high = special.betainc(1.0 + gain, 1.0 - gain, share), special.betaincc(1.0 - gain, 1.0 + gain, rest)
        return self.mean() * np.where(share < 0.5, low, high) + d * rest

    def _stop_loss(self, d: Floats) -> Floats:
        gain = 1.0 / self.natural[0]
        above = special.betainc(1.0 - gain, 1.0 + gain, self._survival(d))
        return np.asarray(self.mean() * above - d * self._survival(d))

    def _log_odds(self, x: Floats) -> Floats:
        shape, median = self.natural
        return np.asarray(shape * np.log(x / median))


@lru_cache(maxsize=256)
def _angle(cv: float) -> float:
    """The b in (0, π/2) with tan(b)/b = 1 + cv², found through y = tan b, which runs over all y > 0."""
    return math.atan(increasing_root(lambda slope: slope / math.atan(slope), 1.0 + cv**2))
