"""A grouped table (分组表) as it is written: bands of an amount, persons in each, and what they have together.

Columns: ``band`` (such as ``0-5000``, ``100000+`` or ``100000以上``; above the first, up to the second), ``persons``,
``amount`` (yuan of all persons of the band together, empty where it is not told), ``year``, and ``insured`` (persons
insured in the year, the same on all its rows), which may be left out; then the frequency is not known.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.bills.encodings import encoding_of
from fundsim.bills.problems import WHOLE, BillProblems, BillsError
from fundsim.terms import nearest

Floats = npt.NDArray[np.float64]

COLUMNS: Final = ("band", "persons", "amount", "year")
OPTIONAL: Final = ("insured",)
_SCALE: Final = {"": 1.0, "元": 1.0, "yuan": 1.0, "万": 1e4, "万元": 1e4}
_NUMBER: Final = r"(\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_UNIT: Final = r"\s*(元|yuan|万元|万)?"
_CLOSED: Final = re.compile(rf"(?P<low>{_NUMBER}){_UNIT}\s*(?:-|–|—|~|～|至|到)\s*(?P<high>{_NUMBER}){_UNIT}")
_OPEN: Final = re.compile(
    rf"(?P<low>{_NUMBER}){_UNIT}\s*(?:\+|以上|及以上)|(?:>|above\s+)\s*(?P<over>{_NUMBER}){_UNIT}"
)
_PLAIN: Final = re.compile(r"-?\d+(?:\.\d+)?")


class GroupedError(BillsError):
    """A grouped table that cannot be used; ``problems`` holds what is wrong, row by row."""


@dataclass(frozen=True, eq=False)
class Bands:
    """The bands of one year or of several, (k,) in the order of year and amount."""

    low: Floats
    """Yuan; the lower end, not included."""
    high: Floats
    """Yuan; infinite for the last band."""
    persons: Floats
    amount: Floats
    """Yuan of all persons of the band; NaN where it is not told."""
    year: npt.NDArray[np.int64]
    insured: Mapping[int, int]
    """Persons insured, by year; empty where that is not told."""
    source: str = "分组表"

    @property
    def years(self) -> tuple[int, ...]:
        """The years of the table, rising."""
        return tuple(int(year) for year in np.unique(self.year))

    def of_years(self, years: Sequence[int]) -> Bands:
        """The bands of some years."""
        kept = np.isin(self.year, years)
        parts = {name: getattr(self, name)[kept] for name in ("low", "high", "persons", "amount", "year")}
        insured = {year: number for year, number in self.insured.items() if year in years}
        return replace(self, **parts, insured=insured)


def read_bands(path: str | Path) -> Bands:
    """Read a grouped table, every problem at once.

    Raises:
        GroupedError: a column is missing, a cell cannot be read, or bands of a year overlap, leave a gap, or hold an
            amount that their persons cannot have.
    """
    file = Path(path)
    name = os.path.normpath(file)
    problems = BillProblems(lambda row: name if row == WHOLE else f"{name}:{row}")
    encoding = encoding_of(file, problems)
    _raise(problems)
    text = file.read_bytes().decode("utf-8-sig" if encoding.codec == "utf-8" else encoding.codec)
    rows = [(line, row) for line, row in _lines(text) if any(cell.strip() for cell in row)]
    places = _header(rows, problems)
    _raise(problems)
    parsed = [_row(line, row, places, problems) for line, row in rows[1:]]
    if not parsed:
        problems.add(WHOLE, None, "the table has no bands", "write one row for each band")
    bands = [each for each in parsed if each is not None]
    if len(bands) == len(parsed):
        _check(bands, problems)
    _raise(problems)
    return _bands(bands, name)


@dataclass(frozen=True)
class _Band:
    line: int
    low: float
    high: float
    persons: int
    amount: float
    year: int
    insured: int | None


def _raise(problems: BillProblems) -> None:
    try:
        problems.raise_if_any()
    except BillsError as error:
        raise GroupedError(error.problems, error.more) from None


def _lines(text: str) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text))
    return [(reader.line_num, row) for row in reader]


def _header(rows: list[tuple[int, list[str]]], problems: BillProblems) -> dict[str, int]:
    if not rows:
        problems.add(WHOLE, None, "the file is empty", f"write a header: {','.join(COLUMNS)}")
        return {}
    line, names = rows[0][0], [name.strip() for name in rows[0][1]]
    for name in names:
        if name not in (*COLUMNS, *OPTIONAL):
            problems.add(
                line, name, f"unknown column{nearest(name, COLUMNS)}", f"columns: {', '.join(COLUMNS + OPTIONAL)}"
            )
    for name in COLUMNS:
        if names.count(name) != 1:
            why = "the column is missing" if name not in names else "the column stands twice"
            problems.add(line, name, why, f"write a header: {','.join(COLUMNS)}")
    return {name: names.index(name) for name in (*COLUMNS, *OPTIONAL) if name in names}


def _row(line: int, row: list[str], places: dict[str, int], problems: BillProblems) -> _Band | None:
    if len(row) <= max(places.values()):
        why = f"the row has {len(row)} cells, but the header has {max(places.values()) + 1}"
        problems.add(line, None, why, "write one cell for each column, thousands without separators")
        return None
    cells = {name: row[place].strip() for name, place in places.items()}
    limits = _limits(line, cells["band"], problems)
    persons = _whole(line, "persons", cells["persons"], problems)
    amount = _amount(line, cells["amount"], problems)
    year = _year(line, cells["year"], problems)
    insured = _whole(line, "insured", cells["insured"], problems) if cells.get("insured") else None
    if limits is None or persons is None or amount is None or year is None:
        return None
    return _Band(line, *limits, persons, amount, year, insured)


def _limits(line: int, text: str, problems: BillProblems) -> tuple[float, float] | None:
    closed, opened = _CLOSED.fullmatch(text), _OPEN.fullmatch(text)
    if closed is not None:
        own, unit = closed[3] or "", closed[6] or ""
        low, high = _number(closed["low"]), _number(closed["high"]) * _SCALE[unit]
        low *= _SCALE[unit if not own and low * _SCALE[unit] < high else own]  # 2-4万 means 2万, 5000-2万 does not
        if low < high:
            return low, high
        problems.add(line, "band", f"the band '{text}' does not run upwards", "write the lower amount first")
        return None
    if opened is not None:
        low_text, unit = (opened["low"], opened[3]) if opened["low"] else (opened["over"], opened[6])
        return _number(low_text) * _SCALE[unit or ""], math.inf
    problems.add(line, "band", f"'{text}' is no band of amounts", "write 5000-10000, or 100000+ for the last one")
    return None


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _whole(line: int, column: str, text: str, problems: BillProblems) -> int | None:
    if re.fullmatch(r"\d+", text):
        return int(text)
    why = "there is no number of persons" if not text else f"'{text}' is no number of persons"
    problems.add(line, column, why, "write a whole number, such as 1250, without thousands separators")
    return None


def _amount(line: int, text: str, problems: BillProblems) -> float | None:
    if not text:
        return math.nan
    if _PLAIN.fullmatch(text) and float(text) >= 0:
        return float(text)
    why = f"'{text}' is no amount in yuan"
    problems.add(
        line, "amount", why, "write yuan of all persons of the band together, such as 8120000, or leave it empty"
    )
    return None


def _year(line: int, text: str, problems: BillProblems) -> int | None:
    if re.fullmatch(r"(?:19|20)\d\d年?", text):
        return int(text[:4])
    problems.add(line, "year", f"'{text}' is no year", "write four digits, such as 2013")
    return None


# -- what bands must agree with -------------------------------------------------------------------------------------


def _check(bands: list[_Band], problems: BillProblems) -> None:
    for band in bands:
        _check_amount(band, problems)
    for year in sorted({band.year for band in bands}):
        mine = sorted((band for band in bands if band.year == year), key=lambda band: (band.low, band.high))
        for one, other in pairwise(mine):
            _check_neighbours(one, other, problems)
        _check_insured(mine, problems)
        if sum(band.persons for band in mine) == 0:
            problems.add(mine[0].line, "persons", f"nobody stands in any band of {year}", "leave the year out")


def _check_amount(band: _Band, problems: BillProblems) -> None:
    if math.isnan(band.amount):
        return
    if band.persons == 0:
        if band.amount > 0:
            why = f"an amount of {band.amount:,.0f} yuan, but no persons"
            problems.add(band.line, "amount", why, "write the persons, or an amount of 0")
        return
    mean = band.amount / band.persons
    if band.low <= mean <= band.high:
        return
    why = (
        f"{band.amount:,.0f} yuan among {band.persons:,} persons is {mean:,.2f} each, "
        f"which lies outside the band {_told(band)}"
    )
    hint = "write the amount in yuan"
    if band.low <= mean * 1e4 <= band.high:
        hint = f"write the amount in yuan, not in 万元: {band.amount * 1e4:.0f}"
    elif band.low <= mean / 100 <= band.high:
        hint = f"write the amount in yuan, not in fen: {band.amount / 100:.2f}"
    elif band.low <= band.amount <= band.high:
        hint = "write what the persons of the band have together, not the mean"
    problems.add(band.line, "amount", why, hint)


def _check_neighbours(one: _Band, other: _Band, problems: BillProblems) -> None:
    if (one.low, one.high) == (other.low, other.high):
        problems.add(other.line, "band", f"the band {_told(other)} of {one.year} stands already in line {one.line}",
                     "write each band once")  # fmt: skip
    elif other.low < one.high:
        why = f"the band {_told(other)} overlaps {_told(one)} of line {one.line}"
        problems.add(other.line, "band", why, "let each band begin where the one before it ends")
    elif other.low > one.high:
        why = f"nobody is told of between {one.high:,.0f} and {other.low:,.0f} (line {one.line} ends, this one begins)"
        problems.add(
            other.line,
            "band",
            why,
            "let each band begin where the one before it ends, or add the band with its persons",
        )


def _check_insured(mine: list[_Band], problems: BillProblems) -> None:
    stated = {band.insured for band in mine}
    if len(stated) > 1:
        odd = next(band for band in mine if band.insured != mine[0].insured)
        problems.add(
            odd.line, "insured", f"{mine[0].year} has different numbers insured", "write the same on all its rows"
        )
    insured, persons = mine[0].insured, sum(band.persons for band in mine)
    if insured is not None and persons > insured:
        why = f"{persons:,} persons in the bands of {mine[0].year}, but only {insured:,} insured"
        problems.add(mine[0].line, "insured", why, "write all insured of the year; persons, not person-times (人次)")


def _told(band: _Band) -> str:
    return f"{band.low:,.0f}+" if math.isinf(band.high) else f"{band.low:,.0f}-{band.high:,.0f}"


def _bands(bands: list[_Band], name: str) -> Bands:
    ordered = sorted(bands, key=lambda band: (band.year, band.low))
    columns = {
        key: np.array([getattr(band, key) for band in ordered], dtype=np.float64)
        for key in ("low", "high", "persons", "amount")
    }
    insured = {band.year: band.insured for band in ordered if band.insured is not None}
    years = np.array([band.year for band in ordered], dtype=np.int64)
    return Bands(**columns, year=years, insured=insured, source=Path(name).name)
