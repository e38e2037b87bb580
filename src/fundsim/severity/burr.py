"""Burr XII costs (伯尔十二型): a body as free as the lognormal's with a power tail of its own weight."""

from __future__ import annotations

import math
from typing import ClassVar, Literal, Self

import numpy as np
from pydantic import model_validator
from scipy import special

from fundsim.severity.base import FEN, Floats, Positive, PositiveMoney, SeverityFamily
from fundsim.terms import problem


class BurrXII(SeverityFamily):
    """P(X > x) = (1 + (x/scale)^c)^(-d): near zero like x^c, far out a Pareto tail of index 1/(c·d).

    Written as ``{family: burr-xii, c: 2, d: 1.3, scale: 6000 yuan}``. SciPy: ``burr12(c=c, d=d, scale=scale)``. At
    d = 1 it is the log-logistic, at c = 1 the generalised Pareto from zero on. Formulas: Klugman, Panjer and Willmot,
    *Loss Models*, Appendix A.2.2 (γ = c, α = d, θ = scale).
    """

    WAYS: ClassVar = (("c", "d", "scale"),)

    family: Literal["burr-xii"] = "burr-xii"
    c: Positive | None = None
    """Power of the body."""
    d: Positive | None = None
    """Power of the tail: P(X > x) falls as x^(-c·d)."""
    scale: PositiveMoney | None = None

    @model_validator(mode="after")
    def _with_a_mean(self) -> Self:
        shape, power, _ = self.natural
        if shape * power <= 1:
            raise problem(
                "tail_index",
                f"with c·d = {shape * power:g} the mean bill is infinite, and so is every premium",
                "write c and d whose product is above 1; medical costs have 2 to 5",
            )
        return self

    @property
    def natural(self) -> tuple[float, float, float]:
        """c, d, and scale in yuan."""
        assert self.c is not None
        assert self.d is not None
        assert self.scale is not None
        return self.c, self.d, self.scale / FEN

    def mean(self) -> float:
        return self._moment(1)

    def variance(self) -> float:
        c, d, _ = self.natural
        return math.inf if c * d <= 2 else self._moment(2) - self._moment(1) ** 2

    def _moment(self, order: int) -> float:
        c, d, scale = self.natural
        gain = order / c
        return scale**order * math.exp(math.log(d) + float(special.betaln(d - gain, 1.0 + gain)))

    def _pdf(self, x: Floats) -> Floats:
        c, d, _ = self.natural
        log_power = self._log_power(x)
        return np.exp(math.log(c * d) + log_power - (d + 1.0) * _log_one_plus(log_power)) / x

    def _cdf(self, x: Floats) -> Floats:
        return np.asarray(-np.expm1(-self._hazard(x)))

    def _survival(self, x: Floats) -> Floats:
        return np.asarray(np.exp(-self._hazard(x)))

    def _quantile(self, u: Floats) -> Floats:
        return self._at(-np.log1p(-u))

    def _quantile_upper(self, v: Floats) -> Floats:
        return self._at(-np.log(v))

    def _limited_mean(self, d: Floats) -> Floats:
        return self.mean() * self._share_of_cost(d) + d * self._survival(d)

    def _stop_loss(self, d: Floats) -> Floats:
        c, power, _ = self.natural
        above = special.betainc(power - 1.0 / c, 1.0 + 1.0 / c, special.expit(-self._log_power(d)))
        return np.asarray(self.mean() * above - d * self._survival(d))

    def _share_of_cost(self, x: Floats) -> Floats:
        """E[X; X <= x]/E[X], from the end that is nearer."""
        c, power, _ = self.natural
        log_power = self._log_power(x)
        low = special.betainc(1.0 + 1.0 / c, power - 1.0 / c, special.expit(log_power))
        high = special.betaincc(power - 1.0 / c, 1.0 + 1.0 / c, special.expit(-log_power))
        return np.where(log_power < 0.0, low, high)

    def _at(self, hazard: Floats) -> Floats:
        """The cost with -log P(X > cost) = ``hazard``."""
        c, d, scale = self.natural
        return np.asarray(scale * np.expm1(hazard / d) ** (1.0 / c))

    def _hazard(self, x: Floats) -> Floats:
        """-log P(X > x)."""
        return self.natural[1] * _log_one_plus(self._log_power(x))

    def _log_power(self, x: Floats) -> Floats:
        """log((x/scale)^c)."""
        c, _, scale = self.natural
        return np.asarray(c * np.log(x / scale))


def _log_one_plus(log_power: Floats) -> Floats:
    """log(1 + e^log_power) without overflow."""
    return np.asarray(np.logaddexp(0.0, log_power))
