"""Where a source can be read in two ways, the design with the other reading pays what that reading says, by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import fundsim as fs
from fundsim.benefits.settlement import Bill, settle_person

Case = dict[str, int | str]

SCENARIOS = Path(__file__).parents[1] / "scenarios"

MAJOR: Case = {"cost_a": 300_000, "cost_b": 100_000, "cost_c": 20_000, "care": "major"}
TERTIARY: Case = {"cost_a": 40_000, "cost_b": 20_000, "cost_c": 3_000, "care": "tertiary"}

CASES: dict[str, tuple[str, str, list[Case], dict[str, float]]] = {
    # shandong-2014: 225,000 due on the ordinary account use up the one limit of 200,000; or 286,400 on the other do.
    "ordinary illness first": (
        "shandong-2014", "one-limit",
        [{"in_policy_left": 400_000}, {"in_policy_left": 400_000, "disease": "listed"}],
        {"cii": 200_000.00, "cii-listed": 0.00},
    ),
    "listed illness first": (
        "shandong-2014", "one-limit",
        [{"in_policy_left": 400_000, "disease": "listed"}, {"in_policy_left": 400_000}],
        {"cii": 0.00, "cii-listed": 200_000.00},
    ),
    # (40,000 + 17,000 - 30,965 - 10,000) x 50%
    "class B at 85%": ("shandong-2014", "class-b-85", [TERTIARY], {"cii": 8_017.50}),
    # (50,000 - 10,000) x 50%
    "listed illness from 2015": (
        "shandong-2014", "from-2015", [{"in_policy_left": 50_000, "disease": "listed"}],
        {"cii": 20_000.00, "cii-listed": 0.00},
    ),
    # 100,000 x 50% + 100,000 x 60% + 80,000 x 65%
    "bands above the deductible": (
        "shandong-2017", "bands-above-deductible", [{"in_policy_left": 300_000}], {"cii": 162_000.00},
    ),
    # 112,850 x 70%, no longer cut to what 120,000 leaves
    "a limit for each part": ("guangzhou-2014", "two-limits", [MAJOR], {"cii": 59_575.00, "cii-above-cap": 78_995.00}),
    # (390,000 - 140,000 - 112,850 - 1,000 - 18,000) x 50%
    "Guangzhou's basic deductible": (
        "guangzhou-2014", "without-basic-deductible", [MAJOR], {"cii": 59_075.00, "cii-above-cap": 60_925.00},
    ),
    # 300,000 on the first layer leave nothing of the limit for the second
    "one limit for two layers": (
        "yulin-2026", "one-limit", [{"in_policy_left": 500_000}], {"cii": 300_000.00, "cii-second": 0.00},
    ),
    "no second layer": (
        "yulin-2026", "without-second-layer", [{"in_policy_left": 200_000}], {"cii": 138_900.00, "cii-second": 0.00},
    ),
    # 40,000 + 18,000 - 700 = 57,300 x 60% = 34,380; 58,000 - 34,380 - 700 = 22,920, of which 2,920 x 60%
    "Jin'an's basic deductible": ("luan-jinan-2016", "without-basic-deductible", [TERTIARY], {"cii": 1_752.00}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_other_reading_pays_what_it_says(case: str) -> None:
    name, design, bills, expected = CASES[case]
    scheme = fs.load(SCENARIOS / f"{name}.yaml")
    assert paid(dict(scheme.designs)[design], bills, expected) == expected
    assert paid(scheme, bills, expected) != expected


def paid(scenario: fs.Scenario, bills: list[Case], payers: dict[str, float]) -> dict[str, float]:
    """Yuan that each of some payers pays on one person's bills."""
    settled = settle_person(scenario.plan, [bill(scenario, stated) for stated in bills])
    return {payer: sum(statement.paid(payer) for statement in settled) / 100 for payer in payers}


def bill(scenario: fs.Scenario, stated: Case) -> Bill:
    """A bill of amounts in yuan and traits."""
    amounts = {key: value * 100 for key, value in stated.items() if isinstance(value, int)}
    traits = {key: value for key, value in stated.items() if isinstance(value, str)}
    cost_a, cost_b, cost_c = (amounts.get(f"cost_{category}", 0) for category in "abc")
    return Bill(
        scenario.plan.traits.number(traits),
        (cost_a, cost_b, cost_c),
        in_policy_left=amounts.get("in_policy_left"),
    )
