"""What everybody shares, at points (求积节点): levels and mixing variables with weights, for mixtures over them.

In one or two dimensions the points are a grid of normal scores with equal steps: for a smooth function times the normal
density the trapezoidal rule is as accurate as any (Trefethen and Weideman, SIAM Review 56, 2014). In more, they are the
values that a run draws, each with the same weight; what that leaves uncertain is told as a standard error.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Final

import numpy as np
from scipy import special

from fundsim.claims import AS_STATED, ClaimsModel, Levels
from fundsim.exact.maps import Floats
from fundsim.levels import NOTHING_DRAWN, Outlook
from fundsim.money import PerReplication
from fundsim.scenario import Scenario
from fundsim.uncertainty import Drawn, draw
from fundsim.uncertainty.dependence import Correlated
from fundsim.uncertainty.inputs import GrowthInput

FARTHEST: Final = 5.5
"""Normal scores beyond which nothing is looked at: 4e-8 of the mass."""
MOST: Final = {1: 121, 2: 29}
"""Points in each dimension at most."""
FEWEST: Final = 15


@dataclass(frozen=True, eq=False)
class Nodes:
    """Sets of levels with weights that add up to 1."""

    weights: Floats
    """(v,)"""
    levels: Levels
    mixing: Floats | None
    """(v, g) the shared mixing variable of the frequency; None where persons share none."""
    sampled: bool = False
    """Whether they are drawn, so that means have a standard error."""

    def __len__(self) -> int:
        return len(self.weights)


def drawn_nodes(scenario: Scenario, model: ClaimsModel, seed: int, replications: PerReplication) -> Nodes:
    """The first year's values in some replications of a run, one node each; one for all where nothing is shared."""
    terms, mixing = scenario.terms.uncertainty, model.mixing(seed, replications, 1)
    if terms is None and mixing is None:
        return Nodes(np.ones(1), AS_STATED, None)
    outlook = Outlook(model, scenario.terms.claims, scenario.terms.population)
    drawn = NOTHING_DRAWN
    if terms is not None:
        drawn = draw(terms, seed, replications, max(outlook.projected, 1))
    return nodes_of(outlook, drawn, np.full(len(replications), 1.0 / len(replications)), mixing, sampled=True)


def nodes_of(outlook: Outlook, drawn: Drawn, weights: Floats, mixing: Floats | None, *, sampled: bool = False) -> Nodes:
    """Nodes from what was drawn."""
    levels = outlook.levels(drawn, 1) if drawn.values else AS_STATED
    return Nodes(weights, levels, mixing, sampled)


def dimensions(scenario: Scenario, model: ClaimsModel) -> int:
    """How many independent normal scores the first year depends on."""
    shared = {None: 0, "pool": 1, "group": len(model.population.groups)}[model.frequency.shared_by()]
    return shared + sum(_scores(scenario, model).values())


def grid_nodes(scenario: Scenario, model: ClaimsModel, points: int | None = None) -> Nodes:
    """A grid of normal scores over everything that is shared, of at most two dimensions."""
    count = dimensions(scenario, model)
    if count == 0:
        return Nodes(np.ones(1), AS_STATED, None)
    axis = np.linspace(-FARTHEST, FARTHEST, points or MOST[count])
    scores = np.array(list(product(*[axis] * count)))
    weights = np.exp(-0.5 * (scores**2).sum(axis=1))
    kept = weights > 1e-9 * weights.max()
    scores, weights = scores[kept], weights[kept]
    return nodes_of(
        Outlook(model, scenario.terms.claims, scenario.terms.population),
        _valued(scenario, model, scores),
        weights / weights.sum(),
        _mixing(model, scores),
    )


def _scores(scenario: Scenario, model: ClaimsModel) -> dict[str, int]:
    """Scores that each input takes in the first year: of an error of growth, one for each year projected."""
    terms = scenario.terms.uncertainty
    if terms is None:
        return {}
    projected = Outlook(model, scenario.terms.claims, scenario.terms.population).projected
    return {
        name: (projected if stated.serial != 1 else min(projected, 1)) if isinstance(stated, GrowthInput) else 1
        for name, stated in terms.inputs.items()
    }


def _valued(scenario: Scenario, model: ClaimsModel, scores: Floats) -> Drawn:
    """What the inputs come to at normal scores; the first columns are the inputs', in the order of the file."""
    terms = scenario.terms.uncertainty
    if terms is None:
        return NOTHING_DRAWN
    own: dict[str, Floats] = {}
    column = 0
    for name, n in _scores(scenario, model).items():
        own[name] = scores[:, column : column + n] if n else np.zeros((len(scores), 1))
        column += n
    for block in terms.blocks:
        own |= _correlated(block, own)
    values: dict[str, Floats] = {}
    steps = max(Outlook(model, scenario.terms.claims, scenario.terms.population).projected, 1)
    for name, stated in terms.inputs.items():
        score = _autoregressed(stated, own[name], steps) if isinstance(stated, GrowthInput) else own[name]
        drawn = np.asarray(terms.marginal(name).ppf(special.ndtr(score)))
        values[name] = drawn if stated.BY_YEAR else drawn[:, 0]
    return Drawn(terms.inputs, np.arange(len(scores), dtype=np.int64), values)


def _correlated(block: Correlated, own: dict[str, Floats]) -> dict[str, Floats]:
    alone = [own[name] for name in block.names]
    return {
        name: np.asarray(sum(weight * score for weight, score in zip(row, alone, strict=True)))
        for name, row in zip(block.names, block.root(), strict=True)
    }


def _autoregressed(stated: GrowthInput, score: Floats, steps: int) -> Floats:
    """(v, steps) scores of the years, each following the one before; of one score for all, as many copies."""
    if score.shape[1] != steps:
        return np.repeat(score[:, :1], steps, axis=1)
    years = [score[:, 0]]
    for fresh in score[:, 1:].T:
        years.append(stated.serial * years[-1] + np.sqrt(1.0 - stated.serial**2) * fresh)
    return np.stack(years, axis=1)


def _mixing(model: ClaimsModel, scores: Floats) -> Floats | None:
    """(v, g) the mixing variable at the last columns of the scores."""
    shared, groups = model.frequency.shared_by(), len(model.population.groups)
    if shared is None:
        return None
    columns = scores[:, -1:] if shared == "pool" else scores[:, -groups:]
    level = np.asarray(model.frequency.level(special.ndtr(columns)))
    return np.repeat(level, groups, axis=1) if shared == "pool" else level
