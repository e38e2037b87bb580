"""The sample of bills (医疗费用样本): what is drawn, and under which key. No other stage draws.

A person-year is: number of admissions, and for each a care level, the traits of the bill, a gross cost, its split by
catalogue class and a discharge day. No benefit or contract is looked at, so every design meets the same people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product
from typing import Annotated, Any, Final, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from fundsim import streams
from fundsim.frequency import MOST_THRESHOLDS, WORD, AtMostOne, FrequencyTerms
from fundsim.money import LARGEST_BILL, PPM, PerReplication, format_yuan
from fundsim.population import Population
from fundsim.sampling import STREAMS, Laws
from fundsim.severity import QuantileTable, Severity, SeverityFamily
from fundsim.terms import Growth, Money, Rate, Terms, Year, nearest, problem

MOST_FLOORS: Final = 8
"""Numbers of admissions for which a floor can be stated."""


class Catalogue(Terms):
    """How a bill splits by catalogue class (甲/乙/丙类); the rest is excluded by all payers."""

    A: Rate
    B: Rate
    C: Rate
    excluded: Rate = 0

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        total = self.A + self.B + self.C + self.excluded
        if total != PPM:
            why = f"A, B, C and excluded add up to {total / 10_000:g}%"
            raise problem("catalogue", why, "let the four shares add up to 100%")
        return self


class CareLevel(Terms):
    """One kind of care (就医级别), such as a county hospital or chronic outpatient care."""

    share: Rate
    """Part of all admissions, ppm; the shares of all levels add up to 100%."""
    cost: Severity
    """Gross cost of an admission (次均费用), yuan."""
    catalogue: Catalogue
    traits: Annotated[dict[str, str | dict[str, Rate]], Field(default_factory=dict)]
    """Traits of the bill: one value, or the share of each value, ppm."""

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        for trait, mix in self.traits.items():
            if isinstance(mix, dict) and sum(mix.values()) != PPM:
                why = f"the shares of '{trait}' add up to {sum(mix.values()) / 10_000:g}%"
                raise problem("mix", why, "let the shares add up to 100%", ("traits", trait))
        return self


class Trend(Terms):
    """Growth of cost from the year of the data to the year of the scheme (费用趋势)."""

    cost: Growth = 0
    """Growth of every gross bill a year, ppm: applied before any deductible."""
    admissions: Growth = 0
    """Growth of the frequency of admissions a year, ppm."""
    to: Year
    """The year that is simulated."""

    def factors(self, data_year: int) -> tuple[float, float]:
        """Return the multipliers of cost and of admissions over the years since the data."""
        years = self.to - data_year
        return (1 + self.cost / PPM) ** years, (1 + self.admissions / PPM) ** years


class AdmissionClaims(Terms):
    """Claims admission by admission, settled through every payer of the waterfall."""

    basis: Literal["admissions"] = "admissions"
    year: Year
    """The year whose level of cost and use these figures have."""
    admissions: FrequencyTerms
    """Admissions per person and year (住院率, chronic outpatient cases included)."""
    care: dict[str, CareLevel]
    season: Annotated[list[Rate], Field(min_length=12, max_length=12)] | None = None
    """Share of the year's discharges in each month, ppm; every day alike where none is stated (月度分布)."""
    trend: Trend | None = None
    floor: dict[str, Annotated[list[Money], Field(min_length=1, max_length=MOST_FLOORS)]] | None = None
    """By care level, for a person with 1, 2, ... admissions: the gross bill (fen) from which one may matter (关注线).
    Persons with no admission at or above its floor are drawn as a stream of their own, which what concerns the covered
    payers and the contract alone does not need. More admissions than floors always matter."""

    @model_validator(mode="after")
    def _levels_add_up(self) -> Self:
        total = sum(level.share for level in self.care.values())
        if total != PPM:
            why = f"the shares of the care levels add up to {total / 10_000:g}%"
            raise problem("care", why, "let the shares add up to 100%", ("care",))
        return self

    @model_validator(mode="after")
    def _floors_fit(self) -> Self:
        for level, amounts in (self.floor or {}).items():
            if level not in self.care:
                why = f"there is no care level '{level}'"
                instead = f"write one of {', '.join(self.care)}{nearest(level, self.care)}"
                raise problem("floor", why, instead, ("floor", level))
            for k, (fewer, amount) in enumerate(pairwise(amounts), start=2):
                if amount > fewer:
                    why = f"with {k} admissions the floor rises from {format_yuan(fewer)} to {format_yuan(amount)} yuan"
                    instead = "let floors fall with the number of admissions: several bills add up"
                    raise problem("floor", why, instead, ("floor", level, k - 1))
        return self

    @model_validator(mode="after")
    def _months_add_up(self) -> Self:
        if self.season is not None and sum(self.season) != PPM:
            why = f"the shares of the twelve months add up to {sum(self.season) / 10_000:g}%"
            raise problem("season", why, "let the shares add up to 100%", ("season",))
        return self


class AnnualClaims(Terms):
    """Claims from the annual amount left in policy after basic insurance (政策范围内个人自付): one amount a year."""

    basis: Literal["in-policy-left"]
    year: Year
    persons: AtMostOne
    """Persons with such an amount in the year; one amount each."""
    amount: Severity
    """The amount, yuan a year."""
    traits: Annotated[dict[str, str | dict[str, Rate]], Field(default_factory=dict)]
    trend: Trend | None = None


ClaimsTerms = Annotated[AdmissionClaims | AnnualClaims, Field(discriminator="basis")]


Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Cell:
    """One kind of bill: a care level with one value for each trait of the bill."""

    level: str
    probability: float
    """Share of all admissions."""
    traits: Mapping[str, str]
    severity: int
    """Position of its cost family in the model."""
    splits: tuple[int, int, int]
    """Cumulative catalogue shares, ppm: B; B and C; B, C and excluded. What is left is A."""


@dataclass(frozen=True, eq=False)
class Levels:
    """What everybody shares in a replication, where it differs from what the model states.

    Axes: v replication (or 1 for all), g group, c cell, l care level. What is None is as stated.
    """

    cost: Floats | None = None
    """(v, g or 1, c) multiplier of every gross bill, before any deductible."""
    admissions: Floats | None = None
    """(v, g or 1) multiplier of the frequency."""
    persons: npt.NDArray[np.int64] | None = None
    """(v, g) persons insured."""
    probabilities: Floats | None = None
    """(v, c) share of each cell among all admissions."""
    splits: npt.NDArray[np.int64] | None = None
    """(v, c, 3) cumulative catalogue shares, as of :class:`Cell`."""
    tail_index: Floats | None = None
    """(v, l) index of the Pareto tail of each level's cost."""
    mixing: PerReplication | None = None
    """(r,) numbers of the replications whose shared mixing of the frequency is met; their own, where none is given."""


AS_STATED = Levels()
_SAFE: Final = 1 - 1e-6
"""Costs are taken this much larger than the cost family says, far beyond the error of its quantile table."""


@dataclass(frozen=True, eq=False)
class Draws:
    """What a block of replications is drawn by, in the form the kernel takes.

    Axes: r replication, v 1 or r (one for all, where nothing differs between replications), g group, s stream, c cell,
    l care level. A person of a stream has the counter (person, replication, admission, 0) for each admission: of the
    first one's words, the number of admissions, its cell and 64 bits of its cost; of the second one's, which admission
    of the relevant is the first at or above its floor. Days of discharge have the counters (person, replication, d, 1),
    four admissions each.
    """

    replications: PerReplication
    persons: npt.NDArray[np.int64]
    """(v, g) insured."""
    numbers: npt.NDArray[np.int64]
    """(s, r, g) persons who are drawn: the relevant ones; and, on the full path, the rest who have an admission."""
    keys: Words
    """(s, g, 2) keys of the streams."""
    thresholds: Words
    """(v, g, t) number of admissions of any insured: a 32-bit word w means the count #{t: threshold <= w}."""
    laws: Laws
    """The same and more of the persons of each stream."""
    factors: Floats
    """(v, g, c) fen of gross cost per yuan of the cost family: group, trend, level and 100."""
    splits: npt.NDArray[np.int64]
    """(v, c, 3) cumulative catalogue shares, ppm."""
    tails: Floats
    """(v, l, 4) closed tail of each level's cost: weight, threshold, scale and index."""
    season: Words
    """(2, cells) where a uniform 32-bit word of the day comes to lie, and how wide its cell becomes; no cells where
    every day is alike."""


@dataclass(frozen=True)
class ClaimsModel:
    """A claims model ready to draw: who, how often, what kind, how dear. It knows no rule and no contract."""

    population: Population
    frequency: FrequencyTerms
    cells: tuple[Cell, ...]
    severities: tuple[SeverityFamily, ...]
    tables: tuple[QuantileTable, ...]
    annual: bool
    """One amount a year, left after basic insurance, instead of admissions."""
    cost_factor: float
    """Growth of cost from the data to the year simulated."""
    frequency_factor: float
    season: tuple[int, ...] | None = None
    """Share of the discharges in each month, ppm."""
    floors: tuple[tuple[int, ...], ...] = ()
    """(f, c) fen: stated floors of gross cost for a person with 1, 2, ... admissions, before the group's multiplier."""

    @classmethod
    def build(cls, terms: ClaimsTerms, population: Population) -> ClaimsModel:
        """Lay out the cells and tabulate the cost families.

        Raises:
            QuantileTableError: a family that the table cannot hold to 1e-8.
        """
        cost, frequency = terms.trend.factors(terms.year) if terms.trend else (1.0, 1.0)
        annual = isinstance(terms, AnnualClaims)
        severities = (terms.amount,) if isinstance(terms, AnnualClaims) else _families(terms)
        return cls(
            population=population,
            frequency=terms.persons if isinstance(terms, AnnualClaims) else terms.admissions,
            cells=_annual_cells(terms) if isinstance(terms, AnnualClaims) else _admission_cells(terms),
            severities=severities,
            tables=tuple(_tabulated(severity) for severity in severities),
            annual=annual,
            cost_factor=cost,
            frequency_factor=frequency,
            season=None if isinstance(terms, AnnualClaims) or terms.season is None else tuple(terms.season),
            floors=() if isinstance(terms, AnnualClaims) else _floors(terms),
        )

    @property
    def splits(self) -> npt.NDArray[np.int64]:
        """(c, 3) cumulative catalogue shares, ppm, as stated."""
        return np.array([cell.splits for cell in self.cells], dtype=np.int64)

    @property
    def lines(self) -> tuple[Words, Floats]:
        """(l, n) starts and (l, n, 2) lines of the quantile tables, a shorter table's last line again and again.

        A table without lines starts nowhere: at the last integer.
        """
        most = max(1, *(len(table.starts) for table in self.tables))
        starts, lines = np.full((len(self.tables), most), _LAST, dtype=np.uint64), np.zeros((len(self.tables), most, 2))
        for number, table in enumerate(self.tables):
            if len(table.starts):
                place = np.minimum(np.arange(most), len(table.starts) - 1)
                starts[number], lines[number] = table.starts[place], table.lines[place]
        return starts, lines

    @property
    def floors_of_groups(self) -> npt.NDArray[np.int64]:
        """(f, g, c) fen of gross cost from which an admission may matter for a person with 1, 2, ... admissions."""
        stated = np.array(self.floors, dtype=np.float64).reshape(-1, 1, len(self.cells))
        multipliers = np.array([group.floor for group in self.population.groups])
        floors: npt.NDArray[np.int64] = np.floor(stated * multipliers[:, None]).astype(np.int64)
        return floors

    @property
    def group_factors(self) -> Floats:
        """(g,) fen of gross cost per yuan of the cost family, by group."""
        return np.array([group.cost * self.cost_factor * 100 for group in self.population.groups])

    def draws(
        self, seed: int, replications: PerReplication, levels: Levels = AS_STATED, *, year: int = 1, full: bool = True
    ) -> Draws:
        """Return keys and tables for some replications of a year; what people share in a replication enters here.

        The first year's streams have no year in their names, so that a longer term moves nobody's first year. Without
        ``full``, nobody of the rest is drawn; the relevant are the same.
        """
        groups = self.population.groups
        names, again = [group.name for group in groups], _again(year)
        persons = np.array([[group.persons for group in groups]], dtype=np.int64)
        probabilities = np.array([[cell.probability for cell in self.cells]])
        stated = {
            "persons": persons if levels.persons is None else levels.persons,
            "thresholds": self._count_thresholds(seed, replications, levels, year),
            "factors": self._factors(levels),
            "splits": self.splits[None] if levels.splits is None else levels.splits,
            "tails": self._tails(levels),
        }
        probabilities = probabilities if levels.probabilities is None else levels.probabilities
        rows = max(*(len(values) for values in stated.values()), len(probabilities))
        told = {name: _rows(values, rows) for name, values in stated.items()}
        floors = self.words_below(self.floors_of_groups, told["factors"], told["tails"])
        floors = np.pad(floors, ((0, 0), (0, 0), (0, 1), (0, 0)))  # with more admissions than floors, any matters
        laws = Laws.build(told["thresholds"], _rows(probabilities, rows), floors)
        uniforms = np.array(
            [[streams.uniforms(seed, f"persons{again}", name, replications, s) for name in names] for s in range(2)]
        )
        return Draws(
            replications=replications,
            numbers=laws.numbers(told["persons"], uniforms.transpose(0, 2, 1), full=full),
            keys=np.array(
                [[streams.key(seed, f"{stream}{again}", name) for name in names] for stream in STREAMS], dtype=np.uint64
            ),
            laws=laws,
            season=_season(self.season),
            **told,
        )

    def words_below(self, gross: npt.NDArray[np.int64], factors: Floats, tails: Floats) -> Words:
        """(v, g, f, c) the high word of its cost below which an admission certainly costs less than ``gross``.

        ``gross`` (f, g, c) fen, ``factors`` (v, g, c) and ``tails`` as of :class:`Draws`. Where the tail's index
        differs between replications, no such word lies in the tail. A bill that nothing reaches gives 2**32.
        """
        words = np.zeros((*factors.shape[:2], len(gross), factors.shape[2]), dtype=np.uint64)
        for c, cell in enumerate(self.cells):
            yuan = gross[None, :, :, c].swapaxes(1, 2) / factors[:, :, c, None] * _SAFE
            if np.ptp(tails[:, cell.severity, 3]) > 0:
                yuan = np.minimum(yuan, tails[:, cell.severity, 1, None, None])
            below = self.severities[cell.severity].cdf(yuan)
            below = np.where(gross[None, :, :, c].swapaxes(1, 2) < LARGEST_BILL, below, 2.0)
            words[:, :, :, c] = np.clip((below * WORD).astype(np.int64) - 1, 0, WORD)
        return words

    def mixing(self, seed: int, replications: PerReplication, year: int) -> Floats | None:
        """(r, g) what groups share of the frequency in a year, of mean 1; None where persons share nothing."""
        shared, stream = self.frequency.shared_by(), f"mixing{_again(year)}"
        if shared is None:
            return None
        names = [group.name if shared == "group" else "" for group in self.population.groups]
        drawn = {name: self.frequency.level(streams.uniforms(seed, stream, name, replications)) for name in names}
        return np.stack([drawn[name] for name in names], axis=1)

    def _factors(self, levels: Levels) -> Floats:
        factors = np.repeat(self.group_factors[None, :, None], len(self.cells), axis=2)
        return factors if levels.cost is None else factors * levels.cost

    def _tails(self, levels: Levels) -> Floats:
        stated = [(t.tail_weight, t.tail_threshold, t.tail_scale, t.tail_index) for t in self.tables]
        if levels.tail_index is None:
            return np.array([stated])
        tails = np.tile(np.array(stated), (len(levels.tail_index), 1, 1))
        tails[:, :, 3] = levels.tail_index
        return tails

    def _count_thresholds(self, seed: int, replications: PerReplication, levels: Levels, year: int) -> Words:
        """(v, g, t); one row for all replications where nothing of the frequency is shared."""
        multipliers = np.array([[group.admissions * self.frequency_factor for group in self.population.groups]])
        numbers = replications if levels.mixing is None else levels.mixing
        mixing = self.mixing(seed, numbers, year)
        if mixing is not None:
            multipliers = multipliers * mixing
        if levels.admissions is not None:
            multipliers = multipliers * levels.admissions
        table = self.frequency.threshold_table(multipliers.ravel())
        return table.reshape(*multipliers.shape, MOST_THRESHOLDS)


def _again(year: int) -> str:
    """What a year adds to the names of its streams."""
    return "" if year == 1 else f"/year-{year}"


_LAST: Final = np.uint64(2**64 - 1)
_MONTHS = np.cumsum((0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))
"""Day of the year on which each month begins."""
SEASON_CELLS = 4096
"""Cells of a uniform word between which the day of discharge is interpolated: less than a tenth of a day each."""


def _season(shares: tuple[int, ...] | None) -> Words:
    """(2, cells) the inverse distribution function of the day within the year, on words of 32 bits."""
    if shares is None:
        return np.zeros((2, 0), dtype=np.uint64)
    below = np.cumsum((0, *shares)) / PPM
    at = np.interp(np.arange(SEASON_CELLS + 1) / SEASON_CELLS, below, _MONTHS / 365)
    starts = np.minimum(np.rint(at * WORD), WORD - 1).astype(np.uint64)
    return np.stack([starts[:-1], np.diff(starts)])


def _rows(values: Any, rows: int) -> Any:
    """The values of each replication, those of all repeated where there is one row for all."""
    return np.ascontiguousarray(np.repeat(values, rows // len(values), axis=0))


@lru_cache(maxsize=256)
def _tabulated(severity: SeverityFamily) -> QuantileTable:
    """Tabulate a family once: families are frozen, and a sweep meets the same ones again and again."""
    return QuantileTable.build(severity)


def _floors(terms: AdmissionClaims) -> tuple[tuple[int, ...], ...]:
    """(f, c) stated floors by cell; zero beyond the end of a level's list."""
    stated = terms.floor or {}
    longest = max((len(amounts) for amounts in stated.values()), default=0)
    by_level = {name: [*stated.get(name, ()), *[0] * longest][:longest] for name in terms.care}
    return tuple(tuple(by_level[cell.level][f] for cell in _admission_cells(terms)) for f in range(longest))


def _families(terms: AdmissionClaims) -> tuple[SeverityFamily, ...]:
    return tuple(level.cost for level in terms.care.values())


def _admission_cells(terms: AdmissionClaims) -> tuple[Cell, ...]:
    cells = []
    for number, (name, level) in enumerate(terms.care.items()):
        shares = level.catalogue
        splits = (shares.B, shares.B + shares.C, shares.B + shares.C + shares.excluded)
        for probability, traits in _mixtures(level.traits):
            share = level.share / PPM * probability
            cells.append(Cell(name, share, {**traits, "care": name}, number, splits))
    return tuple(cell for cell in cells if cell.probability > 0)


def _annual_cells(terms: AnnualClaims) -> tuple[Cell, ...]:
    mixtures = [mixture for mixture in _mixtures(terms.traits) if mixture[0] > 0]
    return tuple(Cell("year", probability, traits, 0, (0, 0, 0)) for probability, traits in mixtures)


def _mixtures(traits: Mapping[str, str | dict[str, int]]) -> list[tuple[float, dict[str, str]]]:
    """All combinations of the traits' values with their probabilities; traits are independent of each other."""
    mixes = [{mix: PPM} if isinstance(mix, str) else mix for mix in traits.values()]
    combinations = product(*(mix.items() for mix in mixes))
    return [
        (
            float(np.prod([rate / PPM for _, rate in combination])),
            dict(zip(traits, (value for value, _ in combination), strict=True)),
        )
        for combination in combinations
    ]
