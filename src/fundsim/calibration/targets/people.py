"""A fixed sample of persons that stands for all: the same people for every value of the parameters.

The figures of a model are means over one person's year, so they need no replication of a whole city. Persons are laid
out by group and by number of admissions, whose probabilities are weights; kinds of care are drawn with the dear ones
favoured, costs with the dear end favoured, and both are put right by weights (importance sampling). Points are
scrambled Sobol sequences (Owen, *Journal of Complexity* 14, 1998), which fill the space more evenly than random ones.
When a parameter moves, weights and costs move smoothly and nobody is exchanged, so that differences are differences of
the model; and sixteen independent scramblings tell the Monte Carlo error by their spread.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.stats import qmc

from fundsim.benefits.batch import settle_people
from fundsim.benefits.compiled import CompiledPlans, compile_plans
from fundsim.claims import ClaimsModel
from fundsim.money import LARGEST_BILL, PPM
from fundsim.scenario import Scenario

Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

SCRAMBLES: Final = 16
"""Independent scramblings of the points."""
POINTS: Final = 4096
"""Points of one scrambling for the commonest number of admissions, a power of two."""
_FEWEST: Final = 16
"""Part of the points, one in so many, that the rarest number of admissions has."""
_MOST_ADMISSIONS: Final = 24
"""Persons with more admissions are taken to have as many."""
_RARE: Final = 1e-7
"""Numbers of admissions that are rarer, at twice the stated mean, are counted with the next smaller."""
_FAVOURED: Final = 3
"""Dear care and dear costs are favoured up to so many admissions; with more, weights would vary too much."""


@dataclass(frozen=True)
class Stratum:
    """Persons of one group with the same number of admissions."""

    group: int
    admissions: int
    last: bool
    """Whether persons with more admissions are counted here."""
    cells: Int64s
    """(n, k) cell of each admission."""
    survival: Floats
    """(n, k) share of the cell's bills that are dearer."""
    weights: Floats
    """(n,) by which favoured costs are put right."""
    proposal: Floats
    """(c,) probability by which cells were drawn."""


@dataclass(frozen=True, eq=False)
class Settled:
    """The sample settled under some parameters; b bills and n persons, a person's bills being neighbours."""

    levels: tuple[str, ...]
    """(c,) care level of each cell."""
    weights: Floats
    """(n,) share of all persons that each stands for; within a scrambling they add up to P(any admission)."""
    scramble: Int64s
    """(n,) to which scrambling each belongs."""
    starts: Int64s
    """(n,) first bill of each."""
    gross: Int64s
    """(b,) fen"""
    reimbursed: Int64s
    """(b,) fen paid by all payers."""
    claim: Int64s
    """(b,) fen paid by the covered payers."""
    cell: Int64s
    """(b,) cell of the claims model."""

    def per_person(self, of_bills: npt.NDArray[np.generic]) -> Floats:
        """(n,) sums of something over each person's bills."""
        return np.add.reduceat(of_bills.astype(np.float64), self.starts)


@dataclass(frozen=True, eq=False)
class People:
    """The sample, and the rules by which it is settled."""

    levels: tuple[str, ...]
    """(c,) care level of each cell."""
    plans: CompiledPlans
    cases: Int64s
    """(g, c) class of case of each cell."""
    shares: Floats
    """(g,) share of each group among all persons."""
    strata: tuple[Stratum, ...]

    @classmethod
    def lay_out(cls, scheme: Scenario, model: ClaimsModel, seed: int, points: int = POINTS) -> People:
        """Draw the points once, favouring what is dear under the model to start from."""
        declared = scheme.plan.traits
        cases = [
            [_case_number(declared.values, declared.number, {**group.traits, **cell.traits}) for cell in model.cells]
            for group in model.population.groups
        ]
        persons = np.array([group.persons for group in model.population.groups], dtype=np.float64)
        strata = tuple(
            _stratum(model, g, k, last=k == most, seed=seed, points=points)
            for g, most in enumerate(_most_admissions(model))
            for k in range(1, most + 1)
        )
        levels = tuple(cell.level for cell in model.cells)
        return cls(levels, compile_plans([scheme.plan]), np.array(cases, np.int64), persons / persons.sum(), strata)

    def settle(self, model: ClaimsModel) -> Settled:
        """Settle the sample with other parameters; groups and cells must be those it was laid out for."""
        parts = [self._settle(model, stratum) for stratum in self.strata]
        offsets = np.cumsum([0, *(len(part.gross) for part in parts[:-1])])
        joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in _JOINED}
        starts = np.concatenate([part.starts + offset for part, offset in zip(parts, offsets, strict=True)])
        return Settled(levels=self.levels, starts=starts, **joined)

    def _settle(self, model: ClaimsModel, stratum: Stratum) -> Settled:
        n, k = stratum.cells.shape
        cells = stratum.cells.ravel()
        gross = _costs(model, stratum.group, cells, stratum.survival.ravel())
        splits = np.array([cell.splits for cell in model.cells], dtype=np.int64)[cells]
        parts = (gross[:, None] * splits + PPM // 2) // PPM
        cost = np.stack([gross - parts[:, 2], parts[:, 0], parts[:, 1] - parts[:, 0]], axis=1)
        payable = cost.sum(axis=1)
        starts = np.arange(0, n * k + 1, k)
        case = self.cases[stratum.group][cells]
        settled = settle_people(self.plans, 0, starts, cost, case, payable, annual=model.annual)
        return Settled(
            levels=self.levels,
            weights=self._weights(model, stratum),
            scramble=np.repeat(np.arange(SCRAMBLES), n // SCRAMBLES),
            starts=starts[:-1],
            gross=gross,
            reimbursed=payable - settled.left,
            claim=settled.paid[:, self.plans.insured[0] == 1].sum(axis=1),
            cell=cells,
        )

    def _weights(self, model: ClaimsModel, stratum: Stratum) -> Floats:
        """(n,) probability of a person with these admissions, over how often the sample has such a person."""
        multiplier = model.population.groups[stratum.group].admissions * model.frequency_factor
        fewer = model.frequency.pmf(np.arange(stratum.admissions), multiplier).sum()
        of_count = 1.0 - fewer if stratum.last else model.frequency.pmf(stratum.admissions, multiplier)
        ratios = np.array([cell.probability for cell in model.cells]) / stratum.proposal
        of_cells = np.prod(ratios[stratum.cells], axis=1)
        each = len(stratum.cells) // SCRAMBLES
        return np.asarray(self.shares[stratum.group] * of_count * of_cells * stratum.weights / each)


_JOINED: Final = ("weights", "scramble", "gross", "reimbursed", "claim", "cell")


def _case_number(declared: object, number: object, case: dict[str, str]) -> int:
    """Number of the class of case; traits that no rule looks at do not count."""
    return int(number({name: value for name, value in case.items() if name in declared}))  # type: ignore[operator]


def _most_admissions(model: ClaimsModel) -> list[int]:
    """(g) the number of admissions with which larger ones are counted."""
    counts = np.arange(_MOST_ADMISSIONS + 1)
    found = []
    for group in model.population.groups:
        multiplier = group.admissions * model.frequency_factor
        doubled = multiplier if model.annual else 2 * multiplier
        beyond = 1.0 - np.cumsum(model.frequency.pmf(counts, doubled))
        found.append(1 if model.annual else max(1, int(np.argmax(beyond < _RARE)) or _MOST_ADMISSIONS))
    return found


def _stratum(model: ClaimsModel, group: int, k: int, *, last: bool, seed: int, points: int) -> Stratum:
    """Draw the points of persons with ``k`` admissions: as many as their share of admissions asks for."""
    multiplier = model.population.groups[group].admissions * model.frequency_factor
    counts = np.arange(1, _MOST_ADMISSIONS + 1)
    asked = np.sqrt(model.frequency.pmf(counts, multiplier)) * counts
    n = max(2 ** round(log2(points * max(asked[k - 1] / asked.max(), 1e-6))), points // _FEWEST)
    uniforms = np.concatenate([_sobol(2 * k, n, (seed, group, k, scramble)) for scramble in range(SCRAMBLES)])
    favoured = k <= _FAVOURED
    probabilities = np.array([cell.probability for cell in model.cells])
    proposal = _favouring_dear(model, probabilities) if favoured else probabilities
    cells = np.searchsorted(np.cumsum(proposal)[:-1], uniforms[:, :k], side="right")
    v = np.clip(uniforms[:, k:], 1e-12, 1.0)
    survival, weights = (v**2, np.prod(2.0 * v, axis=1)) if favoured else (v, np.ones(len(v)))
    return Stratum(group, k, last, cells.astype(np.int64), survival, weights, proposal)


def _sobol(dimensions: int, n: int, seed: tuple[int, ...]) -> Floats:
    generator = np.random.default_rng(seed)
    return np.asarray(qmc.Sobol(dimensions, scramble=True, rng=generator).random(n))


def _favouring_dear(model: ClaimsModel, probabilities: Floats) -> Floats:
    """(c,) half by probability, half by what each cell costs altogether."""
    dear = probabilities * np.array([model.severities[cell.severity].mean() for cell in model.cells])
    return np.asarray(probabilities / 2 + dear / dear.sum() / 2)


def _costs(model: ClaimsModel, group: int, cells: Int64s, survival: Floats) -> Int64s:
    """(b,) gross bills in fen at their place in the cost family of their cell."""
    factor, of_cell = model.group_factors[group], np.array([cell.severity for cell in model.cells])[cells]
    yuan = np.empty(len(cells))
    for number, severity in enumerate(model.severities):
        here = of_cell == number
        yuan[here] = severity.quantile_upper(survival[here])
    return np.asarray(np.rint(np.minimum(yuan * factor, LARGEST_BILL)), dtype=np.int64)
