"""Where settlement records come from: a CSV or Parquet file or a DataFrame, a piece at a time."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import numpy.typing as npt

from fundsim.bills.encodings import encoding_of
from fundsim.bills.lines import Lines
from fundsim.bills.problems import WHOLE
from fundsim.bills.texts import Int64s, Texts
from fundsim.records.cutting import cut, cut_quoted, read_on
from fundsim.records.problems import RecordProblems

if TYPE_CHECKING:
    import pandas as pd

PIECE: Final = 16_384
"""Rows that are held as text at a time."""
_PARQUET: Final = b"PAR1"

Numbers = npt.NDArray[np.float64] | npt.NDArray[np.int64]
Cells = Texts | Numbers
"""A column: texts, or numbers where the source has numbers; NaN where a number is missing."""


@dataclass(frozen=True)
class Piece:
    """Some rows."""

    rows: Int64s
    """(n,) the line on which each begins (the header is 1), its place in a Parquet file (from 1) or in a DataFrame."""
    cells: Mapping[str, Cells]


class RecordSource(Protocol):
    """Records as they stand somewhere."""

    name: str
    """How messages call it."""
    how: str
    """What it is written in, such as ``CSV, GB18030``."""
    header_row: int
    ragged: list[int]
    """Rows that do not have as many cells as the header; none of them is given out."""

    def place(self, row: int) -> str:
        """Where a row is, for messages."""

    def header(self, problems: RecordProblems) -> tuple[str, ...]:
        """The names of the columns; empty where there is none to go on with."""

    def pieces(self, columns: Sequence[str], problems: RecordProblems) -> Iterator[Piece]:
        """All rows, in order; of the columns that are named."""


def open_records(records: str | os.PathLike[str] | pd.DataFrame) -> RecordSource:
    """Open a path or a DataFrame.

    Raises:
        RecordsError: there is no such file, or it is neither text nor Parquet.
    """
    if not isinstance(records, str | os.PathLike):
        return FrameRecords(records)
    path = Path(records)
    return ParquetRecords(path) if _is_parquet(path) else CsvRecords(path)


def _is_parquet(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_PARQUET)) == _PARQUET
    except OSError:
        return False


class CsvRecords:
    """Records in a CSV file, in UTF-8 (with or without signature) or GB18030."""

    header_row = 1

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = os.path.normpath(path)
        self.ragged: list[int] = []
        problems = RecordProblems(self.place)
        self._encoding = encoding_of(path, problems)
        problems.raise_if_any()
        codec = self._encoding.codec.upper().removesuffix("-SIG")
        self.how = f"CSV, {codec}{' with signature' if self._encoding.signature else ''}"

    def place(self, row: int) -> str:
        return self.name if row == WHOLE else f"{self.name}:{row}"

    def header(self, problems: RecordProblems) -> tuple[str, ...]:
        with self._lines() as lines:
            header = self._top(lines, problems)
        if not header and not problems:
            problems.add(WHOLE, None, "the file is empty", "write a header, psn_no,setl_time,medfee_sumamt,...")
        separator = next((mark for mark in ";\t|，" if header and mark in header[0]), None)
        if len(header) == 1 and separator is not None:
            shown = "a tab" if separator == "\t" else f"'{separator}'"
            problems.add(1, None, f"the columns are separated by {shown}", "separate them by a comma ','")
            return ()
        if len(header) == 1:
            problems.add(1, None, "this is not a table: the first line is a single text", "begin with a header")
            return ()
        return header

    def pieces(self, columns: Sequence[str], problems: RecordProblems) -> Iterator[Piece]:
        self.ragged.clear()
        with self._lines() as lines:
            header = self._top(lines, problems)
            number = lines.number
            while piece := lines.take(PIECE):
                found, first = cut(piece, len(header)), number
                if found is None:
                    found, first = cut_quoted(piece, lines, len(header), problems), 0
                self.ragged += (found.ragged + first).tolist()
                yield Piece(found.lines + first, {name: found.columns[header.index(name)] for name in columns})
                number = lines.number

    def _top(self, lines: Lines, problems: RecordProblems) -> tuple[str, ...]:
        """The names in the header, which is the first row that is not blank; none where every row is."""
        while piece := lines.take(1):
            for _, row in read_on(piece, lines, problems):
                if any(map(str.strip, row)):
                    return tuple(cell.strip() for cell in row)
        return ()

    @contextmanager
    def _lines(self) -> Iterator[Lines]:
        with self.path.open("rb") as file:
            if self._encoding.signature:
                file.seek(len(codecs.BOM_UTF8))
            yield Lines(file, "utf-8" if self._encoding.signature else self._encoding.codec)


class ParquetRecords:
    """Records in a Parquet file; rows are counted from 1."""

    header_row = WHOLE
    how = "Parquet"

    def __init__(self, path: Path) -> None:
        self.name = os.path.normpath(path)
        self.ragged: list[int] = []
        problems = RecordProblems(self.place)
        try:
            import pyarrow.parquet
        except ImportError:
            problems.add(WHOLE, None, "a Parquet file needs pyarrow", "pip install 'fundsim[parquet]', or give CSV")
            problems.raise_if_any()
        try:
            self._file: Any = pyarrow.parquet.ParquetFile(path)
        except (OSError, pyarrow.ArrowException):
            problems.add(WHOLE, None, "the Parquet file is damaged", "export it again")
            problems.raise_if_any()

    def place(self, row: int) -> str:
        return self.name if row == WHOLE else f"{self.name}: row {row}"

    def header(self, problems: RecordProblems) -> tuple[str, ...]:
        names = tuple(str(name) for name in self._file.schema_arrow.names)
        if not names:
            problems.add(WHOLE, None, "the table has no columns", "give it the columns of settlement records")
        return names

    def pieces(self, columns: Sequence[str], problems: RecordProblems) -> Iterator[Piece]:  # noqa: ARG002
        first = 1
        for batch in self._file.iter_batches(batch_size=PIECE, columns=list(columns)):
            rows = np.arange(first, first + batch.num_rows, dtype=np.int64)
            yield Piece(rows, {name: _from_arrow(batch.column(name)) for name in columns})
            first += batch.num_rows


def _from_arrow(column: Any) -> Cells:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_integer(column.type) and not column.null_count:
        whole: npt.NDArray[np.int64] = column.cast(pa.int64()).to_numpy()
        return whole
    if pa.types.is_floating(column.type):
        numbers: npt.NDArray[np.float64] = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return numbers
    texts = pc.fill_null(column.cast(pa.large_string()), "")
    _, offsets, data = texts.buffers()
    bounds = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    return Texts(b"" if data is None else data.to_pybytes(), bounds[:-1], bounds[1:])


class FrameRecords:
    """Records in a DataFrame."""

    name = "records"
    how = "DataFrame"
    header_row = WHOLE

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self.ragged: list[int] = []

    def place(self, row: int) -> str:
        return self.name if row == WHOLE else f"{self.name}.iloc[{row}]"

    def header(self, problems: RecordProblems) -> tuple[str, ...]:
        if not len(self._frame.columns):
            problems.add(WHOLE, None, "the table has no columns", "give it the columns of settlement records")
        return tuple(str(column) for column in self._frame.columns)

    def pieces(self, columns: Sequence[str], problems: RecordProblems) -> Iterator[Piece]:
        places = [self.header(problems).index(name) for name in columns]
        for start in range(0, len(self._frame), PIECE):
            part = self._frame.iloc[start : start + PIECE]
            rows = np.arange(start, start + len(part), dtype=np.int64)
            yield Piece(rows, {name: _from_series(part.iloc[:, at]) for name, at in zip(columns, places, strict=True)})


def _from_series(column: pd.Series[Any]) -> Cells:
    kind = column.dtype.kind
    if kind in "iu":
        whole: npt.NDArray[np.int64] = column.to_numpy(np.int64)
        return whole
    if kind == "f":
        numbers: npt.NDArray[np.float64] = column.to_numpy(np.float64)
        return numbers
    if kind == "M":
        return Texts.of(["" if text == "NaT" else text for text in column.to_numpy("datetime64[D]").astype(str)])
    return Texts.of(["" if missing else str(value) for value, missing in zip(column, column.isna(), strict=True)])
