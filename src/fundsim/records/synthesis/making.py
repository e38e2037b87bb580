"""Makes a file of synthetic records, a block of persons at a time."""

from __future__ import annotations

import datetime
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

import numpy as np

from fundsim.bills.texts import Int64s
from fundsim.claims import AdmissionClaims, ClaimsModel
from fundsim.money import PPM
from fundsim.population import InsuredGroup
from fundsim.records.synthesis.drawing import Draw, Floats
from fundsim.records.synthesis.faults import FAULTS, Spoiler, SynthesisError, parse_faults
from fundsim.records.synthesis.settling import Settling
from fundsim.records.synthesis.writing import records_file, rows_of, write_enrolment, write_manifest
from fundsim.scenario import Scenario

_BLOCK: Final = 65_536
"""Persons that are drawn at a time."""
_GOLDEN: Final = (math.sqrt(5.0) - 1) / 2
FIRST_COUNTY: Final = 900_001
"""Division code (医保区划) of the first county; there is no region 90."""


@dataclass(frozen=True)
class SynthesisPlan:
    """What is to be made."""

    persons: int
    """Insured in the first year."""
    years: int = 3
    first: int | None = None
    """The first year; by default the last is the year of the scheme."""
    counties: int = 12
    faults: Mapping[str, float] = field(default_factory=dict)
    """Rates by kind of fault."""
    encoding: str = "utf-8"
    extracted: datetime.date | None = None
    """The day on which the records are taken out: what is settled after it is not among them (未到账)."""
    seed: int | None = None
    """The scheme's own by default."""

    @classmethod
    def parse(cls, *, faults: str = "", **plan: Any) -> Self:
        """A plan with its faults as a command gives them.

        Raises:
            SynthesisError: with everything that is wrong with them.
        """
        return cls(faults=parse_faults(faults), **plan)


def synthesise(scenario: Scenario, plan: SynthesisPlan, out: str | Path) -> tuple[Path, Path, Path]:
    """Write records, who is insured, and a manifest beside them.

    Args:
        scenario: the scheme whose claims are drawn and whose payers settle them.
        plan: how many, of which years, with which faults.
        out: the records.

    Returns:
        The files: ``OUT.csv``, ``OUT-enrolment.csv`` and ``OUT-manifest.json``.

    Raises:
        SynthesisError: the scheme's claims are not admissions, or there is no such folder.
    """
    path = Path(out)
    if not path.resolve().parent.is_dir():
        raise SynthesisError(f"--out: there is no folder {path.parent}\n  instead: make it, or name another")
    maker = _Maker.build(scenario, plan)
    enrolment, manifest = (path.with_name(f"{path.stem}-{name}") for name in ("enrolment.csv", "manifest.json"))
    with records_file(path, plan.encoding) as writer:
        for rows in maker.blocks():
            writer.writerows(row.values() for row in rows)
    write_enrolment(enrolment, maker.enrolled, plan.encoding)
    write_manifest(manifest, maker.manifest())
    return path, enrolment, manifest


class _Maker:
    def __init__(self, scenario: Scenario, plan: SynthesisPlan, draw: Draw, settling: Settling, first: int) -> None:
        self._scenario, self._plan, self._draw, self._settling, self._first = scenario, plan, draw, settling, first
        self._spoiler = Spoiler(plan.faults)
        self._records = self._rows = self._later = 0
        self.enrolled: Counter[tuple[int, str, str]] = Counter()
        """Persons by year, county and group."""

    @classmethod
    def build(cls, scenario: Scenario, plan: SynthesisPlan) -> Self:
        terms = scenario.terms.claims
        if not isinstance(terms, AdmissionClaims):
            why = f"the claims of {scenario.id} are annual amounts left in policy; records need single admissions"
            raise SynthesisError(f"{why}\n  instead: name a scheme whose claims have 'basis: admissions'")
        model = ClaimsModel.build(terms, scenario.population)
        last = terms.year if terms.trend is None else terms.trend.to
        first = last - plan.years + 1 if plan.first is None else plan.first
        seed = scenario.terms.simulation.seed if plan.seed is None else plan.seed
        return cls(scenario, plan, Draw(seed, model, terms), Settling.build(scenario, model), first)

    def blocks(self) -> Iterator[list[dict[str, str]]]:
        """The rows of the file, some at a time."""
        groups = self._draw.model.population.groups
        for year in range(self._first, self._first + self._plan.years):
            for place, group in enumerate(groups):
                persons = self._persons(group, year)
                for start in range(0, persons, _BLOCK):
                    some = np.arange(start, min(start + _BLOCK, persons), dtype=np.int64)
                    yield self._block(place, group, year, some)

    def manifest(self) -> dict[str, Any]:
        """What was made, and every fault that was put in."""
        return {
            "scenario": self._scenario.id,
            "fingerprint": self._scenario.fingerprint,
            "seed": self._draw.seed,
            "years": [self._first, self._first + self._plan.years - 1],
            "persons": self._plan.persons,
            "encoding": self._plan.encoding,
            "extracted": str(self._plan.extracted) if self._plan.extracted else None,
            "settled_later": self._later,
            "records": self._records,
            "rows": self._rows,
            "faults": {
                name: {"zh": FAULTS[name].zh, "rate": rate, "records": self._spoiler.spoilt[name]}
                for name, rate in self._plan.faults.items()
            },
            "to_be_found": dict(self._spoiler.found),
        }

    def _persons(self, group: InsuredGroup, year: int) -> int:
        """Persons of a group in a year: its share of all, and the scheme's growth of the number insured."""
        whole = self._draw.model.population.insured
        growth = (1 + self._scenario.terms.population.growth / PPM) ** (year - self._first)
        return round(self._plan.persons * group.persons / whole * growth)

    def _block(self, place: int, group: InsuredGroup, year: int, persons: Int64s) -> list[dict[str, str]]:
        for county, number in zip(*np.unique(self._county(persons), return_counts=True), strict=True):
            self.enrolled[year, str(county), group.name] += int(number)
        admissions = self._draw.admissions(group, year, persons)
        if not len(admissions):
            return []
        amounts = self._settling.amounts(group, admissions)
        if self._plan.extracted is not None:
            there = admissions.settled <= self._plan.extracted.toordinal()
            self._later += int((~there).sum())
            admissions, amounts = admissions.where(there), {name: fen[there] for name, fen in amounts.items()}
        levels = [cell.level for cell in self._draw.model.cells]
        rows = rows_of(
            admissions,
            amounts,
            [f"9{place:05d}{person:011d}7" for person in admissions.person.tolist()],
            list(map(str, self._county(admissions.person).tolist())),
            group.name,
            [levels[cell] for cell in admissions.cell.tolist()],
            year,
        )
        written = self._spoiler.spoil(rows, self._draw.faults(group, year, admissions))
        self._records += len(rows)
        self._rows += len(written)
        return written

    def _county(self, persons: Int64s) -> Int64s:
        """(n,) the county of each person, the same in every year; the largest is about three times the smallest."""
        weights = np.linspace(1.0, 3.0, self._plan.counties) if self._plan.counties > 1 else np.ones(1)
        bounds = np.cumsum(weights / weights.sum())[:-1]
        at: Floats = np.modf((persons + 1) * _GOLDEN)[0]
        return np.searchsorted(bounds, at, side="right").astype(np.int64) + FIRST_COUNTY
