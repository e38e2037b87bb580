"""What everybody shares in a replication's year (共同风险): drawn inputs and passing years, brought to the bills.

Levels and trends multiply each gross bill before any deductible, never what is paid: at a fixed deductible, 10% on
bills is far more than 10% on payments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fundsim.claims import ClaimsModel, ClaimsTerms, Floats, Levels
from fundsim.money import PPM
from fundsim.population import PopulationTerms
from fundsim.uncertainty import (
    Admissions,
    AdmissionTrend,
    CatalogueMix,
    Cost,
    CostTrend,
    Drawn,
    Enrolment,
    GroupShare,
    Mix,
    TailIndex,
)

Int64s = npt.NDArray[np.int64]
NOTHING_DRAWN = Drawn({}, np.zeros(0, dtype=np.int64), {})
"""What is drawn where nothing is uncertain."""


@dataclass(frozen=True, eq=False)
class Outlook:
    """A claims model on its way through the years of a term."""

    model: ClaimsModel
    claims: ClaimsTerms
    population: PopulationTerms

    @property
    def projected(self) -> int:
        """Years from the data to the first year simulated, over which growth has been projected already."""
        trend = self.claims.trend
        return 0 if trend is None else max(trend.to - self.claims.year, 0)

    def levels(self, drawn: Drawn, year: int) -> Levels:
        """The levels of a year (from 1) in the replications drawn; v is 1 where nothing was drawn."""
        return Levels(
            cost=self._cost(drawn, year),
            admissions=self._admissions(drawn, year),
            persons=self.persons(drawn, year),
            probabilities=self._probabilities(drawn),
            splits=self._splits(drawn),
            tail_index=self._tail_index(drawn),
        )

    def _cost(self, drawn: Drawn, year: int) -> Floats:
        growth = 0 if self.claims.trend is None else self.claims.trend.cost
        levels = [cell.level for cell in self.model.cells]
        cost = np.repeat(self._grown(drawn, CostTrend, growth, year)[:, None], len(levels), axis=1)
        for terms, factor in drawn.of(Cost):
            concerned = np.array([terms.care is None or level in terms.care for level in levels])
            cost = cost * np.where(concerned, factor[:, None], 1.0)
        return cost[:, None, :]

    def _admissions(self, drawn: Drawn, year: int) -> Floats:
        growth = 0 if self.claims.trend is None else self.claims.trend.admissions
        level = self._grown(drawn, AdmissionTrend, growth, year)
        for _, factor in drawn.of(Admissions):
            level = level * factor
        return level[:, None]

    def _grown(self, drawn: Drawn, kind: type[CostTrend] | type[AdmissionTrend], growth: int, year: int) -> Floats:
        """(v,) growth since the first year as stated: its own, and the errors of every year projected so far."""
        rate, steps = 1 + growth / PPM, self.projected + year - 1
        errors = [values[:, :steps] for _, values in drawn.of(kind)]
        if not errors:
            return np.array([rate ** (year - 1)])
        with_errors: Floats = np.prod(rate + sum(errors), axis=1) / rate**self.projected
        return with_errors

    def persons(self, drawn: Drawn, year: int) -> Int64s:
        """(v, g) persons insured in a year: as stated, moved between groups, grown, and by the level of enrolment."""
        names = [group.name for group in self.model.population.groups]
        stated = np.array([[group.persons for group in self.model.population.groups]], dtype=np.float64)
        persons = np.repeat(stated, len(drawn.replications), axis=0) if drawn.values else stated
        for share, factor in drawn.of(GroupShare):
            one, other = names.index(share.people), names.index(share.taken_from)
            moved = np.minimum(np.rint(persons[:, one] * factor) - persons[:, one], persons[:, other])
            persons[:, one] += moved
            persons[:, other] -= moved
        persons = persons * (1 + self.population.growth / PPM) ** (year - 1)
        for enrolment, factor in drawn.of(Enrolment):
            concerned = np.array([enrolment.people is None or name in enrolment.people for name in names])
            persons = persons * np.where(concerned, factor[:, None], 1.0)
        return np.rint(persons).astype(np.int64)

    def _probabilities(self, drawn: Drawn) -> Floats | None:
        """(v, c) shares of the cells: within each care level, or between them where the care level itself is mixed."""
        cells = self.model.cells
        shares: Floats | None = None
        for mix, factor in drawn.of(Mix):
            if shares is None:
                shares = np.tile([cell.probability for cell in cells], (len(factor), 1))
            chosen = np.array([cell.traits.get(mix.trait) in mix.values for cell in cells])
            for level in {cell.level for cell in cells} if mix.trait != "care" else {""}:
                within = np.array([level in ("", cell.level) and _concerns(mix.care, cell.level) for cell in cells])
                shares[:, within] = _tilted(shares[:, within], chosen[within], factor)
        return shares

    def _splits(self, drawn: Drawn) -> Int64s | None:
        """(v, c, 3) catalogue shares, cumulated and rounded to the ppm."""
        cells = self.model.cells
        parts: Floats | None = None
        for mix, factor in drawn.of(CatalogueMix):
            if parts is None:
                cumulated = np.array([(0, *cell.splits, PPM) for cell in cells])
                b, c, excluded, a = (np.diff(cumulated, axis=1) / PPM).T
                parts = np.tile(np.stack([b, c, excluded, a], axis=1), (len(factor), 1, 1))
            chosen = np.array([False, True, True, False])
            for number, cell in enumerate(cells):
                if _concerns(mix.care, cell.level):
                    parts[:, number] = _tilted(parts[:, number], chosen, factor)
        return None if parts is None else np.rint(np.cumsum(parts, axis=2)[:, :, :3] * PPM).astype(np.int64)

    def _tail_index(self, drawn: Drawn) -> Floats | None:
        found: Floats | None = None
        for terms, index in drawn.of(TailIndex):
            if found is None:
                found = np.tile([table.tail_index for table in self.model.tables], (len(index), 1))
            for cell in self.model.cells:
                if _concerns(terms.care, cell.level) and self.model.tables[cell.severity].tail_weight > 0:
                    found[:, cell.severity] = index
        return found


def _concerns(care: list[str] | None, level: str) -> bool:
    return care is None or level in care


def _tilted(shares: Floats, chosen: npt.NDArray[np.bool_], factor: Floats) -> Floats:
    """(r, n) shares whose odds for the chosen ones are multiplied by the factor; their total stays."""
    weights = np.where(chosen, shares * factor[:, None], shares)
    tilted: Floats = weights * (shares.sum(axis=1) / weights.sum(axis=1))[:, None]
    return tilted
