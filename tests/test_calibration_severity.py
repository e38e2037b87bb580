"""Cost families fitted by maximum likelihood: closed forms, SciPy, a likelihood by hand; parameters come back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy import stats

from fundsim.calibration import FitError, Observations, bootstrapped, fit
from fundsim.calibration.families import BODIES, MODELS
from fundsim.calibration.likelihood import Likelihood
from fundsim.calibration.observations import together
from fundsim.calibration.splice import fit_spliced, jump
from fundsim.severity import (
    SEVERITIES,
    BurrXII,
    Gamma,
    GeneralisedPareto,
    InverseGaussian,
    LogLogistic,
    Lognormal,
    Pareto,
    Severity,
    SeverityFamily,
    Spliced,
    Tail,
    Weibull,
)

TRUE: dict[str, SeverityFamily] = {
    "lognormal": Lognormal(median=400_000, sigma=1.1),
    "gamma": Gamma(shape=0.8, scale=700_000),
    "weibull": Weibull(shape=0.8, scale=600_000),
    "log-logistic": LogLogistic(median=500_000, shape=2.4),
    "burr-xii": BurrXII(c=1.8, d=1.5, scale=600_000),
    "inverse-gaussian": InverseGaussian(mean=500_000, shape=600_000),
    "pareto": Pareto(above=100_000, shape=2.6),
    "generalised-pareto": GeneralisedPareto(above=100_000, index=0.3, scale=500_000),
}
FIELDS = {"mean": "stated_mean"}


def sample(severity: SeverityFamily, n: int, seed: int = 1) -> np.ndarray:
    return np.asarray(severity.quantile_upper(np.random.default_rng(seed).random(n)))


def truth(severity: SeverityFamily, name: str) -> float:
    value = getattr(severity, FIELDS.get(name, name))
    return value / 100 if isinstance(value, int) else value


def lowest(family: str) -> float:
    return 1000.0 if "pareto" in family else 0.0


def test_every_family_can_be_fitted():
    assert set(MODELS) | {"spliced", "table"} == set(SEVERITIES)  # a table is read, not fitted
    assert set(TRUE) == set(MODELS)


@pytest.mark.parametrize("family", MODELS)
def test_parameters_come_back_through_truncation_and_censoring(family: str):
    """Only amounts above 1,500 yuan are seen, those from 30,000 on are cut off there."""
    x = sample(TRUE[family], 8000)
    found = fit(family, Observations.exact(x[x > 1500], seen_above=1500, capped_at=30_000), above=lowest(family))
    for name, value in found.parameters.items():
        assert abs(value - truth(TRUE[family], name)) < 3 * found.errors[name]
        low, high = found.interval(name)
        assert low < value < high
    assert found.distance < 0.01


@pytest.mark.parametrize("family", MODELS)
def test_a_fit_is_a_family_of_a_claims_file(family: str):
    found = fit(family, Observations.exact(sample(TRUE[family], 2000)), above=lowest(family))
    again = TypeAdapter(Severity).validate_python(found.severity.model_dump(exclude_none=True, by_alias=True))
    assert again == found.severity
    assert found.severity.mean() == pytest.approx(found.model.severity(found.theta).mean(), rel=1e-4)


# -- closed forms and SciPy -----------------------------------------------------------------------------------------


def test_lognormal_is_the_mean_and_deviation_of_logs():
    x = sample(TRUE["lognormal"], 3000)
    found = fit("lognormal", Observations.exact(x))
    logs = np.log(x)
    assert math.log(found.parameters["median"]) == pytest.approx(logs.mean(), abs=1e-6)
    assert found.parameters["sigma"] == pytest.approx(logs.std(), rel=1e-6)
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(
        [logs.std() / math.sqrt(3000), 1 / math.sqrt(6000)], rel=1e-4
    )


def test_pareto_is_hills_estimate():
    x = sample(TRUE["pareto"], 3000)
    found = fit("pareto", Observations.exact(x), above=1000)
    hill = np.log(x / 1000).mean()
    assert found.parameters["shape"] == pytest.approx(1 / hill, rel=1e-6)
    assert found.errors["shape"] == pytest.approx(1 / hill / math.sqrt(3000), rel=1e-4)


SCIPY = {
    "gamma": (stats.gamma, {"shape": 0, "scale": 2}, {"floc": 0}),
    "weibull": (stats.weibull_min, {"shape": 0, "scale": 2}, {"floc": 0}),
    "log-logistic": (stats.fisk, {"shape": 0, "median": 2}, {"floc": 0}),
}


@pytest.mark.parametrize("family", SCIPY)
def test_a_fit_without_truncation_is_scipys(family: str):
    x = sample(TRUE[family], 1500)
    scipys, places, held = SCIPY[family]
    theirs = scipys.fit(x, **held)
    found = fit(family, Observations.exact(x))
    for name, place in places.items():
        assert found.parameters[name] == pytest.approx(theirs[place], rel=2e-3)
    assert found.log_likelihood >= np.sum(scipys.logpdf(x, *theirs)) - 1e-6


def test_the_likelihood_of_five_observations_by_hand():
    """An exact amount twice, a capped one, one of a band, and one seen only because it lies above 2,000."""
    body = stats.lognorm(s=1.1, scale=4000)
    seen = together(
        [
            Observations.exact([3000.0], weight=[2.0]),
            Observations.exact([9000.0], capped_at=8000),
            Observations.bands([5000.0], [10_000.0], [1]),
            Observations.exact([2500.0], seen_above=2000),
        ]
    )
    by_hand = (
        2 * body.logpdf(3000)
        + math.log(body.sf(8000))
        + math.log(body.cdf(10_000) - body.cdf(5000))
        + body.logpdf(2500)
        - math.log(body.sf(2000))
    )
    assert Likelihood(seen)(Lognormal(median=400_000, sigma=1.1)) == pytest.approx(by_hand, rel=1e-12)


def test_fine_bands_say_what_amounts_say():
    x = sample(TRUE["lognormal"], 4000)
    edges = np.geomspace(x.min() * 0.99, x.max() * 1.01, 2000)
    numbers, _ = np.histogram(x, edges)
    kept = numbers > 0
    by_band = fit("lognormal", Observations.bands(edges[:-1][kept], edges[1:][kept], numbers[kept]))
    by_amount = fit("lognormal", Observations.exact(x))
    for name, value in by_amount.parameters.items():
        assert by_band.parameters[name] == pytest.approx(value, abs=0.01 * by_amount.errors[name])


def test_amounts_gathered_in_bins_give_the_same_fit():
    x = sample(TRUE["burr-xii"], 6000)
    one_by_one = Observations.exact(x)
    gathered = one_by_one.gathered()
    assert len(gathered.low) < 4500
    assert gathered.records == 6000
    alone, binned = fit("burr-xii", one_by_one), fit("burr-xii", gathered)
    for name, value in alone.parameters.items():
        assert binned.parameters[name] == pytest.approx(value, abs=0.01 * alone.errors[name])
        assert binned.errors[name] == pytest.approx(alone.errors[name], rel=1e-3)


def test_gathering_keeps_what_is_censored_apart():
    x = np.array([100.0, 100.0, 900.0, 900.0, 500.0])
    seen = Observations.exact(x, seen_above=[0, 50, 0, 0, 0], capped_at=800).gathered()
    rows = sorted(zip(seen.low, seen.high, seen.weight, seen.above, strict=True))
    expected = [(100, 100, 1, 0), (100, 100, 1, 50), (500, 500, 1, 0), (800, math.inf, 2, 0)]
    np.testing.assert_allclose(rows, expected)


def test_weights_count_as_records():
    x = sample(TRUE["weibull"], 800)
    twice = fit("weibull", Observations.exact(np.concatenate([x, x])))
    weighted = fit("weibull", Observations.exact(x, weight=np.full(800, 2.0)))
    assert weighted.theta == pytest.approx(twice.theta, abs=1e-6)
    assert weighted.errors["scale"] == pytest.approx(twice.errors["scale"], rel=1e-6)


def test_bootstrap_and_information_agree():
    found = fit("lognormal", Observations.exact(sample(TRUE["lognormal"], 1000)))
    again = bootstrapped(found, Observations.exact(sample(TRUE["lognormal"], 1000)), samples=300, seed=2)
    assert "bootstrap" in again.by
    assert np.sqrt(np.diag(again.covariance)) == pytest.approx(np.sqrt(np.diag(found.covariance)), rel=0.15)


# -- splices --------------------------------------------------------------------------------------------------------

SPLICE = Spliced(
    body=Lognormal(median=400_000, sigma=1.0), tail=Tail(above=2_000_000, index=0.35, weight=60_000, scale=1_200_000)
)


def test_a_splice_comes_back():
    found = fit_spliced("lognormal", Observations.exact(sample(SPLICE, 60_000)), 20_000)
    expected = {"body.median": 4000, "body.sigma": 1.0, "index": 0.35, "scale": 12_000, "weight": 0.06}
    for name, value in expected.items():
        assert abs(found.parameters[name] - value) < 3 * found.errors[name]


def test_a_splice_comes_back_through_truncation_and_censoring():
    x = sample(SPLICE, 60_000)
    found = fit_spliced("lognormal", Observations.exact(x[x > 2000], seen_above=2000, capped_at=150_000), 20_000)
    expected = {"body.median": 4000, "body.sigma": 1.0, "index": 0.35, "scale": 12_000, "weight": 0.06}
    for name, value in expected.items():
        assert abs(found.parameters[name] - value) < 3 * found.errors[name]


def test_a_continuous_splice_has_no_jump_and_comes_back():
    continuous = Spliced(body=Lognormal(median=400_000, sigma=1.0), tail=Tail(above=2_000_000, index=0.35))
    seen = Observations.exact(sample(continuous, 40_000))
    found = fit_spliced("lognormal", seen, 20_000, continuous=True)
    assert jump(found) == pytest.approx(1, abs=1e-9)
    for name, value in {"body.median": 4000, "body.sigma": 1.0, "index": 0.35}.items():
        assert abs(found.parameters[name] - value) < 3 * found.errors[name]
    assert jump(fit_spliced("lognormal", seen, 20_000)) == pytest.approx(1, abs=0.1)


def test_parts_of_a_splice_without_truncation_are_fitted_by_themselves():
    """With weight and scale free the likelihood falls apart: the weight is the share above."""
    x = sample(SPLICE, 20_000)
    found = fit_spliced("lognormal", Observations.exact(x).gathered(), 20_000)
    tail = fit("generalised-pareto", Observations.exact(x[x > 20_000]), above=20_000)
    assert found.parameters["weight"] == pytest.approx(np.mean(x > 20_000), rel=1e-4)
    for name, value in tail.parameters.items():
        assert found.parameters[name] == pytest.approx(value, abs=0.05 * tail.errors[name])


def test_a_tail_lighter_than_exponential_is_held_at_zero_and_said_so():
    x = 1000 + 500 * np.random.default_rng(3).beta(1, 4, 4000)
    found = fit("generalised-pareto", Observations.exact(x), above=1000)
    assert found.parameters["index"] == 0
    assert found.held == ("index",)
    assert "held at index 0" in found.notes[0]
    assert found.parameters["scale"] == pytest.approx((x - 1000).mean(), rel=1e-4)


# -- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Observations.exact([100.0, -1.0]), "1 of 2 amounts are not above zero"),
        (lambda: Observations.exact([100.0, math.nan]), "not above zero"),
        (lambda: Observations.exact([100.0, 900.0], seen_above=500), "1 amounts do not lie above the point"),
        (lambda: Observations.exact([900.0], seen_above=500, capped_at=400), "a cap lies at or below"),
        (lambda: Observations.exact([900.0], weight=[-1.0]), "a weight is negative"),
        (lambda: Observations.exact([900.0], weight=[1.0, 2.0]), "the same length"),
        (lambda: Observations.bands([10.0], [5.0], [3]), "does not run upwards"),
        (lambda: fit("lognormal", Observations.exact(np.arange(1.0, 8.0))), "7 records are too few"),
        (lambda: fit("loglogistic", Observations.exact(np.arange(1.0, 80.0))), "no family 'loglogistic'"),
        (lambda: fit("pareto", Observations.exact(np.arange(1.0, 80.0))), "begins above zero"),
        (lambda: fit_spliced("pareto", Observations.exact(np.arange(1.0, 80.0)), 20), "no body of a splice"),
    ],
)
def test_what_cannot_be_fitted_is_refused(make, words):
    with pytest.raises(FitError, match=words):
        make()


def test_a_fit_that_runs_away_is_an_error_and_not_a_result():
    """Weibull amounts are the limit of Burr XII as d grows without end."""
    with pytest.raises(FitError, match=r"no maximum|did not converge"):
        fit("burr-xii", Observations.exact(sample(Weibull(shape=1.5, scale=500_000), 3000)))


def test_a_distribution_without_a_mean_is_refused_by_name():
    x = sample(LogLogistic(median=100_000, shape=1.05), 4000) ** 1.5
    with pytest.raises(FitError, match=r"the mean bill is infinite.*cannot be priced"):
        fit("log-logistic", Observations.exact(x))


def test_amounts_that_are_all_alike_have_no_spread_to_fit():
    with pytest.raises(FitError):
        fit("lognormal", Observations.exact(np.full(500, 3000.0)))


def test_bodies_begin_at_zero():
    assert all(fit(name, Observations.exact(sample(TRUE[name], 500))).severity.lowest() == 0 for name in BODIES)
