"""Tables of figures for reading in a notebook (供阅读的表): totals in a unit that suits, no digit beyond the error.

What the results return is for computing with: yuan, and every digit. Here the same rows are written for people, each
number with the digits that its standard error supports.
"""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Final, Protocol

from fundsim.report.amounts import RANGE_ERROR, Money, money_for, written
from fundsim.report.side_by_side import OF_ONE_PERSON

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

POINTS: Final = ("p01", "p05", "p25", "p50", "p75", "p95", "p99", "min", "max")
"""Columns that hold points of the distribution over replications, which are less sure than the mean."""
SIZES: Final = {"share": (100.0, "%"), "probability": (100.0, "%"), "count": (1.0, "persons")}
"""What a unit of computing is multiplied with, and the unit in print."""


class Told(Protocol):
    """A figure with its standard error: an estimate, a value or a difference."""

    @property
    def mean(self) -> float | None: ...
    @property
    def se(self) -> float | None: ...


def plus_minus(figure: Told, factor: float = 1.0) -> str:
    """Write a figure with its standard error, ``-12.276 ± 0.006``; the error is left out where there is none.

    Args:
        figure: what has a mean and a standard error; a dash where it does not exist.
        factor: what both are multiplied with: ``1e-6`` for million yuan.
    """
    if figure.mean is None:
        return "–"
    se = None if figure.se is None else figure.se * factor
    value = written(figure.mean * factor, se)
    return f"{value} ± {written(se, se)}" if se else value


def readable(frame: pd.DataFrame) -> pd.DataFrame:
    """Write a table of figures for people: the same rows and columns as text, ``unit`` as printed.

    Money is in million yuan, thousand yuan or yuan, as the largest amount of the table suggests; what one person gets
    or bears stays in yuan. Shares and probabilities are per cent.

    Args:
        frame: one row per figure, with the columns ``unit``, ``mean`` and ``se``, and any of ``lo``, ``hi``,
            percentiles, and ``difference`` with ``difference_se``; the figure's id is a column or a level of the index,
            ``figure`` or ``measure``. As ``Results.summary``, ``Sweep.to_frame`` and ``Comparison.to_frame`` have it.

    Raises:
        KeyError: a column that is needed is missing.
    """
    import pandas as pd

    flat = frame.reset_index()
    ids = flat["figure" if "figure" in flat.columns else "measure"].tolist()
    rows = [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
    totals = [
        abs(row["mean"])
        for of, row in zip(ids, rows, strict=True)
        if row["unit"] == "yuan" and of not in OF_ONE_PERSON and _known(row["mean"])
    ]
    money = money_for(100 * max(totals, default=0.0))
    shown = [_line(row, *_size(of, row["unit"], money)) for of, row in zip(ids, rows, strict=True)]
    return pd.DataFrame(shown, index=frame.index)


def _size(of: str, unit: str, money: Money) -> tuple[float, str]:
    """What a figure is multiplied with, and its unit in print."""
    if unit == "yuan" and of not in OF_ONE_PERSON:
        return 1 / money.yuan, money.en
    return SIZES.get(unit, (1.0, unit))


def _line(row: Mapping[str, object], factor: float, unit: str) -> dict[str, object]:
    """A row as text; what is no number stays as it is."""
    return {name: _cell(row, name, factor) for name in row} | {"unit": unit}


def _cell(row: Mapping[str, object], column: str, factor: float) -> object:
    value, error = row[column], row.get(_error_of(column))
    if not isinstance(value, float):
        return "–" if value is None else value
    if not _known(value):
        return "–"
    wider = RANGE_ERROR if column in POINTS else 1.0
    return written(value * factor, wider * factor * error if isinstance(error, float) and _known(error) else None)


def _known(value: float | None) -> bool:
    return value is not None and not isnan(value)


def _error_of(column: str) -> str:
    """The column that holds the error of a column; an error's is itself."""
    if column == "se" or "_se" in column:
        return column
    return f"{column}_se" if column == "difference" else "se"
