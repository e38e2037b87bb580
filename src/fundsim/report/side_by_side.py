"""What tables of compared designs have in common (方案比较的列报): figures in a fund's unit, with their errors."""

from __future__ import annotations

from typing import Final

from fundsim.comparison import Figure
from fundsim.comparison.differences import Value
from fundsim.report.amounts import FINEST, ROUNDING, Money, scaled, written

OF_ONE_PERSON: Final = ("avg_payout", "max_payout", "burden_per_beneficiary")
"""Money of one person stays in yuan however large the fund is."""


def scale_of_figure(figure: Figure, money: Money) -> tuple[float, str, int]:
    """Return what a figure is multiplied with, its unit in print, and decimals at most."""
    if figure.unit == "yuan" and figure.id not in OF_ONE_PERSON:
        return 1 / money.yuan, money.en, money.most
    names = {
        "share": (100.0, "%", 2),
        "probability": (100.0, "%", 2),
        "count": (1.0, "persons", 3),
        "per 1,000": (1.0, "per 1,000", 3),
    }
    return names.get(figure.unit, (1.0, figure.unit, 2))


def in_unit(value: Value, factor: float, most: int) -> tuple[str, str]:
    """Write a value and its standard error in another unit; a dash where there is none.

    An error that would be written as zero is none: the value then has no digits that only such an error would bear.
    """
    mean, se = scaled(value.mean, factor), scaled(value.se, factor)
    if mean is not None and se is not None and se < max(ROUNDING * abs(mean), 0.5 * 10**-FINEST):
        se = 0.0
    return written(mean, se, most), written(se, se, most)


def signed(value: Value, factor: float, most: int) -> tuple[str, str]:
    """The same for a difference, which has its sign."""
    text, se = in_unit(value, factor, most)
    above = value.mean is not None and value.mean > 0 and bool(text.strip("0.,"))
    return f"+{text}" if above else text, se
