"""The exact lane's compound sums against what is known without it: recursion, brute force, closed forms, quadrature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from fundsim.curves import PayoutCurve
from fundsim.exact import (
    BinomialCount,
    Count,
    ExactError,
    MixedPoissonCount,
    Payment,
    PiecewiseMap,
    PoissonCount,
    compound,
    discretised,
)
from fundsim.severity import SEVERITIES, GeneralisedPareto, SeverityFamily, Spliced

SCHEDULE = PayoutCurve((0, 600_000, 2_600_000, 4_600_000, 6_600_000), (0, 500_000, 600_000, 700_000, 800_000))
CAPPED = PiecewiseMap.of_curve(SCHEDULE, 50_000_000)
PREMIUM = 76_800_000.0


def severity(family: str, **terms: object) -> SeverityFamily:
    return SEVERITIES[family].model_validate({"family": family, **terms})


def benchmark() -> Spliced:
    found = severity(
        "spliced",
        body={"family": "lognormal", "mean": "8000 yuan", "cv": 2},
        tail={"above": "50000 yuan", "index": 0.35},
    )
    assert isinstance(found, Spliced)
    return found


# -- the model of the benchmark: figures that two other programs agree on ----------------------------------------------


@pytest.mark.parametrize(
    ("count", "sd", "quantile", "above"),
    [
        (PoissonCount(30_000), 1_844_291, 79_062_800, 0.12261),
        (MixedPoissonCount(30_000, 0.05), 4_163_202, 84_657_250, 0.29809),
    ],
)
def test_the_benchmark_model_has_its_reference_figures(count: Count, sd: float, quantile: float, above: float) -> None:
    law = compound(count, Payment(benchmark(), CAPPED))
    assert law.mean == pytest.approx(74_648_080, rel=1e-6)
    assert law.sd == pytest.approx(sd, rel=1e-4)
    assert float(law.quantile(0.99)) == pytest.approx(quantile, rel=1e-4)
    assert float(law.survival(PREMIUM)) == pytest.approx(above, abs=1e-4)
    assert law.report.mean_error < 1e-9


# -- one payment -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.3])
def test_the_stop_loss_transform_is_the_integral_of_survival(factor: float) -> None:
    payment = Payment(benchmark(), CAPPED, factor)
    for a in (0.0, 1_000.0, 9_999.0, 30_000.0, 400_000.0):
        knots = [x for x in (10_000.0, 22_000.0, 36_000.0) if x > a]
        below, _ = integrate.quad(lambda x: float(payment.survival(x)), a, 100_000.0 + a, points=knots, limit=400)
        above, _ = integrate.quad(lambda x: float(payment.survival(x)), 100_000.0 + a, 500_000.0, limit=400)
        assert float(payment.stop_loss(a)) == pytest.approx(below + above, rel=1e-7)
    assert float(payment.stop_loss(500_000.0)) == 0.0


def test_moments_by_quadrature_agree_with_closed_forms() -> None:
    """A Pareto excess above a deductible is Pareto again (Embrechts et al., 3.4): both moments in closed form."""
    index, scale, d = 0.3, 7_000.0, 6_000.0
    cost = severity("generalised-pareto", above="6000 yuan", index=index, scale="7000 yuan")
    assert isinstance(cost, GeneralisedPareto)
    pays = PiecewiseMap.of_curve(PayoutCurve((0, 1_000_000), (0, 500_000)))
    excess = 10_000.0 - d
    chance, moved = (1 + index * excess / scale) ** (-1 / index), scale + index * excess
    mean, square = Payment(cost, pays).by_quadrature
    assert mean == pytest.approx(0.5 * chance * moved / (1 - index), rel=1e-9)
    assert square == pytest.approx(0.25 * chance * 2 * moved**2 / ((1 - index) * (1 - 2 * index)), rel=1e-6)


@pytest.mark.parametrize("step", [100.0, 333.0, 2_000.0])
def test_a_lattice_keeps_the_mean_and_the_atom_at_the_cap(step: float) -> None:
    payment = Payment(benchmark(), CAPPED)
    law = discretised(payment, step)
    assert law.masses.sum() == pytest.approx(1.0, abs=1e-12)
    assert (law.masses >= 0).all()
    assert law.lattice_mean == pytest.approx(payment.mean, rel=1e-10)
    assert law.mean == pytest.approx(payment.mean, rel=1e-10)
    if 500_000.0 % step == 0:  # the atom, and what is spread onto it from the last cell
        at_cap = float(payment.severity.survival(646_000.0))
        assert at_cap <= law.masses[-1] <= float(payment.survival(500_000.0 - step))


# -- sums --------------------------------------------------------------------------------------------------------------


def panjer(a: float, b: float, first: float, masses: np.ndarray, n: int) -> np.ndarray:
    """Panjer's recursion for the (a, b, 0) class, ASTIN Bulletin 12 (1981): the law of the sum on the lattice."""
    found = np.zeros(n)
    found[0] = first
    for s in range(1, n):
        y = np.arange(1, min(s, len(masses) - 1) + 1)
        found[s] = ((a + b * y / s) * masses[y] * found[s - y]).sum() / (1 - a * masses[0])
    return found


@pytest.mark.parametrize(
    ("count", "a", "b"),
    [
        (PoissonCount(4.0), 0.0, 4.0),
        (MixedPoissonCount(4.0, 0.6), 4.0 / (4.0 + 0.6**-2), (0.6**-2 - 1) * 4.0 / (4.0 + 0.6**-2)),
        (BinomialCount(9, 0.3), -3 / 7, 10 * 3 / 7),
    ],
)
def test_the_transform_agrees_with_panjers_recursion(count: Count, a: float, b: float) -> None:
    cost = severity("lognormal", mean="6000 yuan", cv=1)
    payment = Payment(cost, PiecewiseMap.of_curve(PayoutCurve((0,), (1_000_000,)), 2_000_000))
    law = compound(count, payment, step=100.0)
    one = discretised(payment, 100.0)
    first = float(np.exp(count.log_mgf(np.array(one.masses[0] - 1.0))))
    n = min(len(law.masses), 600)
    expected = panjer(a, b, first, one.masses, n)
    assert law.start == 0
    assert law.masses[:n] == pytest.approx(expected, abs=1e-10)


def test_a_sum_of_a_fixed_number_is_the_convolution_by_brute_force() -> None:
    cost = severity("gamma", mean="5000 yuan", cv=0.8)
    payment = Payment(cost, PiecewiseMap.straight(1.0).least(PiecewiseMap.level(12_000.0)))
    law = compound(BinomialCount(3), payment, step=100.0)
    one = discretised(payment, 100.0).masses
    assert law.masses[:361] == pytest.approx(np.convolve(np.convolve(one, one), one), abs=1e-12)


def test_exponential_costs_have_gamma_sums() -> None:
    """Given N = n costs are gamma(n): the distribution function of the sum in closed form."""
    cost = severity("gamma", mean="1000 yuan", cv=1)
    law = compound(PoissonCount(20.0), Payment(cost, PiecewiseMap.straight(1.0)))
    n = np.arange(1, 100)
    for x in (8_000.0, 20_000.0, 41_000.0):
        expected = stats.poisson.pmf(0, 20.0) + (stats.poisson.pmf(n, 20.0) * stats.gamma.cdf(x, n, scale=1_000)).sum()
        assert float(law.cdf(x)) == pytest.approx(expected, abs=2e-5)


def test_a_million_claims_are_nearly_normal() -> None:
    law = compound(PoissonCount(1e6), Payment(benchmark(), CAPPED))
    assert law.report.mean_error < 1e-9
    assert (law.masses >= 0).all()
    skewness = float((law.masses * ((law.values - law.mean) / law.sd) ** 3).sum())
    for level in (0.01, 0.5, 0.99):  # the normal point with its first correction (Cornish and Fisher)
        z = stats.norm.ppf(level)
        assert float(law.quantile(level)) == pytest.approx(
            law.mean + law.sd * (z + skewness * (z**2 - 1) / 6), rel=1e-6
        )


def test_next_to_nothing_happens_in_a_tiny_portfolio() -> None:
    law = compound(PoissonCount(1e-3), Payment(benchmark(), CAPPED))
    paid = float(Payment(benchmark(), CAPPED).survival(0.0))
    assert float(law.survival(0.0)) == pytest.approx(-np.expm1(-1e-3 * paid), rel=2e-2)
    assert law.mean == pytest.approx(1e-3 * Payment(benchmark(), CAPPED).mean, rel=1e-6)
    assert float(law.quantile(0.5)) == 0.0


def test_payments_without_a_cap_lose_next_to_nothing() -> None:
    payment = Payment(benchmark(), PiecewiseMap.of_curve(SCHEDULE))
    law = compound(PoissonCount(30_000), payment)
    assert law.mean == pytest.approx(30_000 * payment.mean, rel=1e-6)
    ((_, lost),) = law.report.unmodelled
    assert 0 < lost <= 5e-7


# -- what is not accurate enough is refused ----------------------------------------------------------------------------


def test_a_window_that_is_too_small_raises() -> None:
    with pytest.raises(ExactError, match=r"probability outside the window.*give more points"):
        compound(PoissonCount(30_000), Payment(benchmark(), CAPPED), step=200.0, points=1 << 14)


def test_a_grid_that_is_too_coarse_raises() -> None:
    with pytest.raises(ExactError, match=r"standard deviation.*give a finer step"):
        compound(PoissonCount(30_000), Payment(benchmark(), CAPPED), step=8_000.0)


def test_a_window_that_is_too_large_for_the_machine_raises() -> None:
    with pytest.raises(ExactError, match="coarser step"):
        compound(PoissonCount(1e6), Payment(benchmark(), CAPPED), step=1.0)


def test_the_bound_on_what_is_lost_holds() -> None:
    """Against the mass that a much wider window finds outside."""
    payment, count = Payment(benchmark(), CAPPED), PoissonCount(300)
    law = compound(count, payment)
    wide = compound(count, payment, step=law.step, points=4 * len(law.masses))
    low, high = law.report.window
    outside = float(wide.cdf(low - law.step)) + float(wide.survival(high + law.step))
    assert outside <= law.report.lost_mass <= 1e-7


@pytest.mark.parametrize("wrong", [-1.0, np.inf])
def test_a_count_has_a_mean(wrong: float) -> None:
    with pytest.raises(ExactError, match="mean"):
        PoissonCount(wrong)
