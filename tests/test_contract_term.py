"""Contracts over their whole term: three years worked by hand for every preset, and each rule of the term by itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from fundsim import contracts
from fundsim.contracts import (
    CLAUSES,
    MEASURES,
    PRESETS,
    BalanceError,
    ContractError,
    ContractTerms,
    ContractYear,
    TermResult,
    YearFacts,
    account,
    policy_deltas,
    settle_term,
    settle_year,
)
from fundsim.ledger import Ledger, Party
from fundsim.money import PerReplication

MILLION = 100_000_000
"""A million yuan in fen."""


def terms(**fields: Any) -> ContractTerms:
    return ContractTerms.model_validate(fields)


def fen(*yuan: float) -> PerReplication:
    return np.array([round(each * 100) for each in yuan], np.int64)


def millions(*amounts: float) -> list[int]:
    return [round(amount * MILLION) for amount in amounts]


def year(premium: float, claims: float | list[float], **facts: Any) -> YearFacts:
    """A year of a million heads, amounts in million yuan; a list of claims for several replications."""
    amounts = claims if isinstance(claims, list) else [claims]
    return YearFacts(
        insured=1_000_000, base_premium=round(premium * MILLION), claims=np.array(millions(*amounts)), **facts
    )


def by_year(result: TermResult, measure: str) -> list[int]:
    """A figure of the only replication, year by year."""
    return [int(getattr(each, measure)[0]) for each in result.years]


# --- three years of every preset, to the fen ------------------------------------------------------------------------
#
# 33 yuan a head, paid on 3,000,000 budgeted heads every year, running cost 2% of the premium where there is an insurer.
#
#   year      heads            premium           claims              P − C        cost
#      1  3,000,000      99,000,000.00   104,500,000.01      −5,500,000.01   1,980,000
#      2  3,010,000      99,330,000.00    91,234,567.89      +8,095,432.11   1,986,600
#      3  2,990,000      98,670,000.00    96,666,666.67      +2,003,333.33   1,973,400

HEADS = (3_000_000, 3_010_000, 2_990_000)
CLAIMS = (104_500_000.01, 91_234_567.89, 96_666_666.67)
THREE_YEARS = [
    YearFacts(insured=heads, base_premium=heads * 3300, claims=fen(claims), budgeted=3_000_000)
    for heads, claims in zip(HEADS, CLAIMS, strict=True)
]

WORKED: dict[str, tuple[dict[str, Any], dict[str, tuple[float, float, float]]]] = {
    # Year 1: 30% of the loss is policy-caused, 1,650,000.003 rounded; insurer and fund bear half of it each,
    # the insurer the other 3,850,000.01 alone. Year 2: 5% is 4,966,500, the rest is returned. Year 3: 5% would be
    # 4,933,500, all of the surplus is kept.
    "province-2014": (
        {"policy_share": "30%", "expense": "2%"},
        {
            "policy_loss": (1_650_000.00, 0, 0),
            "policy_loss_fund": (825_000.00, 0, 0),
            "other_loss_insurer": (3_850_000.01, 0, 0),
            "insurer_keep": (0, 4_966_500.00, 2_003_333.33),
            "surplus_return": (0, 3_128_932.11, 0),
            "carried": (0, 0, 0),
            "insurer_result": (-6_655_000.01, 2_979_900.00, 29_933.33),
            "fund_result": (-825_000.00, 3_128_932.11, 0),
        },
    ),
    # Year 1: half of the first 3%, 2,970,000, and all of the 2,530,000.01 beyond it are the insurer's.
    # Year 2: 3% is 2,979,900. Year 3: 3% would be 2,960,100.
    "guangzhou": (
        {"expense": "2%"},
        {
            "other_loss_insurer": (4_015_000.01, 0, 0),
            "other_loss_fund": (1_485_000.00, 0, 0),
            "insurer_keep": (0, 2_979_900.00, 2_003_333.33),
            "surplus_return": (0, 5_115_532.11, 0),
            "carried": (0, 0, 0),
            "insurer_result": (-5_995_000.01, 993_300.00, 29_933.33),
            "fund_result": (-1_485_000.00, 5_115_532.11, 0),
        },
    ),
    # Year 1: 4%, 3,960,000, is the insurer's; 1,540,000.01 is owed to it. Year 2: 2% is 1,986,600; of 6,108,832.11
    # beyond it 1,540,000.01 repays what is owed and 4,568,832.10 is held. Year 3: 2% is 1,973,400; 29,933.33 is
    # held too, and all that is held, 4,598,765.43, goes to the fund.
    "shandong": (
        {"expense": "2%", "closing": "fund"},
        {
            "other_loss_insurer": (3_960_000.00, 0, 0),
            "other_loss_fund": (1_540_000.01, 0, 0),
            "insurer_keep": (0, 1_986_600.00, 1_973_400.00),
            "surplus_return": (0, 0, 4_598_765.43),
            "carried": (-1_540_000.01, 6_108_832.11, -4_568_832.10),
            "balance": (-1_540_000.01, 4_568_832.10, 0),
            "insurer_result": (-5_940_000.00, 0, 0),
            "fund_result": (0, 0, 4_598_765.43),
        },
    ),
    # The cost is accepted. Year 1: 7,480,000.01 is lost, 40% of it policy-caused: 2,992,000.004 rounded, halved.
    # Year 2: of 6,108,832.11 the insurer keeps 5%, 4,966,500. Year 3: 29,933.33 is left and kept.
    "shanghai": (
        {"policy_share": "40%", "expense": "2%"},
        {
            "surplus": (-7_480_000.01, 6_108_832.11, 29_933.33),
            "policy_loss": (2_992_000.00, 0, 0),
            "policy_loss_fund": (1_496_000.00, 0, 0),
            "other_loss_insurer": (4_488_000.01, 0, 0),
            "surplus_return": (0, 1_142_332.11, 0),
            "carried": (0, 0, 0),
            "insurer_result": (-5_984_000.01, 4_966_500.00, 29_933.33),
            "fund_result": (-1_496_000.00, 1_142_332.11, 0),
        },
    ),
    # Year 1: all of 5%, 4,950,000, and half of 550,000.01 beyond it: 5,225,000.005 goes up. Then as province-2014.
    "generic-corridor": (
        {"expense": "2%"},
        {
            "other_loss_insurer": (5_225_000.01, 0, 0),
            "other_loss_fund": (275_000.00, 0, 0),
            "insurer_keep": (0, 4_966_500.00, 2_003_333.33),
            "surplus_return": (0, 3_128_932.11, 0),
            "carried": (0, 0, 0),
            "insurer_result": (-7_205_000.01, 2_979_900.00, 29_933.33),
            "fund_result": (-275_000.00, 3_128_932.11, 0),
        },
    ),
    # The fund bears the loss and has the surplus.
    "self-run": (
        {},
        {
            "other_loss_fund": (5_500_000.01, 0, 0),
            "surplus_return": (0, 8_095_432.11, 2_003_333.33),
            "carried": (0, 0, 0),
            "insurer_result": (0, 0, 0),
            "fund_result": (-5_500_000.01, 8_095_432.11, 2_003_333.33),
        },
    ),
}


def test_every_preset_has_its_three_years() -> None:
    assert set(WORKED) == set(PRESETS)


@pytest.mark.parametrize("preset", WORKED)
def test_three_years_by_hand_to_the_fen(preset: str) -> None:
    own, expected = WORKED[preset]
    result = settle_term(terms(preset=preset, **own), THREE_YEARS)
    assert by_year(result, "premium") == fen(99_000_000, 99_330_000, 98_670_000).tolist()
    for measure, amounts in expected.items():
        assert by_year(result, measure) == fen(*amounts).tolist(), measure
    for measure in set(expected) - {"balance"}:
        assert result.measures()[measure].tolist() == [sum(fen(*expected[measure]).tolist())]
    assert result.balance.tolist() == [0]
    assert result.years_settled.tolist() == [3]
    assert not result.terminated.any()


@pytest.mark.parametrize("preset", WORKED)
def test_the_true_up_settles_budgeted_heads_afterwards(preset: str) -> None:
    """Paid 99,000,000 each year: 330,000 too little in year 2, settled in year 3; as much too much, settled at last."""
    result = settle_term(terms(preset=preset), THREE_YEARS)
    paid_now = [each.ledger.total("premium", payer=Party.BASIC_FUND) for each in result.years]
    assert np.array(paid_now).ravel().tolist() == fen(99_000_000, 99_000_000, 98_670_000).tolist()
    ahead = [int(each.ledger.total("premium_ahead")[0]) for each in result.years]
    assert ahead == fen(0, 0, 330_000).tolist()
    trued_up = [int(each.ledger.total("premium_true_up", payer=Party.BASIC_FUND)[0]) for each in result.years]
    assert trued_up == fen(0, 0, 330_000).tolist()
    assert result.closing.total("premium_true_up", payer=Party.PREMIUM_RECEIVABLE).tolist() == fen(330_000).tolist()
    by_heads = settle_term(terms(preset=preset), [unbudgeted(fact) for fact in THREE_YEARS])
    for measure in MEASURES:
        assert by_year(result, measure) == by_year(by_heads, measure)


def unbudgeted(fact: YearFacts) -> YearFacts:
    return YearFacts(insured=fact.insured, base_premium=fact.base_premium, claims=fact.claims)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_plain_term_is_its_years_settled_one_after_the_other(preset: str) -> None:
    """Posting by posting: a contract without rules for the term is settled as single years always were."""
    contract = terms(preset=preset, carried="-20 万元")
    result = settle_term(contract, [unbudgeted(fact) for fact in THREE_YEARS])
    carried: PerReplication | None = None
    for number, (fact, settled) in enumerate(zip(THREE_YEARS, result.years, strict=True)):
        single = settle_year(
            contract,
            premium=fact.base_premium,
            claims=fact.claims,
            insured=fact.insured,
            carried=carried,
            last_year=number == 2,
        )
        carried = single.balance
        pairs = list(zip(settled.ledger.postings, single.ledger.postings, strict=True))
        assert [(a.label, a.payer, a.payee, a.amount.tolist()) for a, _ in pairs] == [
            (b.label, b.payer, b.payee, b.amount.tolist()) for _, b in pairs
        ]
    assert result.closing.postings == ()
    assert result.cash is None


def test_the_year_of_before_has_no_posting_of_the_rules_of_the_term() -> None:
    labels = [each.label for each in settle_year(terms(preset="shandong"), premium=100, claims=90).ledger.postings]
    assert labels == [
        "premium", "claims_paid", "running_cost", "insurer_keep", "repay", "held", "draw",
        "policy_loss_insurer", "policy_loss_fund", "other_loss_insurer", "other_loss_fund",
    ]  # fmt: skip


# --- policy loss: settled again, beside a stated share -----------------------------------------------------------
#
# 3,000,000 heads at 33 yuan, in million yuan: P = 99. Policy-caused losses are halved, all others the insurer's.

SHARE = terms(preset="province-2014", policy_share="30%")
AGAIN = terms(preset="province-2014", policy_loss="counterfactual")


@pytest.mark.parametrize(
    ("premium", "claims", "without", "delta", "policy_loss", "by_share", "insurer", "insurer_by_share"),
    [
        # A wider catalogue cost 4; 99 − 104 = −5, it would have been −1. Policy loss 4, halved: 2 + 1 = 3.
        (99, 104, (99, 100), 4, 4, 1.5, -3, -4.25),
        # It cost 9, and turned a surplus of 4 into a loss of 5: all of that is policy loss, and no more than that.
        (99, 104, (99, 95), 9, 5, 1.5, -2.5, -4.25),
        # It saved money: prices were cut, 106 would have been paid. No policy loss, where a stated share finds some.
        (99, 104, (99, 106), -2, 0, 1.5, -5, -4.25),
        # A widening that brought 10 yuan a head, 30 in all, and cost 24: 99 − 107 = −8 became 129 − 131 = −2.
        # It improved the result and is no policy loss; the stated share takes 0.6 of somebody's bad luck for policy.
        (129, 131, (99, 107), -6, 0, 0.6, -2, -1.7),
        # The same money for a widening that cost 33: −8 became 129 − 140 = −11. Only the 3 beyond it are policy loss.
        (129, 140, (99, 107), 3, 3, 3.3, -9.5, -9.35),
    ],
)
def test_policy_loss_by_settling_again_and_by_a_stated_share(
    premium: float,
    claims: float,
    without: tuple[float, float],
    delta: float,
    policy_loss: float,
    by_share: float,
    insurer: float,
    insurer_by_share: float,
) -> None:
    facts, before = [year(premium, claims)], [year(*without)]
    assert [each.tolist() for each in policy_deltas(AGAIN, facts, before)] == [millions(delta)]
    again, stated = settle_term(AGAIN, facts, without=before), settle_term(SHARE, facts)
    assert by_year(again, "policy_loss") == millions(policy_loss)
    assert by_year(again, "insurer_result") == millions(insurer)
    assert by_year(stated, "policy_loss") == millions(by_share)
    assert by_year(stated, "insurer_result") == millions(insurer_by_share)
    assert by_year(again, "surplus") == by_year(stated, "surplus")


def test_what_held_surplus_pays_is_no_policy_loss() -> None:
    """Held 3, a loss of 5 that policy caused: L' = 2 is all there is to divide."""
    contract = terms(preset="province-2014", policy_loss="counterfactual", carried="3 million yuan", closing="fund")
    result = settle_year(contract, premium=99 * MILLION, claims=104 * MILLION, policy_loss_delta=5 * MILLION)
    assert result.policy_loss.tolist() == millions(2)
    assert result.other_loss.tolist() == [0]
    assert result.ledger.total("draw").tolist() == millions(3)


def test_without_the_events_the_premium_of_later_years_is_another_too() -> None:
    """An epidemic in year 1 raises the premium of year 2: there the events have helped.

    Target 95%. Without: 95 of 100 every year, the premium stays, S = 5. With: 104.5 in year 1, which is 10% above the
    target, so the premium rises to 110 and S = −4.5, then 15. Deltas 9.5 and −10; policy loss 4.5, then none.
    """
    adjusted = terms(
        preset="province-2014",
        policy_loss="counterfactual",
        premium_adjustment={"target": "95%", "weight": "100%", "within": ["-20%", "+20%"]},
    )
    facts, without = [year(100, 104.5), year(100, 95)], [year(100, 95), year(100, 95)]
    assert [int(each[0]) for each in policy_deltas(adjusted, facts, without)] == millions(9.5, -10)
    result = settle_term(adjusted, facts, without=without)
    assert by_year(result, "policy_loss") == millions(4.5, 0)
    assert by_year(result, "premium") == millions(100, 110)


def test_a_contract_that_ends_early_is_compared_with_the_whole_term() -> None:
    """Without the events the contract would not have ended; with them it does in year 1, and only that year counts."""
    ending = terms(preset="province-2014", policy_loss="counterfactual", termination={"loss": "5%"})
    facts, without = [year(100, 106), year(100, 106)], [year(100, 101), year(100, 90)]
    result = settle_term(ending, facts, without=without)
    assert by_year(result, "policy_loss") == millions(5, 0)
    assert result.terminated.all()


def test_without_the_events_the_contract_is_compared_to_the_end_of_its_term() -> None:
    """Cheaper prices in year 1 saved the contract, which would have ended; year 2 would have lost 1, and lost 4."""
    ending = terms(preset="province-2014", policy_loss="counterfactual", termination={"loss": "5%"})
    facts, without = [year(100, 101), year(100, 104)], [year(100, 106), year(100, 101)]
    assert [int(each[0]) for each in policy_deltas(ending, facts, without)] == millions(-5, 3)
    assert by_year(settle_term(ending, facts, without=without), "policy_loss") == millions(0, 3)


def test_a_share_found_case_by_case_can_still_be_given_for_a_year() -> None:
    """No second settlement exists of an actual year; the parties agree on a share."""
    assert account(AGAIN, premium=100, claims=110, policy_share=300_000)["policy_loss"] == 3
    assert account(AGAIN, premium=100, claims=110)["policy_loss"] == 0


def test_settling_again_takes_the_presets_share_away() -> None:
    assert AGAIN.policy_share is None
    assert [each.field for each in AGAIN.assumptions] == ["allowance", "policy_tiers", "expense"]
    assert terms(preset="province-2014", policy_loss="stated-share").policy_share == 0


# --- the yearly adjustment of the premium --------------------------------------------------------------------------

ADJUSTED = {"premium_adjustment": {"target": "95%", "weight": "50%", "within": ["-5%", "+10%"]}}


def test_the_premium_follows_the_loss_ratio_within_bounds() -> None:
    """Three replications over three years of base premiums 99,000,000, 99,330,000 and 98,670,000.

    First: 104,500,000.01 / 99,000,000 / 95% − 1 = 11.1111111...%, half of it 55,555.6 ppm, so 1.055556.
    99,330,000 x 1.055556 = 104,848,377.48; claims of 80,000,000 are far below, −5% bounds: 1.055556 x 0.95 =
    1.0027782, kept as 1.002778, and 98,670,000 x 1.002778 = 98,944,105.26.
    Second: on target, 94,050,000, nothing changes; then 118% of it, +9%, within bounds. Third: +10% twice.
    """
    claims = [
        fen(104_500_000.01, 94_050_000, 150_000_000),
        fen(80_000_000, 111_348_930, 150_000_000),
        fen(0, 0, 0),
    ]
    facts = [
        YearFacts(insured=3_000_000, base_premium=base * 100, claims=each)
        for base, each in zip((99_000_000, 99_330_000, 98_670_000), claims, strict=True)
    ]
    result = settle_term(terms(preset="guangzhou", **ADJUSTED), facts)
    assert [each.tolist() for each in result.premium_factors] == [
        [1_000_000, 1_000_000, 1_000_000],
        [1_055_556, 1_000_000, 1_100_000],
        [1_002_778, 1_090_000, 1_210_000],
    ]
    assert result.years[1].premium.tolist() == fen(104_848_377.48, 99_330_000, 109_263_000).tolist()
    assert result.years[2].premium.tolist() == fen(98_944_105.26, 107_550_300, 119_390_700).tolist()


def test_a_year_without_a_premium_says_nothing_about_the_next() -> None:
    result = settle_term(terms(preset="guangzhou", **ADJUSTED), [year(0, 5), year(100, 95)])
    assert result.premium_factors[1].tolist() == [1_000_000]


def test_a_nations_premium_is_adjusted_exactly() -> None:
    """90 billion yuan in fen x ppm x ppm does not fit in 64 bits: 1 + (90/95 − 1)/2 = 0.97368421."""
    facts = [year(100_000, 90_000), year(100_000, 0)]
    result = settle_term(terms(preset="guangzhou", **ADJUSTED), facts)
    assert result.premium_factors[1].tolist() == [973_684]


# --- held surplus, and the end of the term -------------------------------------------------------------------------


def test_held_surplus_draws_first_or_joins_the_funds() -> None:
    """Held 8, P = 100 at 2%. Year 1, claims 103: draws 3, 5 stay held, the insurer has nothing; or 8 join, 5 are left,
    the insurer keeps 2 and 3 are held. Year 2, claims 99: it keeps 1, 5 stay; or 3 join, it keeps 2 and 2 are held.
    At the end the fund gets 5, or 2."""
    own = {"preset": "shandong", "carried": "8 million yuan", "closing": "fund"}
    facts = [year(100, 103), year(100, 99)]
    first, joins = settle_term(terms(**own), facts), settle_term(terms(**own, held="joins-funds"), facts)
    assert by_year(first, "insurer_result") == millions(0, 1)
    assert by_year(first, "balance") == millions(5, 0)
    assert by_year(first, "surplus_return") == millions(0, 5)
    assert by_year(joins, "insurer_result") == millions(2, 2)
    assert by_year(joins, "balance") == millions(3, 0)
    assert by_year(joins, "surplus_return") == millions(0, 2)
    assert by_year(joins, "surplus") == by_year(first, "surplus") == millions(-3, 1)
    assert by_year(joins, "carried") == millions(-5, -3)


def test_what_joined_is_not_drawn_a_second_time() -> None:
    """Held 8 join; P + 8 − 115 = −7: the insurer's 4% and 3 owed, none of it drawn from what is gone."""
    contract = terms(preset="shandong", carried="8 million yuan", held="joins-funds")
    result = settle_term(contract, [year(100, 115), year(100, 98)])
    assert by_year(result, "other_loss_insurer") == millions(4, 0)
    assert by_year(result, "balance") == millions(-3, -3)
    assert not result.years[0].ledger.total("draw").any()


# --- performance retention ------------------------------------------------------------------------------------------

GRADES = [
    {"from": "90", "release": "100%"},
    {"from": "80", "release": "90%"},
    {"from": "60", "release": "70%"},
    {"from": "0", "release": "0%"},
]
RETENTION = {"retention": {"share": "5%", "grades": GRADES}}


@pytest.mark.parametrize(
    ("score", "forfeited"),
    [(100_00, 0), (90_00, 0), (89_99, 0.5), (80_00, 0.5), (79_99, 1.5), (60_00, 1.5), (59_99, 5), (0, 5)],
)
def test_the_score_decides_what_of_the_retention_is_forfeited(score: int, forfeited: float) -> None:
    """5% of 100 is held back; the insurer keeps its 3% of a surplus of 10, and loses the rest of 5 to the fund."""
    result = settle_year(terms(preset="guangzhou", **RETENTION), premium=P100, claims=90 * MILLION, score=score)
    assert result.retention_forfeited.tolist() == millions(forfeited)
    assert result.insurer_result.tolist() == millions(3 - forfeited)
    assert result.fund_result.tolist() == millions(7 + forfeited)
    assert result.surplus.tolist() == millions(10)
    assert result.contract_result.tolist() == millions(3)


P100 = 100 * MILLION


def test_scores_differ_by_replication_and_the_fund_takes_the_remainder_of_a_fen() -> None:
    """5% of 10.10 yuan is 50.5 fen, 51 held back; 70% of that is 35.7, 36 released, 15 forfeited; 90%: 46 and 5.
    Of 5 fen held back 90% is 4.5: all 5 are released."""
    premium, scores = np.array([1010, 1010, 1010, 100]), np.array([60_00, 85_50, 95_00, 85_00])
    result = settle_year(terms(preset="guangzhou", **RETENTION), premium=premium, claims=premium, score=scores)
    assert result.retention_forfeited.tolist() == [15, 5, 0, 0]


def test_a_run_takes_the_expected_score() -> None:
    expected = {"retention": {**RETENTION["retention"], "score": "85"}}
    stated, unstated = terms(preset="guangzhou", **expected), terms(preset="guangzhou", **RETENTION)
    assert [account(each, premium=P100, claims=P100)["retention_forfeited"] for each in (stated, unstated)] == [50e6, 0]
    assert [each.assumptions[-1].field for each in (stated, unstated)] == ["expense", "retention"]


def test_each_year_of_a_term_has_its_own_score() -> None:
    facts = [year(100, 90, score=70_00), year(100, 90), year(100, 90, score=0)]
    result = settle_term(terms(preset="guangzhou", **RETENTION), facts)
    assert by_year(result, "retention_forfeited") == millions(1.5, 0, 5)


# --- late claims and the backlog -----------------------------------------------------------------------------------


def test_late_claims_are_borne_in_their_year_and_paid_in_the_next() -> None:
    """8% of 90 and of 96: the account bears all, hospitals get 82.8, then 88.32 + 7.2, and 7.68 after the term."""
    late = terms(preset="guangzhou", reporting={"late": "8%"})
    facts = [year(100, 90), year(100, 96)]
    result, at_once = settle_term(late, facts), settle_term(terms(preset="guangzhou"), facts)
    for measure in MEASURES:
        assert by_year(result, measure) == by_year(at_once, measure)
    hospitals = [int(each.ledger.balance(Party.PROVIDERS)[0]) for each in result.years]
    assert hospitals == millions(82.8, 95.52)
    assert [int(each.ledger.balance(Party.RESERVE)[0]) for each in result.years] == millions(7.2, 0.48)
    assert result.closing.total("outstanding_paid").tolist() == millions(7.68)


@pytest.mark.parametrize("backlog", ["7000 万元", "87.5%"])
def test_the_backlog_must_be_paid_in_the_first_year(backlog: str) -> None:
    """70 on top of 80: S = 200 − 150 = 50, and the year after as if nothing had been."""
    contract = terms(preset="guangzhou", reporting={"backlog": backlog})
    result = settle_term(contract, [year(200, 80), year(200, 80)])
    assert by_year(result, "claims_paid") == millions(150, 80)
    assert by_year(result, "surplus") == millions(50, 120)


# --- instalments and the insurer's cash ----------------------------------------------------------------------------


def months(*amounts: float) -> PerReplication:
    return np.array([millions(*amounts)], np.int64)


EVEN = months(*[9] * 12)
BUNCHED = months(*[6] * 9, *[18] * 3)


def in_cash(result: TermResult) -> list[float]:
    assert result.cash is not None
    return [amount / MILLION for amount in result.cash.balance.ravel().tolist()]


def test_a_good_year_can_run_out_of_cash() -> None:
    """Loss ratio 90%, and yet 11 months below zero: 60% of 120 come in September, the rest in December.

    9 a month go out: −72 by August, −72 + 72 − 9 = −9 in September, −27 in November; then 48 come in: 12 are left.
    """
    contract = terms(preset="guangzhou", instalments=[{"month": "9", "share": "60%"}, {"month": "12", "share": "40%"}])
    result = settle_term(contract, [year(120, 108, claims_by_month=EVEN)])
    assert in_cash(result) == [-9, -18, -27, -36, -45, -54, -63, -72, -9, -18, -27, 12]
    assert result.cash is not None
    assert result.cash.lowest.tolist() == millions(-72)
    assert result.cash.months_below_zero.tolist() == [11]
    assert by_year(result, "insurer_result") == result.cash.after.tolist() == millions(3.6)


def test_claims_that_bunch_in_the_fourth_quarter_run_it_dry_then() -> None:
    """Half of 120 in January, half in December. Even: below zero from July, −39 in November. Bunched: 60 − 54 = 6 at
    the end of September, then −12 and −30."""
    contract = terms(preset="guangzhou", instalments=[{"month": "1", "share": "50%"}, {"month": "12", "share": "50%"}])
    even = settle_term(contract, [year(120, 108, claims_by_month=EVEN)])
    bunched = settle_term(contract, [year(120, 108, claims_by_month=BUNCHED)])
    assert in_cash(even)[5:] == [6, -3, -12, -21, -30, -39, 12]
    assert in_cash(bunched)[8:] == [6, -12, -30, 12]
    assert even.cash is not None
    assert bunched.cash is not None
    assert [each.months_below_zero.tolist() for each in (even.cash, bunched.cash)] == [[5], [2]]
    assert [each.lowest.tolist() for each in (even.cash, bunched.cash)] == [millions(-39), millions(-30)]


def test_two_years_of_cash_by_hand() -> None:
    """All rules at once, in million yuan; P = 120, C = 108 = 12 x 9, cost 2.4 = 12 x 0.2, paid in January.

    Year 1 is paid on 29 heads of 30: 116, of which 5% = 5.8 is held back: 110.2 come in. 10% of the claims, 10.8, are
    late: December's 9 and 1.8 of November's. So 101 in January, 9.2 less each month, 18.2 in October, then −7.2 − 0.2
    and −0.2: 10.6. The year: S = 12, kept 3.6, returned 8.4; a score of 85 forfeits 10% of 6: 0.6. The insurer has
    3.6 − 2.4 − 0.6 = 0.6.
    Year 2: 120 − 6 = 114 come in, and 3.6 of the late claims go out in each of three months; in March the year before
    is settled: 4 of premium due + 5.8 held back − 8.4 − 0.6 = 0.8. So 111.8, 99, 87; 9.2 less to 22.6 in October,
    15.2, 15. After the term: 6 held back − 9 − 10.8 of late claims: 1.2 are left, twice 0.6.
    """
    contract = terms(
        preset="guangzhou",
        expense="2%",
        instalments=[{"month": "1", "share": "100%"}],
        reporting={"late": "10%"},
        retention={"share": "5%", "grades": GRADES, "score": "85"},
    )
    facts = [
        YearFacts(insured=30, base_premium=120 * MILLION, claims=fen(108e6), claims_by_month=EVEN, budgeted=heads)
        for heads in (29, 30)
    ]
    result = settle_term(contract, facts)
    assert by_year(result, "insurer_result") == millions(0.6, 0.6)
    first = [101, 91.8, 82.6, 73.4, 64.2, 55, 45.8, 36.6, 27.4, 18.2, 10.8, 10.6]
    second = [111.8, 99, 87, 77.8, 68.6, 59.4, 50.2, 41, 31.8, 22.6, 15.2, 15]
    assert in_cash(result) == first + second
    assert result.cash is not None
    assert result.cash.after.tolist() == millions(1.2)
    assert result.cash.months_below_zero.tolist() == [0]


def test_cash_begins_with_what_was_held_and_pays_the_backlog_over_its_months() -> None:
    """Held 8 from before, 12 of backlog over two months, 9 of claims a month, 120 in February."""
    contract = terms(
        preset="shandong",
        carried="8 million yuan",
        reporting={"backlog": "12 million yuan", "paid_within": "2"},
        instalments=[{"month": "2", "share": "100%"}],
    )
    result = settle_term(contract, [year(120, 108, claims_by_month=EVEN)])
    assert in_cash(result)[:4] == [-7, 98, 89, 80]
    assert result.cash is not None
    assert result.cash.after.tolist() == millions(8)  # 120 − 120 = 0: nothing earned, 8 still held


def test_no_fen_is_lost_between_instalments() -> None:
    thirds = (("2", "33.3333%"), ("4", "33.3333%"), ("6", "33.3334%"))
    contract = terms(preset="self-run", instalments=[{"month": month, "share": share} for month, share in thirds])
    nothing = np.zeros((1, 12), np.int64)
    result = settle_term(contract, [YearFacts(insured=1, base_premium=100, claims=0, claims_by_month=nothing)])
    assert result.cash is not None
    assert result.cash.balance.ravel().tolist() == [0, 33, 33, 67, 67, *[100] * 7]


# --- early termination ---------------------------------------------------------------------------------------------

ENDING = terms(preset="shandong", closing="fund", termination={"loss_years": "2 years", "loss": "10%"})


def test_a_contract_ends_after_stated_losses() -> None:
    """Four replications of three years: a loss of 10% at once; two smaller ones in a row; one, none, one; 9.99%.

    The first ends with year 1: the insurer bears 4, 6 are owed and paid by the fund at once. The second ends with
    year 2: 2 and 1 are the insurer's. The others last three years.
    """
    facts = [
        year(100, [110, 102, 102, 109.99]),
        year(100, [90, 101, 90, 90]),
        year(100, [90, 90, 102, 90]),
    ]
    result = settle_term(ENDING, facts)
    assert result.years_settled.tolist() == [1, 2, 3, 3]
    assert result.terminated.tolist() == [True, True, False, False]
    assert result.years[0].fund_result.tolist() == millions(-6, 0, 0, 0)
    assert result.years[0].balance.tolist() == millions(0, 0, 0, -5.99)
    assert result.years[1].insurer_result.tolist() == millions(0, -1, 2, 2)
    for measure, amounts in result.years[1].measures().items():
        assert amounts[0] == 0, measure
    for measure, amounts in result.years[2].measures().items():
        assert amounts[:2].tolist() == [0, 0], measure
    # The third has held 8 and drawn 2; the fourth is repaid 5.99, and holds 2.01 + 8.
    assert result.years[2].surplus_return.tolist() == millions(0, 0, 6, 10.01)
    assert result.balance.tolist() == [0, 0, 0, 0]
    assert result.measures()["insurer_result"].tolist() == millions(-4, -3, 0, 0)


def test_losses_count_in_a_row() -> None:
    """Two losses with a good year between them do not end it, and what ends with the term has not ended early."""
    facts = [year(100, [102, 90]), year(100, [90, 90]), year(100, [102, 102]), year(100, [90, 102])]
    assert settle_term(ENDING, facts).years_settled.tolist() == [4, 4]


def test_where_nothing_closes_the_balance_it_stays_open_where_the_contract_ended() -> None:
    contract = terms(preset="shandong", termination={"loss": "10%"})
    result = settle_term(contract, [year(100, [110, 100]), year(100, [90, 110])])
    assert result.years[1].balance.tolist() == millions(0, -6)
    assert result.balance.tolist() == millions(-6, -6)
    assert result.terminated.tolist() == [True, False]


def test_what_an_ended_contract_leaves_is_settled_at_once_and_its_cash_stops() -> None:
    """Ends with year 1, half of its heads unpaid for: 50 due, 11 of late claims, and no month of year 2."""
    contract = terms(
        preset="guangzhou",
        termination={"loss": "10%"},
        reporting={"late": "10%"},
        instalments=[{"month": "1", "share": "100%"}],
    )
    facts = [
        year(100, total, claims_by_month=months(*[0] * 11, total), budgeted=heads)
        for total, heads in ((110, 500_000), (90, 1_000_000))
    ]
    result = settle_term(contract, facts)
    assert result.years_settled.tolist() == [1]
    assert not any(posting.amount.any() for posting in result.years[1].ledger.postings)
    assert result.closing.total("premium_true_up").tolist() == millions(50)
    assert result.closing.total("outstanding_paid").tolist() == millions(11)
    assert result.cash is not None
    assert in_cash(result) == [*[50] * 11, -49, *[0] * 12]
    assert result.cash.lowest.tolist() == millions(-49)
    assert result.cash.after.tolist() == millions(-8.5)
    assert result.cash.settled.tolist() == [[True, False]]


# --- what does not fit ---------------------------------------------------------------------------------------------

CASH = {"preset": "guangzhou", "instalments": [{"month": "1", "share": "100%"}]}

WRONG: list[tuple[dict[str, Any], Callable[[], list[YearFacts]], str]] = [
    ({"preset": "guangzhou"}, list, "the term has no years"),
    ({"preset": "guangzhou"}, lambda: [year(1, 1, score=1)], "holds nothing back until an assessment"),
    (
        {"preset": "guangzhou"},
        lambda: [year(1, 1, policy_loss_delta=1)],
        "does not settle again without policy-caused events",
    ),
    ({"preset": "guangzhou"}, lambda: [year(1, 1, policy_share=1)], "does not ask what caused a loss"),
    ({"preset": "guangzhou"}, lambda: [year(1, 1, budgeted=-1)], "budgeted is negative"),
    ({"preset": "guangzhou"}, lambda: [year(1, [1, 1]), year(1, 1)], "claims has 1 entries, the claims have 2"),
    ({"preset": "guangzhou", **RETENTION}, lambda: [year(1, 1, score=100_01)], "a score lies between 0 and 100"),
    (CASH, lambda: [year(1, 108, claims_by_month=EVEN + 1)], "adds up to \\+12 fen beside the year's claims"),
    (CASH, lambda: [year(1, 108, claims_by_month=EVEN[:, :6])], "claims_by_month is 1 x 6 int64; give 1 x 12"),
    (CASH, lambda: [year(1, 108, claims_by_month=EVEN - EVEN[:, ::-1] * 2)], "a month below zero"),
]


@pytest.mark.parametrize(("own", "facts", "words"), WRONG)
def test_facts_that_do_not_fit_are_refused(
    own: dict[str, Any], facts: Callable[[], list[YearFacts]], words: str
) -> None:
    with pytest.raises(ContractError, match=words):
        settle_term(terms(**own), facts())


def test_both_settlements_need_the_same_years() -> None:
    with pytest.raises(ContractError, match="2 years are given with the policy-caused events, 1 without"):
        settle_term(AGAIN, [year(1, 1)] * 2, without=[year(1, 1)])


class Forgetful:
    """A clause that leaves a fen with a party whose account must be empty after the term."""

    def __init__(self, party: Party) -> None:
        self.party = party

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        return ledger.post("forgotten", Party.PROVIDERS, self.party, np.ones_like(year.claims))


@pytest.mark.parametrize(
    ("party", "words"),
    [
        (Party.PREMIUM_RECEIVABLE, "premium is still owed after the term: 2 fen in replication 0"),
        (Party.RISK_ADJUSTMENT, "cash is not what was earned and carried"),
    ],
)
def test_books_of_the_term_that_do_not_balance_are_caught(
    monkeypatch: pytest.MonkeyPatch, party: Party, words: str
) -> None:
    forgetful = Forgetful(party)
    monkeypatch.setattr(contracts, "CLAUSES", {**CLAUSES, "wrong": lambda _: forgetful})
    monkeypatch.setattr("fundsim.contracts.result._check", lambda _: None)
    months = np.zeros((1, 12), np.int64)
    with pytest.raises(BalanceError, match=words):
        settle_term(terms(**CASH), [YearFacts(insured=1, base_premium=9, claims=0, claims_by_month=months)] * 2)
