"""What a calibration is made from (经验数据): admissions after cleaning, and who was enrolled; it names nobody."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import numpy.typing as npt

from fundsim.calibration.errors import CalibrationError
from fundsim.money import PPM

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

FEN: Final = 100
ASSUMED_FIRST_PAY: Final = 0.10
"""Part of class B that the patient bears first, where nobody states it."""


@dataclass(frozen=True, eq=False)
class Experience:
    """Admissions, one per entry (n,), and the persons enrolled."""

    person: Codes
    """(n,) a number that is equal for equal persons; it is never written out."""
    year: Codes
    """(n,) position in ``years``."""
    care: Codes
    """(n,) position in ``care_levels``."""
    group: Codes
    """(n,) position in ``groups``."""
    cost: Floats
    """(n,) gross cost, yuan."""
    years: tuple[int, ...]
    care_levels: tuple[str, ...]
    groups: tuple[str, ...]
    enrolled: Floats | None
    """(years, groups) persons enrolled; None where that is not known, and frequency with it."""
    split: Floats | None = None
    """(n, 4) yuan of classes A, B, C and excluded; None where the records do not tell."""
    split_note: str | None = None
    """Why classes A and B are an assumption (中文); None where the records tell them."""
    month: Codes | None = None
    """(n,) 1 to 12."""
    settled: Codes | None = None
    """(n,) day of settlement as ``datetime.date.toordinal`` counts, -1 where not stated; None where no column tells."""
    county: Codes | None = None
    """(n,) position in ``counties``; None where counties are not told apart."""
    counties: tuple[str, ...] = ()
    enrolled_by_county: Floats | None = None
    """(years, counties) persons enrolled; None where the enrolment does not tell counties apart."""
    source: str = "结算记录"
    """What the claims file says of where it comes from."""
    seen_above: float = 0.0
    """Only amounts above this one are in the records, yuan."""
    capped_at: float = np.inf
    """Amounts at or above this one are known to be at least as much, yuan."""

    @classmethod
    def of(cls, records: Any) -> Self:
        """From settlement records (:class:`fundsim.records.Records`).

        Class A and B are told apart by the part of B that the patient bears first (先行自付): as the column map states
        it, else as assumed.
        """
        years = _years_of(records)
        split, note = _split_of(records)
        groups, group, enrolled = _groups_of(records, years)
        counties, by_county = _counties_of(records, years)
        return cls(
            person=records.person,
            year=np.searchsorted(np.array(years), records.year),
            care=records.care,
            group=group,
            cost=records.total / FEN,
            years=years,
            care_levels=tuple(records.care_levels),
            groups=groups,
            enrolled=enrolled,
            split=split,
            split_note=note,
            month=records.month,
            settled=records.settled,
            county=records.county if len(counties) > 1 else None,
            counties=counties,
            enrolled_by_county=by_county,
            source=f"{records.quality.source}，{years[0]}–{years[-1]}年，{len(records.person):,}条结算记录",
        )

    def where(self, chosen: npt.NDArray[np.bool_]) -> Self:
        """Some of the admissions; who is enrolled stays."""
        kept = {name: getattr(self, name)[chosen] for name in ("person", "year", "care", "group", "cost")}
        for name in ("split", "month", "settled", "county"):
            told = getattr(self, name)
            kept[name] = None if told is None else told[chosen]
        return replace(self, **kept)

    def of_years(self, wanted: Sequence[int]) -> Self:
        """The admissions and the enrolment of some years.

        Raises:
            CalibrationError: a year that the data do not have.
        """
        missing = sorted(set(wanted) - set(self.years))
        if missing:
            told = ", ".join(str(year) for year in missing)
            raise CalibrationError(f"there are no records of {told}; the records have {self.years[0]}–{self.years[-1]}")
        places = [self.years.index(year) for year in sorted(set(wanted))]
        some = self.where(np.isin(self.year, places))
        enrolled = None if self.enrolled is None else self.enrolled[places]
        by_county = None if self.enrolled_by_county is None else self.enrolled_by_county[places]
        return replace(
            some,
            year=np.searchsorted(np.array(places), some.year),
            years=tuple(self.years[place] for place in places),
            enrolled=enrolled,
            enrolled_by_county=by_county,
        )

    def at_level(self, factors: npt.ArrayLike) -> Self:
        """All costs and splits multiplied by a factor of their year, (years,): brought to one level of cost."""
        factor = np.asarray(factors, dtype=np.float64)[self.year]
        split = None if self.split is None else self.split * factor[:, None]
        return replace(self, cost=self.cost * factor, split=split)

    def person_years(self) -> tuple[Codes, Codes, Codes, Floats]:
        """Year, group (of the first admission), admissions and cost of each person and year with records, (m,)."""
        key = self.person.astype(np.int64) * len(self.years) + self.year
        _, first, which = np.unique(key, return_index=True, return_inverse=True)
        number: Codes = np.bincount(which).astype(np.int64)
        cost: Floats = np.bincount(which, self.cost).astype(np.float64)
        return self.year[first], self.group[first], number, cost

    def persons_of(self, chosen: npt.NDArray[np.bool_]) -> int:
        """Distinct persons among some admissions."""
        return len(np.unique(self.person[chosen]))


def _years_of(records: Any) -> tuple[int, ...]:
    """Years with records, and those in which persons were enrolled and none had any, as may happen to few."""
    years = {int(year) for year in records.years}
    if records.exposure is not None:
        years |= {int(year) for year in records.exposure.year[records.exposure.persons > 0]}
    return tuple(sorted(years))


def _counties_of(records: Any, years: tuple[int, ...]) -> tuple[tuple[str, ...], Floats | None]:
    """Counties, and (years, counties) persons enrolled where the enrolment tells them apart."""
    exposure = records.exposure
    if exposure is None or "county" not in exposure.axes:
        return tuple(records.counties), None
    places = range(len(exposure.counties))
    heads = [[float(exposure.total(year=year, county=place)) for place in places] for year in years]
    return tuple(exposure.counties), np.array(heads)


def _groups_of(records: Any, years: tuple[int, ...]) -> tuple[tuple[str, ...], Codes, Floats | None]:
    """Groups, the group of each record, and (years, groups) persons enrolled.

    Groups that the enrolment does not tell apart are one; groups of the enrolment that no record has stay, with none.
    """
    exposure = records.exposure
    if exposure is None:
        return tuple(records.groups), records.group, None
    if "group" not in exposure.axes:
        heads = np.array([[float(exposure.total(year=year))] for year in years])
        return ("all",), np.zeros_like(records.group), heads
    places = range(len(exposure.groups))
    heads = np.array([[float(exposure.total(year=year, group=place)) for place in places] for year in years])
    return tuple(exposure.groups), records.group, heads


def _split_of(records: Any) -> tuple[Floats | None, str | None]:
    """(n, 4) yuan by class, and why A and B are an assumption where the column map does not state the first pay.

    C is what the patient pays outside the catalogue (全自费), excluded what lies above limits (超限价); B is the first
    pay (先行自付) over its rate; A is the rest.
    """
    amounts = records.amounts
    if any(name not in amounts for name in ("fulamt_ownpay_amt", "preselfpay_amt")):
        return None, None
    rate = ASSUMED_FIRST_PAY if records.first_pay is None else records.first_pay / PPM
    excluded = amounts.get("overlmt_selfpay", np.zeros_like(records.total)) / FEN
    own, total = amounts["fulamt_ownpay_amt"] / FEN, records.total / FEN
    second = np.minimum(amounts["preselfpay_amt"] / FEN / rate, np.maximum(total - own - excluded, 0.0))
    split = np.column_stack([total - second - own - excluded, second, own, excluded])
    if records.first_pay is not None:
        return split, None
    return split, f"丙类、超限价按记录；甲、乙类按先行自付比例{rate:.0%}划分，比例未说明"
