"""Sweeping: many designs of one scheme in one pass over the people, in bounded memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import numpy as np

from fundsim import runs
from fundsim.comparison.block import SweepJob
from fundsim.comparison.designs import points_of
from fundsim.comparison.errors import ComparisonError, Complaint
from fundsim.comparison.figures import poor_groups
from fundsim.comparison.people import common_replications
from fundsim.comparison.store import room_for, stream
from fundsim.comparison.sweep_result import Sweep
from fundsim.comparison.vary import Vary, read_vary, vary_of
from fundsim.pipeline import Progress, shown
from fundsim.runs import RunFolder
from fundsim.scenario import Scenario


def sweep(
    scenario: Scenario,
    path: str | Mapping[str, Sequence[Any]],
    values: Sequence[Any] | str | None = None,
    *,
    together: bool = False,
    n: int | None = None,
    seed: int | None = None,
    years: int | None = None,
    poor: Sequence[str] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | bool = False,
    folder: str | Path | None = None,
) -> Sweep:
    """Settle many designs of a scheme on the same people, in one pass.

    Args:
        scenario: the scheme; every design is this one with other values at the paths.
        path: a path such as ``payers.cii.deductible``, or a mapping of several paths to their values.
        values: of a single path, as they would stand in a file, or in one text: ``6000..12000 step 1000 yuan``.
        together: take the first value of every path together, then the second of every path; else all combinations.
        n: replications of each design; the scheme's own by default, rounded up to whole batches where it is stratified.
        seed: the scheme's own by default.
        years: years of the contract; the scheme's own by default.
        poor: groups that count as poor; by default those whose trait ``hardship`` is not the ordinary one.
        workers: threads; all processors by default; without influence on the results.
        executor: where blocks run, instead of threads of this process.
        progress: True shows a bar; a function is called as blocks arrive.
        folder: where blocks are kept as they arrive, so that the same sweep goes on where it was broken off.

    Raises:
        ComparisonError: paths or values that make no designs; all problems at once.
        ScenarioError: several years of a scheme with ``funds``.
        RunFolderError: ``folder`` holds something else.
    """
    return sweep_varied(
        scenario, _varied(path, values), together=together, n=n, seed=seed, years=years, poor=poor, workers=workers,
        executor=executor, progress=progress, folder=folder,
    )  # fmt: skip


def sweep_varied(
    scenario: Scenario,
    varied: Sequence[Vary],
    *,
    together: bool = False,
    n: int | None = None,
    seed: int | None = None,
    years: int | None = None,
    poor: Sequence[str] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | bool = False,
    folder: str | Path | None = None,
) -> Sweep:
    """Sweep over paths that were read already; arguments and errors as for :func:`sweep`."""
    stated = scenario.terms.simulation
    seed, years = stated.seed if seed is None else seed, stated.years if years is None else years
    scenario.check_years(years)
    points = points_of(scenario, varied, together=together)
    schemes = [scenario, *(point.scenario for point in points)]
    n = common_replications(schemes, n)
    quiet = {place: each.without_behaviour for place, each in enumerate(schemes) if each.may_change_behaviour}
    everybody = [*schemes, *quiet.values()]
    counted = [poor_groups(each, poor) for each in everybody]
    job = SweepJob.build(everybody, counted, seed, years)
    place = None if folder is None else RunFolder.open(folder, _manifest(schemes, seed, n, years))
    totals = room_for((len(job.names), len(everybody), n))
    size = job.size(n)
    bounds = [(start, min(start + size, n)) for start in range(0, n, size)]
    with shown(progress, n, scenario.id) as told:
        for (start, stop), block in stream(
            job.run, bounds, workers=workers, executor=executor, folder=place, progress=told
        ):
            totals[:, :, start:stop] = block
    answers = [each.terms.behaviour is not None for each in schemes]
    order = {place: len(schemes) + number for number, place in enumerate(quiet)}
    return Sweep(
        scenario=scenario,
        varied=tuple(varied),
        points=points,
        totals=dict(zip(job.names, totals, strict=True)),
        without=np.array([order.get(d, d) if answers[d] else -1 for d in range(len(schemes))], dtype=np.intp),
        poor=tuple(scenario.population.groups[number].name for number in counted[0]),
        seed=seed,
        years=years,
    )


def _varied(path: str | Mapping[str, Sequence[Any]], values: Sequence[Any] | str | None) -> tuple[Vary, ...]:
    stated = path if isinstance(path, Mapping) else {path: () if values is None else values}
    complaints: list[Complaint] = []
    read = [
        read_vary(f"{each}={some}", complaints) if isinstance(some, str) else vary_of(each, list(some), complaints)
        for each, some in stated.items()
    ]
    if complaints:
        raise ComparisonError(complaints)
    return tuple(each for each in read if each is not None)


def _manifest(schemes: Sequence[Scenario], seed: int, n: int, years: int) -> dict[str, Any]:
    """What must agree for a broken sweep to go on."""
    return {
        "format": runs.FORMAT,
        "fundsim": runs.versions()["fundsim"],
        "sweep": schemes[0].id,
        "fingerprint": schemes[0].fingerprint,
        "seed": seed,
        "replications": n,
        "years": years,
        "designs": [scenario.fingerprint for scenario in schemes[1:]],
        "versions": runs.versions(),
        "started": runs.now(),
        "finished": None,
    }
