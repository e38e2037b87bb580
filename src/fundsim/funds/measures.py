"""What is told of a fund's year (基金指标): each figure's id, its names, its unit and how it is read off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.funds.amounts import Amount
from fundsim.funds.year import FundYear
from fundsim.money import PerReplication


@dataclass(frozen=True)
class FundMeasure:
    """One figure of a fund: an amount, or the ratio of an amount to another."""

    id: str
    zh: str
    en: str
    of: Callable[[FundYear], PerReplication | int]
    """The amount, fen."""
    over: Callable[[FundYear], int] | None = None
    """What it is a share of, fen, where the figure is a ratio; one of nothing is not defined."""

    @property
    def unit(self) -> str:
        return "yuan" if self.over is None else "share"

    def values(self, fund: FundYear) -> npt.NDArray[np.float64] | None:
        """The figure in each replication, in yuan or as a share; None where it is not defined."""
        below = 100 if self.over is None else self.over(fund)
        return np.full(fund.replications, self.of(fund)) / below if below else None


def _last(fund: FundYear, amount: Amount | None) -> int:
    return 0 if amount is None else amount.fen(fund.heads)


def _last_income(fund: FundYear) -> int:
    return _last(fund, fund.terms.last_year.income) if fund.terms.last_year else 0


def _last_payments(fund: FundYear) -> int:
    return _last(fund, fund.terms.last_year.payments) if fund.terms.last_year else 0


def _income(fund: FundYear) -> int:
    return fund.year_income


FUND_MEASURES: Final[dict[str, FundMeasure]] = {
    measure.id: measure
    for measure in (
        FundMeasure("income", "基金收入", "income", _income),
        FundMeasure(
            "income_growth", "收入增幅", "growth of income", lambda f: f.year_income - _last_income(f), _last_income
        ),
        FundMeasure("transferred", "划出", "transferred to others", lambda f: f.year_transferred),
        FundMeasure("billed", "账单应付", "due for bills", lambda f: f.billed.sum(axis=1)),
        FundMeasure("payments", "支付医疗机构", "paid to hospitals", lambda f: f.payments),
        FundMeasure(
            "payments_growth",
            "支付增幅",
            "growth of payments",
            lambda f: f.payments - _last_payments(f),
            _last_payments,
        ),
        FundMeasure("year_end", "年终决算", "year-end settlement", lambda f: f.settled.year_end),
        FundMeasure("hospitals_bear", "医疗机构分担超支", "overspend on hospitals", lambda f: f.settled.borne),
        FundMeasure("hospitals_keep", "医疗机构结余留用", "underspend kept", lambda f: f.settled.kept),
        FundMeasure("surplus", "当期结余", "surplus of the year", lambda f: f.surplus),
        FundMeasure("surplus_ratio", "当期结余率", "surplus over income", lambda f: f.surplus, _income),
        FundMeasure("balance", "累计结余", "balance at year end", lambda f: f.balance[:, -1]),
        FundMeasure("balance_ratio", "累计结余率", "balance over income", lambda f: f.balance[:, -1], _income),
        FundMeasure("lowest_cash", "账户月末最低余额", "lowest month-end cash", lambda f: f.lowest_cash),
    )
}
"""Every figure of a fund, in the order of reports."""

RUNS_DRY: Final = ("runs_dry", "账户透支概率", "probability that the account runs dry")
"""Id and names of the probability that is told with them."""
