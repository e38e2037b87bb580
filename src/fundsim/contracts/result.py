"""What a settled contract year comes to: every figure is read off the ledger, then the books are checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from fundsim.contracts.errors import BalanceError
from fundsim.contracts.year import ContractYear, Label
from fundsim.ledger import Ledger, Party
from fundsim.money import PerReplication

MEASURES: Final = (
    "premium", "claims_paid", "surplus", "insurer_keep", "surplus_return",
    "policy_loss", "policy_loss_fund", "policy_loss_insurer",
    "other_loss", "other_loss_fund", "other_loss_insurer",
    "carried", "retention_forfeited", "insurer_result", "fund_result", "balance", "contract_result",
)  # fmt: skip
"""The ids of all figures of a contract year, in the order of a report."""


@dataclass(frozen=True, eq=False)
class YearResult:
    """One settled contract year: the ledger, and its figures as int64 arrays of fen per replication."""

    ledger: Ledger
    premium: PerReplication
    """P."""
    claims_paid: PerReplication
    """C."""
    surplus: PerReplication
    """S = P - C, less the accepted running cost where fee-explicit (结余); a deficit is negative."""
    insurer_keep: PerReplication
    """What the insurer keeps of a surplus."""
    surplus_return: PerReplication
    """What goes back to the fund (超额结余返还), a held surplus released at the end of the term included."""
    policy_loss: PerReplication
    """Policy-caused loss (政策性亏损) before sharing."""
    policy_loss_fund: PerReplication
    """The fund's part, whether paid or deferred."""
    policy_loss_insurer: PerReplication
    other_loss: PerReplication
    """Any other loss before sharing; all of it where the contract does not ask the cause."""
    other_loss_fund: PerReplication
    """The fund's part, whether paid or deferred. A deferred part that the insurer is left with when the term ends
    moves to the insurer's losses, so that the sum over the term shows who bore it; the last year's figure
    can be negative for that reason."""
    other_loss_insurer: PerReplication
    carried: PerReplication
    """The year's change of the balance: repaid and held, less drawn and deferred (本年结转)."""
    retention_forfeited: PerReplication
    """Retention that the score does not release (考核扣款): from the insurer to the fund."""
    insurer_result: PerReplication
    """The insurer's result after its real running cost (公司净利润): its balance in the ledger."""
    fund_result: PerReplication
    """What the fund received less what it paid, the premium itself not counted, whenever that is paid."""
    balance: PerReplication
    """B' = B + carried, brought into the next year."""
    contract_result: PerReplication
    """The contract's own view (合同口径): insurer_keep less the insurer's losses, before real running cost."""

    def measures(self) -> dict[str, PerReplication]:
        """All figures by id."""
        return {name: getattr(self, name) for name in MEASURES}


def read_off(ledger: Ledger, year: ContractYear) -> YearResult:
    """The figures of a year whose clauses have all posted.

    Raises:
        BalanceError: the clauses made or lost money.
    """
    left_with_insurer = ledger.total(Label.CLOSING_INSURER)
    premium, claims = ledger.total(Label.PREMIUM), ledger.total(Label.CLAIMS)
    policy_fund, policy_insurer = ledger.total(Label.POLICY_LOSS_FUND), ledger.total(Label.POLICY_LOSS_INSURER)
    other_fund = ledger.total(Label.OTHER_LOSS_FUND) - left_with_insurer
    other_insurer = ledger.total(Label.OTHER_LOSS_INSURER) + left_with_insurer
    keep = ledger.total(Label.INSURER_KEEP)
    carried = ledger.balance(Party.RISK_ADJUSTMENT)
    result = YearResult(
        ledger=ledger,
        premium=premium,
        claims_paid=claims,
        surplus=premium - claims - ledger.total(Label.ACCEPTED_COST),
        insurer_keep=keep,
        surplus_return=ledger.total(Label.SURPLUS_RETURN),
        policy_loss=policy_fund + policy_insurer,
        policy_loss_fund=policy_fund,
        policy_loss_insurer=policy_insurer,
        other_loss=other_fund + other_insurer,
        other_loss_fund=other_fund,
        other_loss_insurer=other_insurer,
        carried=carried,
        retention_forfeited=ledger.total(Label.RETENTION_FORFEITED),
        insurer_result=ledger.balance(Party.INSURER),
        fund_result=ledger.balance(Party.BASIC_FUND) + ledger.balance(Party.PREMIUM_RECEIVABLE) + premium,
        balance=year.brought_forward + carried,
        contract_result=keep - policy_insurer - other_insurer,
    )
    _check(result)
    for figure in result.measures().values():
        figure.setflags(write=False)
    return result


def _check(result: YearResult) -> None:
    """Zero sum, an empty account, and S = keep - insurer's losses + returned - paid by the fund + carried."""
    ledger = result.ledger
    paid_by_fund = sum(
        (
            ledger.total(label, payer=Party.BASIC_FUND)
            for label in (Label.POLICY_LOSS_FUND, Label.OTHER_LOSS_FUND, Label.CLOSING_FUND)
        ),
        start=np.zeros(ledger.n, np.int64),
    )
    explained = result.contract_result + result.surplus_return - paid_by_fund + result.carried
    for what, difference in (
        ("the balances of all parties do not sum to zero", ledger.imbalance()),
        ("the contract account is not empty", ledger.balance(Party.CONTRACT_ACCOUNT)),
        ("surplus is not what was kept, returned, shared and carried", result.surplus - explained),
    ):
        if difference.any():
            first = int(np.argmax(difference != 0))
            raise BalanceError(f"{what}: {difference[first]} fen in replication {first}")
