"""Settlement against published examples and cases worked by hand; each is settled by both engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from fundsim import kernels
from fundsim.benefits.batch import Settled, settle_people
from fundsim.benefits.compiled import compile_plans
from fundsim.benefits.payer import Payer
from fundsim.benefits.schedule import Plan, Traits, compile_plan
from fundsim.benefits.settlement import Bill, Given, Statement, settle_person
from fundsim.money import parse_yuan
from fundsim.statements import SettlementError, compare

ALL = {"A": "100%", "B": "100%", "C": "100%"}
PLACES = ["local", "province-referred", "province-unreferred", "outside-referred", "outside-unreferred"]


def plan(
    payers: Mapping[str, Mapping[str, Any]], traits: Mapping[str, Sequence[str]] | None = None, **options: Any
) -> Plan:
    """Compile a small scheme, written as in a scenario file."""
    terms = {name: Payer.model_validate({"base": {"counts": ALL}, **payer}) for name, payer in payers.items()}
    values = Traits({name: tuple(choices) for name, choices in (traits or {}).items()})
    compiled, faults = compile_plan(list(payers), terms, values, **options)
    assert not faults, faults
    return compiled


def bill(
    plan: Plan, amount: str | tuple[str, str, str], given: Mapping[str, tuple[str, str]] | None = None, **case: str
) -> Bill:
    """One bill, amounts in yuan; one amount alone is cost A."""
    costs = (amount, "0", "0") if isinstance(amount, str) else amount
    a, b, c = map(parse_yuan, costs)
    paid = {payer: Given(parse_yuan(p), parse_yuan(d)) for payer, (p, d) in (given or {}).items()}
    return Bill(plan.traits.number(case), (a, b, c), given=paid)


def compiled(plan: Plan, bills: Sequence[Bill], *, annual: bool = False) -> Settled:
    """Settle one person's bills by the kernel."""
    paid = np.full((len(bills), len(plan.payers)), -1, np.int64)
    deductible = np.zeros_like(paid)
    for row, each in enumerate(bills):
        for payer, given in each.given.items():
            place = plan.names.index(payer)
            paid[row, place], deductible[row, place] = given.paid, given.deductible
    return settle_people(
        compile_plans([plan]),
        0,
        np.array([0, len(bills)], np.int64),
        np.array([(b.in_policy_left, 0, 0) if annual else b.cost for b in bills], np.int64).reshape(-1, 3),
        np.array([b.case for b in bills], np.int64),
        np.array([b.payable for b in bills], np.int64),
        annual=annual,
        paid=paid,
        deductible=deductible,
    )


def settle(plan: Plan, *bills: Bill) -> tuple[Statement, ...]:
    """Settle by both engines, which must agree to the fen."""
    statements = settle_person(plan, bills)
    compare(plan, statements, compiled(plan, bills, annual=bills[0].in_policy_left is not None))
    return statements


def total(plan: Plan, *bills: Bill, payer: str = "cii") -> int:
    return sum(statement.paid(payer) for statement in settle(plan, *bills))


QINZHOU: dict[str, Any] = {
    "deductible": "6000 yuan",
    "bands": [
        {"to": "20000 yuan", "pay": "50%"},
        {"to": "40000 yuan", "pay": "60%"},
        {"to": "60000 yuan", "pay": "70%"},
        {"pay": "80%"},
    ],
    "cap": "500000 yuan/year",
    "variants": [
        {"when": {"place": "province-referred"}, "pay": "-5pp"},
        {"when": {"place": "province-unreferred"}, "pay": "-10pp"},
        {"when": {"place": "outside-referred"}, "pay": "50%"},
        {"when": {"place": "outside-unreferred"}, "pay": "40%"},
        {"when": {"hardship": "poor"}, "deductible": "3000 yuan", "pay": "+10pp"},
    ],
}


@pytest.fixture(scope="module")
def qinzhou() -> Plan:
    return plan({"cii": QINZHOU}, {"hardship": ["none", "poor"], "place": PLACES})


# --- Qinzhou 2017 ----------------------------------------------------------------------------------------------------

POINTS = ("6000", "10000", "26000", "46000", "66000", "100000", "200000", "700000")
ORDINARY = ("0", "2000", "10000", "22000", "36000", "63200", "143200", "500000")
POOR = ("1800", "4200", "14100", "28400", "44700", "75300", "165300", "500000")


@pytest.mark.parametrize(("base", "pays"), list(zip(POINTS, ORDINARY, strict=True)))
def test_qinzhou_ordinary(qinzhou: Plan, base: str, pays: str) -> None:
    assert total(qinzhou, bill(qinzhou, base)) == parse_yuan(pays)


@pytest.mark.parametrize(("base", "pays"), list(zip(POINTS, POOR, strict=True)))
def test_qinzhou_poor(qinzhou: Plan, base: str, pays: str) -> None:
    assert total(qinzhou, bill(qinzhou, base, hardship="poor")) == parse_yuan(pays)


@pytest.mark.parametrize(
    ("case", "base", "pays"),
    [
        ({"place": "outside-referred"}, "10000", "2000"),
        ({"place": "outside-referred"}, "100000", "47000"),
        ({"place": "outside-unreferred"}, "100000", "37600"),
        ({"place": "outside-referred", "hardship": "poor"}, "10000", "4200"),  # 60% above 3,000
        ({"place": "province-referred"}, "26000", "9000"),
        ({"place": "province-unreferred"}, "26000", "8000"),
        ({}, "70000.37", "39200.30"),  # 39,200.296
        ({}, "6000.01", "0.01"),  # half a fen goes up
    ],
)
def test_qinzhou_away_from_home_and_to_the_fen(qinzhou: Plan, case: dict[str, str], base: str, pays: str) -> None:
    assert total(qinzhou, bill(qinzhou, base, **case)) == parse_yuan(pays)


def test_qinzhou_two_bills_in_either_order(qinzhou: Plan) -> None:
    home, away = bill(qinzhou, "40000", place="local"), bill(qinzhou, "40000", place="outside-unreferred")
    assert total(qinzhou, home, away) == parse_yuan("34400.00")
    assert total(qinzhou, away, home) == parse_yuan("42400.00")


def test_qinzhou_b_and_c_count_in_part() -> None:
    scheme = plan({"cii": QINZHOU | {"base": {"counts": {"A": "100%", "B": "85%", "C": "70%"}}, "variants": []}})
    (statement,) = settle(scheme, bill(scheme, ("20000", "10000", "10000")))
    assert statement.lines[0].base == parse_yuan("35500")
    assert statement.lines[0].paid == parse_yuan("10000") + parse_yuan("5700")
    assert statement.patient_pays == parse_yuan("24300")


def test_a_wrong_curve_is_seen(qinzhou: Plan) -> None:
    """The comparison of the engines can fail: with one rate of the kernel a millionth higher, it does."""
    bands = [{"to": "20000 yuan", "pay": "50.0001%"}, *QINZHOU["bands"][1:]]
    wrong = plan({"cii": QINZHOU | {"bands": bands}}, {"hardship": ["none", "poor"], "place": PLACES})
    below, above = [bill(qinzhou, "6000")], [bill(qinzhou, "26000")]
    compare(qinzhou, settle_person(qinzhou, below), compiled(wrong, below))
    with pytest.raises(
        SettlementError, match=r"bill 1, cii: base, deductible and payment are \(.*1000000\) in the read"
    ):
        compare(qinzhou, settle_person(qinzhou, above), compiled(wrong, above))


# --- other places ----------------------------------------------------------------------------------------------------


def test_shandong_2014_official_example() -> None:
    """300,000 in all, 270,000 in policy, 100,000 paid by basic insurance: 45,000 and 42,000."""
    scheme = plan(
        {
            "basic": {"base": {"counts": {"A": "100%"}}, "pay": "50%"},
            "cii": {
                "base": {"counts": {"A": "100%"}, "less": ["paid by basic"]},
                "bands_from": "zero",
                "deductible": "10000 yuan",
                "bands": [{"to": "100000 yuan", "pay": "50%"}, {"pay": "60%"}],
                "cap": "200000 yuan/year",
            },
        }
    )
    a_bill = bill(scheme, ("270000", "0", "30000"), given={"basic": ("100000", "0")})
    (statement,) = settle(scheme, a_bill)
    assert statement.lines[1].base == parse_yuan("170000")
    assert [piece.due for piece in statement.lines[1].slices] == [0, 45_000_00 * 10**6, 42_000_00 * 10**6]
    assert statement.paid("cii") == parse_yuan("87000")
    assert statement.patient_pays == parse_yuan("113000")


@pytest.mark.parametrize(
    ("base", "pays"), [("100000", "40000"), ("200000", "100000"), ("300000", "170000"), ("1000000", "170000")]
)
def test_tianjin_2014_considers_costs_up_to_300_000(base: str, pays: str) -> None:
    bands = [("100000 yuan", "50%"), ("200000 yuan", "60%"), ("300000 yuan", "70%"), (None, "0%")]
    scheme = plan({"cii": _absolute("20000 yuan", bands)})
    assert total(scheme, bill(scheme, base)) == parse_yuan(pays)


@pytest.mark.parametrize(
    ("base", "pays"), [("30000", "9900"), ("100000", "58900"), ("200000", "138900"), ("900000", "300000")]
)
def test_yulin_2026_first_layer(base: str, pays: str) -> None:
    bands = [("30000 yuan", "60%"), ("100000 yuan", "70%"), (None, "80%")]
    scheme = plan({"cii": _absolute("13500 yuan", bands) | {"cap": "300000 yuan"}})
    assert total(scheme, bill(scheme, base)) == parse_yuan(pays)


def _absolute(deductible: str, bands: list[tuple[str | None, str]]) -> dict[str, Any]:
    return {
        "bands_from": "zero",
        "deductible": deductible,
        "bands": [{"pay": pay} if to is None else {"to": to, "pay": pay} for to, pay in bands],
    }


@pytest.mark.parametrize(
    ("hardship", "base", "pays"),
    [
        ("none", "20000", "7552.05"),
        ("none", "56269", "27500"),
        ("none", "106269", "60000"),
        ("poor", "20000", "10119"),
        ("poor", "56269", "32193.80"),
        ("poor", "106269", "67507.20"),
    ],
)
def test_yutian_2021(hardship: str, base: str, pays: str) -> None:
    scheme = plan(
        {
            "cii": {
                "deductible": "6269 yuan",
                "bands": [{"to": "50000 yuan", "pay": "55%"}, {"to": "100000 yuan", "pay": "65%"}, {"pay": "75%"}],
                "variants": [{"when": {"hardship": "poor"}, "deductible": "3135 yuan", "pay": "+5pp"}],
            }
        },
        {"hardship": ["none", "poor"]},
    )
    assert total(scheme, bill(scheme, base, hardship=hardship)) == parse_yuan(pays)


@pytest.mark.parametrize(("hardship", "pays"), [("none", "109000"), ("poor", "116500")])
def test_changde_without_its_multiplicative_reduction(hardship: str, pays: str) -> None:
    bands = [("30000 yuan", "60%"), ("80000 yuan", "70%"), ("150000 yuan", "80%"), (None, "90%")]
    terms = {
        "deductible": "10000 yuan",
        "bands": [{"pay": pay} if to is None else {"to": to, "pay": pay} for to, pay in bands],
        "variants": [{"when": {"hardship": "poor"}, "pay": "+5pp"}],
    }
    scheme = plan({"cii": terms}, {"hardship": ["none", "poor"]})
    assert total(scheme, bill(scheme, "160000", hardship=hardship)) == parse_yuan(pays)


# --- readings --------------------------------------------------------------------------------------------------------


def test_rounding_per_bill_does_not_telescope_and_cumulative_does() -> None:
    half = {"cii": {"pay": "50%"}}
    per_bill, cumulative = plan(half), plan(half, cumulative_rounding=True)
    ten = [bill(per_bill, "0.01")] * 10
    assert total(per_bill, *ten) == 10
    assert total(per_bill, bill(per_bill, "0.10")) == 5
    assert total(cumulative, *ten) == total(cumulative, bill(cumulative, "0.10")) == 5


def test_a_trait_that_changes_during_the_year_moves_to_the_other_curve_from_that_bill_on(qinzhou: Plan) -> None:
    """6,000 absorbed as ordinary; then poor: F(16,000) − F(6,000) of the curve above 3,000, at 60%."""
    ordinary, poor = bill(qinzhou, "6000"), bill(qinzhou, "10000", hardship="poor")
    first, second = settle(qinzhou, ordinary, poor)
    assert first.paid("cii") == 0
    assert second.paid("cii") == parse_yuan("6000")
    assert second.lines[0].deductible == 0


def test_the_cap_is_of_the_year_and_of_the_bill_at_hand() -> None:
    scheme = plan({"cii": {"pay": "100%", "cap": "1000 yuan"}})
    first, second, third = settle(scheme, *[bill(scheme, "600")] * 3)
    assert [s.paid("cii") for s in (first, second, third)] == [600_00, 400_00, 0]
    assert [s.lines[0].limit for s in (first, second, third)] == [None, "cap", "cap"]


def test_each_admission_has_its_own_deductible_where_the_base_does_not_accumulate() -> None:
    scheme = plan({"cii": {"pay": "50%", "deductible": "100 yuan", "accumulate": "admission"}})
    assert [s.paid("cii") for s in settle(scheme, *[bill(scheme, "300")] * 2)] == [100_00, 100_00]


def test_a_payer_takes_no_more_than_is_left() -> None:
    scheme = plan({"first": {"pay": "80%"}, "cii": {"pay": "80%"}})
    (statement,) = settle(scheme, bill(scheme, "100"))
    assert [line.paid for line in statement.lines] == [80_00, 16_00]  # the base of the second is what is left, 20


def test_uncovered_classes_get_nothing_and_do_not_accumulate() -> None:
    terms = {"pay": "100%", "deductible": "100 yuan", "only": [{"place": "here"}]}
    scheme = plan({"cii": terms}, {"place": ["here", "there"]})
    away, home = bill(scheme, "500", place="there"), bill(scheme, "500", place="here")
    assert [s.paid("cii") for s in settle(scheme, away, home)] == [0, 400_00]


def test_in_policy_left_is_the_base_of_the_covered_payer_itself() -> None:
    scheme = plan({"basic": {"pay": "50%"}, "cii": QINZHOU | {"variants": []}, "aid": {"pay": "10%"}})
    (statement,) = settle(scheme, Bill(0, in_policy_left=parse_yuan("70000.37")))
    assert [line.payer for line in statement.lines] == ["cii", "aid"]
    assert statement.paid("cii") == parse_yuan("39200.30")
    assert statement.paid("aid") == parse_yuan("3080.01")  # a tenth of the 30,800.07 that are left


def test_the_kernel_as_plain_python_gives_the_same(qinzhou: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the compiler the kernel is the same arithmetic on Python's own terms."""
    bills = [bill(qinzhou, "40000"), bill(qinzhou, "33333.33", place="outside-referred"), bill(qinzhou, "999999.99")]
    by_machine = compiled(qinzhou, bills)
    monkeypatch.setattr(kernels, "settle_bill", kernels.settle_bill.py_func)
    monkeypatch.setattr(kernels, "settle_people", kernels.settle_people.py_func)
    by_hand = compiled(qinzhou, bills)
    for column in ("paid", "deductible", "base", "left"):
        assert np.array_equal(getattr(by_machine, column), getattr(by_hand, column))
    compare(qinzhou, settle_person(qinzhou, bills), by_hand)
