"""Bills of whole persons as integers, and the order in which they are settled: by person, year, day and admission."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Final

import numpy as np

from fundsim.benefits.schedule import Plan
from fundsim.bills.header import ADMISSION, Layout
from fundsim.bills.problems import BillProblems, Words
from fundsim.bills.records import Records
from fundsim.bills.rows import Validity
from fundsim.bills.sources import BillSource
from fundsim.bills.texts import Int64s, Texts
from fundsim.money import LARGEST_BILL, format_yuan


@dataclass(frozen=True)
class BillTable:
    """All bills of some persons, in the order of their source (fen). Axes: n bill, p position in the waterfall."""

    source: BillSource
    layout: Layout
    persons: Texts
    """Who there is, in no order."""
    admissions: Texts
    """Ids of admissions, in no order; one empty text where the source has none."""
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
    """(n,) position in ``admissions``."""
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

    @property
    def first_rows(self) -> Int64s:
        """The row in which each person comes first."""
        first: Int64s = self.rows[np.unique(self.person, return_index=True)[1]]
        return first

    def tables(self) -> tuple[BillTable]:
        """A table alone: all bills that there are."""
        return (self,)

    def table_of(self, person: str) -> BillTable | None:
        """The table, where it has bills of a person."""
        return self if person in self.persons else None


def tabulate(records: Records, source: BillSource, layout: Layout, plan: Plan, valid: Validity | None) -> BillTable:
    """Lay out all bills of some persons."""
    numbers = records.numbers
    persons, person = records.persons.distinct()
    admissions, admission = records.admissions.distinct()
    day = numbers["day"].astype(np.int64)
    year = _insurance_year(day, valid)
    order = _order(person, day, admission, admissions)
    changes = np.flatnonzero((np.diff(person[order]) != 0) | (np.diff(year[order]) != 0)) + 1
    paid = np.full((len(records), len(plan.names)), -1, dtype=np.int64)
    deductible = np.zeros_like(paid)
    given = [plan.names.index(payer) for payer in layout.given]
    paid[:, given], deductible[:, given] = numbers["paid"], numbers["deductible"]
    return BillTable(
        source=source,
        layout=layout,
        persons=persons,
        admissions=admissions,
        rows=np.ascontiguousarray(numbers["row"]),
        person=person,
        day=day,
        year=year,
        case=numbers["case"].astype(np.int64),
        admission=admission,
        cost=np.ascontiguousarray(numbers["cost"]),
        excluded=np.ascontiguousarray(numbers["excluded"]),
        paid=paid,
        deductible=deductible,
        order=order,
        starts=np.concatenate([[0], changes, [len(order)]]).astype(np.int64),
    )


def _order(person: Int64s, day: Int64s, admission: Int64s, admissions: Texts) -> Int64s:
    """The order of settlement; ids of admissions matter only among the bills of one person and day."""
    order = np.lexsort((day, person)).astype(np.int64)
    tied = (np.diff(person[order]) == 0) & (np.diff(day[order]) == 0)
    if len(admissions) == 1 or not tied.any():
        return order
    among = np.unique(admission[order[np.append(tied, False) | np.append(False, tied)]])
    rank = np.zeros(len(admissions), dtype=np.int64)
    rank[sorted(among.tolist(), key=lambda place: (_natural(admissions[place]), admissions[place]))] = range(len(among))
    return np.lexsort((rank[admission], day, person)).astype(np.int64)


def _insurance_year(day: Int64s, valid: Validity | None) -> Int64s:
    """The insurance year of each day, named for the calendar year in which it ends.

    Insurance years end on the day and month on which the scheme ends; without a stated validity, on 31 December.
    """
    last = (12, 31) if valid is None else (valid.to.month, valid.to.day)
    distinct, place = np.unique(day, return_inverse=True)
    dates = [datetime.date.fromordinal(max(int(each), 1)) for each in distinct]  # what is no date is complained of
    years = [date.year + ((date.month, date.day) > last) for date in dates]
    return np.array(years, dtype=np.int64)[place]


def _natural(text: str) -> list[str | int]:
    """Texts and numbers in turn."""
    return [int(part) if part.isdecimal() else part for part in _NUMBER.split(text)]


_NUMBER: Final = re.compile(r"(\d{1,18})")


def complain_of_repeated(table: BillTable, problems: BillProblems) -> None:
    """A person can have an admission once only."""
    person, admission, rows = table.person, table.admission, table.rows
    order = np.lexsort((admission, person))
    same = (np.diff(person[order]) == 0) & (np.diff(admission[order]) == 0)
    same &= table.admissions.lengths[admission[order[1:]]] > 0
    before = dict(zip(order[1:][same].tolist(), order[:-1][same].tolist(), strict=True))
    repeated = sorted(before)

    def explain(place: int) -> Words:
        bill = repeated[place]
        what, who = table.admissions[admission[bill]], table.persons[person[bill]]
        why = f"the admission '{what}' of '{who}' stands already at {table.source.place(int(rows[before[bill]]))}"
        return why, "keep one of the two, or give each bill an id of its own"

    problems.cells([int(rows[bill]) for bill in repeated], ADMISSION, range(len(repeated)), explain)


def complain_of_large_years(table: BillTable, problems: BillProblems) -> None:
    """A year of one person of more than the largest bill would leave the range in which money is exact."""
    gross = (table.payable + table.excluded)[table.order]
    totals = np.add.reduceat(gross, table.starts[:-1])
    for year in np.flatnonzero(totals > LARGEST_BILL).tolist():
        bill = table.order[table.starts[year + 1] - 1]
        who, when = table.persons[table.person[bill]], table.year[bill]
        why = f"the bills of '{who}' in {when} add up to {format_yuan(int(totals[year]))} yuan, more than 10 billion"
        instead = "check the amounts, and that each person has an id of their own"
        problems.add(int(table.rows[bill]), table.layout.amounts[0], why, instead)
