"""Persons insured by year, county and group (参保人数): what records are counted against."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from fundsim.bills.texts import Bools, Int64s
from fundsim.records import cells
from fundsim.records.problems import RecordProblems
from fundsim.records.same import combinations
from fundsim.records.sources import open_records
from fundsim.terms import nearest

if TYPE_CHECKING:
    import pandas as pd

YEAR, COUNTY, GROUP, PERSONS = "year", "county", "group", "persons"
_NAMES: Final = {
    YEAR: (YEAR, "年度", "年份", "参保年度"),
    COUNTY: (COUNTY, "insu_admdvs", "县", "县区", "统筹区", "参保所属医保区划"),
    GROUP: (GROUP, "psn_idet_type", "人群", "人员身份类别"),
    PERSONS: (PERSONS, "参保人数", "人数"),
}
"""The names by which the columns are known."""
_LARGEST: Final = 2_000_000_000
"""More persons than there are."""


@dataclass(frozen=True, eq=False)
class Exposure:
    """Persons insured, in k strata."""

    axes: tuple[str, ...]
    """Which of ``county`` and ``group`` the strata tell apart beside the year."""
    year: Int64s
    """(k,)"""
    county: Int64s
    """(k,) position in ``counties``; -1 where counties are not told apart."""
    group: Int64s
    """(k,) position in ``groups``; -1 where groups are not told apart."""
    persons: Int64s
    """(k,) insured for the year."""
    counties: tuple[str, ...]
    groups: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.year)

    def total(self, year: int | None = None, county: int | None = None, group: int | None = None) -> int:
        """Person-years of a year, of a county and of a group (positions), or of all."""
        chosen = np.ones(len(self), dtype=np.bool_)
        for asked, values in ((year, self.year), (county, self.county), (group, self.group)):
            chosen &= True if asked is None else values == asked
        return int(self.persons[chosen].sum())

    def where(self, chosen: Bools) -> Exposure:
        """Some of the strata."""
        parts = {name: getattr(self, name)[chosen] for name in (YEAR, COUNTY, GROUP, PERSONS)}
        return replace(self, **parts)

    def stratum(self, year: Int64s, county: Int64s, group: Int64s) -> Int64s:
        """(n,) the stratum of each record; -1 where nobody is insured."""
        known = {key: place for place, key in enumerate(self._keys(self.year, self.county, self.group))}
        keys, place = combinations(self._columns(year, county, group))
        found = np.array([known.get(tuple(key), -1) for key in keys.tolist()], dtype=np.int64)
        enrolled = np.append(self.persons > 0, False)[found]
        return np.where(enrolled, found, -1)[place]

    def name(self, place: int) -> str:
        """A stratum in words, such as ``2013 450702 poor``."""
        words = [str(self.year[place])]
        words += [self.counties[self.county[place]]] if COUNTY in self.axes else []
        words += [self.groups[self.group[place]]] if GROUP in self.axes else []
        return " ".join(words)

    def frame(self) -> pd.DataFrame:
        """A row for each stratum."""
        import pandas as pd

        columns: dict[str, object] = {YEAR: self.year}
        if COUNTY in self.axes:
            columns[COUNTY] = [self.counties[each] for each in self.county]
        if GROUP in self.axes:
            columns[GROUP] = [self.groups[each] for each in self.group]
        return pd.DataFrame({**columns, PERSONS: self.persons})

    def _columns(self, year: Int64s, county: Int64s, group: Int64s) -> list[Int64s]:
        nothing = np.full(len(year), -1, dtype=np.int64)
        return [year, county if COUNTY in self.axes else nothing, group if GROUP in self.axes else nothing]

    def _keys(self, year: Int64s, county: Int64s, group: Int64s) -> list[tuple[int, ...]]:
        return list(zip(*(column.tolist() for column in self._columns(year, county, group)), strict=True))


@dataclass(frozen=True)
class Enrolment:
    """An enrolment file as it is written."""

    axes: tuple[str, ...]
    rows: Mapping[tuple[int, str, str], int]
    """Persons by year, county and group; a name is empty where the file does not tell it."""

    def exposure(self, axes: Sequence[str], counties: Sequence[str], groups: Sequence[str]) -> Exposure:
        """The strata over those axes that the records tell apart, too; the others are added up.

        Names that no record has come after those of the records.
        """
        kept = tuple(axis for axis in self.axes if axis in axes)
        summed = dict[tuple[int, str, str], int]()
        for (year, county, group), persons in self.rows.items():
            key = year, county if COUNTY in kept else "", group if GROUP in kept else ""
            summed[key] = summed.get(key, 0) + persons
        all_counties = tuple(dict.fromkeys([*counties, *(key[1] for key in summed if COUNTY in kept)]))
        all_groups = tuple(dict.fromkeys([*groups, *(key[2] for key in summed if GROUP in kept)]))
        return Exposure(
            axes=kept,
            year=np.array([key[0] for key in summed], dtype=np.int64),
            county=np.array([all_counties.index(key[1]) if COUNTY in kept else -1 for key in summed], dtype=np.int64),
            group=np.array([all_groups.index(key[2]) if GROUP in kept else -1 for key in summed], dtype=np.int64),
            persons=np.array(list(summed.values()), dtype=np.int64),
            counties=all_counties,
            groups=all_groups,
        )


def read_enrolment(enrolment: str | os.PathLike[str] | pd.DataFrame) -> Enrolment:
    """Read an enrolment file: ``year``, ``persons``, and where told apart ``county`` and ``group``.

    Raises:
        RecordsError: with everything that is wrong with the file.
    """
    source = open_records(enrolment)
    problems = RecordProblems(source.place)
    header = source.header(problems)
    problems.raise_if_any()
    columns = {axis: next((name for name in names if name in header), None) for axis, names in _NAMES.items()}
    for axis in (YEAR, PERSONS):
        if columns[axis] is None:
            names = ", ".join(_NAMES[axis])
            why = f"the column is missing{nearest(axis, list(header))}"
            problems.add(source.header_row, axis, why, f"name one of the columns {names}")
    problems.raise_if_any()
    found = {axis: name for axis, name in columns.items() if name is not None}
    rows = dict[tuple[int, str, str], int]()
    for piece in source.pieces(list(found.values()), problems):
        texts = {axis: cells.as_texts(piece.cells[name]).to_list() for axis, name in found.items()}
        for place, row in enumerate(piece.rows.tolist()):
            _read_row({axis: values[place].strip() for axis, values in texts.items()}, row, rows, found, problems)
    for row in source.ragged:
        problems.add(row, None, f"the row has not {len(header)} cells, as the header has", "write one for each column")
    if not rows and not problems:
        problems.add(-1, None, "there is no row, only the header", "write a row for each year")
    problems.raise_if_any()
    return Enrolment(tuple(axis for axis in (COUNTY, GROUP) if axis in found), rows)


def _read_row(
    texts: Mapping[str, str],
    row: int,
    rows: dict[tuple[int, str, str], int],
    names: Mapping[str, str],
    problems: RecordProblems,
) -> None:
    year, persons = _whole(texts[YEAR]), _whole(texts[PERSONS])
    if year is None or not 1990 <= year <= 2100:
        problems.add(row, names[YEAR], f"'{texts[YEAR]}' is not a year", "write a year such as 2013")
    if persons is None or persons > _LARGEST:
        why = f"'{texts[PERSONS]}' is not a number of persons"
        problems.add(row, names[PERSONS], why, "write a whole number in plain digits, such as 6334100")
    if year is None or persons is None:
        return
    key = year, texts.get(COUNTY, ""), texts.get(GROUP, "")
    if key in rows:
        why = f"{' '.join(str(part) for part in key if part)} stands here a second time"
        problems.add(row, names[YEAR], why, "write each year, county and group once")
    rows[key] = persons


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else None
