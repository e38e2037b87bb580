"""A year of every fund: what came in, what hospitals were paid and when, what is left; posted to a ledger of its own.

The ledger of the funds stands beside that of the contract and is not added to it: it shows the same bills from the
side of those who finance them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from fundsim.contracts.errors import BalanceError
from fundsim.funds.amounts import MONTHS
from fundsim.funds.settlement import FundBills, Monthly, Settled
from fundsim.funds.terms import CONTRACT, SOURCES, FundTerms
from fundsim.ledger import Ledger, Party
from fundsim.money import PerReplication


class FundError(ValueError):
    """Facts that funds cannot be settled from; the message says what to give instead."""


@dataclass(frozen=True, eq=False)
class FundYear:
    """One year of one fund: fen, by replication where bills have a part in it."""

    terms: FundTerms
    heads: int
    """Insured of the fund."""
    income: Mapping[str, PerReplication]
    """(12,) what came in by month, by source; from another fund under that fund's name."""
    transferred: Mapping[str, PerReplication]
    """(12,) what went to other funds or to the contract, by month."""
    billed: Monthly
    """What its payers owe for the bills of each month."""
    settled: Settled

    @property
    def replications(self) -> int:
        return len(self.billed)

    @property
    def year_income(self) -> int:
        """Income of the year, from other funds included (基金收入)."""
        return _year(self.income)

    @property
    def year_transferred(self) -> int:
        """What went to other funds or to the contract in the year."""
        return _year(self.transferred)

    @cached_property
    def to_hospitals(self) -> Monthly:
        """(r, 12) what hospitals receive by month, the year-end settlement in December."""
        received = self.settled.advances.copy()
        received[:, -1] += self.settled.year_end
        return received

    @property
    def payments(self) -> PerReplication:
        """(r,) what hospitals receive for the year (基金支付)."""
        result: PerReplication = self.to_hospitals.sum(axis=1)
        return result

    @property
    def surplus(self) -> PerReplication:
        """(r,) income less all that was spent (当期结余)."""
        return self.year_income - self.year_transferred - self.payments

    @cached_property
    def balance(self) -> Monthly:
        """(r, 12) all that the fund has at the end of each month, wherever it lies (累计结余)."""
        regular = _by_month(self.income) - _by_month(self.transferred)
        result: Monthly = self.terms.opening + (regular - self.to_hospitals).cumsum(axis=1)
        return result

    @property
    def cash(self) -> Monthly:
        """(r, 12) month-end balance of the account from which hospitals are paid: the prefunded one, or the fund."""
        return self.balance if self.settled.account is None else self.settled.account

    @property
    def lowest_cash(self) -> PerReplication:
        """(r,) the lowest month-end balance of that account."""
        result: PerReplication = self.cash.min(axis=1)
        return result

    @property
    def runs_dry(self) -> npt.NDArray[np.bool_]:
        """(r,) whether in some month more was due than the account held."""
        result: npt.NDArray[np.bool_] = self.lowest_cash < 0
        return result

    @property
    def first_dry_month(self) -> PerReplication:
        """(r,) the first month in which the account ran dry, January being 1; 0 where it never did."""
        result: PerReplication = np.where(self.runs_dry, (self.cash < 0).argmax(axis=1) + 1, 0)
        return result


@dataclass(frozen=True, eq=False)
class FundsYear:
    """One year of all funds of a scheme, and who paid whom."""

    funds: Mapping[str, FundYear]
    ledger: Ledger


def settle_funds(
    terms: Mapping[str, FundTerms],
    *,
    groups: Iterable[tuple[int, Mapping[str, str]]],
    payers: Sequence[str],
    paid: npt.NDArray[np.int64],
) -> FundsYear:
    """Settle one year of every fund.

    Args:
        terms: the funds by name.
        groups: the insured, each group as (persons, traits of the person).
        payers: the payers of the waterfall, in its order.
        paid: (replications, 12, payers) what each payer owes for all bills of each month, fen.

    Raises:
        FundError: payments that are not such an array, or of a payer that is not in the waterfall.
        BalanceError: a way of settling made or lost money.
    """
    _check(terms, payers, paid)
    people = list(groups)
    heads = {name: fund.heads(people) for name, fund in terms.items()}
    transferred = {
        name: {to: given.by_month(heads[name]) for to, given in fund.transfers.items()} for name, fund in terms.items()
    }
    years = {}
    for name, fund in terms.items():
        income = {str(source): amount.by_month(heads[name]) for source, amount in fund.income.items()}
        income |= {giver: given[name] for giver, given in transferred.items() if name in given}
        billed = paid[:, :, [payers.index(payer) for payer in fund.pays]].sum(axis=2)
        settled = fund.settles.settle(FundBills(billed, heads[name], _year(income)))
        _reconcile(name, billed, settled)
        years[name] = FundYear(fund, heads[name], income, transferred[name], billed, settled)
    return FundsYear(years, _ledger(years, len(paid)))


def party(fund: str) -> str:
    """The fund's name in the ledger."""
    return f"{fund} fund"


def _check(terms: Mapping[str, FundTerms], payers: Sequence[str], paid: npt.NDArray[np.int64]) -> None:
    if paid.dtype != np.int64 or paid.ndim != 3 or paid.shape[1:] != (MONTHS, len(payers)):
        shape = f"(replications, {MONTHS}, {len(payers)})"
        raise FundError(f"payments are {paid.dtype} of shape {paid.shape}; give int64 fen of shape {shape}")
    if (paid < 0).any():
        raise FundError("a payer owes less than nothing in some month; give payments of zero or more")
    for name, fund in terms.items():
        unknown = [payer for payer in fund.pays if payer not in payers]
        if unknown:
            raise FundError(f"fund '{name}' bears {', '.join(unknown)}; the waterfall has {', '.join(payers)}")


def _reconcile(name: str, billed: Monthly, settled: Settled) -> None:
    """Stop where what hospitals receive is not what was billed, less what they bear, plus what they keep."""
    final = billed.sum(axis=1) - settled.borne + settled.kept
    lost = settled.advances.sum(axis=1) + settled.year_end - final
    if lost.any():
        first = int(np.argmax(lost != 0))
        raise BalanceError(f"fund '{name}' and its hospitals differ by {lost[first]} fen in replication {first}")


def _ledger(years: Mapping[str, FundYear], n: int) -> Ledger:
    ledger = Ledger.empty(n)
    for name, year in years.items():
        own, clause, settled = party(name), year.terms.clause, year.settled
        for source, months in year.income.items():
            if source in SOURCES:
                ledger = ledger.post("income", SOURCES[source], own, _each(months, n), clause=clause)
        for to, months in year.transferred.items():
            payee = Party.CONTRACT_ACCOUNT if to == CONTRACT else party(to)
            ledger = ledger.post("transfer", own, payee, _each(months, n), clause=clause)
        ledger = ledger.post("advances", own, Party.PROVIDERS, settled.advances.sum(axis=1), clause=clause)
        more, less = np.maximum(settled.year_end, 0), np.maximum(-settled.year_end, 0)
        ledger = ledger.post("year-end settlement", own, Party.PROVIDERS, more, clause=clause)
        ledger = ledger.post("year-end settlement", Party.PROVIDERS, own, less, clause=clause)
    return ledger


def _each(months: PerReplication, n: int) -> PerReplication:
    return np.full(n, months.sum(), np.int64)


def _by_month(parts: Mapping[str, PerReplication]) -> PerReplication:
    return sum(parts.values(), start=np.zeros(MONTHS, np.int64))


def _year(parts: Mapping[str, PerReplication]) -> int:
    return int(_by_month(parts).sum())
