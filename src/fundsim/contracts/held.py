"""A surplus held from earlier years that joins this year's funds (结转下年使用)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fundsim.contracts.terms import ContractTerms
from fundsim.contracts.year import ContractYear, Label
from fundsim.ledger import Ledger, Party


@dataclass(frozen=True)
class HeldJoins:
    """All of a held surplus B > 0 goes into the year's account, beside its premium; where it draws first, nothing.

    Allowance and tiers stay parts of the year's own premium P: they were granted on the held money in its own year.
    """

    joins: bool

    @classmethod
    def of(cls, terms: ContractTerms) -> HeldJoins:
        return cls(terms.held == "joins-funds")

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        if not self.joins:
            return ledger
        held = np.maximum(year.brought_forward, 0)
        return ledger.post(Label.JOINED, Party.RISK_ADJUSTMENT, Party.CONTRACT_ACCOUNT, held, clause=year.article)
