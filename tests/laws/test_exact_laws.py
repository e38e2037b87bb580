"""Laws of the exact lane: money has no unit, bands can be split, and groups are sums of persons."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cities import ANNUAL, ONE_PAYER, city
from fundsim.curves import PayoutCurve
from fundsim.exact import BinomialCount, Mixture, Payment, PiecewiseMap, PoissonCount, compound, exact, of_parts
from fundsim.scenario import load_text
from fundsim.severity import SEVERITIES

COST = SEVERITIES["lognormal"].model_validate({"family": "lognormal", "mean": "9000 yuan", "cv": 1.4})
LEVELS = (0.01, 0.25, 0.5, 0.75, 0.99)


@st.composite
def schedules(draw: st.DrawFn) -> PiecewiseMap:
    knots = sorted(draw(st.sets(st.integers(1, 900), min_size=1, max_size=4)))
    rates = draw(st.lists(st.integers(1, 100), min_size=len(knots), max_size=len(knots)))
    first = draw(st.sampled_from([0, 20]))
    curve = PayoutCurve((0, *(knot * 10_000 for knot in knots)), (first * 10_000, *(rate * 10_000 for rate in rates)))
    return PiecewiseMap.of_curve(curve, draw(st.integers(20, 900)) * 10_000)


@settings(max_examples=15)
@given(pays=schedules(), factor=st.sampled_from([0.5, 2.0, 4.0]), mean=st.sampled_from([5.0, 400.0]))
def test_scaling_money_scales_the_answer(pays: PiecewiseMap, factor: float, mean: float) -> None:
    scaled = PiecewiseMap(pays.knots * factor, pays.values * factor, pays.last)
    one, other = (
        compound(PoissonCount(mean), Payment(COST, pays)),
        compound(PoissonCount(mean), Payment(COST, scaled, factor)),
    )
    assert other.mean == pytest.approx(factor * one.mean, rel=1e-6)
    assert other.sd == pytest.approx(factor * one.sd, rel=1e-4)
    assert other.quantile(np.array(LEVELS)) == pytest.approx(
        factor * one.quantile(np.array(LEVELS)), rel=1e-3, abs=2 * one.sd / 128 * factor
    )


@settings(max_examples=25)
@given(pays=schedules(), at=st.floats(0.01, 0.99))
def test_splitting_a_band_changes_nothing(pays: PiecewiseMap, at: float) -> None:
    place = pays.knots[-1] * at
    knots = np.union1d(pays.knots, [place])
    split = PiecewiseMap(knots, pays(knots), pays.last)
    points = np.linspace(0.0, pays.highest, 50)
    assert Payment(COST, split).stop_loss(points) == pytest.approx(
        Payment(COST, pays).stop_loss(points), rel=1e-9, abs=1e-9
    )
    assert Payment(COST, split).by_quadrature == pytest.approx(Payment(COST, pays).by_quadrature, rel=1e-8)


@settings(max_examples=10)
@given(pays=schedules(), part=st.integers(1, 900))
def test_splitting_a_group_changes_nothing(pays: PiecewiseMap, part: int) -> None:
    payment = Mixture.of(Payment(COST, pays))
    whole = of_parts([(BinomialCount(1000, 0.2), payment)])
    parts = of_parts([(BinomialCount(part, 0.2), payment), (BinomialCount(1000 - part, 0.2), payment)], step=whole.step)
    assert parts.mean == pytest.approx(whole.mean, rel=1e-9)
    at = whole.quantile(np.array(LEVELS))
    assert parts.cdf(at) == pytest.approx(whole.cdf(at), abs=1e-9)


@settings(max_examples=40)
@given(one=schedules(), other=schedules(), x=st.lists(st.floats(0, 20_000), min_size=1, max_size=20))
def test_maps_do_what_their_values_do(one: PiecewiseMap, other: PiecewiseMap, x: list[float]) -> None:
    at = np.array(x)
    close = {"rel": 1e-9, "abs": 1e-6}
    assert one.plus(other, -1.0)(at) == pytest.approx(one(at) - other(at), **close)
    assert one.least(other)(at) == pytest.approx(np.minimum(one(at), other(at)), **close)
    assert one.most(other)(at) == pytest.approx(np.maximum(one(at), other(at)), **close)
    assert one.after(other)(at) == pytest.approx(one(other(at)), **close)


@pytest.mark.parametrize("text", [ANNUAL, "fundsim: 1\nid: one\n" + ONE_PAYER])
def test_splitting_a_group_of_a_scheme_changes_nothing(text: str) -> None:
    whole = exact(load_text(text))
    persons = whole.scenario.population.insured
    groups = f"{{here: {{persons: {persons // 3} persons}}, there: {{persons: {persons - persons // 3} persons}}}}"
    size = f"population: {{insured: {persons} persons}}"
    assert size in text
    parts = exact(load_text(text.replace(size, f"population: {{insured: {persons} persons, groups: {groups}}}")))
    for measure in ("claims_paid", "insurer_result", "beneficiaries"):
        assert parts.mean(measure) == pytest.approx(whole.mean(measure), rel=1e-7)
        assert parts.sd(measure) == pytest.approx(whole.sd(measure), rel=1e-7)
    assert parts.probability("deficit") == pytest.approx(whole.probability("deficit"), abs=1e-7)


def test_a_persons_own_year_is_that_of_one_admission_where_there_is_one() -> None:
    """Admission by admission, at most one each, is the annual basis with the same cost and map."""
    text = "fundsim: 1\nid: one\n" + ONE_PAYER
    one = exact(city(text, claims__admissions={"family": "at-most-one", "mean": "200 per 1000 persons"}))
    cost = one.scenario.terms.claims.care["tertiary"].cost  # type: ignore[union-attr]
    pays = PiecewiseMap.of_curve(one.scenario.plan.payer("cii").classes[0].curve, 30_000_000)
    law = compound(BinomialCount(4000, 0.2), Payment(cost, pays.after(PiecewiseMap.straight(0.8))))
    assert one.claims.mean == pytest.approx(law.mean, rel=2e-6)
    assert one.claims.sd == pytest.approx(law.sd, rel=2e-4)
    assert one.claims.quantile(0.99) == pytest.approx(law.quantile(0.99), rel=1e-4)
