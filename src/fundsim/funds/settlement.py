"""What a way of settling with hospitals (结算方式) is: it sees a year's bills and says what the fund pays, and when."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fundsim.money import PerReplication
from fundsim.terms import Terms

Monthly = npt.NDArray[np.int64]
"""(replications, 12) fen by month."""


@dataclass(frozen=True, eq=False)
class FundBills:
    """What a way of settling is told of a fund's year."""

    billed: Monthly
    """What the fund's payers owe for the bills of each month (fen)."""
    heads: int
    """Insured of the fund."""
    budget: int
    """The fund's income of the year (fen)."""


@dataclass(frozen=True, eq=False)
class Settled:
    """What hospitals receive from the fund for a year's bills."""

    advances: Monthly
    """Paid month by month (fen, zero or more)."""
    year_end: PerReplication
    """Year-end settlement (年终决算): added to December's advance; below zero hospitals pay back (fen)."""
    borne: PerReplication
    """Overspend that hospitals bear (超支分担): billed, and not paid (fen)."""
    kept: PerReplication
    """Underspend that hospitals keep (结余留用): paid beyond what was billed (fen)."""
    account: Monthly | None = None
    """Month-end balance of an account of its own from which hospitals are paid; below zero they wait for so much.
    None where they are paid out of the fund itself."""


class Settlement(Terms, ABC):
    """A way in which a fund settles with hospitals; inert but for one pure method.

    Of every one: sum of ``advances`` + ``year_end`` = sum of ``billed`` - ``borne`` + ``kept``.
    To add one: a file with a subclass whose ``by`` names it, and a line in ``SETTLEMENTS``.
    """

    by: str

    @abstractmethod
    def settle(self, bills: FundBills) -> Settled:
        """Settle one year of every replication."""
