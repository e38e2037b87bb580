"""Admissions drawn from a claims model in plain numpy, year by year: the same law as a run, other draws.

A draw is fixed by (seed, purpose, group, person, year, admission), so that neither the number of persons nor the size
of a block moves any other.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from fundsim import streams
from fundsim.claims import AdmissionClaims, ClaimsModel
from fundsim.frequency import WORD
from fundsim.money import LARGEST_BILL, PPM, share
from fundsim.population import InsuredGroup

Int64s = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_MOST_ADMISSIONS = 64
"""A person has fewer admissions a year."""
_STAY, _LONGEST_STAY = 7.0, 90
"""Days of a stay: mean of the exponential law they are drawn from, and the longest."""
_AT_ONCE, _LAG, _LONGEST_LAG = 0.7, 45.0, 540
"""Share of the bills that are settled on discharge; mean and longest delay of the others, days."""
_MONTHS = np.cumsum((0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))


@dataclass(frozen=True, eq=False)
class Admissions:
    """The admissions of some persons of one group in one year, by person and day; n of them."""

    person: Int64s
    """(n,) number within the group."""
    number: Int64s
    """(n,) which of the person's admissions of the year."""
    cell: Int64s
    """(n,) kind of bill."""
    cost: Int64s
    """(n, 3) fen of class A, B and C."""
    excluded: Int64s
    """(n,) fen."""
    admitted: Int64s
    """(n,) ordinal."""
    discharged: Int64s
    """(n,) ordinal."""
    settled: Int64s
    """(n,) ordinal."""

    def __len__(self) -> int:
        return len(self.person)

    def where(self, chosen: npt.NDArray[np.bool_]) -> Admissions:
        """Some of them."""
        return Admissions(**{each.name: getattr(self, each.name)[chosen] for each in fields(self)})


@dataclass(frozen=True, eq=False)
class Draw:
    """Draws the admissions of a group, of any year."""

    seed: int
    model: ClaimsModel
    terms: AdmissionClaims

    def counts(self, group: InsuredGroup, year: int, persons: Int64s) -> Int64s:
        """(n,) admissions of some persons in a year."""
        growth = self._growth(year)[1]
        multiplier = group.admissions * growth * self._shared(group, year)
        thresholds = self.model.frequency.count_thresholds(multiplier)
        words = (self._uniforms("count", group, year, persons, 0 * persons) * WORD).astype(np.uint64)
        return np.searchsorted(thresholds, words, side="right").astype(np.int64)

    def admissions(self, group: InsuredGroup, year: int, persons: Int64s) -> Admissions:
        """The admissions of some persons in a year."""
        counts = self.counts(group, year, persons)
        person = np.repeat(persons, counts)
        number = np.arange(len(person)) - np.repeat(np.cumsum(counts) - counts, counts)

        def uniform(purpose: str) -> Floats:
            return self._uniforms(purpose, group, year, person, number)

        day = self._day(uniform("day"), year)
        order = np.lexsort((number, day, person))
        cell = np.searchsorted(self._cell_bounds(), uniform("cell"), side="right")
        gross = self._gross(cell, uniform("cost"), group.cost * self._growth(year)[0])
        cost, excluded = self._split(cell, gross)
        stay = np.minimum(1 - _STAY * np.log(uniform("stay")), _LONGEST_STAY).astype(np.int64)
        late = uniform("lag")
        lag = np.where(late < _AT_ONCE, 0.0, -_LAG * np.log((1 - late) / (1 - _AT_ONCE)))
        settled = day + np.minimum(lag, _LONGEST_LAG).astype(np.int64)
        return Admissions(
            person[order], number[order], cell[order].astype(np.int64), cost[order], excluded[order],
            (day - stay)[order], day[order], settled[order],
        )  # fmt: skip

    def faults(self, group: InsuredGroup, year: int, admissions: Admissions) -> Floats:
        """(n,) the draw by which each record gets a fault, or none."""
        return self._uniforms("fault", group, year, admissions.person, admissions.number)

    def _growth(self, year: int) -> tuple[float, float]:
        trend, years = self.terms.trend, year - self.terms.year
        if trend is None:
            return 1.0, 1.0
        return (1 + trend.cost / PPM) ** years, (1 + trend.admissions / PPM) ** years

    def _shared(self, group: InsuredGroup, year: int) -> float:
        """What the persons of the group share of the frequency in a year, of mean 1."""
        shared = self.model.frequency.shared_by()
        if shared is None:
            return 1.0
        name = group.name if shared == "group" else ""
        drawn = streams.uniforms(self.seed, "synthesis/mixing", name, np.array([year], dtype=np.int64))
        return float(self.model.frequency.level(drawn)[0])

    def _uniforms(self, purpose: str, group: InsuredGroup, year: int, person: Int64s, number: Int64s) -> Floats:
        when = year * _MOST_ADMISSIONS + number
        return streams.uniforms_at(self.seed, f"synthesis/{purpose}", group.name, person, when)

    def _cell_bounds(self) -> Floats:
        bounds = np.cumsum([cell.probability for cell in self.model.cells])[:-1]
        return np.asarray(bounds)

    def _gross(self, cell: Int64s, uniform: Floats, factor: float) -> Int64s:
        """(n,) gross cost, fen; one fen at least."""
        family = np.array([each.severity for each in self.model.cells])[cell]
        yuan = np.zeros(len(cell))
        for place, severity in enumerate(self.model.severities):
            yuan[family == place] = severity.quantile(uniform[family == place])
        fen = np.rint(np.minimum(yuan * factor * 100, LARGEST_BILL))
        return np.maximum(fen, 1).astype(np.int64)

    def _split(self, cell: Int64s, gross: Int64s) -> tuple[Int64s, Int64s]:
        """Cost by class and what is excluded; the cumulative shares are rounded, so that nothing is lost."""
        upto = np.zeros((3, len(cell)), dtype=np.int64)
        for place, each in enumerate(self.model.cells):
            chosen = cell == place
            for step, rate in enumerate(each.splits):
                upto[step, chosen] = share(gross[chosen], rate)
        b, bc, bcx = upto
        return np.stack([gross - bcx, b, bc - b], axis=1), bcx - bc

    def _day(self, uniform: Floats, year: int) -> Int64s:
        """(n,) day of discharge; 29 February has none."""
        shares = self.model.season
        at = uniform if shares is None else np.interp(uniform, np.cumsum((0, *shares)) / PPM, _MONTHS / 365)
        day = np.minimum((at * 365).astype(np.int64), 364)
        start = datetime.date(year, 1, 1).toordinal()
        leap = datetime.date(year, 12, 31).toordinal() - start == 365
        ordinal: Int64s = start + day + (leap & (day >= _MONTHS[2])).astype(np.int64)
        return ordinal
