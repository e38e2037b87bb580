"""Laws that every distribution of an uncertain input obeys, whatever its parameters."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from fundsim.uncertainty import DISTRIBUTIONS, Distribution, Truncated
from fundsim.uncertainty.distributions import AnyDistribution

ANY: TypeAdapter[Distribution] = TypeAdapter(AnyDistribution)
number = st.floats(-3.0, 3.0)
cv = st.floats(0.01, 2.0)
rising = st.lists(number, min_size=2, max_size=6, unique_by=lambda x: round(x, 3)).map(sorted)


def shares(n: int) -> st.SearchStrategy[list[int]]:
    """N whole shares above zero that add up to 1,000,000."""
    cuts = st.lists(st.integers(1, 999_999), min_size=n - 1, max_size=n - 1, unique=True).map(sorted)
    return cuts.map(lambda edges: np.diff([0, *edges, 1_000_000]).tolist())


def discrete(values: list[float]) -> st.SearchStrategy[dict[str, Any]]:
    return shares(len(values)).map(lambda p: {"family": "discrete", "values": values, "probabilities": p})


def table(values: list[float]) -> st.SearchStrategy[dict[str, Any]]:
    at = shares(len(values) - 1).map(lambda p: [0, *np.cumsum(p).tolist()])
    return at.map(lambda knots: {"family": "table", "at": knots, "values": values})


written = {
    "lognormal": st.fixed_dictionaries({"family": st.just("lognormal"), "mean": st.floats(0.01, 5), "cv": cv}),
    "gamma": st.fixed_dictionaries({"family": st.just("gamma"), "mean": st.floats(0.01, 5), "cv": cv}),
    "normal": st.fixed_dictionaries({"family": st.just("normal"), "mean": number, "sd": st.floats(0.001, 2)}),
    "uniform": rising.map(lambda v: {"family": "uniform", "from": v[0], "to": v[-1]}),
    "triangular": rising.map(lambda v: {"family": "triangular", "from": v[0], "mode": v[len(v) // 2], "to": v[-1]}),
    "discrete": rising.flatmap(discrete),
    "table": rising.flatmap(table),
}
any_distribution = st.one_of(*written.values()).map(ANY.validate_python)
continuous = any_distribution.filter(lambda each: each.CONTINUOUS)
probabilities = st.lists(st.floats(1e-9, 1 - 1e-9), min_size=1, max_size=20).map(sorted).map(np.array)


def test_every_distribution_is_tried_here() -> None:
    assert set(written) == set(DISTRIBUTIONS)


@given(any_distribution, probabilities)
def test_quantiles_rise(distribution: Distribution, u: np.ndarray) -> None:
    assert (np.diff(distribution.ppf(u)) >= 0).all()


@given(any_distribution, probabilities)
def test_a_quantile_is_the_least_value_of_its_probability(distribution: Distribution, u: np.ndarray) -> None:
    x = distribution.ppf(u)
    assert (distribution.cdf(x) >= u - 1e-7).all()
    assert (distribution.cdf(x - 1e-6 * (1 + np.abs(x))) <= u + 1e-4).all() or not distribution.CONTINUOUS


@given(continuous, probabilities)
def test_probabilities_of_quantiles_come_back(distribution: Distribution, u: np.ndarray) -> None:
    assert distribution.cdf(distribution.ppf(u)) == pytest.approx(u, abs=1e-7)


@given(any_distribution)
def test_moments_are_those_of_the_quantiles(distribution: Distribution) -> None:
    """Midpoints of 200,000 equal strata; what the outermost strata leave out is small but for heavy tails."""
    u = (np.arange(200_000) + 0.5) / 200_000
    x = distribution.ppf(u)
    assert x.mean() == pytest.approx(distribution.mean(), rel=2e-3, abs=1e-4)
    if distribution.family not in ("lognormal", "gamma"):
        assert x.var() == pytest.approx(distribution.variance(), rel=2e-3, abs=1e-4 * (1 + np.ptp(x)) ** 2)


@given(continuous, st.floats(0.0, 0.45), st.floats(0.55, 1.0), probabilities)
def test_a_truncated_distribution_stays_in_its_range(
    distribution: Distribution, low: float, high: float, u: np.ndarray
) -> None:
    bounds = distribution.ppf([max(low, 1e-9), min(high, 1 - 1e-9)])
    cut = Truncated(distribution, *bounds.tolist())
    x = cut.ppf(u)
    assert ((x >= bounds[0]) & (x <= bounds[1])).all()
    assert bounds[0] <= cut.mean() <= bounds[1]
    assert 0 <= cut.variance() <= (bounds[1] - bounds[0]) ** 2 / 4 * (1 + 1e-9)
    assert cut.cdf(x) == pytest.approx(u, abs=1e-6)
