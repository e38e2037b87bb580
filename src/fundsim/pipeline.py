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
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fundsim import runs
from fundsim.outcome import results_of
from fundsim.results import Results
from fundsim.runs import RunFolder
from fundsim.scenario import Scenario
from fundsim.years import TermJob

Int64s = npt.NDArray[np.int64]
Progress = Callable[[int, int], None]
"""Called with the replications done and all replications, whenever a block arrives."""

PERSONS_PER_BLOCK = 40_000_000
"""About a second's work: small enough to lose little when killed, large enough to cost nothing."""


def simulate(
    scenario: Scenario,
    n: int | None = None,
    seed: int | None = None,
    *,
    years: int | None = None,
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
        years: years of the contract, one after another; the scenario's own by default.
        workers: threads; all processors by default.
        block: replications in one unit of work; has no influence on the results.
        executor: where blocks run, instead of threads of this process.
        progress: True shows a bar, in a terminal or a notebook; a function is called as blocks arrive.
        out: run folder, saved block by block; an interrupted run of the same folder goes on.

    Raises:
        RunFolderError: ``out`` holds something else.
    """
    return simulate_designs(
        [scenario], n, seed, years=years, workers=workers, block=block, executor=executor, progress=progress, out=out
    )[0]


def simulate_designs(
    scenarios: Sequence[Scenario],
    n: int | None = None,
    seed: int | None = None,
    *,
    years: int | None = None,
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
    first = scenarios[0].terms.simulation
    n, years = first.replications if n is None else n, first.years if years is None else years
    everyone = any(scenario.terms.simulation.bills == "all" for scenario in scenarios)
    job = TermJob.build(scenarios, first.seed if seed is None else seed, years, everyone=everyone)
    if n < 1:
        raise ValueError(f"cannot simulate {n} replications; give at least 1")
    manifest = _manifest(scenarios, job.seed, n, years)
    folder = None if out is None else RunFolder.open(out, manifest)
    persons = max(job.base.model.population.insured * years, 1)
    size = block or max(1, min(500, PERSONS_PER_BLOCK // persons, -(-n // (2 * cores()))))
    with shown(progress, n, scenarios[0].id) as told:
        settled = np.concatenate(list(_blocks(job, n, size, folder, executor, workers, told)), axis=2)
    manifest["finished"] = runs.now()
    replications = np.arange(n, dtype=np.int64)
    results = tuple(
        results_of(job, d, settled[:, d], job.heads(d, replications), {**manifest, **_identity(scenario)})
        for d, scenario in enumerate(scenarios)
    )
    if folder is not None:
        _save(results, folder)
    return results


@contextmanager
def shown(progress: Progress | bool, n: int, title: str) -> Iterator[Progress | None]:
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


def _blocks(
    job: TermJob,
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


def _identity(scenario: Scenario) -> dict[str, Any]:
    return {
        "scenario": scenario.id,
        "fingerprint": scenario.fingerprint,
        "path": None if scenario.path is None else Path(scenario.path).name,
        "design": scenario.design,
        "applied": [{"id": each.id, "source": each.source, "changes": each.changes} for each in scenario.terms.applied],
        "document": scenario.to_yaml(),
    }


def _manifest(scenarios: Sequence[Scenario], seed: int, n: int, years: int) -> dict[str, Any]:
    return {
        "format": runs.FORMAT,
        "fundsim": runs.versions()["fundsim"],
        **_identity(scenarios[0]),
        "seed": seed,
        "replications": n,
        "years": years,
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
