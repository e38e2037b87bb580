"""Claims models that were fitted to what a report states give those figures again: Binhai, Quzhou, Nantong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import fundsim as fs
from fundsim.money import PPM
from fundsim.results import Results

SCENARIOS = Path(__file__).parents[1] / "scenarios"
IN_POLICY_LAYERS = {
    "employee": ("basic", "critical-aid", "second-compensation", "severe-supplement"),
    "resident": ("resident-basic",),
}
"""Nantong: who pays for inpatient cost in policy; the supplement for cost outside the catalogue does not."""


def load(name: str) -> fs.Scenario:
    return fs.load(SCENARIOS / f"{name}.yaml")


def bills_a_year(results: Results) -> float:
    return float(results.monthly["bills"].sum(axis=1).mean())


def paid_a_year(results: Results, payers: tuple[str, ...]) -> float:
    """Yuan that these payers paid together, mean over replications."""
    places = [results.scenario.plan.names.index(payer) for payer in payers]
    return float(results.monthly["paid"][:, :, places].sum(axis=(1, 2)).mean()) / 100


# -- Binhai: 55,933 person-times and 295 million yuan in 20 months, for the 107,350 poor alone ------------------------


@pytest.fixture(scope="module")
def binhai_poor() -> Results:
    return fs.simulate(load("binhai-2019").replace({"population.insured": "107350 persons"}), n=40)


def test_the_poor_of_binhai_are_helped_as_often_as_reported(binhai_poor: Results) -> None:
    assert bills_a_year(binhai_poor) == pytest.approx(55_933 * 12 / 20, rel=0.02)


def test_the_layers_of_binhai_pay_what_was_reported(binhai_poor: Results) -> None:
    layers = tuple(payer for payer in binhai_poor.scenario.plan.names if payer != "hospital")
    assert paid_a_year(binhai_poor, layers) == pytest.approx(295e6 * 12 / 20, rel=0.02)
    assert all(paid_a_year(binhai_poor, (payer,)) > 0 for payer in (*layers, "hospital"))


def test_ordinary_residents_of_binhai_have_basic_and_cii_alone() -> None:
    plan = load("binhai-2019").plan
    ordinary = [number for number, case in enumerate(plan.traits.classes()) if case["hardship"] == "none"]
    covering = {payer.name for payer in plan.payers if any(payer.classes[number].covered for number in ordinary)}
    assert covering == {"basic", "cii"}


# -- Quzhou: 4.6 million settlements and 822.92 million yuan in a quarter, for about 2.5 million insured ---------------


def test_quzhou_settles_as_often_and_pays_as_much_as_reported() -> None:
    results = fs.simulate(load("quzhou-2019").replace({"population.insured": "250000 persons"}), n=3)
    assert 10 * bills_a_year(results) / 4 == pytest.approx(4.6e6, rel=0.02)
    assert 10 * paid_a_year(results, results.scenario.plan.names) / 4 == pytest.approx(822.92e6, rel=0.03)


# -- Nantong: 83% and 70% of in-policy inpatient cost ------------------------------------------------------------------


@pytest.fixture(scope="module")
def nantong() -> Results:
    return fs.simulate(load("nantong-2011"), n=3)


def in_policy_inpatient_cost(scenario: fs.Scenario, member: str) -> float:
    """Expected yuan a year: cost A and B after the share of B that is paid first."""
    claims, counts = scenario.terms.claims, scenario.plan.payer("basic").counts
    levels = [level for name, level in claims.care.items() if name.startswith("level-")]
    per_unit = sum(
        level.share / PPM * level.cost.mean() * (level.catalogue.A * counts[0] + level.catalogue.B * counts[1]) / PPM**2
        for level in levels
    )
    groups = [group for group in scenario.population.groups if group.traits["member"] == member]
    return sum(group.persons * claims.admissions.mean(group.admissions) * group.cost for group in groups) * per_unit


@pytest.mark.parametrize(("member", "published"), [("employee", 0.83), ("resident", 0.70)])
def test_nantong_reimburses_the_published_part(nantong: Results, member: str, published: float) -> None:
    paid = paid_a_year(nantong, IN_POLICY_LAYERS[member])
    assert paid / in_policy_inpatient_cost(nantong.scenario, member) == pytest.approx(published, abs=0.01)


@pytest.mark.parametrize("fund", ["employees", "residents"])
def test_nantong_s_funds_grow_by_a_quarter_and_keep_a_tenth(nantong: Results, fund: str) -> None:
    figures = nantong.funds()["mean"][fund]
    assert figures["income_growth"] == pytest.approx(0.25)
    assert figures["surplus_ratio"] == pytest.approx(0.10, abs=0.02)
    assert figures["payments"] + figures["hospitals_bear"] == pytest.approx(figures["billed"])


def test_nantong_keeps_employees_and_residents_apart() -> None:
    plan = load("nantong-2011").plan
    for payer in plan.payers:
        members = {case["member"] for number, case in enumerate(plan.traits.classes()) if payer.classes[number].covered}
        assert members == ({"resident"} if payer.name.startswith("resident") else {"employee"})


def test_a_wrong_model_is_told_from_the_report(nantong: Results) -> None:
    wrong = nantong.scenario.replace({"payers.resident-basic.pay": "60%"})
    paid = paid_a_year(fs.simulate(wrong, n=2), IN_POLICY_LAYERS["resident"])
    assert np.abs(paid / in_policy_inpatient_cost(wrong, "resident") - 0.70) > 0.01
