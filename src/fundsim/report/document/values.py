"""Figures of compared designs (比较指标) as cells: a value, its error and its interval in the unit of a report."""

from __future__ import annotations

from fundsim.comparison import Figure
from fundsim.comparison.differences import Value
from fundsim.report.amounts import Money, scaled, written
from fundsim.report.document.model import Number
from fundsim.report.document.subject import UNITS, in_chinese_marks
from fundsim.report.document.words import Words
from fundsim.report.side_by_side import in_unit, scale_of_figure, signed

UNITS_OF_DIFFERENCES = {"%": Words("百分点", "points")}
"""Differences of shares are told in points."""


def figure_name(figure: Figure) -> Words:
    """A figure's name; Chinese with its own brackets."""
    return Words(in_chinese_marks(figure.zh), figure.en)


def figure_unit(figure: Figure, money: Money) -> Words:
    """The unit in which a figure is printed."""
    unit = scale_of_figure(figure, money)[1]
    return Words(UNITS[unit], unit)


def difference_unit(figure: Figure, money: Money) -> Words:
    """The unit in which a difference of a figure is printed."""
    unit = figure_unit(figure, money)
    return UNITS_OF_DIFFERENCES.get(unit.en, unit)


def value_cells(value: Value, figure: Figure, money: Money) -> tuple[Number, Number]:
    """A value and its standard error."""
    factor, _, most = scale_of_figure(figure, money)
    text, se = in_unit(value, factor, most)
    return Number(scaled(value.mean, factor), text), Number(scaled(value.se, factor), se)


def difference_cells(value: Value, figure: Figure, money: Money) -> tuple[Number, Number]:
    """A difference with its sign, and its standard error."""
    factor, _, most = scale_of_figure(figure, money)
    text, se = signed(value, factor, most)
    return Number(scaled(value.mean, factor), text), Number(scaled(value.se, factor), se)


def interval_cells(value: Value, figure: Figure, money: Money) -> tuple[Number, Number]:
    """Both ends of a value's 95% interval, to the digits of the value."""
    factor, _, most = scale_of_figure(figure, money)
    se = scaled(value.se, factor)
    ends = (scaled(value.lo, factor), scaled(value.hi, factor))
    low, high = (Number(end, "–" if end is None else written(end, se, most)) for end in ends)
    return low, high
