"""The insurer's running cost, and what of it the contract accepts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fundsim.contracts.terms import ContractTerms
from fundsim.contracts.year import ContractYear, Label
from fundsim.ledger import Ledger, Party
from fundsim.money import share


@dataclass(frozen=True)
class RunningCost:
    """The insurer pays E to its suppliers; a fee-explicit contract pays min(E, e_max P) of it back.

    Under a fee-inclusive contract (综合费率) nothing is paid back: the allowance must cover E.
    """

    repaid: bool
    accepted: int | None
    """e_max, ppm of the premium; none: cost is accepted as it is."""

    @classmethod
    def of(cls, terms: ContractTerms) -> RunningCost:
        return cls(repaid=terms.surplus == "fee-explicit", accepted=terms.accepted)

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        ledger = ledger.post(Label.RUNNING_COST, Party.INSURER, Party.SUPPLIERS, year.expense, clause=year.article)
        if not self.repaid:
            return ledger
        limit = year.expense if self.accepted is None else share(year.premium, self.accepted)
        paid_back = np.minimum(year.expense, limit)
        return ledger.post(Label.ACCEPTED_COST, Party.CONTRACT_ACCOUNT, Party.INSURER, paid_back, clause=year.article)
