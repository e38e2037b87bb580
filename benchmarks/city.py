"""How fast, against what an analyst would write in numpy: one city, one year, CII behind basic insurance.

``python -m benchmarks.city`` first checks that both models say the same and refuses to time them if they do not; then
it times them in turns in one run, measures peak memory in fresh processes, and writes results/city.json and city.md.
``--quick`` does all of it on a small town and writes nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.stats import f as f_distribution

import fundsim as fs
from fundsim.blocks import BlockJob

if __package__:
    from benchmarks import numpy_model, stages
else:
    import numpy_model
    import stages

HERE = Path(__file__).parent
SCENARIO, RESULTS = HERE / "city.yaml", HERE / "results"
ADMISSIONS_PER_HEAD = numpy_model.ADMISSIONS * sum(group.share * group.admissions for group in numpy_model.GROUPS)
GOALS = {
    "one design": 25.0,
    "share of separate runs": 0.1,
    "many designs": 100.0,
    "scaling": 1.6,
    "memory MB": 500.0,
    "memory growth": 0.05,
}
MEASURES = ("claims per head", "beneficiaries per 1,000", "mean payment", "reimbursement ratio")

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Plan:
    """How much is run."""

    insured: int = 3_300_000
    agreement: int = 40
    """Replications that the models are compared on."""
    rounds: int = 7
    numpy_replications: int = 10
    fundsim_replications: int = 500
    """Of one design: a whole call, set-up included, so there must be enough of them to be typical."""
    designs: int = 100
    designs_replications: int = 200
    reuse_replications: int = 1
    stage_replications: int = 20
    memory: tuple[int, ...] = (3_300_000, 33_000_000)
    memory_replications: int = 4


QUICK = Plan(60_000, 40, 1, 2, 4, 5, 2, 1, 2, (60_000, 120_000), 2)


# Do they agree?


@dataclass(frozen=True)
class Comparison:
    """One measure of both models with its standard errors."""

    measure: str
    fundsim: float
    numpy: float
    error: float
    """Standard error of the difference (for a spread: the ratio's bound)."""
    agrees: bool


def town(insured: int, deductible: float = 6000.0) -> fs.Scenario:
    """Return the scenario for so many insured."""
    change = {"population.insured": f"{insured} persons"}
    if deductible != 6000.0:
        change["payers.cii.deductible"] = f"{deductible:.0f} yuan"
    return fs.load(SCENARIO).replace(change)


def mixed(insured: int, n: int) -> list[fs.Scenario]:
    """Designs of CII that differ in deductible, bands, cap and terms by class; none pays below the stated floors."""
    base, found = town(insured), []
    for i in range(n):
        change: dict[str, Any] = {"payers.cii.deductible": f"{6000 + 20 * i} yuan"}
        if i % 3 == 1:
            rates = zip(("20000 yuan", "40000 yuan", "60000 yuan"), (f"{45 + i % 7}%", "60%", "70%"), strict=True)
            change["payers.cii.bands"] = [*({"to": to, "pay": pay} for to, pay in rates), {"pay": "80%"}]
        if i % 4 == 2:
            change["payers.cii.cap"] = f"{300_000 + 1000 * i} yuan/year"
        if i % 5 == 3:
            change["payers.cii.variants"] = [
                {"when": {"place": "province-referred"}, "pay": f"-{1 + i % 9}pp"},
                {"when": {"place": "outside-unreferred"}, "bands": [{"pay": "45%"}]},
                {"when": {"hardship": "poor"}, "deductible": f"{3000 + 10 * i} yuan", "pay": "+5pp"},
            ]
        found.append(base.replace(change))
    return found


def totals_of_fundsim(insured: int, n: int, seed: int) -> Floats:
    """(n, 5) claims, beneficiaries, largest payment, gross and basic payments of the beneficiaries."""
    totals = fs.simulate(town(insured), n, seed).totals
    fen = ("claims_paid", "max_payout", "gross", "reimbursed")
    claims, largest, gross, reimbursed = (totals[name] / 100 for name in fen)
    return np.column_stack([claims, totals["beneficiaries"], largest, gross, reimbursed - claims])


def totals_of_numpy(insured: int, n: int, seed: int, deductible: float = 6000.0) -> Floats:
    """Return the same by the numpy model."""
    return np.array(list(numpy_model.simulate(insured, n, seed, deductible=deductible)))


def measures(totals: Floats, insured: int) -> Floats:
    """(n, measure) the figures that are compared, replication by replication."""
    claims, beneficiaries, _, gross, basic = totals.T
    return np.column_stack(
        [claims / insured, 1000 * beneficiaries / insured, claims / beneficiaries, (claims + basic) / gross]
    )


def agreement(insured: int, n: int, *, deductible: float = 6000.0) -> list[Comparison]:
    """Compare means within 4 combined standard errors, and the spread of the claims by an F ratio.

    ``deductible`` is the numpy model's alone, to see that a wrong one is found out.
    """
    ours = measures(totals_of_fundsim(insured, n, 20170101), insured)
    theirs = measures(totals_of_numpy(insured, n, 71, deductible), insured)
    rows = []
    for name, a, b in zip(MEASURES, ours.T, theirs.T, strict=True):
        error = float(np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / n))
        means = float(a.mean()), float(b.mean())
        rows.append(Comparison(name, *means, error, abs(means[0] - means[1]) <= 4 * error))
    sds = float(ours[:, 0].std(ddof=1)), float(theirs[:, 0].std(ddof=1))
    bound = float(f_distribution.ppf(1 - 1e-4, n - 1, n - 1)) ** 0.5
    return [*rows, Comparison("sd of claims per head", *sds, bound, 1 / bound <= sds[0] / sds[1] <= bound)]


# How long do they take?


class Taken(NamedTuple):
    """Time that some work took, seconds per replication."""

    clock: float
    processor: float
    """Processor time: less than two threads' worth means that others used the machine."""


def timed(work: Callable[[], object], replications: int = 1) -> Taken:
    """Time some work."""
    clock, processor = time.perf_counter(), time.process_time()
    work()
    return Taken((time.perf_counter() - clock) / replications, (time.process_time() - processor) / replications)


def interleaved(works: dict[str, tuple[Callable[[], object], int]], rounds: int) -> dict[str, list[Taken]]:
    """Time works in turns, A B C A B C, round by round; ``works`` give their replications."""
    times: dict[str, list[Taken]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, (work, replications) in works.items():
            times[name].append(timed(work, replications))
    return times


def spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": float(np.median(values)), "min": min(values), "max": max(values)}


def spread_of(times: Sequence[Taken]) -> dict[str, float]:
    """Return the spread of the clock's times, and how many cores were really had."""
    cores = sum(taken.processor for taken in times) / sum(taken.clock for taken in times)
    return spread([taken.clock for taken in times]) | {"cores": cores}


def ratios(slow: Sequence[Taken], fast: Sequence[Taken]) -> dict[str, float]:
    """Return the ratio round by round: median, least and most."""
    return spread([a.clock / b.clock for a, b in zip(slow, fast, strict=True)])


def time_one_design(plan: Plan) -> dict[str, list[Taken]]:
    """Time one design."""
    scenario, n = town(plan.insured), plan.fundsim_replications
    draws, by_head = plan.numpy_replications, max(1, plan.numpy_replications // 4)
    works: dict[str, tuple[Callable[[], object], int]] = {
        "numpy": (lambda: list(numpy_model.simulate(plan.insured, draws, 1)), draws),
        "numpy, a count drawn per head": (
            lambda: list(numpy_model.simulate(plan.insured, by_head, 1, each=True)),
            by_head,
        ),
        "fundsim, 1 thread": (lambda: fs.simulate(scenario, n, workers=1), n),
        "fundsim, 2 threads": (lambda: fs.simulate(scenario, n, workers=2), n),
    }
    return interleaved(works, plan.rounds)


def time_many_designs(plan: Plan) -> dict[str, list[Taken]]:
    """Time many designs on the same people."""
    deductibles = [6000.0 + 20 * i for i in range(plan.designs)]
    scenarios, n = [town(plan.insured, deductible) for deductible in deductibles], plan.designs_replications
    few, reused = deductibles[:3], plan.reuse_replications

    def reuse() -> None:
        for number in range(reused):
            numpy_model.replication(plan.insured, deductibles, 1, number)

    works: dict[str, tuple[Callable[[], object], int]] = {
        "numpy, rerun": (lambda: numpy_model.rerun(plan.insured, few, 1, 0), 1),
        "numpy, reuse": (reuse, reused),
        "fundsim, 1 thread": (lambda: fs.simulate_designs(scenarios, n, workers=1), n),
        "fundsim, 2 threads": (lambda: fs.simulate_designs(scenarios, n, workers=2), n),
    }
    separate, separate_n = mixed(plan.insured, plan.designs), plan.fundsim_replications
    alone = separate[:: max(plan.designs // 4, 1)][:4]
    works["fundsim, mixed designs, 2 threads"] = (lambda: fs.simulate_designs(separate, n, workers=2), n)
    works["fundsim, each mixed design by itself, 2 threads"] = (
        lambda: [fs.simulate(each, separate_n, workers=2) for each in alone],
        separate_n,
    )
    times = interleaved(works, plan.rounds)
    name = "fundsim, each mixed design by itself, 2 threads"
    times[name] = [Taken(*(each * plan.designs / len(alone) for each in taken)) for taken in times[name]]
    share = len(few) / len(deductibles)
    times["numpy, rerun"] = [Taken(t.clock / share, t.processor / share) for t in times["numpy, rerun"]]
    return times


# How much memory do they need?

PEAK = """
from pathlib import Path
status = Path("/proc/self/status")
if status.exists():
    print(next(line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")))
else:
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
"""The process asks for its own peak: a child's ``ru_maxrss`` starts from its parent's size where it was forked."""


def output_and_peak(program: str) -> tuple[str, float]:
    """Run a program in a fresh process; return what it printed last, and its peak memory in MB."""
    done = subprocess.run(
        [sys.executable, "-c", program + PEAK],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])},
    )
    *printed, peak = done.stdout.splitlines()
    return printed[-1] if printed else "", int(peak) / 1024


def peak_megabytes(program: str) -> float:
    """Run a program in a fresh process and return its peak memory."""
    return output_and_peak(program)[1]


def memory(plan: Plan) -> dict[str, float]:
    """Peak MB, by model and insured."""
    n, found = plan.memory_replications, {}
    program = (
        "import fundsim as fs\n"
        f"scenario = fs.load({str(SCENARIO)!r}).replace({{'population.insured': '%d persons'}})\n"
        "fs.simulate(scenario, %d, workers=2)\n"
    )
    peak_megabytes(program % (1000, 1))  # the compiler needs memory, too, where its result is not yet on disk
    for insured in plan.memory:
        found[f"fundsim, {insured:,} insured"] = peak_megabytes(program % (insured, n))
    found[f"numpy, {plan.insured:,} insured"] = peak_megabytes(
        f"import numpy_model\nlist(numpy_model.simulate({plan.insured}, {n}, 1))\n"
    )
    return found


# What came out?


def machine() -> dict[str, Any]:
    """Describe where this ran, without a name or a path."""
    import numba
    import scipy

    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        cpu = next((x.split(":")[1].strip() for x in info.read_text().splitlines() if x.startswith("model name")), cpu)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": cpu,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "system": platform.system(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "numba": numba.__version__,
    }


def measure(plan: Plan) -> dict[str, Any]:
    """Run everything; the agreement must have been checked, and the kernel be warm."""
    setup = spread([timed(lambda: fs.simulate(town(plan.insured), 1)).clock for _ in range(3)])
    one, many = time_one_design(plan), time_many_designs(plan)
    parts = stages.breakdown(BlockJob.build([town(plan.insured)], 1), plan.stage_replications)
    peaks = memory(plan)
    small, large = (peaks[f"fundsim, {insured:,} insured"] for insured in plan.memory)
    fast = "fundsim, 2 threads"
    return {
        "machine": machine(),
        "plan": asdict(plan),
        "one replication, set-up included (s)": setup,
        "one design (s per replication)": {name: spread_of(times) for name, times in one.items()},
        "many designs (s per replication)": {name: spread_of(times) for name, times in many.items()},
        "where the time goes (one thread, ms per replication)": asdict(parts),
        "peak memory (MB)": peaks,
        "ratios": {
            "one design: fundsim 1 thread / fundsim 2 threads": ratios(one["fundsim, 1 thread"], one[fast]),
            "mixed designs in one pass / each by itself": ratios(
                many["fundsim, mixed designs, 2 threads"], many["fundsim, each mixed design by itself, 2 threads"]
            ),
            "one design: numpy / fundsim 1 thread": ratios(one["numpy"], one["fundsim, 1 thread"]),
            "one design: numpy / fundsim 2 threads": ratios(one["numpy"], one[fast]),
            "one design: numpy, a count drawn per head / fundsim 2 threads": ratios(
                one["numpy, a count drawn per head"], one[fast]
            ),
            "many designs: numpy rerun / fundsim 2 threads": ratios(many["numpy, rerun"], many[fast]),
            "many designs: numpy reuse / fundsim 2 threads": ratios(many["numpy, reuse"], many[fast]),
        },
        "memory growth": large / small - 1,
        "largest memory (MB)": max(small, large),
    }


def goals(found: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """(goal, wanted, measured, met): ratios by their medians."""
    heads = found["ratios"]["one design: numpy, a count drawn per head / fundsim 2 threads"]["median"]
    one = found["ratios"]["one design: numpy / fundsim 2 threads"]["median"]
    many = found["ratios"]["many designs: numpy rerun / fundsim 2 threads"]["median"]
    peak, growth = found["largest memory (MB)"], found["memory growth"]
    threads = found["ratios"]["one design: fundsim 1 thread / fundsim 2 threads"]["median"]
    mix = found["ratios"]["mixed designs in one pass / each by itself"]["median"]
    again = f"{found['plan']['designs']} designs on the same people, two threads, against numpy rerun"
    return [
        (
            "one design, two threads, against numpy as an analyst would write it: a count drawn per head",
            ">= 25x",
            f"{heads:.1f}x",
            heads >= GOALS["one design"],
        ),
        (
            "the same against a script that draws no person's count, only how many have 0, 1, 2, ... admissions",
            ">= 25x",
            f"{one:.1f}x",
            one >= GOALS["one design"],
        ),
        (
            f"{found['plan']['designs']} mixed designs in one pass, of the time of as many runs",
            "<= 10%",
            f"{mix:.1%}",
            mix <= GOALS["share of separate runs"],
        ),
        ("two threads against one", ">= 1.6x", f"{threads:.2f}x", threads >= GOALS["scaling"]),
        (again, ">= 100x", f"{many:.0f}x", many >= GOALS["many designs"]),
        ("peak memory", "< 500 MB", f"{peak:.0f} MB", peak < GOALS["memory MB"]),
        ("peak memory, more insured", "within 5%", f"{growth:+.1%}", abs(growth) <= GOALS["memory growth"]),
    ]


def yes(true: bool) -> str:
    return "yes" if true else "NO"


def agreement_table(rows: Sequence[Comparison]) -> list[str]:
    lines = ["| measure | fundsim | numpy | difference | agrees |", "|---|---|---|---|---|"]
    for row in rows:
        apart = f"{(row.fundsim - row.numpy) / row.error:+.1f} standard errors"
        if row.measure.startswith("sd"):
            apart = f"ratio {row.fundsim / row.numpy:.2f}, bound {row.error:.2f}"
        figures = f"{row.fundsim:.4f} | {row.numpy:.4f} | {apart} | {yes(row.agrees)}"
        lines.append(f"| {row.measure} | {figures} |")
    return lines


def timing_table(times: dict[str, dict[str, float]], insured: int) -> list[str]:
    head = "| way | ms per replication (min to max) | ns per insured | ns per admission | cores had |"
    lines = [head, "|---|---|---|---|---|"]
    for name, t in times.items():
        span = f"{t['median'] * 1e3:,.1f} ({t['min'] * 1e3:,.1f} to {t['max'] * 1e3:,.1f})"
        per_head = t["median"] / insured * 1e9
        lines.append(
            f"| {name} | {span} | {per_head:,.1f} | {per_head / ADMISSIONS_PER_HEAD:,.1f} | {t['cores']:.2f} |"
        )
    return lines


def stages_table(found: dict[str, Any]) -> list[str]:
    """Where the time goes, and what a bill costs under one design more."""
    parts = found["where the time goes (one thread, ms per replication)"]
    lines = ["| what | ms | share | ns per person drawn |", "|---|---|---|---|"]
    for what, ms in [*parts["stages"].items(), ("all", parts["whole"])]:
        lines.append(f"| {what} | {ms:.2f} | {ms / parts['whole']:.0%} | {ms * 1e6 / parts['persons']:.1f} |")
    numbers, many = parts["stages"]["random numbers"], found["many designs (s per replication)"]
    more = many["fundsim, mixed designs, 2 threads"]["median"]
    more -= found["one design (s per replication)"]["fundsim, 2 threads"]["median"]
    per_bill = more / (found["plan"]["designs"] - 1) / parts["admissions"] * 1e9
    return [
        *lines,
        "",
        f"{parts['persons']:,.0f} of {found['plan']['insured']:,} insured are relevant and drawn, with "
        f"{parts['admissions']:,.0f} admissions and {parts['counters']:,.0f} random counters of 128 bits "
        f"({numbers * 1e6 / parts['counters']:.1f} ns each). All of it takes {parts['whole'] / numbers:.1f} times what "
        f"the random numbers take. A mixed design more takes {per_bill:.1f} ns per bill drawn, with two threads.",
    ]


def markdown(found: dict[str, Any], rows: Sequence[Comparison]) -> str:
    """Write the whole report."""
    plan, where = found["plan"], found["machine"]
    versions = ", ".join(f"{name} {where[name]}" for name in ("python", "numpy", "scipy", "numba"))
    parts = [
        "# fundsim against numpy: a city's year of critical illness insurance",
        "",
        f"{where['date']}; {where['cpu']}, {where['cores']} cores, {where['system']}; {versions}.",
        f"{plan['insured']:,} insured, about {plan['insured'] * ADMISSIONS_PER_HEAD:,.0f} admissions a replication.",
        "Written by `python -m benchmarks.city`; the other model is `benchmarks/numpy_model.py`, in one process.",
        "",
        f"## The two agree ({plan['agreement']} replications each)",
        "",
        *agreement_table(rows),
        "",
        f"## One design, in turns, {plan['rounds']} rounds",
        "",
        *timing_table(found["one design (s per replication)"], plan["insured"]),
        "",
        f"fundsim: whole calls of {plan['fundsim_replications']} replications, set-up and results included (a call "
        f"of one replication takes {found['one replication, set-up included (s)']['median']:.2f} s). Cores had: "
        "processor time over time by the clock; where two threads had less than 2, others used the machine.",
        "",
        "## Where the time goes (one thread)",
        "",
        *stages_table(found),
        "",
        f"## {plan['designs']} designs on the same people",
        "",
        *timing_table(found["many designs (s per replication)"], plan["insured"]),
        "",
        "Rerun: the script draws again for each design; timed on 3 designs, divided by 3, times "
        f"{plan['designs']}. Reuse: all that comes before CII is kept. fundsim: one pass. Mixed: deductible, bands, "
        "cap and terms by class differ; each by itself: timed on 4 of them.",
        "",
        "## Ratios, round by round",
        "",
        "| ratio | median | least | most |",
        "|---|---|---|---|",
        *(f"| {k} | {r['median']:.1f} | {r['min']:.1f} | {r['max']:.1f} |" for k, r in found["ratios"].items()),
        "",
        "## Peak memory of a fresh process",
        "",
        "| model | MB |",
        "|---|---|",
        *(f"| {name} | {peak:.0f} |" for name, peak in found["peak memory (MB)"].items()),
        "",
        "## Goals",
        "",
        *(
            ["A small town is mostly set-up: the goals are for the city.", ""]
            if found["plan"] != asdict(Plan())
            else []
        ),
        "| goal | wanted | measured | met |",
        "|---|---|---|---|",
        *(f"| {goal} | {wanted} | {got} | {yes(met)} |" for goal, wanted, got, met in goals(found)),
        "",
    ]
    return "\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Check, time, report; 1 where the models disagree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a small town, one round, no file written")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder for city.json and city.md")
    options = parser.parse_args(arguments)
    plan = QUICK if options.quick else Plan()
    rows = agreement(plan.insured, plan.agreement)  # compiles the kernel, too
    if not all(row.agrees for row in rows):
        print("\n".join(agreement_table(rows)))
        print("the two models disagree, so their times mean nothing: not timed", file=sys.stderr)
        return 1
    found = measure(plan)
    found["agreement"] = [asdict(row) for row in rows]
    text = markdown(found, rows)
    print(text)
    if not options.quick:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "city.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
        (options.out / "city.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
