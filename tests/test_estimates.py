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
    decimals,
    mean_of,
    probability_of,
    ratio_of,
    rounded,
)

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
