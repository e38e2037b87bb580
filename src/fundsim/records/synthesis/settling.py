"""Drawn admissions settled through a scheme's payers, and said in the amounts of the national interface."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from fundsim.benefits.batch import settle_people
from fundsim.benefits.compiled import CompiledPlans, compile_plans
from fundsim.claims import ClaimsModel
from fundsim.population import InsuredGroup
from fundsim.records.names import (
    AID,
    BASIC,
    CII,
    DEDUCTIBLE,
    FIRST_PAY,
    IN_POLICY,
    OTHER,
    OVER_LIMIT,
    OWN,
    PATIENT,
    TOTAL,
)
from fundsim.records.synthesis.drawing import Admissions, Int64s
from fundsim.scenario import Scenario


@dataclass(frozen=True, eq=False)
class Settling:
    """Settles drawn admissions."""

    scenario: Scenario
    plans: CompiledPlans
    cases: Mapping[str, Int64s]
    """(c,) class of case of each kind of bill, by group."""
    paying: tuple[str, ...]
    """The column in which what each payer pays stands."""

    @classmethod
    def build(cls, scenario: Scenario, model: ClaimsModel) -> Self:
        """Compile the payers."""
        declared = scenario.plan.traits
        cases = {
            group.name: np.array(
                [
                    declared.number({t: v for t, v in {**group.traits, **cell.traits}.items() if t in declared.values})
                    for cell in model.cells
                ],
                dtype=np.int64,
            )
            for group in model.population.groups
        }
        paying = tuple(_column_of(scenario, place) for place in range(len(scenario.plan.payers)))
        return cls(scenario, compile_plans([scenario.plan]), cases, paying)

    def amounts(self, group: InsuredGroup, admissions: Admissions) -> dict[str, Int64s]:
        """(n,) fen by national name.

        What the first payer counts is within policy; what it does not count of class C, where it counts none of that,
        is wholly at own expense, and the rest is borne by the patient first.
        """
        cost, payable = admissions.cost, admissions.cost.sum(axis=1)
        starts = np.flatnonzero(np.append(True, np.diff(admissions.person) != 0)[: len(admissions)])
        settled = settle_people(
            self.plans,
            0,
            np.append(starts, len(admissions)).astype(np.int64),
            np.ascontiguousarray(cost),
            self.cases[group.name][admissions.cell],
            payable,
        )
        first = self.scenario.plan.payers[0]
        own = cost[:, 2] if first.counts[2] == 0 else np.zeros_like(payable)
        within = np.minimum(settled.base[:, 0], payable - own)
        amounts = {
            TOTAL: payable + admissions.excluded,
            OWN: own,
            OVER_LIMIT: admissions.excluded,
            FIRST_PAY: payable - own - within,
            IN_POLICY: within,
            DEDUCTIBLE: settled.deductible[:, 0],
            **{name: np.zeros_like(payable) for name in (BASIC, CII, AID, OTHER)},
            PATIENT: settled.left + admissions.excluded,
        }
        for place, column in enumerate(self.paying):
            amounts[column] = amounts[column] + settled.paid[:, place]
        return amounts


def _column_of(scenario: Scenario, place: int) -> str:
    """Covered payers are critical illness insurance, those before them basic; after them aid (救助) and others."""
    plan = scenario.plan
    covered = [plan.names.index(name) for name in plan.covers]
    if place in covered:
        return CII
    if place < covered[0]:
        return BASIC
    payer: Any = scenario.terms.payers[plan.names[place]]
    return AID if "救助" in str(payer.title or "") else OTHER
