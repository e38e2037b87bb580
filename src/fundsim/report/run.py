"""A run as the command line does it: simulate, save, draw, and say what was written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from fundsim import runs
from fundsim.language import Lang
from fundsim.pipeline import simulate_designs
from fundsim.precision import Plan
from fundsim.report.figures import write_figures
from fundsim.report.funds import write_cash
from fundsim.report.lanes import Lanes
from fundsim.report.tables import summary_text
from fundsim.results import Results
from fundsim.scenario import Scenario


@dataclass(frozen=True)
class Done:
    """What a run has to say."""

    printed: str
    written: list[Path]
    notes: tuple[str, ...]
    """Short of what was asked, or other than that."""
    precise: bool
    """Whether every target was reached."""


def run_scenario(
    scenario: Scenario,
    n: int | None,
    seed: int | None,
    *,
    years: int | None = None,
    until: Sequence[str] | None = None,
    most: int | None = None,
    out: Path | None,
    lang: Lang | None = None,
    workers: int | None,
    executor: Executor | None = None,
    as_json: bool,
) -> Done:
    """Simulate a scenario with its designs, with a progress bar on stderr.

    Raises:
        ScenarioError: several years of a scheme whose funds see one.
        RunFolderError: the folder holds something else.
        TargetError: a target that cannot be read, or a figure that the scheme has not.
        LanesError: the first design is too far from its exact answer; the run folder holds the comparison.
    """
    plan = Plan.of(n, own=scenario.terms.simulation.replications, batch=scenario.batch, until=until, most=most)
    seed = scenario.terms.simulation.seed if seed is None else seed
    years = scenario.terms.simulation.years if years is None else years
    folder = Path("runs") / _name(scenario, f"{'to' if until else 'n'}{plan.most}", seed, years) if out is None else out
    designs = [scenario, *(design for _, design in scenario.designs)]
    results = simulate_designs(
        designs,
        n,
        seed,
        years=years,
        until=until,
        most=most,
        workers=workers,
        executor=executor,
        out=folder,
        progress=True,
    )
    written = [folder / name for name in (runs.MANIFEST, runs.SUMMARY, runs.REPLICATIONS)]
    written += [folder / runs.DESIGNS] if len(designs) > 1 else []
    written += [folder / runs.YEARS] if years > 1 else []
    written += [folder / runs.FUNDS] if scenario.terms.funds else []
    written += [*write_figures(results[0], folder, lang), *write_cash(results[0], folder, lang)]
    lanes = Lanes.of(results[0])
    written += lanes.write(folder)
    lanes.comparison.check()
    short = [outcome for outcome in results[0].precision if not outcome.reached]
    notes = (
        *_rounding(n, plan, scenario.batch),
        *_drawn_in_full(results[0]),
        *(outcome.in_words() for outcome in short if as_json),
    )
    return Done(_printed(results, lanes, as_json=as_json), written, notes, precise=not short)


def _rounding(n: int | None, plan: Plan, batch: int | None) -> Iterator[str]:
    """Say so where more replications were run than asked for, to fill a batch."""
    if batch is not None and n is not None and n % batch:
        yield f"draws are stratified in batches of {batch}: -n {n} was rounded up to {plan.first}"


def _drawn_in_full(results: Results) -> Iterator[str]:
    """Say so where floors are stated, but somebody below them could be paid."""
    terms, sampler = results.scenario.terms, results.manifest["sampler"]
    if getattr(terms.claims, "floor", None) and terms.simulation.bills != "all" and sampler["path"] == "full":
        yield f"everybody is drawn, which is slower and changes no figure: {sampler['why']}"


def _printed(results: Sequence[Results], lanes: Lanes, *, as_json: bool) -> str:
    if not as_json:
        return summary_text(results) + lanes.text()
    printed = {**results[0].to_dict(), **lanes.as_dict()}
    if len(results) > 1:
        printed["designs"] = {str(result.scenario.design): result.to_dict() for result in results[1:]}
    return json.dumps(printed, ensure_ascii=False, indent=2)


def _name(scenario: Scenario, n: str, seed: int, years: int) -> str:
    """What a run's folder is called: all that tells runs of the same file apart."""
    return f"{scenario.id}-{n}-s{seed}" + (f"-y{years}" if years > 1 else "")
