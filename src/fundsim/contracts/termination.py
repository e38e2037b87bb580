"""Early termination (提前终止): after which losses the contract ends before its term."""

from __future__ import annotations

from typing import Annotated, Self

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, model_validator

from fundsim.money import PerReplication, share
from fundsim.terms import Rate, Terms, Years, problem


def _some_loss(rate: int) -> int:
    if rate == 0:
        why = "a loss of 0% of the premium would end every contract"
        raise problem("loss", why, "write a loss above 0%, such as 10%, or leave loss out")
    return rate


class TerminationTerms(Terms):
    """The losses that end the contract with the year in which they are reached; either is enough.

    A loss is a deficit of the contract's account, S < 0, before it is shared.
    """

    loss_years: Years | None = None
    """So many years of loss in a row (连续亏损年数)."""
    loss: Annotated[Rate, AfterValidator(_some_loss)] | None = None
    """A loss of at least this part of the year's premium, ppm."""

    @model_validator(mode="after")
    def _states_something(self) -> Self:
        if self.loss_years is None and self.loss is None:
            why = "the block does not say after which losses the contract ends"
            raise problem("termination", why, "write loss_years: 2 years, or loss: 10%")
        return self

    def reached(
        self, surplus: PerReplication, premium: PerReplication, in_a_row: PerReplication
    ) -> npt.NDArray[np.bool_]:
        """Whether the contract ends with a year of this surplus, the last of so many years of loss in a row."""
        ends = np.zeros(len(surplus), np.bool_)
        if self.loss_years is not None:
            ends |= in_a_row >= self.loss_years
        if self.loss is not None:
            ends |= (surplus < 0) & (-surplus >= share(premium, self.loss))
        return ends
