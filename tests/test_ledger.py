"""The ledger conserves money, refuses what is not money, and never changes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from fundsim.ledger import Ledger, LedgerError, Party, Posting
from fundsim.money import PerReplication


def fen(*amounts: int) -> PerReplication:
    return np.array(amounts, np.int64)


@pytest.fixture
def ledger() -> Ledger:
    return (
        Ledger.empty(2)
        .post("bill", Party.PATIENTS, Party.PROVIDERS, fen(10, 20), clause="第三条")
        .post("bill", "basic", Party.PROVIDERS, fen(50, 0))
        .post("grant", Party.TREASURY, Party.BASIC_FUND, fen(7, 8))
    )


def test_balances_totals_and_parties(ledger: Ledger) -> None:
    assert ledger.balance(Party.PROVIDERS).tolist() == [60, 20]
    assert ledger.balance("basic").tolist() == [-50, 0]
    assert ledger.balance("nobody").tolist() == [0, 0]
    assert ledger.total("bill").tolist() == [60, 20]
    assert ledger.total("bill", payer="basic").tolist() == [50, 0]
    assert ledger.total("no such label").tolist() == [0, 0]
    assert ledger.parties == ("patients", "providers", "basic", "treasury", "basic fund")
    assert ledger.imbalance().tolist() == [0, 0]
    assert ledger.postings[0].clause == "第三条"


def test_a_payer_of_the_waterfall_is_not_the_fund(ledger: Ledger) -> None:
    assert ledger.balance(Party.BASIC_FUND).tolist() == [7, 8]


def test_posting_gives_a_new_ledger_and_leaves_the_old(ledger: Ledger) -> None:
    longer = ledger.post("bill", "aid", Party.PROVIDERS, fen(1, 1))
    assert len(ledger.postings) == 3
    assert longer.postings[:3] == ledger.postings
    with pytest.raises(dataclasses.FrozenInstanceError):
        ledger.n = 3  # type: ignore[misc]


def test_amounts_are_copied_and_read_only() -> None:
    mine = fen(1, 2)
    posting = Posting("bill", Party.PATIENTS, Party.PROVIDERS, mine)
    mine[0] = 99
    assert posting.amount.tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        posting.amount[0] = 5


def test_joined_ledgers_hold_the_postings_of_both(ledger: Ledger) -> None:
    other = Ledger.empty(2).post("premium", Party.BASIC_FUND, Party.INSURER, fen(5, 5))
    both = ledger.joined(other)
    assert len(both.postings) == 4
    assert both.balance(Party.BASIC_FUND).tolist() == [2, 3]
    with pytest.raises(LedgerError, match="has 1 entries; the ledger has 2 replications"):
        ledger.joined(Ledger.empty(1).post("premium", Party.BASIC_FUND, Party.INSURER, fen(5)))


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (fen(3, -4), r"posting 'bill' is negative in replication 1 \(-4 fen\); let providers pay patients instead"),
        (np.array([1.0, 2.0]), "posting 'bill' is float64; money is an int64 array of fen"),
        (np.array([1, 2], np.int32), "posting 'bill' is int32; money is an int64 array"),
        ([1, 2], "posting 'bill' is list; money is an int64 array"),
        (fen(1, 2, 3), "posting 'bill' has 3 entries; the ledger has 2 replications"),
        (np.ones((2, 2), np.int64), "posting 'bill' has 2 dimensions; it needs one entry per replication"),
    ],
)
def test_what_is_not_money_is_refused(amount: PerReplication, words: str) -> None:
    with pytest.raises(LedgerError, match=words):
        Ledger.empty(2).post("bill", Party.PATIENTS, Party.PROVIDERS, amount)


def test_names_must_be_given_and_differ() -> None:
    with pytest.raises(LedgerError, match="insurer cannot pay itself"):
        Posting("bill", Party.INSURER, Party.INSURER, fen(1))
    with pytest.raises(LedgerError, match="from 'patients' to '': a name is empty"):
        Posting("bill", Party.PATIENTS, "", fen(1))


class OneSided(Posting):
    """A posting that takes from its payer and gives to nobody."""

    def effect_on(self, party: str) -> PerReplication:
        return -self.amount * (party == self.payer)


def test_lost_money_shows_as_an_imbalance(ledger: Ledger) -> None:
    torn = ledger.with_posting(OneSided("bill", Party.PATIENTS, Party.PROVIDERS, fen(0, 4)))
    assert torn.imbalance().tolist() == [0, -4]
