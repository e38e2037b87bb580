"""The thirty schemes of the Guangxi pilot as one table (测算方案30个): premium, beneficiaries, payment ratio, P(loss).

Run ``python scripts/thirty_schemes.py [-n REPLICATIONS]``; ``--write`` also refreshes reports/guangxi-30-schemes.md and
its .csv. All thirty are settled on the same people in one pass.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import fundsim as fs
from fundsim import runs
from fundsim.report.designs import NOTES, designs_frame, side_by_side
from fundsim.report.layout import Table, aligned
from fundsim.results import Results

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "reports" / "guangxi-30-schemes.md"
SCENARIO = ROOT / "scenarios" / "guangxi-pilot-2013.yaml"


def simulated(n: int | None, seed: int | None = None) -> tuple[Results, ...]:
    """The scheme in force and the thirty, on the same people."""
    scenario = fs.load(SCENARIO)
    return fs.simulate_designs([scenario, *(design for _, design in scenario.designs)], n, seed, progress=True)


def markdown(table: Table) -> str:
    """A table of the terminal as a table of a page."""
    rows = [table.head, ("---",) * len(table.head), *table.rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def page(results: Sequence[Results]) -> str:
    """The committed report: the table, how to read it, and where it comes from."""
    base = results[0]
    versions = ", ".join(f"{name} {version}" for name, version in base.manifest["versions"].items())
    per_head = base.totals["premium"][0] / base.totals["insured"][0] / 100
    parts = [
        "# 广西试点测算方案30个 · The thirty schemes of the Guangxi pilot",
        markdown(side_by_side(results)),
        f"{' '.join(NOTES)} The first line is the scheme as it stands, at {per_head:.2f} yuan per person-year. The "
        "text does not publish what its thirty schemes were: these combine deductible, bands, cap and preference.",
        f"{base.replications:,} replications, seed {base.seed}, fingerprint {base.scenario.fingerprint[:12]}; "
        f"{versions}; {runs.now()[:10]}. Made by `python scripts/thirty_schemes.py --write`.",
    ]
    return "\n\n".join(parts) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, help="replications, instead of the scenario's own")
    parser.add_argument("--write", action="store_true", help="refresh the committed table")
    asked = parser.parse_args()
    results = simulated(asked.n)
    print("\n".join(aligned([side_by_side(results)])).strip("\n"))
    if asked.write:
        runs.write_text(REPORT, page(results))
        runs.write_text(REPORT.with_suffix(".csv"), runs.EXCEL + designs_frame(results).to_csv())


if __name__ == "__main__":
    main()
