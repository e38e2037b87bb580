"""The facts of one contract year, the names of its transfers, and what a clause is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from fundsim.contracts.errors import ContractError
from fundsim.ledger import Ledger
from fundsim.money import PPM, PerReplication
from fundsim.units import FULL_SCORE

LARGEST_FUND: Final = 10**16
"""A hundred trillion yuan in fen: far below what int64 holds, so that no sum of a year can overflow."""


class Label(StrEnum):
    """What a transfer of the contract is for; those named like a measure are that measure."""

    PREMIUM = "premium"
    CLAIMS = "claims_paid"
    PREMIUM_AHEAD = "premium_ahead"
    """Premium paid on more heads than there are."""
    TRUE_UP = "premium_true_up"
    """The difference between the premium of actual and of budgeted heads, settled after the year."""
    JOINED = "held_joined"
    """Held surplus that joins the year's funds."""
    OUTSTANDING_PAID = "outstanding_paid"
    """Claims of an earlier year, paid out of what was reserved for them."""
    RUNNING_COST = "running_cost"
    ACCEPTED_COST = "accepted_cost"
    """Running cost that a fee-explicit contract pays the insurer back."""
    INSURER_KEEP = "insurer_keep"
    SURPLUS_RETURN = "surplus_return"
    REPAY = "repay"
    """Excess surplus that repays an earlier deficit still owed."""
    HELD = "held"
    """Excess surplus held for later deficits."""
    DRAW = "draw"
    """Held surplus that pays this year's deficit."""
    POLICY_LOSS_INSURER = "policy_loss_insurer"
    POLICY_LOSS_FUND = "policy_loss_fund"
    OTHER_LOSS_INSURER = "other_loss_insurer"
    OTHER_LOSS_FUND = "other_loss_fund"
    RETENTION_FORFEITED = "retention_forfeited"
    """Part of the retention that the score does not release, back to the fund."""
    CLOSING_FUND = "closing_fund"
    """Deficit still owed at the end of the term, paid by the fund."""
    CLOSING_INSURER = "closing_insurer"
    """Deficit still owed at the end of the term, left with the insurer."""


@dataclass(frozen=True, eq=False)
class ContractYear:
    """What happened in one contract year: int64 arrays of fen with one entry per replication."""

    premium: PerReplication
    """P, earned premium (保费收入)."""
    claims: PerReplication
    """C, incurred claims (赔付支出)."""
    expense: PerReplication
    """E, the insurer's real running cost."""
    brought_forward: PerReplication
    """B: surplus held above zero, deficit still owed to the insurer below."""
    policy_share: PerReplication
    """Part of this year's loss that is policy-caused, ppm."""
    policy_loss_delta: PerReplication | None = None
    """Surplus without the policy-caused events less surplus with them, which then says what part of a loss is
    policy-caused, instead of the share; below zero where the events helped."""
    score: PerReplication | None = None
    """Score of the year's assessment (考核得分), hundredths of a point, where the contract holds something back."""
    premium_paid: PerReplication | None = None
    """What the fund pays of P within the year, on budgeted heads; more than P where they were too many."""
    premium_due: PerReplication | None = None
    """What it still owes of last year's premium; below zero where it had paid ahead."""
    outstanding: PerReplication | None = None
    """Claims of last year that are paid in this one, out of their reserve."""
    first_year: bool = False
    """Whether the term begins with this year."""
    last_year: bool | npt.NDArray[np.bool_] = False
    """Whether the term ends with this year; an array where it ends in some replications only."""
    article: str | None = None
    """The article of the contract that the year's transfers carry out."""

    def __post_init__(self) -> None:
        for name in ("premium", "claims", "expense", "policy_share"):
            check_fact(name, getattr(self, name), len(self.claims))
        for name in ("score", "premium_paid", "outstanding"):
            self._check_if_given(name)
        for name in ("policy_loss_delta", "premium_due"):
            self._check_if_given(name, signed=True)
        check_fact("carried", self.brought_forward, len(self.claims), signed=True)
        if (self.policy_share > PPM).any():
            raise ContractError(f"policy_share is above {PPM:,} ppm; a share lies between 0% and 100%")
        if self.score is not None and (self.score > FULL_SCORE).any():
            raise ContractError(f"score is above {FULL_SCORE:,} hundredths; a score lies between 0 and 100")

    def _check_if_given(self, name: str, *, signed: bool = False) -> None:
        values = getattr(self, name)
        if values is not None:
            check_fact(name, values, len(self.claims), signed=signed)


def check_fact(name: str, values: PerReplication, n: int, *, signed: bool = False) -> None:
    """Refuse a fact that is not an int64 array of ``n`` entries, in range."""
    if values.dtype != np.int64 or values.ndim != 1:
        raise ContractError(f"{name} is {values.ndim}-dimensional {values.dtype}; give an int64 array")
    if len(values) != n:
        raise ContractError(f"{name} has {len(values)} entries, the claims have {n}")
    wrong = np.abs(values) > LARGEST_FUND if signed else (values < 0) | (values > LARGEST_FUND)
    if wrong.any():
        first = int(np.argmax(wrong))
        why = "negative" if abs(values[first]) <= LARGEST_FUND else "larger than any fund"
        where = f" in replication {first}" if n > 1 else ""
        raise ContractError(f"{name} is {why}{where}: {values[first]}")


class Clause(Protocol):
    """One rule of a contract: frozen, and inert but for one pure method."""

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        """The ledger with this clause's transfers added; it sees what the clauses before it have posted."""
        ...
