"""Cost families against SciPy's distributions and a published figure of the spliced model."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from fundsim.severity import (
    BurrXII,
    Gamma,
    GeneralisedPareto,
    InverseGaussian,
    LogLogistic,
    Lognormal,
    Pareto,
    Spliced,
    Tail,
    Weibull,
)

PAIRS = {
    "lognormal": (Lognormal(median=512_300, sigma=1.1), stats.lognorm(s=1.1, scale=5123.0)),
    "gamma": (Gamma(shape=0.7, scale=812_300), stats.gamma(a=0.7, scale=8123.0)),
    "weibull": (Weibull(shape=0.8, scale=512_300), stats.weibull_min(c=0.8, scale=5123.0)),
    "log-logistic": (LogLogistic(median=512_300, shape=2.7), stats.fisk(c=2.7, scale=5123.0)),
    "burr-xii": (BurrXII(c=1.7, d=1.9, scale=512_300), stats.burr12(c=1.7, d=1.9, scale=5123.0)),
    "inverse-gaussian": (
        InverseGaussian(mean=512_300, shape=812_300),
        stats.invgauss(mu=5123.0 / 8123.0, scale=8123.0),
    ),
    "pareto": (Pareto(above=512_300, shape=2.7), stats.pareto(b=2.7, scale=5123.0)),
    "generalised-pareto": (
        GeneralisedPareto(above=600_000, index=0.33, scale=812_300),
        stats.genpareto(c=0.33, loc=6000.0, scale=8123.0),
    ),
    "exponential": (GeneralisedPareto(above=600_000, index=0.0, scale=812_300), stats.expon(loc=6000.0, scale=8123.0)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_family_equals_scipy(name: str):
    ours, scipys = PAIRS[name]
    v = np.concatenate([2.0 ** -np.arange(1.0, 65.0), [0.6, 0.9, 0.99, 0.9999]])
    np.testing.assert_allclose(ours.quantile_upper(v), scipys.isf(v), rtol=1e-11)
    np.testing.assert_allclose(ours.quantile(v), scipys.ppf(v), rtol=1e-11)
    x = np.append(scipys.isf(v), [-1.0, 1.0, 1e7])
    np.testing.assert_allclose(ours.pdf(x), scipys.pdf(x), rtol=1e-10)
    np.testing.assert_allclose(ours.cdf(x), scipys.cdf(x), rtol=1e-11)
    x = x[x < scipys.isf(1e-4)]  # further out fisk.sf loses digits by cancellation
    np.testing.assert_allclose(ours.survival(x), scipys.sf(x), rtol=1e-10)
    assert ours.mean() == pytest.approx(scipys.mean(), rel=1e-12)
    assert ours.variance() == pytest.approx(scipys.var(), rel=1e-10)


def test_infinite_variance_is_told():
    assert LogLogistic(median=100, shape=2.0).variance() == math.inf
    assert GeneralisedPareto(index=0.5, scale=100).variance() == math.inf


@pytest.fixture
def published() -> Spliced:
    """Lognormal with mean 8,000 and cv 2, spliced at 50,000 to a generalised Pareto tail of index 0.35."""
    return Spliced(body=Lognormal(mean=800_000, cv=2.0), tail=Tail(above=5_000_000, index=0.35))


def test_spliced_model_has_the_published_parameters(published: Spliced):
    """From an independent FFT and quadrature study of this model."""
    mu, sigma = published.body.natural
    assert mu == pytest.approx(8.18248, abs=5e-6)
    assert sigma == pytest.approx(1.26864, abs=5e-6)
    tail = published.closed_tail()
    assert tail.scale == pytest.approx(25_962, abs=0.5)
    assert tail.weight == pytest.approx(0.0188, abs=5e-5)
    assert published.survival(6000.0) == pytest.approx(0.342, abs=5e-4)
    assert published.survival(646_000.0) == pytest.approx(3.5e-5, abs=5e-7)


def test_spliced_model_has_the_published_payout(published: Spliced):
    """Mean payout of 30,000 claims is 74,648,080: from an independent FFT and quadrature study of this model.

    Deductible 6,000; 50%, 60% and 70% of the next 20,000 each; 80% above; at most 500,000, reached at 646,000.
    """
    limited = published.limited_mean([6e3, 26e3, 46e3, 66e3, 646e3])
    payout = float(np.dot(np.diff(limited), [0.5, 0.6, 0.7, 0.8]))
    assert 30_000 * payout == pytest.approx(74_648_080, abs=0.5)


def test_spliced_model_with_stated_weight_is_its_mixture():
    """P(X > x) by hand: body conditioned below the threshold, tail with the stated weight above."""
    spliced = Spliced(
        body=Gamma(shape=0.7, scale=812_300), tail=Tail(above=3_000_000, index=0.2, weight=50_000, scale=900_000)
    )
    body, tail = stats.gamma(a=0.7, scale=8123.0), stats.genpareto(c=0.2, loc=30_000.0, scale=9000.0)
    low, high = np.array([10.0, 5000.0, 29_999.0]), np.array([30_001.0, 50_000.0, 1e6])
    np.testing.assert_allclose(spliced.cdf(low), 0.95 * body.cdf(low) / body.cdf(30_000.0), rtol=1e-12)
    np.testing.assert_allclose(spliced.pdf(low), 0.95 * body.pdf(low) / body.cdf(30_000.0), rtol=1e-12)
    np.testing.assert_allclose(spliced.survival(high), 0.05 * tail.sf(high), rtol=1e-12)
    np.testing.assert_allclose(spliced.pdf(high), 0.05 * tail.pdf(high), rtol=1e-12)
    expected = 0.95 * body.expect(lb=0.0, ub=30_000.0, conditional=True) + 0.05 * tail.mean()
    assert spliced.mean() == pytest.approx(expected, rel=1e-9)
