"""What every way answers, how long it takes and how much memory it needs.

A first call and the peak memory belong to a fresh process, in which the tool is imported on the way; repeats are whole
calls in one process, all ways in turns.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.city import PEAK, machine, spread
from benchmarks.peers import with_aggregate, with_fundsim, with_gemact, with_numpy
from benchmarks.peers.model import REFERENCE, Figures, Frequency
from benchmarks.peers.ways import Answer, ToolError, Way

ROOT = Path(__file__).parents[2]
LEAST_SECONDS = 0.5
PACKAGES = ("fundsim", "aggregate", "gemact")

ONCE = """
import json, sys, time
from benchmarks.peers import measuring
print(json.dumps(measuring.once(sys.argv[1], sys.argv[2])))
"""


@dataclass
class Row:
    """One way with one frequency."""

    way: Way
    frequency: Frequency
    answer: Answer | None = None
    raised: str = ""
    """What the tool raised instead of answering."""
    first: float = 0.0
    """Seconds of the first call in a fresh process, the tool's import included."""
    megabytes: float = 0.0
    """Peak memory of that process."""
    seconds: list[float] = field(default_factory=list)
    """Seconds of a call, round by round."""

    @property
    def error(self) -> float:
        """Relative error of the mean against the reference."""
        assert self.answer is not None
        return self.answer.figures.mean / REFERENCE[self.frequency].mean - 1.0

    def plain(self) -> dict[str, Any]:
        """Return the row as plain data."""
        return {
            "tool": self.way.tool,
            "setting": self.way.setting,
            "frequency": self.frequency,
            "figures": self.answer.figures._asdict() if self.answer else None,
            "says": self.answer.says if self.answer else None,
            "raised": self.raised or None,
            "first call (s)": self.first,
            "repeats (s)": spread(self.seconds),
            "peak memory (MB)": self.megabytes,
        }


def all_ways() -> list[Way]:
    return [way for tool in (with_fundsim, with_aggregate, with_gemact, with_numpy) for way in tool.ways()]


def missing() -> list[str]:
    """Return the tools that are not installed."""
    return [name for name in PACKAGES if importlib.util.find_spec(name) is None]


def versions() -> dict[str, Any]:
    """Describe the machine and the tools."""
    threads = os.environ.get("OPENBLAS_NUM_THREADS", "as many as cores")
    return machine() | {"BLAS threads": threads} | {name: importlib.metadata.version(name) for name in PACKAGES}


def once(name: str, frequency: Frequency) -> dict[str, Any]:
    """Answer once, in this process; what the fresh process prints."""
    (way,) = (each for each in all_ways() if each.name == name)
    start = time.perf_counter()
    try:
        answer, raised = way.answer(frequency), ""
    except ToolError as error:
        answer, raised = None, str(error)
    taken = time.perf_counter() - start
    return {"answer": answer and [list(answer.figures), answer.says], "raised": raised, "seconds": taken}


def fresh(way: Way, frequency: Frequency) -> Row:
    """Answer once, in a fresh process; its last two lines are :func:`once` and its peak memory."""
    done = subprocess.run(
        [sys.executable, "-c", ONCE + PEAK, way.name, frequency],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
    )
    *_, told, peak = done.stdout.splitlines()
    found = json.loads(told)
    answer = found["answer"] and Answer(Figures(*found["answer"][0]), found["answer"][1])
    return Row(way, frequency, answer, found["raised"], found["seconds"], int(peak) / 1024)


def repeat(rows: Sequence[Row], rounds: int) -> None:
    """Time whole calls of every row in turns, round by round; a call that raises is timed, too.

    A round's time is the mean over as many calls as fill half a second, so that what else the machine does meets short
    calls as it meets long ones.
    """
    for _ in range(rounds):
        for row in rows:
            start, calls = time.perf_counter(), 0
            while time.perf_counter() - start < LEAST_SECONDS:
                with contextlib.suppress(ToolError):
                    row.way.answer(row.frequency)
                calls += 1
            row.seconds.append((time.perf_counter() - start) / calls)
