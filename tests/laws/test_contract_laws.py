"""Laws that every contract and every clause must keep, on random terms and random years."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fundsim.contracts import CLAUSES, MEASURES, PRESETS, ContractTerms, ContractYear, YearResult, settle_year
from fundsim.contracts.tiers import Tier, insurer_part
from fundsim.ledger import Ledger, Party
from fundsim.money import PPM, PerReplication, half_up, share

NATION = 10**13
"""A hundred billion yuan in fen, a nation's premium."""

rates = st.one_of(st.sampled_from([0, 1, 333_333, 500_000, PPM]), st.integers(0, PPM))
amounts = st.one_of(st.integers(0, 1_000), st.integers(0, NATION))


@st.composite
def tier_lists(draw: st.DrawFn) -> tuple[Tier, ...]:
    ends = sorted(draw(st.sets(st.integers(1, PPM), max_size=4)))
    return tuple(Tier(to=end, insurer=draw(rates)) for end in [*ends, None])


@st.composite
def contract_terms(draw: st.DrawFn) -> ContractTerms:
    fields: dict[str, Any] = {
        "surplus": draw(st.sampled_from(["fee-inclusive", "fee-explicit"])),
        "allowance": draw(rates),
        "return_share": draw(rates),
        "excess": draw(st.sampled_from(["return", "hold"])),
        "fund_pays": draw(st.sampled_from(["now", "later"])),
        "closing": draw(st.sampled_from(["none", "fund", "insurer"])),
    }
    if fields["surplus"] == "fee-explicit":
        fields["accepted"] = draw(st.none() | rates)
    if draw(st.booleans()):
        fields |= {"loss_cause": "policy-and-other", "policy_share": draw(rates)}
        fields |= {"policy_tiers": draw(tier_lists()), "other_tiers": draw(st.none() | tier_lists())}
    else:
        fields["tiers"] = draw(tier_lists())
    return ContractTerms(**fields)


@st.composite
def years(draw: st.DrawFn) -> dict[str, Any]:
    """One to four replications; claims lie around the premium, where tiers and allowance matter."""
    premium = draw(st.lists(amounts, min_size=1, max_size=4))
    signed = st.integers(-PPM, PPM)
    parts = [draw(st.tuples(signed, st.integers(0, PPM // 5), signed)) for _ in premium]
    return {
        "premium": np.array(premium, np.int64),
        "claims": np.array([p + p * c // PPM for p, (c, _, _) in zip(premium, parts, strict=True)], np.int64),
        "expense": np.array([p * e // PPM for p, (_, e, _) in zip(premium, parts, strict=True)], np.int64),
        "carried": np.array([p * b // PPM for p, (_, _, b) in zip(premium, parts, strict=True)], np.int64),
        "last_year": draw(st.booleans()),
    }


def exact_insurer_part(loss: int, premium: int, tiers: tuple[Tier, ...]) -> int:
    """The oracle: each tier's overlap in fractions, summed, rounded half up once."""
    start, total = Fraction(0), Fraction(0)
    for tier in tiers:
        end = Fraction(loss) if tier.to is None else Fraction(premium * tier.to, PPM)
        total += Fraction(tier.insurer, PPM) * max(min(Fraction(loss), end) - start, 0)
        start = end
    return half_up(total.numerator, total.denominator)


def fen(*values: int) -> PerReplication:
    return np.array(values, np.int64)


# --- the whole year ------------------------------------------------------------------------------------------------


@given(contract_terms(), years())
def test_every_fen_of_the_surplus_is_accounted_for(terms: ContractTerms, year: dict[str, Any]) -> None:
    """S = insurer_keep - insurer's losses + returned - paid by the fund + carried, and all balances sum to zero."""
    r = settle_year(terms, **year)
    insurers_losses = r.policy_loss_insurer + r.other_loss_insurer
    paid_by_fund = r.surplus_return - r.fund_result
    explained = r.insurer_keep - insurers_losses + r.surplus_return - paid_by_fund + r.carried
    np.testing.assert_array_equal(r.surplus, explained)
    assert not r.ledger.imbalance().any()
    assert not r.ledger.balance(Party.CONTRACT_ACCOUNT).any()


@given(contract_terms(), years())
def test_the_insurers_balance_is_its_result(terms: ContractTerms, year: dict[str, Any]) -> None:
    """insurer_result = insurer_keep - losses - E (fee-inclusive), or - max(E - e_max P, 0) (fee-explicit)."""
    r = settle_year(terms, **year)
    own_cost = year["expense"]
    if terms.surplus == "fee-explicit":
        limit = own_cost if terms.accepted is None else share(year["premium"], terms.accepted)
        own_cost = np.maximum(own_cost - limit, 0)
    np.testing.assert_array_equal(r.insurer_result, r.contract_result - own_cost)
    np.testing.assert_array_equal(r.insurer_result, r.ledger.balance(Party.INSURER))
    np.testing.assert_array_equal(r.fund_result, r.ledger.balance(Party.BASIC_FUND) + r.premium)
    np.testing.assert_array_equal(r.balance, year["carried"] + r.carried)
    if not r.carried.any():
        np.testing.assert_array_equal(r.insurer_result, r.premium - r.claims_paid - year["expense"] - r.fund_result)


@given(contract_terms(), years())
def test_losses_are_shared_and_only_losses(terms: ContractTerms, year: dict[str, Any]) -> None:
    r = settle_year(terms, **year)
    np.testing.assert_array_equal(r.policy_loss, r.policy_loss_fund + r.policy_loss_insurer)
    np.testing.assert_array_equal(r.other_loss, r.other_loss_fund + r.other_loss_insurer)
    drawn = r.ledger.total("draw")
    np.testing.assert_array_equal(r.policy_loss + r.other_loss + drawn, np.maximum(-r.surplus, 0))
    assert (drawn <= np.maximum(year["carried"], 0)).all()
    if not terms.asks_cause:
        assert not r.policy_loss.any()


@given(contract_terms(), years())
def test_the_insurer_keeps_no_more_than_its_allowance(terms: ContractTerms, year: dict[str, Any]) -> None:
    r = settle_year(terms, **year)
    allowance = share(r.premium, terms.allowance)
    if terms.return_share == PPM:
        assert (r.insurer_keep <= allowance).all()
    assert (r.insurer_keep <= np.maximum(r.surplus, 0)).all()
    assert (r.insurer_keep >= np.minimum(np.maximum(r.surplus, 0), allowance)).all()


def assert_one_fen_moves_one_fen(terms: ContractTerms, year: dict[str, Any]) -> None:
    """One fen more claims is borne by exactly one of insurer, fund and balance; nobody gains by it."""
    before = settle_year(terms, **year)
    after = settle_year(terms, **{**year, "claims": year["claims"] + 1})
    borne = np.stack([b - a for a, b in zip(_bearers(after), _bearers(before), strict=True)])
    assert (borne >= 0).all()
    assert (borne.sum(axis=0) == 1).all()


def _bearers(result: YearResult) -> tuple[PerReplication, PerReplication, PerReplication]:
    return result.insurer_result, result.fund_result, result.carried


@given(contract_terms(), years())
def test_continuity_anywhere(terms: ContractTerms, year: dict[str, Any]) -> None:
    assert_one_fen_moves_one_fen(terms, year)


@given(contract_terms(), amounts, st.integers(-2, 1), st.booleans(), st.data())
def test_continuity_at_every_boundary(
    terms: ContractTerms, premium: int, offset: int, last_year: bool, data: st.DataObject
) -> None:
    """Zero surplus, the allowance, and the end of each tier, a fen or two to either side."""
    ends = [tier.to for tiers in (terms.tiers, terms.policy_tiers, terms.other_tiers) for tier in tiers or ()]
    boundary = data.draw(st.sampled_from([0, -terms.allowance, *(end for end in ends if end is not None)]))
    claims = max(premium + premium * boundary // PPM + offset, 0)
    carried = data.draw(st.sampled_from([0, premium // 50, -premium // 50]))
    assert_one_fen_moves_one_fen(
        terms, {"premium": fen(premium), "claims": fen(claims), "carried": carried, "last_year": last_year}
    )


@given(contract_terms(), years(), amounts)
def test_more_claims_never_help_insurer_fund_or_balance(terms: ContractTerms, year: dict[str, Any], more: int) -> None:
    before = settle_year(terms, **year)
    after = settle_year(terms, **{**year, "claims": year["claims"] + more})
    for worse, better in zip(_bearers(after), _bearers(before), strict=True):
        assert (worse <= better).all()


@given(contract_terms(), years(), st.randoms())
def test_the_order_of_replications_changes_nothing(terms: ContractTerms, year: dict[str, Any], random: Any) -> None:
    order = list(range(len(year["premium"])))
    random.shuffle(order)
    shuffled = {name: v[order] if isinstance(v, np.ndarray) else v for name, v in year.items()}
    straight, other = settle_year(terms, **year).measures(), settle_year(terms, **shuffled).measures()
    for name in MEASURES:
        np.testing.assert_array_equal(straight[name][order], other[name])


@given(contract_terms(), years(), st.data())
def test_splitting_a_tier_changes_nothing(terms: ContractTerms, year: dict[str, Any], data: st.DataObject) -> None:
    """Not by a single fen, because the tiers' sum is exact and rounded once."""
    field = "policy_tiers" if terms.asks_cause else "tiers"
    tiers = getattr(terms, field)
    taken = {tier.to for tier in tiers}
    cut = data.draw(st.integers(1, PPM).filter(lambda ppm: ppm not in taken))
    at = next(i for i, tier in enumerate(tiers) if tier.to is None or tier.to > cut)
    split = (*tiers[:at], Tier(to=cut, insurer=tiers[at].insurer), *tiers[at:])
    whole, parts = settle_year(terms, **year), settle_year(terms.model_copy(update={field: split}), **year)
    for name in MEASURES:
        np.testing.assert_array_equal(whole.measures()[name], parts.measures()[name])


# --- tiers against exact fractions ---------------------------------------------------------------------------------


@given(tier_lists(), amounts, amounts)
def test_tiers_agree_with_exact_fractions(tiers: tuple[Tier, ...], premium: int, loss: int) -> None:
    assert insurer_part(fen(loss), fen(premium), tiers).tolist() == [exact_insurer_part(loss, premium, tiers)]


# --- every clause --------------------------------------------------------------------------------------------------


def facts(**changes: Any) -> ContractYear:
    plain = {"premium": 100, "claims": 70, "expense": 3, "brought_forward": 0, "policy_share": 0}
    arrays = {name: fen(value) for name, value in {**plain, **changes}.items()}
    return ContractYear(**arrays)


@pytest.mark.parametrize("clause_name", CLAUSES)
@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("claims", [70, 130])
def test_every_clause_only_adds_balanced_postings(clause_name: str, preset: str, claims: int) -> None:
    terms = ContractTerms.model_validate({"preset": preset})
    year = facts(claims=claims)
    before = Ledger.empty(1)
    for name, build in CLAUSES.items():
        if name == clause_name:
            break
        before = build(terms).post(before, year)
    clause = CLAUSES[clause_name](terms)
    after = clause.post(before, year)
    assert after.postings[: len(before.postings)] == before.postings
    assert after.imbalance().tolist() == [0]
    assert clause == CLAUSES[clause_name](terms)
    assert dataclasses.is_dataclass(clause)
    assert clause.__hash__ is not None, "a clause must be frozen"


@pytest.mark.parametrize("clause_name", CLAUSES)
def test_every_clause_is_neutral_in_a_year_in_which_nothing_happened(clause_name: str) -> None:
    terms = ContractTerms.model_validate({"preset": "shandong"})
    year = facts(premium=0, claims=0, expense=0)
    after = CLAUSES[clause_name](terms).post(Ledger.empty(1), year)
    assert all(not posting.amount.any() for posting in after.postings)
