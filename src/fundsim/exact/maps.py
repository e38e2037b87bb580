"""Piecewise-linear maps of an amount (分段线性函数), yuan as floats: what of a bill counts, and what is paid on it.

They are the curves of :mod:`fundsim.curves` as functions of a real amount: no rounding to the fen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fundsim.curves import PayoutCurve
from fundsim.money import PPM

Floats = npt.NDArray[np.float64]
FEN = 100


@dataclass(frozen=True, eq=False)
class PiecewiseMap:
    """A continuous function of amounts from 0 on: straight between its knots, and straight after the last one."""

    knots: Floats
    """(k,) yuan; the first is 0, and they increase strictly."""
    values: Floats
    """(k,) yuan."""
    last: float
    """Slope after the last knot."""

    @classmethod
    def straight(cls, slope: float) -> PiecewiseMap:
        """``slope`` times the amount."""
        return cls(np.zeros(1), np.zeros(1), slope)

    @classmethod
    def level(cls, value: float) -> PiecewiseMap:
        """The same value at every amount."""
        return cls(np.zeros(1), np.array([value]), 0.0)

    @classmethod
    def of_curve(cls, curve: PayoutCurve, cap: int | None = None) -> PiecewiseMap:
        """A payout curve, limited by a cap (fen)."""
        slopes = np.array(curve.rates) / PPM
        knots = np.array(curve.knots) / FEN
        values = np.concatenate([[0.0], np.cumsum(slopes[:-1] * np.diff(knots))])
        pays = cls(knots, values, float(slopes[-1]))
        return pays if cap is None else pays.least(cls.level(cap / FEN))

    @property
    def slopes(self) -> Floats:
        """(k,) the slope from each knot on."""
        return np.append(np.diff(self.values) / np.diff(self.knots), self.last)

    @property
    def rises(self) -> bool:
        """Whether it never falls."""
        return bool((self.slopes >= -1e-12).all())

    @property
    def highest(self) -> float:
        """The largest value of a map that never falls; infinite where it rises for ever."""
        return float(self.values[-1]) if self.last <= 0 else np.inf

    def __call__(self, x: npt.ArrayLike) -> Floats:
        at = np.asarray(x, dtype=np.float64)
        beyond = np.maximum(at - self.knots[-1], 0.0) * self.last
        return np.asarray(np.interp(at, self.knots, self.values) + beyond)

    def plus(self, other: PiecewiseMap, sign: float = 1.0) -> PiecewiseMap:
        """The sum with ``sign`` times another map."""
        return _laid(np.union1d(self.knots, other.knots), lambda x: self(x) + sign * other(x))

    def times(self, factor: float) -> PiecewiseMap:
        """The map times a number."""
        return PiecewiseMap(self.knots, self.values * factor, self.last * factor)

    def least(self, other: PiecewiseMap) -> PiecewiseMap:
        """The smaller of two maps at every amount."""
        return _laid(_with_crossings(self, other), lambda x: np.minimum(self(x), other(x)))

    def most(self, other: PiecewiseMap) -> PiecewiseMap:
        """The larger of two maps at every amount."""
        return _laid(_with_crossings(self, other), lambda x: np.maximum(self(x), other(x)))

    def after(self, inner: PiecewiseMap) -> PiecewiseMap:
        """What the map makes of what ``inner``, which must not be negative, makes of an amount."""
        crossings = [_with_crossings(inner, PiecewiseMap.level(float(knot))) for knot in self.knots]
        return _laid(np.unique(np.concatenate(crossings)), lambda x: self(inner(x)))


def _with_crossings(one: PiecewiseMap, other: PiecewiseMap) -> Floats:
    """The knots of two maps, and where they cross between and after them."""
    knots = np.union1d(one.knots, other.knots)
    apart = one(knots) - other(knots)
    found = [knots]
    crossed = np.flatnonzero(apart[:-1] * apart[1:] < 0)
    part = apart[crossed] / (apart[crossed] - apart[crossed + 1])
    found.append(knots[crossed] + part * (knots[crossed + 1] - knots[crossed]))
    closing = other.last - one.last
    if apart[-1] * closing > 0:
        found.append(knots[-1:] + apart[-1] / closing)
    return np.unique(np.concatenate(found))


def _laid(knots: Floats, function: Callable[[Floats], Floats]) -> PiecewiseMap:
    """The map with these values, without knots at which nothing turns."""
    reach = max(float(knots[-1]), 1.0)
    values, last = function(knots), float(function(knots[-1:] + reach)[0] - function(knots[-1:])[0]) / reach
    last = last if abs(last) > 1e-12 else 0.0
    slopes = np.append(np.diff(values) / np.diff(knots), last)
    turns = np.abs(np.diff(slopes)) > 1e-12 * np.maximum(np.abs(slopes[:-1]), np.abs(slopes[1:]))
    kept = np.concatenate([[True], turns])
    return PiecewiseMap(knots[kept], values[kept], last)
