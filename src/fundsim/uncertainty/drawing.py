"""The draws of what is not known: fixed by (seed, name, replication, year), whatever else is drawn beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import sqrt
from types import MappingProxyType
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import special

from fundsim import streams
from fundsim.uncertainty.inputs import GrowthInput, Input
from fundsim.uncertainty.terms import UncertaintyTerms

Floats = npt.NDArray[np.float64]
Replications = npt.NDArray[np.int64]
Kind = TypeVar("Kind", bound=Input)

BATCH: Final = 25
"""Replications of one Latin hypercube (拉丁超立方): numbers 0 to 24, 25 to 49, and so on."""
NO_SWAP: Final[Mapping[str, int]] = MappingProxyType({})
_BELOW_ONE: Final = 1.0 - 2.0**-53


@dataclass(frozen=True)
class Drawn:
    """The drawn value of every input in some replications."""

    inputs: Mapping[str, Input]
    """The terms of the inputs, in the order of the file."""
    replications: Replications
    """(r,) numbers of the replications."""
    values: Mapping[str, Floats]
    """By input: (r,) factors or indices; of errors of growth (r, years) fractions."""

    def of(self, kind: type[Kind]) -> Iterator[tuple[Kind, Floats]]:
        """The inputs of one kind with their values, in the order of the file."""
        for name, stated in self.inputs.items():
            if isinstance(stated, kind):
                yield stated, self.values[name]


def draw(
    terms: UncertaintyTerms, seed: int, replications: Replications, years: int = 1, swap: Mapping[str, int] = NO_SWAP
) -> Drawn:
    """Draw every input for some replications.

    Any block of replications gives the same bits, and so does any number of years for the years it holds. A new input
    moves no other draw; a new correlation moves, of each two inputs that it ties, the later one in the file.

    Args:
        terms: the inputs and how they move together.
        seed: of the run.
        replications: (r,) numbers from 0, below 2**32.
        years: projected years, each with its own errors of growth.
        swap: offsets by group of inputs (:attr:`UncertaintyTerms.groups`): the values of these groups are those of the
            replications so much further on, all others stay (pick-freeze). Multiples of 25 keep stratified draws whole.

    Raises:
        KeyError: no input belongs to a group that is to be swapped.
        numpy.linalg.LinAlgError: correlations that contradict each other; a checked scheme has none.
    """
    groups = terms.groups
    for group in swap:
        if group not in groups.values():
            known = ", ".join(dict.fromkeys(groups.values()))
            raise KeyError(f"no input belongs to the group '{group}'; groups: {known}")
    numbers = {name: replications + swap.get(groups[name], 0) for name in terms.inputs}
    values = _Sampler(terms, seed, numbers, years).values()
    return Drawn(terms.inputs, replications, MappingProxyType(values))


@dataclass(frozen=True)
class _Sampler:
    """One call of :func:`draw`; arrays are (r, n) with n draws a replication: one for each year, or one for all."""

    terms: UncertaintyTerms
    seed: int
    numbers: Mapping[str, Replications]
    """By input, the replications whose values are drawn."""
    years: int

    def values(self) -> dict[str, Floats]:
        scores = self._scores_of_blocks()
        return {name: self._value(name, scores.get(name)) for name in self.terms.inputs}

    def _value(self, name: str, score: Floats | None) -> Floats:
        """(r,) or (r, years): what is drawn of an input, given its score where it moves with others."""
        stated = self.terms.inputs[name]
        if score is None and _autoregressive(stated):
            score = self._score(name)
        uniform = self._uniforms(name, 0)[:, None] if score is None else special.ndtr(score)
        drawn = np.asarray(self.terms.marginal(name).ppf(uniform))
        return np.repeat(drawn, self.years // drawn.shape[1], axis=1) if stated.BY_YEAR else drawn[:, 0].copy()

    def _scores_of_blocks(self) -> dict[str, Floats]:
        """Scores of the inputs that move together; summed term by term: the same bits in any block."""
        found: dict[str, Floats] = {}
        for block in self.terms.blocks:
            alone = [self._score(name) for name in block.names]
            for name, row in zip(block.names, block.root(), strict=True):
                total = np.zeros_like(alone[0])
                for weight, score in zip(row, alone, strict=True):
                    total = total + weight * score
                found[name] = total
        return found

    def _score(self, name: str) -> Floats:
        """Standard normal scores of an input as if it stood alone, correlated from year to year where it states so."""
        stated = self.terms.inputs[name]
        fresh = [
            special.ndtri(self._uniforms(name, year)) for year in range(self.years if _autoregressive(stated) else 1)
        ]
        scores = fresh[:1]
        for each in fresh[1:]:
            assert isinstance(stated, GrowthInput)
            scores.append(stated.serial * scores[-1] + sqrt(1.0 - stated.serial**2) * each)
        return np.stack(scores, axis=1)

    def _uniforms(self, name: str, year: int) -> Floats:
        return uniforms(self.seed, "input", name, self.numbers[name], year, stratified=self.terms.stratified)


def _autoregressive(stated: Input) -> bool:
    """Whether every year has a draw of its own; with a serial correlation of 1 all years share the first."""
    return isinstance(stated, GrowthInput) and stated.serial != 1


def uniforms(
    seed: int, purpose: str, name: str, replications: Replications, number: int = 0, *, stratified: bool = False
) -> Floats:
    """(r,) uniforms in (0, 1); stratified, those of a batch lie one in each of its 25 equal intervals."""
    drawn = streams.uniforms(seed, purpose, name, replications, number)
    if not stratified:
        return drawn
    batches, place = np.unique(replications // BATCH, return_inverse=True)
    keys = streams.uniforms_at(seed, f"{purpose}-stratum", name, np.arange(BATCH), batches[:, None], number)
    strata = np.argsort(np.argsort(keys, axis=1, kind="stable"), axis=1, kind="stable")
    return np.minimum((strata[place, replications % BATCH] + drawn) / BATCH, _BELOW_ONE)
