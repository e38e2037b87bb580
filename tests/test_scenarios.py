"""Every shipped scheme loads, keeps its worked examples, simulates, and balances to the fen."""

from __future__ import annotations

from pathlib import Path

import pytest

import fundsim as fs
from fundsim.scenario import Scenario
from fundsim.scenario.checking import check_file

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "scenarios").glob("*.yaml"))
MOST_BILLS = 4_000_000
"""What a scheme may settle in one replication of these tests: all but one settle everything that they state."""
SCHEMES = ("qinzhou-2017", "shanghai-2016", "province-2014")


def load(name: str) -> fs.Scenario:
    return fs.load(ROOT / "scenarios" / f"{name}.yaml")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_file_passes_check(path: Path) -> None:
    assert "classes" in check_file(path)
    assert fs.load(path).id == path.stem


def of_a_size_to_settle(scenario: fs.Scenario) -> fs.Scenario:
    """The scheme itself, or where all bills of everybody are too many to settle, the same for fewer people."""
    if scenario.terms.simulation.bills != "all":
        return scenario
    insured, claims = scenario.population.insured, scenario.terms.claims
    frequency = claims.admissions if claims.basis == "admissions" else claims.persons
    bills = sum(group.persons * frequency.mean(group.admissions) for group in scenario.population.groups)
    fewer = {"population.insured": f"{round(insured * MOST_BILLS / bills)} persons"}
    return scenario if bills <= MOST_BILLS else scenario.replace(fewer)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_shipped_scheme_runs_and_balances(path: Path) -> None:
    results = fs.simulate(of_a_size_to_settle(fs.load(path)), n=2)
    assert results.ledger is not None
    assert (results.ledger.imbalance() == 0).all()
    assert (results.totals["gross"] == results.totals["reimbursed"] + results.totals["patient_burden"]).all()
    assert (results.totals["beneficiaries"] > 0).all()


@pytest.mark.parametrize("name", SCHEMES)
def test_a_scheme_cites_its_clauses_and_names_its_assumptions(name: str) -> None:
    scenario = load(name)
    assert scenario.terms.source
    assert scenario.terms.payers["cii"].clause
    assert len(scenario.terms.examples) >= 3
    assert all(assumed.why for assumed in scenario.assumptions)


@pytest.mark.parametrize(
    ("hardship", "expected"),
    [
        ("none", (0, 2_000, 10_000, 22_000, 36_000, 63_200, 143_200, 500_000)),
        ("poor", (1_800, 4_200, 14_100, 28_400, 44_700, 75_300, 165_300, 500_000)),
    ],
)
def test_qinzhou_pays_the_published_amounts(hardship: str, expected: tuple[int, ...]) -> None:
    import pandas as pd

    own_costs = (6_000, 10_000, 26_000, 46_000, 66_000, 100_000, 200_000, 700_000)
    bills = pd.DataFrame(
        {
            "person_id": [f"P{i}" for i in range(8)],
            "discharge_date": "2017-05-01",
            "hardship": hardship,
            "place": "local",
            "in_policy_left": [str(cost) for cost in own_costs],
        }
    )
    assert tuple(fs.settle(load("qinzhou-2017"), bills)["paid_cii"]) == expected


def test_the_province_leaves_bands_and_rate_open_to_bid() -> None:
    scenario = load("province-2014")
    assert {bid.path for bid in scenario.bids} == {
        "payers.cii.bands[0].pay", "payers.cii.bands[1].pay", "payers.cii.bands[2].pay", "contract.allowance",
    }  # fmt: skip
    lower = scenario.replace({"contract.allowance": "4%"})
    assert lower.terms.contract.allowance == 40_000
    with pytest.raises(fs.ScenarioError, match="5%"):
        scenario.replace({"contract.allowance": "6%"})


def test_urban_and_rural_residents_pay_their_own_premium() -> None:
    results = fs.simulate(load("province-2014"), n=1)
    for place, group in enumerate(results.scenario.population.groups):
        yuan = 29 if group.traits["household"] == "urban" else 25
        assert results.groups["premium"][0, place] == group.persons * yuan * 100


def test_shanghai_pays_students_alone_for_haemophilia() -> None:
    scenario = load("shanghai-2016")
    cii = scenario.plan.payer("cii")
    covered = {
        case["member"]
        for number, case in enumerate(scenario.plan.traits.classes())
        if cii.classes[number].covered and case["disease"] == "haemophilia"
    }
    assert covered == {"university-student"}


def test_every_scheme_has_three_cases_worked_by_hand(shipped: dict[str, Scenario]) -> None:
    """At least three, and the arithmetic of three of them is written out."""
    for name, scenario in shipped.items():
        noted = [example for example in scenario.terms.examples if example.note]
        assert len(noted) >= 3, name
