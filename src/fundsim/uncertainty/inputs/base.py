"""What every uncertain input (不确定参数) states, and the arithmetic that several of them share."""

from __future__ import annotations

from abc import ABC
from typing import Annotated, ClassVar, Final, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field, model_validator

from fundsim.terms import Number, Terms, problem
from fundsim.uncertainty.distributions import AnyDistribution, Distribution, Truncated
from fundsim.uncertainty.quantity import Place, Unit, not_in_unit

Floats = npt.NDArray[np.float64]
Persons = npt.NDArray[np.int64]
Marginal = Distribution | Truncated
"""How an input is distributed by itself."""

LEAST: Final = 1e-40
"""A probability that no uniform of 52 bits, nor a sum of such scores, comes near."""
LEAST_MASS: Final = 0.1
"""Least part of a distribution that a range may leave."""
_ERROR_OF_GROWTH: Final = (-0.5, 1.0)
"""Errors of yearly growth beyond -50 and +100 points are no errors of a forecast."""
_WITHIN: Final[dict[Unit, str]] = {"factor": "[x0.5, x2]", "points": "[-10pp, 10pp]", "number": "[0.2, 0.45]"}


class Input(Terms, ABC):
    """One thing that is not known: drawn once per replication, and shared by everybody in it.

    Without ``distribution`` it must stand in a joint one.
    To add a kind: a file with a subclass, and a line in ``INPUTS``.
    """

    UNIT: ClassVar[Unit] = "factor"
    """What is drawn: a factor, points added to a yearly growth (as a fraction), or an index."""
    BY_YEAR: ClassVar[bool] = False
    """Whether every year has a draw of its own."""
    NAME: ClassVar[dict[Literal["zh", "en"], str]]

    of: str
    title: dict[Literal["zh", "en"], str] | None = None
    distribution: AnyDistribution | None = None
    within: Annotated[list[Place], Field(min_length=2, max_length=2)] | None = None
    """The range to which the distribution is truncated: the lowest and the highest value."""
    group: str | None = None
    """With which inputs it is one source of risk in a decomposition of variance; the input's own name by default."""

    @model_validator(mode="after")
    def _in_its_unit(self) -> Self:
        for at, why, instead in () if self.distribution is None else self.distribution.misfits(self.UNIT):
            assert self.distribution is not None
            raise problem("unit", why, instead, ("distribution", self.distribution.family, *at))
        for place, quantity in enumerate(self.within or ()):
            fault = not_in_unit("within", quantity, self.UNIT, width=False)
            if fault is not None:
                raise problem("unit", fault[0], f"write 'within: {_WITHIN[self.UNIT]}'", ("within", place))
        return self

    @model_validator(mode="after")
    def _can_be_drawn(self) -> Self:
        if self.within is not None and not self.within[0].value < self.within[1].value:
            raise problem("order", "the range does not run upwards", "write the lowest value first", ("within",))
        fault = None if self.distribution is None else self.fault_of(self.distribution)
        if fault is not None:
            raise problem("range", *fault, ("within",) if self.within is not None else ("distribution",))
        return self

    @property
    def drawn(self) -> str:
        """When it is drawn, in words; inputs that move together are drawn alike."""
        return "once"

    def marginal(self, whole: Distribution) -> Marginal:
        """The distribution of what is drawn, given that of the input before it is truncated."""
        if self.within is None or not whole.CONTINUOUS:
            return whole
        return Truncated(whole, self.within[0].value, self.within[1].value)

    def fault_of(self, whole: Distribution) -> tuple[str, str] | None:
        """Why an input cannot be distributed like this, and what to write instead; None where it can."""
        if self.within is not None:
            fault = self._badly_cut(whole, self.within[0].value, self.within[1].value)
            if fault is not None:
                return fault
        marginal = self.marginal(whole)
        low, high = float(marginal.ppf(LEAST)), float(marginal.ppf(1 - 2**-53))
        return self._out_of_reach(low, high)

    def _badly_cut(self, whole: Distribution, low: float, high: float) -> tuple[str, str] | None:
        if not whole.CONTINUOUS:
            return "stated values cannot be truncated", "delete 'within', and state only values that can be"
        mass = Truncated(whole, low, high).mass
        if mass < LEAST_MASS:
            return f"only {mass:.2%} of the distribution lies in this range", "write a range around its middle"
        return None

    def _out_of_reach(self, low: float, high: float) -> tuple[str, str] | None:
        if self.UNIT == "factor" and low <= 0:
            why = "this distribution reaches zero or less, and a factor must stay above it"
            return why, f"add 'within: {_WITHIN['factor']}', or write a family above zero, such as lognormal"
        if self.UNIT == "points" and not (_ERROR_OF_GROWTH[0] < low and high < _ERROR_OF_GROWTH[1]):
            why = f"this distribution reaches errors of yearly growth from {low * 100:+.3g} to {high * 100:+.3g} points"
            return why, f"add 'within: {_WITHIN['points']}', or lower the spread"
        return None


def _serial(value: float) -> float:
    if not -1 < value <= 1:
        raise problem(
            "serial",
            f"{value:g} is no correlation of one year with the next",
            "write a number above -1 up to 1, such as 0.5; 1 draws one error for all years",
        )
    return value


class GrowthInput(Input):
    """An error of a yearly growth, in points: one draw for each projected year.

    The normal scores of the years are a stationary autoregression of order one: z_1 = e_1,
    z_t = serial·z_(t-1) + sqrt(1 - serial²)·e_t, so that every year has the stated distribution.
    """

    UNIT: ClassVar[Unit] = "points"
    BY_YEAR: ClassVar[bool] = True

    serial: Annotated[Number, AfterValidator(_serial)] = 0.5
    """Correlation of the normal scores of one year and the next (序列相关)."""

    @property
    def drawn(self) -> str:
        return "once" if self.serial == 1 else f"every year with serial {self.serial:g}"


def tilted(shares: npt.ArrayLike, chosen: npt.ArrayLike, factor: Floats) -> Floats:
    """(r, n) shares after the odds of the chosen ones against the others are multiplied by ``factor``.

    With p the chosen part of the total T: p' = T·f·p/(f·p + T - p); within the chosen and within the others,
    proportions stay. Always between zero and T, and the same total.

    Args:
        shares: (n,) shares.
        chosen: (n,) which of them are meant.
        factor: (r,) drawn factors.
    """
    stated = np.asarray(shares, dtype=np.float64)
    weights = np.where(np.asarray(chosen, dtype=bool), factor[:, None], 1.0) * stated
    return np.asarray(weights * (stated.sum() / weights.sum(axis=1, keepdims=True)))
