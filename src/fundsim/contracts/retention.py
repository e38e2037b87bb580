"""The yearly assessment (年度考核): what of the retention the insurer has forfeited."""

from __future__ import annotations

from dataclasses import dataclass

from fundsim.contracts.exact import part
from fundsim.contracts.grades import RetentionTerms
from fundsim.contracts.terms import ContractTerms
from fundsim.contracts.year import ContractYear, Label
from fundsim.ledger import Ledger, Party
from fundsim.money import share


@dataclass(frozen=True)
class RetentionAssessed:
    """The insurer loses to the fund what its score does not release of the retention (扣款返还基金).

    The premium is earned in full, so the surplus does not know of it: with H = share x P the fund receives
    H - release x H, each product rounded half up, out of the insurer's own pocket.
    """

    retention: RetentionTerms | None

    @classmethod
    def of(cls, terms: ContractTerms) -> RetentionAssessed:
        return cls(terms.retention)

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        if self.retention is None or year.score is None:
            return ledger
        held_back = share(year.premium, self.retention.share)
        forfeited = held_back - part(held_back, self.retention.released(year.score))
        label, article = Label.RETENTION_FORFEITED, self.retention.clause or year.article
        return ledger.post(label, Party.INSURER, Party.BASIC_FUND, forfeited, clause=article)
