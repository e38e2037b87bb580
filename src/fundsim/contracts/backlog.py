"""Claims that wait when the contract begins (存量赔案)."""

from __future__ import annotations

from dataclasses import dataclass

from fundsim.contracts.reporting import ReportingTerms
from fundsim.contracts.terms import ContractTerms
from fundsim.contracts.year import ContractYear, Label
from fundsim.ledger import Ledger, Party


@dataclass(frozen=True)
class BacklogPaid:
    """In the first year of the term the account also pays claims of the months before the award, inside the cover."""

    reporting: ReportingTerms | None

    @classmethod
    def of(cls, terms: ContractTerms) -> BacklogPaid:
        return cls(terms.reporting)

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        if self.reporting is None or self.reporting.backlog is None or not year.first_year:
            return ledger
        waiting, article = self.reporting.backlog.fen(year.claims), self.reporting.clause or year.article
        return ledger.post(Label.CLAIMS, Party.CONTRACT_ACCOUNT, Party.PROVIDERS, waiting, clause=article)
