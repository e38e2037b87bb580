"""What takes minutes: honest intervals over thousands of repetitions, scale, kills. `make check-slow` runs this.

With FUNDSIM_REPORT=1 what was found is written to reports/check-slow.md, with date and versions.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import fundsim as fs
from cities import ANNUAL, city
from conftest import Record
from fundsim.blocks import BlockJob
from fundsim.estimates import mean_of, probability_of
from oracles.test_quadrature import moments

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
REPETITIONS = 2_000


def test_intervals_cover_over_two_thousand_repetitions(record: Record) -> None:
    base = city(ANNUAL)
    raised = city(ANNUAL, payers__cii__deductible="8000 yuan")
    exact, exact_raised = moments(base)[0], _mean_at_8000()
    job = BlockJob.build([base, raised], seed=0)
    limit = exact * 1.1
    truth = float(np.mean([(_claims(job, seed)[0] > limit).mean() for seed in range(50_000, 50_400)]))
    covered = dict.fromkeys(("mean", "paired difference", "probability"), 0)
    for seed in range(REPETITIONS):
        claims, other = _claims(job, seed)
        low, high = mean_of(claims).interval() or (0.0, 0.0)
        covered["mean"] += low <= exact <= high
        low, high = mean_of(other - claims).interval() or (0.0, 0.0)
        covered["paired difference"] += low <= exact_raised - exact <= high
        chance = probability_of(claims > limit)
        covered["probability"] += chance.lo <= truth <= chance.hi
    for name, count in covered.items():
        record(
            f"95% interval of a {name} covers, {REPETITIONS:,} repetitions of 100 years", f"{count / REPETITIONS:.1%}"
        )
        assert 0.93 <= count / REPETITIONS <= 0.97


def _claims(job: BlockJob, seed: int) -> tuple[np.ndarray, np.ndarray]:
    settled = replace(job, seed=seed).run(0, 100)[:, :, 0, 0] / 100
    return settled[0], settled[1]


def _mean_at_8000() -> float:
    """The mean at a deductible of 8,000, whose bands then begin 2,000 higher; by quadrature, as the oracle does."""
    from scipy.integrate import quad

    scenario = city(ANNUAL)
    amount = scenario.terms.claims.amount  # type: ignore[union-attr]
    knots, rates, cap = (8_000.0, 28_000.0, 48_000.0, 68_000.0), (0.5, 0.6, 0.7, 0.8), 200_000.0
    at_cap = 68_000.0 + (cap - 36_000.0) / 0.8
    slopes = dict(zip(zip(knots, (*knots[1:], at_cap), strict=True), rates, strict=True))
    per_person = sum(
        rate * quad(lambda x: float(amount.survival(x)), low, high, epsrel=1e-11, points=[40_000.0], limit=200)[0]
        for (low, high), rate in slopes.items()
    )
    return scenario.population.insured * 0.06 * per_person


MEMORY = """
import sys
from pathlib import Path
import fundsim as fs
scenario = fs.load(sys.argv[1]).replace({"population.insured": sys.argv[2] + " persons"})
fs.simulate(scenario, n=4).summary()
(peak,) = [line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(peak)
"""
"""Not ru_maxrss: a process that is started counts what its parent held."""


def test_memory_does_not_grow_with_the_insured(record: Record) -> None:
    scheme = str(ROOT / "scenarios" / "qinzhou-2017.yaml")
    peaks = {}
    for insured in (3_300_000, 33_000_000):
        command = [sys.executable, "-c", MEMORY, scheme, str(insured)]
        peaks[insured] = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout) / 1024
        record(f"peak memory of a process simulating {insured:,} insured", f"{peaks[insured]:.0f} MB")
    assert max(peaks.values()) < 500
    assert peaks[33_000_000] < 1.05 * peaks[3_300_000]


KILLED = """
import sys
import fundsim as fs
from cities import city
fs.simulate(city(), n=20_000, block=5, out=sys.argv[1])
"""


def test_a_run_killed_again_and_again_ends_in_the_same_bytes(tmp_path: Path, record: Record) -> None:
    fs.simulate(city(), n=20_000, out=tmp_path / "whole")
    broken, kills, rng = tmp_path / "broken", 0, random.Random(1)
    while True:
        process = subprocess.Popen([sys.executable, "-c", KILLED, str(broken)], cwd=Path(__file__).parent)
        try:
            process.wait(timeout=(1.5 + rng.random()) * 1.15**kills)  # a busy machine needs longer to get anywhere
            break
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            kills += 1
            time.sleep(0.01)
    assert kills
    record("kills survived by one run, with the bytes of the whole one", str(kills))
    assert (broken / "replications.npz").read_bytes() == (tmp_path / "whole" / "replications.npz").read_bytes()
