"""Where bills come from: a CSV file or a DataFrame, given out in chunks of text so that memory stays bounded.

A source can be walked through twice, once to read it and once to write its statement beside it.
"""

from __future__ import annotations

import csv
import datetime
import math
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from fundsim.bills.encodings import Encoding, encoding_of
from fundsim.bills.problems import WHOLE, BillProblems

if TYPE_CHECKING:
    import pandas as pd

CHUNK: Final = 8_192
"""Rows that are held as text at a time."""

AMOUNTS: Final = ("cost_", "in_policy_left", "paid_", "deductible_")
"""How the names of columns with amounts in yuan begin."""


@dataclass(frozen=True)
class Chunk:
    """Some rows of the bills, as text."""

    rows: Sequence[int]
    """The line on which each row begins (the header is 1), or its position in a DataFrame."""
    cells: Mapping[str, Sequence[str]]
    """The texts of each column, unchanged, in the order of the header."""


class BillSource(Protocol):
    """Bills as text."""

    name: str
    """How messages call it."""
    header_row: int
    """Where its header is."""

    def place(self, row: int) -> str:
        """Where a row is, for messages."""

    def header(self, problems: BillProblems) -> tuple[str, ...]:
        """The names of the columns; empty where there is none to go on with."""

    def chunks(self, problems: BillProblems) -> Iterator[Chunk]:
        """All rows, in order; those that do not fit the header are complained of and left out."""


def open_bills(bills: str | os.PathLike[str] | pd.DataFrame) -> BillSource:
    """Open a path or a DataFrame.

    Raises:
        BillsError: there is no such file, or it is not text.
    """
    if isinstance(bills, str | os.PathLike):
        return CsvBills(Path(bills))
    return FrameBills(bills)


class CsvBills:
    """Bills in a CSV file, in UTF-8 (with or without signature) or GB18030."""

    header_row = 1

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = os.path.normpath(path)
        problems = BillProblems(self.place)
        self.encoding: Encoding = encoding_of(path, problems)
        problems.raise_if_any()

    def place(self, row: int) -> str:
        return self.name if row == WHOLE else f"{self.name}:{row}"

    def header(self, problems: BillProblems) -> tuple[str, ...]:
        _, header = self._top(problems)
        if not header:
            if not problems:
                instead = "write a header, person_id,discharge_date,..., and a row for each bill"
                problems.add(WHOLE, None, "the file is empty", instead)
            return ()
        separator = next((mark for mark in ";\t|，" if mark in header[0]), None)
        if len(header) == 1 and separator is not None:
            shown = "a tab" if separator == "\t" else f"'{separator}'"
            problems.add(1, None, f"the columns are separated by {shown}", "separate them by a comma ','")
            return ()
        return header

    def chunks(self, problems: BillProblems) -> Iterator[Chunk]:
        top, header = self._top(problems)
        for lines, rows in self._blocks(problems, CHUNK):
            kept_lines, kept = _fitting(lines, rows, top, len(header), problems)
            if kept:
                yield Chunk(kept_lines, dict(zip(header, zip(*kept, strict=True), strict=False)))

    def _top(self, problems: BillProblems) -> tuple[int, tuple[str, ...]]:
        """The line of the header and its names; none where every row is blank."""
        for lines, rows in self._blocks(problems, 1):
            if any(map(str.strip, rows[0])):
                return lines[0], tuple(cell.strip() for cell in rows[0])
        return 0, ()

    def _blocks(self, problems: BillProblems, size: int) -> Iterator[tuple[Sequence[int], list[list[str]]]]:
        """The rows, ``size`` at a time, with the line on which each begins."""
        with self.path.open(encoding=self.encoding.codec, newline="") as file:
            reader = csv.reader(file, strict=True)
            end, failure, rows = 0, None, [[""]]
            while rows and failure is None:
                rows = []
                try:
                    rows.extend(islice(reader, size))  # what was read before a failure stays
                except csv.Error as error:
                    failure = error
                lines = _lines(end + 1, rows, reader.line_num)
                if rows:
                    yield lines[:-1], rows
                if failure is not None:
                    why = f"the row that begins here cannot be read on: {failure}"
                    instead = "close every quote, and double a quote that belongs to the text"
                    problems.add(lines[-1], None, why, instead)
                end = reader.line_num


_BREAK: Final = re.compile("\r\n|\r|\n")


def _lines(first: int, rows: list[list[str]], last: int) -> Sequence[int]:
    """The line on which each row begins, and that after the last of them; a text in quotes may run over lines."""
    if last - first + 1 == len(rows):
        return range(first, last + 2)
    heights = (1 + sum(len(_BREAK.findall(cell)) for cell in row) for row in rows)
    return list(accumulate(heights, initial=first))


def _fitting(
    lines: Sequence[int], rows: list[list[str]], top: int, width: int, problems: BillProblems
) -> tuple[Sequence[int], list[list[str]]]:
    """The rows below the header that are not blank and fit it; what does not fit is complained of."""
    if lines[0] > top and all(len(row) == width and row[0].strip() for row in rows):
        return lines, rows
    kept_lines, kept = list[int](), list[list[str]]()
    for line, row in zip(lines, rows, strict=True):
        if line <= top or not any(map(str.strip, row)):
            continue
        if len(row) == width:
            kept_lines.append(line)
            kept.append(row)
        else:
            problems.add(line, None, *_ragged(len(row), width))
    return kept_lines, kept


def _ragged(found: int, expected: int) -> tuple[str, str]:
    why = f"the row has {found} cells, but the header has {expected}"
    if found > expected:
        return why, "write amounts without thousands separators, and put a text that contains a comma in quotes"
    return why, "write one cell for each column of the header"


class FrameBills:
    """Bills in a DataFrame; amounts may be text, whole numbers, Decimals, or floats that are exact to the fen."""

    name = "bills"
    header_row = WHOLE

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame

    def place(self, row: int) -> str:
        return self.name if row == WHOLE else f"{self.name}.iloc[{row}]"

    def header(self, problems: BillProblems) -> tuple[str, ...]:
        if not len(self._frame.columns):
            problems.add(WHOLE, None, "the table has no columns", "give it the columns of a file of bills")
        return tuple(str(column) for column in self._frame.columns)

    def chunks(self, problems: BillProblems) -> Iterator[Chunk]:
        names = self.header(problems)
        for start in range(0, len(self._frame), CHUNK):
            part = self._frame.iloc[start : start + CHUNK]
            cells = {name: tuple(_texts(name, part.iloc[:, place].tolist())) for place, name in enumerate(names)}
            yield Chunk(range(start, start + len(part)), cells)


def _texts(column: str, values: Iterable[Any]) -> Iterator[str]:
    is_amount = column.startswith(AMOUNTS)
    for value in values:
        yield value if isinstance(value, str) else _text(value, is_amount)


_MISSING: Final = {"None", "nan", "NaN", "NaT", "<NA>"}
"""How the values print that stand for none."""


def _text(value: Any, is_amount: bool) -> str:
    """A cell of a DataFrame as a file would hold it; nothing is rounded."""
    if str(value) in _MISSING:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, float):
        return _float_text(value, is_amount)
    if isinstance(value, datetime.date):
        return value.strftime("%Y-%m-%d")
    return str(value)


def _float_text(value: float, is_amount: bool) -> str:
    """A float as text, where it is a whole number of fen up to 1e-9 yuan; else as Python prints it."""
    if math.isinf(value) or abs(value) > 1e11:
        return repr(value)
    if not is_amount:
        return str(int(value)) if value.is_integer() else repr(value)
    fen = round(value * 100)
    exact = abs(value - fen / 100) <= 1e-9
    sign, fen = ("-", -fen) if fen < 0 else ("", fen)
    return f"{sign}{fen // 100}.{fen % 100:02d}" if exact else repr(value)
