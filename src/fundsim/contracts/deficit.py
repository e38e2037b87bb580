"""Who bears a loss (亏损分担): held surplus first, then insurer and fund tier by tier, by cause where asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fundsim.contracts.exact import part
from fundsim.contracts.terms import ContractTerms
from fundsim.contracts.tiers import INSURER_BEARS_ALL, Tier, insurer_part
from fundsim.contracts.year import ContractYear, Label
from fundsim.ledger import Ledger, Party
from fundsim.money import PerReplication


@dataclass(frozen=True)
class LossShared:
    """Fills the account up after a loss L = -S > 0; does nothing in a year without one.

    draw = min(L, max(B, 0)) comes from surplus held earlier and still there. Of L' = L - draw the policy-caused part
    (政策性亏损) is policy share x L', rounded half up, or where the year was settled without the policy-caused events
    as well min(L', max(delta, 0)); the rest is other loss (非政策性亏损). Each is divided by its own tiers, the
    insurer's part rounded half up once, the rest the fund's. A contract that does not ask the cause has no policy
    loss, and its tiers apply to all of L'. What the fund pays later is advanced by the risk-adjustment account, which
    falls below zero: that much is owed to the insurer.
    """

    policy_tiers: tuple[Tier, ...]
    other_tiers: tuple[Tier, ...]
    later: bool
    """Whether the fund's part is deferred."""

    @classmethod
    def of(cls, terms: ContractTerms) -> LossShared:
        other = terms.other_tiers if terms.asks_cause else terms.tiers
        return cls(
            policy_tiers=terms.policy_tiers or INSURER_BEARS_ALL,
            other_tiers=other or INSURER_BEARS_ALL,
            later=terms.fund_pays == "later",
        )

    def post(self, ledger: Ledger, year: ContractYear) -> Ledger:
        loss = np.maximum(-ledger.balance(Party.CONTRACT_ACCOUNT), 0)
        held = np.maximum(year.brought_forward + ledger.balance(Party.RISK_ADJUSTMENT), 0)
        draw = np.minimum(loss, held)
        policy_loss = _policy_caused(loss - draw, year)
        other_loss = loss - draw - policy_loss
        ledger = ledger.post(Label.DRAW, Party.RISK_ADJUSTMENT, Party.CONTRACT_ACCOUNT, draw, clause=year.article)
        labels = (Label.POLICY_LOSS_INSURER, Label.POLICY_LOSS_FUND)
        ledger = self._divide(ledger, year, policy_loss, self.policy_tiers, labels)
        labels = (Label.OTHER_LOSS_INSURER, Label.OTHER_LOSS_FUND)
        return self._divide(ledger, year, other_loss, self.other_tiers, labels)

    def _divide(
        self,
        ledger: Ledger,
        year: ContractYear,
        loss: PerReplication,
        tiers: tuple[Tier, ...],
        labels: tuple[Label, Label],
    ) -> Ledger:
        insurers = insurer_part(loss, year.premium, tiers)
        payer = Party.RISK_ADJUSTMENT if self.later else Party.BASIC_FUND
        account, article = Party.CONTRACT_ACCOUNT, year.article
        ledger = ledger.post(labels[0], Party.INSURER, account, insurers, clause=article)
        return ledger.post(labels[1], payer, account, loss - insurers, clause=article)


def _policy_caused(loss: PerReplication, year: ContractYear) -> PerReplication:
    if year.policy_loss_delta is None:
        return part(loss, year.policy_share)
    result: PerReplication = np.minimum(loss, np.maximum(year.policy_loss_delta, 0))
    return result
