"""The years of a contract's term, one after the other: what each brings to the next, and when it ends early."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fundsim.contracts import asked
from fundsim.contracts.cash import CashYear, InsurerCash, insurer_cash
from fundsim.contracts.errors import ContractError
from fundsim.contracts.exact import part, proportion
from fundsim.contracts.facts import YearFacts, check_months, each
from fundsim.contracts.late_claims import pay_outstanding
from fundsim.contracts.result import YearResult
from fundsim.contracts.term_result import TermResult
from fundsim.contracts.terms import ContractTerms
from fundsim.contracts.true_up import settle_receivable
from fundsim.contracts.year import ContractYear, check_fact
from fundsim.ledger import Ledger, Party
from fundsim.money import PPM, PerReplication

Settle = Callable[[ContractTerms, ContractYear, Ledger | None], YearResult]
"""Settles one year, and keeps what others paid of its bills in its ledger."""
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Brought:
    """What a year finds from those before it, by replication; fen but for the first and the last two."""

    in_force: Flags
    """Whether the contract has not ended early."""
    balance: PerReplication
    premium_due: PerReplication | None
    """None as long as nothing was paid on budgeted heads."""
    outstanding: PerReplication | None
    """None where no claims are late."""
    factor: PerReplication
    """The year's premium rate over the first year's, ppm."""
    losses: PerReplication
    """Years of loss in a row until now."""


@dataclass(frozen=True, eq=False)
class Settled:
    """One year, and what became of it."""

    fact: YearFacts
    brought: Brought
    year: ContractYear
    result: YearResult
    ends: Flags
    """Whether the contract ended with this year, early or by its term."""

    @cached_property
    def premium_due(self) -> PerReplication | None:
        """What the fund still owes of this year's premium; None as long as nothing was paid on budgeted heads."""
        if self.year.premium_paid is not None:
            return self.year.premium - self.year.premium_paid
        return None if self.year.premium_due is None else np.zeros_like(self.year.premium)

    @cached_property
    def outstanding(self) -> PerReplication | None:
        """What is reserved for this year's late claims; None where none are late."""
        reserved = self.result.ledger.balance(Party.RESERVE)
        if self.year.outstanding is not None:
            return reserved + self.year.outstanding
        return reserved if reserved.any() else None

    def after(self, amount: PerReplication | None) -> PerReplication | None:
        """An amount where this was the last year, so that it is settled after the term."""
        return None if amount is None else np.where(self.ends, amount, 0)

    def on(self, amount: PerReplication | None) -> PerReplication | None:
        """An amount where another year follows."""
        return None if amount is None else np.where(self.ends, 0, amount)


def settle_years(terms: ContractTerms, facts: Sequence[YearFacts], settle: Settle) -> TermResult:
    """Settle all years in order, then what is left after them.

    Raises:
        ContractError: there is no year, or its facts do not fit the contract or each other.
        BalanceError: money was made or lost.
    """
    if not facts:
        raise ContractError("the term has no years; give the facts of one at least")
    n = max(fact.replications for fact in facts)
    brought = Brought(
        in_force=np.ones(n, np.bool_),
        balance=np.full(n, terms.carried),
        premium_due=None,
        outstanding=None,
        factor=np.full(n, PPM),
        losses=np.zeros(n, np.int64),
    )
    years: list[Settled] = []
    for number, fact in enumerate(facts, start=1):
        year = _contract_year(terms, fact, brought, first=number == 1)
        years.append(_settled(terms, fact, brought, year, settle, last=number == len(facts)))
        brought = _next(terms, years[-1])
    result = TermResult(
        years=tuple(each.result for each in years),
        closing=_closing(terms, years, n),
        premium_factors=tuple(each.brought.factor for each in years),
        years_settled=sum((each.brought.in_force.astype(np.int64) for each in years), start=np.zeros(n, np.int64)),
        brought_in=terms.carried,
        balance=sum((np.where(each.ends, each.result.balance, 0) for each in years), start=np.zeros(n, np.int64)),
        cash=_cash(terms, years),
    )
    result.check()
    return result


def _contract_year(terms: ContractTerms, fact: YearFacts, brought: Brought, *, first: bool) -> ContractYear:
    """The year as the clauses see it; nothing happens where the contract has ended."""
    n, in_force = len(brought.factor), brought.in_force
    heads, base, claims = (each(given, n) for given in (fact.insured, fact.base_premium, fact.claims))
    check_fact("insured", heads, n)
    check_fact("base_premium", base, n)
    check_fact("claims", claims, n)
    heads, premium = heads * in_force, part(base * in_force, brought.factor)
    expense = terms.expense_amount(premium, heads) if fact.expense is None else each(fact.expense, n)
    return ContractYear(
        premium=premium,
        claims=claims * in_force,
        expense=expense * in_force,
        brought_forward=brought.balance,
        policy_share=each(asked.policy_share(terms, fact.policy_share), n),
        policy_loss_delta=asked.policy_loss_delta(terms, fact.policy_loss_delta, n),
        score=asked.score(terms, fact.score, n),
        premium_paid=None if fact.budgeted is None else _paid(premium, each(fact.budgeted, n), heads),
        premium_due=brought.premium_due,
        outstanding=brought.outstanding,
        first_year=first,
        article=terms.clause,
    )


def _paid(premium: PerReplication, budgeted: PerReplication, heads: PerReplication) -> PerReplication:
    """What is first paid of a premium: that of budgeted heads who are mixed like the actual ones."""
    check_fact("budgeted", budgeted, len(heads))
    return proportion(premium, budgeted, heads)


def _settled(
    terms: ContractTerms, fact: YearFacts, brought: Brought, year: ContractYear, settle: Settle, *, last: bool
) -> Settled:
    """The year settled, and closed where the contract ends with it."""
    if last:
        result = settle(terms, replace(year, last_year=True), fact.medical)
        return Settled(fact, brought, year, result, brought.in_force)
    result = settle(terms, year, fact.medical)
    ends = np.zeros_like(brought.in_force)
    if terms.termination is not None:
        in_a_row = _losses(brought, result)
        ends = brought.in_force & terms.termination.reached(result.surplus, result.premium, in_a_row)
    if ends.any():
        result = settle(terms, replace(year, last_year=ends), fact.medical)
    return Settled(fact, brought, year, result, ends)


def _losses(brought: Brought, result: YearResult) -> PerReplication:
    in_a_row: PerReplication = np.where(result.surplus < 0, brought.losses + 1, 0)
    return in_a_row


def _next(terms: ContractTerms, settled: Settled) -> Brought:
    brought, result = settled.brought, settled.result
    factor = brought.factor
    if terms.premium_adjustment is not None:
        factor = terms.premium_adjustment.next_factor(factor, result.premium, result.claims_paid)
    return Brought(
        in_force=brought.in_force & ~settled.ends,
        balance=np.where(settled.ends, 0, result.balance),
        premium_due=settled.on(settled.premium_due),
        outstanding=settled.on(settled.outstanding),
        factor=factor,
        losses=_losses(brought, result),
    )


def _closing(terms: ContractTerms, years: list[Settled], n: int) -> Ledger:
    """What each replication's last year leaves to settle."""
    ledger = Ledger.empty(n)
    for settled in years:
        ledger = settle_receivable(ledger, settled.after(settled.premium_due), terms.clause)
        ledger = pay_outstanding(ledger, settled.after(settled.outstanding), terms.clause)
    return ledger


def _cash(terms: ContractTerms, years: list[Settled]) -> InsurerCash | None:
    """The insurer's cash by month, where instalments are stated and the months of all claims are known."""
    if terms.instalments is None or any(settled.fact.claims_by_month is None for settled in years):
        return None
    return insurer_cash(terms, [_cash_year(settled) for settled in years])


def _cash_year(settled: Settled) -> CashYear:
    months, year, result = settled.fact.claims_by_month, settled.year, settled.result
    assert months is not None
    months = months * settled.brought.in_force[:, None]
    check_months(months, year.claims)
    nothing = np.zeros_like(year.premium)
    return CashYear(
        paid=year.premium if year.premium_paid is None else year.premium_paid,
        months=months,
        backlog=result.claims_paid - year.claims,
        expense=year.expense,
        premium_due=nothing if settled.premium_due is None else settled.premium_due,
        outstanding=nothing if settled.outstanding is None else settled.outstanding,
        fund_result=result.fund_result,
        settled=settled.brought.in_force,
        ends=settled.ends,
    )


def policy_deltas(
    terms: ContractTerms, facts: Sequence[YearFacts], without: Sequence[YearFacts], settle: Settle
) -> tuple[PerReplication, ...]:
    """Each year's surplus without the policy-caused events less that with them, over the whole term (fen).

    Both terms run to their end, each with the premiums that its own experience brings.
    """
    if len(facts) != len(without):
        raise ContractError(f"{len(facts)} years are given with the policy-caused events, {len(without)} without")
    whole = terms.model_copy(update={"termination": None})
    plain = [replace(fact, policy_loss_delta=None) for fact in facts]
    pairs = zip(
        settle_years(whole, [replace(fact, policy_loss_delta=None) for fact in without], settle).years,
        settle_years(whole, plain, settle).years,
        strict=True,
    )
    return tuple(other.surplus - year.surplus for other, year in pairs)
