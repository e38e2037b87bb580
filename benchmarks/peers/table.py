"""The report: one table for each frequency, ratios and goals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.city import yes
from benchmarks.peers import model
from benchmarks.peers.measuring import Row
from benchmarks.peers.model import REFERENCE, Frequency
from benchmarks.peers.verdict import goals, ratios

COLUMNS = ("tool", "setting", "mean (off the reference by)", "sd", "99% quantile", "P(payout > premium)")
COLUMNS += ("first call, s", "repeats, s", "peak MB")
HEAD = (f"| {' | '.join(COLUMNS)} |", "|" + "---|" * len(COLUMNS))

MODEL = """\
Written by `make bench-peers` (`python -m benchmarks.peers`), which holds the reference against quadrature, and fundsim
against the reference, before it times anything.

The model: 30,000 claims expected, Poisson, or negative binomial by a gamma level of cv 5% that all share. Costs are
lognormal, mean 8,000, cv 2, spliced at 50,000 to a generalised Pareto tail of index 0.35. Nothing is paid up to 6,000,
then 50, 60 and 70% of 20,000 each and 80% above, at most 500,000 a claim. Premium is 76.8 million; the margin expected
is 2.8% of it, so that a mean that is off by 0.6% is a fifth of the margin."""

NOTES = """\
First call: in a fresh process, the tool's import included; peak memory is that process's. Repeats: whole calls in one
process, all rows in turns, the median of {rounds} rounds, each the mean of as many calls as fill half a second: of
fundsim from the words of the model to the figures, of aggregate from the text of its program. Threads of BLAS:
{blas}. gemact knows no splice and no total over shared layers, so that it gets the law of a paid claim, worked out by
hand. The transforms in numpy can do this model and no other. Sizes left to aggregate are those that its users get; a
bucket "by hand" was chosen knowing the range of the answer. The simulation draws every one of 1.6 million insured, the
loop in numpy only the claims of the pool."""


def line(row: Row) -> str:
    """One row of the table; where the tool raised, its words."""
    taken = f"{row.first:.2f} | {np.median(row.seconds):.3f} | {row.megabytes:,.0f} |"
    start = f"| {row.way.tool} | {row.way.setting} |"
    if row.answer is None:
        return f"{start} raises {row.raised} | – | – | – | {taken}"
    mean, sd, quantile, probability = row.answer.figures
    off = f"{row.error:+.1e}"
    if row.way.replications:
        off = f"{row.error:+.2%}, standard error {sd / row.way.replications**0.5 / mean:.2%}"
    return f"{start} {mean:,.0f} ({off}) | {sd:,.0f} | {quantile:,.0f} | {probability:.5f} | {taken}"


def table(rows: Sequence[Row], frequency: Frequency) -> list[str]:
    """All tools with one frequency, below the reference."""
    reference = REFERENCE[frequency]
    mean, sd = model.moments(frequency)
    return [
        *HEAD,
        f"| reference | its source: `benchmarks/peers/model.py` | {reference.mean:,.0f} | {reference.sd:,.0f} "
        f"| {reference.quantile:,.0f} | {reference.probability:.5f} | – | – | – |",
        f"| quadrature | in this run | {mean:,.0f} ({mean / reference.mean - 1.0:+.1e}) | {sd:,.0f} "
        "| – | – | – | – | – |",
        *(line(row) for row in rows if row.frequency == frequency),
    ]


def sayings(rows: Sequence[Row]) -> list[str]:
    """What the tools themselves say about their answers."""
    return [f"- {row.way.name}, {row.frequency}: {row.answer.says}" for row in rows if row.answer and row.answer.says]


def markdown(rows: Sequence[Row], where: Mapping[str, Any], rounds: int) -> str:
    """Write the whole report."""
    versions = ", ".join(
        f"{name} {where[name]}" for name in ("python", "fundsim", "aggregate", "gemact", "numpy", "scipy", "numba")
    )
    parts = [
        "# fundsim beside its peers: one compound sum",
        "",
        f"{where['date']}; {where['cpu']}, {where['cores']} cores, {where['system']}; {versions}.",
        MODEL,
    ]
    for frequency in REFERENCE:
        parts += ["", f"## {frequency.capitalize()}", "", *table(rows, frequency)]
    parts += [
        "",
        NOTES.format(rounds=rounds, blas=where["BLAS threads"]),
        "",
        "## What the tools say of their answers",
        "",
        *sayings(rows),
        "",
        "## How many times as long, round by round",
        "",
        "| peer / fundsim | median | least | most |",
        "|---|---|---|---|",
        *(f"| {k} | {r['median']:.1f} | {r['min']:.1f} | {r['max']:.1f} |" for k, r in ratios(rows).items()),
        "",
        "## Goals",
        "",
        "| goal | wanted | measured | met |",
        "|---|---|---|---|",
        *(f"| {goal} | {wanted} | {got} | {yes(met)} |" for goal, wanted, got, met in goals(rows)),
        "",
    ]
    return "\n".join(parts)
