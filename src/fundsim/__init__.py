"""fundsim: an actuarial funding simulator for China's critical illness insurance for residents (城乡居民大病保险).

The front door; everything here is loaded when it is first asked for, so that importing fundsim costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fundsim.comparison import (
        Comparison,
        ComparisonError,
        Frontier,
        Sweep,
        Tornado,
        compare,
        frontier,
        sweep,
        tornado,
    )
    from fundsim.decomposition import Decomposition, decompose
    from fundsim.pipeline import simulate, simulate_designs
    from fundsim.report.export import export
    from fundsim.results import Results
    from fundsim.scenario import Scenario, ScenarioError, load
    from fundsim.statements import explain, settle

_DOORS = {
    "Comparison": "comparison",
    "ComparisonError": "comparison",
    "Decomposition": "decomposition",
    "Frontier": "comparison",
    "Results": "results",
    "Scenario": "scenario",
    "ScenarioError": "scenario",
    "Sweep": "comparison",
    "Tornado": "comparison",
    "compare": "comparison",
    "decompose": "decomposition",
    "explain": "statements",
    "export": "report.export",
    "frontier": "comparison",
    "load": "scenario",
    "settle": "statements",
    "simulate": "pipeline",
    "simulate_designs": "pipeline",
    "sweep": "comparison",
    "tornado": "comparison",
}

__all__ = [
    "Comparison", "ComparisonError", "Decomposition", "Frontier", "Results", "Scenario", "ScenarioError", "Sweep",
    "Tornado", "compare", "decompose", "explain", "export", "frontier", "load", "settle", "simulate",
    "simulate_designs", "sweep", "tornado",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'fundsim' has no attribute '{name}'")
    return getattr(import_module(f"fundsim.{_DOORS[name]}"), name)


def __dir__() -> list[str]:
    return __all__
