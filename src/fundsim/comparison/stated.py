"""What a scheme states that a test may move (方案所载数值): its plain deductible, the multipliers of its groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from fundsim.scenario import Scenario, ScenarioError
from fundsim.scenario.nodes import Scalar
from fundsim.scenario.quantities import quantity
from fundsim.scenario.ways import find, parse_way


def deductible_of(scenario: Scenario) -> str | None:
    """The path of the insured benefit's deductible, where it is a plain amount that no event changes."""
    for payer in scenario.plan.covers:
        path = f"payers.{payer}.deductible"
        if stated_amount(scenario, path) and _can_be_other(scenario, path):
            return path
    return None


def stated_amount(scenario: Scenario, path: str) -> int:
    """The amount at a path in fen; zero where there is none, or no plain amount."""
    way = parse_way(path)
    node = None if way is None else find(scenario.root, way)
    read = quantity(node.text) if isinstance(node, Scalar) else None
    return round(read.value) if read is not None and read.kind == "money" else 0


def _can_be_other(scenario: Scenario, path: str) -> bool:
    """Whether the scheme holds together with another amount there."""
    try:
        scenario.replace({path: f"{stated_amount(scenario, path) // 200} yuan"})
    except ScenarioError:
        return False
    return True


def groups_times(
    scenario: Scenario, field: Literal["admissions", "cost"], times: Callable[[float], float]
) -> dict[str, object]:
    """What :meth:`Scenario.replace` takes to give every group another multiplier on its admissions or its bills."""
    groups = scenario.terms.population.groups
    texts = {name: f"x{times(getattr(group, field)):.12g}" for name, group in groups.items()}
    if find(scenario.root, ("population", "groups")) is None:  # nobody is told apart: one group of everybody
        return {"population.groups": {name: {field: text} for name, text in texts.items()}}
    return {f"population.groups.{name}.{field}": text for name, text in texts.items()}
