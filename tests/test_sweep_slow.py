"""Sweeps at scale: memory that grows with totals only, never with people or with what a block settles."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Record

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
SCENARIO = ROOT / "benchmarks" / "city.yaml"


def peak(insured: int, designs: int, n: int) -> float:
    """Megabytes that a sweep in a process of its own has held at most."""
    from benchmarks.sweep import timed

    return float(timed(insured, designs, n)["megabytes"])


def test_memory_does_not_grow_with_people_and_hardly_with_replications(record: Record) -> None:
    small, many_people, long = peak(100_000, 200, 50), peak(3_300_000, 200, 8), peak(100_000, 200, 400)
    record("peak memory of 200 designs: 0.1 million people, 3.3 million, 8 times the replications",
           f"{small:.0f}, {many_people:.0f}, {long:.0f} MB")  # fmt: skip
    totals = 40 * 200 * 350 * 8 / 2**20  # at most so many totals of each design's further replications
    assert many_people < small + 150
    assert long < small + totals + 100


def test_the_benchmark_of_sweeps_runs_and_writes_nothing() -> None:
    results = ROOT / "benchmarks" / "results"
    before = {path: path.stat().st_mtime_ns for path in results.glob("*")}
    words = [sys.executable, "-m", "benchmarks.sweep", "--quick"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    assert "Designs are runs of them alone" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in results.glob("*")} == before
