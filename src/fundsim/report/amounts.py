"""How figures are written for people: a unit of money that suits the fund, no digit that the error does not bear.

Chinese counts in 万 and 亿, English in thousands and millions: a text in one language has the unit of that language,
and what stands in both at once (the tables of a terminal) has the English one, with its Chinese name beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Final

import numpy as np

from fundsim.estimates import NORMAL_95, Estimate, Probability, rounded
from fundsim.language import Lang
from fundsim.measures import MEASURES

if TYPE_CHECKING:
    from fundsim.results import Results


@dataclass(frozen=True)
class Money:
    """A unit in which a fund's totals are written."""

    fen: int
    """Fen in one unit."""
    en: str
    zh: str
    most: int
    """Decimals at most, where the error is zero or unknown."""

    @property
    def yuan(self) -> int:
        return self.fen // 100

    @property
    def label(self) -> str:
        return f"{self.en} ({self.zh})"


MILLION: Final = Money(10**8, "million yuan", "百万元", 3)
THOUSAND: Final = Money(10**5, "thousand yuan", "千元", 2)
YUAN: Final = Money(100, "yuan", "元", 0)
YI: Final = Money(10**10, "100 million yuan", "亿元", 4)
WAN: Final = Money(10**6, "10,000 yuan", "万元", 2)

FINEST: Final = 5
"""Decimals at most, where the error would bear more."""
FINEST_PER_CENT: Final = 2
"""Decimals at most of a probability or a share in per cent: a meeting needs no more, whatever the error bears."""
ROUNDING: Final = 1e-9
"""An error below this part of the figure is the computer's own: every replication gave the same."""

LEAST_FOR_RANGE: Final = 20
"""Replications below which a 5% point says nothing."""
RANGE_ERROR: Final = 3.0
"""Error of a 5% or 95% point, in standard errors of the mean: 2.1 for a normal sample, more for a skewed one."""

OF_ONE_PERSON: Final = ("avg_payout", "max_payout")
"""Measures that are one person's money: they stay in yuan however large the fund is."""


def money_of(results: Results, lang: Lang | None = None) -> Money:
    """Return the unit for a fund's totals, by its premium of a year and the language of the text."""
    return money_for(float(np.mean(results.average("premium"))), lang)


def money_for(fen: float, lang: Lang | None = None) -> Money:
    """Return the unit that suits a fund of this size.

    In English, and where both languages stand side by side, million yuan from ten million a year, smaller below. In
    Chinese 万元, 亿元 from 100亿元 a year, and 元 below 10万元.
    """
    if lang == "zh":
        return YI if fen >= 100 * YI.fen else WAN if fen >= 10 * WAN.fen else YUAN
    if fen >= 10 * MILLION.fen:
        return MILLION
    return THOUSAND if fen >= 100 * THOUSAND.fen else YUAN


def written(value: float | None, se: float | None, most: int = 2, finest: int = FINEST) -> str:
    """Write a value to the digits that its error supports; zero has no sign, what is undefined is a dash.

    A value without error, the same in every replication or seen in one only, has ``most`` decimals at most and no
    needless zeros; one with an error has ``finest`` at most.
    """
    text = "0" if value == 0 else rounded(value, se, finest if se else most)
    if not se and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.removeprefix("-") if not text.strip("-0.,") else text


def with_error(of: Estimate, factor: float = 1.0, most: int = 2) -> tuple[str, str]:
    """Write an estimate in another unit, and its standard error; a dash where there is none.

    Args:
        of: the estimate.
        factor: what it is multiplied with.
        most: decimals at most, where the error is zero or unknown.
    """
    mean, se = scaled(of.mean, factor), scaled(_honest(of.mean, of.se), factor)
    return written(mean, se, most), written(se, se, most)


def _honest(mean: float | None, se: float | None) -> float | None:
    """The standard error, zero where it is the computer's own."""
    return 0.0 if mean is not None and se is not None and se < ROUNDING * abs(mean) else se


def with_range(of: Estimate, factor: float, most: int) -> tuple[str, str, str, str]:
    """Write an estimate with its standard error and its 5% and 95% points; dashes where replications are too few."""
    low, high = "–", "–"
    se = _honest(of.mean, of.se)
    if of.percentiles is not None and se is not None and of.n >= LEAST_FOR_RANGE:
        alone = se if of.degrees is None else (of.sd or 0.0) / sqrt(of.n)  # strata make means surer, not their ends
        low, high = (written(of.percentiles[place] * factor, RANGE_ERROR * alone * factor, most) for place in (1, 5))
    return *with_error(of, factor, most), low, high


def scaled(value: float | None, factor: float) -> float | None:
    """Multiply what is defined."""
    return None if value is None else value * factor


def in_per_cent(p: Probability) -> tuple[str, str, str]:
    """Write a probability and the ends of its interval as per cent, to the digits that the interval supports.

    There are never more than two decimals; what is certain has none.
    """
    se = 100 * (p.hi - p.lo) / (2 * NORMAL_95)
    of, lo, hi = (per_cent(100 * x, se) for x in (p.p, p.lo, p.hi))
    return of, lo, hi


def per_cent(value: float | None, se: float | None = None) -> str:
    """Write a share or a probability, in per cent: to the digits that its error supports, two decimals at most.

    A share that is known exactly (a term of a scheme, a part of a total) has no error and no needless zeros.
    """
    return f"{value:.0f}" if value in (0.0, 100.0) else written(value, se, FINEST_PER_CENT, FINEST_PER_CENT)


def scale_of(measure: str, money: Money) -> tuple[float, str, int]:
    """Return what a measure (in yuan, heads or shares) is multiplied with, its unit in print, and decimals at most."""
    unit = MEASURES[measure].unit
    if unit == "yuan" and measure not in OF_ONE_PERSON:
        return 1 / money.yuan, money.en, money.most
    names = {"share": (100.0, "%", 2), "count": (1.0, "persons", 3), "per 1,000": (1.0, "per 1,000", 3)}
    return names.get(unit, (1.0, unit, 2))
