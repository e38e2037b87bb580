"""The figures of a settled contract over its term that a target may speak of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.contracts import MEASURES, TermResult
from fundsim.money import PerReplication

Floats = npt.NDArray[np.float64]

LOSS: Final = "loss"
"""The insurer's loss: its result after real cost, turned round, so that a gain is below zero."""
RATIOS: Final = {"loss_ratio": ("claims_paid", "premium")}
FIGURES: Final = (*MEASURES, LOSS, *RATIOS)
"""Everything of which a target may speak."""


@dataclass(frozen=True, eq=False)
class TermFigures:
    """Totals over the term (fen) in each replication."""

    totals: Mapping[str, PerReplication]
    batch: int | None
    """As many replications are stratified together; None where they are independent."""

    @classmethod
    def of(cls, term: TermResult, batch: int | None) -> TermFigures:
        return cls(term.measures(), batch)

    @property
    def premium(self) -> Floats:
        """(r,) yuan."""
        return self.yuan("premium")

    def yuan(self, figure: str) -> Floats:
        """(r,) a total in yuan."""
        found = -self.totals["insurer_result"] if figure == LOSS else self.totals[figure]
        yuan: Floats = found / 100
        return yuan

    def ratio(self, figure: str) -> tuple[Floats, Floats]:
        """(r,) numerator and denominator of a ratio of totals."""
        above, below = RATIOS[figure]
        return self.yuan(above), self.yuan(below)
