"""The sensitivities of a report (敏感性测算), made on the fly: other deductibles, and a tornado for every scheme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fundsim.comparison import StressTest, Sweep, Tornado, stress, sweep, tornado
from fundsim.comparison.stated import deductible_of, stated_amount

if TYPE_CHECKING:
    from fundsim.scenario import Scenario

REPLICATIONS: Final = 200
"""Of every design, every held input and every test: enough for differences, which are paired."""
PARTS: Final = (0.5, 0.75, 1.25, 1.5, 2.0)
"""Of the present deductible."""

Sensitivity = Sweep | Tornado | StressTest


def sensitivities(
    scenario: Scenario,
    n: int | None = None,
    *,
    seed: int | None = None,
    years: int | None = None,
    progress: bool = False,
) -> tuple[Sensitivity, ...]:
    """Measure what a report tells: other deductibles of one year, and what moves the insurer's result most.

    That is each uncertain input held low and high; where a scheme states nothing uncertain, the standard stress tests.
    ``seed`` and ``years`` are the scheme's own by default. Left out is a deductible that is no plain amount or that an
    event changes.
    """
    found: list[Sensitivity] = []
    path, n = deductible_of(scenario), n or REPLICATIONS
    if path is not None:
        values = [f"{fen // 100} yuan" for fen in _other_deductibles(scenario, path)]
        found.append(sweep(scenario, path, values, n=n, seed=seed, years=years, progress=progress))
    if is_uncertain(scenario):
        found.append(tornado(scenario, n=n, seed=seed, years=years, progress=progress))
    else:
        found.append(stress(scenario, n, seed=seed, years=years, progress=progress))
    return tuple(found)


def is_uncertain(scenario: Scenario) -> bool:
    """Whether the scheme states uncertain inputs or events, which a tornado holds one by one."""
    return scenario.terms.uncertainty is not None or bool(scenario.terms.events)


def _other_deductibles(scenario: Scenario, path: str) -> list[int]:
    """Parts and multiples of the present deductible, in whole hundreds of yuan, or whole yuan where it is small."""
    stated = stated_amount(scenario, path)
    step = 10_000 if stated >= 100_000 else 100
    found = dict.fromkeys(step * round(part * stated / step) for part in PARTS)
    return [fen for fen in found if fen not in (0, stated)]
