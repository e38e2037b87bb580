"""From the law of claims to the contract (合同结算): every figure of a contract year on points that carry its mass.

Given premium and heads, all clauses are piecewise functions of the claims, so the year is settled at the points of the
law, merged into narrow cells at their own means. Probabilities come from the law itself, at the claims where an event
begins, found by bisection to the fen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.contracts import MEASURES as CONTRACT_MEASURES
from fundsim.contracts import YearFacts, YearResult, settle_term
from fundsim.exact.compound import AggregateLaw
from fundsim.exact.conditional import Conditional
from fundsim.exact.maps import FEN, Floats
from fundsim.money import PerReplication
from fundsim.scenario import Scenario

CELLS: Final = 8192
"""Cells in all, at least; of many nodes each has a share of them."""
FEWEST_CELLS: Final = 256
NEGLIGIBLE: Final = 1e-15
"""Mass of a lattice point that need not be settled."""
Flags = npt.NDArray[np.bool_]


def _deficit(year: YearResult) -> Flags:
    return year.surplus < 0


def _return(year: YearResult) -> Flags:
    return year.surplus_return <= 0


def _insurer_loss(year: YearResult) -> Flags:
    return year.insurer_result < 0


EVENTS: Final[dict[str, tuple[Callable[[YearResult], Flags], bool]]] = {
    "deficit": (_deficit, True),
    "return": (_return, False),
    "insurer_loss": (_insurer_loss, True),
}
"""What begins at some amount of claims and holds from there on, and whether that is the probability's own event or that
it does not happen."""


@dataclass(frozen=True, eq=False)
class ContractCells:
    """A contract year settled on the cells of a mixture."""

    weights: Floats
    """(c,) probabilities."""
    values: dict[str, Floats]
    """(c,) every figure of the contract, yuan; besides them ``insured``, persons."""
    chances: dict[str, float]
    sizes: tuple[int, ...]
    """How many of the cells, one after another, belong to each node."""


def settle_cells(scenario: Scenario, nodes: Sequence[tuple[float, Conditional]]) -> ContractCells:
    """Settle one contract year on the laws of all nodes, each with its weight."""
    most = max(CELLS // len(nodes), FEWEST_CELLS)
    cells = [_cells(each.law, most) for _, each in nodes]
    sizes = [len(masses) for masses, _ in cells]
    claims = np.rint(np.concatenate([values for _, values in cells]) * FEN).astype(np.int64)
    persons = np.array([each.persons for _, each in nodes], dtype=np.int64)
    year = _settled(scenario, np.repeat(persons, sizes, axis=0), claims)
    values = {name: getattr(year, name) / FEN for name in CONTRACT_MEASURES}
    values["insured"] = np.repeat(persons.sum(axis=1), sizes).astype(np.float64)
    weights = np.concatenate([weight * masses for (weight, _), (masses, _) in zip(nodes, cells, strict=True)])
    return ContractCells(weights / weights.sum(), values, chances(scenario, nodes), tuple(sizes))


def chances(scenario: Scenario, nodes: Sequence[tuple[float, Conditional]]) -> dict[str, float]:
    """Probabilities of the contract's events over all nodes."""
    found = conditional_chances(scenario, [each for _, each in nodes])
    weights = np.array([weight for weight, _ in nodes])
    return {name: float(weights @ p / weights.sum()) for name, p in found.items()}


def conditional_chances(scenario: Scenario, laws: Sequence[Conditional]) -> dict[str, Floats]:
    """The probabilities given each node (v,)."""
    persons = np.array([each.persons for each in laws], dtype=np.int64)
    highest = np.array([each.law.values[-1] + each.law.step for each in laws])
    result = {}
    for name, (begins, itself) in EVENTS.items():
        first = _first_claims(scenario, persons, np.ceil(highest * FEN).astype(np.int64), begins)
        above = np.array(
            [float(each.law.survival((limit - 0.5) / FEN)) for each, limit in zip(laws, first, strict=True)]
        )
        result[name] = above if itself else 1.0 - above
    return result


def _first_claims(
    scenario: Scenario, persons: PerReplication, highest: PerReplication, begins: Callable[[YearResult], Flags]
) -> PerReplication:
    """(v,) fen: the least claims at which something begins that holds from there on; one above the highest if never."""
    low, high = np.full(len(persons), -1, dtype=np.int64), highest + 1
    while (high - low > 1).any():
        middle = (low + high) // 2
        middle = np.clip(middle, 0, highest)
        there = begins(_settled(scenario, persons, middle))
        open_ = high - low > 1
        high, low = np.where(open_ & there, middle, high), np.where(open_ & ~there, middle, low)
    return high


def _settled(scenario: Scenario, persons: PerReplication, claims: PerReplication) -> YearResult:
    """The year at some claims (fen), of (n, g) persons."""
    contract = scenario.terms.contract
    rates = [contract.premium_per_head(group.traits) for group in scenario.population.groups]
    budgeted = scenario.population.insured if contract.paid_on == "budgeted" else None
    facts = YearFacts(
        insured=persons.sum(axis=1),
        base_premium=persons @ np.array(rates, dtype=np.int64),
        claims=claims,
        budgeted=None if budgeted is None else np.full(len(claims), budgeted),
    )
    return settle_term(contract, [facts]).years[0]


def _cells(law: AggregateLaw, most: int) -> tuple[Floats, Floats]:
    """Masses and means of at most so many cells of neighbouring lattice points."""
    kept = np.flatnonzero(law.masses > NEGLIGIBLE)
    masses, values = law.masses[kept], law.values[kept]
    starts = np.unique(np.linspace(0, len(kept), min(most, len(kept)) + 1).astype(np.int64)[:-1])
    totals = np.add.reduceat(masses, starts)
    return totals, np.add.reduceat(masses * values, starts) / totals
