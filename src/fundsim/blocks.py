"""A block of work: one year of some replications under one set of rules, drawn, settled and added up in one pass.

Whoever runs a block, and however replications are cut into blocks, the same replication gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.benefits.compiled import CompiledPlans, compile_plans
from fundsim.benefits.relevance import Unpaid, bars, least_deductible, reach, too_high, unpaid
from fundsim.claims import AS_STATED, ClaimsModel, Levels
from fundsim.money import PerReplication, format_yuan
from fundsim.scenario import Scenario

Int64s = npt.NDArray[np.int64]

PAYMENT_EDGES = np.array([yuan * 100 for yuan in (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000)])
"""Fen: upper ends of the sizes of payment that are counted; larger ones make the last size."""


@dataclass(frozen=True, eq=False)
class Beside:
    """How designs are told beside the first of a pass, person by person: nobody is left out who is paid otherwise."""

    incomes: Int64s
    """(g,) fen: what a person of the group can bear in a year."""
    edges: Int64s
    """(e,) fen: bands of own cost under the first design, the same for all designs."""


NOT_BESIDE: Final = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))


@dataclass(frozen=True, eq=False)
class BlockJob:
    """All that a block needs, whoever runs it: the model to draw from and the designs to settle by."""

    seed: int
    model: ClaimsModel
    plans: CompiledPlans
    cases: Int64s
    """(g, c) class of case of each cell."""
    unpaid: Unpaid
    """What no design can pay in the catalogue as stated."""
    edges: Int64s
    """(d, e) fen: bands of own cost."""
    everyone: bool = False
    """Settle also the people whom no design can pay, every bill through all payers."""
    by_month: bool = False
    """Keep the months apart: of everybody's bills, or of the covered payers' payments."""
    beside: Beside | None = None
    """Tell each design beside the first, person by person."""

    @classmethod
    def build(cls, scenarios: Sequence[Scenario], seed: int, *, everyone: bool = False) -> BlockJob:
        """Compile the designs and the model they share."""
        first = scenarios[0]
        people = (first.terms.population, first.terms.claims)
        if any((scenario.terms.population, scenario.terms.claims) != people for scenario in scenarios):
            raise ValueError("designs settled together must have the same population and claims")
        model = ClaimsModel.build(first.terms.claims, first.population)
        plans = compile_plans([scenario.plan for scenario in scenarios])
        cases = [
            [_case(first, {**group.traits, **cell.traits}) for cell in model.cells] for group in model.population.groups
        ]
        numbers = np.array(cases, dtype=np.int64)
        bounds = unpaid(model, plans, numbers, model.splits[None])
        by_month = everyone or any(scenario.terms.contract.instalments is not None for scenario in scenarios)
        return cls(seed, model, plans, numbers, bounds, edges_of(scenarios), everyone, by_month)

    @property
    def path(self) -> dict[str, str]:
        """Which persons are drawn, ``relevant`` or ``full``, and ``why``; what the covered payers pay is the same."""
        if not self.model.floors:
            return {"path": "full", "why": "the claims state no floor"}
        if self.everyone:
            return {"path": "full", "why": "everybody's bills are asked for"}
        found = too_high(self.model, self.unpaid.gross)
        if found is None:
            return {"path": "relevant", "why": "no design can pay anybody below the stated floors"}
        k, g, c = found
        level, people = self.model.cells[c].level, self.model.population.groups[g].name
        floor, unpaid = self.model.floors_of_groups[k, g, c], self.unpaid.gross[k, g, c]
        why = (
            f"a design may pay group '{people}' for bills at '{level}' below the stated floor of {format_yuan(floor)} "
            f"yuan for {k + 1} admission{'s' * (k > 0)}; up to {format_yuan(unpaid)} yuan it cannot"
        )
        return {"path": "full", "why": why}

    @property
    def distinct(self) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
        """The first design of each set of rules, in order, and which of these is each design's own."""
        plans = self.plans
        columns = (plans.steps, plans.primary[:, None], plans.insured, plans.counted_once, self.edges)
        rules = [row.tobytes() for row in np.concatenate(columns, axis=1)]
        firsts = {row: rules.index(row) for row in rules}
        numbers = {row: number for number, row in enumerate(firsts)}
        return np.array(list(firsts.values())), np.array([numbers[row] for row in rules])

    def only(self, designs: npt.NDArray[np.intp]) -> BlockJob:
        """The same for some of the designs, in the same columns."""
        plans = self.plans
        chosen = replace(
            plans,
            steps=plans.steps[designs],
            primary=plans.primary[designs],
            insured=plans.insured[designs],
            counted_once=plans.counted_once[designs],
        )
        return replace(self, plans=chosen, edges=self.edges[designs])

    def run(self, start: int, stop: int) -> Int64s:
        """Draw and settle the first year of the replications from ``start`` to ``stop``, as the model states it."""
        return self.settle(np.arange(start, stop, dtype=np.int64))

    def settle(self, replications: PerReplication, levels: Levels = AS_STATED, *, year: int = 1) -> Int64s:
        """Draw and settle a year of some replications: (design, replication, group, column).

        Designs that differ in their contract alone pay the same bills alike, and are settled once.
        """
        from fundsim import kernels

        firsts, own = self.distinct
        if len(firsts) < len(own):
            return self.only(firsts).settle(replications, levels, year=year)[own]
        model, plans, bounds = self.model, self.plans, self.unpaid
        if levels.splits is not None:
            bounds = unpaid(model, plans, self.cases, levels.splits)
        full = self.everyone or too_high(model, bounds.gross) is not None
        draws = model.draws(self.seed, replications, levels, year=year, full=full)
        laws, shape = draws.laws, (plans.n_designs, len(replications), len(self.cases), self.columns.n)
        out = np.zeros(shape, dtype=np.int64)
        kernels.simulate_block(
            draws.replications, draws.numbers, draws.keys, laws.counts, laws.firsts, laws.cells, laws.guide,
            laws.floors, bars(model, bounds.gross, draws), reach(model, bounds, draws), bounds.lowest, self.cases,
            draws.factors, np.array([cell.severity for cell in model.cells], dtype=np.int64), draws.splits,
            np.stack([table.coefficients for table in model.tables]), draws.tails, model.tables[0].bits, *model.lines,
            draws.season, model.annual, plans.cumulative_rounding, self.everyone, self.by_month, plans.steps,
            plans.primary, plans.insured, plans.counted_once, plans.prefix, plans.shared_base, plans.payers,
            plans.terms, least_deductible(plans), self.edges, PAYMENT_EDGES,
            *(NOT_BESIDE if self.beside is None else (self.beside.incomes, self.beside.edges)), out,
        )  # fmt: skip
        return out

    @property
    def columns(self) -> Columns:
        bands = None if self.beside is None else len(self.beside.edges) + 1
        return Columns(self.plans.n_positions, self.edges.shape[1], len(PAYMENT_EDGES), self.by_month, bands)


def _case(scenario: Scenario, traits: Mapping[str, str]) -> int:
    """Number of the class of case; traits that no rule looks at do not count."""
    declared = scenario.plan.traits
    return declared.number({name: value for name, value in traits.items() if name in declared.values})


@dataclass(frozen=True)
class Columns:
    """Where the kernel puts what of one design, replication and group (see :mod:`fundsim.kernels`)."""

    positions: int
    bands: int
    """Edges of own cost; there is one band more."""
    sizes: int
    """Edges of payments."""
    by_month: bool = False
    common: int | None = None
    """Bands of own cost that are the same in all designs, where these are told beside the first."""

    @property
    def paid(self) -> slice:
        """What each position of the waterfall paid the beneficiaries."""
        from fundsim.kernels import FIRST_PAYER

        return slice(FIRST_PAYER, FIRST_PAYER + self.positions)

    @property
    def own_cost(self) -> slice:
        """Pairs of persons and payments, by band of own cost."""
        return slice(self.paid.stop, self.paid.stop + 2 * (self.bands + 1))

    @property
    def paid_sizes(self) -> slice:
        """Persons by size of payment."""
        return slice(self.own_cost.stop, self.own_cost.stop + self.sizes + 1)

    @property
    def pairs(self) -> slice:
        """What each design is beside the first, person by person; empty where that is not told."""
        from fundsim.kernels import IN_BANDS, PER_BAND

        wide = 0 if self.common is None else IN_BANDS + PER_BAND * self.common
        return slice(self.paid_sizes.stop, self.paid_sizes.stop + wide)

    @property
    def months(self) -> slice:
        """For each month the number of bills and what each position paid; empty where months are not kept."""
        return slice(self.pairs.stop, self.pairs.stop + 12 * (self.positions + 1) * self.by_month)

    @property
    def n(self) -> int:
        return int(self.months.stop)


def edges_of(scenarios: Sequence[Scenario]) -> Int64s:
    """Bands of own cost: where the covered payer's rates change in its first class (fen)."""
    rows = [[knot for knot in s.plan.payer(s.plan.primary).classes[0].curve.knots if knot] for s in scenarios]
    longest = max(len(row) for row in rows)
    return np.array([row + [2**62] * (longest - len(row)) for row in rows], dtype=np.int64).reshape(len(rows), longest)
