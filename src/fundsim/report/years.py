"""The years of a term side by side (分年度结果): what each of them brings, before what they come to together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

from fundsim.estimates import mean_of
from fundsim.measures import MEASURES, PROBABILITIES
from fundsim.report.amounts import money_of, scale_of, with_error
from fundsim.report.layout import Table

if TYPE_CHECKING:
    from fundsim.results import Results

ROWS: Final = (
    "premium_per_head", "premium", "claims_paid", "loss_ratio", "beneficiaries", "surplus", "surplus_return",
    "carried", "balance", "retention_forfeited", "insurer_result",
)  # fmt: skip
WHERE_ANY: Final = ("carried", "balance", "retention_forfeited")
"""Measures that are told where they are not zero throughout."""
ACROSS: Final = 4
"""Years in one table; longer terms have several."""
ENDED: Final = "Contracts that ended early count as nothing in later years. 提前终止后的年度按零计入。"


def by_year(results: Results) -> Iterator[Table]:
    """Tables of a term's years, each figure with its standard error; none where there is one year only."""
    years = {number: results.year(number) for number in range(1, len(results.years) + 1)}
    names = [name for name in ROWS if name not in WHERE_ANY or any(year.totals[name].any() for year in years.values())]
    ended = any(not year.totals["in_force"].all() for year in years.values())
    for first in range(1, len(years) + 1, ACROSS):
        shown = {number: year for number, year in years.items() if first <= number < first + ACROSS}
        head = ("", "", "", *(text for number in shown for text in (f"year {number} 第{number}年", "±")))
        rows = [*(_row(name, shown.values(), results) for name in names), *_chances(shown.values(), ended=ended)]
        yield Table("By year 分年度", head, tuple(rows), (ENDED,) if ended and max(shown) == len(years) else ())


def _row(name: str, years: Iterable[Results], results: Results) -> tuple[str, ...]:
    factor, unit, most = scale_of(name, money_of(results))
    cells = (text for year in years for text in with_error(year.estimate(name), factor, most))
    return MEASURES[name].zh, name, unit, *cells


def _chances(years: Iterable[Results], *, ended: bool) -> Iterator[tuple[str, ...]]:
    """How likely the insurer loses in each year, and how many contracts are in force where some ended early."""
    rows = [
        (
            PROBABILITIES["insurer_loss"][0],
            "insurer_loss",
            [(year.totals["insurer_result"] < 0, year.batch) for year in years],
        )
    ]
    if ended:
        rows.append(("合同有效", "in force", [(year.totals["in_force"] > 0, year.batch) for year in years]))
    for zh, name, found in rows:
        chances = (mean_of(happened.astype(np.float64), batch=batch) for happened, batch in found)
        yield zh, name, "%", *(text for chance in chances for text in with_error(chance, 100.0))
