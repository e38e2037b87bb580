"""Comparing schemes: the same people where they have the same, else the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

from fundsim.comparison.comparison import Comparison
from fundsim.comparison.errors import refuse
from fundsim.comparison.figures import poor_groups, row_of
from fundsim.comparison.names import names_of
from fundsim.comparison.people import (
    common_replications,
    common_years,
    passes,
    same_people,
    shared_levels,
    simulate_all,
)
from fundsim.comparison.persons import Persons, persons_of
from fundsim.pipeline import Progress
from fundsim.results import Results
from fundsim.scenario import Scenario


def compare(
    scenarios: Sequence[Scenario],
    n: int | None = None,
    seed: int | None = None,
    *,
    years: int | None = None,
    poor: Sequence[str] | None = None,
    catastrophic: float = 1.0,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | bool = False,
) -> Comparison:
    """Compare schemes or designs with the first of them.

    Schemes with the same population, claims, uncertainty and events meet the same people in one pass. Others are
    simulated apart under the same seed; what their levels have in common still cancels, and the error counts it.

    Args:
        scenarios: two or more; of a single one its own designs.
        n: replications of each; the first scheme's own by default, rounded up to whole batches where draws are
            stratified.
        seed: the first scheme's own by default.
        years: years of the contract; by default what all of them state.
        poor: groups that count as poor; by default those whose trait ``hardship`` is not the ordinary one.
        catastrophic: the part of a year's income per head (``locality.income``) above which what one insured bears
            counts as catastrophic expenditure; see :mod:`fundsim.comparison.persons`.
        workers: threads; all processors by default; without influence on the results.
        executor: where blocks run, instead of threads of this process.
        progress: True shows a bar; a function is called as blocks arrive.

    Raises:
        ComparisonError: fewer than two, the same twice, years that differ, or a group named as poor that is none.
    """
    everyone = _designs_of(scenarios)
    names = names_of(everyone)
    years = common_years(everyone, years)
    n = common_replications(everyone, n)
    seed = everyone[0].terms.simulation.seed if seed is None else seed
    counted = _poor(everyone, poor)
    if not 0 < catastrophic <= 10:
        raise refuse(f"{catastrophic:g}", "is no part of a year's income", "write such as 1 for all of it, 0.4 for 40%")
    results = simulate_all(everyone, n, seed, years, workers=workers, executor=executor, progress=progress)
    alike = next(numbers for numbers in passes(everyone) if 0 in numbers)
    found = None
    if len(alike) > 1:
        together = [everyone[number] for number in alike]
        found = persons_of(together, n, seed, years, share=catastrophic, workers=workers, executor=executor)
    persons = dict(zip(alike, found or (), strict=False))
    return _compared(names, results, counted, tuple(persons.get(number) for number in range(len(everyone))))


def compare_results(results: Sequence[Results], *, poor: Sequence[str] | None = None) -> Comparison:
    """Compare results at hand with the first of them: runs of one seed, number of replications and term.

    Nothing is simulated, so nobody is looked at person by person; otherwise as :func:`compare`.

    Raises:
        ComparisonError: fewer than two, the same scheme twice, or runs that do not belong together.
    """
    if len(results) < 2:
        raise refuse("runs", "there are fewer than two designs to compare", "give another run beside it")
    scenarios = [each.scenario for each in results]
    for what in ("seed", "replications", "n_years"):
        stated = [getattr(each, what) for each in results]
        if len(set(stated)) > 1:
            told = ", ".join(f"{each.label} {value}" for each, value in zip(scenarios, stated, strict=True))
            raise refuse(
                what.removeprefix("n_"),
                f"the runs differ in it ({told})",
                "make them again alike, or name the files instead",
            )
    return _compared(names_of(scenarios), results, _poor(scenarios, poor), (None,) * len(results))


def _poor(scenarios: Sequence[Scenario], poor: Sequence[str] | None) -> list[tuple[int, ...]]:
    return [poor_groups(each, poor) for each in scenarios]


def _compared(
    names: Sequence[str],
    results: Sequence[Results],
    poor: Sequence[tuple[int, ...]],
    persons: Sequence[Persons | None],
) -> Comparison:
    """Results beside the first of them; ``poor`` are the numbers of each design's groups of the poor."""
    scenarios = [each.scenario for each in results]
    return Comparison(
        rows=tuple(row_of(*each) for each in zip(names, results, poor, strict=True)),
        paired=tuple(same_people(scenarios[0], each) for each in scenarios),
        levels=tuple(tuple(shared_levels(scenarios[0], each)) for each in scenarios),
        poor=tuple(
            tuple(each.population.groups[place].name for place in places)
            for each, places in zip(scenarios, poor, strict=True)
        ),
        persons=tuple(persons),
        results=tuple(results),
        seed=results[0].seed,
        years=results[0].n_years,
    )


def _designs_of(scenarios: Sequence[Scenario]) -> tuple[Scenario, ...]:
    """The schemes to compare: those given, or one with its own designs."""
    if not scenarios:
        raise refuse("nothing", "there is no scheme to compare", "give two schemes, or one that states designs")
    if len(scenarios) > 1:
        return tuple(scenarios)
    only = scenarios[0]
    if not only.designs:
        instead = "give another scheme beside it, or state 'designs' in the file"
        raise refuse(only.label, "is one scheme without designs, and nothing stands beside it", instead)
    return (only, *(design for _, design in only.designs))
