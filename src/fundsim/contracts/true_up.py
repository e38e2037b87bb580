"""The premium by actual heads (按实际参保人数清算): what was paid too little or too much is settled afterwards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fundsim.contracts.terms import ContractTerms
from fundsim.contracts.year import ContractYear, Label
from fundsim.ledger import Ledger, Party
from fundsim.money import PerReplication


@dataclass(frozen=True)
class PremiumTrueUp:
    """Brings what was paid on budgeted heads to the earned premium P, and settles last year's difference.

    What is still to come enters the account as a receivable (应收保费), what was paid ahead waits beside it: the
    account earns P in its own year, and the receivable is empty once the difference has been paid.
    """

    @classmethod
    def of(cls, _: ContractTerms) -> PremiumTrueUp:
        return cls()

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        ledger = settle_receivable(ledger, year.premium_due, year.article)
        if year.premium_paid is None:
            return ledger
        to_come = np.maximum(year.premium - year.premium_paid, 0)
        ahead = np.maximum(year.premium_paid - year.premium, 0)
        account, waiting, article = Party.CONTRACT_ACCOUNT, Party.PREMIUM_RECEIVABLE, year.article
        ledger = ledger.post(Label.PREMIUM, waiting, account, to_come, clause=article)
        return ledger.post(Label.PREMIUM_AHEAD, Party.BASIC_FUND, waiting, ahead, clause=article)


def settle_receivable(ledger: Ledger, due: PerReplication | None, article: str | None) -> Ledger:
    """Pay what the fund still owes of an earlier premium, or return what it had paid ahead (below zero)."""
    if due is None:
        return ledger
    fund, waiting = Party.BASIC_FUND, Party.PREMIUM_RECEIVABLE
    ledger = ledger.post(Label.TRUE_UP, fund, waiting, np.maximum(due, 0), clause=article)
    return ledger.post(Label.TRUE_UP, waiting, fund, np.maximum(-due, 0), clause=article)
