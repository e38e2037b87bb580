"""What is compared (比较指标): every figure of a design, as a total, a ratio of totals, or whether something happened.

They are those of :mod:`fundsim.measures` and those that only a comparison asks: the premium that a design needs, what
of the money goes to the poor, what a beneficiary still bears.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from fundsim.comparison.errors import refuse
from fundsim.contracts.terms import ContractTerms
from fundsim.measures import MEASURES, PROBABILITIES
from fundsim.money import PPM
from fundsim.results import IN_FEN, Results
from fundsim.scenario import Scenario
from fundsim.terms import nearest

Int64s = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Unit = Literal["yuan", "count", "share", "per 1,000", "yuan/person", "probability"]

HARDSHIP: Final = "hardship"
"""The trait by which schemes know the poor; its first value is the ordinary one."""


@dataclass(frozen=True)
class Figure:
    """One figure of a design."""

    id: str
    zh: str
    en: str
    unit: Unit
    top: str
    """The total that it is, or that is divided, or whose sign tells whether something happened."""
    under: str | None = None
    """What it is divided by, where it is a ratio of totals."""
    scale: float = 1.0
    loaded: bool = False
    """Whether it grows by what the contract adds to claims."""
    sign: int = 0
    """Of an event: it happens where the total times this is above zero."""
    by_group: bool = False
    over_years: Literal["average", "largest", "last"] = "average"

    @property
    def better(self) -> int:
        """Whether more is better for patients and payers (1), worse (-1), or neither (0)."""
        return BETTER.get(self.id, 0)


BETTER: Final = {
    "premium_needed": -1, "insurer_loss": -1, "deficit": -1, "patient_burden": -1, "burden_per_beneficiary": -1,
    "actual_reimbursement_ratio": 1, "pure_premium": 1, "claims_paid": 1, "beneficiaries": 1,
    "beneficiaries_per_1000": 1, "avg_payout": 1, "poor_share": 1, "insurer_result": 1, "fund_result": 1,
    "surplus_return": 1, "surplus": 1, "payment_ratio_compliant": 1, "payment_ratio_above_deductible": 1,
    "return": 1, "premium": -1, "premium_per_head": -1, "loss_ratio": 0, "claims_poor": 1,
    "patient_burden_poor": -1, "beneficiaries_poor": 1, "max_payout": 1,
}  # fmt: skip


def _of_measures() -> dict[str, Figure]:
    return {
        m.id: Figure(
            m.id, m.zh, m.en, m.unit, m.over[0] if m.over else m.id, m.over[1] if m.over else None, m.scale,
            by_group=m.by_group, over_years=m.over_years,
        )
        for m in MEASURES.values()
        if not m.of_term or m.over
    }  # fmt: skip


EVENTS: Final = {"insurer_loss": ("insurer_result", -1), "deficit": ("surplus", -1), "return": ("surplus_return", 1)}
"""Of each probability the total that tells it, and the sign that this has where it happens."""

FIGURES: Final[dict[str, Figure]] = {
    "premium_needed": Figure(
        "premium_needed", "测算筹资标准", "premium needed", "yuan/person", "claims_paid", "insured", loaded=True
    ),
    **_of_measures(),
    "burden_per_beneficiary": Figure(
        "burden_per_beneficiary", "受益人人均负担", "burden per beneficiary", "yuan", "patient_burden", "beneficiaries",
        by_group=True,
    ),
    "claims_poor": Figure("claims_poor", "困难群众赔付支出", "claims paid to the poor", "yuan", "claims_poor"),
    "beneficiaries_poor": Figure(
        "beneficiaries_poor", "困难受益人数", "beneficiaries among the poor", "count", "beneficiaries_poor"
    ),
    "patient_burden_poor": Figure(
        "patient_burden_poor", "困难受益人个人负担", "burden of poor beneficiaries", "yuan", "patient_burden_poor"
    ),
    "poor_share": Figure(
        "poor_share", "赔付用于困难群众的比例", "share of money to the poor", "share", "claims_poor", "claims_paid"
    ),
    **{
        name: Figure(name, *PROBABILITIES[name], unit="probability", top=top, sign=sign)
        for name, (top, sign) in EVENTS.items()
    },
}  # fmt: skip
"""By id; ids of measures and probabilities are those of a run's JSON."""

SPLIT: Final = ("claims_paid", "patient_burden", "beneficiaries")
"""Totals that are also told of the poor."""


def figure(name: str) -> Figure:
    """Look a figure up by its id.

    Raises:
        ComparisonError: there is no such figure; the message says which are near.
    """
    if name not in FIGURES:
        raise refuse(name, f"there is no such figure{nearest(name, FIGURES)}", f"write one of: {', '.join(FIGURES)}")
    return FIGURES[name]


@dataclass(frozen=True, eq=False)
class Row:
    """One design and its totals over replications (r,): fen or counts; of several years their sum."""

    name: str
    scenario: Scenario
    totals: Mapping[str, Int64s]
    n_years: int = 1
    groups: Mapping[str, Int64s] = field(default_factory=dict)
    """(r, g), where groups are kept apart."""
    without: Row | None = None
    """The same rules on the same people where nobody answers to them; None where no behaviour is stated."""
    batched: bool = True
    """Whether the replications are whole batches in order, where they are stratified."""

    @property
    def batch(self) -> int | None:
        """How many replications were stratified together; None where they are independent."""
        return self.scenario.batch if self.batched else None

    @property
    def replications(self) -> int:
        return len(self.totals["claims_paid"])

    def parts(self, of: Figure, group: str | None = None) -> tuple[Floats, Floats | None] | None:
        """Return what the figure is in each replication, yuan where it is money, and what divides it; None if absent.

        Raises:
            ValueError: no such group.
        """
        names = [group.name for group in self.scenario.population.groups]
        found = self.totals if group is None else {k: v[:, names.index(group)] for k, v in self.groups.items()}
        factor = loading(self.scenario.terms.contract) if of.loaded else 1.0
        if of.top not in found or (of.under is not None and of.under not in found) or factor is None:
            return None
        top = found[of.top].astype(np.float64)
        if of.sign:
            return (of.sign * top > 0).astype(np.float64), None
        top *= of.scale * factor
        top /= 100 if of.unit in IN_FEN else 1
        if of.under is not None:
            return top, found[of.under].astype(np.float64)
        return top / (self.n_years if of.over_years == "average" else 1), None


def loading(contract: ContractTerms) -> float | None:
    """By what claims are multiplied to give the premium that they need (1 / (1 - what the contract adds to them)).

    Added are the allowance, which pays cost and profit where the surplus is fee-inclusive; the accepted cost besides,
    where it is fee-explicit. None where that is the whole premium: the insurer keeps any surplus, and the contract says
    nothing of what claims need.
    """
    added = contract.allowance / PPM
    if contract.surplus == "fee-explicit" and contract.accepted is not None:
        added += contract.accepted / PPM
    return 1 / (1 - added) if added < 1 else None


def premium_told(contract: ContractTerms) -> Figure:
    """The premium that a report tells: what claims need under the contract; where it does not say, the pure premium."""
    return FIGURES["pure_premium" if loading(contract) is None else "premium_needed"]


def row_of(name: str, results: Results, poor: Sequence[int]) -> Row:
    """The row of a design that was simulated in full; ``poor`` are the numbers of its groups of the poor."""
    totals = with_poor(results.totals, results.groups, poor)
    without = None
    if results.behaviour is not None:
        without = Row(name, results.scenario, results.behaviour.without, results.n_years)
    return Row(name, results.scenario, totals, results.n_years, results.groups, without)


def with_poor(totals: Mapping[str, Int64s], groups: Mapping[str, Int64s], poor: Sequence[int]) -> dict[str, Int64s]:
    """Totals, and beside them what of them is of the poor, where the scheme knows who they are."""
    found = dict(totals)
    if poor:
        found |= {f"{_short(name)}_poor": groups[name][:, list(poor)].sum(axis=1) for name in SPLIT if name in groups}
    return found


def _short(name: str) -> str:
    return name.removesuffix("_paid")


def poor_groups(scenario: Scenario, named: Sequence[str] | None = None) -> tuple[int, ...]:
    """Numbers of the groups that are poor (困难群众): those named, or those whose hardship is not the ordinary one.

    Raises:
        ComparisonError: a group that the scheme has not.
    """
    groups = scenario.population.groups
    if named is not None:
        names = [group.name for group in groups]
        unknown = [name for name in named if name not in names]
        if unknown:
            why = f"{scenario.label} has no such group{nearest(unknown[0], names)}"
            raise refuse(unknown[0], why, f"its groups are: {', '.join(names)}")
        return tuple(names.index(name) for name in named)
    ordinary = scenario.plan.traits.values.get(HARDSHIP, ("",))[0]
    return tuple(place for place, group in enumerate(groups) if group.traits.get(HARDSHIP, ordinary) != ordinary)
