"""Are our own figures right, and how many times as long did a peer take to come near them?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from benchmarks.city import spread
from benchmarks.peers.measuring import Row
from benchmarks.peers.model import REFERENCE

MEAN: Final = 1e-6
QUANTILE: Final = 1e-4
PROBABILITY: Final = 1e-4
"""How near the exact lane has to come: mean and quantile relatively, the probability absolutely."""
ERRORS: Final = 4.0
"""Standard errors that a simulated mean may be away."""
NEAR: Final = 1e-5
"""A setting of a peer is near where the mean is: relatively."""
TIMES: Final = 10.0
"""How many times as fast as aggregate near the mean the exact lane has to be."""


class Check(NamedTuple):
    """One figure of ours beside the reference."""

    row: str
    figure: str
    ours: float
    reference: float
    apart: float
    """Relatively; of a probability absolutely; of a simulated mean in standard errors."""
    allowed: float

    def told(self) -> tuple[str, str]:
        """(wanted, measured) in words."""
        if self.allowed == ERRORS:
            return f"within {ERRORS:g} standard errors", f"{self.apart:.1f}"
        return f"within {self.allowed:g}", f"{self.apart:.1e}"

    @property
    def agrees(self) -> bool:
        return self.apart <= self.allowed


def checks(rows: Sequence[Row]) -> list[Check]:
    """Hold every row of fundsim's against the reference.

    Raises:
        RuntimeError: fundsim did not answer.
    """
    return [check for row in rows if row.way.tool == "fundsim" for check in _checks_of(row)]


def _checks_of(row: Row) -> list[Check]:
    if row.answer is None:
        raise RuntimeError(f"{row.way.name}, {row.frequency}: {row.raised}")
    ours, reference, name = row.answer.figures, REFERENCE[row.frequency], f"{row.way.name}, {row.frequency}"
    mean = abs(ours.mean - reference.mean)
    if row.way.replications:
        error = ours.sd / row.way.replications**0.5
        return [Check(name, "mean", ours.mean, reference.mean, mean / error, ERRORS)]
    quantile = abs(ours.quantile / reference.quantile - 1.0)
    probability = abs(ours.probability - reference.probability)
    return [
        Check(name, "mean", ours.mean, reference.mean, mean / reference.mean, MEAN),
        Check(name, "99% quantile", ours.quantile, reference.quantile, quantile, QUANTILE),
        Check(name, "P(payout > premium)", ours.probability, reference.probability, probability, PROBABILITY),
    ]


def near(rows: Sequence[Row], tool: str, frequency: str) -> list[Row]:
    """Return a tool's rows whose mean is within 1e-5, in the order of its settings."""
    own = [row for row in rows if row.way.tool == tool and row.frequency == frequency and row.answer]
    return [row for row in own if abs(row.error) <= NEAR]


def ratios(rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """Return, round by round, how many times as long as our exact answers a peer took where it first came near.

    Of each peer also the fastest of all its near settings, grids chosen by somebody who knows the range included.
    """
    found = dict[str, dict[str, float]]()
    for ours in rows:
        if ours.way.tool != "fundsim" or ours.way.replications:
            continue
        for tool in ("aggregate", "gemact"):
            reached = near(rows, tool, ours.frequency)
            by_itself = [row for row in reached if not row.way.by_hand]
            fastest = sorted(reached, key=lambda row: float(np.median(row.seconds)))
            for which, some in (("first", by_itself), ("fastest", fastest)):
                for row in some[:1]:
                    times = [theirs / own for theirs, own in zip(row.seconds, ours.seconds, strict=True)]
                    peer = f"{tool}'s {which} within 1e-5 ({row.way.setting})"
                    found[f"{ours.frequency}: {peer} / {ours.way.name}"] = spread(times)
    return found


def goals(rows: Sequence[Row]) -> list[tuple[str, str, str, bool]]:
    """(goal, wanted, measured, met): accuracy of the exact lane; times by the median of the ratios."""
    found = [(f"{check.row}: {check.figure}", *check.told(), check.agrees) for check in checks(rows)]
    (wanted,) = {row.way.name for row in rows if row.way.exact}
    for name, ratio in ratios(rows).items():
        if "aggregate's" in name and name.endswith(f"/ {wanted}"):
            times = ratio["median"]
            found.append((name, f">= {TIMES:g}x", f"{times:.0f}x", times >= TIMES))
    return found
