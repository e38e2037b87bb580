"""The exact lane (精确计算): the distribution of a year's claims without sampling, where the model is a compound sum."""

from __future__ import annotations

from fundsim.exact.compound import AggregateLaw, compound, of_parts
from fundsim.exact.counts import BinomialCount, Count, MixedPoissonCount, PoissonCount
from fundsim.exact.errors import ExactError, OutOfReachError
from fundsim.exact.maps import PiecewiseMap
from fundsim.exact.payouts import LatticeLaw, Mixture, Payment, discretised
from fundsim.exact.report import Report, Tolerance

__all__ = [
    "AggregateLaw", "BinomialCount", "Count", "ExactError", "LatticeLaw", "MixedPoissonCount", "Mixture",
    "OutOfReachError", "Payment", "PiecewiseMap", "PoissonCount", "Report", "Tolerance", "compound", "discretised",
    "of_parts",
]  # fmt: skip
