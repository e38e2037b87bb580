"""Prefund and monthly clearing (预拨周转金、按月清算): an account filled in advance, and refilled by what was paid."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from fundsim.funds.amounts import MONTHS, Amount
from fundsim.funds.settlement import FundBills, Settled, Settlement
from fundsim.money import half_up
from fundsim.terms import Months


class MonthlyClearing(Settlement):
    """An account holds some months' expected payments; hospitals are paid out of it, and the payer refills it.

    With P the prefund, A(m) the payments due in month m and L the lag, the account at the end of month m holds
    P + A(1) + ... + A(m - L) - A(1) - ... - A(m): what was paid L months ago comes back before the month is
    settled. It runs dry in a month whose payments exceed what is in it; the balance below zero is what hospitals
    wait for, and is made up first when money comes in.
    """

    by: Literal["monthly-clearing"]
    prefund_months: Annotated[Months, Field(ge=1, le=120)]
    """Months of expected payments in the account when the year begins (预拨月数)."""
    lag_months: Annotated[Months, Field(ge=1, le=MONTHS)]
    """How many months later a month's payments are paid back into the account (清算周期)."""
    expected: Amount | None = None
    """Payments expected for the year, of which a month's are a twelfth; by default the fund's income."""

    def prefund(self, bills: FundBills) -> int:
        """What is in the account when the year begins (fen), rounded half up."""
        year = bills.budget if self.expected is None else self.expected.fen(bills.heads)
        return half_up(self.prefund_months * year, MONTHS)

    def settle(self, bills: FundBills) -> Settled:
        refilled = np.zeros_like(bills.billed)
        refilled[:, self.lag_months :] = bills.billed[:, : -self.lag_months]
        account = self.prefund(bills) + (refilled - bills.billed).cumsum(axis=1)
        nothing = np.zeros(len(bills.billed), np.int64)
        return Settled(advances=bills.billed, year_end=nothing, borne=nothing, kept=nothing, account=account)
