"""The frozen base of everything a user writes, and the types of its values.

Terms are inert: they hold what was written, parsed and in range, and never change. A value of one of these
types is text in a scenario file (parsed by :mod:`fundsim.units`) and an exact integer or a float in Python.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any, Final, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, WithJsonSchema
from pydantic_core import PydanticCustomError

from fundsim import units


class Terms(BaseModel):
    """Base of all terms: frozen, no unknown keys, and every block may cite where it comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    clause: str | None = None
    """The article of the policy text this block encodes, such as ``第九条``."""
    source: str | None = None
    """The document this block is taken from."""
    note: str | None = None
    """A remark for the reader: how a damaged source was read, or the arithmetic of an example."""


def problem(kind: str, why: str, instead: str, at: tuple[str | int, ...] = ()) -> PydanticCustomError:
    """A validation error that says ``why`` the value is wrong and what to write ``instead``.

    ``at`` leads from the validated value down to the offending part, such as ``(2, "to")`` in a list of bands.
    """
    return PydanticCustomError(kind, "{why}", {"why": why, "instead": instead, "at": at})


def nearest(word: str, choices: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` where one of the choices is close to a misspelt word, else nothing."""
    close = difflib.get_close_matches(word, list(choices), n=1, cutoff=0.6)
    return f"; did you mean '{close[0]}'?" if close else ""


def _reader(parse: Callable[[str], Any]) -> BeforeValidator:
    def read(value: object) -> object:
        if not isinstance(value, str):
            return value  # a Python caller hands over the exact integer or float
        try:
            return parse(value)
        except units.UnitError as error:
            raise problem(parse.__name__, error.why, error.instead) from None

    return BeforeValidator(read)


def _text(description: str, example: str) -> WithJsonSchema:
    return WithJsonSchema({"type": ["string", "number"], "description": description, "examples": [example]})


Money = Annotated[int, _reader(units.money), _text("amount of money 金额", "6000 yuan")]
"""Fen."""
MoneyPerPerson = Annotated[int, _reader(units.money_per_person), _text("amount per insured 人均金额", "33 yuan/person")]
"""Fen per insured person."""
Total = Annotated[int, _reader(units.total), _text("sum of money of a fund 总额", "2.5 亿元")]
"""Fen."""
Balance = Annotated[int, _reader(units.balance), _text("signed sum of money 余额", "-2000000 yuan")]
"""Fen; negative for a deficit."""
Rate = Annotated[int, _reader(units.rate), _text("share between 0% and 100% 比例", "50%")]
"""Parts per million, 0 to 1,000,000."""
Growth = Annotated[int, _reader(units.growth), _text("yearly growth 年增长率", "8%/year")]
"""Parts per million a year; may be negative."""
Points = Annotated[int, _reader(units.points), _text("change in percentage points 百分点", "+10pp")]
"""Parts per million, signed."""
Count = Annotated[int, _reader(units.count), _text("whole number 数量", "3300000 persons")]
Months = Annotated[int, _reader(units.count), _text("number of months 月数", "3")]
Factor = Annotated[float, _reader(units.factor), _text("multiplier 倍数", "x1.5")]
Frequency = Annotated[float, _reader(units.frequency), _text("events per person and year 频率", "160 per 1000 persons")]
Number = Annotated[float, _reader(units.number), _text("pure number 数", "0.33")]
Elasticity = Annotated[float, _reader(units.number), _text("elasticity 弹性", "-0.2")]
Year = Annotated[int, _reader(units.year), _text("calendar year 年份", "2017")]
Years = Annotated[int, _reader(units.years), _text("whole years 年限", "3 years")]
Score = Annotated[int, _reader(units.score), _text("score out of 100 考核得分", "92")]
"""Hundredths of a point, 0 to 10,000."""
Date = Annotated[datetime.date, _reader(units.date), _text("date 日期", "2017-01-01")]

KEY: Final = "[key]"
"""As the last step of a path in a problem: the key itself is meant, not its value."""

T = TypeVar("T")
OrNone = Annotated[T | None, BeforeValidator(lambda value: None if value == "none" else value)]
"""A value, or the word ``none``."""


@dataclass(frozen=True)
class Shift:
    """A change of a rate by percentage points (百分点), in ppm."""

    points: int


@dataclass(frozen=True)
class Scale:
    """A change by a multiplier, exact: ``x0.95`` pays 95% of what would be paid."""

    times: Fraction


def _rate_change(text: str) -> int | Shift | Scale:
    if units.is_factor(text):
        return Scale(units.exact_factor(text))
    return Shift(units.points(text)) if units.is_points(text) else units.rate(text)


RateChange = Annotated[
    int | Shift | Scale, _reader(_rate_change), _text("rate, change in points, or multiplier", "-5pp")
]
"""Ppm, or a :class:`Shift`, or a :class:`Scale`."""


def _money_change(text: str) -> int | Scale:
    return Scale(units.exact_factor(text)) if units.is_factor(text) else units.money(text)


MoneyChange = Annotated[int | Scale, _reader(_money_change), _text("amount of money, or multiplier", "x0.5")]
"""Fen, or a :class:`Scale`."""
