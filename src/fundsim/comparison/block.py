"""A block of a sweep: some replications of every design, drawn and settled in one pass, of which only totals are kept.

What a block settles has an axis for every design, replication, year, group and column, and is dropped when the block
ends. Designs of one contract go through it together, as if the replications of one were those of the next; designs that
pay alike are settled once, whatever their contracts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.comparison.figures import FIGURES, Int64s, with_poor
from fundsim.outcome import results_of
from fundsim.pipeline import PERSONS_PER_BLOCK, cores
from fundsim.results import Results
from fundsim.scenario import Scenario
from fundsim.years import Heads, TermJob

SHARED_OUT: Final = ("policy_loss", "other_loss", "carried", "retention_forfeited", "insurer_keep")
"""Totals that say how a contract shares what they add up to; a sweep tells the results only."""
IN_FLIGHT: Final = 64 * 2**20
"""Bytes that one block may settle at a time."""


@dataclass(frozen=True, eq=False)
class Contract:
    """Designs that have one contract and one waterfall."""

    job: TermJob
    """What a design of theirs needs to become results."""
    designs: npt.NDArray[np.intp]
    units: npt.NDArray[np.intp]
    """Of each design, which of the settled ones pays as it does."""
    poor: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class SweepJob:
    """All designs of a sweep, ready to be settled block by block."""

    job: TermJob
    """Of designs that pay differently."""
    contracts: tuple[Contract, ...]
    n_designs: int

    @classmethod
    def build(cls, scenarios: Sequence[Scenario], poor: Sequence[tuple[int, ...]], seed: int, years: int) -> SweepJob:
        """Compile the designs, those that pay alike once.

        Raises:
            ValueError: the designs differ in their people, their claims, their traits, or in what is uncertain.
        """
        units, unit_of = _distinct([_pays(each) for each in scenarios])
        everyone = any(each.terms.simulation.bills == "all" for each in scenarios)
        job = TermJob.build([scenarios[first] for first in units], seed, years, everyone=everyone)
        agreed = [(*_agreed(each), groups) for each, groups in zip(scenarios, poor, strict=True)]
        firsts, contract_of = _distinct(agreed)
        contracts = []
        for number, first in enumerate(firsts):
            designs = np.flatnonzero(contract_of == number)
            contracts.append(Contract(_alone(job, scenarios[first]), designs, unit_of[designs], poor[first]))
        return cls(job, tuple(contracts), len(scenarios))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The totals that figures are made of, so far as these designs have them."""
        wanted = dict.fromkeys(name for each in FIGURES.values() for name in (each.top, each.under) if name)
        block = self.job.base
        shape = (len(self.job.worlds(np.arange(1))), 1, self.job.years, len(block.cases), block.columns.n)
        found = [self._totals(each, np.zeros(shape, np.int64), np.arange(1)) for each in self.contracts[:1]]
        return tuple(name for name in wanted if name in found[0] and not name.startswith(SHARED_OUT))

    def size(self, n: int) -> int:
        """Replications of a block, where ``n`` are to be settled: a second's work, and never more than fits."""
        block, worlds = self.job.base, len(self.job.worlds(np.arange(1)))
        persons = max(block.model.population.insured * self.job.years, 1)
        one = worlds * self.job.years * len(block.cases) * block.columns.n * 8 * self.most_designs
        wanted = max(PERSONS_PER_BLOCK // persons, min(len(self.contracts), 250))
        return max(1, min(wanted, 500, -(-n // (2 * cores())), IN_FLIGHT // one))

    @property
    def most_designs(self) -> int:
        """Designs for which arrays are held at a time."""
        return max(len(self.job.scenarios), *(len(each.designs) for each in self.contracts))

    def run(self, start: int, stop: int) -> Int64s:
        """Draw and settle some replications: (name, design, replication)."""
        replications = np.arange(start, stop, dtype=np.int64)
        settled = self.job.settled(replications)
        out = np.zeros((len(self.names), self.n_designs, len(replications)), dtype=np.int64)
        for each in self.contracts:
            chosen = settled[:, each.units]
            stacked = chosen.reshape(len(settled), -1, *chosen.shape[3:])
            totals = self._totals(each, stacked, replications)
            for place, name in enumerate(self.names):
                out[place, each.designs] = totals[name].reshape(len(each.designs), -1)
        return out

    def _totals(self, of: Contract, stacked: Int64s, replications: Int64s) -> dict[str, Int64s]:
        """Totals of designs of one contract; their replications follow one another in (world, r, year, ...)."""
        times = stacked.shape[1] // len(replications)
        heads = [
            Heads(*(np.tile(part, (times, 1, 1)) for part in (each.persons, each.premium)))
            for each in of.job.heads(0, replications)
        ]
        results: Results = results_of(of.job, 0, stacked, heads, {})
        return with_poor(results.totals, results.groups, of.poor)


def _distinct(keys: Sequence[object]) -> tuple[list[int], npt.NDArray[np.intp]]:
    """Where each distinct key stands first, and of every key which of these it is."""
    firsts: dict[object, int] = {}
    for place, key in enumerate(keys):
        firsts.setdefault(key, place)
    number = {key: k for k, key in enumerate(firsts)}
    return list(firsts.values()), np.array([number[key] for key in keys], dtype=np.intp)


def _pays(scenario: Scenario) -> tuple[object, ...]:
    """What decides whether two designs pay the same people the same."""
    terms, contract = scenario.terms, scenario.terms.contract
    behaviour = None if terms.behaviour is None else terms.behaviour.model_dump_json()
    months = contract.instalments is not None
    return tuple(scenario.plan.payers), scenario.plan.covers, behaviour, contract.by_counterfactual, months


def _agreed(scenario: Scenario) -> tuple[object, ...]:
    return scenario.terms.contract.model_dump_json(), scenario.plan.names, scenario.plan.covers


def _alone(job: TermJob, scenario: Scenario) -> TermJob:
    """The job as one design of it would have it, with what is compiled."""
    alone = replace(job, scenarios=(scenario,))
    alone.__dict__["base"] = job.base
    return alone
