"""Who paid whom, for what: postings between parties, so that money is conserved by construction.

A ledger holds one contract year of every replication at once: each posting moves an int64 array of fen, one
entry per replication, from a payer to a payee. Posting returns a new ledger; nothing is ever changed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from fundsim.money import PerReplication


class Party(StrEnum):
    """The standing parties; a payer of the waterfall (``basic``, ``aid`` ...) is a party under its own name."""

    PATIENTS = "patients"
    """参保患者."""
    BASIC_FUND = "basic fund"
    """居民基本医保基金: pays the premium, receives what is returned."""
    CONTRACT_ACCOUNT = "contract account"
    """大病保险专账: the ring-fenced account of the contract (单独核算、专账管理); empty when the year is settled."""
    RISK_ADJUSTMENT = "risk adjustment"
    """风险调节金: what the contract carries to later years; below zero while a deficit is still owed."""
    PREMIUM_RECEIVABLE = "premium receivable"
    """应收保费: below zero what the fund still owes of a premium by actual heads, above zero what it has paid ahead."""
    RESERVE = "claims reserve"
    """未决赔款准备金: claims incurred and not yet paid."""
    INSURER = "insurer"
    """承办保险公司, its own pocket: its balance is its result."""
    SUPPLIERS = "suppliers"
    """Staff and suppliers of the insurer, who receive its running cost."""
    PROVIDERS = "providers"
    """定点医疗机构."""
    TREASURY = "treasury"
    """财政."""
    INSURED = "insured"
    """参保人: those who contribute, ill or not."""
    EMPLOYERS = "employers"
    """用人单位."""
    SOCIETY = "society"
    """社会力量: unions, charities and other donors."""


class LedgerError(ValueError):
    """A posting that no ledger can hold."""


@dataclass(frozen=True, eq=False)
class Posting:
    """One labelled transfer: in every replication ``payer`` pays ``payee`` the amount (fen, zero or more)."""

    label: str
    payer: str
    payee: str
    amount: PerReplication
    clause: str | None = None
    """The article of the contract that this transfer carries out."""

    def __post_init__(self) -> None:
        _check_names(self)
        _check_amount(self)
        # A copy, because the caller may go on writing into its own array.
        amount = self.amount.copy()
        amount.setflags(write=False)
        object.__setattr__(self, "amount", amount)

    def effect_on(self, party: str) -> PerReplication:
        """What the transfer adds to the party (fen): the amount, minus the amount, or nothing."""
        return self.amount * ((party == self.payee) - (party == self.payer))


def _check_names(posting: Posting) -> None:
    if not (posting.label and posting.payer and posting.payee):
        raise LedgerError(f"posting '{posting.label}' from '{posting.payer}' to '{posting.payee}': a name is empty")
    if posting.payer == posting.payee:
        raise LedgerError(f"posting '{posting.label}': {posting.payer} cannot pay itself")


def _check_amount(posting: Posting) -> None:
    amount = posting.amount
    if not isinstance(amount, np.ndarray) or amount.dtype != np.int64:
        found = getattr(amount, "dtype", type(amount).__name__)
        raise LedgerError(f"posting '{posting.label}' is {found}; money is an int64 array of fen")
    if amount.ndim != 1:
        raise LedgerError(f"posting '{posting.label}' has {amount.ndim} dimensions; it needs one entry per replication")
    if (amount < 0).any():
        first = int(np.argmax(amount < 0))
        raise LedgerError(
            f"posting '{posting.label}' is negative in replication {first} ({amount[first]} fen); "
            f"let {posting.payee} pay {posting.payer} instead"
        )


@dataclass(frozen=True)
class Ledger:
    """The postings of ``n`` replications, in the order in which they were made."""

    postings: tuple[Posting, ...]
    n: int

    def __post_init__(self) -> None:
        for posting in self.postings:
            if len(posting.amount) != self.n:
                raise LedgerError(
                    f"posting '{posting.label}' has {len(posting.amount)} entries; the ledger has {self.n} replications"
                )

    @classmethod
    def empty(cls, n: int) -> Ledger:
        return cls((), n)

    def post(self, label: str, payer: str, payee: str, amount: PerReplication, *, clause: str | None = None) -> Ledger:
        """A new ledger with one more transfer."""
        return self.with_posting(Posting(label, payer, payee, amount, clause))

    def with_posting(self, posting: Posting) -> Ledger:
        """A new ledger with this posting at its end."""
        return replace(self, postings=(*self.postings, posting))

    def joined(self, other: Ledger) -> Ledger:
        """The postings of both, these first; both must have the same replications."""
        return replace(self, postings=self.postings + other.postings)

    @property
    def parties(self) -> tuple[str, ...]:
        """Everybody who pays or receives, in order of first appearance."""
        names = (name for posting in self.postings for name in (posting.payer, posting.payee))
        return tuple(dict.fromkeys(str(name) for name in names))

    def total(self, label: str, *, payer: str | None = None) -> PerReplication:
        """The sum of all postings of a label (fen), if asked only those of one payer; zero where there are none."""
        result = np.zeros(self.n, np.int64)
        for posting in self.postings:
            if posting.label == label and payer in (None, posting.payer):
                result += posting.amount
        return result

    def balance(self, party: str) -> PerReplication:
        """What the party received less what it paid (fen)."""
        result = np.zeros(self.n, np.int64)
        for posting in self.postings:
            result += posting.effect_on(party)
        return result

    def imbalance(self) -> PerReplication:
        """The sum of all balances, counted from scratch: zero in every replication, or money was made or lost."""
        result = np.zeros(self.n, np.int64)
        for party in self.parties:
            result += self.balance(party)
        return result
