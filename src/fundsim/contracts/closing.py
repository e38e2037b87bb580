"""The end of the term (合同期满清算): who settles what is still carried."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fundsim.contracts.terms import ContractTerms
from fundsim.contracts.year import ContractYear, Label
from fundsim.ledger import Ledger, Party


@dataclass(frozen=True)
class BalanceClosed:
    """In the last year of each replication, empties the risk-adjustment account (风险调节金).

    With B' = B + carried: a held surplus, B' > 0, goes to the fund and counts as surplus returned; a deficit
    still owed, B' < 0, is paid by the fund or left with the insurer. Where the contract says nothing (``none``)
    the balance stays open.
    """

    closing: str

    @classmethod
    def of(cls, terms: ContractTerms) -> BalanceClosed:
        return cls(terms.closing)

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        if self.closing == "none" or not np.any(year.last_year):
            return ledger
        balance = np.where(year.last_year, year.brought_forward + ledger.balance(Party.RISK_ADJUSTMENT), 0)
        held, owed = np.maximum(balance, 0), np.maximum(-balance, 0)
        label, payer = (
            (Label.CLOSING_FUND, Party.BASIC_FUND) if self.closing == "fund" else (Label.CLOSING_INSURER, Party.INSURER)
        )
        account, article = Party.RISK_ADJUSTMENT, year.article
        ledger = ledger.post(Label.SURPLUS_RETURN, account, Party.BASIC_FUND, held, clause=article)
        return ledger.post(label, payer, account, owed, clause=article)
