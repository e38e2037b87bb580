"""The sensitivities of a report (敏感性测算), made on the fly: the deductible varied, each uncertain input held."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fundsim.comparison import Sweep, Tornado, sweep, tornado
from fundsim.scenario import ScenarioError
from fundsim.scenario.nodes import Scalar
from fundsim.scenario.quantities import quantity
from fundsim.scenario.ways import find

if TYPE_CHECKING:
    from fundsim.scenario import Scenario

REPLICATIONS: Final = 200
"""Of every design and of every held input: enough for differences, which are paired."""
PARTS: Final = (0.5, 0.75, 1.25, 1.5, 2.0)
"""Of the present deductible."""

Sensitivity = Sweep | Tornado


def sensitivities(
    scenario: Scenario,
    n: int | None = None,
    *,
    seed: int | None = None,
    years: int | None = None,
    progress: bool = False,
) -> tuple[Sensitivity, ...]:
    """Measure what a report tells: other deductibles of one year, and each uncertain input held low and high.

    ``seed`` and ``years`` are the scheme's own by default. Left out is what cannot be measured: a deductible that is no
    plain amount or that an event changes, inputs where nothing is uncertain.
    """
    found: list[Sensitivity] = []
    path, n = deductible_of(scenario), n or REPLICATIONS
    if path is not None:
        values = [f"{fen // 100} yuan" for fen in _other_deductibles(scenario, path)]
        found.append(sweep(scenario, path, values, n=n, seed=seed, years=years, progress=progress))
    if is_uncertain(scenario):
        found.append(tornado(scenario, n=n, seed=seed, years=years, progress=progress))
    return tuple(found)


def deductible_of(scenario: Scenario) -> str | None:
    """The path of the insured benefit's deductible, where it is a plain amount that no event changes."""
    for payer in scenario.plan.covers:
        path = f"payers.{payer}.deductible"
        if _stated(scenario, path) and _can_be_other(scenario, path):
            return path
    return None


def is_uncertain(scenario: Scenario) -> bool:
    """Whether the scheme states uncertain inputs or events, which a tornado holds one by one."""
    return scenario.terms.uncertainty is not None or bool(scenario.terms.events)


def _stated(scenario: Scenario, path: str) -> int:
    """The deductible in fen; zero where it is none, or no plain amount."""
    node = find(scenario.root, tuple(path.split(".")))
    read = quantity(node.text) if isinstance(node, Scalar) else None
    return round(read.value) if read is not None and read.kind == "money" else 0


def _can_be_other(scenario: Scenario, path: str) -> bool:
    """Whether the scheme holds together with another deductible."""
    try:
        scenario.replace({path: f"{_other_deductibles(scenario, path)[0] // 100} yuan"})
    except ScenarioError:
        return False
    return True


def _other_deductibles(scenario: Scenario, path: str) -> list[int]:
    """Parts and multiples of the present deductible, in whole hundreds of yuan, or whole yuan where it is small."""
    stated = _stated(scenario, path)
    step = 10_000 if stated >= 100_000 else 100
    found = dict.fromkeys(step * round(part * stated / step) for part in PARTS)
    return [fen for fen in found if fen not in (0, stated)]
