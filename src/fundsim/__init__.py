"""fundsim: an actuarial funding simulator for China's critical illness insurance for residents (城乡居民大病保险).

The front door; everything here is loaded when it is first asked for, so that importing fundsim costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fundsim.decomposition import Decomposition, decompose
    from fundsim.exact import Exact, exact
    from fundsim.pipeline import simulate, simulate_designs
    from fundsim.pools import simulate_pools
    from fundsim.pricing import Price, premium_principles, price
    from fundsim.results import Results
    from fundsim.scenario import Scenario, ScenarioError, load
    from fundsim.statements import explain, settle
    from fundsim.tendering import TenderResult, tender

_DOORS = {
    "Decomposition": "decomposition",
    "Exact": "exact",
    "Price": "pricing",
    "Results": "results",
    "Scenario": "scenario",
    "ScenarioError": "scenario",
    "TenderResult": "tendering",
    "decompose": "decomposition",
    "exact": "exact",
    "explain": "statements",
    "load": "scenario",
    "premium_principles": "pricing",
    "price": "pricing",
    "settle": "statements",
    "simulate": "pipeline",
    "simulate_designs": "pipeline",
    "simulate_pools": "pools",
    "tender": "tendering",
}

__all__ = [
    "Decomposition", "Exact", "Price", "Results", "Scenario", "ScenarioError", "TenderResult", "decompose", "exact",
    "explain", "load", "premium_principles", "price", "settle", "simulate", "simulate_designs", "simulate_pools",
    "tender",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _DOORS:
        raise AttributeError(f"module 'fundsim' has no attribute '{name}'")
    return getattr(import_module(f"fundsim.{_DOORS[name]}"), name)


def __dir__() -> list[str]:
    return __all__
