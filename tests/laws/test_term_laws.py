"""Laws that every contract must keep over its whole term, on random terms and random years."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from test_contract_laws import contract_terms, rates

from fundsim.contracts import MEASURES, ContractTerms, TermResult, YearFacts, policy_deltas, settle_term, settle_year
from fundsim.contracts.tiers import Tier
from fundsim.ledger import Party
from fundsim.money import PPM, PerReplication

N = 3
"""Replications."""
sums = st.one_of(st.integers(0, 1_000), st.integers(0, 10**12))


@st.composite
def falling_grades(draw: st.DrawFn) -> list[dict[str, int]]:
    scores = sorted(draw(st.sets(st.integers(1, 10_000), max_size=3)), reverse=True)
    releases = sorted((draw(rates) for _ in range(len(scores) + 1)), reverse=True)
    return [{"from": score, "release": release} for score, release in zip([*scores, 0], releases, strict=True)]


@st.composite
def instalment_lists(draw: st.DrawFn) -> list[dict[str, int]]:
    due = sorted(draw(st.sets(st.integers(1, 12), min_size=1, max_size=4)))
    cuts = sorted(draw(st.lists(st.integers(0, PPM), min_size=len(due) - 1, max_size=len(due) - 1)))
    ends = [0, *cuts, PPM]
    return [{"month": month, "share": ends[i + 1] - ends[i]} for i, month in enumerate(due)]


@st.composite
def term_terms(draw: st.DrawFn, *, monotone: bool = False) -> ContractTerms:
    """A contract with any rules of the term; ``monotone`` without those by which more claims can change later years."""
    fields = draw(contract_terms()).model_dump(exclude_unset=True)
    fields["instalments"] = draw(instalment_lists())
    fields["carried"] = draw(st.integers(-(10**9), 10**9))
    if fields["excess"] == "hold":
        fields["held"] = draw(st.sampled_from(["draw-first", "joins-funds"]))
    if draw(st.booleans()):
        fields["retention"] = {"share": draw(rates), "grades": draw(falling_grades())}
    if draw(st.booleans()):
        late = {"late": draw(st.integers(1, PPM)), "paid_within": draw(st.integers(1, 12))}
        fields["reporting"] = {**late, "backlog": draw(st.none() | st.just({"share": 100_000, "total": 777}))}
    if not monotone and draw(st.booleans()):
        bounds = [draw(st.integers(-200_000, 0)), draw(st.integers(0, 200_000))]
        fields["premium_adjustment"] = {"target": draw(st.integers(1, PPM)), "weight": draw(rates), "within": bounds}
    if not monotone and draw(st.booleans()):
        fields["termination"] = {"loss_years": draw(st.integers(1, 3)), "loss": draw(st.none() | st.integers(1, PPM))}
    return ContractTerms.model_validate(fields)


def arrays(values: Any) -> st.SearchStrategy[PerReplication]:
    return st.lists(values, min_size=N, max_size=N).map(lambda each: np.array(each, np.int64))


@st.composite
def year_facts(draw: st.DrawFn, *, months: bool = True) -> YearFacts:
    premium = draw(arrays(sums))
    part = draw(arrays(st.integers(0, 2 * PPM)))
    claims = np.array([p * c // PPM for p, c in zip(premium.tolist(), part.tolist(), strict=True)], np.int64)
    cuts = np.sort(np.array([draw(st.lists(st.integers(0, 1_000), min_size=11, max_size=11)) for _ in claims]), axis=1)
    so_far = np.concatenate([claims[:, None] // 1_000 * cuts, claims[:, None]], axis=1)
    return YearFacts(
        insured=draw(arrays(st.integers(1, 10**6))),
        base_premium=premium,
        claims=claims,
        budgeted=draw(st.none() | arrays(st.integers(0, 10**3))),
        claims_by_month=np.diff(so_far, axis=1, prepend=0) if months else None,
        expense=premium // 30,
    )


terms_of_years = st.lists(year_facts(), min_size=1, max_size=4)


@given(term_terms(), terms_of_years)
def test_money_is_conserved_over_the_term(terms: ContractTerms, facts: list[YearFacts]) -> None:
    """Every ledger sums to zero, nothing is owed after the closing, and cash is what was earned and stays carried."""
    result = settle_term(terms, facts)
    ledgers = [*(year.ledger for year in result.years), result.closing]
    for ledger in ledgers:
        assert not ledger.imbalance().any()
    for party in (Party.CONTRACT_ACCOUNT, Party.PREMIUM_RECEIVABLE, Party.RESERVE):
        assert not sum(ledger.balance(party) for ledger in ledgers).any()
    total = result.measures()
    np.testing.assert_array_equal(total["balance"], terms.carried + total["carried"])
    assert result.cash is not None
    np.testing.assert_array_equal(result.cash.after, total["insurer_result"] + result.balance)
    if terms.closing != "none":
        assert not result.balance.any()
    received = sum(ledger.balance(Party.PROVIDERS) for ledger in ledgers)
    np.testing.assert_array_equal(received, total["claims_paid"])
    np.testing.assert_array_equal(
        -sum(ledger.balance(Party.BASIC_FUND) for ledger in ledgers), total["premium"] - total["fund_result"]
    )


@given(term_terms(), terms_of_years)
def test_every_year_explains_its_surplus(terms: ContractTerms, facts: list[YearFacts]) -> None:
    for year in settle_term(terms, facts).years:
        paid_by_fund = year.surplus_return + year.retention_forfeited - year.fund_result
        explained = year.contract_result + year.surplus_return - paid_by_fund + year.carried
        np.testing.assert_array_equal(year.surplus, explained)
        losses = year.policy_loss + year.other_loss + year.ledger.total("draw")
        np.testing.assert_array_equal(losses, np.maximum(-year.surplus - year.ledger.total("held_joined"), 0))


@given(term_terms(monotone=True), terms_of_years, st.data())
def test_more_claims_in_any_year_never_help_the_insurer(
    terms: ContractTerms, facts: list[YearFacts], data: st.DataObject
) -> None:
    """Nor the fund and what stays carried, over the term; rules that change the years after them left aside."""
    at = data.draw(st.integers(0, len(facts) - 1))
    more = data.draw(sums)
    after = list(facts)
    months = facts[at].claims_by_month
    assert months is not None
    months = months.copy()
    months[:, 5] += more
    after[at] = replace(facts[at], claims=facts[at].claims + more, claims_by_month=months)
    better, worse = settle_term(terms, facts), settle_term(terms, after)
    for each in zip(borne(worse), borne(better), strict=True):
        assert (each[0] <= each[1]).all()


def borne(result: TermResult) -> tuple[PerReplication, PerReplication]:
    total = result.measures()
    return total["insurer_result"], total["insurer_result"] + total["fund_result"] + result.balance


@given(term_terms(), terms_of_years, st.data())
def test_splitting_a_tier_changes_nothing(terms: ContractTerms, facts: list[YearFacts], data: st.DataObject) -> None:
    name = "policy_tiers" if terms.asks_cause else "tiers"
    tiers = getattr(terms, name)
    cut = data.draw(st.integers(1, PPM).filter(lambda ppm: ppm not in {tier.to for tier in tiers}))
    at = next(i for i, tier in enumerate(tiers) if tier.to is None or tier.to > cut)
    split = (*tiers[:at], Tier(to=cut, insurer=tiers[at].insurer), *tiers[at:])
    same(settle_term(terms, facts), settle_term(terms.model_copy(update={name: split}), facts))


def same(one: TermResult, other: TermResult) -> None:
    for a, b in zip(one.years, other.years, strict=True):
        for name in MEASURES:
            np.testing.assert_array_equal(a.measures()[name], b.measures()[name])
    np.testing.assert_array_equal(one.balance, other.balance)


@given(term_terms(), terms_of_years, st.integers(0, N - 1))
def test_replications_do_not_know_each_other(terms: ContractTerms, facts: list[YearFacts], one: int) -> None:
    together, alone = settle_term(terms, facts), settle_term(terms, [only(fact, one) for fact in facts])
    for a, b in zip(together.years, alone.years, strict=True):
        for name in MEASURES:
            np.testing.assert_array_equal(a.measures()[name][[one]], b.measures()[name])
    assert together.terminated[one] == alone.terminated[0]
    assert together.cash is not None
    assert alone.cash is not None
    np.testing.assert_array_equal(together.cash.balance[[one]], alone.cash.balance)


def only(fact: YearFacts, one: int) -> YearFacts:
    given = {name: getattr(fact, name) for name in ("insured", "base_premium", "claims", "budgeted", "expense")}
    picked = {name: values if values is None else values[[one]] for name, values in given.items()}
    assert fact.claims_by_month is not None
    return YearFacts(**picked, claims_by_month=fact.claims_by_month[[one]])


@given(contract_terms(), terms_of_years, st.data())
def test_a_term_may_be_settled_in_two_parts(terms: ContractTerms, facts: list[YearFacts], data: st.DataObject) -> None:
    """What is brought from year to year is the balance alone, where the contract has no rule for the term."""
    result = settle_term(terms, facts)
    carried: PerReplication = np.zeros(N, np.int64)
    for number, (fact, year) in enumerate(zip(facts, result.years, strict=True), start=1):
        single = settle_year(
            terms,
            premium=fact.base_premium,
            claims=fact.claims,
            expense=fact.expense,
            carried=carried,
            last_year=number == len(facts),
        )
        carried = single.balance
        for name in MEASURES:
            np.testing.assert_array_equal(getattr(year, name), getattr(single, name))


@given(term_terms(), terms_of_years)
def test_nothing_happens_after_the_end(terms: ContractTerms, facts: list[YearFacts]) -> None:
    result = settle_term(terms, facts)
    for number, year in enumerate(result.years):
        ended = result.years_settled <= number
        for posting in year.ledger.postings:
            assert not posting.amount[ended].any()
    assert (result.years_settled >= 1).all()
    if terms.termination is None:
        assert not result.terminated.any()


@given(term_terms(), terms_of_years)
def test_the_premium_stays_within_its_bounds(terms: ContractTerms, facts: list[YearFacts]) -> None:
    factors = settle_term(terms, facts).premium_factors
    if terms.premium_adjustment is None:
        assert all((factor == PPM).all() for factor in factors)
        return
    low, high = terms.premium_adjustment.within
    for before, after in pairwise(factors):
        assert (after * PPM >= before * (PPM + low) - PPM).all()
        assert (after * PPM <= before * (PPM + high) + PPM).all()


@given(term_terms(), terms_of_years, terms_of_years)
def test_policy_loss_is_no_more_than_the_loss_and_than_what_the_events_cost(
    terms: ContractTerms, facts: list[YearFacts], others: list[YearFacts]
) -> None:
    years = min(len(facts), len(others))
    facts, without = facts[:years], others[:years]
    if not terms.asks_cause:
        return
    again = terms.model_copy(update={"policy_loss": "counterfactual", "policy_share": None})
    deltas = policy_deltas(again, facts, without)
    for year, delta in zip(settle_term(again, facts, without=without).years, deltas, strict=True):
        assert (year.policy_loss >= 0).all()
        assert (year.policy_loss <= np.maximum(delta, 0)).all()
        assert (year.policy_loss <= np.maximum(-year.surplus, 0)).all()
    nothing = settle_term(again, facts, without=facts)
    assert not nothing.measures()["policy_loss"].any()


@given(term_terms(), terms_of_years)
def test_an_assessment_moves_money_between_insurer_and_fund_only(terms: ContractTerms, facts: list[YearFacts]) -> None:
    if terms.retention is None:
        return
    full = settle_term(terms, [replace(fact, score=10_000) for fact in facts]).measures()
    failed = settle_term(terms, [replace(fact, score=0) for fact in facts]).measures()
    more = failed["retention_forfeited"] - full["retention_forfeited"]
    assert (more >= 0).all()
    np.testing.assert_array_equal(full["insurer_result"] - failed["insurer_result"], more)
    np.testing.assert_array_equal(failed["fund_result"] - full["fund_result"], more)
    assert (failed["retention_forfeited"] <= failed["premium"] + len(facts)).all()
