"""The grammar of quantities in scenario files: ``6000 yuan``, ``50%``, ``-5pp``, ``33 yuan/person``.

Every scalar of a scenario is read as text and parsed here, once, exactly. Chinese units are understood
too (元, 万元, 亿元, 人). A value without its unit is refused, with the text that should be written.
"""

from __future__ import annotations

import datetime
import re
from fractions import Fraction
from math import isfinite

from fundsim.errors import UsersError
from fundsim.money import LARGEST_BILL, PPM


class UnitError(UsersError, ValueError):
    """A quantity that cannot be read: ``why`` it is wrong and what to write ``instead``."""

    def __init__(self, why: str, instead: str) -> None:
        super().__init__(f"{why}; {instead}")
        self.why = why
        self.instead = instead


FULL_SCORE = 100_00
"""A hundred points in hundredths of a point."""

MOST_DIGITS = 30
"""More digits than any quantity here can mean."""

_NUMBER = r"(?P<number>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)"
_MONEY = re.compile(_NUMBER + r"\s*(?P<unit>yuan|CNY|元|万元|亿元|million yuan|billion yuan)?(?P<per>\s*/\s*\S+)?")
_RATE = re.compile(_NUMBER + r"\s*(?P<unit>%|‰|pp|个百分点)?(?P<per>\s*/\s*(?:year|年))?")
_AMOUNT = r"\d[\d,]*(?:\.\d+)?"
_RANGE = re.compile(
    rf"(?P<low>{_AMOUNT})\s*(?:yuan|元|万元)?\s*[-–—~～至]\s*(?P<high>{_AMOUNT})\s*(?P<unit>yuan|元|万元)?"
)
_COUNT = re.compile(_NUMBER + r"\s*(?P<unit>persons?|people|人|万人|亿人)?")
_FACTOR = re.compile(r"[x×]\s*" + _NUMBER)
_FREQUENCY = re.compile(
    _NUMBER + r"\s*(?:(?:per|/|每)\s*(?P<base>[1-9][\d,]*|千|万)?\s*(?:persons?|people|person-years?|人年?))"
)
_YEARS = re.compile(r"(?P<number>\d{1,3})\s*(?P<unit>years?|年)?")
_SCORE = re.compile(_NUMBER + r"\s*(?P<unit>points?|分)?")
_PLAIN = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_SCALE = {
    "yuan": 1, "CNY": 1, "元": 1, "万元": 10**4, "亿元": 10**8,
    "million yuan": 10**6, "billion yuan": 10**9,
    "person": 1, "persons": 1, "people": 1, "人": 1, "万人": 10**4, "亿人": 10**8,
}  # fmt: skip
_PER_PERSON = {"person", "人", "人·年", "人年", "person-year"}
_PER_YEAR = {"year", "年"}


def _fraction(number: str) -> Fraction:
    if sum(map(str.isdigit, number)) > MOST_DIGITS:
        raise UnitError(f"'{number[:MOST_DIGITS]}…' has too many digits", f"write at most {MOST_DIGITS} digits")
    return Fraction(number.replace(",", ""))


def _money(text: str, per: set[str], example: str, *, per_needed: bool) -> int:
    match = _MONEY.fullmatch(text.strip())
    if match is None:
        raise _not_money(text, example)
    if match["unit"] is None:
        suffix = "/person" if per_needed else ""
        raise UnitError(f"'{text}' has no unit", f"write {match['number']} yuan{suffix}")
    given = (match["per"] or "").strip().lstrip("/").strip()
    if given and given not in per:
        raise UnitError(f"'/{given}' does not fit here", f"write an amount such as {example}")
    if per_needed and not given:
        raise UnitError(f"'{text}' does not say per whom", f"write {text.strip()}/person")
    fen = _fraction(match["number"]) * _SCALE[match["unit"]] * 100
    if fen.denominator != 1:
        raise UnitError(f"'{text}' is finer than a fen", "write at most two decimals of a yuan")
    if fen < 0:
        raise UnitError(f"'{text}' is negative", f"write an amount of zero or more, such as {example}")
    return int(fen)


def _not_money(text: str, example: str) -> UnitError:
    match = _RANGE.fullmatch(text.strip())
    if is_factor(text):
        why = f"'{text}' is a multiplier, an amount is needed here"
        return UnitError(why, f"write an amount, such as {example}; a variant may scale a 'deductible', nothing else")
    if match is None:
        return UnitError(f"'{text}' is not an amount of money", f"write an amount with its unit, such as {example}")
    low, high = match["low"], match["high"]
    if _fraction(high) > _fraction(low):
        return UnitError(
            f"'{text}' is a range, one amount is meant", f"write the upper edge: {high} {match['unit'] or 'yuan'}"
        )
    return UnitError(
        f'"{low}-{high}" is an empty range; a source that prints this has lost digits',
        "write the upper edge as it must be read, such as 20000 yuan where the next band begins at 20000, "
        "and say in a 'note' what is printed",
    )


def money(text: str) -> int:
    """An amount, in fen. ``6000 yuan``, ``0.6 万元``; ``/year`` may follow where it reads better."""
    fen = _money(text, _PER_YEAR, "6000 yuan", per_needed=False)
    if fen > LARGEST_BILL:
        raise UnitError(f"'{text}' is more than any bill can be", "write an amount below 10 billion yuan")
    return fen


def money_per_person(text: str) -> int:
    """An amount per insured person, in fen: ``33 yuan/person``, ``33元/人``."""
    return _money(text, _PER_PERSON, "33 yuan/person", per_needed=True)


def total(text: str) -> int:
    """A sum of money of a whole fund or pool, in fen; may be far larger than a bill."""
    return _money(text, _PER_YEAR, "2.5 亿元", per_needed=False)


def balance(text: str) -> int:
    """A signed sum of money in fen: a surplus is positive, a deficit is written with a minus sign."""
    negative = text.strip().startswith("-")
    return (-1 if negative else 1) * total(text.strip().removeprefix("-"))


def _ppm(text: str, number: str, per: int) -> int:
    ppm = _fraction(number) * PPM / per
    if ppm.denominator != 1:
        raise UnitError(f"'{text}' is finer than a millionth", "write at most four decimals of a per cent")
    return int(ppm)


def rate(text: str) -> int:
    """A share between 0% and 100%, in ppm."""
    match = _RATE.fullmatch(text.strip())
    if is_factor(text):
        why = f"'{text}' is a multiplier, a rate is needed here"
        raise UnitError(why, "write a rate, such as 50%; a variant may scale the rates by its 'pay', nothing else")
    if match is None:
        raise UnitError(f"'{text}' is not a rate", "write a rate with its unit, such as 50%")
    if match["unit"] in ("pp", "个百分点"):
        raise UnitError(f"'{text}' is a change in points, a rate is needed here", f"write {match['number']}%")
    if match["unit"] is None:
        value = _fraction(match["number"])
        instead = value * 100 if 0 < value < 1 else value
        raise UnitError(f"'{text}' has no unit", f"write {float(instead):g}%")
    ppm = _ppm(text, match["number"], 100 if match["unit"] == "%" else 1000)
    if not 0 <= ppm <= PPM:
        raise UnitError(f"'{text}' is outside 0% to 100%", "write a rate between 0% and 100%")
    return ppm


def growth(text: str) -> int:
    """A yearly growth rate, in ppm; may be negative or above 100%: ``8%/year``."""
    match = _RATE.fullmatch(text.strip())
    if match is None or match["unit"] != "%":
        raise UnitError(f"'{text}' is not a yearly growth", "write a growth with its unit, such as 8%/year")
    return _ppm(text, match["number"], 100)


def points(text: str) -> int:
    """A signed change of a rate in percentage points, in ppm: ``-5pp``, ``+10pp``."""
    match = _RATE.fullmatch(text.strip())
    if match is None or match["unit"] not in ("pp", "个百分点"):
        number = match["number"] if match else "+10"
        raise UnitError(f"'{text}' is not a change in percentage points", f"write {number}pp")
    return _ppm(text, match["number"], 100)


def is_points(text: str) -> bool:
    """Whether the text is written as a change in percentage points."""
    match = _RATE.fullmatch(text.strip())
    return match is not None and match["unit"] in ("pp", "个百分点")


def count(text: str) -> int:
    """A whole number of persons or things: ``3300000 persons``, ``330万人``, ``2000``."""
    match = _COUNT.fullmatch(text.strip())
    if match is None:
        raise UnitError(f"'{text}' is not a whole number", "write a number such as 3300000 persons")
    value = _fraction(match["number"]) * _SCALE[match["unit"] or "persons"]
    if value.denominator != 1 or value < 0:
        raise UnitError(f"'{text}' is not a whole number of zero or more", "write a whole number")
    return int(value)


def factor(text: str) -> float:
    """A multiplier above zero: ``x1.5`` or ``×1.5``."""
    return float(exact_factor(text))


def exact_factor(text: str) -> Fraction:
    """A multiplier, exact: ``x0.95``."""
    match = _FACTOR.fullmatch(text.strip())
    if match is None or _fraction(match["number"]) < 0:
        raise UnitError(f"'{text}' is not a multiplier", "write a multiplier such as x1.5")
    return _fraction(match["number"])


def is_factor(text: str) -> bool:
    """Whether the text is written as a multiplier."""
    return text.strip().startswith(("x", "×"))


def frequency(text: str) -> float:
    """Events per person and year: ``0.16 per person``, ``4.58 per 1000 persons``."""
    match = _FREQUENCY.fullmatch(text.strip())
    if match is None:
        raise UnitError(f"'{text}' is not a frequency", "write it per person, such as 160 per 1000 persons")
    base = {"千": "1000", "万": "10000", None: "1"}.get(match["base"], match["base"])
    value = _fraction(match["number"]) / _fraction(str(base))
    if value < 0:
        raise UnitError(f"'{text}' is negative", "write a frequency of zero or more")
    return float(value)


def number(text: str) -> float:
    """A pure number without a unit, such as a shape or an index: ``0.33``, ``-0.2``, ``1e-3``."""
    if _PLAIN.fullmatch(text.strip()) is None:
        raise UnitError(f"'{text}' is not a number", "write a plain number such as 0.33")
    value = float(text)
    if not isfinite(value):
        raise UnitError(f"'{text}' is too large a number", "write a plain number such as 0.33")
    return value


def year(text: str) -> int:
    """A calendar year from 1990 to 2100."""
    if re.fullmatch(r"\d{4}", text.strip()) is None or not 1990 <= int(text) <= 2100:
        raise UnitError(f"'{text}' is not a year", "write a year such as 2017")
    return int(text)


def years(text: str) -> int:
    """A whole number of years, one at least: ``3 years``, ``3年``."""
    match = _YEARS.fullmatch(text.strip())
    if match is None:
        raise UnitError(f"'{text}' is not a number of years", "write a whole number of years, such as 3 years")
    if match["unit"] is None:
        raise UnitError(f"'{text}' has no unit", f"write {match['number']} years")
    if int(match["number"]) == 0:
        raise UnitError(f"'{text}' is no time at all", "write one year or more, such as 3 years")
    return int(match["number"])


def score(text: str) -> int:
    """A score out of a hundred, in hundredths of a point: ``92``, ``88.5``, ``92 points``, ``92分``."""
    match = _SCORE.fullmatch(text.strip())
    if match is None:
        raise UnitError(f"'{text}' is not a score", "write a score from 0 to 100, such as 92")
    hundredths = _fraction(match["number"]) * 100
    if not 0 <= hundredths <= FULL_SCORE:
        raise UnitError(f"'{text}' is outside 0 to 100", "write a score from 0 to 100, such as 92")
    if hundredths.denominator != 1:
        raise UnitError(f"'{text}' is finer than a hundredth of a point", "write at most two decimals")
    return int(hundredths)


def date(text: str) -> datetime.date:
    """A calendar date, ``2017-01-01``."""
    try:
        return datetime.date.fromisoformat(text.strip())
    except ValueError:
        raise UnitError(f"'{text}' is not a date", "write year-month-day, such as 2017-01-01") from None
