"""The insurer's cash by month (承办资金月度收支): what has come in and gone out, whatever has been earned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.contracts.instalments import MONTHS, Monthly, by_month, equal_months
from fundsim.contracts.terms import ContractTerms
from fundsim.money import PerReplication, share

SETTLEMENT_MONTH: Final = 3
"""By the end of the next year's first quarter the year is settled with the fund: true-up, retention, result."""


@dataclass(frozen=True, eq=False)
class InsurerCash:
    """Cash of the contract's account and the insurer's own pocket for it, from a start with the balance brought in."""

    balance: npt.NDArray[np.int64]
    """(replications, years, 12) at the end of each month (fen); zero in years that are not settled."""
    after: PerReplication
    """What is left when all is settled after the last year: the insurer's results and the balance still open (fen)."""
    settled: npt.NDArray[np.bool_]
    """(replications, years) whether the contract was in force."""

    @property
    def lowest(self) -> PerReplication:
        """(r,) the lowest month-end balance of the term (fen)."""
        months = np.where(self.settled[:, :, None], self.balance, np.iinfo(np.int64).max)
        result: PerReplication = months.min(axis=(1, 2))
        return result

    @property
    def months_below_zero(self) -> PerReplication:
        """(r,) at the end of how many months the insurer had advanced more than it had received."""
        result: PerReplication = (self.balance < 0).sum(axis=(1, 2))
        return result


@dataclass(frozen=True, eq=False)
class CashYear:
    """What moves cash in one year (fen)."""

    paid: PerReplication
    """Premium paid within the year, before anything is held back."""
    months: Monthly
    """Claims by the month in which they are incurred."""
    backlog: PerReplication
    expense: PerReplication
    premium_due: PerReplication
    """Premium of this year that is settled after it; below zero where paid ahead."""
    outstanding: PerReplication
    """Claims of this year that are paid after it."""
    fund_result: PerReplication
    """What the settlement of the year brings the fund, and costs the insurer."""
    settled: npt.NDArray[np.bool_]
    ends: npt.NDArray[np.bool_]
    """Whether the contract ended with this year."""


def insurer_cash(terms: ContractTerms, years: list[CashYear]) -> InsurerCash:
    """Walk through the term month by month; what a year leaves to settle is settled in the next, or after the term."""
    assert terms.instalments is not None
    n = len(years[0].paid)
    within = 1 if terms.reporting is None else terms.reporting.paid_within
    settling, late, after = (np.zeros(n, np.int64) for _ in range(3))
    flows = []
    for year in years:
        held_back = np.zeros(n, np.int64) if terms.retention is None else share(year.paid, terms.retention.share)
        flow = by_month(terms.instalments, year.paid - held_back) - _paid_in_year(year.months, year.outstanding)
        flow -= equal_months(year.expense) + equal_months(late + year.backlog, within)
        flow[:, SETTLEMENT_MONTH - 1] += settling
        flows.append(flow)
        left = year.premium_due + held_back - year.fund_result
        after += np.where(year.ends, left - year.outstanding, 0)
        settling, late = (np.where(year.ends, 0, amount) for amount in (left, year.outstanding))
    running = terms.carried + np.concatenate(flows, axis=1).cumsum(axis=1)
    settled = np.column_stack([year.settled for year in years])
    balance = running.reshape(n, len(years), MONTHS)
    return InsurerCash(np.where(settled[:, :, None], balance, 0), running[:, -1] + after, settled)


def _paid_in_year(months: Monthly, late: PerReplication) -> Monthly:
    """What is paid of each month's claims within the year: the late ones are the last, from December backwards."""
    so_far = np.minimum(months.cumsum(axis=1), (months.sum(axis=1) - late)[:, None])
    result: Monthly = np.diff(so_far, axis=1, prepend=0)
    return result
