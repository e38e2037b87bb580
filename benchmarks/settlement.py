"""How fast a file of bills is settled, and in how much memory, against what an analyst would write in pandas.

``python -m benchmarks.settlement`` makes a file of 4.6 million bills (as many as Quzhou settles in a quarter), settles
it with ``fundsim settle`` and with ``pandas_settlement.py``, each time a whole process, in turns; checks that both say
the same, and refuses to report times if they do not; then writes results/settlement.json and settlement.md. ``--rows``
makes a file of another size and ``--quick`` a small one; then nothing is written.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

if __package__:
    from benchmarks.city import HERE, PEAK, RESULTS, SCENARIO, machine, spread, yes
else:
    from city import HERE, PEAK, RESULTS, SCENARIO, machine, spread, yes

PERSONS_PER_BILL = 2.5 / 4.6
GOALS = {"memory MB": 1000.0, "memory growth": 0.10}
A_FEN, FEW_FEN = 0.011, 0.10
"""Floats round a half fen up or down as it happens; what is paid on a bill may so differ by a fen, and by a few where
it follows from what was paid on bills before it (yuan)."""
AMOUNTS = ("excluded", "base_basic", "paid_basic", "base_cii", "paid_cii", "patient_pays")
FUNDSIM = "from fundsim.cli import main\nmain([{}, {}, {}, '--out', {}], standalone_mode=False)\n"
PANDAS = "from pathlib import Path\nimport pandas_settlement\npandas_settlement.settle_file(Path({}), Path({}))\n"


@dataclass(frozen=True)
class Plan:
    """How much is run."""

    rows: int = 4_600_000
    rounds: int = 3
    seed: int = 20190401


# The bills

HARDSHIPS = np.array(["none", "poor"])
PLACES = np.array(["local", "province-referred", "province-unreferred", "outside-referred", "outside-unreferred"])
LEVELS = np.array(["township", "county", "tertiary"])
HEADER = "person_id,admission_id,discharge_date,hardship,place,care,cost_a,cost_b,cost_c,cost_excluded\n"
DAYS = np.array([(datetime.date(2017, 1, 1) + datetime.timedelta(day)).isoformat() for day in range(365)])


def write_bills(path: Path, rows: int, seed: int) -> None:
    """Write bills, each of a person drawn anew, so that a person's bills lie anywhere in the file."""
    rng, chunk = np.random.default_rng(seed), 100_000
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        for start in range(0, rows, chunk):
            file.writelines(_lines(rng, start, min(chunk, rows - start), max(1, int(rows * PERSONS_PER_BILL))))


def _lines(rng: np.random.Generator, start: int, n: int, persons: int) -> Iterator[str]:
    person = rng.integers(0, persons, n)
    level = rng.choice(3, n, p=[0.45, 0.40, 0.15])
    place = np.where(level == 2, rng.choice(5, n, p=[0.50, 0.25, 0.10, 0.10, 0.05]), 0)
    gross = np.array([1400.0, 3500.0, 12_000.0])[level] * np.exp(rng.normal(-0.5, 1.0, n))
    shares = rng.dirichlet([6.0, 3.5, 0.8, 0.4], n)
    a, b, c, excluded = np.rint(gross[:, None] * shares * 100).astype(np.int64).T / 100
    ids = zip((450722190000000000 + person * 37).tolist(), range(start, start + n), strict=True)
    traits = zip(HARDSHIPS[(person % 25 < 2).astype(int)], PLACES[place], LEVELS[level], strict=True)
    days = DAYS[rng.integers(0, 365, n)]
    costs = zip(a.tolist(), b.tolist(), c.tolist(), excluded.tolist(), strict=True)
    for (who, admission), day, case, cost in zip(ids, days, traits, costs, strict=True):
        yield f"{who},ZY{admission:09d},{day},{','.join(case)},{','.join(f'{each:.2f}' for each in cost)}\n"


# Do they agree?


class Comparison(NamedTuple):
    """One column of both statements, over all bills."""

    column: str
    fundsim: float
    """Total, million yuan."""
    pandas: float
    within_a_fen: float
    """Share of the bills."""
    largest: float
    """Largest difference of a bill, yuan."""

    @property
    def agrees(self) -> bool:
        return self.largest <= FEW_FEN and self.within_a_fen >= 0.99


def compare(ours: Path, theirs: Path) -> list[Comparison]:
    """Hold two statements against each other, bill by bill."""
    options: dict[str, Any] = {"usecols": ["admission_id", *AMOUNTS], "chunksize": 200_000}
    totals, near, largest, rows = np.zeros((2, len(AMOUNTS))), np.zeros(len(AMOUNTS)), np.zeros(len(AMOUNTS)), 0
    with pd.read_csv(ours, **options) as left, pd.read_csv(theirs, **options) as right:
        for a, b in zip(left, right, strict=True):
            if not a["admission_id"].equals(b["admission_id"]):
                raise RuntimeError("the two statements do not hold the same bills in the same order")
            apart = (a[list(AMOUNTS)] - b[list(AMOUNTS)]).abs().to_numpy()
            totals += a[list(AMOUNTS)].sum().to_numpy(), b[list(AMOUNTS)].sum().to_numpy()
            near += (apart < A_FEN).sum(axis=0)
            largest = np.maximum(largest, apart.max(axis=0))
            rows += len(a)
    figures = zip(*(totals / 1e6).tolist(), (near / rows).tolist(), largest.tolist(), strict=True)
    return [Comparison(column, *each) for column, each in zip(AMOUNTS, figures, strict=True)]


# How long do they take, in how much memory?


class Taken(NamedTuple):
    """What a whole process took, from its start to its end."""

    clock: float
    """Seconds."""
    processor: float
    """Seconds of processor time; where it is much less, others used the machine."""
    megabytes: float
    """Peak memory."""


def process(program: str, *arguments: object) -> Taken:
    """Run a program in a process of its own."""
    text = program.format(*(repr(str(each)) for each in arguments)) + PEAK
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-c", text]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    clock, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Taken(clock, processor, int(done.stdout.split()[-1]) / 1024)


def measure(plan: Plan, folder: Path) -> tuple[list[Comparison], dict[str, Any]]:
    """Settle the same bills by both, in turns; nothing is found where they disagree."""
    bills, ours, theirs = folder / "bills.csv", folder / "fundsim.csv", folder / "pandas.csv"
    write_bills(bills, max(plan.rows // 10, 1), plan.seed)
    process(FUNDSIM, "settle", SCENARIO, bills, ours)  # compiles, where that is not yet on disk
    tenth = process(FUNDSIM, "settle", SCENARIO, bills, ours)
    write_bills(bills, plan.rows, plan.seed)
    taken: dict[str, list[Taken]] = {"fundsim": [], "pandas": []}
    rows = list[Comparison]()
    for _ in range(plan.rounds):
        taken["fundsim"].append(process(FUNDSIM, "settle", SCENARIO, bills, ours))
        taken["pandas"].append(process(PANDAS, bills, theirs))
        rows = rows or compare(ours, theirs)
        if not all(row.agrees for row in rows):
            return rows, {}
    return rows, summary(plan, taken, tenth, bills.stat().st_size)


def summary(plan: Plan, taken: dict[str, list[Taken]], tenth: Taken, size: int) -> dict[str, Any]:
    """Return what came out, as plain data."""
    pairs = list(zip(taken["pandas"], taken["fundsim"], strict=True))
    peak = max(each.megabytes for each in taken["fundsim"])
    return {
        "machine": {**machine(), "pandas": pd.__version__},
        "plan": asdict(plan),
        "file (MB)": size / 1e6,
        "seconds": {name: spread([each.clock for each in all_]) for name, all_ in taken.items()},
        "processor seconds": {name: spread([each.processor for each in all_]) for name, all_ in taken.items()},
        "rows per second": {name: spread([plan.rows / each.clock for each in all_]) for name, all_ in taken.items()},
        "peak memory (MB)": {name: max(each.megabytes for each in all_) for name, all_ in taken.items()},
        "peak memory of a tenth of the bills (MB)": tenth.megabytes,
        "ratios": {
            "time: pandas / fundsim": spread([a.clock / b.clock for a, b in pairs]),
            "processor time: pandas / fundsim": spread([a.processor / b.processor for a, b in pairs]),
            "memory: pandas / fundsim": spread([a.megabytes / b.megabytes for a, b in pairs]),
        },
        "memory growth": peak / tenth.megabytes - 1,
    }


# What came out?


def goals(found: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """(goal, wanted, measured, met): ratios by their medians."""
    ratio = found["ratios"]["time: pandas / fundsim"]["median"]
    peak, growth = found["peak memory (MB)"]["fundsim"], found["memory growth"]
    return [
        ("as fast as pandas", ">= 1x", f"{ratio:.1f}x", ratio >= 1.0),
        ("peak memory", "< 1000 MB", f"{peak:.0f} MB", peak < GOALS["memory MB"]),
        ("peak memory, ten times the bills", "within 10%", f"{growth:+.1%}", growth <= GOALS["memory growth"]),
    ]


def agreement_table(rows: Sequence[Comparison]) -> list[str]:
    lines = [
        "| column | fundsim, million yuan | pandas | bills within a fen | largest difference, yuan | agrees |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        figures = f"{row.fundsim:,.6f} | {row.pandas:,.6f} | {row.within_a_fen:.4%} | {row.largest:.2f}"
        lines.append(f"| {row.column} | {figures} | {yes(row.agrees)} |")
    return lines


def markdown(found: dict[str, Any], rows: Sequence[Comparison]) -> str:
    """Write the whole report."""
    plan, where = found["plan"], found["machine"]
    versions = ", ".join(f"{name} {where[name]}" for name in ("python", "numpy", "pandas", "numba"))
    lines = ["| way | seconds (min to max) | processor seconds | rows per second | peak MB |", "|---|---|---|---|---|"]
    for name in ("fundsim", "pandas"):
        clock, processor = found["seconds"][name], found["processor seconds"][name]["median"]
        span = f"{clock['median']:.1f} ({clock['min']:.1f} to {clock['max']:.1f}) | {processor:.1f}"
        speed = f"{found['rows per second'][name]['median']:,.0f}"
        lines.append(f"| {name} | {span} | {speed} | {found['peak memory (MB)'][name]:,.0f} |")
    parts = [
        "# fundsim against pandas: a file of bills settled",
        "",
        f"{where['date']}; {where['cpu']}, {where['cores']} cores, {where['system']}; {versions}.",
        f"{plan['rows']:,} bills of some {plan['rows'] * PERSONS_PER_BILL:,.0f} persons in any order, "
        f"{found['file (MB)']:,.0f} MB of text; basic insurance, then critical illness insurance (`city.yaml`).",
        "Written by `python -m benchmarks.settlement`; the other model is `benchmarks/pandas_settlement.py`. Each is",
        "one process on one core, from its start to its end, the file read and the statement written.",
        "",
        "## The two agree",
        "",
        *agreement_table(rows),
        "",
        "fundsim is exact. A float rounds half a fen up or down as it happens, so amounts of pandas differ by a fen,",
        "and by a few where they follow from bills before.",
        "",
        f"## Both, in turns, {plan['rounds']} rounds",
        "",
        *lines,
        "",
        f"A tenth of the bills takes fundsim {found['peak memory of a tenth of the bills (MB)']:,.0f} MB. pandas looks",
        "at nothing that could be wrong with a file. Where processor seconds are much fewer than seconds, others used",
        "the machine.",
        "",
        "## Ratios, round by round",
        "",
        "| ratio | median | least | most |",
        "|---|---|---|---|",
        *(f"| {k} | {r['median']:.1f} | {r['min']:.1f} | {r['max']:.1f} |" for k, r in found["ratios"].items()),
        "",
        "## Goals",
        "",
        *(["A small file is mostly set-up: the goals are for the large one.", ""] if plan != asdict(Plan()) else []),
        "| goal | wanted | measured | met |",
        "|---|---|---|---|",
        *(f"| {goal} | {wanted} | {got} | {yes(met)} |" for goal, wanted, got, met in goals(found)),
        "",
    ]
    return "\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check, time, report; 1 where the statements disagree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--rows", type=int, default=Plan.rows, help="bills of the file; only of 4,600,000 are results written"
    )
    parser.add_argument("--quick", action="store_true", help="20,000 bills, one round, no file written")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for settlement.json and settlement.md")
    options = parser.parse_args(arguments)
    plan = Plan(20_000, 1) if options.quick else Plan(options.rows)
    with tempfile.TemporaryDirectory() as folder:
        rows, found = measure(plan, Path(folder))
    if not found:
        print("\n".join(agreement_table(rows)))
        print("the two statements disagree, so their times mean nothing: not reported", file=sys.stderr)
        return 1
    found["agreement"] = [row._asdict() for row in rows]
    text = markdown(found, rows)
    print(text)
    if plan == Plan():
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "settlement.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        (options.out / "settlement.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
