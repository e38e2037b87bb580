"""Generalised Pareto costs (广义帕累托): all bills above a threshold, for figures that begin at a deductible."""

from __future__ import annotations

from typing import ClassVar, Literal

from fundsim.severity.all_tail import AllTail
from fundsim.severity.base import FEN, ClosedTail, PositiveMoney, TailIndex
from fundsim.terms import Money


class GeneralisedPareto(AllTail):
    """P(X > x) = (1 + index·(x - above)/scale)^(-1/index) for x > above; exponential at index 0.

    Written as ``{family: generalised-pareto, above: 6000 yuan, index: 0.33, mean_excess: 10000 yuan}`` or with
    ``scale`` = mean_excess·(1 - index). SciPy: ``genpareto(c=index, loc=above, scale=scale)``. Formulas: Klugman,
    Panjer and Willmot, *Loss Models*, Appendix A.2.3 (Pareto: index 1/α, scale θ/α).
    """

    WAYS: ClassVar = (("mean_excess",), ("scale",))

    family: Literal["generalised-pareto"] = "generalised-pareto"
    above: Money = 0
    """The lower end of the support."""
    index: TailIndex
    """Tail index ξ: moments of order 1/ξ and higher are infinite."""
    mean_excess: PositiveMoney | None = None
    """Mean of what exceeds ``above``."""
    scale: PositiveMoney | None = None

    @property
    def natural(self) -> ClosedTail:
        if self.scale is not None:
            scale = self.scale / FEN
        else:
            assert self.mean_excess is not None
            scale = self.mean_excess / FEN * (1.0 - self.index)
        return ClosedTail(weight=1.0, threshold=self.above / FEN, scale=scale, index=self.index)
