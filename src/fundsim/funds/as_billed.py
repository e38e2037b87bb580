"""Settlement as billed (按实结算): every month the fund pays what is due for the month's bills."""

from __future__ import annotations

from typing import Literal

import numpy as np

from fundsim.funds.settlement import FundBills, Settled, Settlement


class AsBilled(Settlement):
    """The fund pays the bills of each month in that month, out of its own money; hospitals bear nothing."""

    by: Literal["as-billed"] = "as-billed"

    def settle(self, bills: FundBills) -> Settled:
        nothing = np.zeros(len(bills.billed), np.int64)
        return Settled(advances=bills.billed, year_end=nothing, borne=nothing, kept=nothing)
