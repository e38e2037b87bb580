"""The corridor: from a scenario to its results, each stage named once, in order.

    population -> claims (draws) -> benefits (who pays) -> contract (who bears) -> results

Drawing and settling bills is one fused pass of the kernel over blocks of replications; a block is fixed by the
numbers of its replications, never by the thread or worker that runs it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fundsim import runs
from fundsim.outcome import results_of
from fundsim.precision import Outcome, Plan
from fundsim.results import BehaviourFigures, Results
from fundsim.runs import RunFolder
from fundsim.scenario import Scenario
from fundsim.years import TermJob

Int64s = npt.NDArray[np.int64]
Progress = Callable[[int, int], None]
"""Called with the replications done and all replications, whenever a block arrives."""

PERSONS_PER_BLOCK = 400_000_000
"""About a second's work: small enough to lose little when killed, large enough to cost nothing."""


def simulate(
    scenario: Scenario,
    n: int | None = None,
    seed: int | None = None,
    *,
    years: int | None = None,
    until: str | Sequence[str] | None = None,
    most: int | None = None,
    workers: int | None = None,
    block: int | None = None,
    executor: Executor | None = None,
    progress: Progress | bool = False,
    out: str | Path | None = None,
) -> Results:
    """Simulate a scenario's year, or several years of its contract, ``n`` times.

    Args:
        scenario: the scheme, its people and its contract.
        n: replications; the scenario's own number by default, rounded up to whole batches where draws are stratified.
            With ``until`` the number before which no target is looked at, 200 by default.
        seed: the scenario's own by default. The same seed gives the same bits for any workers and blocks.
        years: years of the contract, one after another; the scenario's own by default. Amounts of the results are
            then averages of the years, which :meth:`Results.year` has one by one.
        until: a target, or several, after which replications are enough: ``se(insurer_result) <= 0.1% of premium``,
            ``width(insurer_loss) <= 2pp``, ``se(p05(insurer_result)) <= 50000 yuan``; see :mod:`fundsim.precision`.
            ``Results.precision`` says how far the run came. Of several designs, the first has to be as precise.
        most: with ``until``, replications after which the run ends even so; 20 times the scenario's own by default.
        workers: threads; all processors by default.
        block: replications in one unit of work; has no influence on the results.
        executor: where blocks run, instead of threads of this process.
        progress: True shows a bar, in a terminal or a notebook; a function is called as blocks arrive.
        out: run folder, saved block by block; an interrupted run of the same folder goes on.

    Raises:
        ScenarioError: several years of a scheme with ``funds``.
        RunFolderError: ``out`` holds something else.
        TargetError: a target that cannot be read, or a figure that the scheme has not.
    """
    return simulate_designs(
        [scenario],
        n,
        seed,
        years=years,
        until=until,
        most=most,
        workers=workers,
        block=block,
        executor=executor,
        progress=progress,
        out=out,
    )[0]


def simulate_designs(
    scenarios: Sequence[Scenario],
    n: int | None = None,
    seed: int | None = None,
    *,
    years: int | None = None,
    until: str | Sequence[str] | None = None,
    most: int | None = None,
    workers: int | None = None,
    block: int | None = None,
    executor: Executor | None = None,
    progress: Progress | bool = False,
    out: str | Path | None = None,
) -> tuple[Results, ...]:
    """Simulate several designs of one scheme on the same people, in one pass; arguments as for :func:`simulate`.

    Raises:
        TypeError: what is to be simulated is no scenario, but the name of its file, say.
        ValueError: the designs differ in their people, their claims or their traits.
        ScenarioError: several years of a scheme with ``funds``.
    """
    for each in scenarios:
        if not isinstance(each, Scenario):
            raise TypeError(f"{each!r} is no scenario; load one first: fundsim.load('my-scheme.yaml')")
    first = scenarios[0].terms.simulation
    years = first.years if years is None else years
    if years < 1:
        raise ValueError(f"cannot simulate {years} years; give at least 1")
    for scenario in scenarios:
        scenario.check_years(years)
    everyone = any(scenario.terms.simulation.bills == "all" for scenario in scenarios)
    beside = [scenario.without_behaviour for scenario in scenarios if scenario.may_change_behaviour]
    job = TermJob.build([*scenarios, *beside], first.seed if seed is None else seed, years, everyone=everyone)
    plan = Plan.of(n, own=first.replications, batch=scenarios[0].batch, until=until, most=most)
    if plan.most < 1:
        raise ValueError(f"cannot simulate {plan.most} replications; give at least 1")
    manifest = _manifest(scenarios, job, plan)
    if plan.targets:
        _check(plan, _results(job, job.run(0, 1), manifest, 0))
    folder = None if out is None else RunFolder.open(out, manifest)
    with shown(progress, plan.most, scenarios[0].id) as told:
        settled, outcomes = _enough(job, plan, manifest, _Work(block, folder, executor, workers, told))
    if plan.targets:
        manifest |= {"replications": settled.shape[2], "precision": [outcome.as_dict() for outcome in outcomes]}
    manifest["finished"] = runs.now()
    results = tuple(_results(job, settled, manifest, d) for d in range(len(job.scenarios)))
    results = tuple(_beside_behaviour(results, len(scenarios), job))
    if folder is not None:
        _save(results, folder)
    return results


def settle_bills(
    job: TermJob,
    n: int,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Int64s:
    """Draw and settle the first ``n`` replications of a job, for those who go on with its contract themselves.

    Returns:
        (world, design, replication, year, group, column), as :meth:`TermJob.run`; other arguments as for
        :func:`simulate`.
    """
    return np.concatenate(list(_blocks(job, 0, n, n, _Work(None, None, executor, workers, progress))), axis=2)


@dataclass(frozen=True)
class _Work:
    """How blocks are worked off; has no influence on the results."""

    block: int | None
    folder: RunFolder | None
    executor: Executor | None
    workers: int | None
    progress: Progress | None

    def size(self, job: TermJob, n: int) -> int:
        """Replications in a block, where ``n`` are to be shared out."""
        persons = max(job.base.model.population.insured * job.years, 1)
        return self.block or max(1, min(500, PERSONS_PER_BLOCK // persons, -(-n // (4 * cores()))))


def _enough(job: TermJob, plan: Plan, manifest: dict[str, Any], work: _Work) -> tuple[Int64s, tuple[Outcome, ...]]:
    """Settle replications until the plan has enough: what was settled, and how far it is from each target."""
    settled: list[Int64s] = []
    outcomes: tuple[Outcome, ...] = ()
    done = 0
    for rung in plan.rungs():
        settled = [np.concatenate([*settled, *_blocks(job, done, rung, plan.most, work)], axis=2)]
        done = rung
        if plan.targets:
            results = _results(job, settled[0], manifest, 0)
            outcomes = tuple(target.measured(results) for target in plan.targets)
            if all(outcome.reached for outcome in outcomes):
                break
    return settled[0], outcomes


def _check(plan: Plan, results: Results) -> None:
    for target in plan.targets:
        target.check(results)


def _results(job: TermJob, settled: Int64s, manifest: dict[str, Any], d: int) -> Results:
    """Results of a design from (world, design, r, year, group, column)."""
    heads = job.heads(d, np.arange(settled.shape[2], dtype=np.int64))
    return results_of(job, d, settled[:, d], heads, {**manifest, **_identity(job.scenarios[d])})


@contextmanager
def shown(progress: Progress | bool, n: int, title: str) -> Iterator[Progress | None]:
    """Whom to tell of progress: the caller's own function, a bar while it lasts, or nobody."""
    if not isinstance(progress, bool):
        yield progress
    elif not progress:
        yield None
    else:
        from tqdm.auto import tqdm

        with tqdm(total=n, unit=" replications", desc=title, disable=False if _in_notebook() else None) as bar:

            def tell(done: int, _: int) -> None:
                bar.update(done - bar.n)

            yield tell


def _in_notebook() -> bool:
    """Whether a notebook's kernel runs this, whose output is no terminal and shows a bar all the same."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _blocks(job: TermJob, begin: int, end: int, most: int, work: _Work) -> Iterator[Int64s]:
    """Yield the blocks of some replications in order; each is saved when it arrives. Progress is towards ``most``."""
    folder, executor, progress, size = work.folder, work.executor, work.progress, work.size(job, end - begin)
    bounds = [(start, min(start + size, end)) for start in range(begin, end, size)]
    arrived: dict[tuple[int, int], Int64s] = {}
    for bound in bounds:
        stored = folder.block(*bound) if folder else None
        if stored is not None:
            arrived[bound] = stored
    pool = executor or ThreadPoolExecutor(max_workers=work.workers or cores())
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
                progress(begin + sum(stop - start for start, stop in arrived), most)
    finally:
        for future in pending:
            future.cancel()
        if executor is None:
            pool.shutdown(wait=True, cancel_futures=True)
    if progress and not pending:
        progress(end, most)
    yield from (arrived[bound] for bound in bounds)


def _beside_behaviour(settled: Sequence[Results], n: int, job: TermJob) -> Iterator[Results]:
    """The results of ``n`` designs, each that states behaviour with what it had come to had nobody answered.

    The designs settled without behaviour stand behind the others, in the same order; a design whose rules are those of
    the base is its own.
    """
    quiet = iter(settled[n:])
    for results, response in zip(settled[:n], job.responses(()), strict=False):
        if response is None:
            yield results
            continue
        without = next(quiet) if results.scenario.may_change_behaviour else results
        figures = BehaviourFigures(response.base, response.borne, response.factor, without.totals)
        yield replace(results, behaviour=figures)


def _identity(scenario: Scenario) -> dict[str, Any]:
    return {
        "scenario": scenario.id,
        "fingerprint": scenario.fingerprint,
        "path": None if scenario.path is None else Path(scenario.path).name,
        "design": scenario.design,
        "applied": [{"id": each.id, "source": each.source, "changes": each.changes} for each in scenario.terms.applied],
        "document": scenario.to_yaml(),
    }


def _manifest(scenarios: Sequence[Scenario], job: TermJob, plan: Plan) -> dict[str, Any]:
    """What is known of a run when it begins; how many replications a target takes is known at its end."""
    asked = {"replications": None, "until": plan.as_dict()} if plan.targets else {"replications": plan.most}
    return {
        "format": runs.FORMAT,
        "fundsim": runs.versions()["fundsim"],
        **_identity(scenarios[0]),
        "seed": job.seed,
        **asked,
        "years": job.years,
        "sampler": job.sampler,
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
