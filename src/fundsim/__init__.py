"""fundsim: an actuarial funding simulator for China's critical illness insurance for residents (城乡居民大病保险).

The front door; everything here is loaded when it is first asked for, so that importing fundsim costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fundsim.calibration import Calibration, calibrate, calibrate_grouped
    from fundsim.calibration.targets import TargetsFit, calibrate_to
    from fundsim.comparison import (
        Comparison,
        ComparisonError,
        Frontier,
        StressTest,
        Sweep,
        Tornado,
        compare,
        frontier,
        stress,
        sweep,
        tornado,
    )
    from fundsim.decomposition import Decomposition, decompose
    from fundsim.exact import Exact, exact
    from fundsim.language import set_language
    from fundsim.pipeline import simulate, simulate_designs
    from fundsim.pools import simulate_pools
    from fundsim.pricing import Price, premium_principles, price
    from fundsim.records import Records, read_records
    from fundsim.report.export import export
    from fundsim.report.publish import report
    from fundsim.results import Results
    from fundsim.scenario import Scenario, ScenarioError, load
    from fundsim.statements import explain, settle
    from fundsim.tendering import TenderResult, tender

_DOORS = {
    "Calibration": "calibration",
    "Comparison": "comparison",
    "ComparisonError": "comparison",
    "Decomposition": "decomposition",
    "Exact": "exact",
    "Frontier": "comparison",
    "Price": "pricing",
    "Records": "records",
    "Results": "results",
    "Scenario": "scenario",
    "ScenarioError": "scenario",
    "StressTest": "comparison",
    "Sweep": "comparison",
    "TargetsFit": "calibration.targets",
    "TenderResult": "tendering",
    "Tornado": "comparison",
    "calibrate": "calibration",
    "calibrate_grouped": "calibration",
    "calibrate_to": "calibration.targets",
    "compare": "comparison",
    "decompose": "decomposition",
    "exact": "exact",
    "explain": "statements",
    "export": "report.export",
    "frontier": "comparison",
    "load": "scenario",
    "premium_principles": "pricing",
    "price": "pricing",
    "read_records": "records",
    "report": "report",
    "set_language": "language",
    "settle": "statements",
    "simulate": "pipeline",
    "simulate_designs": "pipeline",
    "simulate_pools": "pools",
    "stress": "comparison",
    "sweep": "comparison",
    "tender": "tendering",
    "tornado": "comparison",
}

__all__ = [
    "Calibration", "Comparison", "ComparisonError", "Decomposition", "Exact", "Frontier", "Price", "Records", "Results",
    "Scenario", "ScenarioError", "StressTest", "Sweep", "TargetsFit", "TenderResult", "Tornado", "calibrate",
    "calibrate_grouped", "calibrate_to", "compare", "decompose", "exact", "explain", "export", "frontier", "load",
    "premium_principles", "price", "read_records", "report", "set_language", "settle", "simulate", "simulate_designs",
    "simulate_pools", "stress", "sweep", "tender", "tornado",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'fundsim' has no attribute '{name}'")
    module = import_module(f"fundsim.{_DOORS[name]}")
    return module if name == "report" else getattr(module, name)  # the room itself can be called


def __dir__() -> list[str]:
    return __all__
