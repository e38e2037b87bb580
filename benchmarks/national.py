"""National scale: 950 million insured in 330 pools (统筹区), each with its own level of use and cost.

``python -m benchmarks.national`` runs 100 replications with two threads in a fresh process, measures time and peak
memory, and writes results/national.json and national.md; ``--quick`` runs a few pools and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import fundsim as fs

if __package__:
    from benchmarks import city
else:
    import city

INSURED, POOLS, REPLICATIONS = 950_000_000, 330, 100
GOALS = {"minutes": 10.0, "memory MB": 1024.0}


def nation(insured: int, pools: int) -> fs.Scenario:
    """The city's scheme for many pools: sizes from 0.4 to 1.6 times the mean, use and cost from 0.8 to 1.2.

    In each pool 8% are poor, as in the city.
    """
    groups: dict[str, Any] = {}
    weights = [0.4 + 1.2 * ((7 * i) % pools) / pools for i in range(pools)]
    for i, weight in enumerate(weights):
        persons = int(insured * weight / sum(weights))
        use, cost = 0.8 + 0.4 * ((11 * i) % pools) / pools, 0.8 + 0.4 * ((17 * i) % pools) / pools
        poor = {"traits": {"hardship": "poor"}, "floor": "x0.5"}
        for name, share, times, terms in (("ordinary", 0.92, (1.0, 1.0), {}), ("poor", 0.08, (1.5, 0.85), poor)):
            groups[f"pool-{i + 1:03d}-{name}"] = {
                "persons": f"{round(persons * share)} persons",
                "admissions": f"x{use * times[0]:.4f}",
                "cost": f"x{cost * times[1]:.4f}",
                **terms,
            }
    total = sum(int(group["persons"].split()[0]) for group in groups.values())
    return fs.load(city.SCENARIO).replace({"population": {"insured": f"{total} persons", "groups": groups}})


PROGRAM = """
import json, time
import national
start = time.perf_counter()
scenario = national.nation({insured}, {pools})
read = time.perf_counter()
import fundsim as fs
results = fs.simulate(scenario, {n}, workers=2)
done = time.perf_counter()
print(json.dumps({{"read (s)": read - start, "simulate (s)": done - read,
    "insured": scenario.population.insured, "groups": len(scenario.population.groups),
    "claims per head (yuan)": float(results.totals["claims_paid"].mean()) / 100 / scenario.population.insured}}))
"""


def measure(insured: int, pools: int, n: int) -> dict[str, Any]:
    """Run the nation in a fresh process, whose compiled kernel is on disk already."""
    fs.simulate(city.town(1000), 1)
    program = PROGRAM.format(insured=insured, pools=pools, n=n)
    start = time.perf_counter()
    output, megabytes = city.output_and_peak(program)
    return {
        "machine": city.machine(),
        "pools": pools,
        "replications": n,
        **json.loads(output),
        "whole process (s)": time.perf_counter() - start,
        "peak memory (MB)": megabytes,
    }


def markdown(found: dict[str, Any]) -> str:
    where, n = found["machine"], found["replications"]
    versions = ", ".join(f"{name} {where[name]}" for name in ("python", "numpy", "scipy", "numba"))
    minutes, megabytes = found["whole process (s)"] / 60, found["peak memory (MB)"]
    per = found["simulate (s)"] / n
    return "\n".join(
        [
            "# fundsim at national scale",
            "",
            f"{where['date']}; {where['cpu']}, {where['cores']} cores, {where['system']}; {versions}.",
            f"{found['insured']:,} insured in {found['pools']} pools ({found['groups']} groups), {n} replications of "
            "one design, two threads, a fresh process. Written by `python -m benchmarks.national`.",
            "",
            "| what | measured | wanted | met |",
            "|---|---|---|---|",
            f"| time, all in | {minutes:.1f} min | < 10 min | {city.yes(minutes < GOALS['minutes'])} |",
            f"| peak memory | {megabytes:.0f} MB | < 1 GB | {city.yes(megabytes < GOALS['memory MB'])} |",
            f"| a replication | {per:.2f} s, {per / found['insured'] * 1e9:.2f} ns per insured | | |",
            f"| claims per head | {found['claims per head (yuan)']:.2f} yuan | | |",
            "",
        ]
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run, measure, report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a few pools, no file written")
    parser.add_argument("--out", type=Path, default=city.RESULTS, help="folder for national.json and national.md")
    options = parser.parse_args(arguments)
    found = measure(600_000, 6, 4) if options.quick else measure(INSURED, POOLS, REPLICATIONS)
    text = markdown(found)
    print(text)
    if not options.quick:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "national.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        (options.out / "national.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
