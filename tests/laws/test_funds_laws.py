"""Laws that every way of settling and every fund must keep, on random funds and random years."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from fundsim.funds import SETTLEMENTS, Amount, Contribution, FundsYear, FundTerms, settle_funds
from fundsim.funds.global_budget import GlobalBudget, OverspendTier
from fundsim.funds.monthly_clearing import MonthlyClearing
from fundsim.ledger import Party
from fundsim.money import PPM, half_up

NATION = 10**13
"""A hundred billion yuan in fen."""
PAYERS = ("basic", "cii", "aid")

rates = st.one_of(st.sampled_from([0, 1, 333_333, 500_000, PPM]), st.integers(0, PPM))
growths = st.integers(-PPM, 2 * PPM)
amounts = st.builds(Amount, per_person=st.integers(0, 10**6), total=st.integers(0, NATION))
contributions = st.builds(
    Contribution,
    per_person=st.integers(0, 10**6),
    total=st.integers(0, NATION),
    arrives=st.sampled_from(["yearly", "quarterly", "monthly"]),
)


@st.composite
def overspend_tiers(draw: st.DrawFn) -> tuple[OverspendTier, ...]:
    ends = sorted(draw(st.sets(st.integers(1, PPM), max_size=3)))
    return tuple(OverspendTier(to=end, hospitals=draw(rates)) for end in [*ends, None])


WAYS: dict[str, st.SearchStrategy[Any]] = {
    "as-billed": st.just({"by": "as-billed"}),
    "monthly-clearing": st.fixed_dictionaries(
        {
            "by": st.just("monthly-clearing"),
            "prefund_months": st.integers(1, 12),
            "lag_months": st.integers(1, 12),
            "expected": st.none() | amounts,
        }
    ),
    "global-budget": st.fixed_dictionaries(
        {
            "by": st.just("global-budget"),
            "last_total": amounts,
            "growth": growths,
            "growth_cap": growths,
            "advance": rates,
            "overspend": overspend_tiers(),
            "underspend_kept": rates,
        }
    ),
}
any_way = st.sampled_from(sorted(WAYS)).flatmap(WAYS.__getitem__)


def funds(settles: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, FundTerms]]:
    """Two funds, one of which pays into the other; the third payer has none."""

    def build(first: Any, second: Any, income: Any, transfer: Any, opening: int) -> dict[str, FundTerms]:
        residents = {"pays": ["basic"], "income": {"fiscal": income}, "settles": first, "opening": opening}
        return {
            "residents": FundTerms.model_validate(residents | {"transfers": {"cii": transfer}}),
            "cii": FundTerms.model_validate({"pays": ["cii"], "income": {"personal": income}, "settles": second}),
        }

    return st.builds(build, settles, settles, contributions, contributions, st.integers(-NATION, NATION))


months = arrays.arrays(np.int64, st.tuples(st.integers(1, 3), st.just(12), st.just(3)), elements=st.integers(0, NATION))


def settled(terms: dict[str, FundTerms], paid: npt.NDArray[np.int64]) -> FundsYear:
    return settle_funds(terms, groups=[(1_000, {})], payers=PAYERS, paid=paid)


def test_every_way_of_settling_is_tried() -> None:
    assert set(WAYS) == set(SETTLEMENTS)


@given(funds(any_way), months)
def test_money_is_conserved_and_every_balance_is_explained(terms: dict[str, FundTerms], paid: Any) -> None:
    year = settled(terms, paid)
    assert not year.ledger.imbalance().any()
    for name, fund in year.funds.items():
        np.testing.assert_array_equal(year.ledger.balance(f"{name} fund"), fund.surplus)
        np.testing.assert_array_equal(fund.balance[:, -1], fund.terms.opening + fund.surplus)
    received = sum(fund.payments for fund in year.funds.values())
    np.testing.assert_array_equal(year.ledger.balance(Party.PROVIDERS), received)


@given(funds(any_way), months)
def test_advances_and_settlement_are_the_final_amount(terms: dict[str, FundTerms], paid: Any) -> None:
    year = settled(terms, paid)
    for place, name in enumerate(("residents", "cii")):
        s, billed = year.funds[name].settled, paid[:, :, place].sum(axis=1)
        assert (s.advances >= 0).all()
        assert (s.borne >= 0).all()
        assert (s.kept >= 0).all()
        np.testing.assert_array_equal(s.advances.sum(axis=1) + s.year_end, billed - s.borne + s.kept)


@given(funds(any_way), months)
def test_the_balance_moves_by_what_comes_in_and_goes_out(terms: dict[str, FundTerms], paid: Any) -> None:
    for fund in settled(terms, paid).funds.values():
        income, out = sum(fund.income.values()), sum(fund.transferred.values(), np.zeros(12, np.int64))
        held = np.full(len(paid), fund.terms.opening)
        for month in range(12):
            held = held + income[month] - out[month] - fund.to_hospitals[:, month]
            np.testing.assert_array_equal(fund.balance[:, month], held)


@given(funds(WAYS["monthly-clearing"]), months)
def test_the_account_is_the_prefund_less_what_has_not_come_back(terms: dict[str, FundTerms], paid: Any) -> None:
    for place, fund in enumerate(settled(terms, paid).funds.values()):
        way = fund.terms.settles
        assert isinstance(way, MonthlyClearing)
        expected = fund.year_income if way.expected is None else way.expected.fen(1_000)
        prefund = half_up(way.prefund_months * expected, 12)
        for month in range(12):
            outstanding = paid[:, max(0, month + 1 - way.lag_months) : month + 1, place].sum(axis=1)
            np.testing.assert_array_equal(fund.cash[:, month], prefund - outstanding)


@given(funds(WAYS["monthly-clearing"]), months, st.integers(1, 12))
def test_a_larger_prefund_never_runs_dry_more_often(terms: dict[str, FundTerms], paid: Any, more: int) -> None:
    way = terms["residents"].settles
    assert isinstance(way, MonthlyClearing)
    larger = way.model_copy(update={"prefund_months": way.prefund_months + more})
    others = terms | {"residents": terms["residents"].model_copy(update={"settles": larger})}
    smaller_dry, larger_dry = (settled(each, paid).funds["residents"].runs_dry for each in (terms, others))
    assert (larger_dry <= smaller_dry).all()


@given(funds(WAYS["global-budget"]), months)
def test_the_overspend_is_shared_to_the_fen(terms: dict[str, FundTerms], paid: Any) -> None:
    for place, fund in enumerate(settled(terms, paid).funds.values()):
        way = fund.terms.settles
        assert isinstance(way, GlobalBudget)
        budget = way.budget(fund.heads)
        for replication, billed in enumerate(paid[:, :, place].sum(axis=1).tolist()):
            borne, kept = int(fund.settled.borne[replication]), int(fund.settled.kept[replication])
            assert borne == (exact_part(billed - budget, budget, way.overspend) if billed > budget else 0)
            assert kept == (half_up((budget - billed) * way.underspend_kept, PPM) if billed < budget else 0)
            assert 0 <= borne <= max(billed - budget, 0)


def exact_part(over: int, budget: int, tiers: tuple[OverspendTier, ...]) -> int:
    """The oracle: each tier's overlap in fractions, summed, rounded half up once."""
    start, total = Fraction(0), Fraction(0)
    for tier in tiers:
        end = Fraction(over) if tier.to is None else Fraction(budget * tier.to, PPM)
        total += Fraction(tier.hospitals, PPM) * max(min(Fraction(over), end) - start, 0)
        start = end
    return half_up(total.numerator, total.denominator)


@given(WAYS["global-budget"], st.integers(0, PPM))
def test_a_cap_on_growth_never_makes_the_budget_larger(way: dict[str, Any], lower: int) -> None:
    free = GlobalBudget.model_validate(way)
    capped = free.model_copy(update={"growth_cap": free.growth_cap - lower})
    if capped.growth_cap >= -PPM:
        assert capped.budget(1_000) <= free.budget(1_000)


@pytest.mark.parametrize("arrives", ["yearly", "quarterly", "monthly"])
@given(st.integers(0, 10**6), st.integers(0, 10**7))
def test_no_fen_of_an_income_is_lost_over_the_months(arrives: Any, per_person: int, heads: int) -> None:
    income = Contribution(per_person=per_person, arrives=arrives)
    assert income.by_month(heads).sum() == per_person * heads
