"""From the cells of a column to numbers: amounts with their sign, days with or without a time, names of categories.

Every reading also says of each cell whether it is good, empty, or cannot be read; nothing here raises, because a row
that cannot be read is counted and not refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.bills import cells as bill_cells
from fundsim.bills.digits import read_amounts
from fundsim.bills.texts import Bools, Int64s, Texts
from fundsim.money import LARGEST_BILL
from fundsim.records.sources import Cells, Numbers

GOOD, EMPTY, BAD = np.int8(0), np.int8(1), np.int8(2)
States = npt.NDArray[np.int8]

NOT_STATED: Final = "not stated"
"""What an empty cell of a category is called."""
_NOTHING: Final = ("", "null", "NULL", "None", "nan", "NaN", "\\N", "-")
"""What is written for a missing value."""
_ZEROS: Final = 2
"""Zeros beyond the fen that databases write: ``12.3400``."""
_SHORTEST_TIMED, _JOINED_TIME, _WIDEST_TIMED = 11, 14, 32
"""Bytes of a day with its time: the fewest, those of digits alone, and the most."""


def amounts(cells: Cells, decimals: int) -> tuple[Int64s, States]:
    """Amounts in fen, of a unit with so many decimals down to the fen; negative ones are read, too."""
    if not isinstance(cells, Texts):
        return _numbers(cells, decimals)
    fen, plain = read_amounts(cells, decimals)
    states = np.where(plain, GOOD, np.where(cells.lengths == 0, EMPTY, BAD)).astype(np.int8)
    odd = np.flatnonzero(states == BAD)
    if len(odd):
        finer, plain = read_amounts(cells.taken(odd), decimals + _ZEROS)
        whole = plain & (finer % 10**_ZEROS == 0)
        fen[odd[whole]], states[odd[whole]] = finer[whole] // 10**_ZEROS, GOOD
        odd = odd[~whole]
    for place, text in zip(odd.tolist(), cells.taken(odd).to_list(), strict=True):
        fen[place], states[place] = _odd_amount(text.strip(), decimals)
    return fen, states


def _odd_amount(text: str, decimals: int) -> tuple[int, np.int8]:
    """An amount that is not plain: with a sign, blanks around it, or zeros beyond the fen."""
    if text in _NOTHING:
        return 0, EMPTY
    try:
        if not text.isascii() or "_" in text:
            return 0, BAD
        scaled = Decimal(text) * 10**decimals
        fen = int(scaled)
    except (InvalidOperation, ValueError, OverflowError):
        return 0, BAD
    good = scaled == fen and abs(fen) <= LARGEST_BILL and "e" not in text.lower()
    return (fen, GOOD) if good else (0, BAD)


def _numbers(values: Numbers, decimals: int) -> tuple[Int64s, States]:
    """Amounts that are numbers; a float is meant to be the nearest to a whole number of fen."""
    scaled = values.astype(np.float64) * 10.0**decimals
    missing = np.isnan(scaled)
    scaled[missing] = 0.0
    large = np.abs(scaled) > LARGEST_BILL
    fen = np.rint(np.where(large, 0.0, scaled)).astype(np.int64)
    inexact = np.abs(scaled - fen) > 1e-9 * 10.0**decimals + 1e-15 * np.abs(scaled)
    states = np.where(missing, EMPTY, np.where(large | inexact, BAD, GOOD)).astype(np.int8)
    return np.where(states == GOOD, fen, 0), states


class Days:
    """Reads a column of days; the same day is worked out once."""

    def __init__(self) -> None:
        self._days = bill_cells.Reading(bill_cells.day_number)

    def of(self, cells: Cells) -> tuple[Int64s, States]:
        """Days as ``datetime.date.toordinal`` counts, 0 where there is none."""
        texts = without_time(as_texts(cells))
        days = self._days.of(texts)
        states = np.where(days == bill_cells.UNREAD, BAD, GOOD).astype(np.int8)
        unread = np.flatnonzero(states)
        empty = [text.strip() in _NOTHING for text in texts.taken(unread).to_list()]
        states[unread[np.array(empty, dtype=np.bool_)]] = EMPTY
        return days, states


def without_time(texts: Texts) -> Texts:
    """The texts without the time of day: of ``2013-05-06 10:11:12`` and ``20130506101112`` the day is left."""
    if texts.widest < _SHORTEST_TIMED:
        return texts
    characters = texts.matrix(min(texts.widest, _WIDEST_TIMED))
    digit = (characters >= ord("0")) & (characters <= ord("9"))
    between = np.isin(characters, list(b" T"))
    at = np.where(between.any(axis=1), between.argmax(axis=1), characters.shape[1])
    of_time = digit | np.isin(characters, list(b":.+-Z\0")) | (np.arange(characters.shape[1]) <= at[:, None])
    timed = (at >= 8) & (at <= 10) & of_time.all(axis=1) & (texts.lengths <= _WIDEST_TIMED)
    joined = (texts.lengths == _JOINED_TIME) & digit[:, :_JOINED_TIME].all(axis=1)
    return texts.cut(np.where(timed, at, np.where(joined, 8, texts.lengths)))


@dataclass
class Categories:
    """Reads a column of names, and gives each a number as it is met."""

    values: Mapping[str, str] | None = None
    """What the texts are called; as they stand where nothing is said."""
    known: dict[str, int] = field(default_factory=dict)

    def of(self, cells: Cells) -> tuple[npt.NDArray[np.int32], States]:
        """Numbers of the names; an empty cell has a name of its own."""
        distinct, place = as_texts(cells).distinct()
        names = [self._name(text.strip()) for text in distinct.to_list()]
        numbers = np.array([self.known.setdefault(name, len(self.known)) for name in names], dtype=np.int32)
        empty = np.array([name == NOT_STATED for name in names], dtype=np.bool_)
        return numbers[place], np.where(empty[place], EMPTY, GOOD).astype(np.int8)

    def _name(self, text: str) -> str:
        if text in _NOTHING:
            return NOT_STATED
        return text if self.values is None else self.values.get(text, text)

    @property
    def order(self) -> list[str]:
        """All names: those of the list of values in its order, then the others, then what is not stated."""
        listed = dict.fromkeys([] if self.values is None else self.values.values())
        named = [name for name in listed if name in self.known]
        others = sorted(name for name in self.known if name not in listed and name != NOT_STATED)
        return [*named, *others, *([NOT_STATED] if NOT_STATED in self.known else [])]

    @property
    def unnamed(self) -> list[str]:
        """Names that a list of values does not give."""
        return [] if self.values is None else sorted(set(self.known) - {*self.values.values(), NOT_STATED})


def ids(cells: Cells) -> tuple[Texts, States]:
    """Ids without the blanks around them; one that a spreadsheet made into a number cannot be read."""
    texts = bill_cells.stripped(as_texts(cells))
    states = np.full(len(texts), GOOD)
    odd = np.flatnonzero((texts.lengths <= 4) | texts.holding(b"eE"))
    for place, text in zip(odd.tolist(), texts.taken(odd).to_list(), strict=True):
        if text in _NOTHING:
            states[place] = EMPTY
        elif bill_cells.explain_person(text) is not None:
            states[place] = BAD
    return texts, states


def ends_in_zeros(texts: Texts) -> Bools:
    """(n,) which ids are of 18 digits of which a spreadsheet, which keeps 15, has made the last three zeros."""
    return np.asarray((texts.lengths == 18) & (texts.matrix(18)[:, 15:] == ord("0")).all(axis=1))


def as_texts(cells: Cells) -> Texts:
    """Numbers as a file would hold them; a float of more than 15 digits as the spreadsheet's number that it is."""
    if isinstance(cells, Texts):
        return cells
    if cells.dtype.kind == "f":
        whole = np.isfinite(cells) & (np.abs(cells) < 1e15) & (cells == np.rint(cells))
        return Texts.of(
            [str(int(value)) if good else _odd_number(value) for value, good in zip(cells, whole, strict=True)]
        )
    return Texts.of(cells.astype(str).tolist())


def _odd_number(value: float) -> str:
    return "" if np.isnan(value) else f"{value:.6e}"
