"""Jin'an's two published totals, 291 persons and 4.686 million yuan in eleven months, come out of its scheme."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fundsim as fs
from fundsim.results import Results

SCENARIO = Path(__file__).parents[1] / "scenarios" / "luan-jinan-2016.yaml"
PUBLISHED = {"beneficiaries": 291.0, "claims_paid": 4_686_000.0, "avg_payout": 4_686_000.0 / 291}
"""What the summary of the year states; the last is their quotient."""
NEAR = 0.04
"""How far a simulated mean may lie from the published figure."""


@pytest.fixture(scope="module")
def results() -> Results:
    return fs.simulate(fs.load(SCENARIO), n=400)


@pytest.mark.parametrize("measure", PUBLISHED)
def test_a_published_figure_lies_within_the_simulated_range(results: Results, measure: str) -> None:
    low, high = simulated_range(results, measure)
    assert low <= PUBLISHED[measure] <= high


@pytest.mark.parametrize("measure", PUBLISHED)
def test_a_simulated_mean_is_near_the_published_figure(results: Results, measure: str) -> None:
    assert results.estimate(measure).mean == pytest.approx(PUBLISHED[measure], rel=NEAR)


@pytest.mark.parametrize("measure", PUBLISHED)
def test_the_range_is_not_so_wide_that_anything_lies_in_it(results: Results, measure: str) -> None:
    low, high = simulated_range(results, measure)
    assert high - low < 0.5 * PUBLISHED[measure]


def test_a_low_deductible_does_not_explain_the_figures() -> None:
    low_deductible = fs.load(SCENARIO).replace({"payers.cii.deductible": "8000 yuan"})
    low, high = simulated_range(fs.simulate(low_deductible, n=50), "avg_payout")
    assert not low <= PUBLISHED["avg_payout"] <= high


def simulated_range(results: Results, measure: str) -> tuple[float, float]:
    """The range that holds 95% of the simulated years."""
    values = results.values(measure)
    assert values is not None
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)
