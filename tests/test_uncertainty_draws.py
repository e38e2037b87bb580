"""Draws of what is not known: their moments and dependence, keys that move nothing else, and whole batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from fundsim.uncertainty import BATCH, Cost, UncertaintyTerms, draw
from fundsim.uncertainty.drawing import uniforms

N = 40_000
LEVEL = {"of": "cost", "distribution": {"family": "lognormal", "cv": "0.1"}}
USE = {"of": "admissions", "distribution": {"family": "gamma", "cv": "0.08"}}
TREND = {"of": "cost-trend", "distribution": {"family": "normal", "sd": "2pp"}}
TAIL = {
    "of": "tail-index",
    "distribution": {"family": "normal", "mean": "0.33", "sd": "0.05"},
    "within": ["0.25", "0.42"],
}
FAMILIES = {
    "lognormal": {"family": "lognormal", "cv": "0.3"},
    "gamma": {"family": "gamma", "cv": "0.3"},
    "uniform": {"family": "uniform", "from": "x0.9", "to": "x1.3"},
    "triangular": {"family": "triangular", "from": "x0.9", "mode": "x1", "to": "x1.3"},
    "discrete": {"family": "discrete", "values": ["x1", "x1.15"], "probabilities": ["70%", "30%"]},
    "table": {"family": "table", "at": ["0%", "50%", "100%"], "values": ["x0.8", "x1", "x1.5"]},
}
LOG_COVARIANCE = [[0.0100, 0.0048, 0.0], [0.0048, 0.0064, -0.001], [0.0, -0.001, 0.0025]]


def terms(inputs: dict[str, Any], **more: Any) -> UncertaintyTerms:
    return UncertaintyTerms.model_validate({"inputs": inputs, **more})


def drawn(stated: UncertaintyTerms, n: int = N, **more: Any) -> dict[str, npt.NDArray[np.float64]]:
    return dict(draw(stated, 20170101, np.arange(n), **more).values)


def standard_errors(sample: npt.NDArray[np.float64], mean: float, variance: float) -> tuple[float, float]:
    """By how many of their own standard errors the sample's mean and variance miss the stated ones."""
    squares = (sample - sample.mean()) ** 2
    of_mean = (sample.mean() - mean) / (sample.std(ddof=1) / np.sqrt(len(sample)))
    return abs(of_mean), abs(squares.mean() - variance) / (squares.std(ddof=1) / np.sqrt(len(sample)))


def score(level: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The normal score of a lognormal level: its standardised logarithm."""
    return (np.log(level) - np.log(level).mean()) / np.log(level).std()


def correlation(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    return float(np.corrcoef(one, other)[0, 1])


# --- what is drawn ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_samples_have_the_stated_mean_and_variance(family: str) -> None:
    stated = terms({"level": {"of": "cost", "distribution": FAMILIES[family]}})
    marginal = stated.marginal("level")
    missed = standard_errors(drawn(stated)["level"], marginal.mean(), marginal.variance())
    assert max(missed) < 3.5


def test_a_tail_index_is_truncated_to_its_range() -> None:
    stated = terms({"tail": TAIL})
    sample = drawn(stated)["tail"]
    assert (sample.min(), sample.max()) == (pytest.approx(0.25, abs=1e-4), pytest.approx(0.42, abs=1e-4))
    assert ((sample >= 0.25) & (sample <= 0.42)).all()
    assert max(standard_errors(sample, stated.marginal("tail").mean(), stated.marginal("tail").variance())) < 3.5


def test_a_two_point_shock_is_the_stated_mixture() -> None:
    sample = drawn(terms({"shock": {"of": "cost", "distribution": FAMILIES["discrete"]}}))["shock"]
    assert set(sample.tolist()) == {1.0, 1.15}
    assert (sample == 1.15).mean() == pytest.approx(0.3, abs=3.5 * np.sqrt(0.21 / N))


def test_shapes_follow_the_kind_and_values_can_be_asked_for_by_kind() -> None:
    found = draw(terms({"level": LEVEL, "trend": TREND, "use": USE}), 1, np.arange(7), years=4)
    assert {name: values.shape for name, values in found.values.items()} == {
        "level": (7,), "trend": (7, 4), "use": (7,),
    }  # fmt: skip
    ((stated, values),) = found.of(Cost)
    assert stated.care is None
    assert values is found.values["level"]


# --- from year to year -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("serial", ["0.5", "0", "-0.4", "0.9"])
def test_errors_of_growth_are_a_stationary_autoregression(serial: str) -> None:
    sample = drawn(terms({"trend": {**TREND, "serial": serial}}), years=5)["trend"]
    rho = float(serial)
    for year in range(5):
        assert max(standard_errors(sample[:, year], 0.0, 0.02**2)) < 3.5
        for lag in range(1, 5 - year):
            tolerance = 3.5 * (1 - rho ** (2 * lag)) / np.sqrt(N)
            assert correlation(sample[:, year], sample[:, year + lag]) == pytest.approx(rho**lag, abs=tolerance)


def test_half_is_the_serial_correlation_where_none_is_stated() -> None:
    unstated, stated = drawn(terms({"trend": TREND}), 50, years=3), terms({"trend": {**TREND, "serial": "0.5"}})
    assert np.array_equal(unstated["trend"], drawn(stated, 50, years=3)["trend"])


def test_a_serial_correlation_of_one_is_one_error_for_all_years() -> None:
    sample = drawn(terms({"trend": {**TREND, "serial": "1"}}), 200, years=3)["trend"]
    assert (sample == sample[:, :1]).all()
    assert sample[:, 0].std() == pytest.approx(0.02, rel=0.2)


# --- together --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rho", [-0.8, 0.3, 0.95])
def test_a_correlation_is_that_of_the_normal_scores(rho: float) -> None:
    """Spearman's of a Gaussian copula is 6/π·asin(ρ/2); the marginal distributions stay as they are."""
    pair = {"between": ["level", "use"], "rho": str(rho)}
    stated = terms({"level": LEVEL, "use": USE}, correlation=[pair])
    sample = drawn(stated)
    expected = 6 / np.pi * np.arcsin(rho / 2)
    assert stats.spearmanr(sample["level"], sample["use"]).statistic == pytest.approx(expected, abs=4 / np.sqrt(N))
    for name in ("level", "use"):
        assert max(standard_errors(sample[name], 1.0, stated.marginal(name).variance())) < 3.5


def test_three_inputs_have_all_their_correlations() -> None:
    inputs = {"a": LEVEL, "b": LEVEL, "c": LEVEL}
    pairs = {("a", "b"): 0.5, ("b", "c"): -0.4, ("a", "c"): 0.2}
    sample = drawn(terms(inputs, correlation=[{"between": list(p), "rho": str(rho)} for p, rho in pairs.items()]))
    for (one, other), rho in pairs.items():
        assert correlation(score(sample[one]), score(sample[other])) == pytest.approx(rho, abs=4 / np.sqrt(N))


def test_correlated_trends_keep_their_own_serial_correlation() -> None:
    inputs = {"cost": TREND, "use": {**TREND, "of": "admission-trend"}}
    sample = drawn(terms(inputs, correlation=[{"between": ["cost", "use"], "rho": "0.6"}]), years=3)
    for year in range(3):
        assert correlation(sample["cost"][:, year], sample["use"][:, year]) == pytest.approx(0.6, abs=4 / np.sqrt(N))
    for name in inputs:
        assert correlation(sample[name][:, 0], sample[name][:, 1]) == pytest.approx(0.5, abs=4 / np.sqrt(N))


def test_a_joint_distribution_has_the_mean_and_covariance_that_were_handed_over() -> None:
    names, mean = ["a", "b", "c"], [0.02, -0.01, 0.0]
    joint = {
        "names": names,
        "scale": "log",
        "mean": [str(each) for each in mean],
        "covariance": [[str(each) for each in row] for row in LOG_COVARIANCE],
    }
    sample = drawn(terms({name: {"of": "cost"} for name in names}, joint=[joint]))
    logs = np.log(np.stack([sample[name] for name in names]))
    assert logs.mean(axis=1) == pytest.approx(mean, abs=4 * 0.1 / np.sqrt(N))
    assert np.cov(logs) == pytest.approx(np.array(LOG_COVARIANCE), abs=4 * 0.01 / np.sqrt(N / 2))


def test_on_the_identity_scale_the_values_themselves_are_jointly_normal() -> None:
    joint = {
        "names": ["level", "index"],
        "scale": "identity",
        "mean": ["1.05", "0.3"],
        "covariance": [["0.0016", "0.0004"], ["0.0004", "0.0009"]],
    }
    stated = terms({"level": {"of": "cost"}, "index": {"of": "tail-index", "within": ["0", "0.9"]}}, joint=[joint])
    sample = drawn(stated)
    values = np.stack([sample["level"], sample["index"]])
    assert values.mean(axis=1) == pytest.approx([1.05, 0.3], abs=0.001)
    assert np.cov(values) == pytest.approx(np.array([[0.0016, 0.0004], [0.0004, 0.0009]]), rel=0.05)


# --- keys ------------------------------------------------------------------------------------------------------------


def test_draws_are_those_of_the_first_version() -> None:
    """If this fails, every result ever published with uncertain inputs becomes another one."""
    found = drawn(terms({"cost-level": LEVEL, "trend": TREND}), 2, years=2)
    assert found["cost-level"].tolist() == pytest.approx(FIRST_LEVELS, rel=1e-12)
    assert found["trend"].ravel().tolist() == pytest.approx(FIRST_TRENDS, rel=1e-12)


FIRST_LEVELS = [1.1954850341173706, 1.0826372476042188]
FIRST_TRENDS = [-0.027164527455131583, -0.00816887373898235, -0.006889772512853989, -0.005482706780205968]

BLOCKS = [
    terms({"level": LEVEL, "use": USE, "trend": TREND, "tail": TAIL, "rest": LEVEL}, draws=draws,
          correlation=[{"between": ["level", "use"], "rho": "0.3"}, {"between": ["use", "rest"], "rho": "-0.5"}])
    for draws in ("independent", "stratified")
]  # fmt: skip


@given(st.sampled_from(BLOCKS), st.integers(0, 200), st.integers(1, 70), st.integers(1, 4))
def test_any_block_of_replications_and_years_has_the_same_bits(
    stated: UncertaintyTerms, first: int, size: int, years: int
) -> None:
    whole = draw(stated, 5, np.arange(300), years=4)
    block = draw(stated, 5, np.arange(first, first + size), years=years)
    for name, values in block.values.items():
        expected = whole.values[name][first : first + size]
        assert np.array_equal(values, expected if values.ndim == 1 else expected[:, :years])


@pytest.mark.parametrize("draws", ["independent", "stratified"])
def test_another_input_moves_no_draw(draws: str) -> None:
    few = drawn(terms({"use": USE, "trend": TREND}, draws=draws), 60, years=2)
    many = drawn(terms({"level": LEVEL, "use": USE, "trend": TREND, "tail": TAIL}, draws=draws), 60, years=2)
    assert all(np.array_equal(few[name], many[name]) for name in few)


def test_a_correlation_moves_only_the_later_of_the_two_in_the_file() -> None:
    inputs = {"level": LEVEL, "use": USE, "tail": TAIL}
    alone = drawn(terms(inputs), 60)
    together = drawn(terms(inputs, correlation=[{"between": ["use", "level"], "rho": "0.4"}]), 60)
    assert together["level"] == pytest.approx(alone["level"], rel=1e-12)
    assert np.array_equal(together["tail"], alone["tail"])
    assert not np.isclose(together["use"], alone["use"]).any()


def test_another_seed_and_another_name_give_other_draws() -> None:
    one = draw(terms({"level": LEVEL, "other": LEVEL}), 1, np.arange(1000))
    two = draw(terms({"level": LEVEL}), 2, np.arange(1000))
    assert abs(correlation(one.values["level"], one.values["other"])) < 0.13
    assert abs(correlation(one.values["level"], two.values["level"])) < 0.13


# --- pick-freeze -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stated", BLOCKS, ids=["independent", "stratified"])
def test_a_swapped_group_is_drawn_from_other_replications_and_the_rest_stays(stated: UncertaintyTerms) -> None:
    base = draw(stated, 5, np.arange(50), years=2)
    further = draw(stated, 5, np.arange(1000, 1050), years=2)
    swapped = draw(stated, 5, np.arange(50), years=2, swap={"level+use+rest": 1000})
    for name in ("level", "use", "rest"):
        assert np.array_equal(swapped.values[name], further.values[name])
    for name in ("trend", "tail"):
        assert np.array_equal(swapped.values[name], base.values[name])
    assert swapped.replications.tolist() == list(range(50))


def test_inputs_of_one_stated_group_are_swapped_together() -> None:
    both = {"cost": {**TREND, "group": "trend"}, "use": {**TREND, "of": "admission-trend", "group": "trend"}}
    stated = terms({**both, "level": LEVEL})
    assert stated.groups == {"cost": "trend", "use": "trend", "level": "level"}
    swapped, base = drawn(stated, 20, swap={"trend": 100}), drawn(stated, 20)
    assert not np.isclose(swapped["cost"], base["cost"]).any()
    assert not np.isclose(swapped["use"], base["use"]).any()
    assert np.array_equal(swapped["level"], base["level"])


def test_correlated_inputs_take_the_group_that_one_of_them_states() -> None:
    stated = terms(
        {"level": LEVEL, "use": {**USE, "group": "levels"}, "tail": TAIL},
        correlation=[{"between": ["level", "use"], "rho": "0.4"}],
    )
    assert stated.groups == {"level": "levels", "use": "levels", "tail": "tail"}


def test_an_unknown_group_cannot_be_swapped() -> None:
    with pytest.raises(KeyError, match=r"no input belongs to the group 'cost'; groups: level"):
        drawn(terms({"level": LEVEL}), 2, swap={"cost": 25})


# --- stratified ------------------------------------------------------------------------------------------------------


def test_in_every_batch_every_stratum_is_hit_once() -> None:
    sample = uniforms(7, "input", "level", np.arange(40 * BATCH), stratified=True)
    strata = np.floor(sample * BATCH).astype(int).reshape(-1, BATCH)
    assert (np.sort(strata, axis=1) == np.arange(BATCH)).all()
    assert len({tuple(row) for row in strata.tolist()}) == 40


def test_orders_of_strata_are_equally_likely() -> None:
    """The stratum of the first replication of a batch is uniform, and so is that of the last given the first's."""
    sample = uniforms(7, "input", "level", np.arange(5000 * BATCH), stratified=True)
    strata = np.floor(sample * BATCH).astype(int).reshape(-1, BATCH)
    for column in (strata[:, 0], strata[:, -1], (strata[:, 0] - strata[:, 1]) % BATCH - 1):
        counts = np.bincount(column, minlength=24)
        assert stats.chisquare(counts).pvalue > 1e-4


def test_stratified_uniforms_stay_inside_zero_and_one_and_are_uniform() -> None:
    sample = uniforms(3, "input", "level", np.arange(20_000), stratified=True)
    assert sample.min() > 0
    assert sample.max() < 1
    assert stats.kstest(np.mod(sample * BATCH, 1), "uniform").pvalue > 1e-4


def test_two_inputs_are_stratified_independently_of_each_other() -> None:
    one = uniforms(3, "input", "level", np.arange(50_000), stratified=True)
    other = uniforms(3, "input", "use", np.arange(50_000), stratified=True)
    assert abs(correlation(one, other)) < 4 / np.sqrt(50_000)


def test_stratified_means_are_much_closer_to_the_truth() -> None:
    """The mean of a batch of a lognormal: its variance falls by far more than ten times."""
    stated = terms({"level": LEVEL}, draws="stratified")
    independent = drawn(terms({"level": LEVEL}), 200 * BATCH)["level"].reshape(-1, BATCH).mean(axis=1)
    stratified = drawn(stated, 200 * BATCH)["level"].reshape(-1, BATCH).mean(axis=1)
    assert stratified.var() < independent.var() / 20
    assert stratified.mean() == pytest.approx(1.0, abs=4 * stratified.std() / np.sqrt(200))
    assert drawn(stated)["level"].var() == pytest.approx(0.01, rel=0.01)


def test_the_first_of_correlated_inputs_stays_stratified() -> None:
    stated = terms(
        {"level": LEVEL, "use": LEVEL}, draws="stratified", correlation=[{"between": ["level", "use"], "rho": "0.5"}]
    )
    sample = drawn(stated, 4 * BATCH)
    u = special.ndtr((np.log(sample["level"]) + np.log1p(0.01) / 2) / np.sqrt(np.log1p(0.01)))
    assert (np.sort(np.floor(u.reshape(-1, BATCH) * BATCH), axis=1) == np.arange(BATCH)).all()
