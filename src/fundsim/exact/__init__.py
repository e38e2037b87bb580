"""The exact lane (精确计算): the distribution of a year's claims without sampling, where the model is a compound sum.

``exact(scenario)`` answers for a scheme, ``compound(count, payment)`` for any compound sum. The room and the function
that gives it its name are one object, so that ``fundsim.exact`` can be imported from and called.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

from fundsim.exact.answer import Exact, exact
from fundsim.exact.compound import AggregateLaw, compound, of_parts
from fundsim.exact.counts import BinomialCount, Count, MixedPoissonCount, PoissonCount
from fundsim.exact.errors import ExactError, OutOfReachError
from fundsim.exact.maps import PiecewiseMap
from fundsim.exact.payouts import LatticeLaw, Mixture, Payment, discretised
from fundsim.exact.report import Report, Tolerance

if TYPE_CHECKING:
    from fundsim.scenario import Scenario

__all__ = [
    "AggregateLaw", "BinomialCount", "Count", "Exact", "ExactError", "LatticeLaw", "MixedPoissonCount", "Mixture",
    "OutOfReachError", "Payment", "PiecewiseMap", "PoissonCount", "Report", "Tolerance", "compound", "discretised",
    "exact", "of_parts",
]  # fmt: skip


class _Room(ModuleType):
    """A module that can be called: ``fundsim.exact(scenario)``."""

    def __call__(self, scenario: Scenario) -> Exact:
        return exact(scenario)


sys.modules[__name__].__class__ = _Room
