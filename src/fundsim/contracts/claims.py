"""Claims (赔付)."""

from __future__ import annotations

from dataclasses import dataclass

from fundsim.contracts.terms import ContractTerms
from fundsim.contracts.year import ContractYear, Label
from fundsim.ledger import Ledger, Party


@dataclass(frozen=True)
class ClaimsPaid:
    """The contract's account pays C to the providers (一站式结算: the patient need not advance it)."""

    @classmethod
    def of(cls, _: ContractTerms) -> ClaimsPaid:
        return cls()

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        return ledger.post(Label.CLAIMS, Party.CONTRACT_ACCOUNT, Party.PROVIDERS, year.claims, clause=year.article)
