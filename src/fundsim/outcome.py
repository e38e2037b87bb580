"""From settled bills to results: what each year came to, and the contract over all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from fundsim.blocks import PAYMENT_EDGES, edges_of
from fundsim.contracts import MEASURES as CONTRACT_MEASURES
from fundsim.contracts import BalanceError, TermResult, YearFacts, settle_term
from fundsim.contracts.exact import part
from fundsim.ledger import Ledger, Party
from fundsim.measures import MEASURES
from fundsim.money import PerReplication
from fundsim.results import Results, YearFigures
from fundsim.scenario import Scenario
from fundsim.years import Heads, Int64s, TermJob

EDGES = ("own_cost_edges", "paid_edges")
"""Limits of bands, the same in every year."""
LARGEST = (*EDGES, *(name for name, measure in MEASURES.items() if measure.over_years == "largest"))
"""Arrays of which several years have the largest, not the sum."""


@dataclass(frozen=True, eq=False)
class _Year:
    """One design's year, before the contract: arrays by replication, and by replication and group."""

    groups: dict[str, Int64s]
    paid: Int64s
    """(r, p) what each payer paid, of beneficiaries or of everybody."""
    totals: dict[str, PerReplication]
    monthly: dict[str, Int64s]
    """By month of discharge the number of bills and what each payer paid, where months are kept; unless all bills were
    settled, only what the covered payers paid is complete."""


def results_of(job: TermJob, d: int, settled: Int64s, heads: Sequence[Heads], manifest: Mapping[str, Any]) -> Results:
    """Turn a design's settled bills into results, through its contract.

    Args:
        job: what was settled.
        d: the number of the design.
        settled: (world, r, year, group, column) of this design.
        heads: the insured and their premium in each world.
        manifest: of the run.
    """
    scenario = job.scenarios[d]
    worlds = _worlds(job, d, settled, heads)
    years = worlds[0]
    facts, *without = _asked(scenario, worlds, heads)
    term = settle_term(scenario.terms.contract, facts, without=without[0] if without else None)
    bands = [_bands(scenario, job, settled[0, :, y], _in_force(term, y)) for y in range(job.years)]
    figures = [_figures(years[y], term, y, bands[y], everyone=job.everyone) for y in range(job.years)]
    return Results(
        scenario=scenario,
        seed=job.seed,
        totals=_over_the_term([each.totals for each in figures]) | _of_the_term(scenario, term),
        groups=_over_the_term([each.groups for each in figures]),
        bands=_over_the_term(bands),
        manifest=manifest,
        monthly=_over_the_term([each.monthly for each in figures]),
        ledger=_joined([*(year.ledger for year in term.years), term.closing]),
        years=tuple(figures) if job.years > 1 else (),
        n_years=job.years,
        insurer_cash=None if term.cash is None else term.cash.balance,
    )


def facts_of(job: TermJob, d: int, settled: Int64s, heads: Sequence[Heads]) -> tuple[list[YearFacts], ...]:
    """Return what the contract has to know of a design's years, for those who settle it more than once.

    Arguments are those of :func:`results_of`. The facts without policy-caused events follow, where the contract asks.
    """
    return _asked(job.scenarios[d], _worlds(job, d, settled, heads), heads)


def _worlds(job: TermJob, d: int, settled: Int64s, heads: Sequence[Heads]) -> list[list[_Year]]:
    """The years of each world that the contract asks for."""
    scenario = job.scenarios[d]
    asked = len(settled) if scenario.terms.contract.by_counterfactual else 1
    return [[_year(scenario, job, settled[w, :, y], heads[w], y) for y in range(job.years)] for w in range(asked)]


def _asked(scenario: Scenario, worlds: list[list[_Year]], heads: Sequence[Heads]) -> tuple[list[YearFacts], ...]:
    return tuple(
        [_facts(scenario, year, heads[w], y) for y, year in enumerate(years)] for w, years in enumerate(worlds)
    )


def _year(scenario: Scenario, job: TermJob, settled: Int64s, heads: Heads, y: int) -> _Year:
    """A year's figures before the contract, of (r, g, column)."""
    from fundsim import kernels

    columns = job.base.columns
    groups = {
        "premium": heads.premium[:, y],
        "claims_paid": settled[:, :, kernels.CLAIMS],
        "beneficiaries": settled[:, :, kernels.BENEFICIARIES],
        "max_payout": settled[:, :, kernels.LARGEST],
        "n_at_cap": settled[:, :, kernels.AT_CAP],
        "insured": heads.persons[:, y],
        "compliant": settled[:, :, kernels.OWN_BASE],
        "above_deductible": settled[:, :, kernels.OWN_ABOVE],
    }
    paid = settled[:, :, columns.paid][:, :, : len(scenario.plan.payers)]
    if not job.base.model.annual:
        groups["gross"] = settled[:, :, kernels.OWN_GROSS]
        groups["reimbursed"] = paid.sum(axis=2)
        groups["patient_burden"] = groups["gross"] - groups["reimbursed"]
    totals = {name: values.sum(axis=1) for name, values in groups.items()}
    totals["max_payout"] = groups["max_payout"].max(axis=1)
    monthly = _monthly(scenario, job, settled)
    if job.everyone:
        totals |= _all_bills(settled, monthly["paid"])
    return _Year(groups, monthly["paid"].sum(axis=1) if job.everyone else paid.sum(axis=1), totals, monthly)


def _monthly(scenario: Scenario, job: TermJob, settled: Int64s) -> dict[str, Int64s]:
    if not job.base.by_month:
        return {}
    positions = job.base.plans.n_positions
    months = settled[:, :, job.base.columns.months].sum(axis=1).reshape(len(settled), 12, positions + 1)
    return {"bills": months[:, :, 0], "paid": months[:, :, 1 : 1 + len(scenario.plan.payers)]}


def _all_bills(settled: Int64s, paid: Int64s) -> dict[str, PerReplication]:
    """What all bills came to, whoever paid them.

    Raises:
        BalanceError: what the payers paid and the patients bear is not the cost of the bills.
    """
    from fundsim import kernels

    gross, payable, left = (
        settled[:, :, column].sum(axis=1) for column in (kernels.ALL_GROSS, kernels.ALL_PAYABLE, kernels.ALL_LEFT)
    )
    lost = payable - paid.sum(axis=(1, 2)) - left
    if lost.any():
        first = int(np.argmax(lost != 0))
        raise BalanceError(f"bills, payments and the patients' part differ by {lost[first]} fen in replication {first}")
    return {"gross_all": gross, "excluded_all": gross - payable, "patient_all": left}


def _facts(scenario: Scenario, year: _Year, heads: Heads, y: int) -> YearFacts:
    """What the contract has to know of a year."""
    budgeted = scenario.population.insured if scenario.terms.contract.paid_on == "budgeted" else None
    covered = [scenario.plan.names.index(name) for name in scenario.plan.covers]
    return YearFacts(
        insured=year.totals["insured"],
        base_premium=heads.premium[:, y].sum(axis=1),
        claims=year.totals["claims_paid"],
        budgeted=None if budgeted is None else np.full(len(year.paid), budgeted),
        claims_by_month=year.monthly["paid"][:, :, covered].sum(axis=2) if year.monthly else None,
        medical=_medical(scenario, year),
    )


def _medical(scenario: Scenario, year: _Year) -> Ledger:
    """Who else paid the bills: of everybody where all bills were settled, else of beneficiaries."""
    totals = year.totals
    medical = Ledger.empty(len(year.paid))
    patients = {"patient_burden": "patient_burden"} if "gross" in totals else {}
    if "gross_all" in totals:
        patients = {"patient_burden": "patient_all", "excluded": "excluded_all"}
    for position, payer in enumerate(scenario.plan.names if patients else ()):
        if payer not in scenario.plan.covers:
            medical = medical.post(f"paid by {payer}", payer, Party.PROVIDERS, year.paid[:, position])
    for label, total in patients.items():
        medical = medical.post(label, Party.PATIENTS, Party.PROVIDERS, totals[total])
    return medical


def _figures(year: _Year, term: TermResult, y: int, bands: Mapping[str, Int64s], *, everyone: bool) -> YearFigures:
    """A year's figures with those of the contract; nothing is told of a year in which the contract had ended."""
    result, in_force = term.years[y], _in_force(term, y)
    totals = {name: values * in_force for name, values in year.totals.items()}
    totals |= {name: getattr(result, name) for name in CONTRACT_MEASURES}
    if len(term.years) > 1:
        totals["in_force"] = in_force.astype(np.int64)
    if term.cash is not None:
        totals["cash_short"] = (term.cash.balance[:, y].min(axis=1) < 0).astype(np.int64)
    groups = {name: values * in_force[:, None] for name, values in year.groups.items()}
    factors = np.broadcast_to(term.premium_factors[y][:, None], groups["premium"].shape)
    groups["premium"] = part(groups["premium"], factors)
    months = year.monthly if everyone else {}
    monthly = {name: (values.T * in_force).T for name, values in months.items()}
    return YearFigures(totals, groups, bands, monthly, result.ledger)


def _in_force(term: TermResult, y: int) -> npt.NDArray[np.bool_]:
    """Whether the contract had not ended before a year, counted from 0."""
    result: npt.NDArray[np.bool_] = term.years_settled > y
    return result


def _over_the_term(years: Sequence[Mapping[str, Int64s]]) -> dict[str, Int64s]:
    """Sums over the years; of largest payments the largest, and edges of bands as they are."""
    return {name: _both(name, [year[name] for year in years]) for name in years[0]}


def _of_the_term(scenario: Scenario, term: TermResult) -> dict[str, PerReplication]:
    """What is told of the term as a whole: the last balance; how it ended, and how cash stood, where that is known."""
    found = {"balance": term.balance}
    if len(term.years) > 1 and scenario.terms.contract.termination is not None:
        found["terminated"] = term.terminated.astype(np.int64)
    if term.cash is not None:
        found["cash_short"] = (term.cash.lowest < 0).astype(np.int64)
    return found


def _both(name: str, values: Sequence[Int64s]) -> Int64s:
    stacked = np.stack(values)
    result: Int64s = stacked.max(axis=0) if name in LARGEST else stacked.sum(axis=0)
    return result


def _joined(ledgers: Sequence[Ledger]) -> Ledger:
    first, *others = ledgers
    for ledger in others:
        first = first.joined(ledger)
    return first


def _bands(scenario: Scenario, job: TermJob, settled: Int64s, in_force: npt.NDArray[np.bool_]) -> dict[str, Int64s]:
    """Beneficiaries and payments by band of own cost and by size, of a year's (r, g, column)."""
    columns, edges = job.base.columns, edges_of([scenario])[0]
    bands = settled[:, :, columns.own_cost].sum(axis=1) * in_force[:, None]
    return {
        "own_cost_edges": edges,
        "own_cost_persons": bands[:, : 2 * len(edges) + 2 : 2],
        "own_cost_paid": bands[:, 1 : 2 * len(edges) + 2 : 2],
        "paid_edges": PAYMENT_EDGES,
        "paid_persons": settled[:, :, columns.paid_sizes].sum(axis=1) * in_force[:, None],
    }
