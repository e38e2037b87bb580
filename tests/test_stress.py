"""Standard stress tests: each is the scheme with other values, on the same seed, to the fen."""

from __future__ import annotations

import numpy as np
import pytest

import fundsim as fs
from conftest import SCENARIOS
from fundsim.comparison import StressTest, stress
from fundsim.comparison.errors import ComparisonError
from fundsim.comparison.stated import groups_times
from fundsim.money import half_up

QINZHOU = SCENARIOS / "qinzhou-2017.yaml"
N, SEED = 8, 5


@pytest.fixture(scope="module")
def scheme() -> fs.Scenario:
    return fs.load(QINZHOU)


@pytest.fixture(scope="module")
def found(scheme: fs.Scenario) -> StressTest:
    return stress(scheme, N, seed=SEED)


@pytest.mark.parametrize(
    ("test", "end", "changes"),
    [
        ("cost", 1, {"population.groups.ordinary.cost": "x1.1", "population.groups.poor.cost": "x0.935"}),
        (
            "admissions",
            0,
            {"population.groups.ordinary.admissions": "x0.9", "population.groups.poor.admissions": "x1.26"},
        ),
        ("trend", 1, {"claims.trend.cost": "10%/year"}),
        ("deductible", 0, {"payers.cii.deductible": "5400 yuan"}),
        ("expense", 1, {"contract.expense": "5%"}),
        ("policy-share", 0, {"contract.policy_share": "20%"}),
    ],
)  # fmt: skip
def test_a_stress_is_the_changed_scheme_to_the_fen(
    scheme: fs.Scenario, found: StressTest, test: str, end: int, changes: dict[str, str]
) -> None:
    alone = fs.simulate(scheme.replace(changes), n=N, seed=SEED)
    row = found.rows[test][end]
    for name in ("claims_paid", "premium", "insurer_result", "fund_result", "beneficiaries"):
        assert np.array_equal(row.totals[name], alone.totals[name]), name


def test_a_point_of_running_cost_is_a_point_of_premium(found: StressTest) -> None:
    """E is a share of P, rounded half up: one point more takes exactly that from the insurer in each replication."""
    low, high = found.rows["expense"]
    apart = low.totals["insurer_result"] - high.totals["insurer_result"]
    points = [half_up(int(p) * 5, 100) - half_up(int(p) * 3, 100) for p in found.base.totals["premium"]]
    assert np.array_equal(apart, points)
    bar = next(bar for bar in found.bars() if bar.test.id == "expense")
    assert bar.swing.mean == pytest.approx(-np.mean(points) / 100)
    assert bar.swing.se == pytest.approx(0, abs=1e-6)


def test_the_deductible_is_that_of_a_sweep(scheme: fs.Scenario, found: StressTest) -> None:
    swept = fs.sweep(scheme, "payers.cii.deductible", ["5400 yuan", "6600 yuan"], n=N, seed=SEED)
    bar = next(bar for bar in found.bars("premium_needed") if bar.test.id == "deductible")
    for number, value in enumerate((bar.down, bar.up), start=1):
        of = swept.difference("premium_needed", number)
        assert (value.mean, value.se) == (pytest.approx(of.mean), pytest.approx(of.se))


def test_the_longest_bar_comes_first(found: StressTest) -> None:
    swings = [abs(bar.swing.mean or 0) for bar in found.bars(found.figure.id)]
    assert swings == sorted(swings, reverse=True)
    assert [bar.test.id for bar in found.bars("premium_needed")] == [bar.test.id for bar in found.bars()]
    with pytest.raises(ComparisonError, match="no such figure"):
        found.bars("premiums")


def test_what_cannot_be_moved_is_named(scheme: fs.Scenario) -> None:
    other = scheme.replace(
        {"contract.expense": "1.20 yuan/person", "contract.policy_share": "0%", "claims.trend.to": "2013"}
    )
    found = stress(other, 4, seed=SEED)
    assert [each.test.id for each in found.left_out] == ["trend", "expense", "policy-share"]
    assert {bar.test.id for bar in found.bars()} == {"admissions", "cost", "deductible"}
    over_years = stress(other, 4, seed=SEED, years=2)
    assert "trend" in over_years.rows  # from the second year on, growth of the term itself
    low, high = over_years.rows["trend"]
    assert (low.totals["claims_paid"] < high.totals["claims_paid"]).all()


def test_amounts_left_in_policy_can_be_moved_too(scheme: fs.Scenario) -> None:
    claims = {
        "basis": "in-policy-left", "year": "2017", "persons": {"family": "at-most-one", "mean": "50 per 1000 persons"},
        "amount": {"family": "lognormal", "mean": "9000 yuan", "cv": "1.2"},
    }  # fmt: skip
    annual = scheme.replace({"claims": claims})
    found = stress(annual, 4, seed=SEED)
    bars = {bar.test.id: bar for bar in found.bars("pure_premium")}
    assert bars["cost"].up.mean is not None
    assert bars["cost"].up.mean > 0 > (bars["cost"].down.mean or 0)
    assert bars["admissions"].up.mean is not None
    assert bars["admissions"].up.mean > 0
    assert "trend" in {each.test.id for each in found.left_out}


def test_a_scheme_without_groups_is_moved_as_one_group() -> None:
    plain = fs.load(SCENARIOS / "yutian-2021.yaml")
    for scenario in (plain, plain.replace({"population": {"insured": "100000 persons"}})):
        moved = scenario.replace(groups_times(scenario, "cost", lambda stated: 2 * stated))
        assert [g.cost for g in moved.population.groups] == [2 * g.cost for g in scenario.population.groups]
        assert [g.persons for g in moved.population.groups] == [g.persons for g in scenario.population.groups]


def test_a_notebook_shows_every_test_with_its_error_and_what_was_left_out() -> None:
    found = fs.stress(fs.load(SCENARIOS / "qinzhou-2017.yaml"), n=6, seed=3)
    shown = found._repr_html_()
    assert all(f"{bar.test.zh}" in shown and f"{bar.test.en}" in shown for bar in found.bars())
    assert "million yuan" in shown
    assert all(each.zh in shown for each in found.left_out)
