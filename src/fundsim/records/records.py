"""The settlements that are used (结算记录), as integers; of a person there is a number that means nothing elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fundsim.bills.texts import Bools, Int64s
from fundsim.records.enrolment import Exposure
from fundsim.records.names import BASIC, IN_POLICY, TOTAL
from fundsim.records.same import different

if TYPE_CHECKING:
    from fundsim.records.quality import QualityReport

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class PersonYears:
    """Persons with records by year (人年), m of them, in the order of year and person."""

    person: Int64s
    """(m,) the numbers of :class:`Records`."""
    year: Int64s
    """(m,)"""
    county: Int64s
    """(m,) of the year's first record, and so is ``group``."""
    group: Int64s
    admissions: Int64s
    """(m,) settlements in the year."""
    total: Int64s
    """(m,) fen."""
    left: Int64s | None
    """(m,) fen left in policy after basic insurance; None where the records do not tell it."""

    def __len__(self) -> int:
        return len(self.person)

    def __repr__(self) -> str:
        return f"PersonYears({len(self):,} persons and years)"


@dataclass(frozen=True, eq=False)
class Records:
    """Settlements that are used, n of them, in the order of their source. Its print tells numbers, never a record."""

    person: Int64s
    """(n,) number of the person; not to be printed or written."""
    year: Int64s
    """(n,) of the discharge, or of the settlement where no discharge is stated."""
    month: Int64s
    """(n,) from 1."""
    day: Int64s
    """(n,) that day as ``datetime.date.toordinal`` counts."""
    settled: Int64s | None
    """(n,) day of settlement, -1 where it is not stated; None where the file does not tell it."""
    care: Int64s
    """(n,) position in ``care_levels``."""
    group: Int64s
    """(n,) position in ``groups``."""
    county: Int64s
    """(n,) position in ``counties``."""
    care_levels: tuple[str, ...]
    groups: tuple[str, ...]
    counties: tuple[str, ...]
    amounts: Mapping[str, Int64s]
    """(n,) fen by national name, of the columns that the file has."""
    exposure: Exposure | None
    """Who is insured; None where no enrolment was given."""
    quality: QualityReport
    first_pay: int | None = None
    """ppm of class B that the patient bears before basic insurance pays, as the column map states it."""

    def __len__(self) -> int:
        return len(self.person)

    def __repr__(self) -> str:
        years = "–".join(str(year) for year in (self.years[:1] + self.years[-1:] if self.years else ()))
        return f"Records({len(self):,} settlements, {years}, from {self.quality.source})"

    def _repr_html_(self) -> str:
        return self.quality._repr_html_()

    @property
    def total(self) -> Int64s:
        """(n,) cost in all, fen, above zero."""
        return self.amounts[TOTAL]

    @property
    def left(self) -> Int64s | None:
        """(n,) fen left in policy after basic insurance (政策范围内个人负担), its deductible among it.

        None where the amount within policy or what basic insurance paid is not told.
        """
        if IN_POLICY not in self.amounts or BASIC not in self.amounts:
            return None
        left: Int64s = np.maximum(self.amounts[IN_POLICY] - self.amounts[BASIC], 0)
        return left

    @property
    def persons(self) -> int:
        """Persons with records."""
        return different(self.person)

    @property
    def years(self) -> tuple[int, ...]:
        """Years with records."""
        return tuple(np.unique(self.year).tolist())

    def in_yuan(self, name: str) -> Floats:
        """(n,) an amount by its national name, in yuan."""
        yuan: Floats = self.amounts[name] / 100
        return yuan

    def where(self, chosen: Bools) -> Records:
        """Some of the records; who is insured stays."""
        columns: dict[str, Any] = {
            name: getattr(self, name)[chosen] for name in ("person", "year", "month", "day", "care", "group", "county")
        }
        settled = None if self.settled is None else self.settled[chosen]
        amounts = {name: amount[chosen] for name, amount in self.amounts.items()}
        return replace(self, **columns, settled=settled, amounts=amounts)

    def of_years(self, years: Collection[int]) -> Records:
        """The records of some years, and who is insured in them."""
        wanted = np.array(sorted(years), dtype=np.int64)
        some = self.where(np.isin(self.year, wanted))
        exposure = None if self.exposure is None else self.exposure.where(np.isin(self.exposure.year, wanted))
        return replace(some, exposure=exposure)

    def person_years(self) -> PersonYears:
        """The records of each person and year added up."""
        order = np.lexsort((self.day, self.person, self.year))
        person, year = self.person[order], self.year[order]
        new = np.append(True, (np.diff(person) != 0) | (np.diff(year) != 0))[: len(order)]
        starts = np.flatnonzero(new)
        left = self.left

        def added(amount: Int64s) -> Int64s:
            return np.add.reduceat(amount[order], starts) if len(starts) else amount

        return PersonYears(
            person=person[starts],
            year=year[starts],
            county=self.county[order][starts],
            group=self.group[order][starts],
            admissions=np.diff(np.append(starts, len(order))),
            total=added(self.total),
            left=None if left is None else added(left),
        )
