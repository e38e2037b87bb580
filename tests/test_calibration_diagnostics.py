"""How well a fit fits: where a tail begins, distances with bootstrap p-values, stop-loss curves, rankings."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from fundsim.calibration import FitError, Observations, fit
from fundsim.calibration.comparison import compare
from fundsim.calibration.goodness import cells_of, distance
from fundsim.calibration.stop_loss import stop_loss_curve
from fundsim.calibration.tails import hill_estimates, propose, thresholds
from fundsim.severity import GeneralisedPareto, Lognormal, Pareto, SeverityFamily, Spliced, Tail, Weibull
from test_calibration_severity import sample

BODY = Lognormal(median=400_000, sigma=0.9)
HEAVY = Spliced(body=BODY, tail=Tail(above=2_000_000, index=0.45, weight=50_000, scale=1_500_000))
DEDUCTIBLES = (0.0, 5_000.0, 20_000.0, 50_000.0, 100_000.0)


def seen(severity: SeverityFamily, n: int, seed: int = 4) -> Observations:
    return Observations.exact(sample(severity, n, seed)).gathered()


# -- where a tail begins --------------------------------------------------------------------------------------------


def test_a_proposed_threshold_finds_the_tail():
    proposal = propose(seen(HEAVY, 60_000))
    assert proposal.threshold is not None
    assert 15_000 <= proposal.threshold <= 40_000
    place = list(proposal.table.tried).index(proposal.threshold)
    assert abs(proposal.table.index[place] - 0.45) < 3 * proposal.table.index_se[place]
    assert "lowest threshold above which the index stays the same" in proposal.reason
    assert "最低阈值" in proposal.reason_zh


def test_no_tail_is_proposed_where_nothing_is_stable():
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.lognormal(8, 0.5, 200), [9e5] * 20])
    proposal = propose(Observations.exact(x))
    assert proposal.threshold is None
    assert "no tail is proposed" in proposal.reason


def test_mean_excess_and_index_of_a_pareto_tail_are_those_of_its_closed_form():
    tail = GeneralisedPareto(above=100_000, index=0.25, scale=400_000)
    table = thresholds(seen(tail, 80_000), [2000.0, 6000.0])
    for place, u in enumerate((2000.0, 6000.0)):
        mean_excess = (4000 + 0.25 * (u - 1000)) / 0.75
        assert abs(table.mean_excess[place] - mean_excess) < 4 * table.mean_excess_se[place]
        assert abs(table.index[place] - 0.25) < 3 * table.index_se[place]
        assert abs(table.scale[place] - (4000 - 0.25 * 1000)) < 400


def test_hills_estimates_are_those_of_the_largest():
    x = np.array([100.0, 10.0, 50.0, 20.0])
    k, estimates = hill_estimates(x)
    assert list(k) == [1, 2, 3]
    assert estimates[1] == pytest.approx((math.log(100 / 20) + math.log(50 / 20)) / 2)
    pareto = sample(Pareto(above=100_000, shape=2.5), 20_000)
    assert hill_estimates(pareto)[1][5000] == pytest.approx(0.4, abs=0.02)


# -- distances ------------------------------------------------------------------------------------------------------


def test_the_distance_is_kolmogorovs_but_for_the_cells():
    x = sample(BODY, 4000)
    found = fit("lognormal", Observations.exact(x))
    exact = stats.kstest(x, lambda v: found.severity.cdf(v)).statistic * math.sqrt(4000)
    assert distance(found, Observations.exact(x), samples=10).ks == pytest.approx(exact, abs=0.05)


def test_p_values_are_uniform_where_the_family_is_right():
    """With parameters estimated; twenty fits, each with a p-value of its own."""
    small = [distance_of(Lognormal, seed) for seed in range(20)]
    assert stats.kstest(small, "uniform").pvalue > 0.01


def distance_of(_: object, seed: int) -> float:
    data = Observations.exact(sample(BODY, 400, seed))
    return distance(fit("lognormal", data), data, samples=39, seed=seed).ad_p


def test_a_wrong_family_has_a_small_p_value():
    data = seen(Weibull(shape=0.8, scale=500_000), 3000)
    found = distance(fit("lognormal", data), data, samples=39)
    assert found.ks_p == found.ad_p == pytest.approx(1 / 40)


def test_cells_count_truncated_and_capped_records():
    x = sample(BODY, 5000)
    data = Observations.exact(x[x > 2000], seen_above=2000, capped_at=12_000)
    cells = cells_of(BODY, data)
    assert cells.edges[0] == 2000
    assert cells.edges[-2] == 12_000
    assert cells.counts[-1] == np.sum(x >= 12_000)
    assert cells.counts.sum() == len(data.low)
    assert distance(fit("lognormal", data), data, samples=19).ad_p > 0.05


def test_several_truncation_points_have_no_such_distance():
    data = Observations.exact([3000.0] * 40 + [4000.0] * 40, seen_above=[0.0] * 40 + [500.0] * 40)
    with pytest.raises(FitError, match="several truncation points"):
        distance(fit("weibull", data), data)


# -- stop-loss curves and rankings ----------------------------------------------------------------------------------


def test_the_curve_is_the_data_beside_the_closed_form():
    x = sample(BODY, 3000)
    found = fit("lognormal", Observations.exact(x))
    curve = stop_loss_curve(found, Observations.exact(x), DEDUCTIBLES)
    excess = np.maximum(x - 5000, 0)
    assert curve.data[1] == pytest.approx(excess.mean())
    assert curve.data_se[1] == pytest.approx(excess.std() / math.sqrt(2999), rel=1e-6)
    assert curve.fitted[1] == pytest.approx(float(found.severity.stop_loss(5000)), rel=1e-5)
    assert curve.above[1] == np.sum(x > 5000)


def test_the_curve_of_truncated_and_capped_amounts_is_that_of_what_is_seen():
    x = sample(BODY, 40_000)
    data = Observations.exact(x[x > 2000], seen_above=2000, capped_at=12_000)
    curve = stop_loss_curve(fit("lognormal", data), data, (0.0, 2000.0, 5000.0))
    assert curve.data[0] == pytest.approx(np.minimum(x[x > 2000], 12_000).mean(), rel=1e-3)
    assert np.all(np.abs(curve.score) < 3)


def test_errors_of_the_fitted_curve_are_those_of_repeated_fits():
    told = [float(fit("lognormal", Observations.exact(sample(BODY, 500, seed))).severity.stop_loss(9000))
            for seed in range(120)]  # fmt: skip
    data = Observations.exact(sample(BODY, 500, 3))
    curve = stop_loss_curve(fit("lognormal", data), data, (9000.0,))
    assert curve.fitted_se[0] == pytest.approx(np.std(told), rel=0.35)


def test_lognormal_loses_visibly_on_a_heavy_tail():
    data = seen(HEAVY, 30_000)
    found = compare(data, DEDUCTIBLES, threshold=20_000)
    lognormal, splice = found["lognormal"], found["spliced lognormal"]
    assert found.best is splice
    assert lognormal.misprices
    assert not splice.misprices
    verdict = str(found.frame().loc["lognormal", "verdict"])
    assert verdict.startswith("misprices: ")
    assert "too little above" in verdict
    assert "少算" in str(found.frame("zh").loc["lognormal", "verdict"])
    assert list(found.frame().index).index("lognormal") > 0
    assert found.curves()["lognormal"].iloc[-1] < -0.3


def test_a_right_family_does_not_lose():
    found = compare(seen(BODY, 20_000), DEDUCTIBLES, families=("lognormal", "gamma"), samples=19)
    assert found.best.fit.name == "lognormal"
    assert not found.best.misprices
    assert found.best.distance is not None
    assert found.best.distance.ad_p > 0.05
    assert found["gamma"].misprices


def test_a_family_without_a_fit_is_told_and_ranked_last():
    data = seen(Weibull(shape=1.5, scale=500_000), 3000, seed=1)
    found = compare(data, (0.0, 5000.0), families=("weibull", "burr-xii"))
    frame = found.frame()
    assert list(frame.index)[-1] == "burr-xii"
    assert str(frame.loc["burr-xii", "verdict"]).startswith("no fit: burr-xii costs: ")


def test_nothing_that_fits_is_an_error():
    with pytest.raises(FitError, match="no family can be fitted"):
        compare(Observations.exact(np.full(300, 500.0)), (0.0,))


def test_too_few_records_above_are_not_judged():
    data = Observations.exact(sample(HEAVY, 200))
    found = compare(data, (500_000.0,), families=("gamma",))
    assert not found.best.misprices
    assert found.best.curve.verdict() == "too few records above any deductible to tell"
    assert found.best.curve.verdict("zh") == "记录太少，无法判断"
