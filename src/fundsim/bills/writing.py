"""Bills given out again with what was found about them: as a CSV file, whole or not at all, or as a DataFrame."""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import numpy as np

from fundsim.bills.digits import written
from fundsim.bills.header import AMOUNTS
from fundsim.bills.problems import WHOLE, BillProblems
from fundsim.bills.sources import Chunk, CsvBills
from fundsim.bills.table import BillTable
from fundsim.bills.texts import Int64s

if TYPE_CHECKING:
    import pandas as pd

_WIDEST: Final = 1024
"""Bytes of the widest rows that are laid out side by side."""


def write_beside(source: CsvBills, names: Sequence[str], found: Callable[[int], Int64s], out: Path) -> None:
    """Write bills with columns added on their right, in the order of their source.

    The file is UTF-8, with a signature where the bills had one; it takes the place of ``out`` when all is written.

    Args:
        source: the bills.
        names: the columns that are added.
        found: what belongs beside the bills of each chunk (n, 1 + columns): their rows, and amounts in fen; empty for
            a chunk beyond the last.
        out: the statement.

    Raises:
        BillsError: the source has changed since it was read.
    """
    with _taking_the_place_of(out) as file:
        file.write(codecs.BOM_UTF8 if source.encoding.signature else b"")
        for number, (chunk, added) in enumerate(_with_found(source, found)):
            if number == 0:
                file.write(_csv_lines([[*chunk.cells, *names]]))
            file.write(_rows_beside(chunk, added))


def _with_found(source: CsvBills, found: Callable[[int], Int64s]) -> Iterator[tuple[Chunk, Int64s]]:
    """The texts of the bills, walked through a second time, and what was found about them.

    Raises:
        BillsError: the source has changed since it was read.
    """
    problems, number = BillProblems(source.place), 0
    for chunk in source.chunks(problems):
        beside = found(number)
        if not np.array_equal(beside[:, 0], np.asarray(chunk.rows)):
            _complain_of_change(problems)
        yield chunk, beside[:, 1:]
        number += 1
    if problems or len(found(number)):
        _complain_of_change(problems)


def _rows_beside(chunk: Chunk, added: Int64s) -> bytes:
    """The rows of a chunk with amounts (n, columns) on their right."""
    if chunk.plain is None or chunk.plain.widest > _WIDEST:
        return _csv_lines(zip(*chunk.cells.values(), *map(_yuan, added.T), strict=True))
    comma = np.full((len(added), 1), ord(","), dtype=np.uint8)
    amounts = [part for column in added.T for part in (comma, written(column))]
    rows = np.hstack([chunk.plain.matrix(chunk.plain.widest), *amounts, np.full_like(comma, ord("\n"))])
    data: bytes = rows[rows != 0].tobytes()
    return data


def _csv_lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _yuan(fen: Int64s) -> list[str]:
    """Amounts (not negative) as text in yuan."""
    return [row[row != 0].tobytes().decode() for row in written(fen)]


def text_frame(bills: BillTable) -> pd.DataFrame:
    """The bills as a DataFrame: amounts as numbers (yuan), all else as text.

    Raises:
        BillsError: the source has changed since it was read.
    """
    import pandas as pd

    problems, parts, rows = BillProblems(bills.source.place), list[pd.DataFrame](), list[int]()
    for chunk in bills.source.chunks(problems):
        cells = {name: pd.Series(list(cells), dtype=object) for name, cells in chunk.cells.items()}
        parts.append(pd.DataFrame(cells))
        rows += chunk.rows
    if problems or not np.array_equal(bills.rows, rows):
        _complain_of_change(problems)
    frame = pd.concat(parts, ignore_index=True)
    return frame.astype({name: float for name in frame.columns if name.startswith(AMOUNTS)})


def _complain_of_change(problems: BillProblems) -> None:
    problems.add(WHOLE, None, "the bills were changed while they were settled", "settle them again")
    problems.raise_if_any()


@contextmanager
def _taking_the_place_of(out: Path) -> Iterator[IO[bytes]]:
    """A file beside ``out`` that takes its place when all is written, and is gone when something fails."""
    out = out.resolve()
    draft = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with draft.open("xb") as file:
            yield file
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
