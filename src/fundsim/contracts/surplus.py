"""What becomes of a surplus (结余): the insurer's allowance, and the excess that is returned or held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fundsim.contracts.terms import ContractTerms
from fundsim.contracts.year import ContractYear, Label
from fundsim.ledger import Ledger, Party
from fundsim.money import PPM, share


@dataclass(frozen=True)
class SurplusShared:
    """Empties the account of a surplus S > 0; does nothing in a year without one.

    keep = min(S, a), a = allowance x P; X = S - keep is the excess (超额结余); the insurer keeps (1 - rho) X of it
    too, rounded half up, and R, the rest, leaves it: first it repays a deficit still owed, min(R, max(-B, 0)),
    then it goes back to the fund (返还) or is held in the risk-adjustment account.
    """

    allowance: int
    """ppm of the premium."""
    return_share: int
    """rho, ppm of the excess."""
    hold: bool

    @classmethod
    def of(cls, terms: ContractTerms) -> SurplusShared:
        return cls(terms.allowance, terms.return_share, terms.excess == "hold")

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        surplus = np.maximum(ledger.balance(Party.CONTRACT_ACCOUNT), 0)
        keep = np.minimum(surplus, share(year.premium, self.allowance))
        excess = surplus - keep
        keep_of_excess = share(excess, PPM - self.return_share)
        leaving = excess - keep_of_excess
        repay = np.minimum(leaving, np.maximum(-year.brought_forward, 0))
        label, payee = (Label.HELD, Party.RISK_ADJUSTMENT) if self.hold else (Label.SURPLUS_RETURN, Party.BASIC_FUND)
        account, article = Party.CONTRACT_ACCOUNT, year.article
        ledger = ledger.post(Label.INSURER_KEEP, account, Party.INSURER, keep + keep_of_excess, clause=article)
        ledger = ledger.post(Label.REPAY, account, Party.RISK_ADJUSTMENT, repay, clause=article)
        return ledger.post(label, account, payee, leaving - repay, clause=article)
