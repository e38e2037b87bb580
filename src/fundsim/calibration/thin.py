"""Counties and groups with thin data (信度估计): what each costs, from its own records and from those of all.

A county's admissions per person and its mean cost per admission, year by year at the level of the last year, by
:mod:`fundsim.calibration.credibility`. Weights are persons enrolled for the one and admissions for the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from fundsim.calibration.completing import Completed
from fundsim.calibration.credibility import Credibility, buhlmann_straub
from fundsim.calibration.experience import Experience
from fundsim.calibration.level import Trends
from fundsim.records.privacy import SmallCells

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Axis = Literal["county", "group"]
What = Literal["frequency", "cost"]

COLUMNS: Final = ("weight", "own", "z", "premium")


@dataclass(frozen=True, eq=False)
class Thin:
    """One figure along one axis."""

    axis: Axis
    what: What
    """``frequency``, admissions per person, or ``cost``, yuan per admission; at the level of the last year."""
    names: tuple[str, ...]
    persons: Codes
    """(r,) persons with records, by which small cells are told."""
    found: Credibility | None
    """None where it cannot be told."""
    why: tuple[str, str] | None = None
    """Why not, Chinese and English."""

    def frame(self, small: SmallCells, lang: Literal["en", "zh"] = "en") -> Any:
        """A row for each county or group, small cells hidden; without any row where nothing is told."""
        import pandas as pd

        if self.found is None:
            return pd.DataFrame(columns=["persons", *COLUMNS])
        table = self.found.frame(self.names).rename_axis(self.axis)
        table.insert(0, "persons", self.persons)
        return small.shield(table, "persons", COLUMNS, lang=lang)


def thin_data(experience: Experience, at_last: Experience, trends: Trends, completed: Completed | None) -> list[Thin]:
    """Credibility estimates by county and by group; those that cannot be told say why.

    Args:
        experience: as it was, which says who was enrolled.
        at_last: the same with costs at the level of the last year.
        trends: bring the frequencies there.
        completed: the counts completed for late settlements.
    """
    found = []
    for axis, names, place, enrolled in _axes(experience):
        if len(names) < 2:
            continue
        counts = _counts(experience, place, len(names), completed)
        persons = _persons(experience, place, len(names))
        number, cost = _costs(at_last, place, len(names))
        if enrolled is None:
            why = "参保人数未分县区，住院率不作信度估计", "the enrolment does not tell counties apart: no frequency"
            found.append(Thin(axis, "frequency", names, persons, None, why))
        else:
            level = _to_last(experience, trends)
            rates = np.divide(counts * level, enrolled, out=np.zeros_like(counts), where=enrolled > 0)
            found.append(_estimate(axis, "frequency", names, persons, rates, enrolled))
        found.append(_estimate(axis, "cost", names, persons, cost, number))
    return found


def _axes(experience: Experience) -> Iterator[tuple[Axis, tuple[str, ...], Codes, Floats | None]]:
    if experience.county is not None:
        yield "county", experience.counties, experience.county, experience.enrolled_by_county
    yield "group", experience.groups, experience.group, experience.enrolled


def _estimate(axis: Axis, what: What, names: tuple[str, ...], persons: Codes, values: Floats, weights: Floats) -> Thin:
    """From values and weights (years, r)."""
    seen = weights > 0
    if seen.any(axis=0).sum() < 2 or (seen.sum(axis=0) < 2).all():
        why = (
            "信度估计需要至少两个县区（人群）且至少一个有两年数据",
            "credibility needs two counties or groups, and two years of one of them at least",
        )
        return Thin(axis, what, names, persons, None, why)
    return Thin(axis, what, names, persons, buhlmann_straub(values.T, weights.T))


def _counts(experience: Experience, place: Codes, size: int, completed: Completed | None) -> Floats:
    years = len(experience.years)
    if completed is not None:
        return completed.by(years, experience.year, place, size)
    table = np.bincount(experience.year * size + place, minlength=years * size)
    return table.reshape(years, size).astype(np.float64)


def _costs(at_last: Experience, place: Codes, size: int) -> tuple[Floats, Floats]:
    """(years, r) admissions and their mean cost."""
    cell, cells = at_last.year * size + place, len(at_last.years) * size
    number = np.bincount(cell, minlength=cells).reshape(-1, size).astype(np.float64)
    total = np.bincount(cell, at_last.cost, minlength=cells).reshape(-1, size)
    return number, np.divide(total, number, out=np.zeros_like(number), where=number > 0)


def _persons(experience: Experience, place: Codes, size: int) -> Codes:
    pairs = np.unique(experience.person * size + place)
    return np.bincount(pairs % size, minlength=size).astype(np.int64)


def _to_last(experience: Experience, trends: Trends) -> Floats:
    """(years, 1) what brings a year's frequency to the last year's."""
    if trends.use is None:
        return np.ones((len(experience.years), 1))
    return np.array([[trends.use.factor(year, experience.years[-1])[0]] for year in experience.years])
