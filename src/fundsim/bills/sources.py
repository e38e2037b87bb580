"""Where bills come from: a CSV file or a DataFrame, given out in chunks of text so that memory stays bounded.

A source can be walked through twice, once to read it and once to write its statement beside it.
"""

from __future__ import annotations

import codecs
import datetime
import math
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from fundsim.bills.encodings import Encoding, encoding_of
from fundsim.bills.header import AMOUNTS
from fundsim.bills.lines import Lines, UnreadableRowError, plain_rows, rows_of
from fundsim.bills.problems import WHOLE, BillProblems
from fundsim.bills.texts import Texts

if TYPE_CHECKING:
    import pandas as pd

CHUNK: Final = 8_192
"""Rows that are held as text at a time."""


@dataclass(frozen=True)
class Chunk:
    """Some rows of the bills, as text."""

    rows: Sequence[int]
    """The line on which each row begins (the header is 1), or its position in a DataFrame."""
    cells: Mapping[str, Sequence[str]]
    """The texts of each column, unchanged, in the order of the header."""
    plain: Texts | None = None
    """The rows as they stand in a file (UTF-8, without line ends), where this is also how they are written."""


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

    @property
    def size(self) -> int:
        """Bytes."""
        return self.path.stat().st_size

    def place(self, row: int) -> str:
        return self.name if row == WHOLE else f"{self.name}:{row}"

    def header(self, problems: BillProblems) -> tuple[str, ...]:
        with self._lines() as lines:
            header = self._top(lines, problems)
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
        with self._lines() as lines:
            header = self._top(lines, problems)
            number = lines.number
            while piece := lines.take(CHUNK):
                plain = plain_rows(piece, len(header))
                if plain is None:
                    yield from self._odd_rows(piece, lines, header, problems)
                else:
                    cells = dict(zip(header, plain.columns, strict=True))
                    yield Chunk(range(number, number + len(plain.lines)), cells, plain.lines)
                number = lines.number

    def _odd_rows(self, piece: bytes, lines: Lines, header: tuple[str, ...], problems: BillProblems) -> Iterator[Chunk]:
        """The rows of a piece that are not blank and fit the header; what does not fit is complained of."""
        kept_lines, kept = list[int](), list[list[str]]()
        for line, row in self._rows(piece, lines, problems):
            if len(row) == len(header) and any(map(str.strip, row)):
                kept_lines.append(line)
                kept.append(row)
            elif any(map(str.strip, row)):
                problems.add(line, None, *_ragged(len(row), len(header)))
        if kept:
            yield Chunk(kept_lines, dict(zip(header, zip(*kept, strict=True), strict=True)))

    def _rows(self, piece: bytes, lines: Lines, problems: BillProblems) -> Iterator[tuple[int, list[str]]]:
        """The rows of a piece; one that cannot be read on is complained of, and nothing comes after it."""
        try:
            yield from rows_of(piece, lines)
        except UnreadableRowError as row:
            why = f"the row that begins here cannot be read on: {row}"
            instead = "close every quote, and double a quote that belongs to the text"
            problems.add(row.line, None, why, instead)
            lines.skip_rest()

    def _top(self, lines: Lines, problems: BillProblems) -> tuple[str, ...]:
        """The names in the header, which is the first row that is not blank; none where every row is."""
        while piece := lines.take(1):
            for _, row in self._rows(piece, lines, problems):
                if any(map(str.strip, row)):
                    return tuple(cell.strip() for cell in row)
        return ()

    @contextmanager
    def _lines(self) -> Iterator[Lines]:
        with self.path.open("rb") as file:
            if self.encoding.signature:
                file.seek(len(codecs.BOM_UTF8))
            yield Lines(file, "utf-8" if self.encoding.signature else self.encoding.codec)


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
