"""A run as the command line does it: simulate, save, draw, and say what was written."""

from __future__ import annotations

import json
from pathlib import Path

from fundsim import runs
from fundsim.pipeline import simulate_designs
from fundsim.report.figures import write_figures
from fundsim.report.funds import write_cash
from fundsim.report.tables import summary_text
from fundsim.scenario import Scenario


def run_scenario(
    scenario: Scenario,
    n: int | None,
    seed: int | None,
    *,
    years: int | None = None,
    out: Path | None,
    workers: int | None,
    as_json: bool,
) -> tuple[str, list[Path]]:
    """Simulate a scenario with its designs, with a progress bar on stderr; returns what to print and the files written.

    Raises:
        ScenarioError: several years of a scheme whose funds see one.
        RunFolderError: the folder holds something else.
    """
    n = scenario.terms.simulation.replications if n is None else n
    seed = scenario.terms.simulation.seed if seed is None else seed
    years = scenario.terms.simulation.years if years is None else years
    folder = Path("runs") / _name(scenario, n, seed, years) if out is None else out
    designs = [scenario, *(design for _, design in scenario.designs)]
    results = simulate_designs(designs, n, seed, years=years, workers=workers, out=folder, progress=True)
    written = [folder / name for name in (runs.MANIFEST, runs.SUMMARY, runs.REPLICATIONS)]
    written += [folder / runs.DESIGNS] if len(designs) > 1 else []
    written += [folder / runs.YEARS] if years > 1 else []
    written += [folder / runs.FUNDS] if scenario.terms.funds else []
    written += [*write_figures(results[0], folder), *write_cash(results[0], folder)]
    if not as_json:
        return summary_text(results), written
    printed = results[0].to_dict()
    if len(results) > 1:
        printed["designs"] = {str(result.scenario.design): result.to_dict() for result in results[1:]}
    return json.dumps(printed, ensure_ascii=False, indent=2), written


def _name(scenario: Scenario, n: int, seed: int, years: int) -> str:
    """What a run's folder is called: all that tells runs of the same file apart."""
    return f"{scenario.id}-n{n}-s{seed}" + (f"-y{years}" if years > 1 else "")
