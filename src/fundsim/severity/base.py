"""What every cost family (费用分布族) offers, the types of its parameters, and the closed generalised Pareto tail.

Amounts in the *terms* are fen, as everywhere a user writes them; all *methods* take and return yuan as floats,
element by element over arrays, because a distribution is a real-valued model and not an account.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Self

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, model_validator

from fundsim.money import format_yuan
from fundsim.terms import Money, Number, Terms, problem

Floats = npt.NDArray[np.float64]
"""Yuan, probabilities or densities per yuan, element by element; a scalar gives an array of no dimension."""

FEN: Final = 100
"""Fen in a yuan."""


def _above_zero(value: int) -> int:
    if value <= 0:
        raise problem("not_positive", f"{format_yuan(value)} yuan is not above zero", "write an amount above zero")
    return value


def _positive(value: float) -> float:
    if value <= 0:
        raise problem("not_positive", f"{value:g} is not above zero", "write a number above zero, such as 1.2")
    return value


def _spread(value: float) -> float:
    if not 0.001 <= value <= 1000:
        raise problem(
            "coefficient_of_variation",
            f"a coefficient of variation of {value:g} is no spread that costs of care can have",
            "write standard deviation over mean as a number above zero, such as 1.2",
        )
    return value


def _tail_index(value: float) -> float:
    if value < 0:
        raise problem(
            "tail_index",
            f"index {value:g} is negative: such a tail ends at a largest possible bill",
            "write an index from 0 (an exponential tail) up to below 1",
        )
    if value >= 1:
        raise problem(
            "tail_index",
            f"with index {value:g} the mean bill is infinite, and so is every premium",
            "write an index below 1; medical costs have 0.2 to 0.5",
        )
    return value


PositiveMoney = Annotated[Money, AfterValidator(_above_zero)]
"""Fen, above zero."""
Positive = Annotated[Number, AfterValidator(_positive)]
"""A shape, above zero."""
Spread = Annotated[Number, AfterValidator(_spread)]
"""Standard deviation over mean: the coefficient of variation (变异系数), above zero (0.001 to 1000)."""
TailIndex = Annotated[Number, AfterValidator(_tail_index)]
"""The index (shape, ξ) of a generalised Pareto tail, 0 <= ξ < 1; ξ = 0 is the exponential tail."""


class SeverityFamily(Terms, ABC):
    """One cost family: the gross cost X > 0 of a case, in yuan, as a continuous distribution.

    A family writes its formulas for x strictly above ``lowest()``; the public methods extend them to all x.
    To add one: a file with a subclass, and a line in ``SEVERITIES``.
    """

    WAYS: ClassVar[tuple[tuple[str, ...], ...]] = ((),)
    """The alternative sets of parameters as written; exactly one of them must be given, whole."""

    family: str

    @model_validator(mode="after")
    def _given_in_one_way(self) -> Self:
        names = {field.alias or name: name for name, field in type(self).model_fields.items()}
        choices = dict.fromkeys(parameter for way in self.WAYS for parameter in way)
        given = tuple(choice for choice in choices if getattr(self, names[choice]) is not None)
        if set(given) not in [set(way) for way in self.WAYS]:
            ways = ", or ".join(" and ".join(way) for way in self.WAYS)
            raise problem(
                "parametrisation",
                f"{' and '.join(given) or 'nothing'} given, which does not make a {self.family} distribution",
                f"write either {ways}",
            )
        return self

    # -- what a family says ------------------------------------------------------------------------------------

    def lowest(self) -> float:
        """The lower end of the support, yuan."""
        return 0.0

    @abstractmethod
    def mean(self) -> float:
        """E[X], yuan (均值)."""

    @abstractmethod
    def variance(self) -> float:
        """Var[X], square yuan (方差); infinite where the tail makes it so."""

    def closed_tail(self) -> ClosedTail | None:
        """The generalised Pareto tail in closed form, None where the family has none."""
        return None

    def corners(self) -> Floats | None:
        """Costs, yuan and rising, between which the distribution is uniform; None where it is not made of such pieces.

        They run from ``lowest()`` to where the closed tail begins, or to the largest cost where there is none.
        """
        return None

    @abstractmethod
    def _pdf(self, x: Floats) -> Floats: ...

    @abstractmethod
    def _cdf(self, x: Floats) -> Floats: ...

    @abstractmethod
    def _survival(self, x: Floats) -> Floats: ...

    @abstractmethod
    def _quantile(self, u: Floats) -> Floats: ...

    @abstractmethod
    def _quantile_upper(self, v: Floats) -> Floats: ...

    @abstractmethod
    def _limited_mean(self, d: Floats) -> Floats: ...

    @abstractmethod
    def _stop_loss(self, d: Floats) -> Floats: ...

    # -- what everybody asks -----------------------------------------------------------------------------------

    def pdf(self, x: npt.ArrayLike) -> Floats:
        """The density at ``x`` yuan, per yuan (密度)."""
        inside, safe = self._inside(x)
        with np.errstate(over="ignore"):
            return np.where(inside, self._pdf(safe), 0.0)

    def cdf(self, x: npt.ArrayLike) -> Floats:
        """P(X <= x) (分布函数)."""
        inside, safe = self._inside(x)
        with np.errstate(over="ignore"):
            return np.where(inside, self._cdf(safe), 0.0)

    def survival(self, x: npt.ArrayLike) -> Floats:
        """P(X > x), accurate far into the tail (生存函数)."""
        inside, safe = self._inside(x)
        with np.errstate(over="ignore"):
            return np.where(inside, self._survival(safe), 1.0)

    def quantile(self, u: npt.ArrayLike) -> Floats:
        """The cost that a share ``u`` of all cases does not exceed (分位数), 0 <= u <= 1."""
        with np.errstate(divide="ignore"):
            return np.asarray(self._quantile(np.asarray(u, dtype=np.float64)))

    def quantile_upper(self, v: npt.ArrayLike) -> Floats:
        """The cost that a share ``v`` of all cases exceeds: ``quantile(1 - v)`` without the cancellation.

        Accurate for any v above zero, also at 2**-64 where ``1 - v`` is no longer a number of its own.
        """
        with np.errstate(divide="ignore"):
            return np.asarray(self._quantile_upper(np.asarray(v, dtype=np.float64)))

    def limited_mean(self, d: npt.ArrayLike) -> Floats:
        """E[min(X, d)], yuan: the limited expected value (有限期望值)."""
        limit = np.asarray(d, dtype=np.float64)
        inside, safe = self._inside(limit)
        with np.errstate(over="ignore"):
            return np.where(np.isposinf(limit), self.mean(), np.where(inside, self._limited_mean(safe), limit))

    def stop_loss(self, d: npt.ArrayLike) -> Floats:
        """E[max(X - d, 0)], yuan: the stop-loss premium above the deductible ``d`` (停损保费)."""
        limit = np.asarray(d, dtype=np.float64)
        inside, safe = self._inside(limit)
        with np.errstate(over="ignore"):
            beyond = np.where(inside, self._stop_loss(safe), self.mean() - safe)
        return np.where(np.isposinf(limit), 0.0, np.where(inside, beyond, self.mean() - limit))

    def _inside(self, x: npt.ArrayLike) -> tuple[npt.NDArray[np.bool_], Floats]:
        """Where ``x`` lies above the support's lower end, and ``x`` with a harmless finite value elsewhere."""
        values = np.asarray(x, dtype=np.float64)
        inside = values > self.lowest()
        return inside, np.where(inside & np.isfinite(values), values, _harmless(self.lowest(), values))


def _harmless(lowest: float, values: Floats) -> Floats:
    """A value every formula can bear: the largest double for +infinity, a yuan above the support for the rest."""
    return np.where(np.isposinf(values), np.finfo(np.float64).max, lowest + 1.0)


@dataclass(frozen=True)
class ClosedTail:
    """A generalised Pareto tail (广义帕累托尾部): P(X > x) = weight·(1 + index·(x - threshold)/scale)^(-1/index).

    At index 0 it is weight·exp(-(x - threshold)/scale). The excess over the threshold is
    ``scipy.stats.genpareto(c=index, scale=scale)``; see Embrechts, Klüppelberg and
    Mikosch, *Modelling Extremal Events*, section 3.4.
    All methods hold for x at or above the threshold and v at or below the weight only.
    """

    weight: float
    """P(X > threshold)."""
    threshold: float
    """Yuan."""
    scale: float
    """Yuan."""
    index: float

    def survival(self, x: Floats) -> Floats:
        """P(X > x)."""
        return np.asarray(self.weight * np.exp(-self._hazard(x)))

    def share_below(self, x: Floats) -> Floats:
        """P(X <= x given X > threshold)."""
        return np.asarray(-np.expm1(-self._hazard(x)))

    def pdf(self, x: Floats) -> Floats:
        """Density per yuan."""
        return self.survival(x) / (self.scale + self.index * (x - self.threshold))

    def quantile_upper(self, v: Floats) -> Floats:
        """Cost exceeded with probability ``v``: threshold + scale·((v/weight)^(-index) - 1)/index."""
        return self._at(np.log(v / self.weight))

    def quantile_within(self, u: Floats) -> Floats:
        """Cost that a share ``u`` of the cases of the tail does not exceed."""
        return self._at(np.log1p(-u))

    def mean_excess(self) -> float:
        """E[X - threshold given X > threshold], yuan (平均超额)."""
        return self.scale / (1.0 - self.index)

    def second_moment_of_excess(self) -> float:
        """E[(X - threshold)² given X > threshold]; infinite from index 1/2 on."""
        if self.index >= 0.5:
            return np.inf
        return 2.0 * self.scale**2 / ((1.0 - self.index) * (1.0 - 2.0 * self.index))

    def limited_excess(self, d: Floats) -> Floats:
        """E[min(X, d) - threshold given X > threshold], yuan."""
        return np.asarray(-self.mean_excess() * np.expm1(-(1.0 - self.index) * self._hazard(d)))

    def stop_loss(self, d: Floats) -> Floats:
        """E[max(X - d, 0)], yuan: survival beyond d times the mean excess over d, as one power that cannot overflow."""
        return np.asarray(self.weight * self.mean_excess() * np.exp(-(1.0 - self.index) * self._hazard(d)))

    def _at(self, log_share: Floats) -> Floats:
        """The cost with log P(X > cost given X > threshold) = ``log_share``."""
        if self.index == 0.0:
            return self.threshold - self.scale * log_share
        return np.asarray(self.threshold + self.scale * np.expm1(-self.index * log_share) / self.index)

    def _hazard(self, x: Floats) -> Floats:
        """-log P(X > x given X > threshold)."""
        ratio = (x - self.threshold) / self.scale
        return ratio if self.index == 0.0 else np.asarray(np.log1p(self.index * ratio) / self.index)
