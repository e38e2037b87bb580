"""Behaviour (需求弹性): how the use and the cost of care answer to what patients pay. Off unless a scheme states it.

Cost is proportional to a power of the share of it that patients bear, the elasticity of cost to its net price. Only
the rules move it: who pays how much of a bill, and which catalogue class what is billed belongs to. Luck, trend and
uncertain levels do not.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field, model_validator

from fundsim.benefits.payer import Payer
from fundsim.claims import Catalogue
from fundsim.money import PPM
from fundsim.terms import Elasticity, Factor, Rate, Terms, problem

Floats = npt.NDArray[np.float64]

SCHEME: Final = "scheme"
"""The word for the scheme itself, where a base is named."""


def _elasticity(value: float) -> float:
    if not -1 <= value <= 0:
        why = f"an elasticity of {value:g} is out of range: who bears more uses less, at most in proportion"
        raise problem("elasticity", why, "write a number from -1 to 0; studies find -0.1 to -0.3")
    return value


class RulesTerms(Terms):
    """The rules under which care was used as the claims state it (基准规则); fundsim writes them."""

    waterfall: list[str]
    payers: dict[str, Payer]  # type: ignore[valid-type]
    covers: list[str]
    rounding: Literal["per-bill", "cumulative"] = "per-bill"
    catalogue: Annotated[dict[str, Catalogue], Field(default_factory=dict)]
    """How bills split by catalogue class, by care level."""


class BehaviourTerms(Terms):
    """How patients answer when they bear another share of their cost (行为反应)."""

    elasticity: Annotated[Elasticity, AfterValidator(_elasticity)]
    """Of gross cost to the share that patients bear: -0.2 means 1% less cost where they bear 5% more of it."""
    on: Literal["cost", "admissions", "both"] = "both"
    """What answers: the cost of an admission, the frequency of admissions, or both."""
    admissions: Rate | None = None
    """With ``on: both`` the part of the answer that is in the frequency, on a log scale (ppm); half by default."""
    base: str = SCHEME
    """The design under which care is used as the claims state it; ``scheme`` is the one that this file states."""
    rules: RulesTerms | None = None
    """The rules of the base; in effective documents only."""
    within: Annotated[list[Factor], Field(min_length=2, max_length=2, default_factory=lambda: [0.5, 2.0])]
    """Bounds of the factor on cost."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        low, high = self.within
        if not 0 < low <= 1 <= high:
            why = f"a factor from x{low:g} to x{high:g} leaves no room for the base, where it is x1"
            raise problem("bounds", why, "write bounds around x1, such as [x0.5, x2]", ("within",))
        if self.admissions is not None and self.on != "both":
            why = f"with 'on: {self.on}' the answer is not divided"
            raise problem("part", why, "write 'on: both', or delete 'admissions'", ("admissions",))
        return self

    @property
    def frequency_part(self) -> float:
        """The part of the answer that is in the frequency of admissions."""
        half = 0.5 if self.admissions is None else self.admissions / PPM
        return {"cost": 0.0, "admissions": 1.0, "both": half}[self.on]

    def factors(self, base: Floats, new: Floats) -> Floats:
        """The factor on gross cost where patients bear the share ``new`` of it instead of ``base``; 1 where equal.

        Where patients bore nothing and now do, or the reverse, the factor is at its bound.
        """
        low, high = self.within
        with np.errstate(divide="ignore", invalid="ignore"):
            answer = np.power(np.where(base == new, 1.0, new / base), self.elasticity)
        return np.asarray(np.clip(answer, low, high))

    def divided(self, factors: Floats) -> tuple[Floats, Floats]:
        """The factors of the frequency and of the cost of an admission, whose product is the factor on cost."""
        part = self.frequency_part
        return factors**part, factors ** (1 - part)
