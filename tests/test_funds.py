"""The accounts of payers: years worked by hand, month by month, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from pydantic import ValidationError

from fundsim.contracts import BalanceError
from fundsim.funds import (
    FUND_MEASURES,
    SETTLEMENTS,
    Amount,
    Contribution,
    FundBills,
    FundError,
    FundsYear,
    FundTerms,
    Settled,
    settle_funds,
)
from fundsim.ledger import Party

YUAN = 100
NOBODY: list[tuple[int, dict[str, str]]] = []

CLEARED = {"by": "monthly-clearing", "prefund_months": "1", "lag_months": "1", "expected": "1200 yuan/year"}
BUDGET = {
    "by": "global-budget",
    "last_total": "10000 yuan/year",
    "growth": "26%/year",
    "growth_cap": "20%/year",
    "advance": "90%",
    "overspend": [{"to": "10%", "hospitals": "50%"}, {"hospitals": "100%"}],
    "underspend_kept": "25%",
}
FALLING = [{"to": "9%", "hospitals": "50%"}, {"to": "4%", "hospitals": "50%"}, {"hospitals": "100%"}]


def fund(**keys: Any) -> FundTerms:
    return FundTerms.model_validate({"pays": ["basic"], "income": {"fiscal": "1200 yuan/year"}, **keys})


def bills(*years: dict[int, int]) -> npt.NDArray[np.int64]:
    """(replications, 12, 1) yuan by month (January is 1) of one payer, as fen."""
    paid = np.zeros((len(years), 12, 1), np.int64)
    for replication, year in enumerate(years):
        for month, yuan in year.items():
            paid[replication, month - 1, 0] = yuan * YUAN
    return paid


def settle(terms: FundTerms, *years: dict[int, int], groups: list[tuple[int, dict[str, str]]] = NOBODY) -> FundsYear:
    return settle_funds({"residents": terms}, groups=groups, payers=["basic"], paid=bills(*years))


def yuan(values: npt.NDArray[np.int64]) -> list[Any]:
    assert not (values % YUAN).any()
    found: list[Any] = (values // YUAN).tolist()
    return found


# --- amounts and months -------------------------------------------------------------------------------------------


def test_an_amount_says_by_its_unit_whether_it_is_per_insured() -> None:
    assert Amount.model_validate("240 yuan/person").fen(1_000) == 240_000 * YUAN
    assert Amount.model_validate("5000 万元/year").fen(1_000) == 50_000_000 * YUAN
    both = Amount.model_validate({"per_person": "2 yuan/person", "total": "10 yuan"})
    assert both.fen(3) == 16 * YUAN
    with pytest.raises(ValidationError, match="does not say whether it is per insured or for the whole fund"):
        Amount.model_validate("240 yuan")


@pytest.mark.parametrize(
    ("arrives", "expected"),
    [
        ("yearly", [1000, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("quarterly", [250, 0, 0, 250, 0, 0, 250, 0, 0, 250, 0, 0]),
        ("monthly", [83, 83, 84, 83, 83, 84, 83, 83, 84, 83, 83, 84]),
    ],
)
def test_income_arrives_in_its_months_to_the_fen(arrives: str, expected: list[int]) -> None:
    income = Contribution.model_validate({"total": "10 yuan", "arrives": arrives})
    assert income.by_month(0).tolist() == expected


def test_only_those_with_the_traits_are_insured_by_the_fund() -> None:
    groups = [(70, {"member": "resident"}), (20, {"member": "student"}), (10, {"member": "employee"})]
    assert fund().heads(groups) == 100
    assert fund(insured={"member": "resident"}).heads(groups) == 70
    assert fund(insured={"member": ["resident", "student"]}).heads(groups) == 90


# --- as billed (按实结算) -----------------------------------------------------------------------------------------


def test_a_fund_that_pays_as_billed_worked_by_hand() -> None:
    """Opening 50; 1,200 in four parts of 300. Bills: January 320, February 100, July 500.

    January 50 + 300 - 320 = 30; February 30 - 100 = -70, nothing comes in until April: -70 + 300 = 230;
    July 230 + 300 - 500 = 30; October 330. Surplus 1,200 - 920 = 280.
    """
    income = {"fiscal": {"total": "1200 yuan", "arrives": "quarterly"}}
    year = settle(fund(income=income, opening="50 yuan"), {1: 320, 2: 100, 7: 500}, {}).funds["residents"]
    assert yuan(year.cash[0]) == [30, -70, -70, 230, 230, 230, 30, 30, 30, 330, 330, 330]
    assert yuan(year.surplus) == [280, 1200]
    assert yuan(year.lowest_cash) == [-70, 350]
    assert year.runs_dry.tolist() == [True, False]
    assert year.first_dry_month.tolist() == [2, 0]
    np.testing.assert_array_equal(year.cash, year.balance)


# --- prefund and monthly clearing (预拨、按月清算) ------------------------------------------------------------------


def test_monthly_clearing_of_two_months_worked_by_hand() -> None:
    """Prefund 100 (a month of 1,200 a year). Bills: January 80, February 130, then none.

    January 100 - 80 = 20. Before February is settled the 80 come back: 20 + 80 - 130 = -30, so the account is 30
    short. In March the 130 come back: -30 + 130 = 100, the prefund.
    """
    year = settle(fund(settles=CLEARED), {1: 80, 2: 130}).funds["residents"]
    assert yuan(year.cash[0]) == [20, -30, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100]
    assert year.first_dry_month.tolist() == [2]
    assert yuan(year.balance[0]) == [1120, 990, *[990] * 10]


def test_a_longer_lag_keeps_the_money_away_longer() -> None:
    """The same with a lag of two: February 20 - 130 = -110; March -110 + 80 = -30; April -30 + 130 = 100."""
    year = settle(fund(settles=CLEARED | {"lag_months": "2"}), {1: 80, 2: 130}).funds["residents"]
    assert yuan(year.cash[0]) == [20, -110, -30, *[100] * 9]


def test_three_months_prefunded_by_the_funds_own_income() -> None:
    """Without stated expectations a month is a twelfth of the income: 3 x 100 = 300; bills of 100 leave 200 each."""
    settles = {"by": "monthly-clearing", "prefund_months": "3", "lag_months": "1"}
    year = settle(fund(settles=settles), dict.fromkeys(range(1, 13), 100)).funds["residents"]
    assert yuan(year.cash[0]) == [200] * 12
    assert not year.runs_dry.any()


# --- global budget (总额预付) -------------------------------------------------------------------------------------


def test_global_budget_worked_by_hand() -> None:
    """Last year 10,000, growth 26% capped at 20%: B = 12,000. Advances 90% / 12 = 900 a month, 10,800 in all.

    Billed 11,000: underspend 1,000, of which hospitals keep 250: final 11,250, year-end 450.
    Billed 12,000: final 12,000, year-end 1,200.
    Billed 14,000: overspend 2,000; tiers 1,200 x 50% + 800 x 100% = 1,400 borne by hospitals, final 12,600.
    Billed 10,000: underspend 2,000, kept 500, final 10,500: hospitals pay back 300.
    """
    years = [{3: 11_000}, {1: 12_000}, {6: 7_000, 12: 7_000}, {2: 10_000}]
    result = settle(fund(income={"fiscal": "12500 yuan/year"}, settles=BUDGET), *years)
    year = result.funds["residents"]
    assert yuan(year.settled.advances) == [[900] * 12] * 4
    assert yuan(year.settled.year_end) == [450, 1_200, 1_800, -300]
    assert yuan(year.settled.borne) == [0, 0, 1_400, 0]
    assert yuan(year.settled.kept) == [250, 0, 0, 500]
    assert yuan(year.payments) == [11_250, 12_000, 12_600, 10_500]
    assert yuan(year.surplus) == [1_250, 500, -100, 2_000]
    assert yuan(year.cash[2]) == [12_500 - 900 * month for month in range(1, 12)] + [-100]
    assert year.first_dry_month.tolist() == [0, 0, 12, 0]
    assert yuan(result.ledger.total("year-end settlement", payer="residents fund")) == [450, 1_200, 1_800, 0]
    assert yuan(result.ledger.total("year-end settlement", payer=Party.PROVIDERS)) == [0, 0, 0, 300]
    assert yuan(result.ledger.balance(Party.PROVIDERS)) == [11_250, 12_000, 12_600, 10_500]
    assert yuan(result.ledger.balance(Party.TREASURY)) == [-12_500] * 4


def test_growth_below_its_cap_is_what_the_budget_grows_by() -> None:
    settled = fund(settles=BUDGET | {"growth": "-5%/year"}).settles
    assert settled.budget(0) == 9_500 * YUAN  # type: ignore[attr-defined]


# --- several funds ------------------------------------------------------------------------------------------------


def test_funds_are_kept_apart_and_transfers_go_between_them() -> None:
    """Residents (100 heads): 420 each in, 30 each on to the CII fund, bills 35,000. CII fund: 3,000 in, bills 2,500."""
    terms = {
        "residents": fund(
            insured={"member": "resident"},
            income={"fiscal": "240 yuan/person", "personal": "180 yuan/person"},
            transfers={"cii": "30 yuan/person", "contract": "1 yuan/person"},
        ),
        "cii": FundTerms.model_validate({"pays": ["cii", "second"]}),
    }
    groups = [(100, {"member": "resident"}), (50, {"member": "employee"})]
    paid = np.zeros((1, 12, 3), np.int64)
    paid[0, 4] = [35_000 * YUAN, 2_000 * YUAN, 500 * YUAN]
    result = settle_funds(terms, groups=groups, payers=["basic", "cii", "second"], paid=paid)
    residents, cii = result.funds["residents"], result.funds["cii"]
    assert (residents.heads, residents.year_income) == (100, 42_000 * YUAN)
    assert yuan(residents.surplus) == [42_000 - 3_000 - 100 - 35_000]
    assert (cii.year_income, yuan(cii.surplus)) == (3_000 * YUAN, [500])
    ledger = result.ledger
    assert yuan(ledger.balance("cii fund")) == [500]
    assert yuan(ledger.balance(Party.INSURED)) == [-18_000]
    assert yuan(ledger.balance(Party.CONTRACT_ACCOUNT)) == [100]
    assert not ledger.imbalance().any()


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("income", [1_200, 1_200]),
        ("income_growth", [0.25, 0.25]),
        ("payments", [900, 1_500]),
        ("payments_growth", None),
        ("surplus_ratio", [0.25, -0.25]),
        ("balance", [350, -250]),
        ("lowest_cash", [350, -250]),
    ],
)
def test_figures_of_a_fund(measure: str, expected: list[float] | None) -> None:
    """1,200 of income after 960 last year; 900 or 1,500 paid; 50 held at the beginning."""
    terms = fund(opening="50 yuan", last_year={"income": "960 yuan/year"})
    values = FUND_MEASURES[measure].values(settle(terms, {4: 900}, {4: 1_500}).funds["residents"])
    assert values is None if expected is None else values is not None and values.tolist() == expected


def test_a_way_of_settling_that_loses_money_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def pay_nothing(self: object, bills: FundBills) -> Settled:
        none = np.zeros(len(bills.billed), np.int64)
        return Settled(advances=np.zeros_like(bills.billed), year_end=none, borne=none, kept=none)

    monkeypatch.setattr(SETTLEMENTS["as-billed"], "settle", pay_nothing)
    with pytest.raises(BalanceError, match="differ by -10000 fen in replication 1"):
        settle(fund(), {}, {2: 100})


# --- what is refused ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paid", "words"),
    [
        (np.zeros((2, 12, 2), np.int64), r"give int64 fen of shape \(replications, 12, 1\)"),
        (np.zeros((2, 12, 1)), "float64"),
        (np.full((2, 12, 1), -1, np.int64), "less than nothing"),
    ],
)
def test_payments_of_another_kind_are_refused(paid: npt.NDArray[Any], words: str) -> None:
    with pytest.raises(FundError, match=words):
        settle_funds({"residents": fund()}, groups=NOBODY, payers=["basic"], paid=paid)


def test_a_payer_outside_the_waterfall_is_refused() -> None:
    with pytest.raises(FundError, match="bears union; the waterfall has basic"):
        settle_funds({"union": fund(pays=["union"])}, groups=NOBODY, payers=["basic"], paid=bills({}))


@pytest.mark.parametrize(
    ("settles", "words"),
    [
        (CLEARED | {"prefund_months": "0"}, "greater than or equal to 1"),
        (CLEARED | {"lag_months": "0"}, "greater than or equal to 1"),
        (BUDGET | {"growth_cap": "-120%/year"}, "cannot fall by more than all of it"),
        (BUDGET | {"overspend": [{"to": "10%", "hospitals": "50%"}]}, "nobody bears a larger overspend"),
        (BUDGET | {"overspend": FALLING}, "rising order"),
    ],
)
def test_terms_out_of_range_are_refused(settles: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        fund(settles=settles)
