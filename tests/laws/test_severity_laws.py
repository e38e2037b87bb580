"""Laws that every cost family obeys, run over the whole registry; and proof that each law can be broken."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from scipy import integrate

from fundsim.severity import (
    SEVERITIES,
    Gamma,
    GeneralisedPareto,
    LogLogistic,
    Lognormal,
    QuantileTable,
    QuantileTableError,
    Severity,
    SeverityFamily,
    Spliced,
    Tail,
    Weibull,
)
from fundsim.severity.quantile_table import _ladder

READ = TypeAdapter(Severity)
BODY = {"family": "lognormal", "mean": "8000 yuan", "cv": "2"}
CHEAP = {"to": "2000 yuan", "share": "30%"}
MIDDLE = {"to": "4000 yuan", "share": "50%", "mean": "2700 yuan"}
DEAR = {"to": "50000 yuan", "mean": "16000 yuan"}
EXAMPLES: dict[str, list[dict[str, object]]] = {
    "lognormal": [{"mean": "5000 yuan", "cv": "1.2"}, {"median": "0.5 万元", "sigma": "2.2"}],
    "gamma": [{"mean": "5000 yuan", "cv": "0.8"}, {"shape": "0.2", "scale": "20000 yuan"}],
    "weibull": [{"mean": "5000 yuan", "cv": "1.1"}, {"shape": "0.5", "scale": "3000 yuan"}],
    "log-logistic": [{"mean": "5000 yuan", "cv": "0.7"}, {"median": "4000 yuan", "shape": "1.6"}],
    "burr-xii": [{"c": "2", "d": "1.3", "scale": "6000 yuan"}, {"c": "0.9", "d": "3", "scale": "20000 yuan"}],
    "inverse-gaussian": [{"mean": "5000 yuan", "cv": "1.2"}, {"mean": "5000 yuan", "shape": "12000 yuan"}],
    "pareto": [{"above": "6000 yuan", "shape": "2.8"}, {"above": "500 yuan", "shape": "1.5"}],
    "generalised-pareto": [
        {"above": "6000 yuan", "index": "0.33", "mean_excess": "10000 yuan"},
        {"index": "0", "scale": "9000 yuan"},
    ],
    "spliced": [
        {"body": BODY, "tail": {"above": "50000 yuan", "index": "0.35"}},
        {"body": BODY, "tail": {"above": "40000 yuan", "index": "0.2", "weight": "6%", "scale": "3万元"}},
        {
            "body": {"family": "gamma", "mean": "8000 yuan", "cv": "1"},
            "tail": {"above": "5000 yuan", "index": "0", "weight": "62.5%"},
        },
        {
            "body": {"family": "generalised-pareto", "above": "2000 yuan", "index": "0.1", "scale": "9000 yuan"},
            "tail": {"above": "60000 yuan", "index": "0.4"},
        },
        {
            "body": {"family": "table", "bands": [CHEAP, MIDDLE, {**DEAR, "share": "20%"}]},
            "tail": {"above": "20000 yuan", "index": "0.3", "weight": "4%"},
        },
    ],
    "table": [
        {"bands": [{"to": "2000 yuan", "share": "30%", "mean": "1400 yuan"}, MIDDLE, {**DEAR, "share": "20%"}]},
        {
            "bands": [{"from": "300 yuan", "to": "2000 yuan", "below": "30%"}, {"to": "4000 yuan", "below": "81.5%"},
                      {**DEAR, "below": "99%"}, {"below": "100%", "mean": "91000 yuan"}],
            "tail": {"index": "0.3"},
        },
        {"bands": [CHEAP, MIDDLE, {"share": "20%"}], "tail": {"index": "0"}},
    ],
}  # fmt: skip
FAMILIES = [(family, number) for family in SEVERITIES for number in range(len(EXAMPLES.get(family, [])))]


def example(family: str, number: int) -> SeverityFamily:
    severity: SeverityFamily = READ.validate_python({"family": family} | EXAMPLES[family][number])
    return severity


@pytest.fixture(params=FAMILIES, ids=lambda case: f"{case[0]}-{case[1]}")
def severity(request: pytest.FixtureRequest) -> SeverityFamily:
    return example(*request.param)


def test_every_family_has_an_example():
    assert set(EXAMPLES) == set(SEVERITIES)
    assert {family: type(example(family, 0)) for family in SEVERITIES} == SEVERITIES


# -- the laws ----------------------------------------------------------------------------------------------------

FAR = 2.0 ** -np.arange(1.0, 65.0)
NEAR = np.array([1e-9, 1e-4, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99])


def highest(severity: SeverityFamily) -> float:
    """The largest cost: infinite, but for a table without an open band."""
    corners = severity.corners()
    return math.inf if corners is None or severity.closed_tail() is not None else float(corners[-1])


def check_quantiles_invert(severity: SeverityFamily) -> None:
    far = severity.quantile_upper(FAR)
    off = np.abs(severity.survival(far) - FAR)
    assert np.all(off <= 1e-11 * FAR + severity.pdf(far) * np.spacing(far))  # no cost lies nearer than its last bit
    np.testing.assert_allclose(severity.cdf(severity.quantile(NEAR)), NEAR, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(severity.quantile(NEAR), severity.quantile_upper(1.0 - NEAR), rtol=1e-6)
    assert severity.quantile(0.0) == severity.quantile_upper(1.0) == severity.lowest()
    assert severity.quantile_upper(0.0) == highest(severity)


def check_complement(severity: SeverityFamily) -> None:
    x = np.append(severity.quantile(NEAR), [severity.lowest(), -1.0, math.inf])
    np.testing.assert_allclose(severity.survival(x) + severity.cdf(x), 1.0, rtol=1e-14)
    np.testing.assert_array_equal(severity.cdf(x[-3:]), [0.0, 0.0, 1.0])
    np.testing.assert_array_equal(severity.pdf([severity.lowest() - 1.0, math.inf]), 0.0)


def check_density(severity: SeverityFamily) -> None:
    x = severity.quantile([0.03, 0.2, 0.5, 0.7, 0.93, 0.995])
    step = 1e-5 * x
    slope = (severity.cdf(x + step) - severity.cdf(x - step)) / (2.0 * step)
    np.testing.assert_allclose(severity.pdf(x), slope, rtol=1e-6)


def breaks(severity: SeverityFamily, low: float, high: float) -> list[float]:
    """Where to cut an integral over the cost: at quantiles, and where a splice has its corner."""
    cuts = severity.quantile_upper(np.append([1 - 1e-6, 0.999, 0.99, 0.9, 0.5, 0.1], 10.0 ** -np.arange(2.0, 60.0, 4)))
    tail = severity.closed_tail()
    corners = severity.corners()
    cuts = np.append(cuts, [severity.lowest(), tail.threshold if tail else low])
    cuts = cuts if corners is None else np.append(cuts, corners)
    return [low, *sorted(float(cut) for cut in set(cuts) if low < cut < high), high]


def quadrature(severity: SeverityFamily, low: float, high: float, power: int = 0) -> float:
    """∫ (1 + power)·x**power·P(X > x) dx, piece by piece."""
    cuts = breaks(severity, low, min(high, float(severity.quantile_upper(1e-60))))

    def integrand(x: float) -> float:
        return (1 + power) * x**power * float(severity.survival(x))

    return math.fsum(integrate.quad(integrand, a, b, epsabs=0.0, epsrel=1e-10)[0] for a, b in itertools.pairwise(cuts))


def check_moments(severity: SeverityFamily) -> None:
    assert severity.mean() == pytest.approx(quadrature(severity, 0.0, math.inf), rel=1e-10)
    if math.isfinite(severity.variance()):
        second = quadrature(severity, 0.0, math.inf, power=1)
        assert severity.variance() == pytest.approx(second - severity.mean() ** 2, rel=1e-8)


def check_limited_means(severity: SeverityFamily) -> None:
    for v in (0.9, 1e-3):
        d = float(severity.quantile_upper(v))
        assert severity.limited_mean(d) == pytest.approx(quadrature(severity, 0.0, d), rel=1e-10)
    for v in (0.5, 1e-9):
        d = float(severity.quantile_upper(v))
        assert severity.stop_loss(d) == pytest.approx(quadrature(severity, d, math.inf), rel=1e-8)


def check_shape_of_limited_mean(severity: SeverityFamily) -> None:
    d = np.linspace(-1000.0, float(severity.quantile_upper(1e-4)), 400)
    limited = severity.limited_mean(d)
    assert np.all(np.diff(limited) > 0.0)
    assert np.all(np.diff(limited, 2) <= 1e-9 * severity.mean())
    assert severity.limited_mean(math.inf) == severity.mean()
    assert severity.limited_mean(severity.quantile_upper(1e-60)) == pytest.approx(severity.mean(), rel=1e-9)


def check_limited_and_stop_loss_make_the_mean(severity: SeverityFamily) -> None:
    d = np.concatenate([[-5.0, 0.0, severity.lowest()], severity.quantile(NEAR), [1e9]])
    np.testing.assert_allclose(severity.limited_mean(d) + severity.stop_loss(d), severity.mean(), rtol=1e-12)
    assert severity.stop_loss(math.inf) == 0.0


def exact_costs(severity: SeverityFamily, r: np.ndarray) -> np.ndarray:
    u, v = (r.astype(float) + 0.5) * 2.0**-64, ((~r).astype(float) + 0.5) * 2.0**-64
    return np.where(u < 0.5, severity.quantile(u), severity.quantile_upper(v))


def integers(severity: SeverityFamily) -> np.ndarray:
    """Uniform integers, the ends, the middle, every power of two from either end, and about the splice."""
    powers = np.uint64(1) << np.arange(64, dtype=np.uint64)
    tail = severity.closed_tail()
    splice = np.uint64(2**64 - int((tail.weight if tail else 0.5) * 2**63) * 2)
    about = splice + np.arange(-5000, 5000, dtype=np.int64).astype(np.uint64) * np.uint64(2**30)
    ends = np.array([0, 1, 2**63 - 1, 2**63, 2**64 - 2, 2**64 - 1], dtype=np.uint64)
    corners = severity.corners()
    if corners is not None:
        edges = [int(float(share) * 2**63) * 2 for share in severity.cdf(corners[1:-1])]
        ends = np.append(ends, np.array([edge + step for edge in edges for step in (-4096, 0, 4096)], dtype=np.uint64))
    uniform = np.random.default_rng(5).integers(0, 2**64, 20_000, dtype=np.uint64)
    return np.concatenate([powers, ~powers, about, ends, uniform])


def check_table(severity: SeverityFamily) -> None:
    table = QuantileTable.build(severity)
    r = integers(severity)
    np.testing.assert_allclose(table.evaluate(r), exact_costs(severity, r), rtol=5e-6, atol=1e-6)
    for d in [*_ladder(severity, table.tail), 1.0, 1e6]:
        assert table.limited_mean(d) == pytest.approx(float(severity.limited_mean(d)), rel=1e-8)


def check_sample(severity: SeverityFamily) -> None:
    """Kolmogorov-Smirnov: the largest distance of 200,000 draws exceeds 1.95/sqrt(n) once in 1,000 laws."""
    n = 200_000
    r = np.random.default_rng(20_170_101).integers(0, 2**64, n, dtype=np.uint64)
    share = severity.cdf(np.sort(QuantileTable.build(severity).evaluate(r)))
    steps = np.arange(n + 1) / n
    distance = max(np.max(steps[1:] - share), np.max(share - steps[:-1]))
    assert distance * math.sqrt(n) < 1.95


LAWS = {
    law.__name__: law
    for law in (
        check_quantiles_invert,
        check_complement,
        check_density,
        check_moments,
        check_limited_means,
        check_shape_of_limited_mean,
        check_limited_and_stop_loss_make_the_mean,
        check_table,
        check_sample,
    )
}


@pytest.mark.parametrize("law", LAWS)
def test_law(law: str, severity: SeverityFamily):
    LAWS[law](severity)


# -- each law can be broken --------------------------------------------------------------------------------------


class WrongQuantile(Lognormal):
    def _quantile_upper(self, v):
        return super()._quantile_upper(np.maximum(v, 2.0**-60))


class WrongSurvival(Lognormal):
    def _survival(self, x):
        return super()._survival(x) * (1 - 1e-9)


class WrongDensity(Lognormal):
    def _pdf(self, x):
        return super()._pdf(x) * 1.00001


class WrongMean(Lognormal):
    def mean(self):
        return super().mean() * (1 + 1e-9)


class WrongVariance(Lognormal):
    def variance(self):
        return super().variance() * (1 + 1e-6)


class WrongLimitedMean(Lognormal):
    def _limited_mean(self, d):
        return super()._limited_mean(d) * (1 + 1e-9)


class Dipping(Lognormal):
    def _limited_mean(self, d):
        return super()._limited_mean(d) + 20.0 * np.sin(d / 100.0)


class WrongStopLoss(Lognormal):
    def _stop_loss(self, d):
        return super()._stop_loss(d) * (1 + 1e-7)


class ShiftedDraws(Lognormal):
    """Draws that are dearer than the distribution says."""

    def _quantile(self, u):
        return super()._quantile(u) * 1.02

    def _quantile_upper(self, v):
        return super()._quantile_upper(v) * 1.02

    def _limited_mean(self, d):
        return 1.02 * super()._limited_mean(d / 1.02)


@pytest.mark.parametrize(
    ("wrong", "law"),
    [
        (WrongQuantile, check_quantiles_invert),
        (WrongSurvival, check_complement),
        (WrongDensity, check_density),
        (WrongMean, check_moments),
        (WrongVariance, check_moments),
        (WrongLimitedMean, check_limited_means),
        (WrongStopLoss, check_limited_means),
        (Dipping, check_shape_of_limited_mean),
        (WrongStopLoss, check_limited_and_stop_loss_make_the_mean),
        (ShiftedDraws, check_sample),
    ],
)
def test_a_wrong_family_breaks_its_law(wrong, law):
    law(Lognormal(mean=500_000, cv=1.2))
    with pytest.raises(AssertionError):
        law(wrong(mean=500_000, cv=1.2))


def test_a_coarse_table_is_refused():
    with pytest.raises(QuantileTableError, match="more bits"):
        QuantileTable.build(Lognormal(mean=500_000, cv=3.0), bits=1)


def test_a_table_that_disagrees_with_the_closed_form_is_refused():
    class Disagreeing(Lognormal):
        def _limited_mean(self, d):
            return super()._limited_mean(d) * (1 + 2e-8)

    with pytest.raises(QuantileTableError, match=r"off by -2\.0e-08"):
        QuantileTable.build(Disagreeing(mean=500_000, cv=1.2))


def test_a_changed_coefficient_is_seen():
    severity = example("lognormal", 0)
    table = QuantileTable.build(severity)
    coefficients = table.coefficients.copy()
    coefficients[1, 3, 7, 1] *= 1.01
    spoiled = QuantileTable(coefficients, 0.0, 0.0, 1.0, 0.0)
    d = float(severity.quantile_upper(1e-3))
    assert abs(spoiled.limited_mean(d) / float(severity.limited_mean(d)) - 1) > 1e-8


# -- the table ---------------------------------------------------------------------------------------------------


def test_the_table_has_the_layout_that_the_kernel_reads(severity: SeverityFamily):
    table = QuantileTable.build(severity)
    assert table.coefficients.shape == (2, 64, 2**table.bits, 4)
    assert table.coefficients.dtype == np.float64
    assert table.coefficients.flags.c_contiguous
    assert not table.coefficients.flags.writeable
    assert table.coefficients.nbytes <= 300_000
    assert np.all(np.isfinite(table.coefficients))


def scalar_recipe(table: QuantileTable, r: int) -> float:
    """The recipe of the module's docstring with Python integers, one draw at a time."""
    s = 2**64 - 1 - r
    v = (float(s) + 0.5) * 2.0**-64
    if v <= table.tail_weight:
        log_share = math.log(v / table.tail_weight)
        if table.tail_index == 0:
            return table.tail_threshold - table.tail_scale * log_share
        return table.tail_threshold + table.tail_scale * math.expm1(-table.tail_index * log_share) / table.tail_index
    if len(table.starts):
        k = max(k for k, start in enumerate(table.starts) if int(start) <= r)
        return float(table.lines[k, 0]) + float(table.lines[k, 1]) * (float(r - int(table.starts[k])) + 0.5)
    half, q = (0, r) if r < 2**63 else (1, s)
    n = 2 * q + 1
    z = 64 - n.bit_length()
    f = (((n << z) % 2**64) << 1) % 2**64
    j = f >> (64 - table.bits)
    t = float(((f << table.bits) % 2**64) >> 11) * 2.0**-53
    c = [float(value) for value in table.coefficients[half, z, j]]
    return ((c[3] * t + c[2]) * t + c[1]) * t + c[0]


def test_the_written_recipe_is_what_evaluate_does(severity: SeverityFamily):
    table = QuantileTable.build(severity)
    r = integers(severity)[::17]
    np.testing.assert_allclose([scalar_recipe(table, int(one)) for one in r], table.evaluate(r), rtol=1e-14)


def test_costs_never_fall_as_the_integer_grows(severity: SeverityFamily):
    r = np.sort(integers(severity))
    x = QuantileTable.build(severity).evaluate(r)
    assert np.all(np.diff(x) >= -1e-9 * x[1:])


@settings(max_examples=20, deadline=None, derandomize=True)
@given(
    family=st.sampled_from([Lognormal, Gamma, Weibull, LogLogistic]),
    mean=st.integers(1_000, 10_000_000),
    cv=st.floats(0.02, 4.0),
    above=st.floats(0.2, 0.9999),
    index=st.floats(0.0, 0.9),
    weight=st.none() | st.integers(1_000, 990_000),
)
def test_any_likely_body_and_tail_fit_into_the_table(family, mean, cv, above, index, weight):
    body = family(mean=mean, cv=cv)
    QuantileTable.build(body)
    threshold = max(1, round(100 * float(body.quantile(above))))
    QuantileTable.build(Spliced(body=body, tail=Tail(above=threshold, index=index, weight=weight)))


# -- the terms ---------------------------------------------------------------------------------------------------


def test_mean_and_cv_come_back_from_every_family_that_is_written_so():
    for family in (Lognormal, Gamma, Weibull, LogLogistic):
        for cv in (0.001, 0.05, 0.8, 3.0, 20.0):
            severity = family(mean=812_345, cv=cv)
            assert severity.mean() == pytest.approx(8123.45, rel=1e-12)
            assert math.sqrt(severity.variance()) / severity.mean() == pytest.approx(cv, rel=1e-8)


def test_spliced_density_is_continuous_where_no_scale_is_given():
    for number, corner in ((0, 50_000.0), (2, 5_000.0), (3, 60_000.0)):
        spliced = example("spliced", number)
        assert spliced.pdf(corner * (1 + 1e-12)) == pytest.approx(float(spliced.pdf(corner)), rel=1e-9)
    stated = example("spliced", 1)
    assert abs(float(stated.pdf(40_000.001) / stated.pdf(40_000.0)) - 1) > 0.01


def test_terms_are_frozen_equal_and_survive_a_dump(severity: SeverityFamily):
    severity.mean()
    again = READ.validate_python(severity.model_dump(by_alias=True))
    assert again == severity
    assert hash(again) == hash(severity)
    with pytest.raises(ValidationError, match="frozen"):
        severity.note = "changed"


def test_a_changed_copy_has_its_own_parameters():
    spliced = example("spliced", 0)
    spliced.mean()
    moved = spliced.model_copy(update={"tail": Tail(above=6_000_000, index=0.35)})
    assert moved.closed_tail().threshold == 60_000.0
    assert moved.mean() == pytest.approx(quadrature(moved, 0.0, math.inf), rel=1e-10)


TAIL = {"above": "50000 yuan", "index": "0.3"}


@pytest.mark.parametrize(
    ("terms", "where", "why", "instead"),
    [
        ({"family": "lognormal"}, (), "nothing given", "mean and cv, or median and sigma"),
        ({"family": "lognormal", "mean": "5 yuan"}, (), "mean given", "mean and cv"),
        ({"family": "gamma", "mean": "5 yuan", "cv": "1", "shape": "2"}, (), "mean and cv and shape", "either"),
        ({"family": "weibull", "mean": "5 yuan", "scale": "2 yuan"}, (), "mean and scale", "shape and scale"),
        ({"family": "gamma", "mean": "0 yuan", "cv": "1"}, ("mean",), "0.00 yuan is not above zero", "above zero"),
        ({"family": "gamma", "mean": "5000", "cv": "1"}, ("mean",), "has no unit", "5000 yuan"),
        ({"family": "gamma", "mean": "5 yuan", "cv": "0"}, ("cv",), "variation of 0", "standard deviation over mean"),
        ({"family": "weibull", "shape": "-1", "scale": "5 yuan"}, ("shape",), "-1 is not above zero", "above zero"),
        ({"family": "log-logistic", "shape": "1", "median": "5 yuan"}, ("shape",), "infinite", "above 1"),
        ({"family": "generalised-pareto", "index": "1", "scale": "5 yuan"}, ("index",), "infinite", "below 1"),
        ({"family": "generalised-pareto", "index": "-0.1", "scale": "5 yuan"}, ("index",), "negative", "from 0"),
        ({"family": "generalised-pareto", "index": "0.1"}, (), "nothing given", "mean_excess, or scale"),
        ({"family": "spliced", "body": BODY, "tail": TAIL | {"weight": "0%"}}, ("tail", "weight"), "none or", "alone"),
        ({"family": "spliced", "body": BODY, "tail": TAIL | {"weight": "100%"}}, ("tail", "weight"), "all of", "alone"),
        (
            {"family": "spliced", "body": {"family": "spliced", "body": BODY, "tail": TAIL}, "tail": TAIL},
            ("body",),
            "itself spliced",
            "one family",
        ),
        (
            {"family": "spliced", "body": {"family": "gamma", "mean": "9 yuan", "cv": "0.1"}, "tail": TAIL},
            (),
            "below the threshold of 50,000.00",
            "quantile",
        ),
        (
            {
                "family": "spliced",
                "body": {"family": "generalised-pareto", "above": "60000 yuan", "index": "0", "scale": "9 yuan"},
                "tail": TAIL | {"weight": "5%"},
            },
            (),
            "above the threshold of 50,000.00",
            "quantile",
        ),
        (
            {
                "family": "spliced",
                "body": {"family": "gamma", "mean": "9 yuan", "cv": "0.1"},
                "tail": TAIL | {"weight": "5%"},
            },
            (),
            "no density",
            "give the tail its scale",
        ),
    ],
)  # fmt: skip
def test_terms_that_make_no_distribution_are_refused(terms, where, why, instead):
    with pytest.raises(ValidationError) as caught:
        READ.validate_python(terms)
    (error,) = caught.value.errors()
    assert error["loc"] == (terms["family"], *where)
    assert why in error["msg"]
    assert instead in error["ctx"]["instead"]


def test_an_unknown_family_is_refused_with_the_known_ones():
    with pytest.raises(ValidationError, match="'log-logistic'"):
        READ.validate_python({"family": "cauchy"})


def test_a_pareto_alone_needs_no_table():
    table = QuantileTable.build(GeneralisedPareto(above=600_000, index=0.33, mean_excess=1_000_000))
    assert table.tail_weight == 1.0
    assert not table.coefficients.any()
