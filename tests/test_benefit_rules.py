"""Benefit rules beyond deductible, bands and cap: each worked by hand, and settled by both engines."""

from __future__ import annotations

from typing import Any

import pytest

from fundsim.benefits.payer import Payer
from fundsim.benefits.schedule import Traits, compile_plan
from test_settlement import bill, plan, settle, total

TIANJIN: dict[str, Any] = {
    "deductible": "20000 yuan",
    "bands_from": "zero",
    "bands": [{"to": "100000 yuan", "pay": "50%"}, {"to": "200000 yuan", "pay": "60%"}, {"pay": "70%"}],
    "cost_limit": "300000 yuan/year",
}


@pytest.mark.parametrize(
    ("own", "paid"),
    [
        ("20000", 0),
        ("100000", 40_000),
        ("200000", 100_000),
        ("300000", 170_000),
        ("300000.01", 170_000),
        ("900000", 170_000),
    ],
)
def test_cost_above_the_limit_is_not_considered(own: str, paid: int) -> None:
    scheme = plan({"cii": TIANJIN})
    assert total(scheme, bill(scheme, own)) == paid * 100


def test_the_limit_holds_for_the_year_not_for_the_bill() -> None:
    scheme = plan({"cii": TIANJIN})
    # 250,000: 40,000 + 60,000 + 35,000 = 135,000; the next 100,000 are considered up to 300,000: 50,000 x 70%.
    first, second = settle(scheme, bill(scheme, "250000"), bill(scheme, "100000"))
    assert (first.paid("cii"), second.paid("cii")) == (135_000_00, 35_000_00)


CHANGDE_BANDS = [
    {"to": "30000 yuan", "pay": "60%"},
    {"to": "80000 yuan", "pay": "70%"},
    {"to": "150000 yuan", "pay": "80%"},
    {"pay": "90%"},
]
POOR = {"when": {"hardship": "poor"}, "pay": "+5pp"}
UNREFERRED = {"when": {"referral": "not-referred"}, "pay": "x0.95"}
CHANGDE_TRAITS = {"hardship": ["none", "poor"], "referral": ["referred", "not-referred"]}


@pytest.mark.parametrize(
    ("variants", "case", "paid"),
    [
        ([POOR, UNREFERRED], {}, 109_000_00),  # 18,000 + 35,000 + 56,000
        ([POOR, UNREFERRED], {"referral": "not-referred"}, 103_550_00),  # 109,000 x 0.95
        ([POOR, UNREFERRED], {"hardship": "poor"}, 116_500_00),  # 109,000 + 5% of 150,000
        ([POOR, UNREFERRED], {"hardship": "poor", "referral": "not-referred"}, 110_675_00),  # 116,500 x 0.95
        ([UNREFERRED, POOR], {"hardship": "poor", "referral": "not-referred"}, 111_050_00),  # 103,550 + 7,500
    ],
)
def test_a_factor_reduces_what_the_variants_before_it_made(
    variants: list[dict[str, Any]], case: dict[str, str], paid: int
) -> None:
    scheme = plan({"cii": {"bands": CHANGDE_BANDS, "variants": variants}}, CHANGDE_TRAITS)
    assert total(scheme, bill(scheme, "150000", **case)) == paid


def test_a_factor_that_no_rate_can_hold_is_refused() -> None:
    terms = {
        "cii": Payer.model_validate({"base": {"counts": {"A": "100%"}}, "pay": "33.3333%", "variants": [UNREFERRED]})
    }
    _, faults = compile_plan(["cii"], terms, Traits({"referral": ("referred", "not-referred")}))
    assert [fault.why for fault in faults] == ["the rate becomes 31.666635% for the class (not-referred), by variant 1"]


def test_half_the_deductible_is_half_of_whatever_stands_there() -> None:
    halved = {"when": {"hardship": "poor"}, "deductible": "x0.5"}
    for deductible, half in (("30404 yuan", 15_202_00), ("0.03 yuan", 2), ("none", 0)):
        scheme = plan(
            {"cii": {"deductible": deductible, "pay": "60%", "variants": [halved]}}, {"hardship": ["none", "poor"]}
        )
        assert scheme.payer("cii").classes[1].deductible == half


def test_a_ceiling_clips_rates_after_all_variants() -> None:
    up = {"when": {"hardship": "poor"}, "pay": "+10pp"}
    down = {"when": {"referral": "not-referred"}, "pay": "-10pp"}
    terms = {"pay": "95%", "ceiling": "100%", "variants": [up, down]}
    scheme = plan({"cii": terms}, CHANGDE_TRAITS)
    assert total(scheme, bill(scheme, "1000", hardship="poor")) == 1_000_00  # 105%, clipped
    # 105% is not clipped before the reduction: 95%, not 90%.
    assert total(scheme, bill(scheme, "1000", hardship="poor", referral="not-referred")) == 950_00


ABOVE_CAP = {"base": {"counts": {}, "adds": ["cut by cap of basic"]}, "pay": "70%"}


def test_cost_above_the_cap_of_basic_insurance_is_a_base_of_its_own() -> None:
    basic = {"pay": "80%", "cap": "100000 yuan/year"}
    left = {"base": {"counts": {"A": "100%"}, "less": ["paid by basic", "cut by cap of basic"]}, "pay": "50%"}
    scheme = plan({"basic": basic, "above-cap": ABOVE_CAP, "cii": {**left, "deductible": "18000 yuan"}})
    first, second = settle(scheme, bill(scheme, "100000"), bill(scheme, "50000"))
    # First: basic 80,000; nothing is cut; 20,000 are left, 2,000 above the deductible.
    assert [first.paid(name) for name in scheme.names] == [80_000_00, 0, 1_000_00]
    # Second: due 40,000, of which the cap leaves 20,000 and cuts 20,000; what the patient owes in any case is 10,000.
    assert [second.paid(name) for name in scheme.names] == [20_000_00, 14_000_00, 5_000_00]
    assert second.patient_pays == 11_000_00


def test_one_cap_holds_for_two_payers_together() -> None:
    shared = {"base": {"counts": {"A": "100%"}}, "cap": "1000 yuan/year"}
    scheme = plan(
        {
            "one": {**shared, "pay": "40%", "cap_shared_with": ["two"]},
            "two": {**shared, "pay": "50%", "cap_shared_with": ["one"]},
        },
        covers=("one", "two"),
    )
    first, second, third = settle(scheme, *[bill(scheme, "1000")] * 3)
    # 400, then half of the 600 that are left; then 300 of room: all of it goes to the first in the waterfall.
    assert [first.paid("one"), first.paid("two")] == [400_00, 300_00]
    assert [second.paid("one"), second.paid("two")] == [300_00, 0]
    assert [third.paid("one"), third.paid("two")] == [0, 0]
    assert second.lines[1].cut == 350_00


GUARANTEE = {"accumulate": "admission", "pay": "90%", "tops_up": ["basic", "aid"]}


def test_a_guarantee_tops_others_up_and_never_pays_twice() -> None:
    scheme = plan(
        {"basic": {"pay": "60%", "cap": "900 yuan/year"}, "aid": {"pay": "50%"}, "guarantee": GUARANTEE},
        covers=("guarantee",),
    )
    first, second = settle(scheme, bill(scheme, "1000"), bill(scheme, "1000"))
    # 600 + 200 = 800; 90% of the whole bill are 900.
    assert [first.paid(name) for name in scheme.names] == [600_00, 200_00, 100_00]
    # 300 + 350 = 650, and 250 to 900.
    assert [second.paid(name) for name in scheme.names] == [300_00, 350_00, 250_00]


def test_a_guarantee_that_is_met_already_pays_nothing() -> None:
    scheme = plan({"basic": {"pay": "95%"}, "aid": {"pay": "0%"}, "guarantee": GUARANTEE}, covers=("guarantee",))
    (statement,) = settle(scheme, bill(scheme, "1000"))
    assert statement.paid("guarantee") == 0
    assert statement.lines[2].topped == 900_00


def test_a_guarantee_pays_no_more_than_is_left() -> None:
    scheme = plan(
        {"basic": {"pay": "60%"}, "aid": {"pay": "0%"}, "other": {"pay": "90%"}, "guarantee": GUARANTEE},
        covers=("guarantee",),
    )
    (statement,) = settle(scheme, bill(scheme, "1000"))  # 600, then 360 of 400 from one that is not topped up
    assert statement.paid("guarantee") == 40_00
    assert statement.lines[3].limit == "left"


HOSPITAL = {
    "base": {"counts": {"C": "100%"}},
    "accumulate": "admission",
    "above_share": "5%",
    "pay": "100%",
    "variants": [{"when": {"level": "higher"}, "above_share": "8%"}],
}


@pytest.mark.parametrize(
    ("cost", "level", "paid"),
    [
        (("6000", "3000", "1000"), "one", 500_00),  # 1,000 less 5% of 10,000
        (("6000", "3000", "1000"), "higher", 200_00),  # less 8%
        (("9000", "800", "200"), "one", 0),  # 2% of the bill
        (("0", "0", "0.11"), "one", 10),  # 0.1045, half up
    ],
)
def test_off_catalogue_cost_above_a_share_of_the_bill_is_the_hospitals(
    cost: tuple[str, str, str], level: str, paid: int
) -> None:
    scheme = plan({"hospital": HOSPITAL}, {"level": ["one", "higher"]}, covers=("hospital",))
    assert total(scheme, bill(scheme, cost, level=level), payer="hospital") == paid
