"""Claims (赔付)."""

from __future__ import annotations

from dataclasses import dataclass

from fundsim.contracts.terms import ContractTerms
from fundsim.contracts.year import ContractYear, Label
from fundsim.ledger import Ledger, Party
from fundsim.money import share


@dataclass(frozen=True)
class ClaimsPaid:
    """The contract's account pays C, less what is late, to the providers (一站式结算: the patient advances nothing)."""

    late: int
    """Part that is paid in the year after, ppm."""

    @classmethod
    def of(cls, terms: ContractTerms) -> ClaimsPaid:
        return cls(terms.late)

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        paid = year.claims - share(year.claims, self.late)
        return ledger.post(Label.CLAIMS, Party.CONTRACT_ACCOUNT, Party.PROVIDERS, paid, clause=year.article)
