"""Estimates: against plain formulas, a bootstrap and SciPy, and printed to the digits they support."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fundsim.estimates import (
    NORMAL_95,
    PERCENTILES,
    UNDEFINED,
    Estimate,
    Probability,
    decimals,
    mean_of,
    probability_of,
    quantile_of,
    ratio_of,
    replications_for_error,
    replications_for_mean,
    replications_for_probability,
    replications_for_quantile,
    rounded,
)
from fundsim.uncertainty import BATCH, UncertaintyTerms, draw

samples = st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=40).map(np.array)


# --- means -----------------------------------------------------------------------------------------------------------


@given(samples)
def test_a_mean_has_the_textbook_standard_error(values: np.ndarray) -> None:
    n, mean = len(values), math.fsum(values) / len(values)
    sd = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    found = mean_of(values)
    assert found.mean == pytest.approx(mean, rel=1e-9, abs=1e-6)
    assert found.sd == pytest.approx(sd, rel=1e-9, abs=1e-6)
    assert found.se == pytest.approx(sd / math.sqrt(n), rel=1e-9, abs=1e-6)
    assert (found.min, found.max) == (min(values), max(values))


def test_percentiles_are_those_of_the_sample() -> None:
    found = mean_of(np.arange(101.0))
    assert found.percentiles == PERCENTILES
    assert found.as_dict() == {
        "mean": 50.0, "se": pytest.approx(29.300170647967224 / 101**0.5), "sd": pytest.approx(29.300170647967224),
        "p01": 1.0, "p05": 5.0, "p25": 25.0, "p50": 50.0, "p75": 75.0, "p95": 95.0, "p99": 99.0,
        "min": 0.0, "max": 100.0,
    }  # fmt: skip


def test_the_interval_of_a_mean_covers_the_truth_as_often_as_it_says() -> None:
    drawn = np.random.default_rng(1).normal(10.0, 3.0, size=(4000, 50))
    intervals = [mean_of(sample).interval() for sample in drawn]
    covered = np.mean([interval is not None and interval[0] <= 10.0 <= interval[1] for interval in intervals])
    assert covered == pytest.approx(2 * stats.t.cdf(NORMAL_95, df=49) - 1, abs=0.01)


def test_one_replication_has_a_mean_but_no_error() -> None:
    found = mean_of(np.array([5.0]))
    assert (found.mean, found.se, found.sd, found.interval()) == (5.0, None, None, None)
    assert found.percentiles == (5.0,) * len(PERCENTILES)


def test_no_replication_has_no_mean() -> None:
    assert mean_of(np.array([])) == UNDEFINED


# --- ratios ----------------------------------------------------------------------------------------------------------


def test_a_ratio_is_that_of_the_totals_and_not_the_mean_of_ratios() -> None:
    found = ratio_of(np.array([1.0, 9.0]), np.array([1.0, 3.0]))
    assert found.mean == 2.5
    assert (found.min, found.max) == (1.0, 3.0)


def test_the_error_of_a_ratio_is_the_delta_methods() -> None:
    """Cochran 6.3: variance of the residuals over the squared mean of the denominator, over n."""
    rng = np.random.default_rng(2)
    below = rng.uniform(1.0, 3.0, size=30)
    above = 0.7 * below + rng.normal(0.0, 0.2, size=30)
    ratio = above.sum() / below.sum()
    residuals = above - ratio * below
    found = ratio_of(above, below)
    assert found.mean == pytest.approx(ratio)
    assert found.se == pytest.approx(math.sqrt(sum(residuals**2) / 29 / 30) / below.mean())
    assert found.sd == pytest.approx(np.std(above / below, ddof=1))


def test_the_error_of_a_ratio_agrees_with_the_bootstrap_on_skewed_data() -> None:
    """Average payment: claims over beneficiaries, both of them random, dear years with more of both."""
    rng = np.random.default_rng(3)
    level = rng.lognormal(0.0, 0.4, size=400)
    people = rng.poisson(60 * level).astype(float)
    claims = np.array([rng.lognormal(8.0, 1.3, size=int(count)).sum() for count in people])
    picks = rng.integers(0, 400, size=(4000, 400))
    bootstrap = (claims[picks].sum(axis=1) / people[picks].sum(axis=1)).std(ddof=1)
    se = ratio_of(claims, people).se
    assert se == pytest.approx(bootstrap, rel=0.1)
    naive = ratio_of(claims, np.full_like(people, people.mean())).se
    assert naive != pytest.approx(bootstrap, rel=0.5)  # an error that forgets the denominator is seen


def test_a_ratio_to_a_constant_is_a_scaled_mean() -> None:
    values = np.array([3.0, 5.0, 10.0])
    ratio, mean = ratio_of(values, np.full(3, 4.0)), mean_of(values / 4.0)
    assert ratio.as_dict() == pytest.approx(mean.as_dict())


def test_a_ratio_over_nobody_is_undefined() -> None:
    assert ratio_of(np.array([0.0, 0.0]), np.array([0.0, 0.0])) == UNDEFINED
    assert ratio_of(np.array([]), np.array([])) == UNDEFINED
    assert UNDEFINED.interval() is None
    assert set(UNDEFINED.as_dict().values()) == {None}
    assert list(UNDEFINED.as_dict()) == list(mean_of(np.array([1.0, 2.0])).as_dict())


def test_replications_without_anybody_count_in_the_totals_but_not_in_the_percentiles() -> None:
    found = ratio_of(np.array([0.0, 10.0, 30.0]), np.array([0.0, 1.0, 2.0]))
    assert found.mean == pytest.approx(40 / 3)
    assert (found.min, found.max) == (10.0, 15.0)
    assert found.se is not None


def test_a_ratio_from_one_replication_has_no_error() -> None:
    found = ratio_of(np.array([3.0]), np.array([2.0]))
    assert (found.mean, found.se, found.sd) == (1.5, None, None)


# --- probabilities ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("happened", "n"), [(0, 1), (1, 1), (0, 50), (50, 50), (1, 50), (49, 50), (137, 1000), (3, 10_000)]
)
def test_the_interval_of_a_probability_is_wilsons(happened: int, n: int) -> None:
    found = probability_of(np.arange(n) < happened)
    expected = stats.binomtest(happened, n).proportion_ci(confidence_level=0.95, method="wilson")
    assert found.p == happened / n
    assert (found.lo, found.hi) == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_what_never_and_what_always_happened_has_an_honest_interval_inside_zero_and_one() -> None:
    never, always = probability_of(np.zeros(100, dtype=bool)), probability_of(np.ones(100, dtype=bool))
    assert (never.p, never.lo) == (0.0, 0.0)
    assert 0.03 < never.hi < 0.04
    assert (always.p, always.hi) == (1.0, 1.0)
    assert always.lo == pytest.approx(1.0 - never.hi)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_that_was_seen(case: tuple[int, int]) -> None:
    happened, n = case
    found = probability_of(np.arange(n) < happened)
    assert 0.0 <= found.lo <= found.p <= found.hi <= 1.0
    assert found.as_dict() == {"p": found.p, "lo": found.lo, "hi": found.hi}


# --- quantiles -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [30, 60, 200, 999, 20_000])
@pytest.mark.parametrize("level", [0.05, 0.25, 0.5, 0.95])
def test_the_interval_of_a_quantile_lies_between_the_right_ranks(n: int, level: float) -> None:
    """Values 1 to n are their own ranks; the binomial says how often they hold the quantile, and that none is spare."""
    found = quantile_of(np.arange(1.0, n + 1), level)
    lower, upper = 0 if found.lo is None else int(found.lo), n + 1 if found.hi is None else int(found.hi)
    below = stats.binom(n, level)
    assert found.coverage == pytest.approx(below.cdf(upper - 1) - below.cdf(lower - 1))
    assert found.coverage >= 0.95
    assert below.cdf(lower - 1) <= 0.05
    assert below.sf(upper - 1) <= 0.05
    if found.lo is not None and found.hi is not None:
        for inner in ((lower + 1, upper), (lower, upper - 1)):
            assert below.cdf(inner[1] - 1) - below.cdf(inner[0] - 1) < 0.95
        assert found.lo <= found.value <= found.hi


@pytest.mark.parametrize(("n", "level"), [(200, 0.05), (200, 0.5), (1000, 0.95)])
def test_the_interval_of_a_quantile_is_inside_scipys_equal_tailed_one(n: int, level: float) -> None:
    values = np.random.default_rng(4).lognormal(size=n)
    found = quantile_of(values, level)
    theirs = stats.quantile_test(values, q=0.0, p=level).confidence_interval(0.95)
    assert theirs.low <= found.lo <= found.value <= found.hi <= theirs.high  # type: ignore[operator]
    assert found.value == np.quantile(values, level)


def test_a_quantile_that_few_values_lie_beyond_has_an_open_end() -> None:
    found = quantile_of(np.arange(1.0, 51), 0.05)
    assert found.lo is None
    assert found.hi is not None
    assert quantile_of(-np.arange(1.0, 51), 0.95).hi is None
    assert quantile_of(np.arange(1.0, 200), 0.05).lo is not None


def test_stratified_quantiles_are_called_conservative() -> None:
    values = np.arange(100.0)
    assert not quantile_of(values, 0.5).conservative
    assert quantile_of(values, 0.5, stratified=True).conservative


@pytest.mark.parametrize(("values", "level"), [([], 0.5), ([1.0], 0.0), ([1.0], 1.0)])
def test_no_quantile_of_nothing_or_beyond_all_values(values: list[float], level: float) -> None:
    with pytest.raises(ValueError, match="no quantile at"):
        quantile_of(np.array(values), level)


# --- stratified batches ----------------------------------------------------------------------------------------------


def test_the_error_of_batches_is_that_of_their_means() -> None:
    values = np.random.default_rng(5).normal(size=20 * 25)
    found = mean_of(values, batch=25)
    means = values.reshape(20, 25).mean(axis=1)
    assert found.mean == pytest.approx(means.mean())
    assert found.se == pytest.approx(stats.sem(means))
    assert found.interval() == pytest.approx(stats.t.interval(0.95, 19, loc=means.mean(), scale=stats.sem(means)))
    assert (found.n, found.degrees, found.sd) == (500, 19, pytest.approx(values.std(ddof=1)))


def test_batches_of_one_are_replications() -> None:
    values = np.random.default_rng(5).normal(size=50)
    whole, single = mean_of(values), mean_of(values, batch=1)
    assert single.as_dict() == pytest.approx(whole.as_dict())
    assert single.interval() == pytest.approx(whole.interval())


def test_a_rest_that_makes_no_batch_counts_by_its_size() -> None:
    values = np.random.default_rng(5).normal(size=110)
    found = mean_of(values, batch=25)
    whole = mean_of(values[:100], batch=25)
    assert found.degrees == whole.degrees == 3
    assert found.se == pytest.approx((values[:100].reshape(4, 25).mean(axis=1)).std(ddof=1) * math.sqrt(25 / 110))


def test_one_batch_has_no_error() -> None:
    found = mean_of(np.arange(49.0), batch=25)
    assert (found.mean, found.se, found.degrees, found.interval()) == (24.0, None, None, None)


def test_the_error_of_a_ratio_over_batches_is_that_of_its_residuals() -> None:
    rng = np.random.default_rng(6)
    below = rng.uniform(1.0, 3.0, size=100)
    above = 0.7 * below + rng.normal(0.0, 0.2, size=100)
    ratio = above.sum() / below.sum()
    residuals = ((above - ratio * below) / below.mean()).reshape(4, 25).mean(axis=1)
    assert ratio_of(above, below, batch=25).se == pytest.approx(stats.sem(residuals))


def test_batches_that_all_agree_are_not_certain() -> None:
    """Two of every 25 in each of eight batches: the interval is that of one replication's error, not a point."""
    happened = np.tile(np.arange(25) < 2, 8)
    found = probability_of(happened, batch=25)
    assert found.p == 0.08
    assert 0.0 < found.lo < 0.075
    assert 0.085 < found.hi < 0.11


def test_what_never_happened_in_any_batch_has_the_interval_of_independent_replications() -> None:
    never = np.zeros(100, dtype=bool)
    assert probability_of(never, batch=25) == probability_of(never)
    assert probability_of(~never, batch=25) == probability_of(~never)


def test_a_single_batch_counts_as_independent_replications() -> None:
    happened = np.arange(25) < 5
    assert probability_of(happened, batch=25) == probability_of(happened)


# --- whether they keep their word ------------------------------------------------------------------------------------

REPETITIONS = 300
REPLICATIONS = 500
LEVEL, USE, NOISE = 0.1, 0.08, 0.05
TRUTH_FROM = 2_000_000


def claims(seed: int, draws: str, n: int = REPLICATIONS) -> np.ndarray:
    """A year's claims per unit of premium: two shared levels, and the luck of patients."""
    stated = UncertaintyTerms.model_validate({
        "draws": draws,
        "inputs": {
            "level": {"of": "cost", "distribution": {"family": "lognormal", "cv": LEVEL}},
            "use": {"of": "admissions", "distribution": {"family": "gamma", "cv": USE}},
        },
    })  # fmt: skip
    values = draw(stated, seed, np.arange(n)).values
    luck = np.random.default_rng(seed).normal(0.0, NOISE, size=n)
    return np.asarray(0.92 * values["level"] * values["use"] + luck)


@pytest.fixture(scope="module")
def truth() -> np.ndarray:
    return claims(0, "independent", TRUTH_FROM)


@pytest.fixture(scope="module", params=["independent", "stratified"])
def repetitions(request: pytest.FixtureRequest) -> tuple[int | None, list[np.ndarray]]:
    draws = request.param
    batch = BATCH if draws == "stratified" else None
    return batch, [claims(seed, draws) for seed in range(1, REPETITIONS + 1)]


def share_covered(intervals: list[tuple[float | None, float | None]], value: float) -> float:
    return float(np.mean([lo is not None and hi is not None and lo <= value <= hi for lo, hi in intervals]))


def honest(covered: float, batch: int | None) -> bool:
    return 0.92 <= covered <= (0.98 if batch is None else 1.0)


def test_intervals_of_means_keep_their_word(repetitions: tuple[int | None, list[np.ndarray]]) -> None:
    batch, samples = repetitions
    intervals = [mean_of(sample, batch=batch).interval() or (None, None) for sample in samples]
    assert honest(share_covered(intervals, 0.92), batch)


def test_intervals_of_probabilities_keep_their_word(
    repetitions: tuple[int | None, list[np.ndarray]], truth: np.ndarray
) -> None:
    batch, samples = repetitions
    for bound in (1.0, 1.15):
        found = [probability_of(sample > bound, batch=batch) for sample in samples]
        assert honest(share_covered([(each.lo, each.hi) for each in found], (truth > bound).mean()), batch)


def test_intervals_of_quantiles_keep_their_word(
    repetitions: tuple[int | None, list[np.ndarray]], truth: np.ndarray
) -> None:
    batch, samples = repetitions
    found = [quantile_of(sample, 0.05, stratified=batch is not None) for sample in samples]
    assert honest(share_covered([(each.lo, each.hi) for each in found], np.quantile(truth, 0.05)), batch)


def test_intervals_of_paired_differences_keep_their_word(
    repetitions: tuple[int | None, list[np.ndarray]], truth: np.ndarray
) -> None:
    """A design that saves 3% of claims above 0.9."""
    batch, samples = repetitions
    saved = [0.03 * np.maximum(sample - 0.9, 0.0) for sample in samples]
    intervals = [mean_of(each, batch=batch).interval() or (None, None) for each in saved]
    assert honest(share_covered(intervals, (0.03 * np.maximum(truth - 0.9, 0.0)).mean()), batch)


def test_stratified_draws_need_fewer_replications_for_the_same_error() -> None:
    plain = mean_of(claims(1, "independent", 5000))
    stratified = mean_of(claims(1, "stratified", 5000), batch=BATCH)
    assert plain.se is not None
    assert stratified.se is not None
    assert stratified.se < 0.6 * plain.se
    naive = mean_of(claims(1, "stratified", 5000))
    assert naive.se == pytest.approx(plain.se, rel=0.1)  # the naive error does not see it


# --- how many replications a precision needs -------------------------------------------------------------------------


def test_a_quarter_of_the_error_takes_sixteen_times_as_many() -> None:
    now = mean_of(np.random.default_rng(7).normal(size=400))
    assert now.se is not None
    assert replications_for_error(now, now.se / 4) == 6400
    assert replications_for_error(now, now.se) == 400
    assert replications_for_error(mean_of(np.array([1.0])), 0.1) is None


def test_a_mean_is_as_precise_as_asked_with_the_advised_number() -> None:
    rng = np.random.default_rng(8)
    advised = replications_for_mean(mean_of(rng.normal(100.0, 15.0, size=300)), within=0.5)
    assert advised == pytest.approx((1.96 * 15 / 0.5) ** 2, rel=0.1)
    interval = mean_of(rng.normal(100.0, 15.0, size=advised or 0)).interval()
    assert interval is not None
    assert (interval[1] - interval[0]) / 2 == pytest.approx(0.5, rel=0.1)
    assert replications_for_mean(mean_of(np.array([1.0])), 0.5) is None


def test_a_probability_is_planned_for_the_worst_that_it_may_be() -> None:
    assert replications_for_probability(Probability(0.05, 0.03, 0.08), 0.01) == math.ceil(
        0.08 * 0.92 * (1.96 / 0.01) ** 2
    )
    assert replications_for_probability(Probability(0.45, 0.40, 0.51), 0.01) == 9604
    assert replications_for_probability(Probability(0.97, 0.95, 0.99), 0.01) == math.ceil(
        0.05 * 0.95 * 1.95996**2 * 1e4
    )


def test_a_quantile_is_as_precise_as_asked_with_the_advised_number() -> None:
    rng = np.random.default_rng(9)
    advised = replications_for_quantile(quantile_of(rng.normal(size=2000), 0.05), within=0.03)
    assert advised is not None
    found = quantile_of(rng.normal(size=advised), 0.05)
    assert found.hi is not None
    assert found.lo is not None
    assert 0.015 < max(found.hi - found.value, found.value - found.lo) < 0.033
    assert replications_for_quantile(quantile_of(np.arange(20.0), 0.05), 0.1) is None


def test_no_number_is_enough_for_no_error() -> None:
    with pytest.raises(ValueError, match="out of reach"):
        replications_for_probability(Probability(0.5, 0.4, 0.6), 0.0)


# --- honest digits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("se", "places"),
    [(0.0123, 3), (0.5, 2), (1.0, 1), (9.99, 1), (10.0, 0), (43.0, 0), (100.0, -1), (4321.0, -2), (1e-9, 6)],
)
def test_an_error_is_shown_with_two_digits(se: float, places: int) -> None:
    assert decimals(se) == places


@pytest.mark.parametrize("se", [None, 0.0, math.nan, math.inf, -1.0])
def test_without_an_error_as_many_decimals_are_shown_as_wanted(se: float | None) -> None:
    assert decimals(se, 2) == 2


@pytest.mark.parametrize(
    ("value", "se", "most", "text"),
    [
        (1234567.89, 4321.0, 2, "1,234,600"),
        (1234567.89, 43.0, 2, "1,234,568"),
        (1234567.89, 0.5, 2, "1,234,567.89"),
        (1234567.89, 0.0005, 2, "1,234,567.89"),
        (1234567.89, None, 2, "1,234,567.89"),
        (1234567.89, 0.0, 2, "1,234,567.89"),
        (0.98765, 0.0123, 4, "0.988"),
        (0.98765, 0.0123, 2, "0.99"),
        (-1549.0, 120.0, 2, "-1,550"),
        (0.0, 120.0, 2, "0"),
        (12.0, 5000.0, 2, "0"),
        (None, None, 2, "–"),
        (None, 1.0, 2, "–"),
    ],
)
def test_a_value_is_printed_to_the_digits_that_its_error_supports(
    value: float | None, se: float | None, most: int, text: str
) -> None:
    assert rounded(value, se, most) == text


def test_an_estimate_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Estimate(1.0, None, None, None, None, None).mean = 2.0  # type: ignore[misc]
