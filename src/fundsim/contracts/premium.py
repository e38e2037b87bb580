"""The premium (保费)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fundsim.contracts.terms import ContractTerms
from fundsim.contracts.year import ContractYear, Label
from fundsim.ledger import Ledger, Party


@dataclass(frozen=True)
class PremiumPaid:
    """The basic fund pays P into the contract's account (大病保险专账), or what it pays of P on budgeted heads."""

    @classmethod
    def of(cls, _: ContractTerms) -> PremiumPaid:
        return cls()

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        paid = year.premium if year.premium_paid is None else np.minimum(year.premium, year.premium_paid)
        return ledger.post(Label.PREMIUM, Party.BASIC_FUND, Party.CONTRACT_ACCOUNT, paid, clause=year.article)
