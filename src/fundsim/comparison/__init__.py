"""Designs compared (方案比较): side by side, in sweeps, one input at a time, and those that nothing beats.

All figures are differences on the same simulated people wherever designs have the same people, with the error that this
leaves (:mod:`fundsim.comparison.differences`).
"""

from __future__ import annotations

from fundsim.comparison.comparing import compare
from fundsim.comparison.comparison import Comparison
from fundsim.comparison.efficient import frontier, frontier_of
from fundsim.comparison.errors import ComparisonError, Complaint
from fundsim.comparison.figures import FIGURES, Figure
from fundsim.comparison.frontier_result import Frontier, Limit
from fundsim.comparison.sensitivity import tornado
from fundsim.comparison.stress_result import StressTest
from fundsim.comparison.stressing import stress
from fundsim.comparison.sweep_result import Sweep
from fundsim.comparison.sweeping import sweep, sweep_varied
from fundsim.comparison.tornado_result import Tornado
from fundsim.comparison.vary import Vary, read_varied

__all__ = [
    "FIGURES", "Comparison", "ComparisonError", "Complaint", "Figure", "Frontier", "Limit", "StressTest", "Sweep",
    "Tornado", "Vary", "compare", "frontier", "frontier_of", "read_varied", "stress", "sweep", "sweep_varied",
    "tornado",
]  # fmt: skip
