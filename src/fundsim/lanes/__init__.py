"""The two lanes side by side (模拟与精确计算互校): every run is compared with exact answers, and made surer by them.

``compare(results)`` holds simulated figures against exact ones at the values that the run has drawn; ``control`` lowers
the error of simulated means by what is known exactly.
"""

from __future__ import annotations

from fundsim.lanes.comparison import Compared, Comparison, LanesError, compare
from fundsim.lanes.controls import Controlled, control
from fundsim.lanes.proxy import control_by_proxy

__all__ = ["Compared", "Comparison", "Controlled", "LanesError", "compare", "control", "control_by_proxy"]
