"""Generalised Pareto costs (广义帕累托): all bills above a threshold, for figures that begin at a deductible."""

from __future__ import annotations

from typing import ClassVar, Literal

from fundsim.severity.base import FEN, ClosedTail, Floats, PositiveMoney, SeverityFamily, TailIndex
from fundsim.terms import Money


class GeneralisedPareto(SeverityFamily):
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
        """The whole distribution as a tail of weight one, in yuan."""
        if self.scale is not None:
            scale = self.scale / FEN
        else:
            assert self.mean_excess is not None
            scale = self.mean_excess / FEN * (1.0 - self.index)
        return ClosedTail(weight=1.0, threshold=self.above / FEN, scale=scale, index=self.index)

    def lowest(self) -> float:
        return self.natural.threshold

    def mean(self) -> float:
        return self.natural.threshold + self.natural.mean_excess()

    def variance(self) -> float:
        return self.natural.second_moment_of_excess() - self.natural.mean_excess() ** 2

    def closed_tail(self) -> ClosedTail:
        return self.natural

    def _pdf(self, x: Floats) -> Floats:
        return self.natural.pdf(x)

    def _cdf(self, x: Floats) -> Floats:
        return self.natural.share_below(x)

    def _survival(self, x: Floats) -> Floats:
        return self.natural.survival(x)

    def _quantile(self, u: Floats) -> Floats:
        return self.natural.quantile_within(u)

    def _quantile_upper(self, v: Floats) -> Floats:
        return self.natural.quantile_upper(v)

    def _limited_mean(self, d: Floats) -> Floats:
        return self.natural.threshold + self.natural.limited_excess(d)

    def _stop_loss(self, d: Floats) -> Floats:
        return self.natural.stop_loss(d)
