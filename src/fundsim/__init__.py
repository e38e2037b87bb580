"""fundsim: an actuarial funding simulator for China's critical illness insurance for residents (城乡居民大病保险).

The front door; everything here is loaded when it is first asked for, so that importing fundsim costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fundsim.decomposition import Decomposition, decompose
    from fundsim.language import set_language
    from fundsim.pipeline import simulate, simulate_designs
    from fundsim.report.publish import report
    from fundsim.results import Results
    from fundsim.scenario import Scenario, ScenarioError, load
    from fundsim.statements import explain, settle

_DOORS = {
    "Decomposition": "decomposition",
    "Results": "results",
    "Scenario": "scenario",
    "ScenarioError": "scenario",
    "decompose": "decomposition",
    "explain": "statements",
    "load": "scenario",
    "report": "report",
    "set_language": "language",
    "settle": "statements",
    "simulate": "pipeline",
    "simulate_designs": "pipeline",
}

__all__ = [
    "Decomposition", "Results", "Scenario", "ScenarioError", "decompose", "explain", "load", "report", "set_language",
    "settle", "simulate", "simulate_designs",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'fundsim' has no attribute '{name}'")
    module = import_module(f"fundsim.{_DOORS[name]}")
    return module if name == "report" else getattr(module, name)  # the room itself can be called


def __dir__() -> list[str]:
    return __all__
