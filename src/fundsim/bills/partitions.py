"""The bills of a large file on disk, each person's together in one of many partitions, of which one is held at a time.

A partition's bills stay in the order of the file, and so does what is found about them. So it can be put beside the
bills again chunk by chunk, and no list of all bills is ever held.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final

import numpy as np

from fundsim.bills.reading import BillReading
from fundsim.bills.records import from_bytes
from fundsim.bills.shuffle import Shuffle
from fundsim.bills.sources import CsvBills
from fundsim.bills.table import BillTable
from fundsim.bills.texts import Int64s, Texts

PARTITION: Final = 8 << 20
"""Bytes of the file whose bills make up a partition: some 90,000 bills."""
MOST: Final = 512
"""Partitions there are at most; those of a file of more than 4 GB are larger."""


class Partitions:
    """The bills of a file, and what is found about them; on disk, until it is closed."""

    names: tuple[str, ...] = ()
    """The columns that are kept."""

    def __init__(self, source: CsvBills, reading: BillReading, folder: Path | None = None) -> None:
        """Read all bills; what is wrong with them is kept in ``reading``.

        Args:
            source: the file.
            reading: how it is read.
            folder: where there is room for as much again as the file; by default where temporary files are.
        """
        self.source = source
        self.reading = reading
        self._count = min(-(-source.size // PARTITION), MOST)
        self._firsts: list[int] = []
        """The row with which each chunk begins."""
        self._bills = Shuffle(folder)
        self._found = Shuffle(folder)
        try:
            self._read()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Partitions:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the room on disk back."""
        self._bills.close()
        self._found.close()

    def tables(self) -> Iterator[BillTable]:
        """The bills, partition by partition; those of a person are in one."""
        for number in range(self._count):
            table = self._table(number)
            if table is not None:
                yield table

    def table_of(self, person: str) -> BillTable | None:
        """The partition in which the bills of a person are; None where nobody has this id."""
        table = self._table(int(self._partition(Texts.of([person]))[0]))
        return None if table is None else table.table_of(person)

    def look_over(self) -> None:
        """Look at the bills of whole persons, without settling them.

        Raises:
            BillsError: with everything that is wrong with the bills.
        """
        for _ in self.tables():
            pass
        self.reading.raise_if_any()

    def keep(self, table: BillTable, columns: Mapping[str, Int64s]) -> None:
        """Keep what was found about the bills of a partition, in their order."""
        self.names = tuple(columns)
        found = np.column_stack([table.rows, *columns.values()])
        bounds = [*np.searchsorted(table.rows, self._firsts).tolist(), len(found)]
        self._found.send([found[start:end].tobytes() for start, end in pairwise(bounds)])

    def found(self, chunk: int) -> Int64s:
        """What was kept of the bills of a chunk (n, 1 + columns), in the order of the file: first the row.

        There is none where the file had no such chunk when it was read.
        """
        if chunk >= len(self._firsts):
            return np.zeros((0, 1), dtype=np.int64)
        found = np.concatenate([np.frombuffer(part, np.int64) for part in self._found.receive(chunk)])
        found = found.reshape(-1, 1 + len(self.names))
        return found[np.argsort(found[:, 0])]

    def _read(self) -> None:
        for records in self.reading.records():
            self._firsts += records.numbers["row"][:1].tolist()
            self._bills.send(records.split(self._partition(records.persons), self._count))

    def _partition(self, persons: Texts) -> Int64s:
        return (persons.hashes() % np.uint64(self._count)).astype(np.int64)

    def _table(self, number: int) -> BillTable | None:
        records = from_bytes(self._bills.receive(number), self.reading.numbers)
        return self.reading.table(records) if len(records) else None
