"""Bills given out again with what was found about them: as a CSV file, whole or not at all, or as a DataFrame."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import numpy as np

from fundsim.bills.cells import Int64s
from fundsim.bills.problems import WHOLE, BillProblems
from fundsim.bills.sources import AMOUNTS, Chunk, CsvBills
from fundsim.bills.table import BillTable

if TYPE_CHECKING:
    import pandas as pd


def write_beside(bills: BillTable, columns: Mapping[str, Int64s], out: Path) -> None:
    """Write the bills with columns added on their right (fen, written as yuan), in the order of their source.

    The file is UTF-8, with a signature where the bills had one; it takes the place of ``out`` when all is written.

    Raises:
        BillsError: the source has changed since it was read.
    """
    signed = isinstance(bills.source, CsvBills) and bills.source.encoding.signature
    with _taking_the_place_of(out, "utf-8-sig" if signed else "utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        for start, chunk in _again(bills):
            if start == 0:
                writer.writerow([*chunk.cells, *columns])
            added = (_yuan(column[start : start + len(chunk.rows)]) for column in columns.values())
            writer.writerows(zip(*chunk.cells.values(), *added, strict=True))


_DECIMALS: Final = [f".{fen:02d}" for fen in range(100)]


def _yuan(fen: Int64s) -> list[str]:
    """Amounts (not negative) as text in yuan."""
    whole, part = np.divmod(fen, 100)
    return [f"{yuan}{_DECIMALS[rest]}" for yuan, rest in zip(whole.tolist(), part.tolist(), strict=True)]


def text_frame(bills: BillTable) -> pd.DataFrame:
    """The bills as a DataFrame: amounts as numbers (yuan), all else as text."""
    import pandas as pd

    parts = [
        pd.DataFrame({name: pd.Series(list(cells), dtype=object) for name, cells in chunk.cells.items()})
        for _, chunk in _again(bills)
    ]
    frame = pd.concat(parts, ignore_index=True)
    return frame.astype({name: float for name in frame.columns if name.startswith(AMOUNTS)})


def _again(bills: BillTable) -> Iterator[tuple[int, Chunk]]:
    """The texts of the bills, walked through a second time, each part with the number of bills before it.

    Raises:
        BillsError: the source has changed since it was read.
    """
    problems, done = BillProblems(bills.source.place), 0
    for chunk in bills.source.chunks(problems):
        if not np.array_equal(bills.rows[done : done + len(chunk.rows)], np.asarray(chunk.rows)):
            break
        yield done, chunk
        done += len(chunk.rows)
    if problems or done != len(bills):
        problems.add(WHOLE, None, "the bills were changed while they were settled", "settle them again")
    problems.raise_if_any()


@contextmanager
def _taking_the_place_of(out: Path, encoding: str) -> Iterator[IO[str]]:
    """A file beside ``out`` that takes its place when all is written, and is gone when something fails."""
    out = out.resolve()
    draft = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        with draft.open("x", encoding=encoding, newline="") as file:
            yield file
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
