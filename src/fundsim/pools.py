"""Many pools as one job (多统筹区批量模拟): every city with its designs, one run folder each, on one executor.

A few pools are under way at a time, so that memory does not grow with their number while all threads or workers stay
busy; each pool's blocks, figures and designs lie in its own folder, and a job that was stopped goes on where it was.
Pools are told one by one and never added up: cities that state the same seed would meet the same luck.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from fundsim import runs
from fundsim.pipeline import Progress, cores, shown, simulate_designs
from fundsim.precision import whole_batches
from fundsim.results import Results
from fundsim.runs import RunFolderError
from fundsim.scenario import Problem, Scenario, ScenarioError, load

if TYPE_CHECKING:
    import pandas as pd

AT_ONCE: Final = 4
"""Pools under way at a time."""
TOLD: Final = ("premium", "claims_paid", "loss_ratio", "insurer_result", "fund_result", "beneficiaries", "pure_premium")
"""Measures of the table."""
THOUSAND: Final = 1000


def simulate_pools(
    files: Sequence[str | Path],
    out: str | Path,
    n: int | None = None,
    seed: int | None = None,
    *,
    years: int | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    at_once: int = AT_ONCE,
    progress: Progress | bool = False,
) -> pd.DataFrame:
    """Simulate the schemes of many files, each with its designs; those that are finished already are only read.

    Args:
        files: a scheme each; every one is read and checked before the first is simulated.
        out: the folder beneath which each pool has its run folder, by its id.
        n: replications of every pool; each scheme's own by default.
        seed: of every pool; each scheme's own by default.
        years: years of the contract; each scheme's own by default.
        workers: threads; all processors by default.
        executor: where blocks run, instead of threads of this process.
        at_once: pools under way at a time, which bounds memory.
        progress: True shows a bar with the time that is left; a function is called as blocks arrive, with the thousands
            of insured persons' years done and asked for, which is what takes the time.

    Returns:
        One row per pool and design (``base`` for the scheme itself): means and errors of the main measures, P(loss)
        with its interval.

    Raises:
        ScenarioError: a file has problems; those of all files are told.
        RunFolderError: two schemes have one id, or a folder holds something else.
    """
    import pandas as pd

    schemes = _read(files)
    sizes = {
        name: _size(scheme, n, scheme.terms.simulation.years if years is None else years)
        for name, scheme in schemes.items()
    }
    own = None if executor is not None else ThreadPoolExecutor(max_workers=workers or cores())
    try:
        with shown(progress, sum(sizes.values()) // THOUSAND, f"{len(schemes)} pools") as told:
            tally = _Tally(sizes, told)
            rows = _worked_off(schemes, Path(out), n, seed, years, executor or own, at_once, tally)
    finally:
        if own is not None:
            own.shutdown(cancel_futures=True)
    return pd.DataFrame([row for name in schemes for row in rows[name]]).set_index(["pool", "design"])


def _read(files: Sequence[str | Path]) -> dict[str, Scenario]:
    """All schemes by id.

    Raises:
        ScenarioError: problems of any of them.
        RunFolderError: two have one id.
    """
    problems: list[Problem] = []
    schemes: dict[str, Scenario] = {}
    for file in files:
        try:
            scheme = load(file)
        except ScenarioError as error:
            problems += error.problems
            continue
        if scheme.id in schemes:
            raise RunFolderError(f"{file}: another of the schemes is called '{scheme.id}' too; give each its own id")
        schemes[scheme.id] = scheme
    if problems:
        raise ScenarioError(problems)
    return schemes


def _size(scheme: Scenario, n: int | None, years: int) -> int:
    """Persons' years that are simulated."""
    replications = whole_batches(scheme.terms.simulation.replications if n is None else n, scheme.batch)
    return scheme.population.insured * years * replications


class _Tally:
    """Adds up how far the pools are; they tell from several threads."""

    def __init__(self, sizes: dict[str, int], told: Progress | None) -> None:
        self._sizes, self._told, self._done, self._lock = sizes, told, dict.fromkeys(sizes, 0), Lock()

    def of(self, name: str) -> Progress:
        def tell(done: int, whole: int) -> None:
            with self._lock:
                self._done[name] = self._sizes[name] * done // whole
                if self._told is not None:
                    self._told(sum(self._done.values()) // THOUSAND, sum(self._sizes.values()) // THOUSAND)

        return tell


Row = dict[str, object]


def _worked_off(
    schemes: dict[str, Scenario],
    out: Path,
    n: int | None,
    seed: int | None,
    years: int | None,
    executor: Executor | None,
    at_once: int,
    tally: _Tally,
) -> dict[str, list[Row]]:
    """The rows of every pool; where one fails no other is begun, and what is saved stays."""

    def one(name: str) -> list[Row]:
        return list(_pool(schemes[name], out / name, n, seed, years, executor, tally.of(name)))

    waiting, rows = iter(schemes), {}
    with ThreadPoolExecutor(max_workers=at_once) as drivers:
        pending: dict[Future[list[Row]], str] = {}
        for name in waiting:
            pending[drivers.submit(one, name)] = name
            if len(pending) >= at_once:
                rows.update(_arrived(pending))
        while pending:
            rows.update(_arrived(pending))
    return rows


def _arrived(pending: dict[Future[list[Row]], str]) -> dict[str, list[Row]]:
    done, _ = wait(pending, return_when=FIRST_COMPLETED)
    return {pending.pop(future): future.result() for future in done}


def _pool(
    scheme: Scenario,
    folder: Path,
    n: int | None,
    seed: int | None,
    years: int | None,
    executor: Executor | None,
    progress: Progress,
) -> Iterator[Row]:
    designs = [scheme, *(design for _, design in scheme.designs)]
    found = _finished(folder, designs, n, seed, years)
    if found is not None:
        progress(1, 1)
    for each in found or simulate_designs(
        designs, n, seed, years=years, executor=executor, out=folder, progress=progress
    ):
        yield _row(scheme.id, each)


def _finished(
    folder: Path, designs: Sequence[Scenario], n: int | None, seed: int | None, years: int | None
) -> list[Results] | None:
    """The results of a pool that was simulated already, in the same way; None where it was not."""
    try:
        manifest = runs.read_manifest(folder)
    except RunFolderError:
        return None
    stated = designs[0].terms.simulation
    asked = {
        "fingerprint": designs[0].fingerprint,
        "designs": [design.fingerprint for design in designs[1:]],
        "seed": stated.seed if seed is None else seed,
        "years": stated.years if years is None else years,
        "replications": whole_batches(stated.replications if n is None else n, designs[0].batch),
        "versions": runs.versions(),
    }
    if any(manifest.get(name) != value for name, value in asked.items()):
        return None  # the folder is refused, with the reason, when the run begins
    return [Results.load(folder), *(Results.load(folder / runs.DESIGNS / str(d.design)) for d in designs[1:])]


def _row(pool: str, results: Results) -> Row:
    loss = results.probability("insurer_loss")
    row: Row = {
        "pool": pool,
        "design": results.scenario.design or "base",
        "insured": results.scenario.population.insured,
    }
    for name in TOLD:
        estimate = results.estimate(name)
        row |= {name: estimate.mean, f"{name}_se": estimate.se}
    return row | {"p_loss": loss.p, "p_loss_lo": loss.lo, "p_loss_hi": loss.hi, "replications": results.replications}
