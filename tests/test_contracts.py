"""Contracts against published examples, years worked by hand, and every refusal with its words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from fundsim import contracts
from fundsim.contracts import (
    MEASURES,
    PRESETS,
    BalanceError,
    ContractError,
    ContractTerms,
    ContractYear,
    account,
    settle_year,
)
from fundsim.ledger import Ledger, Party, Posting
from fundsim.money import PerReplication

MILLION = 100_000_000
"""A million yuan in fen."""
P = 100 * MILLION


def terms(**fields: Any) -> ContractTerms:
    return ContractTerms.model_validate(fields)


def millions(*amounts: float) -> list[int]:
    return [round(amount * MILLION) for amount in amounts]


def fen(*amounts: int) -> PerReplication:
    return np.array(amounts, np.int64)


# --- the published examples: 100 million of premium, results by loss ratio, in million yuan --------------------

LOSS_RATIOS = (80, 95, 97, 100, 102, 105, 110, 120)
CLAIMS = [P // 100 * percent for percent in LOSS_RATIOS]
GOLDEN: dict[str, dict[str, list[float]]] = {
    "province-2014": {
        "contract_result": [5, 5, 3, 0, -2, -5, -10, -20],
        "surplus_return": [15, 0, 0, 0, 0, 0, 0, 0],
        "other_loss": [0, 0, 0, 0, 2, 5, 10, 20],
        "other_loss_fund": [0] * 8,
        "policy_loss": [0] * 8,
        "carried": [0] * 8,
        "fund_result": [15, 0, 0, 0, 0, 0, 0, 0],
    },
    "guangzhou": {
        "contract_result": [3, 3, 3, 0, -1, -3.5, -8.5, -18.5],
        "surplus_return": [17, 2, 0, 0, 0, 0, 0, 0],
        "other_loss": [0, 0, 0, 0, 2, 5, 10, 20],
        "other_loss_fund": [0, 0, 0, 0, 1, 1.5, 1.5, 1.5],
        "policy_loss": [0] * 8,
        "carried": [0] * 8,
        "fund_result": [17, 2, 0, 0, -1, -1.5, -1.5, -1.5],
    },
    "shandong": {
        "contract_result": [2, 2, 2, 0, -2, -4, -4, -4],
        "surplus_return": [0] * 8,
        "other_loss": [0, 0, 0, 0, 2, 5, 10, 20],
        "other_loss_fund": [0, 0, 0, 0, 0, 1, 6, 16],
        "policy_loss": [0] * 8,
        "carried": [18, 3, 1, 0, 0, -1, -6, -16],
        "fund_result": [0] * 8,
    },
}


@pytest.mark.parametrize("preset", GOLDEN)
def test_results_by_loss_ratio_to_the_fen(preset: str) -> None:
    result = settle_year(terms(preset=preset), premium=P, claims=fen(*CLAIMS))
    for measure, expected in GOLDEN[preset].items():
        assert getattr(result, measure).tolist() == millions(*expected), measure
    assert result.surplus.tolist() == [P - claims for claims in CLAIMS]
    np.testing.assert_array_equal(result.insurer_result, result.contract_result)
    np.testing.assert_array_equal(result.insurer_keep, np.maximum(result.contract_result, 0))


@pytest.mark.parametrize("preset", GOLDEN)
def test_one_year_from_actual_totals_says_the_same(preset: str) -> None:
    together = settle_year(terms(preset=preset), premium=P, claims=fen(*CLAIMS)).measures()
    for index, claims in enumerate(CLAIMS):
        figures = account(terms(preset=preset), premium=P, claims=claims)
        assert {name: figures[name] for name in MEASURES} == {name: int(together[name][index]) for name in MEASURES}


def test_the_generic_corridor_shares_the_middle_tier() -> None:
    result = settle_year(terms(preset="generic-corridor"), premium=P, claims=fen(*CLAIMS))
    assert result.contract_result.tolist() == millions(5, 5, 3, 0, -2, -5, -7.5, -7.5)
    assert result.other_loss_fund.tolist() == millions(0, 0, 0, 0, 0, 0, 2.5, 12.5)


# --- years worked by hand ---------------------------------------------------------------------------------------

EXPLICIT = {
    "surplus": "fee-explicit",
    "allowance": "5%",
    "accepted": "4%",
    "loss_cause": "policy-and-other",
    "policy_share": "40%",
    "policy_tiers": [{"insurer": "50%"}],
}


def test_fee_explicit_with_cost_below_what_is_accepted() -> None:
    """100 - 85 - 3 = 12: keep 5, return 7; the cost of 3 is paid back, so 5 is profit."""
    result = settle_year(terms(**EXPLICIT), premium=P, claims=85 * MILLION, expense=3 * MILLION)
    assert result.surplus.tolist() == millions(12)
    assert result.insurer_keep.tolist() == millions(5)
    assert result.surplus_return.tolist() == millions(7)
    assert result.insurer_result.tolist() == millions(5)


def test_fee_explicit_with_cost_above_what_is_accepted() -> None:
    """100 - 85 - 4 = 11: keep 5, return 6; 2 of the cost of 6 stays with the insurer."""
    result = settle_year(terms(**EXPLICIT), premium=P, claims=85 * MILLION, expense=6 * MILLION)
    assert result.surplus.tolist() == millions(11)
    assert result.surplus_return.tolist() == millions(6)
    assert result.contract_result.tolist() == millions(5)
    assert result.insurer_result.tolist() == millions(3)


def test_fee_explicit_loss_by_cause() -> None:
    """100 - 105 - 4 = -9: 3.6 policy-caused and halved, 5.4 the insurer's, and 2 of cost not accepted."""
    result = settle_year(terms(**EXPLICIT), premium=P, claims=105 * MILLION, expense=6 * MILLION)
    assert result.policy_loss.tolist() == millions(3.6)
    assert result.policy_loss_fund.tolist() == result.policy_loss_insurer.tolist() == millions(1.8)
    assert result.other_loss.tolist() == result.other_loss_insurer.tolist() == millions(5.4)
    assert result.contract_result.tolist() == millions(-7.2)
    assert result.insurer_result.tolist() == millions(-9.2)
    assert result.fund_result.tolist() == millions(-1.8)


def test_the_policy_share_may_differ_by_replication_and_rounds_half_up() -> None:
    """Half of a loss of 3 fen is 1.5: 2 are policy-caused and the fund's, 1 is the insurer's."""
    contract = terms(
        allowance="5%",
        loss_cause="policy-and-other",
        policy_tiers=[{"insurer": "0%"}],
        other_tiers=[{"insurer": "100%"}],
    )
    result = settle_year(contract, premium=fen(10, 10, 10), claims=13, policy_share=fen(0, 500_000, 1_000_000))
    assert result.policy_loss_fund.tolist() == [0, 2, 3]
    assert result.insurer_result.tolist() == [-3, -1, 0]


def test_the_balance_walks_from_year_to_year_until_the_term_ends() -> None:
    """Shandong, fund closing: 6 owed after 110; 95 repays 3; 90 in the last year repays 3, holds 5, returns them."""
    contract = terms(preset="shandong", closing="fund")
    first = settle_year(contract, premium=P, claims=110 * MILLION)
    second = settle_year(contract, premium=P, claims=95 * MILLION, carried=first.balance)
    third = settle_year(contract, premium=P, claims=90 * MILLION, carried=second.balance, last_year=True)
    term = [first, second, third]
    assert [year.balance.tolist() for year in term] == [millions(-6), millions(-3), [0]]
    assert [year.insurer_result.tolist() for year in term] == [millions(-4), millions(2), millions(2)]
    assert third.surplus_return.tolist() == third.fund_result.tolist() == millions(5)
    assert sum(int(year.carried[0]) for year in term) == 0


def test_without_a_limit_all_running_cost_is_accepted() -> None:
    fields = {**EXPLICIT, "accepted": None}
    result = settle_year(terms(**fields), premium=P, claims=85 * MILLION, expense=6 * MILLION)
    assert result.surplus.tolist() == millions(9)
    assert result.insurer_result.tolist() == millions(5)


def test_contract_and_company_can_differ_in_sign() -> None:
    """An allowance of 5% and a true cost of 6% lose money however good the year."""
    result = settle_year(terms(preset="province-2014", expense="6%"), premium=P, claims=fen(0, 50 * MILLION, P))
    assert result.contract_result.tolist() == millions(5, 5, 0)
    assert result.insurer_result.tolist() == millions(-1, -1, -6)


def test_shandong_with_a_surplus_held_from_before() -> None:
    """Held 5. A loss of 8 draws 5, the insurer bears 3; a loss of 12 draws 5, the insurer bears 4, 3 are owed."""
    result = settle_year(terms(preset="shandong"), premium=P, claims=fen(*millions(90, 108, 112)), carried=5 * MILLION)
    assert result.insurer_result.tolist() == millions(2, -3, -4)
    assert result.other_loss.tolist() == millions(0, 3, 7)
    assert result.other_loss_fund.tolist() == millions(0, 0, 3)
    assert result.carried.tolist() == millions(8, -5, -8)
    assert result.balance.tolist() == millions(13, 0, -3)
    assert result.fund_result.tolist() == [0, 0, 0]


def test_shandong_with_a_deficit_owed_from_before() -> None:
    """Owed 6. An excess of 8 repays 6 and holds 2; an excess of 3 repays 3; a loss of 5 adds the 1 above 4%."""
    result = settle_year(terms(preset="shandong"), premium=P, claims=fen(*millions(90, 95, 105)), carried=-6 * MILLION)
    assert result.insurer_result.tolist() == millions(2, 2, -4)
    assert result.carried.tolist() == millions(8, 3, -1)
    assert result.balance.tolist() == millions(2, -3, -7)
    assert result.ledger.total("repay").tolist() == millions(6, 3, 0)
    assert result.ledger.total("held").tolist() == millions(2, 0, 0)


def test_excess_repays_what_is_owed_before_it_is_returned() -> None:
    result = settle_year(terms(preset="guangzhou"), premium=P, claims=90 * MILLION, carried=-4 * MILLION)
    assert result.surplus_return.tolist() == millions(3)
    assert result.carried.tolist() == millions(4)
    assert result.balance.tolist() == [0]


def test_part_of_the_excess_may_stay_with_the_insurer() -> None:
    """Half of the excess of 15 (通常 100% is returned)."""
    result = settle_year(terms(preset="generic-corridor", return_share="50%"), premium=P, claims=80 * MILLION)
    assert result.insurer_keep.tolist() == millions(12.5)
    assert result.surplus_return.tolist() == millions(7.5)


def test_the_fund_takes_the_remainder_of_a_fen() -> None:
    """Five fen of excess or of loss, halved: 2.5 goes up to 3 for the insurer, and 2 is left for the fund."""
    halved = terms(allowance="0%", return_share="50%", tiers=[{"insurer": "50%"}])
    result = settle_year(halved, premium=100, claims=fen(95, 105))
    assert result.insurer_result.tolist() == [3, -3]
    assert result.fund_result.tolist() == [2, -2]


def test_tiers_round_once_not_once_each() -> None:
    """Two tiers of a quarter of a fen each make half a fen, which goes up to one."""
    two = terms(allowance="0%", tiers=[{"to": "1%", "insurer": "25%"}, {"insurer": "25%"}])
    assert settle_year(two, premium=100, claims=102).insurer_result.tolist() == [-1]


@pytest.mark.parametrize(
    ("closing", "insurer", "fund", "carried", "balance", "other_loss_fund"),
    [
        ("none", [-4, 2], [0, 0], [-9, 8], [-6, 11], [6, 0]),
        ("fund", [-4, 2], [-6, 11], [-3, -3], [0, 0], [6, 0]),
        ("insurer", [-10, 2], [0, 11], [-3, -3], [0, 0], [0, 0]),
    ],
)
def test_the_balance_is_closed_in_the_last_year(
    closing: str,
    insurer: list[int],
    fund: list[int],
    carried: list[int],
    balance: list[int],
    other_loss_fund: list[int],
) -> None:
    """Held 3. A loss of 13 draws 3, the insurer bears 4 and 6 are owed; a surplus of 10 holds 8 more."""
    result = settle_year(
        terms(preset="shandong", closing=closing),
        premium=P,
        claims=fen(*millions(113, 90)),
        carried=3 * MILLION,
        last_year=True,
    )
    assert result.insurer_result.tolist() == millions(*insurer)
    assert result.fund_result.tolist() == millions(*fund)
    assert result.carried.tolist() == millions(*carried)
    assert result.balance.tolist() == millions(*balance)
    assert result.other_loss_fund.tolist() == millions(*other_loss_fund)
    assert result.other_loss.tolist() == millions(10, 0)


def test_the_balance_stays_open_before_the_last_year() -> None:
    result = settle_year(terms(preset="shandong", closing="fund"), premium=P, claims=90 * MILLION)
    assert result.balance.tolist() == millions(8)


# --- running cost ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expense", "fen_expected"),
    [
        ("4%", 4 * MILLION),
        ("1.20 yuan/person", 120 * 3_000_000),
        ("500 万元", 5 * MILLION),
        ("5 million yuan/year", 5 * MILLION),
        ({"share": "1%", "per_person": "1 yuan/person", "total": "1000 yuan"}, MILLION + 300_000_000 + 100_000),
    ],
)
def test_running_cost_is_read_by_its_unit(expense: object, fen_expected: int) -> None:
    contract = terms(preset="guangzhou", expense=expense)
    result = settle_year(contract, premium=P, claims=P, insured=3_000_000)
    assert result.insurer_result.tolist() == [-fen_expected]
    assert result.ledger.balance(Party.SUPPLIERS).tolist() == [fen_expected]


def test_actual_running_cost_replaces_the_stated() -> None:
    contract = terms(preset="guangzhou", expense="1.20 yuan/person")
    assert account(contract, premium=P, claims=P, expense=7)["insurer_result"] == -7


# --- the premium per head ----------------------------------------------------------------------------------------

URBAN, RURAL = {"household": "urban"}, {"household": "rural"}


def test_premium_as_an_amount_a_rate_or_by_trait() -> None:
    assert terms(preset="shandong", premium="33 yuan/person").premium_per_head({}) == 3300
    by_rate = terms(preset="shandong", premium={"rate": "2%", "of": "1200.30 yuan/person"})
    assert by_rate.premium_per_head(URBAN) == 2401  # 24.006 yuan
    assert terms(preset="shandong", premium={"amount": "33 yuan/person"}).premium_per_head({}) == 3300
    province = terms(preset="province-2014")
    assert [province.premium_per_head(traits) for traits in (URBAN, RURAL)] == [2900, 2500]
    assert province.premium_total([(1000, URBAN), (3, RURAL)]) == 1000 * 2900 + 3 * 2500
    mixed = [{"when": URBAN, "rate": "5%", "of": "600 yuan/person"}, {"when": RURAL, "amount": "25 yuan/person"}]
    assert terms(preset="shandong", premium=mixed).premium_total([(1, URBAN), (1, RURAL)]) == 3000 + 2500


def test_a_rate_of_funding_is_rounded_half_up_per_head() -> None:
    half = terms(preset="shandong", premium={"rate": "50%", "of": "0.05 yuan/person"})
    assert half.premium_per_head({}) == 3


@pytest.mark.parametrize(
    ("premium", "traits", "why", "instead"),
    [
        (None, {}, "the contract states no premium", "write premium: 33 yuan/person"),
        (
            [{"when": URBAN, "amount": "29 yuan/person"}],
            RURAL,
            "no premium entry fits the insured with household: rural",
            "there are {household: urban}",
        ),
        ([{"when": URBAN, "amount": "29 yuan/person"}], {}, "the insured with no traits", "add an entry"),
        (
            [{"when": URBAN, "amount": "29 yuan/person"}, {"when": {"age": "old"}, "amount": "25 yuan/person"}],
            {"household": "urban", "age": "old"},
            "2 premium entries fit the insured with household: urban, age: old: {household: urban} and {age: old}",
            "exactly one fits each group",
        ),
    ],
)
def test_each_group_needs_one_premium(premium: object, traits: dict[str, str], why: str, instead: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        terms(preset="shandong", premium=premium).premium_per_head(traits)
    context = caught.value.context or {}
    assert why in context["why"]
    assert instead in context["instead"]


# --- presets -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_reads_names_its_assumptions_and_survives_a_round_trip(name: str) -> None:
    contract = terms(preset=name)
    assert {"zh", "en"} == set(PRESETS[name].title)
    assert contract.assumed
    assert {assumption.field for assumption in contract.assumed} <= set(ContractTerms.model_fields)
    assert ContractTerms.model_validate(contract.model_dump()) == contract
    assert settle_year(contract, premium=P, claims=P).balance.tolist() == [0]


def test_what_guangzhou_does_not_publish_is_listed() -> None:
    assert [assumption.field for assumption in terms(preset="guangzhou").assumed] == ["allowance", "tiers"]
    assert "按3%取值" in terms(preset="guangzhou").assumed[0].why


def test_own_fields_lie_over_the_preset() -> None:
    own = terms(preset="guangzhou", allowance="4%", assumed=[{"field": "covers", "why": "one payer only"}])
    assert own.allowance == 40_000
    assert own.tiers == terms(preset="guangzhou").tiers
    assert [assumption.field for assumption in own.assumed] == ["tiers", "covers"]


def test_a_changed_decision_takes_the_presets_dependent_fields_with_it() -> None:
    own = terms(preset="guangzhou", loss_cause="policy-and-other", policy_tiers=[{"insurer": "50%"}])
    assert own.tiers is None
    assert [assumption.field for assumption in own.assumed] == ["allowance"]


def test_what_is_left_unstated_is_an_assumption_too() -> None:
    contract = terms(allowance="5%", loss_cause="policy-and-other", policy_tiers=[{"insurer": "50%"}])
    assert [assumption.field for assumption in contract.assumptions] == ["expense", "policy_share"]
    stated = terms(preset="guangzhou", expense="4%")
    assert stated.assumptions == stated.assumed


def test_the_grammar_has_a_schema() -> None:
    properties = ContractTerms.model_json_schema()["properties"]
    assert {"type": "string", "examples": ["4%", "1.20 yuan/person", "500 万元"]} in properties["expense"]["anyOf"]
    assert "default" not in properties["allowance"]


# --- refusals of what is written ---------------------------------------------------------------------------------

ANY = {"allowance": "5%", "tiers": [{"insurer": "100%"}]}
CAUSE = {"allowance": "5%", "loss_cause": "policy-and-other", "policy_tiers": [{"insurer": "50%"}]}

REFUSALS: list[tuple[dict[str, Any], tuple[str | int, ...], str, str]] = [
    ({"tiers": []}, ("tiers",), "the list of tiers is empty", "at least one open tier"),
    (
        {"tiers": [{"to": "4%", "insurer": "100%"}]},
        ("tiers", 0, "to"),
        "the last tier ends at 4%, so nobody bears a larger loss",
        "leave `to` out of the last tier",
    ),
    (
        {"tiers": [{"insurer": "100%"}, {"insurer": "0%"}]},
        ("tiers", 0),
        "tier 1 has no upper end, but it is not the last",
        "give it its end",
    ),
    (
        {"tiers": [{"to": "8%", "insurer": "100%"}, {"to": "4%", "insurer": "50%"}, {"insurer": "0%"}]},
        ("tiers", 1, "to"),
        "tier 2 ends at 4%, before the tier above it ends (8%): the tiers overlap or are not in rising order",
        "this one ending above 8%",
    ),
    (
        {"tiers": [{"to": "4%", "insurer": "100%"}, {"to": "4%", "insurer": "50%"}, {"insurer": "0%"}]},
        ("tiers", 1, "to"),
        "tier 2 is empty: it begins and ends at 4% of the premium",
        "this one ending above 4%",
    ),
    (
        {"tiers": [{"to": "0%", "insurer": "100%"}, {"insurer": "0%"}]},
        ("tiers", 0, "to"),
        "tier 1 is empty: it begins and ends at 0%",
        "this one ending above 0%",
    ),
    ({"tiers": [{"insurer": "50"}]}, ("tiers", 0, "insurer"), "'50' has no unit", "write 50%"),
    ({"tiers": None}, ("tiers",), "does not say who bears a loss", "write tiers: "),
    (
        {"policy_share": "30%"},
        ("policy_share",),
        "policy_share is given, but with loss_cause: any",
        "leave policy_share out",
    ),
    (
        {"policy_tiers": [{"insurer": "50%"}]},
        ("policy_tiers",),
        "does not ask what caused a loss",
        "or write loss_cause: policy-and-other",
    ),
    ({"other_tiers": [{"insurer": "50%"}]}, ("other_tiers",), "other_tiers is given", "leave other_tiers out"),
    (
        {**CAUSE, "tiers": [{"insurer": "50%"}]},
        ("tiers",),
        "each cause has its own tiers",
        "write policy_tiers and other_tiers instead of tiers",
    ),
    (
        {**CAUSE, "tiers": None, "policy_tiers": None},
        ("policy_tiers",),
        "does not say who bears a policy-caused one",
        "write policy_tiers: [{insurer: 50%}]",
    ),
    ({"accepted": "4%"}, ("accepted",), "only where the surplus is fee-explicit", "write surplus: fee-explicit"),
    ({"preset": "guangzu"}, ("preset",), "there is no preset 'guangzu'", "did you mean guangzhou? Known presets: "),
    ({"preset": "xyz"}, ("preset",), "there is no preset 'xyz'", "write one of province-2014, guangzhou, shandong"),
    ({"expense": "5"}, ("expense", "total"), "'5' has no unit", "write 5 yuan"),
    ({"premium": "33"}, ("premium", "amount"), "'33' has no unit", "write 33 yuan/person"),
    ({"premium": []}, ("premium", "by-trait"), "the list by trait has no entries", "write entries such as"),
    (
        {"premium": {"amount": "33 yuan/person", "rate": "2%"}},
        ("premium", "formula", "amount"),
        "given both as an amount and as a rate",
        "keep either amount, or rate and of",
    ),
    (
        {"premium": [{"when": URBAN, "amount": "33 yuan/person", "of": "1200 yuan/person"}]},
        ("premium", "by-trait", 0, "amount"),
        "given both as an amount and as a rate",
        "keep either amount",
    ),
    ({"premium": {}}, ("premium", "formula"), "neither as an amount nor as a rate", "or rate: 2% and of:"),
    (
        {"premium": {"rate": "2%"}},
        ("premium", "formula", "rate"),
        "the premium is a rate, but not of what",
        "add the basic funding",
    ),
    (
        {"premium": {"of": "1200 yuan/person"}},
        ("premium", "formula", "of"),
        "names basic funding, but no rate of it",
        "add the rate",
    ),
]


@pytest.mark.parametrize(("fields", "place", "why", "instead"), REFUSALS)
def test_refusals_say_where_why_and_what_instead(
    fields: dict[str, Any], place: tuple[str | int, ...], why: str, instead: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        terms(**{**ANY, **fields})
    [error] = caught.value.errors()
    assert error["loc"] == place
    assert why in error["msg"]
    assert instead in error["ctx"]["instead"]


def test_a_missing_allowance_is_asked_for() -> None:
    with pytest.raises(ValidationError) as caught:
        terms(tiers=[{"insurer": "100%"}])
    [error] = caught.value.errors()
    assert error["loc"] == ("allowance",)
    assert "does not say what the insurer may keep" in error["msg"]
    assert error["ctx"]["instead"] == "write allowance: 5%, or name a preset"


def test_an_unknown_preset_hides_no_second_complaint_about_what_it_would_have_brought() -> None:
    with pytest.raises(ValidationError) as caught:
        terms(preset="guangzu")
    assert [error["loc"] for error in caught.value.errors()] == [("preset",)]


def test_all_faults_are_reported_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        terms(**ANY, accepted="4%", policy_share="30%", policy_tiers=[{"insurer": "1%"}])
    assert [error["loc"] for error in caught.value.errors()] == [("accepted",), ("policy_share",), ("policy_tiers",)]


# --- refusals of what is settled ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"policy_share": 300_000}, r"does not ask what caused a loss \(loss_cause: any\)"),
        ({"premium": fen(1, 2, 3)}, "claims has 2 entries|premium has 3 entries, the claims have 2"),
        ({"claims": fen(5, -6)}, "claims is negative in replication 1: -6"),
        ({"claims": np.array([1.0, 2.0])}, "claims is 1-dimensional float64; give an int64 array"),
        ({"expense": 1.5}, "expense is 1-dimensional float64; give an int64 array"),
        ({"expense": -1}, "expense is negative in replication 0: -1"),
        ({"carried": -(10**17)}, "carried is larger than any fund in replication 0: -1"),
        ({"insured": fen(1, 2, 3)}, "insured has 3 entries, the claims have 2"),
        ({"medical": Ledger.empty(3)}, "the medical ledger has 3 replications, the year has 2"),
        (
            {"medical": Ledger.empty(2).post("bill", Party.INSURER, Party.PROVIDERS, fen(1, 1))},
            "the medical ledger has postings of insurer; leave those to the contract",
        ),
    ],
)
def test_facts_that_cannot_be_settled(facts: dict[str, Any], words: str) -> None:
    with pytest.raises(ContractError, match=words):
        settle_year(terms(**ANY), **{"premium": fen(10, 10), "claims": fen(5, 6), **facts})


def test_totals_of_one_year_are_refused_without_naming_a_replication() -> None:
    with pytest.raises(ContractError, match="claims is negative: -5"):
        account(terms(**ANY), premium=P, claims=-5)


def test_a_policy_share_lies_between_nothing_and_all() -> None:
    with pytest.raises(ContractError, match="policy_share is above 1,000,000 ppm"):
        settle_year(terms(**CAUSE), premium=P, claims=P, policy_share=1_000_001)


def test_cost_per_person_needs_the_number_insured() -> None:
    with pytest.raises(ContractError, match="stated per person; give the number of insured, or the expense"):
        account(terms(**ANY, expense="1 yuan/person"), premium=P, claims=P)


def test_account_refuses_a_policy_share_where_the_cause_is_not_asked() -> None:
    with pytest.raises(ContractError, match="give no policy share"):
        account(terms(preset="guangzhou"), premium=P, claims=P, policy_share=500_000)


def test_account_by_cause() -> None:
    figures = account(terms(**CAUSE), premium=P, claims=110 * MILLION, policy_share=300_000)
    assert figures["policy_loss"] == 3 * MILLION
    assert figures["policy_loss_fund"] == 150_000_000
    assert figures["loss_ratio"] == 1.1
    assert list(figures)[:4] == ["premium", "claims_paid", "loss_ratio", "surplus"]


def test_without_a_premium_there_is_no_loss_ratio() -> None:
    figures = account(terms(**ANY), premium=0, claims=5)
    assert figures["loss_ratio"] is None
    assert figures["insurer_result"] == -5


# --- the ledger of a year, and books that do not balance ---------------------------------------------------------


def test_the_bills_other_payments_stay_in_the_ledger_and_out_of_the_results() -> None:
    medical = (
        Ledger.empty(1)
        .post("bill", Party.PATIENTS, Party.PROVIDERS, fen(40))
        .post("subsidy", Party.TREASURY, Party.BASIC_FUND, fen(60))
    )
    contract = terms(preset="shandong", clause="第九条")
    result = settle_year(contract, premium=100, claims=90, medical=medical)
    assert result.ledger.balance(Party.PATIENTS).tolist() == [-40]
    assert result.ledger.balance(Party.PROVIDERS).tolist() == [130]
    assert result.ledger.balance(Party.BASIC_FUND).tolist() == [-40]
    assert result.fund_result.tolist() == [0]
    assert result.ledger.imbalance().tolist() == [0]
    assert {posting.clause for posting in result.ledger.postings} == {None, "第九条"}


def test_results_cannot_be_written_to() -> None:
    result = settle_year(terms(**ANY), premium=fen(10), claims=fen(5))
    with pytest.raises(ValueError, match="read-only"):
        result.balance[0] = 1


class Skimming:
    """A clause that moves a fen out of the contract's account after everybody had their part."""

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        return ledger.post("skim", Party.CONTRACT_ACCOUNT, Party.SUPPLIERS, np.ones_like(year.claims))


class Leaking:
    """A clause whose transfer leaves its payer and reaches nobody."""

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        class OneSided(Posting):
            def effect_on(self, party: str) -> PerReplication:
                return -self.amount * (party == self.payer)

        return ledger.with_posting(OneSided("leak", Party.INSURER, Party.SUPPLIERS, year.claims))


@pytest.mark.parametrize(
    ("clause", "first", "words"),
    [
        (Leaking(), False, "the balances of all parties do not sum to zero: -90 fen in replication 0"),
        (Skimming(), False, "the contract account is not empty: -1 fen in replication 0"),
        (Skimming(), True, "surplus is not what was kept, returned, shared and carried: 1 fen in replication 0"),
    ],
)
def test_a_clause_that_loses_money_is_caught(
    monkeypatch: pytest.MonkeyPatch, clause: contracts.Clause, first: bool, words: str
) -> None:
    wrong = {"wrong": lambda _: clause}
    known = contracts.CLAUSES
    monkeypatch.setattr(contracts, "CLAUSES", {**wrong, **known} if first else {**known, **wrong})
    with pytest.raises(BalanceError, match=words):
        settle_year(terms(**ANY), premium=100, claims=90)
