"""Policy losses (政策性亏损) on ten people whose every bill is known, worked by hand beside what a run finds.

Four people have 10,000 yuan left after basic insurance, three 20,000, three 40,000; CII pays half of what exceeds the
deductible. Costs spread by a hundred-millionth, so every amount is that amount to the fen.

    paid at a deductible of      8,000            6,000
    4 x 10,000             4 x  1,000       4 x  2,000
    3 x 20,000             3 x  6,000       3 x  7,000
    3 x 40,000             3 x 16,000       3 x 17,000
    together                   70,000           80,000      the wider benefit costs 10,000
"""

from __future__ import annotations

import numpy as np
import pytest

import fundsim as fs
from fundsim.scenario import Scenario, load_text
from fundsim.uncertainty import draw_events

TEN = """
fundsim: 1
id: ten-people
waterfall: [cii]
payers:
  cii: {base: {counts: {A: 100%, B: 100%, C: 100%}}, deductible: 8000 yuan, pay: 50%}
population:
  insured: 10 persons
  groups:
    four: {persons: 4 persons}
    three: {persons: 3 persons, cost: x2}
    dearest: {persons: 3 persons, cost: x4}
claims:
  basis: in-policy-left
  year: 2017
  persons: {family: at-most-one, mean: 1 per person}
  amount: {family: lognormal, median: 10000 yuan, sigma: 0.00000001}
  trend: {cost: GROWTH/year, to: 2017}
contract:
  premium: PREMIUM yuan/person
  allowance: 5%
  loss_cause: policy-and-other
  RULE
  policy_tiers: [{insurer: 50%}]
  MORE
events: {EVENTS}
simulation: {replications: 3, seed: 1, years: YEARS}
"""
COUNTERFACTUAL, STATED = "policy_loss: counterfactual", "policy_share: 30%"
WIDER = """wider: {year: 1, probability: 100%, policy: yes,
           change: {payers.cii.deductible: {from: 8000 yuan, to: 6000 yuan}}}"""
DEARER = """dearer: {year: 1, probability: 100%, policy: no,
           change: {claims.amount.median: {from: 10000 yuan, to: 11000 yuan}}}"""


def funded(old: str, new: str) -> str:
    """The wider benefit, with a premium that rises with it."""
    money = f"contract.premium: {{from: {old} yuan/person, to: {new} yuan/person}}"
    return WIDER.replace("to: 6000 yuan}}}", f"to: 6000 yuan}}, {money}}}}}")


def ten(
    premium: str, events: str, rule: str = COUNTERFACTUAL, *, years: int = 1, growth: str = "0%", more: str = ""
) -> Scenario:
    text = TEN.replace("PREMIUM", premium).replace("EVENTS", events).replace("RULE", rule).replace("MORE", more)
    return load_text(text.replace("GROWTH", growth).replace("YEARS", str(years)), "ten.yaml")


def yuan(scenario: Scenario, *measures: str, year: int = 1) -> list[float]:
    """Figures of a year, alike in all replications, yuan."""
    results = fs.simulate(scenario)
    totals = results.years[year - 1].totals if results.years else results.totals
    found = [totals[measure] for measure in measures]
    assert all((values == values[0]).all() for values in found)
    return [int(values[0]) / 100 for values in found]


SPLIT = ("claims_paid", "surplus", "policy_loss", "other_loss", "policy_loss_fund", "insurer_result")


def test_every_bill_is_known() -> None:
    assert yuan(ten("7000", ""), "premium", "claims_paid", "surplus") == [70_000, 70_000, 0]


@pytest.mark.parametrize(
    ("premium", "rule", "expected"),
    [
        # Without the event S = 0; with it S = -10,000. Delta = 10,000: all of the loss, half of which is the fund's.
        ("7000", COUNTERFACTUAL, [80_000, -10_000, 10_000, 0, 5_000, -5_000]),
        # 30% of 10,000 counts as policy-caused, although policy caused all of it.
        ("7000", STATED, [80_000, -10_000, 3_000, 7_000, 1_500, -8_500]),
        # 65,000 were too little from the start: S = -5,000 without, -15,000 with; Delta = 10,000, 5,000 are other loss.
        ("6500", COUNTERFACTUAL, [80_000, -15_000, 10_000, 5_000, 5_000, -10_000]),
        ("6500", STATED, [80_000, -15_000, 4_500, 10_500, 2_250, -12_750]),
        # 75,000 would have left 5,000; of Delta = 10,000 half was met by them, so the loss of 5,000 is policy loss.
        ("7500", COUNTERFACTUAL, [80_000, -5_000, 5_000, 0, 2_500, -2_500]),
        ("7500", STATED, [80_000, -5_000, 1_500, 3_500, 750, -4_250]),
        # 85,000 carry the wider benefit: there is no loss to share. 5% of 85,000 are 4,250, the rest is returned.
        ("8500", COUNTERFACTUAL, [80_000, 5_000, 0, 0, 0, 4_250]),
        # To the fen: P = 69,999.90, S = -10,000.10; Delta = 10,000.00, and 0.10 is other loss.
        ("6999.99", COUNTERFACTUAL, [80_000, -10_000.10, 10_000, 0.10, 5_000, -5_000.10]),
        # P = 70,000.10, S = -9,999.90, all policy loss: 4,999.95 each.
        ("7000.01", COUNTERFACTUAL, [80_000, -9_999.90, 9_999.90, 0, 4_999.95, -4_999.95]),
    ],
)
def test_the_counterfactual_split_equals_hand_calculation(premium: str, rule: str, expected: list[float]) -> None:
    assert yuan(ten(premium, WIDER, rule), *SPLIT) == expected


def test_a_loss_without_any_event_is_no_policy_loss() -> None:
    """70,000 paid for 65,000: the stated share calls 1,500 of it policy loss, though nothing has changed."""
    assert yuan(ten("6500", WIDER.replace("100%", "0%")), *SPLIT) == [70_000, -5_000, 0, 5_000, 0, -5_000]
    assert yuan(ten("6500", "", STATED), *SPLIT) == [70_000, -5_000, 1_500, 3_500, 750, -4_250]


@pytest.mark.parametrize(
    ("old", "new", "rule", "expected"),
    [
        # 1,000 yuan a head are the 10,000 that the wider benefit costs: S = -5,000 with it and without it. Delta = 0.
        ("6500", "7500", COUNTERFACTUAL, [80_000, -5_000, 0, 5_000, 0, -5_000]),
        # The stated share calls 30% of that loss policy-caused, and the fund pays twice for the same benefit.
        ("6500", "7500", STATED, [80_000, -5_000, 1_500, 3_500, 750, -4_250]),
        # 1,200 yuan a head are more than it costs: Delta = -5,000 - (-3,000) = -2,000, and no policy loss.
        ("6500", "7700", COUNTERFACTUAL, [80_000, -3_000, 0, 3_000, 0, -3_000]),
        # 400 yuan a head are less: S = -5,000 without, -11,000 with; Delta = 6,000, of which the fund bears half.
        ("6500", "6900", COUNTERFACTUAL, [80_000, -11_000, 6_000, 5_000, 3_000, -8_000]),
    ],
)
def test_a_widening_that_came_with_its_own_money(old: str, new: str, rule: str, expected: list[float]) -> None:
    assert yuan(ten(old, funded(old, new), rule), *SPLIT) == expected


def test_what_is_no_policy_happens_in_both_worlds() -> None:
    """Bills 10% dearer, at 8,000: 4 x 1,500 + 3 x 7,000 + 3 x 18,000 = 81,000; at 6,000: 91,000.

    S = 70,000 - 91,000 = -21,000; without the policy it is -11,000, so Delta = 10,000, and 11,000 are other loss.
    """
    assert yuan(ten("7000", DEARER), *SPLIT) == [81_000, -11_000, 0, 11_000, 0, -11_000]
    both = f"{WIDER}, {DEARER}"
    assert yuan(ten("7000", both), *SPLIT) == [91_000, -21_000, 10_000, 11_000, 5_000, -16_000]


def test_the_event_of_the_first_year_works_in_the_second() -> None:
    """Bills grow by 10% over a fixed deductible: 81,000 in year 2 without the event, 91,000 with it (as above)."""
    scenario = ten("7000", WIDER, years=2, growth="10%")
    assert yuan(scenario, *SPLIT) == [80_000, -10_000, 10_000, 0, 5_000, -5_000]
    assert yuan(scenario, *SPLIT, year=2) == [91_000, -21_000, 10_000, 11_000, 5_000, -16_000]


def test_an_event_that_has_ended_causes_no_loss() -> None:
    scenario = ten("7000", WIDER.replace("year: 1", "year: 1, until: 1"), years=2, growth="10%")
    assert yuan(scenario, *SPLIT) == [80_000, -10_000, 10_000, 0, 5_000, -5_000]
    assert yuan(scenario, *SPLIT, year=2) == [81_000, -11_000, 0, 11_000, 0, -11_000]


def test_the_premium_that_follows_the_event_counts_against_it() -> None:
    """Year 1: C/P = 80/70 raises the premium by 10%, the bound; without the event 70/70 leaves it where it is.

    Year 2: S = 77,000 - 91,000 = -14,000 with, 70,000 - 81,000 = -11,000 without. Delta = 3,000, no longer 10,000.
    """
    adjusted = "premium_adjustment: {target: 100%, within: [-10%, +10%]}"
    scenario = ten("7000", WIDER, years=2, growth="10%", more=adjusted)
    assert yuan(scenario, *SPLIT) == [80_000, -10_000, 10_000, 0, 5_000, -5_000]
    assert yuan(scenario, *SPLIT, year=2) == [91_000, -14_000, 3_000, 11_000, 1_500, -12_500]


def test_an_event_of_the_second_year_leaves_the_first_alone() -> None:
    scenario = ten("7000", WIDER.replace("year: 1", "year: 2"), years=2, growth="10%")
    assert yuan(scenario, *SPLIT) == [70_000, 0, 0, 0, 0, 0]
    assert yuan(scenario, *SPLIT, year=2) == [91_000, -21_000, 10_000, 11_000, 5_000, -16_000]


def test_only_replications_in_which_it_happens_have_a_policy_loss() -> None:
    scenario = ten("6500", WIDER.replace("100%", "40%"))
    results = fs.simulate(scenario, n=200)
    happened = draw_events(scenario.terms.events, 1, np.arange(200)).state[:, 0, 0]
    assert 50 < happened.sum() < 110
    assert np.array_equal(results.totals["policy_loss"], np.where(happened, 1_000_000, 0))
    assert np.array_equal(results.totals["other_loss"], np.full(200, 500_000))
