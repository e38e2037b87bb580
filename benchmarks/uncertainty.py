"""What uncertainty costs: the same city with everything uncertain, beside the same city with nothing uncertain.

``python -m benchmarks.uncertainty`` first checks that inputs which are certain to be as stated give the same bits; then
it times both in turns in one run and writes results/uncertainty.md. ``--quick`` takes a small town and writes nothing.
"""

from __future__ import annotations

import argparse
import time
from statistics import median
from typing import Any

import numpy as np

import fundsim as fs
from benchmarks.city import RESULTS, SCENARIO
from fundsim import runs

GOAL = 1.5
"""The most that a run with all uncertainty may take, in runs without."""


def factor(family: str, **parameters: str) -> dict[str, str]:
    return {"family": family, **parameters}


INPUTS: dict[str, Any] = {
    "cost-level": {"of": "cost", "distribution": factor("lognormal", cv="0.05")},
    "admission-level": {"of": "admissions", "distribution": factor("gamma", cv="0.04")},
    "trend": {"of": "cost-trend", "serial": "0.5", "distribution": factor("normal", sd="2pp")},
    "tail": {"of": "tail-index", "distribution": factor("normal", mean="0.33", sd="0.04"), "within": ["0.2", "0.45"]},
    "off-catalogue": {"of": "catalogue", "distribution": factor("uniform", **{"from": "x0.8", "to": "x1.2"})},
    "enrolment": {"of": "enrolment", "distribution": factor("uniform", **{"from": "x0.95", "to": "x1.02"})},
    "away": {
        "of": "mix",
        "trait": "place",
        "values": ["outside-referred", "outside-unreferred"],
        "distribution": factor("lognormal", cv="0.2"),
    },
}


def certain(kind: str) -> dict[str, Any]:
    """An input that is certain to be as stated."""
    drawn = {"family": "discrete", "values": ["x1", "x2"], "probabilities": ["100%", "0%"]}
    return {"inputs": {"one": {"of": kind, "distribution": drawn}}}


def town(insured: int) -> fs.Scenario:
    trend = {"cost": "8%/year", "to": "2018"}
    return fs.load(SCENARIO).replace({"population.insured": f"{insured} persons", "claims.trend": trend})


def check(insured: int) -> None:
    """Stop where inputs that are certain change a bit."""
    scheme = town(insured)
    base = fs.simulate(scheme, n=4).totals
    for kind in ("cost", "admissions", "enrolment", "catalogue"):
        drawn = fs.simulate(scheme.replace({"uncertainty": certain(kind)}), n=4).totals
        different = [name for name in base if not np.array_equal(base[name], drawn[name])]
        if different:
            raise SystemExit(f"certain inputs of '{kind}' change {', '.join(different)}: nothing is timed")


def timed(scheme: fs.Scenario, n: int) -> float:
    start = time.perf_counter()
    fs.simulate(scheme, n=n)
    return time.perf_counter() - start


def page(ratios: list[float], seconds: tuple[float, float], insured: int, n: int) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in runs.versions().items())
    met = "yes" if median(ratios) <= GOAL else "NO"
    return (
        "# What uncertainty costs\n\n"
        f"{runs.now()[:10]}; {versions}. {insured:,} insured, {n} replications a call, {len(ratios)} rounds in turns, "
        "whole calls of `fs.simulate`. Inputs that are certain to be as stated give the same bits (checked). Made by "
        "`python -m benchmarks.uncertainty`.\n\n"
        "| way | seconds, median |\n|---|---|\n"
        f"| nothing uncertain | {seconds[0]:.2f} |\n"
        f"| level, admissions, trend, tail index, mix, catalogue and enrolment uncertain | {seconds[1]:.2f} |\n\n"
        "| ratio | median | least | most | goal | met |\n|---|---|---|---|---|---|\n"
        f"| with / without | {median(ratios):.2f} | {min(ratios):.2f} | {max(ratios):.2f} | at most {GOAL} | {met} |\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a small town, and nothing is written")
    quick = parser.parse_args().quick
    insured, n, rounds = (60_000, 50, 2) if quick else (3_300_000, 300, 5)
    check(insured)
    plain = town(insured)
    drawn = plain.replace({"uncertainty": {"inputs": INPUTS}})
    timed(plain, 2), timed(drawn, 2)
    pairs = [(timed(plain, n), timed(drawn, n)) for _ in range(rounds)]
    ratios = [with_ / without for without, with_ in pairs]
    text = page(ratios, (median(a for a, _ in pairs), median(b for _, b in pairs)), insured, n)
    print(text)
    if not quick:
        runs.write_text(RESULTS / "uncertainty.md", text)


if __name__ == "__main__":
    main()
