"""All bills as integers, and the order in which they are settled: by person, insurance year, day and admission."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fundsim.benefits.schedule import Plan
from fundsim.bills.cells import Int64s
from fundsim.bills.header import ADMISSION, Layout, lay_out
from fundsim.bills.problems import WHOLE, BillProblems, Words
from fundsim.bills.rows import RowReader, Validity
from fundsim.bills.sources import BillSource
from fundsim.money import LARGEST_BILL, format_yuan


@dataclass(frozen=True)
class BillTable:
    """All bills of a source, in its order (fen). Axes: n bill, p position in the waterfall."""

    source: BillSource
    layout: Layout
    persons: tuple[str, ...]
    """Who there is, in order of appearance."""
    admissions: tuple[str, ...]
    """Ids of admissions; empty where the source has none."""
    rows: Int64s
    """(n,) where each bill stands, for messages."""
    person: Int64s
    """(n,) position in ``persons``."""
    day: Int64s
    """(n,) day of discharge, as ``datetime.date.toordinal`` counts."""
    year: Int64s
    """(n,) insurance year; accumulated bases and caps begin anew with each."""
    case: Int64s
    """(n,) class of case."""
    admission: Int64s
    """(n,) position in ``admissions``, or 0."""
    cost: Int64s
    """(n, 3) cost A, B and C; on the annual basis the amount left, as cost A."""
    excluded: Int64s
    """(n,)"""
    paid: Int64s
    """(n, p) what given payers paid; -1 where the payer is to be settled."""
    deductible: Int64s
    """(n, p) what the deductible of given payers took."""
    order: Int64s
    """(n,) the bills in the order of settlement."""
    starts: Int64s
    """(m+1,) offsets into ``order`` of each person's insurance years."""

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def payable(self) -> Int64s:
        """(n,) what payers and patient share: the bill without what is excluded."""
        total: Int64s = self.cost.sum(axis=1)
        return total


def read_bills(source: BillSource, plan: Plan, valid: Validity | None = None, given: Iterable[str] = ()) -> BillTable:
    """Read all bills of a source.

    Args:
        source: the bills as text.
        plan: the scheme's payers and traits.
        valid: from when to when the scheme is in force, where it says so.
        given: payers whose payments the bills state.

    Raises:
        BillsError: with everything that is wrong.
    """
    problems = BillProblems(source.place)
    header = source.header(problems)
    problems.raise_if_any()
    layout = lay_out(header, source.header_row, plan, given, problems)
    reader = RowReader(plan, layout, valid, problems)
    for chunk in source.chunks(problems):
        reader.take(chunk)
    if not reader.count and not problems:
        problems.add(WHOLE, None, "there is no bill, only the header", "write a row for each bill")
    columns = reader.columns()
    persons, admissions = tuple(reader.persons), tuple(reader.admissions)
    if admissions:
        _complain_of_repeated(columns, persons, admissions, source, problems)
    problems.raise_if_any()
    order, year, starts = _ordered(columns, admissions, valid)
    table = BillTable(source, layout, persons, admissions, order=order, year=year, starts=starts, **columns)
    _complain_of_large_years(table, problems)
    problems.raise_if_any()
    return table


def _ordered(
    columns: dict[str, Int64s], admissions: Sequence[str], valid: Validity | None
) -> tuple[Int64s, Int64s, Int64s]:
    """The order of settlement, each bill's insurance year, and where in the order each person's years begin."""
    year = _insurance_year(columns["day"], valid)
    rank = _ranks(admissions)[columns["admission"]] if admissions else columns["admission"]
    order = np.lexsort((rank, columns["day"], columns["person"])).astype(np.int64)
    changes = np.flatnonzero((np.diff(columns["person"][order]) != 0) | (np.diff(year[order]) != 0)) + 1
    return order, year, np.concatenate([[0], changes, [len(order)]]).astype(np.int64)


def _insurance_year(day: Int64s, valid: Validity | None) -> Int64s:
    """The insurance year of each day, named for the calendar year in which it ends.

    Insurance years end on the day and month on which the scheme ends; without a stated validity, on 31 December.
    """
    last = (12, 31) if valid is None else (valid.to.month, valid.to.day)
    distinct, place = np.unique(day, return_inverse=True)
    dates = [datetime.date.fromordinal(int(each)) for each in distinct]
    years = [date.year + ((date.month, date.day) > last) for date in dates]
    return np.array(years, dtype=np.int64)[place]


def _ranks(admissions: Sequence[str]) -> Int64s:
    """The rank of each admission id; digits in an id compare as a number, so that A9 comes before A10."""
    by_rank = sorted(range(len(admissions)), key=lambda place: (_natural(admissions[place]), admissions[place]))
    ranks = np.empty(len(admissions), dtype=np.int64)
    ranks[by_rank] = np.arange(len(admissions))
    return ranks


def _natural(text: str) -> list[str | int]:
    """Texts and numbers in turn."""
    return [int(part) if part.isdecimal() else part for part in _NUMBER.split(text)]


_NUMBER: Final = re.compile(r"(\d{1,18})")


def _complain_of_repeated(
    columns: dict[str, Int64s],
    persons: Sequence[str],
    admissions: Sequence[str],
    source: BillSource,
    problems: BillProblems,
) -> None:
    """A person can have an admission once only."""
    person, admission, rows = columns["person"], columns["admission"], columns["rows"]
    order = np.lexsort((admission, person))
    same = (np.diff(person[order]) == 0) & (np.diff(admission[order]) == 0)
    before = dict(zip(order[1:][same].tolist(), order[:-1][same].tolist(), strict=True))
    repeated = [bill for bill in sorted(before) if admissions[admission[bill]] and persons[person[bill]]]

    def explain(place: int) -> Words:
        bill = repeated[place]
        what, who = admissions[admission[bill]], persons[person[bill]]
        why = f"the admission '{what}' of '{who}' stands already at {source.place(int(rows[before[bill]]))}"
        return why, "keep one of the two, or give each bill an id of its own"

    problems.cells(rows[repeated].tolist() if repeated else [], ADMISSION, range(len(repeated)), explain)


def _complain_of_large_years(table: BillTable, problems: BillProblems) -> None:
    """A year of one person of more than the largest bill would leave the range in which money is exact."""
    gross = (table.payable + table.excluded)[table.order]
    totals = np.add.reduceat(gross, table.starts[:-1])
    for year in np.flatnonzero(totals > LARGEST_BILL).tolist():
        bill = table.order[table.starts[year + 1] - 1]
        who, when = table.persons[table.person[bill]], table.year[bill]
        why = f"the bills of '{who}' in {when} add up to {format_yuan(int(totals[year]))} yuan, more than 10 billion"
        instead = "check the amounts, and that each person has an id of their own"
        problems.add(int(table.rows[bill]), table.layout.amounts[0], why, instead)
