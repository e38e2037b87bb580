"""A sweep at scale: 1,000 deductibles x 1,000 replications x 3.3 million insured, in one pass and bounded memory.

``python -m benchmarks.sweep`` first checks that designs of a sweep are runs of them alone, to the fen; then it times
the sweep in a process of its own, and writes results/sweep.md. ``--quick`` takes a small town and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from typing import Any

import numpy as np

import fundsim as fs
from benchmarks.city import RESULTS, SCENARIO
from fundsim import runs

GOAL_SECONDS = 300
GOAL_MEGABYTES = 1500
PATH = "payers.cii.deductible"

PROGRAM = """
import json, sys, time
from pathlib import Path
start = time.perf_counter()
import fundsim as fs
from fundsim.comparison.designs import points_of
from fundsim.comparison.vary import read_varied
file, insured, designs, n = sys.argv[1], *map(int, sys.argv[2:])
scheme = fs.load(file).replace({"population.insured": f"{insured} persons"})
values = f"6000..{6000 + 10 * (designs - 1)} step 10 yuan"
built = time.perf_counter()
points_of(scheme, read_varied([f"payers.cii.deductible={values}"]), together=False)
built = time.perf_counter() - built
begin = time.perf_counter()
found = fs.sweep(scheme, "payers.cii.deductible", values, n=n)
swept = time.perf_counter() - begin
begin = time.perf_counter()
table = found.table()
told = time.perf_counter() - begin
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(json.dumps({"built": built, "swept": swept, "told": told, "all": time.perf_counter() - start - built,
    "megabytes": int(peak.split()[1]) / 1024, "rows": len(table)}))
"""


def town(insured: int) -> fs.Scenario:
    return fs.load(SCENARIO).replace({"population.insured": f"{insured} persons"})


def check(insured: int, n: int = 6) -> None:
    """Stop where a design of a sweep is not the run of it alone."""
    found = fs.sweep(town(insured), PATH, ["6000 yuan", "9000 yuan", "15000 yuan"], n=n)
    for design, point in enumerate(found.points, start=1):
        run = fs.simulate(point.scenario, n)
        ours = found.row(design).totals
        different = [name for name in ours if name in run.totals and not np.array_equal(ours[name], run.totals[name])]
        if different:
            raise SystemExit(f"{found.name(design)}: {', '.join(different)} differ from a run: nothing is timed")


def timed(insured: int, designs: int, n: int) -> dict[str, Any]:
    """Seconds and megabytes of a sweep in a process of its own."""
    words = [sys.executable, "-c", PROGRAM, str(SCENARIO), str(insured), str(designs), str(n)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=os.environ)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def page(found: dict[str, Any], insured: int, designs: int, n: int) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in runs.versions().items())
    each = 1e6 * found["swept"] / (designs * n)
    fast, lean = found["all"] <= GOAL_SECONDS, found["megabytes"] <= GOAL_MEGABYTES
    return (
        "# A sweep at scale\n\n"
        f"{runs.now()[:10]}; {os.cpu_count()} processors; {versions}. {designs:,} deductibles, {n:,} replications, "
        f"{insured:,} insured, in one pass (`fs.sweep`), in a process of its own. Designs are runs of them alone, to "
        "the fen (checked). Made by `python -m benchmarks.sweep`.\n\n"
        "| part | seconds |\n|---|---|\n"
        f"| building {designs:,} designs alone (within the sweep as well) | {found['built']:.1f} |\n"
        f"| the sweep | {found['swept']:.1f} |\n"
        f"| its table | {found['told']:.1f} |\n"
        f"| everything, from the start of the process | {found['all']:.1f} |\n\n"
        f"A design's replication takes {each:.0f} microseconds.\n\n"
        "| what | found | goal | met |\n|---|---|---|---|\n"
        f"| seconds | {found['all']:.0f} | at most {GOAL_SECONDS} | {'yes' if fast else 'NO'} |\n"
        f"| peak memory, MB | {found['megabytes']:.0f} | at most {GOAL_MEGABYTES} | {'yes' if lean else 'NO'} |\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a small town, and nothing is written")
    quick = parser.parse_args().quick
    insured, designs, n = (60_000, 50, 40) if quick else (3_300_000, 1_000, 1_000)
    check(60_000)
    timed(60_000, 2, 2)  # compiles what is not in the cache yet
    text = page(timed(insured, designs, n), insured, designs, n)
    print(text)
    if not quick:
        runs.write_text(RESULTS / "sweep.md", text)


if __name__ == "__main__":
    main()
