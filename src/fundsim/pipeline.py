"""The corridor: from a scenario to its results, each stage named once, in order.

    population -> claims (draws) -> benefits (who pays) -> contract (who bears) -> results

Drawing and settling bills is one fused pass of the kernel over blocks of replications; a block is fixed by the
numbers of its replications, never by the thread or worker that runs it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fundsim import runs
from fundsim.benefits.compiled import CompiledPlans, compile_plans
from fundsim.benefits.relevance import floors, least_deductible
from fundsim.claims import ClaimsModel
from fundsim.contracts import MEASURES as CONTRACT_MEASURES
from fundsim.contracts import BalanceError, YearResult, settle_year
from fundsim.ledger import Ledger, Party
from fundsim.money import PerReplication
from fundsim.results import Results
from fundsim.runs import RunFolder
from fundsim.scenario import Scenario

Int64s = npt.NDArray[np.int64]
Progress = Callable[[int, int], None]
"""Called with the replications done and all replications, whenever a block arrives."""

PAYMENT_EDGES = np.array([yuan * 100 for yuan in (1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000)])
"""Fen: upper ends of the sizes of payment that are counted; larger ones make the last size."""

PERSONS_PER_BLOCK = 40_000_000
"""About a second's work: small enough to lose little when killed, large enough to cost nothing."""


def simulate(
    scenario: Scenario,
    n: int | None = None,
    seed: int | None = None,
    *,
    workers: int | None = None,
    block: int | None = None,
    executor: Executor | None = None,
    progress: Progress | bool = False,
    out: str | Path | None = None,
) -> Results:
    """Simulate a scenario's year ``n`` times.

    Args:
        scenario: the scheme, its people and its contract.
        n: replications; the scenario's own number by default.
        seed: the scenario's own by default. The same seed gives the same bits for any workers and blocks.
        workers: threads; all processors by default.
        block: replications in one unit of work; has no influence on the results.
        executor: where blocks run, instead of threads of this process.
        progress: True shows a bar, in a terminal or a notebook; a function is called as blocks arrive.
        out: run folder, saved block by block; an interrupted run of the same folder goes on.

    Raises:
        RunFolderError: ``out`` holds something else.
    """
    return simulate_designs(
        [scenario], n, seed, workers=workers, block=block, executor=executor, progress=progress, out=out
    )[0]


def simulate_designs(
    scenarios: Sequence[Scenario],
    n: int | None = None,
    seed: int | None = None,
    *,
    workers: int | None = None,
    block: int | None = None,
    executor: Executor | None = None,
    progress: Progress | bool = False,
    out: str | Path | None = None,
) -> tuple[Results, ...]:
    """Simulate several designs of one scheme on the same people, in one pass; arguments as for :func:`simulate`.

    Raises:
        ValueError: the designs differ in their people, their claims or their traits.
    """
    first = scenarios[0]
    everyone = any(scenario.terms.simulation.bills == "all" for scenario in scenarios)
    job = BlockJob.build(scenarios, first.terms.simulation.seed if seed is None else seed, everyone=everyone)
    n = first.terms.simulation.replications if n is None else n
    if n < 1:
        raise ValueError(f"cannot simulate {n} replications; give at least 1")
    manifest = _manifest(scenarios, job.seed, n)
    folder = None if out is None else RunFolder.open(out, manifest)
    size = block or max(1, min(500, PERSONS_PER_BLOCK // max(job.model.population.insured, 1), -(-n // (2 * cores()))))
    with _shown(progress, n, first.id) as told:
        settled = np.concatenate(list(_blocks(job, n, size, folder, executor, workers, told)), axis=1)
    manifest["finished"] = runs.now()
    results = tuple(
        _results(scenario, job, settled[d], {**manifest, **_identity(scenario)}) for d, scenario in enumerate(scenarios)
    )
    if folder is not None:
        _save(results, folder)
    return results


@contextmanager
def _shown(progress: Progress | bool, n: int, title: str) -> Iterator[Progress | None]:
    """Whom to tell of progress: the caller's own function, a bar while it lasts, or nobody."""
    if not isinstance(progress, bool):
        yield progress
    elif not progress:
        yield None
    else:
        from tqdm.auto import tqdm

        in_notebook = "ipykernel" in sys.modules  # whose output is no terminal, and shows a bar all the same
        with tqdm(total=n, unit=" replications", desc=title, disable=False if in_notebook else None) as bar:

            def tell(done: int, _: int) -> None:
                bar.update(done - bar.n)

            yield tell


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True, eq=False)
class BlockJob:
    """All that a block needs, whoever runs it: the model to draw from and the designs to settle by."""

    seed: int
    model: ClaimsModel
    plans: CompiledPlans
    cases: Int64s
    """(g, c) class of case of each cell."""
    floors: npt.NDArray[np.uint64]
    edges: Int64s
    """(d, e) fen: bands of own cost."""
    everyone: bool = False
    """Settle also the people whom no design can pay, every bill through all payers, and keep the months apart."""

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
        return cls(seed, model, plans, numbers, floors(model, plans, numbers), _edges(scenarios), everyone)

    def run(self, start: int, stop: int) -> Int64s:
        """Draw and settle the replications from ``start`` to ``stop``: (design, replication, group, column)."""
        from fundsim import kernels

        model, plans = self.model, self.plans
        draws = model.draws(self.seed, np.arange(start, stop, dtype=np.int64))
        tails = [(t.tail_weight, t.tail_threshold, t.tail_scale, t.tail_index) for t in model.tables]
        columns = self.columns
        out = np.zeros((plans.n_designs, stop - start, len(draws.persons), columns.n), dtype=np.int64)
        kernels.simulate_block(
            draws.replications, draws.persons, draws.count_keys, draws.admission_keys, draws.thresholds,
            draws.cell_thresholds, self.floors, self.cases, draws.factors,
            np.array([cell.severity for cell in model.cells], dtype=np.int64),
            np.array([cell.splits for cell in model.cells], dtype=np.int64),
            np.stack([table.coefficients for table in model.tables]), np.array(tails), model.tables[0].bits,
            model.annual, plans.cumulative_rounding, self.everyone, plans.steps, plans.primary, plans.insured,
            plans.counted_once, plans.prefix, plans.shared_base, plans.payers, plans.terms, least_deductible(plans),
            self.edges, PAYMENT_EDGES, out,
        )  # fmt: skip
        return out

    @property
    def columns(self) -> Columns:
        return Columns(self.plans.n_positions, self.edges.shape[1], len(PAYMENT_EDGES), by_month=self.everyone)


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
    def months(self) -> slice:
        """For each month the number of bills and what each position paid; empty where months are not kept."""
        return slice(self.paid_sizes.stop, self.paid_sizes.stop + 12 * (self.positions + 1) * self.by_month)

    @property
    def n(self) -> int:
        return int(self.months.stop)


def _edges(scenarios: Sequence[Scenario]) -> Int64s:
    """Bands of own cost: where the covered payer's rates change in its first class (fen)."""
    rows = [[knot for knot in s.plan.payer(s.plan.primary).classes[0].curve.knots if knot] for s in scenarios]
    longest = max(len(row) for row in rows)
    return np.array([row + [2**62] * (longest - len(row)) for row in rows], dtype=np.int64).reshape(len(rows), longest)


def _blocks(
    job: BlockJob,
    n: int,
    size: int,
    folder: RunFolder | None,
    executor: Executor | None,
    workers: int | None,
    progress: Progress | None,
) -> Iterator[Int64s]:
    """Yield the blocks in order, as soon as all before them have arrived; each is saved when it arrives."""
    bounds = [(start, min(start + size, n)) for start in range(0, n, size)]
    arrived: dict[tuple[int, int], Int64s] = {}
    for bound in bounds:
        stored = folder.block(*bound) if folder else None
        if stored is not None:
            arrived[bound] = stored
    pool = executor or ThreadPoolExecutor(max_workers=workers or cores())
    pending: dict[Future[Int64s], tuple[int, int]] = {
        pool.submit(job.run, *bound): bound for bound in bounds if bound not in arrived
    }
    try:
        for future in as_completed(pending):
            bound = pending[future]
            arrived[bound] = future.result()
            if folder:
                folder.save_block(*bound, arrived[bound])
            if progress:
                progress(sum(stop - start for start, stop in arrived), n)
    finally:
        for future in pending:
            future.cancel()
        if executor is None:
            pool.shutdown(wait=True, cancel_futures=True)
    if progress and not pending:
        progress(n, n)
    yield from (arrived[bound] for bound in bounds)


def _results(scenario: Scenario, job: BlockJob, settled: Int64s, manifest: dict[str, Any]) -> Results:
    """Turn one design's settled bills (r, g, column) into results, through its contract."""
    from fundsim import kernels

    plan, groups = scenario.plan, scenario.population.groups
    columns = job.columns
    n = len(settled)
    heads = np.array([group.persons for group in groups], dtype=np.int64)
    per_head = np.array([scenario.terms.contract.premium_per_head(group.traits) for group in groups], dtype=np.int64)
    by_group = {
        "premium": np.tile(heads * per_head, (n, 1)),
        "claims_paid": settled[:, :, kernels.CLAIMS],
        "beneficiaries": settled[:, :, kernels.BENEFICIARIES],
        "max_payout": settled[:, :, kernels.LARGEST],
        "n_at_cap": settled[:, :, kernels.AT_CAP],
        "insured": np.tile(heads, (n, 1)),
        "compliant": settled[:, :, kernels.OWN_BASE],
        "above_deductible": settled[:, :, kernels.OWN_ABOVE],
    }
    paid = settled[:, :, columns.paid][:, :, : len(plan.payers)]
    if not job.model.annual:
        by_group["gross"] = settled[:, :, kernels.OWN_GROSS]
        by_group["reimbursed"] = paid.sum(axis=2)
        by_group["patient_burden"] = by_group["gross"] - by_group["reimbursed"]
    totals = {name: values.sum(axis=1) for name, values in by_group.items()}
    totals["max_payout"] = by_group["max_payout"].max(axis=1)
    monthly = _monthly(scenario, job, settled)
    if monthly:
        totals |= _all_bills(settled, monthly["paid"])
    year = _contract_year(scenario, totals, monthly["paid"].sum(axis=1) if monthly else paid.sum(axis=1))
    totals |= {name: getattr(year, name) for name in CONTRACT_MEASURES}
    bands = settled[:, :, columns.own_cost].sum(axis=1)
    sizes = settled[:, :, columns.paid_sizes].sum(axis=1)
    edges = _edges([scenario])[0]
    return Results(
        scenario=scenario,
        seed=job.seed,
        totals=totals,
        groups=by_group,
        bands={
            "own_cost_edges": edges,
            "own_cost_persons": bands[:, : 2 * len(edges) + 2 : 2],
            "own_cost_paid": bands[:, 1 : 2 * len(edges) + 2 : 2],
            "paid_edges": PAYMENT_EDGES,
            "paid_persons": sizes,
        },
        manifest=manifest,
        monthly=monthly,
        ledger=year.ledger,
    )


def _monthly(scenario: Scenario, job: BlockJob, settled: Int64s) -> dict[str, Int64s]:
    """By month of discharge the number of bills and what each payer paid, where all bills were settled."""
    if not job.everyone:
        return {}
    positions = job.plans.n_positions
    months = settled[:, :, job.columns.months].sum(axis=1).reshape(len(settled), 12, positions + 1)
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


def _contract_year(scenario: Scenario, totals: dict[str, PerReplication], paid: Int64s) -> YearResult:
    """Settle the contract; the ledger also shows who else paid the bills: of everybody, or of beneficiaries only."""
    plan = scenario.plan
    medical = Ledger.empty(len(paid))
    patients = {"patient_burden": "patient_burden"} if "gross" in totals else {}
    if "gross_all" in totals:
        patients = {"patient_burden": "patient_all", "excluded": "excluded_all"}
    for position, payer in enumerate(plan.names if patients else ()):
        if payer not in plan.covers:
            medical = medical.post(f"paid by {payer}", payer, Party.PROVIDERS, paid[:, position])
    for label, total in patients.items():
        medical = medical.post(label, Party.PATIENTS, Party.PROVIDERS, totals[total])
    return settle_year(
        scenario.terms.contract,
        premium=totals["premium"],
        claims=totals["claims_paid"],
        insured=totals["insured"],
        last_year=True,
        medical=medical,
    )


def _identity(scenario: Scenario) -> dict[str, Any]:
    return {
        "scenario": scenario.id,
        "fingerprint": scenario.fingerprint,
        "path": None if scenario.path is None else Path(scenario.path).name,
        "design": scenario.design,
        "applied": [{"id": each.id, "source": each.source, "changes": each.changes} for each in scenario.terms.applied],
        "document": scenario.to_yaml(),
    }


def _manifest(scenarios: Sequence[Scenario], seed: int, n: int) -> dict[str, Any]:
    return {
        "format": runs.FORMAT,
        "fundsim": runs.versions()["fundsim"],
        **_identity(scenarios[0]),
        "seed": seed,
        "replications": n,
        "designs": [scenario.fingerprint for scenario in scenarios[1:]],
        "versions": runs.versions(),
        "started": runs.now(),
        "finished": None,
    }


def _save(results: tuple[Results, ...], folder: RunFolder) -> None:
    """Save the other designs beneath the run folder, the base design in it last, then drop the blocks."""
    for number, result in enumerate(results[1:], start=1):
        result.save(folder.path / runs.DESIGNS / (result.scenario.design or f"{number:03d}"))
    results[0].save(folder.path)
    folder.close()
