"""What a contract comes to over its whole term: its years, what is settled after them, and the insurer's cash."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fundsim.contracts.cash import InsurerCash
from fundsim.contracts.errors import BalanceError
from fundsim.contracts.result import MEASURES, YearResult
from fundsim.ledger import Ledger, Party
from fundsim.money import PerReplication


@dataclass(frozen=True, eq=False)
class TermResult:
    """The settled term: each year's ledger and figures, as int64 arrays with one entry per replication."""

    years: tuple[YearResult, ...]
    """Every year of the term; all zero where a replication's contract had ended before."""
    closing: Ledger
    """What is settled after each replication's last year: the true-up of its premium, its outstanding claims."""
    premium_factors: tuple[PerReplication, ...]
    """The premium rate of each year over the first year's, ppm."""
    years_settled: PerReplication
    """Years in force; fewer than the term where it ended early."""
    brought_in: int
    """Balance brought into the first year (fen)."""
    balance: PerReplication
    """What is still carried after each replication's last year (fen): zero where the contract closes its balance."""
    cash: InsurerCash | None
    """None where the contract states no instalments, or the facts no claims by month."""

    @property
    def terminated(self) -> npt.NDArray[np.bool_]:
        """(r,) whether the contract ended before its term (提前终止)."""
        result: npt.NDArray[np.bool_] = self.years_settled < len(self.years)
        return result

    def measures(self) -> dict[str, PerReplication]:
        """All figures by id, summed over the term; ``balance`` is the last one."""
        totals = {name: sum(getattr(year, name) for year in self.years) for name in MEASURES}
        return {**totals, "balance": self.balance}

    def check(self) -> None:
        """Count the books of the term from scratch.

        Raises:
            BalanceError: something is still owed, carried money does not add up, or cash is not what was earned.
        """
        ledgers = [*(year.ledger for year in self.years), self.closing]
        carried = sum(year.carried for year in self.years)
        differences = {
            "the closing does not sum to zero": self.closing.imbalance(),
            "premium is still owed after the term": _left(ledgers, Party.PREMIUM_RECEIVABLE),
            "claims are still outstanding after the term": _left(ledgers, Party.RESERVE),
            "the last balance is not what was carried": self.balance - self.brought_in - carried,
        }
        if self.cash is not None:
            earned = sum(year.insurer_result for year in self.years)
            differences["cash is not what was earned and carried"] = self.cash.after - earned - self.balance
        for what, difference in differences.items():
            if difference.any():
                first = int(np.argmax(difference != 0))
                raise BalanceError(f"{what}: {difference[first]} fen in replication {first}")


def _left(ledgers: list[Ledger], party: Party) -> PerReplication:
    return sum((ledger.balance(party) for ledger in ledgers), start=np.zeros(ledgers[0].n, np.int64))
