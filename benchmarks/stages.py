"""Where the time of a replication goes, and how far that is from the cost of the random numbers alone.

The kernel is run as plain Python around its compiled stages, and each is timed. What the calls cost is in these times
(some 5% of them), so they are scaled to what the compiled whole takes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from fundsim import kernels
from fundsim.blocks import BlockJob

STAGES = {
    "random numbers": ["draw"],
    "how many admissions each person has": ["list_persons", "list_later"],
    "care level, place and cost, given the floor": ["place_singles", "place_several"],
    "bills": ["price"],
    "payers before the covered one, and its base": ["settle_alone"],
    "who may be paid at all, in which order": [
        "take_singles", "choose_several", "list_days", "spread_days", "by_season", "sort_bills", "take_several",
        "take_in_full",
    ],
    "curves and caps of the designs, sums": ["settle_by_curve", "settle_designs"],
}  # fmt: skip
"""Stages of the kernel, by what they do."""


@dataclass(frozen=True)
class Breakdown:
    """One thread, per replication."""

    whole: float
    """ms"""
    stages: dict[str, float]
    """ms; they add up to the whole."""
    persons: float
    """Persons drawn."""
    admissions: float
    counters: float
    """Random counters of four 32-bit words: one for each admission, one for up to four days."""


@dataclass
class _Clock:
    """A compiled stage that keeps its time and what it was asked for."""

    stage: Callable[..., Any]
    seconds: float = 0.0
    asked: list[tuple[int, int]] = field(default_factory=list)

    def __call__(self, *arguments: Any) -> Any:
        start = time.perf_counter()
        found = self.stage(*arguments)
        self.seconds += time.perf_counter() - start
        self.asked.append((arguments[0], arguments[1]))
        return found


def breakdown(job: BlockJob, replications: int) -> Breakdown:
    """Time the whole kernel, and then its stages."""
    numbers = np.arange(replications)
    job.settle(numbers[:1])
    whole = min(_seconds(lambda: job.settle(numbers)) for _ in range(3)) * 1e3 / replications
    for _ in range(2):  # the first time, stages are loaded to be called from Python
        with _timed() as clocks:
            job.settle(numbers)
    seconds = {what: sum(clocks[name].seconds for name in names) for what, names in STAGES.items()}
    scale = whole / sum(seconds.values())
    counters = sum(stop - start for start, stop in clocks["draw"].asked)
    persons = sum(n for n, _ in clocks["list_persons"].asked)
    later = sum(stop - start for start, stop in clocks["draw"].asked if start > 0)
    per = [float(number) / replications for number in (persons, persons + later, counters)]
    return Breakdown(whole, {what: each * scale for what, each in seconds.items()}, *per)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def _timed() -> Iterator[dict[str, _Clock]]:
    """Put a clock around every stage, and the kernel itself into plain Python."""
    names = ["simulate_block", *(name for names in STAGES.values() for name in names)]
    kept = {name: getattr(kernels, name) for name in names}
    clocks = {name: _Clock(stage) for name, stage in kept.items() if name != "simulate_block"}
    try:
        for name, clock in clocks.items():
            setattr(kernels, name, clock)
        kernels.simulate_block = kept["simulate_block"].py_func  # type: ignore[attr-defined]
        yield clocks
    finally:
        for name, stage in kept.items():
            setattr(kernels, name, stage)
