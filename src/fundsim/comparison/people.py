"""Who meets the same people: schemes with one population, claims, uncertainty and events are settled in one pass."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor

from fundsim.comparison.errors import refuse
from fundsim.pipeline import Progress, simulate_designs
from fundsim.results import Results
from fundsim.scenario import Scenario
from fundsim.uncertainty import BATCH


def passes(scenarios: Sequence[Scenario]) -> tuple[tuple[int, ...], ...]:
    """Numbers of the schemes that can be settled on the same people together, in the order of the first of each."""
    found: list[list[int]] = []
    for number, scenario in enumerate(scenarios):
        together = next((each for each in found if same_people(scenarios[each[0]], scenario)), None)
        if together is None:
            found.append([number])
        else:
            together.append(number)
    return tuple(map(tuple, found))


def same_people(one: Scenario, other: Scenario) -> bool:
    """Whether both meet the same people with the same bills in every replication, but for what behaviour changes."""
    return _drawn(one) == _drawn(other)


def _drawn(scenario: Scenario) -> tuple[object, ...]:
    terms, plan = scenario.terms, scenario.plan
    rounding = (plan.traits, plan.cumulative_rounding)
    return (terms.population, terms.claims, terms.uncertainty, terms.events, *rounding)


def common_years(scenarios: Sequence[Scenario], years: int | None) -> int:
    """The years over which all are simulated.

    Raises:
        ComparisonError: they state different ones, and none is given.
        ScenarioError: one of them cannot be followed over several years.
    """
    stated = {each.terms.simulation.years for each in scenarios}
    if years is None and len(stated) > 1:
        told = ", ".join(f"{each.label} {each.terms.simulation.years}" for each in scenarios)
        raise refuse(
            "years", f"the schemes are simulated over different years ({told})", "say how many: --years 1 or years=1"
        )
    years = stated.pop() if years is None else years
    for each in scenarios:
        each.check_years(years)
    return years


def common_replications(scenarios: Sequence[Scenario], n: int | None) -> int:
    """As many replications for all: the given number, or the first scheme's own; whole batches where one needs them."""
    wanted = scenarios[0].terms.simulation.replications if n is None else n
    stratified = any(each.batch is not None for each in scenarios)
    return -(-wanted // BATCH) * BATCH if stratified else wanted


def simulate_all(
    scenarios: Sequence[Scenario],
    n: int,
    seed: int,
    years: int,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    progress: Progress | bool = False,
) -> tuple[Results, ...]:
    """Simulate every scheme, those on the same people in one pass, under one seed."""
    found: dict[int, Results] = {}
    for numbers in passes(scenarios):
        together = [scenarios[number] for number in numbers]
        results = simulate_designs(
            together, n, seed, years=years, workers=workers, executor=executor, progress=progress
        )
        found |= dict(zip(numbers, results, strict=True))
    return tuple(found[number] for number in range(len(scenarios)))


def shared_levels(one: Scenario, other: Scenario) -> Iterator[str]:
    """Names of the uncertain inputs that have the same draw in both, replication by replication."""
    ours, theirs = one.terms.uncertainty, other.terms.uncertainty
    if ours is None or theirs is None or ours.draws != theirs.draws:
        return
    for name, stated in ours.inputs.items():
        if theirs.inputs.get(name) == stated and ours.distribution(name) == theirs.distribution(name):
            yield name
