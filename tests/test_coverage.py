"""Whether intervals keep their word, through the whole corridor: 300 runs of a small scheme under uncertain inputs.

The fast version, on arrays, is in test_estimates.py and test_precision.py.
"""

from __future__ import annotations

import numpy as np
import pytest

import fundsim as fs
from cities import ANNUAL
from conftest import Record
from fundsim.report.tables import paired_difference
from fundsim.results import Results
from fundsim.scenario import Scenario, load_text

pytestmark = pytest.mark.slow

REPETITIONS = 300
REPLICATIONS = 500
TRUTH_RUNS, TRUTH_REPLICATIONS = 10, 20_000
UNCERTAIN = """
uncertainty:
  draws: {draws}
  inputs:
    level: {{of: cost, distribution: {{family: lognormal, cv: 0.1}}}}
    trend: {{of: cost-trend, distribution: {{family: normal, sd: 3pp}}}}
"""
FIGURES = ("mean", "5% quantile", "P(loss)", "paired difference")
Interval = tuple[float | None, float | None]


def designs(draws: str) -> list[Scenario]:
    """20,000 insured, two years of uncertain trend, an uncertain level; and a deductible of 8,000 beside 6,000.

    The insurer shares every loss: one that is capped has a fifth of its results at a single point, the 5% quantile too.
    """
    grown = ANNUAL.replace("  year: 2017\n", "  year: 2015\n  trend: {to: 2017, cost: 8%/year}\n")
    grown = grown.replace("{insurer: 0%}", "{insurer: 40%}")
    base = load_text(grown + UNCERTAIN.format(draws=draws), "small.yaml")
    return [base, base.replace({"payers.cii.deductible": "8000 yuan"})]


def intervals(base: Results, raised: Results) -> dict[str, Interval]:
    loss = base.probability("insurer_loss")
    found = (
        base.interval("insurer_result"),
        base.interval("insurer_result", "p05"),
        (loss.lo, loss.hi),
        paired_difference(base, raised, "insurer_result").interval(),
    )
    return {name: ends or (None, None) for name, ends in zip(FIGURES, found, strict=True)}


@pytest.fixture(scope="module")
def truth() -> dict[str, float]:
    """The same figures from four hundred times as many replications, of other seeds."""
    runs = [
        fs.simulate_designs(designs("independent"), n=TRUTH_REPLICATIONS, seed=10_000 + run)
        for run in range(TRUTH_RUNS)
    ]
    result, raised = (np.concatenate([run[d].totals["insurer_result"] for run in runs]) / 100.0 for d in (0, 1))
    found = (result.mean(), np.quantile(result, 0.05), (result < 0).mean(), (raised - result).mean())
    return dict(zip(FIGURES, map(float, found), strict=True))


@pytest.mark.parametrize(("draws", "at_most"), [("independent", 0.98), ("stratified", 1.0)])
def test_intervals_of_simulated_results_cover(
    draws: str, at_most: float, truth: dict[str, float], record: Record
) -> None:
    covered = dict.fromkeys(FIGURES, 0)
    schemes = designs(draws)
    for seed in range(REPETITIONS):
        for name, (low, high) in intervals(*fs.simulate_designs(schemes, n=REPLICATIONS, seed=seed)).items():
            covered[name] += low is not None and high is not None and low <= truth[name] <= high
    shares = {name: count / REPETITIONS for name, count in covered.items()}
    for name, share in shares.items():
        what = f"95% interval of a {name} covers, uncertain level and trend, {draws} draws"
        record(f"{what}, {REPETITIONS} repetitions of {REPLICATIONS} replications", f"{share:.1%}")
    assert all(0.92 <= share <= at_most for share in shares.values()), shares
