"""The yearly adjustment of the premium (保费动态调整): by a stated rule from the loss ratio, within bounds."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import AfterValidator, BeforeValidator

from fundsim.contracts.exact import quotients
from fundsim.contracts.tiers import as_tuple
from fundsim.money import PPM, PerReplication, format_rate
from fundsim.terms import Growth, Rate, Terms, problem


def _above_zero(target: int) -> int:
    if target == 0:
        raise problem("target", "no loss ratio can be compared with a target of 0%", "write a target such as 95%")
    return target


def _two_bounds(within: tuple[int, ...]) -> tuple[int, ...]:
    if len(within) != 2:
        why = f"a yearly change has a lowest and a highest value, this list has {len(within)}"
        raise problem("within", why, "write both, such as [-5%, +10%]")
    low, high = within
    if low > high:
        why = f"the lower bound, {_signed(low)}, is above the upper, {_signed(high)}"
        raise problem("within", why, f"write the lower first: [{_signed(high)}, {_signed(low)}]")
    if low <= -PPM:
        why = "a premium cannot fall by all of itself"
        raise problem("within", why, "write a lower bound above -100%", (0,))
    return within


def _signed(ppm: int) -> str:
    """Print a change with its sign: ``-50000`` becomes ``-5%``."""
    return f"{'-' if ppm < 0 else '+'}{format_rate(abs(ppm))}"


class AdjustmentTerms(Terms):
    """Next year's premium per head from this year's: rate x (1 + weight x (loss ratio / target - 1)), within bounds.

    The change is rounded half up to the ppm, then bounded; the rate over the first year's is kept in ppm, rounded
    half up each year: at 33 yuan per head that is finer than a hundredth of a fen.
    """

    target: Annotated[Rate, AfterValidator(_above_zero)]
    """Loss ratio (目标赔付率) at which the premium stays, ppm."""
    weight: Rate = PPM
    """How much of the deviation the premium follows, ppm."""
    within: Annotated[tuple[Growth, ...], BeforeValidator(as_tuple), AfterValidator(_two_bounds)]
    """The lowest and the highest change in a year, ppm."""

    def change(self, premium: PerReplication, claims: PerReplication) -> PerReplication:
        """By how much the rate changes after a year (ppm); not at all after a year without a premium."""
        pairs = [(int(p), int(c)) for p, c in zip(premium, claims, strict=True)]
        beyond = (self.weight * (c * PPM - self.target * p) if p else 0 for p, c in pairs)
        low, high = self.within
        change = np.clip(quotients(beyond, (self.target * p for p, _ in pairs)), low, high)
        result: PerReplication = np.where(premium > 0, change, 0)
        return result

    def next_factor(self, factor: PerReplication, premium: PerReplication, claims: PerReplication) -> PerReplication:
        """Next year's rate over the first year's, from this year's (ppm)."""
        change = self.change(premium, claims)
        return quotients((int(f) * (PPM + int(c)) for f, c in zip(factor, change, strict=True)), [PPM] * len(factor))
