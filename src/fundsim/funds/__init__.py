"""The accounts of payers (基金账户) and how they settle with hospitals: an open set of ways of settling.

A fund bears what some payers of the waterfall owe. It sees only monthly totals of all bills, and changes nothing of
what patients and payers pay. A new way of settling is one file with a subclass of :class:`Settlement` and one line in
``SETTLEMENTS``.
"""

from __future__ import annotations

from fundsim.funds.amounts import MONTHS, Amount, Contribution
from fundsim.funds.measures import FUND_MEASURES, RUNS_DRY, FundMeasure
from fundsim.funds.settlement import FundBills, Settled, Settlement
from fundsim.funds.settlements import SETTLEMENTS
from fundsim.funds.terms import CONTRACT, SOURCES, FundTerms, LastYear, as_list
from fundsim.funds.year import FundError, FundsYear, FundYear, settle_funds

__all__ = [
    "CONTRACT", "FUND_MEASURES", "MONTHS", "RUNS_DRY", "SETTLEMENTS", "SOURCES", "Amount", "Contribution", "FundBills",
    "FundError", "FundMeasure", "FundTerms", "FundYear", "FundsYear", "LastYear", "Settled", "Settlement", "as_list",
    "settle_funds",
]  # fmt: skip
