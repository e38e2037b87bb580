"""Who bears the result of a year: an open set of contract clauses that post to a ledger.

A term is its years in order, each bringing its balance to the next, and what is settled after the last.

A new clause is one file with one frozen class (``of`` reads the terms, ``post`` adds its transfers) and one line
in ``CLAUSES``. A clause sees what those before it have left in the contract account (大病保险专账), and the
last of them must leave it empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from fundsim.contracts import asked, term
from fundsim.contracts.backlog import BacklogPaid
from fundsim.contracts.cash import InsurerCash
from fundsim.contracts.claims import ClaimsPaid
from fundsim.contracts.closing import BalanceClosed
from fundsim.contracts.deficit import LossShared
from fundsim.contracts.errors import BalanceError, ContractError
from fundsim.contracts.expense import RunningCost
from fundsim.contracts.facts import Given, YearFacts, each
from fundsim.contracts.held import HeldJoins
from fundsim.contracts.late_claims import LateClaims
from fundsim.contracts.premium import PremiumPaid
from fundsim.contracts.presets import PRESETS, Preset
from fundsim.contracts.result import MEASURES, YearResult, read_off
from fundsim.contracts.retention import RetentionAssessed
from fundsim.contracts.surplus import SurplusShared
from fundsim.contracts.term_result import TermResult
from fundsim.contracts.terms import Assumption, ContractTerms, ExpenseTerms
from fundsim.contracts.true_up import PremiumTrueUp
from fundsim.contracts.year import Clause, ContractYear, Label, check_fact
from fundsim.ledger import Ledger, Party
from fundsim.money import PerReplication

__all__ = [
    "CLAUSES", "MEASURES", "PRESETS", "Assumption", "BalanceError", "Clause", "ContractError", "ContractTerms",
    "ContractYear", "ExpenseTerms", "InsurerCash", "Label", "Preset", "TermResult", "YearFacts", "YearResult",
    "account", "policy_deltas", "settle_term", "settle_year",
]  # fmt: skip

CLAUSES: Final[dict[str, Callable[[ContractTerms], Clause]]] = {
    "premium": PremiumPaid.of,
    "true-up": PremiumTrueUp.of,
    "held": HeldJoins.of,
    "claims": ClaimsPaid.of,
    "late-claims": LateClaims.of,
    "backlog": BacklogPaid.of,
    "expense": RunningCost.of,
    "surplus": SurplusShared.of,
    "deficit": LossShared.of,
    "retention": RetentionAssessed.of,
    "closing": BalanceClosed.of,
}
"""Every clause, in the order in which they post."""


def settle_year(
    terms: ContractTerms,
    *,
    premium: Given,
    claims: Given,
    insured: Given | None = None,
    expense: Given | None = None,
    carried: Given | None = None,
    policy_share: Given | None = None,
    policy_loss_delta: Given | None = None,
    score: Given | None = None,
    last_year: bool = False,
    medical: Ledger | None = None,
) -> YearResult:
    """Settle one contract year; a single number stands for the same in every replication.

    Args:
        terms: the contract.
        premium: P, earned premium, fen.
        claims: C, incurred claims, fen.
        insured: persons insured, needed where the running cost is stated per person.
        expense: E, the insurer's real running cost, fen; by default what the terms state.
        carried: B, balance brought forward, fen (surplus held above zero, deficit owed below); by default the
            terms'. Pass the ``balance`` of the year before.
        policy_share: part of the loss that is policy-caused, ppm; by default the terms', else none.
        policy_loss_delta: surplus without the policy-caused events less surplus with them, fen, signed; the policy
            loss is then as much of the loss as they caused. Only where ``policy_loss: counterfactual`` is agreed.
        score: score of the year's assessment, hundredths of a point; by default the one that the terms expect. Only
            where the terms have a retention.
        last_year: whether the term ends, so that the balance is closed as the terms say.
        medical: who paid the bills besides this contract (patients, other payers); kept in the result's ledger.

    Raises:
        ContractError: facts that are missing, out of range, or not asked by this contract.
        BalanceError: a clause made or lost money.
    """
    n = max(np.size(premium), np.size(claims))
    premiums = each(premium, n)
    heads = None if insured is None else each(insured, n)
    if heads is not None:
        check_fact("insured", heads, n)
    year = ContractYear(
        premium=premiums,
        claims=each(claims, n),
        expense=terms.expense_amount(premiums, heads) if expense is None else each(expense, n),
        brought_forward=each(terms.carried if carried is None else carried, n),
        policy_share=each(asked.policy_share(terms, policy_share), n),
        policy_loss_delta=asked.policy_loss_delta(terms, policy_loss_delta, n),
        score=asked.score(terms, score, n),
        last_year=last_year,
        article=terms.clause,
    )
    return _settled(terms, year, medical)


def _settled(terms: ContractTerms, year: ContractYear, medical: Ledger | None) -> YearResult:
    """Let every clause post, read the figures off, and check the books."""
    ledger = Ledger.empty(len(year.claims))
    for clause in CLAUSES.values():
        ledger = clause(terms).post(ledger, year)
    return _beside(medical, read_off(ledger, year))


def settle_term(
    terms: ContractTerms, facts: Sequence[YearFacts], *, without: Sequence[YearFacts] | None = None
) -> TermResult:
    """Settle a contract over its whole term.

    The premium of each year is its base premium at the rates that the years before have brought about; the balance,
    what is due of the premium and outstanding claims are brought on from year to year. Where the contract ends early
    in a replication, it is closed at once, and nothing of the later years is settled.

    Args:
        terms: the contract.
        facts: the years in order; the last of them ends the term.
        without: the same years without the events flagged as policy-caused, which give each year's
            ``policy_loss_delta``, where ``policy_loss: counterfactual`` is agreed.

    Raises:
        ContractError: facts that are missing, out of range, or not asked by this contract.
        BalanceError: money was made or lost.
    """
    if without is not None:
        deltas = term.policy_deltas(terms, facts, without, _settled)
        facts = [replace(fact, policy_loss_delta=delta) for fact, delta in zip(facts, deltas, strict=True)]
    return term.settle_years(terms, facts, _settled)


def policy_deltas(
    terms: ContractTerms, facts: Sequence[YearFacts], without: Sequence[YearFacts]
) -> tuple[PerReplication, ...]:
    """Each year's surplus without the policy-caused events less that with them, over the whole term (fen, signed).

    Both terms are settled to their end, each with the premiums that its own experience brings.

    Raises:
        ContractError: the facts do not fit the contract or each other.
    """
    return term.policy_deltas(terms, facts, without, _settled)


def account(
    terms: ContractTerms,
    *,
    premium: int,
    claims: int,
    expense: int | None = None,
    policy_share: int | None = None,
    carried: int | None = None,
    insured: int | None = None,
    score: int | None = None,
    last_year: bool = False,
) -> dict[str, int | float | None]:
    """Settle one contract year from its actual totals, one number for each argument of :func:`settle_year`.

    Returns:
        Every measure by id in fen, and ``loss_ratio`` (赔付率, C / P), which is None without a premium.
    """
    result = settle_year(
        terms,
        premium=premium,
        claims=claims,
        insured=insured,
        expense=expense,
        carried=carried,
        policy_share=policy_share,
        score=score,
        last_year=last_year,
    )
    figures: dict[str, int | float | None] = {}
    for name, values in result.measures().items():
        figures[name] = int(values[0])
        if name == "claims_paid":
            figures["loss_ratio"] = claims / premium if premium else None
    return figures


def _beside(medical: Ledger | None, result: YearResult) -> YearResult:
    """The result with the bills' other payments in its ledger, which must not touch the contract's own parties."""
    if medical is None:
        return result
    own = {
        Party.INSURER, Party.CONTRACT_ACCOUNT, Party.RISK_ADJUSTMENT, Party.PREMIUM_RECEIVABLE, Party.RESERVE,
    }  # fmt: skip
    touched = own & set(medical.parties)
    if touched:
        names = ", ".join(sorted(touched))
        raise ContractError(f"the medical ledger has postings of {names}; leave those to the contract")
    if medical.n != result.ledger.n:
        raise ContractError(f"the medical ledger has {medical.n} replications, the year has {result.ledger.n}")
    return replace(result, ledger=medical.joined(result.ledger))
