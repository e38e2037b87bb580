"""What happened in one year of a contract's term, as the caller knows it; a number stands for every replication."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fundsim.contracts.errors import ContractError
from fundsim.contracts.instalments import MONTHS, Monthly
from fundsim.ledger import Ledger
from fundsim.money import PerReplication

Given = PerReplication | int


@dataclass(frozen=True, eq=False)
class YearFacts:
    """The facts of one year: int64 arrays with one entry per replication, amounts in fen."""

    insured: Given
    """Actual heads (实际参保人数)."""
    base_premium: Given
    """The year's premium of the actual heads at the rates of the first year (fen)."""
    claims: Given
    """Claims incurred in the year (fen)."""
    budgeted: Given | None = None
    """Heads on which the premium is first paid (预算人数); none: the actual ones."""
    claims_by_month: Monthly | None = None
    """(replications, 12) the claims by the month in which they are incurred (fen); needed for the insurer's cash."""
    policy_loss_delta: Given | None = None
    """Surplus without the events flagged as policy-caused, less surplus with them (fen), signed."""
    policy_share: Given | None = None
    """Part of a loss that is policy-caused, ppm; none: what the terms state."""
    score: Given | None = None
    """Score of the year's assessment, hundredths of a point; none: what the terms expect."""
    expense: Given | None = None
    """The insurer's real running cost (fen); none: what the terms state."""
    medical: Ledger | None = None
    """Who paid the bills besides this contract; kept in the ledger of the year."""

    @property
    def replications(self) -> int:
        """As many as the longest of the facts has."""
        given = (self.insured, self.base_premium, self.claims, self.budgeted, self.policy_loss_delta)
        sizes = [np.size(values) for values in given if values is not None]
        return max(*sizes, *(len(months) for months in (self.claims_by_month,) if months is not None))


def each(value: Given, n: int) -> PerReplication:
    """The value of every replication; an array is handed on as it is, for the year to check."""
    return value if isinstance(value, np.ndarray) else np.full(n, value)


def check_months(months: npt.NDArray[np.int64], claims: PerReplication) -> None:
    """Refuse claims by month that are not those of the year.

    Raises:
        ContractError: another shape, an amount below zero, or a sum that is not the year's claims.
    """
    if months.dtype != np.int64 or months.shape != (len(claims), MONTHS):
        shape = " x ".join(map(str, months.shape))
        raise ContractError(f"claims_by_month is {shape} {months.dtype}; give {len(claims)} x {MONTHS} int64")
    if (months < 0).any():
        raise ContractError("claims_by_month has a month below zero; give what is incurred in each month")
    apart = months.sum(axis=1) - claims
    if apart.any():
        first = int(np.argmax(apart != 0))
        raise ContractError(
            f"claims_by_month adds up to {apart[first]:+} fen beside the year's claims in replication {first}; "
            "give the months of the same claims"
        )
