"""From a file of settlement records to what is used of it, and the report on the rest."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, Union

import numpy as np

from fundsim.bills.problems import WHOLE
from fundsim.bills.texts import Int64s
from fundsim.records.columns import ColumnMap, read_columns
from fundsim.records.enrolment import COUNTY as BY_COUNTY
from fundsim.records.enrolment import GROUP as BY_GROUP
from fundsim.records.enrolment import Enrolment, Exposure, read_enrolment
from fundsim.records.findings import (
    Finding,
    believable,
    enrolment_findings,
    findings,
    years_without_claims,
)
from fundsim.records.names import CARE, COUNTY, FIELDS, GROUP, SETTLED, TOTAL
from fundsim.records.problems import RecordProblems
from fundsim.records.quality import Excluded, FieldOfRecords, QualityReport, YearOfRecords
from fundsim.records.reading import Int8s, Raw, read_rows
from fundsim.records.reasons import KEPT, NUMBER, REASONS
from fundsim.records.records import Records
from fundsim.records.same import different
from fundsim.records.screening import Span, discharge, screen
from fundsim.records.sources import RecordSource, open_records

if TYPE_CHECKING:
    import pandas as pd

Table: TypeAlias = Union[str, "os.PathLike[str]", "pd.DataFrame"]
"""A file (CSV or Parquet), or a DataFrame with the same columns."""

_FIRST_ROWS = 5
EVERYBODY = ("all",)
"""The name of what is not told apart."""


def read_records(
    records: Table,
    *,
    columns: str | os.PathLike[str] | ColumnMap | None = None,
    enrolment: Table | None = None,
    years: Span | None = None,
) -> Records:
    """Read settlement records; what is not used of them stands in ``quality`` of what is returned.

    Args:
        records: the records, a row for each settlement; columns by their national names (医保结算字段).
        columns: a file that says which columns have other names or units.
        enrolment: persons insured by ``year``, and where told apart ``county`` and ``group``.
        years: the first and the last year that are wanted; all by default.

    Raises:
        RecordsError: the file or the enrolment cannot be read, or nothing is left of it.
        ScenarioError: the column map is wrong.
    """
    source = open_records(records)
    named = read_columns(columns) if isinstance(columns, str | os.PathLike) else columns or ColumnMap()
    enrolled = None if enrolment is None else read_enrolment(enrolment)
    raw = read_rows(source, named)
    day = discharge(raw)
    year, month = _calendar(day)
    reason = screen(raw, day, year, years)
    exposure, stratum = _expose(enrolled, raw, year, reason)
    kept = np.flatnonzero(reason == KEPT)
    if not len(kept):
        _complain_of_nothing(source, raw, reason)
    found = list(findings(raw, reason, year, day))
    found += years_without_claims(_gaps(year[kept], years, exposure))
    if exposure is not None:
        unused = [axis for axis in (enrolled.axes if enrolled else ()) if axis not in exposure.axes]
        found += enrolment_findings(exposure, unused, stratum[kept], raw.person[kept])
        wanted = np.isin(exposure.year, range(years[0], years[1] + 1)) if years else True
        exposure = exposure.where(believable(exposure, stratum[kept]) & wanted)
    quality = _report(source, named, raw, reason, year, exposure, found)
    care, care_levels = _compact(raw, CARE, kept)
    group, groups = _compact(raw, GROUP, kept) if exposure is None else _as_read(raw, GROUP, kept, exposure.groups)
    county, counties = (
        _compact(raw, COUNTY, kept) if exposure is None else _as_read(raw, COUNTY, kept, exposure.counties)
    )
    return Records(
        person=raw.person[kept],
        year=year[kept],
        month=month[kept],
        day=day[kept],
        settled=_settled(raw, kept),
        care=care,
        group=group,
        county=county,
        care_levels=care_levels,
        groups=groups,
        counties=counties,
        amounts={name: amount[kept] for name, amount in raw.amounts.items()},
        exposure=exposure,
        quality=quality,
        first_pay=named.first_pay,
    )


def _calendar(day: Int64s) -> tuple[Int64s, Int64s]:
    """(n,) year and month of each day; 0 where there is none."""
    met = np.flatnonzero(np.bincount(day))
    years, months = np.zeros((2, int(day.max(initial=0)) + 1), dtype=np.int64)
    for each in met[met > 0].tolist():
        date = datetime.date.fromordinal(each)
        years[each], months[each] = date.year, date.month
    return years[day], months[day]


def _settled(raw: Raw, kept: Int64s) -> Int64s | None:
    if SETTLED not in raw.days:
        return None
    settled = raw.days[SETTLED][kept]
    return np.where(settled > 0, settled, -1)


def _compact(raw: Raw, field: str, kept: Int64s) -> tuple[Int64s, tuple[str, ...]]:
    """Positions and names of those values of a category that occur in records kept."""
    if field not in raw.categories:
        return np.zeros(len(kept), dtype=np.int64), EVERYBODY
    met, position = np.unique(raw.categories[field][kept], return_inverse=True)
    return position.astype(np.int64), tuple(raw.names[field][place] for place in met.tolist())


def _as_read(raw: Raw, field: str, kept: Int64s, names: tuple[str, ...]) -> tuple[Int64s, tuple[str, ...]]:
    if field not in raw.categories:
        return np.zeros(len(kept), dtype=np.int64), EVERYBODY
    return raw.categories[field][kept].astype(np.int64), names


def _expose(enrolled: Enrolment | None, raw: Raw, year: Int64s, reason: Int8s) -> tuple[Exposure | None, Int64s]:
    """Who is insured, and (n,) the stratum of each row; rows of strata without enrolment are left out."""
    if enrolled is None:
        return None, np.zeros(0, dtype=np.int64)
    axes = [axis for axis, field in ((BY_COUNTY, COUNTY), (BY_GROUP, GROUP)) if field in raw.categories]
    exposure = enrolled.exposure(axes, raw.names.get(COUNTY, ()), raw.names.get(GROUP, ()))
    nothing = np.zeros(len(raw), dtype=np.int64)
    place = [
        raw.categories[field].astype(np.int64) if field in raw.categories else nothing for field in (COUNTY, GROUP)
    ]
    stratum = exposure.stratum(year, *place)
    reason[(reason == KEPT) & (stratum < 0)] = NUMBER["not-enrolled"]
    return exposure, stratum


def _gaps(year: Int64s, years: Span | None, exposure: Exposure | None) -> list[int]:
    """Years without a record that is used; those of the enrolment are told of with it."""
    first, last = years or (int(year.min()), int(year.max()))
    enrolled = set() if exposure is None else set(exposure.year.tolist())
    return sorted(set(range(first, last + 1)) - set(np.unique(year).tolist()) - enrolled)


def _complain_of_nothing(source: RecordSource, raw: Raw, reason: Int8s) -> None:
    problems = RecordProblems(source.place)
    counts = np.bincount(reason, minlength=len(REASONS) + 1)[1:]
    told = [f"{REASONS[place].en} ({counts[place]:,} rows)" for place in np.argsort(-counts) if counts[place]]
    ragged = f"; {len(source.ragged):,} rows have not as many cells as the header" if source.ragged else ""
    why = f"no record is left to be used, of {len(raw) + len(source.ragged):,}: {'; '.join(told[:3])}{ragged}"
    problems.add(WHOLE, None, why, "mend the file, its column map or the enrolment")
    problems.raise_if_any()


# -- the report -----------------------------------------------------------------------------------------------------


def _report(
    source: RecordSource,
    columns: ColumnMap,
    raw: Raw,
    reason: Int8s,
    year: Int64s,
    exposure: Exposure | None,
    found: Sequence[Finding],
) -> QualityReport:
    total, kept = raw.amounts[TOTAL], reason == KEPT
    ragged = len(source.ragged)
    return QualityReport(
        source=Path(source.name).name,
        how=source.how,
        rows=len(raw) + ragged,
        kept=int(kept.sum()),
        persons=different(raw.person[kept]),
        money=int(total.sum()),
        kept_money=int(total[kept].sum()),
        affected=int(np.abs(total).sum()),
        unknown_money=int((~raw.total_known).sum()) + ragged,
        excluded=tuple(_excluded(source, raw, reason)),
        years=tuple(_years(raw, kept, year, exposure)),
        fields=tuple(
            FieldOfRecords(name, columns.column(name).column, raw.empty[name], raw.unreadable[name])
            for name in raw.empty
        ),
        missing_fields=tuple(name for name in FIELDS if name not in raw.empty),
        unused_columns=raw.unused,
        warnings=tuple(found),
    )


def _excluded(source: RecordSource, raw: Raw, reason: Int8s) -> Iterator[Excluded]:
    if source.ragged:
        ragged = source.ragged
        yield Excluded("not-a-row", len(ragged), len(ragged), 0, 0, tuple(ragged[:_FIRST_ROWS]))
    total = raw.amounts[TOTAL]
    for number, named in enumerate(REASONS, start=1):
        rows = np.flatnonzero(reason == number)
        if len(rows):
            nobody = named.name in ("missing-id", "damaged-id")
            persons = len(rows) if nobody else different(raw.person[rows])
            money, affected = int(total[rows].sum()), int(np.abs(total[rows]).sum())
            first = tuple(raw.row[rows[:_FIRST_ROWS]].tolist())
            yield Excluded(named.name, len(rows), persons, money, affected, first)


def _years(
    raw: Raw, kept: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], year: Int64s, exposure: Exposure | None
) -> Iterator[YearOfRecords]:
    total = raw.amounts[TOTAL]
    for each in np.unique(year[kept]).tolist():
        rows = np.flatnonzero(kept & (year == each))
        insured = None if exposure is None else exposure.total(each)
        yield YearOfRecords(each, len(rows), different(raw.person[rows]), int(total[rows].sum()), insured)
