"""Pareto costs (帕累托): all bills above a threshold, each further doubling as rare as the last."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from fundsim.severity.all_tail import AllTail
from fundsim.severity.base import FEN, ClosedTail, PositiveMoney
from fundsim.terms import Number, problem


def _with_a_mean(shape: float) -> float:
    if shape <= 1:
        raise problem(
            "tail_index",
            f"with shape {shape:g} the mean bill is infinite, and so is every premium",
            "write a shape above 1; medical costs have 2 to 5",
        )
    return shape


class Pareto(AllTail):
    """P(X > x) = (above/x)^shape for x > above: the tail index is 1/shape.

    Written as ``{family: pareto, above: 6000 yuan, shape: 2.8}``. SciPy: ``pareto(b=shape, scale=above)``. It is the
    generalised Pareto tail whose scale is above/shape. Formulas: Klugman, Panjer and Willmot, *Loss Models*,
    Appendix A.4.1 (single-parameter Pareto).
    """

    WAYS: ClassVar = (("shape",),)

    family: Literal["pareto"] = "pareto"
    above: PositiveMoney
    """The lower end of the support."""
    shape: Annotated[Number, AfterValidator(_with_a_mean)] | None = None
    """Above 1; the variance is finite above 2."""

    @property
    def natural(self) -> ClosedTail:
        assert self.shape is not None
        above = self.above / FEN
        return ClosedTail(weight=1.0, threshold=above, scale=above / self.shape, index=1.0 / self.shape)
