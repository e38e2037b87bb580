"""Claims that are incurred in a year and paid in the next (未决赔款)."""

from __future__ import annotations

from dataclasses import dataclass

from fundsim.contracts.terms import ContractTerms
from fundsim.contracts.year import ContractYear, Label
from fundsim.ledger import Ledger, Party
from fundsim.money import PerReplication, share


@dataclass(frozen=True)
class LateClaims:
    """Sets a reserve (未决赔款准备金) aside for the late part of C, rounded half up, and pays last year's reserve out.

    The account bears claims in the year in which they are incurred; the reserve only says when they are paid.
    """

    late: int
    """ppm of the claims."""

    @classmethod
    def of(cls, terms: ContractTerms) -> LateClaims:
        return cls(terms.late)

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        ledger = pay_outstanding(ledger, year.outstanding, year.article)
        if not self.late:
            return ledger
        reserve = share(year.claims, self.late)
        return ledger.post(Label.CLAIMS, Party.CONTRACT_ACCOUNT, Party.RESERVE, reserve, clause=year.article)


def pay_outstanding(ledger: Ledger, outstanding: PerReplication | None, article: str | None) -> Ledger:
    """Pay what an earlier year has reserved for its late claims."""
    if outstanding is None:
        return ledger
    return ledger.post(Label.OUTSTANDING_PAID, Party.RESERVE, Party.PROVIDERS, outstanding, clause=article)
