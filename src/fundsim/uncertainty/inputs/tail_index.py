"""The tail index (尾部指数) of the Pareto tail of a care level, truncated to a stated range."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from fundsim.terms import problem
from fundsim.uncertainty.inputs.base import Input
from fundsim.uncertainty.quantity import Place, Quantity, Unit


def _indices(bounds: list[Quantity] | None) -> list[Quantity] | None:
    if any(not 0 <= bound.value < 1 for bound in bounds or ()):
        why = "a tail index lies from 0 up to below 1; from 1 on the mean bill is infinite"
        raise problem("tail_index", why, "write a range such as [0.2, 0.45]")
    return bounds


class TailIndex(Input):
    """The index that is drawn takes the place of the stated one; threshold, weight and scale of the tail stay.

    So a higher index makes the tail longer, and its mean excess, scale/(1 - index), larger.
    """

    UNIT: ClassVar[Unit] = "number"
    NAME: ClassVar = {"zh": "尾部指数", "en": "tail index"}

    of: Literal["tail-index"] = "tail-index"
    care: Annotated[list[str], Field(min_length=1)] | None = None
    """The care levels concerned; all where none are named. They share the index."""
    within: Annotated[Annotated[list[Place], Field(min_length=2, max_length=2)] | None, AfterValidator(_indices)] = None
    """The range to which the distribution is truncated, inside 0 to 1; values stated one by one need none."""

    def _out_of_reach(self, low: float, high: float) -> tuple[str, str] | None:
        if low < 0 or high >= 1:
            why = f"this distribution reaches {low:.3g} to {high:.3g}, and a tail index lies from 0 up to below 1"
            return why, "add the range to which it is truncated, such as 'within: [0.25, 0.42]'"
        return None
