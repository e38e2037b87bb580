"""From the law of claims to the contract (合同结算): every figure of a contract year on points that carry its mass.

Given premium and heads, all clauses are piecewise functions of the claims, so the year is settled at the points of the
law, merged into narrow cells at their own means. Probabilities come from the law itself, at the claims where an event
begins, found by bisection to the fen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
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


def settle_cells(nodes: Sequence[tuple[float, Conditional]]) -> ContractCells:
    """Settle one contract year on the laws of all nodes, each with its weight and under its own rules."""
    most = max(CELLS // len(nodes), FEWEST_CELLS)
    settled = [_settle_alike(laws, most) for laws in _alike([each for _, each in nodes])]
    masses = [mass for each in settled for mass in each[0]]
    weights = np.concatenate([weight * mass for (weight, _), mass in zip(nodes, masses, strict=True)])
    values = {name: np.concatenate([each[1][name] for each in settled]) for name in settled[0][1]}
    shares = np.array([weight for weight, _ in nodes])
    found = conditional_chances([each for _, each in nodes])
    chances = {name: float(shares @ p / shares.sum()) for name, p in found.items()}
    return ContractCells(weights / weights.sum(), values, chances, tuple(len(mass) for mass in masses))


def _settle_alike(laws: Sequence[Conditional], most: int) -> tuple[list[Floats], dict[str, Floats]]:
    """The masses of every law's cells, and all figures on them (yuan), under one contract."""
    cells = [_cells(each.law, most) for each in laws]
    sizes = [len(masses) for masses, _ in cells]
    claims = np.rint(np.concatenate([values for _, values in cells]) * FEN).astype(np.int64)
    persons = np.array([each.persons for each in laws], dtype=np.int64)
    year = _settled(laws[0].scenario, np.repeat(persons, sizes, axis=0), claims)
    values = {name: getattr(year, name) / FEN for name in CONTRACT_MEASURES}
    values["insured"] = np.repeat(persons.sum(axis=1), sizes).astype(np.float64)
    return [masses for masses, _ in cells], values


def _alike(laws: Sequence[Conditional]) -> list[list[Conditional]]:
    """Neighbouring laws of the same scheme together."""
    return [list(group) for _, group in groupby(laws, key=lambda each: id(each.scenario))]


def conditional_chances(laws: Sequence[Conditional]) -> dict[str, Floats]:
    """The probability of every event given each node (v,)."""
    return {name: chance_from(name, laws, first) for name, first in event_claims(laws).items()}


def event_claims(laws: Sequence[Conditional]) -> dict[str, PerReplication]:
    """For each event the claims (fen) at which it begins, or ends, given each node (v,)."""
    return {
        name: np.concatenate([_first_claims(alike, begins) for alike in _alike(laws)])
        for name, (begins, _) in EVENTS.items()
    }


def chance_from(name: str, laws: Sequence[Conditional], first: PerReplication, moved: float = 0.0) -> Floats:
    """(v,) the probability of an event that begins or ends at these claims (fen), or ``moved`` yuan above them."""
    at = [(limit - 0.5) / FEN + moved for limit in first]
    above = np.array([float(each.law.survival(x)) for each, x in zip(laws, at, strict=True)])
    return above if EVENTS[name][1] else 1.0 - above


def _first_claims(laws: Sequence[Conditional], begins: Callable[[YearResult], Flags]) -> PerReplication:
    """(v,) fen: the least claims at which something begins that holds from there on; above the highest if never."""
    scenario = laws[0].scenario
    persons = np.array([each.persons for each in laws], dtype=np.int64)
    highest = np.ceil([FEN * (each.law.values[-1] + each.law.step) for each in laws]).astype(np.int64)
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
