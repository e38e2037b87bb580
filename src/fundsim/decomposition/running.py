"""Settling what a decomposition compares: the same scheme on inputs and people of chosen replications."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.decomposition.result import FIGURES, Decomposition
from fundsim.decomposition.shares import Floats, Parts, parted
from fundsim.decomposition.sources import Source, levels_of, sources_of, thirds_of
from fundsim.estimates import probability_of
from fundsim.measures import MEASURES
from fundsim.money import PerReplication
from fundsim.outcome import results_of
from fundsim.pipeline import PERSONS_PER_BLOCK, Progress, cores, shown
from fundsim.scenario import Scenario
from fundsim.uncertainty import BATCH
from fundsim.years import MIXING, TermJob

FEWEST = 2 * BATCH
"""Replications below which shares of a variance say nothing."""


def decompose(
    scenario: Scenario,
    n: int | None = None,
    seed: int | None = None,
    *,
    years: int | None = None,
    workers: int | None = None,
    progress: Progress | bool = False,
) -> Decomposition:
    """Find where the risk of a scheme comes from.

    Cost: with k sources of risk, k + 3 times ``n`` replications are settled: two independent samples, one with the
    inputs of the first and the people of the second, and for each source one with that source from the first and all
    else from the second. A replication is settled once where a source has the same value in both, so an event of
    probability p costs 2p(1 - p) of a sample; with one source it is k + 2, with none two.

    Args:
        scenario: the scheme, with what is uncertain.
        n: replications of each sample; the scenario's own number by default.
        seed: the scenario's own by default. The first sample is that of ``simulate`` with the same seed and n.
        years: years of the contract; the scenario's own by default. Figures are those of the whole term.
        workers: threads; all processors by default; without influence on the results.
        progress: True shows a bar, in a terminal or a notebook; a function is called as blocks arrive.

    Raises:
        ValueError: fewer than 50 replications.
    """
    stated = scenario.terms.simulation
    n, years = stated.replications if n is None else n, stated.years if years is None else years
    if n < FEWEST:
        raise ValueError(f"{n} replications say nothing of the shares of a variance; give at least {FEWEST}")
    everyone = stated.bills == "all"
    job = TermJob.build([scenario], stated.seed if seed is None else seed, years, everyone=everyone)
    samples = Samples.plan(job, n)
    with shown(progress, samples.to_settle, scenario.id) as told:
        values = samples.settle(workers or cores(), told)
    lost = np.concatenate([values["a"][:, LOST], values["b"][:, LOST]]) > 0
    levels = levels_of(job, np.concatenate([samples.numbers, samples.numbers + samples.offset]))
    return Decomposition(
        scenario=scenario,
        seed=job.seed,
        years=years,
        replications=n,
        settled=samples.to_settle,
        sources=samples.sources,
        figures={name: _parts(samples, values, place, scenario.batch) for place, name in enumerate(FIGURES)},
        thirds=tuple(
            thirds_of(source.name, member, levels[member.name], lost)
            for source in samples.sources
            for member in source.members
        ),
        loss=probability_of(lost, batch=scenario.batch),
    )


LOST: Final = list(FIGURES).index("insurer_loss")


def _parts(samples: Samples, values: Mapping[str, Floats], place: int, batch: int | None) -> Parts:
    of = {key: column[:, place] for key, column in values.items()}
    frozen = {name: of[key] for name, key in samples.frozen.items()}
    return parted(of["a"], of["b"], frozen, of["inputs"], batch=batch)


@dataclass(frozen=True, eq=False)
class Samples:
    """What is settled: by key a job, and which of its replications are not those of sample ``b`` anyway."""

    sources: tuple[Source, ...]
    numbers: PerReplication
    offset: int
    """From a replication of the first sample to its partner in the second; whole batches."""
    jobs: Mapping[str, TermJob]
    """``a``, ``b``, ``inputs``, and one for each source where there are several."""
    rows: Mapping[str, PerReplication]
    frozen: Mapping[str, str]
    """By source, the key of the sample that has this source of ``a`` and all else of ``b``."""

    @classmethod
    def plan(cls, job: TermJob, n: int) -> Samples:
        """Choose whose inputs and whose people meet."""
        sources, numbers, offset = sources_of(job), np.arange(n, dtype=np.int64), -(-n // BATCH) * BATCH
        names = [source.name for source in sources]
        frozen = {name: f"only {name}" if len(names) > 1 else "inputs" for name in names}
        jobs = {
            "a": job,
            "b": job.swapped(dict.fromkeys(names, offset), offset),
            "inputs": job.swapped({}, offset),
            **{frozen[one]: job.swapped({name: offset for name in names if name != one}, offset) for one in names},
        }
        rows = {
            key: numbers if key in "ab" else numbers[_differ(each, jobs["b"], numbers)] for key, each in jobs.items()
        }
        return cls(sources, numbers, offset, jobs, rows, frozen)

    @property
    def to_settle(self) -> int:
        return sum(len(rows) for rows in self.rows.values())

    def settle(self, workers: int, told: Progress | None) -> dict[str, Floats]:
        """(r, figure) by key."""
        job = self.jobs["a"]
        persons = max(job.base.model.population.insured * job.years, 1)
        size = max(1, min(500, PERSONS_PER_BLOCK // persons, -(-len(self.numbers) // (2 * workers))))
        blocks = [
            (key, rows[start : start + size]) for key, rows in self.rows.items() for start in range(0, len(rows), size)
        ]
        found = {key: np.zeros((len(self.numbers), len(FIGURES))) for key in self.jobs}
        for (key, rows), values in _each(self.jobs, blocks, workers, told):
            found[key][rows] = values
        for key, column in found.items():
            same = np.setdiff1d(self.numbers, self.rows[key], assume_unique=True)
            column[same] = found["b"][same]
        return found


Block = tuple[str, PerReplication]


def _each(
    jobs: Mapping[str, TermJob], blocks: Sequence[Block], workers: int, told: Progress | None
) -> Iterator[tuple[Block, Floats]]:
    """Settle blocks on threads; each is handed on when it arrives."""
    done, whole = 0, sum(len(rows) for _, rows in blocks)
    pool = ThreadPoolExecutor(max_workers=workers)
    try:
        pending = {pool.submit(_figures, jobs[key], rows): (key, rows) for key, rows in blocks}
        for future in as_completed(pending):
            block = pending[future]
            yield block, future.result()
            done += len(block[1])
            if told:
                told(done, whole)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _figures(job: TermJob, rows: PerReplication) -> Floats:
    """(r, figure) of the whole term, in yuan, as shares, and 1 or 0."""
    results = results_of(job, 0, job.settled(rows)[:, 0], job.heads(0, rows), {})
    found = {name: results.values(name) for name in FIGURES if name in MEASURES}
    found["insurer_loss"] = (results.totals["insurer_result"] < 0).astype(np.float64)
    columns = [found[name] for name in FIGURES]
    return np.stack([np.full(len(rows), np.nan) if each is None else each for each in columns], axis=1)


def _differ(job: TermJob, other: TermJob, numbers: PerReplication) -> npt.NDArray[np.bool_]:
    """Which replications of two jobs with the same people are not the same."""
    ours, theirs = job.drawn(numbers).values, other.drawn(numbers).values
    differ = [(ours[name] != theirs[name]).reshape(len(numbers), -1) for name in ours]
    states, others = job.worlds(numbers)[0].state, other.worlds(numbers)[0].state
    differ.append((states != others).reshape(len(numbers), -1))
    if job.base.model.frequency.shared_by() is not None:
        mixing = (job.swap or {}).get(MIXING, 0) != (other.swap or {}).get(MIXING, 0)
        differ.append(np.full((len(numbers), 1), mixing))
    found: npt.NDArray[np.bool_] = np.logical_or.reduce(np.concatenate(differ, axis=1), axis=1)
    return found
