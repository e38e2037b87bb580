"""Who bears the result of a year: an open set of contract clauses that post to a ledger.

A new clause is one file with one frozen class (``of`` reads the terms, ``post`` adds its transfers) and one line
in ``CLAUSES``. A clause sees what those before it have left in the contract account (大病保险专账), and the
last of them must leave it empty.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import numpy as np

from fundsim.contracts.claims import ClaimsPaid
from fundsim.contracts.closing import BalanceClosed
from fundsim.contracts.deficit import LossShared
from fundsim.contracts.errors import BalanceError, ContractError
from fundsim.contracts.expense import RunningCost
from fundsim.contracts.premium import PremiumPaid
from fundsim.contracts.presets import PRESETS, Preset
from fundsim.contracts.result import MEASURES, YearResult, read_off
from fundsim.contracts.surplus import SurplusShared
from fundsim.contracts.terms import Assumption, ContractTerms, ExpenseTerms
from fundsim.contracts.year import Clause, ContractYear, Label, check_fact
from fundsim.ledger import Ledger, Party
from fundsim.money import PerReplication

__all__ = [
    "CLAUSES", "MEASURES", "PRESETS", "Assumption", "BalanceError", "Clause", "ContractError", "ContractTerms",
    "ContractYear", "ExpenseTerms", "Label", "Preset", "YearResult", "account", "settle_year",
]  # fmt: skip

CLAUSES: Final[dict[str, Callable[[ContractTerms], Clause]]] = {
    "premium": PremiumPaid.of,
    "claims": ClaimsPaid.of,
    "expense": RunningCost.of,
    "surplus": SurplusShared.of,
    "deficit": LossShared.of,
    "closing": BalanceClosed.of,
}
"""Every clause, in the order in which they post."""


def settle_year(
    terms: ContractTerms,
    *,
    premium: PerReplication | int,
    claims: PerReplication | int,
    insured: PerReplication | int | None = None,
    expense: PerReplication | int | None = None,
    carried: PerReplication | int | None = None,
    policy_share: PerReplication | int | None = None,
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
        last_year: whether the term ends, so that the balance is closed as the terms say.
        medical: who paid the bills besides this contract (patients, other payers); kept in the result's ledger.

    Raises:
        ContractError: facts that are missing, out of range, or not asked by this contract.
        BalanceError: a clause made or lost money.
    """
    n = max(np.size(premium), np.size(claims))
    premiums = _each(premium, n)
    heads = None if insured is None else _each(insured, n)
    if heads is not None:
        check_fact("insured", heads, n)
    year = ContractYear(
        premium=premiums,
        claims=_each(claims, n),
        expense=terms.expense_amount(premiums, heads) if expense is None else _each(expense, n),
        brought_forward=_each(terms.carried if carried is None else carried, n),
        policy_share=_each(_policy_share(terms, policy_share), n),
        last_year=last_year,
        article=terms.clause,
    )
    ledger = Ledger.empty(n)
    for clause in CLAUSES.values():
        ledger = clause(terms).post(ledger, year)
    return _beside(medical, read_off(ledger, year))


def account(
    terms: ContractTerms,
    *,
    premium: int,
    claims: int,
    expense: int | None = None,
    policy_share: int | None = None,
    carried: int | None = None,
    insured: int | None = None,
    last_year: bool = False,
) -> dict[str, int | float | None]:
    """Settle one contract year from its actual totals (fen, ppm); arguments as in :func:`settle_year`.

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
        last_year=last_year,
    )
    figures: dict[str, int | float | None] = {}
    for name, values in result.measures().items():
        figures[name] = int(values[0])
        if name == "claims_paid":
            figures["loss_ratio"] = claims / premium if premium else None
    return figures


def _each(value: PerReplication | int, n: int) -> PerReplication:
    """The value of every replication; an array is handed on as it is, for the year to check."""
    return value if isinstance(value, np.ndarray) else np.full(n, value)


def _policy_share(terms: ContractTerms, given: PerReplication | int | None) -> PerReplication | int:
    if given is None:
        return terms.policy_share or 0
    if not terms.asks_cause:
        raise ContractError("this contract does not ask what caused a loss (loss_cause: any); give no policy share")
    return given


def _beside(medical: Ledger | None, result: YearResult) -> YearResult:
    """The result with the bills' other payments in its ledger, which must not touch the contract's own parties."""
    if medical is None:
        return result
    touched = {Party.INSURER, Party.CONTRACT_ACCOUNT, Party.RISK_ADJUSTMENT} & set(medical.parties)
    if touched:
        names = ", ".join(sorted(touched))
        raise ContractError(f"the medical ledger has postings of {names}; leave those to the contract")
    if medical.n != result.ledger.n:
        raise ContractError(f"the medical ledger has {medical.n} replications, the year has {result.ledger.n}")
    return replace(result, ledger=medical.joined(result.ledger))
