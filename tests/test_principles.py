"""Premium principles against closed forms, and their errors against repeated samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import expon, norm, pareto

import fundsim as fs
from cities import ANNUAL, city
from fundsim.cli import main
from fundsim.pricing import PRINCIPLES
from fundsim.pricing import principles as by

GRID = (np.arange(400_000) + 0.5) / 400_000
"""Midpoints of equal probabilities: a sample without luck."""
MEAN, SD = 100.0, 8.0
NORMAL = norm.ppf(GRID, MEAN, SD)
EXPONENTIAL = expon.ppf(GRID, scale=MEAN)


@pytest.mark.parametrize(
    ("quote", "parameter", "exact"),
    [
        (by.expected_value, 0.07, 107.0),
        (by.standard_deviation, 0.5, MEAN + 0.5 * SD),
        (by.percentile, 0.95, norm.ppf(0.95, MEAN, SD)),
        (by.tail_value, 0.9, MEAN + SD * norm.pdf(norm.ppf(0.9)) / 0.1),
        (by.wang, 0.4, MEAN + 0.4 * SD),
        (by.cost_of_capital, 0.06, MEAN + 0.06 / 1.06 * SD * norm.pdf(norm.ppf(0.99)) / 0.01),
    ],
)
def test_of_a_normal_claim(quote: by.Quote, parameter: float, exact: float) -> None:
    assert quote(NORMAL, parameter).premium == pytest.approx(exact, rel=2e-5)


@pytest.mark.parametrize(
    ("quote", "parameter", "exact"),
    [
        (by.proportional_hazard, 1.5, 1.5 * MEAN),
        (by.tail_value, 0.9, MEAN * (1 - np.log(0.1))),
        (by.percentile, 0.9, -MEAN * np.log(0.1)),
        (by.standard_deviation, 1.0, 2 * MEAN),
    ],
)
def test_of_an_exponential_claim(quote: by.Quote, parameter: float, exact: float) -> None:
    assert quote(EXPONENTIAL, parameter).premium == pytest.approx(exact, rel=5e-4)


def test_the_proportional_hazard_of_a_pareto_has_a_heavier_tail() -> None:
    """S(x)^(1/rho) is a Pareto again, of index alpha / rho, with the mean alpha/rho / (alpha/rho - 1)."""
    alpha, rho = 6.0, 1.5
    found = by.proportional_hazard(pareto.ppf(GRID, alpha), rho).premium
    assert found == pytest.approx((alpha / rho) / (alpha / rho - 1), rel=1e-3)


def test_without_a_distortion_the_premium_is_the_mean() -> None:
    x = np.random.default_rng(1).lognormal(size=1000)
    for quoted in (by.proportional_hazard(x, 1.0), by.wang(x, 0.0), by.expected_value(x, 0.0)):
        assert quoted.premium == pytest.approx(x.mean(), rel=1e-12)
        assert quoted.se == pytest.approx(x.std(ddof=1) / 1000**0.5, rel=2e-3)


@pytest.mark.parametrize("name", PRINCIPLES)
def test_stated_errors_are_the_spread_of_premiums_over_samples(name: str) -> None:
    each, rng = PRINCIPLES[name], np.random.default_rng(7)
    quoted = [each.quote(rng.gamma(25, 4, size=800), each.loading, None) for _ in range(200)]
    spread = np.std([found.premium for found in quoted], ddof=1)
    assert np.mean([found.se for found in quoted if found.se is not None]) / spread == pytest.approx(1, abs=0.2)


def test_stratified_batches_have_the_error_of_their_means() -> None:
    x = np.repeat(np.random.default_rng(1).normal(100, 8, size=40), 25)  # 40 batches of equal values
    for quoted in (by.wang(x, 0.25, 25), by.tail_value(x, 0.9, 25), by.standard_deviation(x, 0.5, 25)):
        assert quoted.se is not None
        assert quoted.se > 0.8 * 8 / 40**0.5


def test_the_table_of_a_run() -> None:
    results = fs.simulate(city(ANNUAL), n=200)
    frame = fs.premium_principles(results, {"percentile": 0.99})
    pure = results.values("pure_premium")
    assert pure is not None
    assert list(frame.index) == ["pure", *PRINCIPLES]
    assert frame.loc["pure", "premium"] == pytest.approx(pure.mean())
    assert frame.loc["percentile", "parameter"] == 0.99
    assert frame.loc["percentile", "premium"] == pytest.approx(np.sort(pure)[197])
    assert (frame["over_pure"].iloc[1:] > 0).all()


def test_the_command_prints_them(tmp_path: Path) -> None:
    path = tmp_path / "city.yaml"
    path.write_text(city(ANNUAL).to_yaml(), encoding="utf-8")
    done = CliRunner().invoke(main, ["price", str(path), "--principles", "--loading", "wang", "0.3", "-n", "100"])
    assert done.exit_code == 0, done.stderr
    assert "王变换" in done.stdout
    assert "∫ S^(1/ρ) dx" in done.stdout
