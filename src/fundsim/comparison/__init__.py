"""Designs compared (方案比较): side by side, in sweeps, one input at a time, and those that nothing beats.

All figures are differences on the same simulated people wherever designs have the same people, with the error that this
leaves (:mod:`fundsim.comparison.differences`).
"""

from __future__ import annotations

from fundsim.comparison.comparing import compare
from fundsim.comparison.comparison import Comparison
from fundsim.comparison.errors import ComparisonError

__all__ = ["Comparison", "ComparisonError", "compare"]
