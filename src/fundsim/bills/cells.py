"""From the texts of a column to exact integers, many rows at a time, and in words what is wrong with one that is not.

A cell that is written as it should be is read among thousands; only one that is not is looked at alone.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from fundsim import units
from fundsim.bills.digits import read_amounts
from fundsim.bills.problems import Words
from fundsim.bills.texts import Bools, Int64s, Texts
from fundsim.money import LARGEST_BILL, format_yuan, parse_yuan
from fundsim.terms import nearest

_REMEMBERED: Final = 100_000
"""Texts that a column's meaning is remembered of; a column of ever new, wrong texts must not fill the memory."""


class Reading:
    """What the texts of a column mean, each worked out once."""

    def __init__(self, meaning: Callable[[str], int]) -> None:
        self._meaning = meaning
        self._known: dict[str, int] = {}

    def of(self, texts: Sequence[str]) -> Int64s:
        """Read a column."""
        distinct, place = Texts.of(texts).distinct()
        return np.array([self._of(text) for text in distinct], dtype=np.int64)[place]

    def _of(self, text: str) -> int:
        if text not in self._known:
            if len(self._known) == _REMEMBERED:
                self._known.clear()
            self._known[text] = self._meaning(text.strip())
        return self._known[text]


# -- amounts --------------------------------------------------------------------------------------------------------


def amounts(texts: Sequence[str]) -> tuple[Int64s, Bools]:
    """Read amounts in yuan: fen, and which of them can be read (``12``, ``12.3`` or ``12.34``, up to 10 billion)."""
    fen, good = read_amounts(Texts.of(texts))
    odd = np.flatnonzero(~good)
    if len(odd):
        fen[odd], good[odd] = read_amounts(Texts.of([texts[place].strip() for place in odd.tolist()]))
    return fen, good


_THOUSANDS: Final = re.compile(r"-?\d{1,3}([,，' ]\d{3})+(\.\d+)?")
_DECIMALS: Final = re.compile(r"-?\d+\.(?P<decimals>\d{3,})")
_WITH_UNIT: Final = re.compile(r"[¥￥]?\s*[\d.]+\s*(yuan|元|万元|亿元|RMB|CNY)?", re.IGNORECASE)
_SCIENTIFIC: Final = re.compile(r"-?\d+(\.\d+)?[eE][+-]?\d+")


def explain_amount(text: str) -> Words:
    """Why a text is not an amount that can be read, and what to write instead."""
    text = text.strip()
    if not text:
        return "there is no amount", "write 0 where there is nothing"
    if _THOUSANDS.fullmatch(text):
        return f"'{text}' has a thousands separator", f"write {re.sub(r'[,， ]', '', text).replace(chr(39), '')}"
    decimals = _DECIMALS.fullmatch(text)
    if decimals is not None:
        return f"'{text}' has {len(decimals['decimals'])} decimals", "write yuan with at most two decimals"
    if _SCIENTIFIC.fullmatch(text):
        return f"'{text}' is in scientific notation", "write the amount out in plain digits, such as 12500.00"
    return _explain_value(text)


def _explain_value(text: str) -> Words:
    try:
        fen = parse_yuan(text)
    except ValueError:
        return f"'{_shortened(text)}' is not an amount in yuan", _in_plain_digits(text)
    if fen < 0 or text.startswith("-"):
        return f"'{text}' is negative", "take reversed bills out together with the bill they reverse"
    if fen > LARGEST_BILL:
        return f"'{_shortened(text)}' is more than 10 billion yuan", "check the amount; it is in yuan"
    return f"'{_shortened(text)}' is not in plain digits", f"write {format_yuan(fen, separator='')}"


def _in_plain_digits(text: str) -> str:
    """What to write for an amount with its unit; advice for anything else."""
    if _WITH_UNIT.fullmatch(text):
        number = re.sub(r"[^\d.]", "", text)
        unit = next((unit for unit in ("万元", "亿元") if unit in text), "yuan")
        try:
            return f"write {format_yuan(units.money(f'{number} {unit}'), separator='')}"
        except units.UnitError:
            pass
    return "write plain digits with at most two decimals, such as 12500.00"


def _shortened(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."


# -- dates ----------------------------------------------------------------------------------------------------------

_DAY: Final = re.compile(
    r"(?P<y>\d{4})(?P<mark>[-/])(?P<m>\d{1,2})(?P=mark)(?P<d>\d{1,2})|(?P<Y>\d{4})(?P<M>\d{2})(?P<D>\d{2})", re.ASCII
)
_CHINESE_DAY: Final = re.compile(r"(\d{4})\s*[年.]\s*(\d{1,2})\s*[月.]\s*(\d{1,2})\s*日?")
_WITH_TIME: Final = re.compile(r"(\d{4}[-/]\d{1,2}[-/]\d{1,2})[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")
_SERIAL: Final = re.compile(r"[34]\d{4}", re.ASCII)
_SPREADSHEET_ZERO: Final = datetime.date(1899, 12, 30)
UNREAD: Final = 0
"""The day number of a text that is not a date."""


def day_number(text: str) -> int:
    """The day's number in the proleptic Gregorian calendar; ``UNREAD`` where the text is not a date."""
    found = parse_day(text)
    return UNREAD if found is None else found.toordinal()


def parse_day(text: str) -> datetime.date | None:
    """Read ``2017-03-05``, ``2017/3/5`` or ``20170305``; None where the text is no such date from 1990 to 2100."""
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(match[name] or match[name.upper()]) for name in "ymd")
    try:
        return datetime.date(year, month, day) if 1990 <= year <= 2100 else None
    except ValueError:
        return None


def explain_day(text: str) -> Words:
    """Why a text is not a date that can be read, and what to write instead."""
    text = text.strip()
    if not text:
        return "there is no date", "write the day of discharge, such as 2017-03-05"
    if _DAY.fullmatch(text):
        why = f"'{text}' is not a day of the calendar from 1990 to 2100"
        return why, "write year, month and day, such as 2017-03-05"
    if _SERIAL.fullmatch(text):
        meant = _SPREADSHEET_ZERO + datetime.timedelta(days=int(text))
        return f"'{text}' is a spreadsheet's number of a day", f"write {meant} if this day is meant"
    dated = _CHINESE_DAY.fullmatch(text)
    meant_day = parse_day("-".join(dated.groups())) if dated else None
    with_time = _WITH_TIME.fullmatch(text)
    if with_time is not None:
        meant_day = parse_day(with_time[1])
    instead = meant_day or "year, month and day, such as 2017-03-05"
    return f"'{_shortened(text)}' is not a date", f"write {instead}"


# -- traits and persons ---------------------------------------------------------------------------------------------


def explain_trait(text: str, trait: str, values: Sequence[str]) -> Words:
    """Why a text is not a value of a trait, and what to write instead."""
    text = text.strip()
    instead = f"write one of: {', '.join(values)}"
    if not text:
        return "there is no value", instead
    return f"'{_shortened(text)}' is not a value of the trait '{trait}'{nearest(text, values)}", instead


_DAMAGED_ID: Final = re.compile(r"\d(\.\d+)?[eE]\+?\d+", re.ASCII)


def stripped(texts: Sequence[str]) -> Texts:
    """Ids without the blanks around them."""
    laid_out = Texts.of(texts)
    return Texts.of([text.strip() for text in laid_out]) if laid_out.odd_edges().any() else laid_out


def explain_person(text: str) -> Words | None:
    """Why a text does not tell a person from others, and what to write instead; None where it does."""
    if not text:
        return "there is no id", "write who the patient is"
    if not ("E" in text or "e" in text) or _DAMAGED_ID.fullmatch(text) is None:
        return None
    why = f"'{text}' is an id that a spreadsheet made into a number; it no longer tells people apart"
    return why, "export the ids again as text"


def explain_admission(text: str) -> Words | None:
    """Why a text is no id of an admission, and what to write instead; None where it is one."""
    return None if text else ("there is no id", "write an id on every row, or leave the column out")
