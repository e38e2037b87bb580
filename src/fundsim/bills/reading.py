"""One reading of given bills: what the columns mean, the bills chunk by chunk, and all that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from fundsim.benefits.schedule import Plan
from fundsim.bills.header import lay_out
from fundsim.bills.problems import WHOLE, BillProblems
from fundsim.bills.records import Records, joined, numbers_of
from fundsim.bills.rows import RowReader, Validity
from fundsim.bills.sources import BillSource
from fundsim.bills.table import BillTable, complain_of_large_years, complain_of_repeated, tabulate


class BillReading:
    """Bills that are being read; problems are noted until they are asked for, so that all are told at once."""

    def __init__(self, source: BillSource, plan: Plan, valid: Validity | None, given: Iterable[str]) -> None:
        """Read the header.

        Args:
            source: the bills as text.
            plan: the scheme's payers and traits.
            valid: from when to when the scheme is in force, where it says so.
            given: payers whose payments the bills state.

        Raises:
            BillsError: there is no header to go on with.
        """
        self.source = source
        self._plan = plan
        self._valid = valid
        self._problems = BillProblems(source.place)
        self._large_years = BillProblems(source.place)
        header = source.header(self._problems)
        self._problems.raise_if_any()
        self._layout = lay_out(header, source.header_row, plan, given, self._problems)

    def records(self) -> Iterator[Records]:
        """All bills, a chunk at a time."""
        reader, found = RowReader(self._plan, self._layout, self._valid, self._problems), False
        for chunk in self.source.chunks(self._problems):
            found = True
            yield reader.read(chunk)
        if not found and not self._problems:
            self._problems.add(WHOLE, None, "there is no bill, only the header", "write a row for each bill")

    def table(self, records: Records) -> BillTable:
        """The table of all bills of some persons, looked over as a whole."""
        table = tabulate(records, self.source, self._layout, self._plan, self._valid)
        complain_of_repeated(table, self._problems)
        complain_of_large_years(table, self._large_years)
        return table

    @property
    def numbers(self) -> np.dtype[np.void]:
        """The numbers of a record."""
        return numbers_of(len(self._layout.given))

    @property
    def sound(self) -> bool:
        """Whether nothing wrong was found so far."""
        return not self._problems and not self._large_years

    def raise_if_any(self) -> None:
        """Tell what is wrong; that years are too large only where all else is well.

        Raises:
            BillsError: anything is wrong.
        """
        self._problems.raise_if_any()
        self._large_years.raise_if_any()


def read_bills(reading: BillReading) -> BillTable:
    """Read all bills into memory.

    Raises:
        BillsError: with everything that is wrong.
    """
    records = [some for some in reading.records() if len(some)]
    table = reading.table(joined(records)) if records else None
    reading.raise_if_any()
    assert table is not None  # without a bill there is a problem
    return table
