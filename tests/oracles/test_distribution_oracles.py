"""Distributions of uncertain inputs against SciPy's, parameter by parameter as their docstrings state."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter
from scipy import integrate, stats

from fundsim.uncertainty import Distribution, Truncated
from fundsim.uncertainty.distributions import AnyDistribution

ANY: TypeAdapter[Distribution] = TypeAdapter(AnyDistribution)
U = np.array([1e-12, 1e-6, 0.01, 0.2, 0.37, 0.5, 0.63, 0.8, 0.99, 1 - 1e-6, 1 - 1e-12])
CORNERS = [0.0, 0.1, 0.6, 1.0]
VALUES = [0.8, 0.95, 1.05, 1.4]


def read(**written: Any) -> Distribution:
    return ANY.validate_python(written)


def sigma(cv: float) -> float:
    return math.sqrt(math.log1p(cv**2))


CONTINUOUS = [
    (read(family="lognormal", cv="0.05"), stats.lognorm(s=sigma(0.05), scale=math.exp(-(sigma(0.05) ** 2) / 2))),
    (
        read(family="lognormal", mean="x1.2", cv="1.5"),
        stats.lognorm(s=sigma(1.5), scale=1.2 * math.exp(-(sigma(1.5) ** 2) / 2)),
    ),
    (read(family="gamma", cv="0.05"), stats.gamma(400, scale=1 / 400)),
    (read(family="gamma", mean="x0.9", cv="2"), stats.gamma(0.25, scale=3.6)),
    (read(family="normal", sd="2pp"), stats.norm(0.0, 0.02)),
    (read(family="normal", mean="0.33", sd="0.05"), stats.norm(0.33, 0.05)),
    (read(family="uniform", **{"from": "x0.9", "to": "x1.2"}), stats.uniform(0.9, 0.3)),
    (
        read(family="triangular", **{"from": "-3pp", "mode": "1pp", "to": "6pp"}),
        stats.triang(c=4 / 9, loc=-0.03, scale=0.09),
    ),
    (read(family="triangular", **{"from": "x1", "mode": "x1", "to": "x2"}), stats.triang(c=0, loc=1, scale=1)),
    (read(family="triangular", **{"from": "x1", "mode": "x2", "to": "x2"}), stats.triang(c=1, loc=1, scale=1)),
    (
        read(family="table", at=["0%", "10%", "60%", "100%"], values=["x0.8", "x0.95", "x1.05", "x1.4"]),
        stats.rv_histogram((np.diff(CORNERS) / np.diff(VALUES), VALUES), density=True),
    ),
]
IDS = [f"{each.family}-{place}" for place, (each, _) in enumerate(CONTINUOUS)]


@pytest.mark.parametrize(("ours", "theirs"), CONTINUOUS, ids=IDS)
def test_quantiles_and_probabilities_are_scipys(ours: Distribution, theirs: Any) -> None:
    assert ours.ppf(U) == pytest.approx(theirs.ppf(U), rel=1e-9, abs=1e-12)
    x = np.concatenate([theirs.ppf(U), [theirs.ppf(0.001) - 10.0, theirs.ppf(0.999) + 10.0]])
    assert ours.cdf(x) == pytest.approx(theirs.cdf(x), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("ours", "theirs"), CONTINUOUS, ids=IDS)
def test_mean_and_variance_are_scipys(ours: Distribution, theirs: Any) -> None:
    assert ours.mean() == pytest.approx(theirs.mean(), rel=1e-9, abs=1e-12)
    assert ours.variance() == pytest.approx(theirs.var(), rel=1e-9)


def test_a_discrete_distribution_is_scipys() -> None:
    ours = read(family="discrete", values=["x0.9", "x1", "x1.3"], probabilities=["20%", "70%", "10%"])
    theirs = stats.rv_discrete(values=([9, 10, 13], [0.2, 0.7, 0.1]))
    off_the_steps = U + 1e-14
    assert ours.ppf(off_the_steps) == pytest.approx(theirs.ppf(off_the_steps) / 10)
    assert ours.cdf([0.89, 0.9, 0.95, 1.0, 1.3, 2.0]) == pytest.approx([0.0, 0.2, 0.2, 0.9, 1.0, 1.0])
    assert ours.mean() == pytest.approx(theirs.mean() / 10)
    assert ours.variance() == pytest.approx(theirs.var() / 100)


def test_two_points_split_the_unit_interval_exactly_at_the_probability() -> None:
    ours = read(family="discrete", values=["x1", "x1.15"], probabilities=["70%", "30%"])
    assert ours.ppf([0.7 - 1e-15, 0.7, 0.7 + 1e-15]).tolist() == [1.0, 1.15, 1.15]


@pytest.mark.parametrize(("low", "high"), [(0.2, 0.45), (0.3, 0.35), (0.33, 0.9), (0.0, 0.2)])
def test_a_truncated_normal_is_scipys(low: float, high: float) -> None:
    ours = Truncated(read(family="normal", mean="0.33", sd="0.05"), low, high)
    theirs = stats.truncnorm((low - 0.33) / 0.05, (high - 0.33) / 0.05, 0.33, 0.05)
    inner = U[1:-1]
    assert ours.ppf(inner) == pytest.approx(theirs.ppf(inner), rel=1e-8)
    assert ours.cdf([low, (low + high) / 2, high]) == pytest.approx(theirs.cdf([low, (low + high) / 2, high]))
    assert ours.mean() == pytest.approx(theirs.mean(), rel=1e-9)
    assert ours.variance() == pytest.approx(theirs.var(), rel=1e-7)


@pytest.mark.parametrize(("ours", "theirs"), CONTINUOUS, ids=IDS)
def test_the_moments_of_any_truncated_distribution_are_those_of_its_quantiles(ours: Distribution, theirs: Any) -> None:
    cut = Truncated(ours, float(theirs.ppf(0.1)), float(theirs.ppf(0.85)))
    assert cut.mass == pytest.approx(0.75)

    def moment(power: int) -> float:
        value, _ = integrate.quad(lambda u: float(cut.ppf(u)) ** power, 0.0, 1.0, limit=500, epsabs=1e-12)
        return value

    assert cut.mean() == pytest.approx(moment(1), rel=1e-6, abs=1e-9)
    assert cut.variance() == pytest.approx(moment(2) - moment(1) ** 2, rel=1e-5)
