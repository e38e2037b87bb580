"""Sensitivities (敏感性分析): each input at its low and high point, all else as drawn; and means by level from one run.

One at a time: an input is held at its 10% and its 90% point, an event does not happen and happens, while all other
draws and all people stay, so that the effect is a paired difference. Inputs that are correlated are still held one by
one; the others keep the draws that they had. Binned: one run, its replications in equal parts by an input's level, the
mean of the figure in each part; what else moves with the input is in these means.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from dataclasses import replace

import numpy as np

from fundsim.comparison.block import SweepJob
from fundsim.comparison.differences import difference_of, value_of
from fundsim.comparison.errors import refuse
from fundsim.comparison.figures import Figure, Floats, Int64s, Row, figure, poor_groups
from fundsim.comparison.held import HeldJob
from fundsim.comparison.people import common_replications
from fundsim.comparison.tornado_result import Bar, Bin, Tornado
from fundsim.decomposition.sources import Member, levels_of, sources_of
from fundsim.pipeline import Progress, cores, shown
from fundsim.scenario import Scenario

PER_BIN = 20
"""Replications below which a bin says nothing."""
BINS = 10


def tornado(
    scenario: Scenario,
    figure_id: str = "insurer_result",
    *,
    low: float = 0.1,
    high: float = 0.9,
    n: int | None = None,
    seed: int | None = None,
    years: int | None = None,
    poor: Sequence[str] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | bool = False,
) -> Tornado:
    """Find how far each uncertain input and event moves a figure by itself.

    Cost: with k inputs and events, 2k + 1 times ``n`` replications are settled.

    Args:
        scenario: the scheme, with what is uncertain.
        figure_id: which figure, such as ``insurer_result``, ``premium_needed`` or ``insurer_loss``.
        low: the point at which an input is held low, as a probability.
        high: the same for high.
        n: replications; the scheme's own by default.
        seed: the scheme's own by default.
        years: years of the contract; the scheme's own by default.
        poor: groups that count as poor; by default those whose trait ``hardship`` is not the ordinary one.
        workers: threads; all processors by default; without influence on the results.
        executor: where blocks run, instead of threads of this process.
        progress: True shows a bar; a function is called as blocks arrive.

    Raises:
        ComparisonError: nothing is uncertain, no such figure, or points out of order.
        ScenarioError: several years of a scheme with ``funds``.
    """
    of, stated = figure(figure_id), scenario.terms.simulation
    if not 0 < low < high < 1:
        raise refuse(f"{low:g} and {high:g}", "are no low and high points of an input", "write such as 0.1 and 0.9")
    seed, years = stated.seed if seed is None else seed, stated.years if years is None else years
    scenario.check_years(years)
    job = SweepJob.build([scenario], [poor_groups(scenario, poor)], seed, years)
    members = [member for source in sources_of(job.job) for member in source.members if member.kind != "mixing"]
    if not members:
        instead = (
            "state inputs under 'uncertainty' or 'events', or move assumptions by customary amounts: fundsim.stress"
        )
        raise refuse(scenario.label, "states nothing that is uncertain but the luck of patients", instead)
    n = common_replications([scenario], n)
    jobs = {"": job, **{key: each for member in members for key, each in _held(job, member, low, high)}}
    totals = _settled(jobs, n, workers, executor, progress, scenario.id)
    rows = {key: Row(key or scenario.label, scenario, found, years) for key, found in totals.items()}
    if rows[""].parts(of) is None:
        raise refuse(figure_id, f"{scenario.label} has no such figure", "choose one that its claims can tell")
    levels = levels_of(job.job, np.arange(n, dtype=np.int64))
    bars = [_bar(scenario, member, rows, of, (low, high)) for member in members]
    return Tornado(
        scenario=scenario,
        figure=of,
        points=(low, high),
        base=value_of(rows[""], of),
        bars=tuple(sorted(bars, key=lambda bar: -abs(bar.swing.mean or 0.0))),
        bins=tuple(each for member in members for each in _bins(rows[""], of, member, levels[member.name])),
        seed=seed,
        years=years,
        replications=n,
    )


LOW, HIGH = "low", "high"


def _held(job: SweepJob, member: Member, low: float, high: float) -> Iterator[tuple[str, SweepJob]]:
    for end, point in ((LOW, low), (HIGH, high)):
        if member.kind == "event":
            held = HeldJob.of(job.job, events={member.name: end == HIGH})
        else:
            held = HeldJob.of(job.job, inputs={member.name: level_at(job.job.scenarios[0], member.name, point)})
        contracts = tuple(replace(each, job=held) for each in job.contracts)
        yield f"{end} {member.name}", replace(job, job=held, contracts=contracts)


def level_at(scenario: Scenario, name: str, point: float) -> float:
    """The level of an input that it does not exceed with this probability."""
    assert scenario.terms.uncertainty is not None
    return float(np.asarray(scenario.terms.uncertainty.marginal(name).ppf(np.array([[point]]))).flat[0])


def _settled(
    jobs: dict[str, SweepJob],
    n: int,
    workers: int | None,
    executor: Executor | None,
    progress: Progress | bool,
    title: str,
) -> dict[str, dict[str, Int64s]]:
    """Totals (r,) of every job by name."""
    found = {key: {name: np.zeros(n, np.int64) for name in job.names} for key, job in jobs.items()}
    size = jobs[""].size(n)
    bounds = [(key, start, min(start + size, n)) for key in jobs for start in range(0, n, size)]
    pool, done = executor or ThreadPoolExecutor(max_workers=workers or cores()), 0
    with shown(progress, n * len(jobs), title) as told:
        try:
            pending = {pool.submit(jobs[key].run, start, stop): (key, start, stop) for key, start, stop in bounds}
            for future in as_completed(pending):
                key, start, stop = pending[future]
                for name, values in zip(jobs[key].names, future.result(), strict=True):
                    found[key][name][start:stop] = values[0]
                done += stop - start
                if told:
                    told(done, n * len(jobs))
        finally:
            if executor is None:
                pool.shutdown(wait=True, cancel_futures=True)
    return found


def _bar(scenario: Scenario, member: Member, rows: dict[str, Row], of: Figure, points: tuple[float, float]) -> Bar:
    low, high, base = rows[f"{LOW} {member.name}"], rows[f"{HIGH} {member.name}"], rows[""]
    levels = (0.0, 1.0)
    if member.kind == "input":
        levels = (level_at(scenario, member.name, points[0]), level_at(scenario, member.name, points[1]))
    return Bar(
        member=member,
        levels=levels,
        low=value_of(low, of),
        high=value_of(high, of),
        down=difference_of(low, base, of),
        up=difference_of(high, base, of),
        swing=difference_of(high, low, of),
    )


def _bins(row: Row, of: Figure, member: Member, level: Floats) -> Iterator[Bin]:
    """Means of the figure where the level lies in each of its equal parts; of an event, where it is absent and not."""
    order = np.argsort(level, kind="stable")
    parts = np.array_split(order, max(min(BINS, len(level) // PER_BIN), 1))
    if len(np.unique(level)) <= BINS:
        parts = [np.flatnonzero(level == value) for value in np.unique(level)]
    for number, chosen in enumerate(parts, start=1):
        some = {name: values[chosen] for name, values in row.totals.items()}  # no whole batches, if there were any
        yield Bin(
            member=member,
            number=number,
            levels=(float(level[chosen].min()), float(level[chosen].max())),
            replications=len(chosen),
            value=value_of(replace(row, totals=some, batched=False), of),
        )
