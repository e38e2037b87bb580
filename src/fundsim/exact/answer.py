"""The exact answer (精确结果): the distribution of a year's claims, and through the contract of all that follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fundsim.estimates import PERCENTILES
from fundsim.exact.compound import AggregateLaw
from fundsim.exact.conditional import Conditional, Lattice, conditional, lattice_of
from fundsim.exact.contract import ContractCells, settle_cells
from fundsim.exact.errors import OutOfReachError
from fundsim.exact.maps import Floats
from fundsim.exact.model import YearModel
from fundsim.exact.nodes import MOST, Nodes, dimensions, drawn_nodes, grid_nodes
from fundsim.exact.report import Report
from fundsim.measures import MEASURES, PROBABILITIES
from fundsim.money import PPM
from fundsim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd

DRAWN: Final = 200
"""Values that are drawn where what is shared has more dimensions than a grid can have."""
COUNTED: Final = ("beneficiaries", "beneficiaries_per_1000", "avg_payout")
"""Figures of which only moments are known."""
NEVER: Final = (
    "max_payout", "n_at_cap", "payment_ratio_above_deductible", "payment_ratio_compliant", "patient_burden",
    "actual_reimbursement_ratio",
)  # fmt: skip
"""Figures that need every bill: null here."""


@dataclass(frozen=True, eq=False)
class Exact:
    """The distribution of the first contract year's figures, without sampling; amounts in yuan.

    Assumes persons independent given what they share, payments not rounded to the fen, and one contract year settled by
    itself; ``report`` bounds what that leaves out.
    """

    scenario: Scenario
    claims: AggregateLaw
    """The year's claims, mixed over everything that is shared."""
    report: Report
    nodes: tuple[tuple[float, Conditional], ...]
    """Conditional years with their weights."""
    cells: ContractCells
    sampled: bool
    """Whether what is shared was drawn instead of integrated over, so that means have a standard error."""

    @property
    def measures(self) -> tuple[str, ...]:
        """Ids of what is told, in the order of reports."""
        return tuple(name for name, measure in MEASURES.items() if not measure.of_term)

    def probability(self, name: str) -> float:
        """The probability of a ``deficit``, a ``return`` or an ``insurer_loss``.

        Raises:
            KeyError: another event.
        """
        if name not in self.cells.chances:
            raise KeyError(f"'{name}' is not a probability here; there are: {', '.join(self.cells.chances)}")
        return self.cells.chances[name]

    def mean(self, measure: str) -> float | None:
        """The mean of a figure; of a ratio the ratio of the means. None where it is not known here.

        Raises:
            KeyError: no such figure.
        """
        told: float | None = self._told[measure]["mean"]
        return told

    def sd(self, measure: str) -> float | None:
        """The standard deviation of a figure; None where it is not known here."""
        told: float | None = self._told[measure]["sd"]
        return told

    def quantile(self, measure: str, level: float) -> float | None:
        """The value not exceeded with probability ``level``; None where only moments are known.

        Raises:
            KeyError: no such figure.
            ValueError: a level outside 0 to 1.
        """
        if not 0 < level < 1:
            raise ValueError("a quantile has a level between 0 and 1")
        if measure == "claims_paid":
            return float(self.claims.quantile(level))
        values = self._values(measure)
        return None if values is None else float(_weighted_quantiles(values, self.cells.weights, [level])[0])

    def _values(self, measure: str) -> Floats | None:
        """(c,) the figure on every cell; None where it is no function of claims and premium."""
        cells, definition = self.cells.values, MEASURES[measure]
        if measure in (*COUNTED, *NEVER):
            return None
        if definition.over is None:
            return cells.get(measure)
        numerator, denominator = definition.over
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(cells[numerator] / cells[denominator] * definition.scale)

    @cached_property
    def _told(self) -> dict[str, dict[str, float | None]]:
        return {name: self._of(name) for name in self.measures}

    def _of(self, measure: str) -> dict[str, float | None]:
        values = self._values(measure)
        if values is None:
            return _numbers(*self._counted(measure), self._error(measure))
        if measure == "claims_paid":
            points = self.claims.quantile(np.array(PERCENTILES) / 100.0)
            return _numbers(self.claims.mean, self.claims.sd, self._error(measure), points)
        mean, sd = _moments(values, self.cells.weights)
        if (over := MEASURES[measure].over) is not None:
            mean = self._ratio(*over, MEASURES[measure].scale)
        points = _weighted_quantiles(values, self.cells.weights, np.array(PERCENTILES) / 100.0)
        return _numbers(mean, sd if mean is not None else None, self._error(measure), points)

    def _ratio(self, numerator: str, denominator: str, scale: float) -> float | None:
        """The ratio of two means; None without a denominator."""
        above, below = (float(self.cells.values[name] @ self.cells.weights) for name in (numerator, denominator))
        return scale * above / below if below else None

    def _counted(self, measure: str) -> tuple[float | None, float | None]:
        """Mean and standard deviation of a figure of beneficiaries; of the average payment the mean only."""
        weights = np.array([weight for weight, _ in self.nodes])
        means = np.array([each.beneficiaries for _, each in self.nodes])
        variances = np.array([each.beneficiaries_variance for _, each in self.nodes])
        insured = np.array([sum(each.persons) for _, each in self.nodes], dtype=np.float64)
        mean = float(weights @ means)
        if measure == "beneficiaries":
            return mean, float(np.sqrt(weights @ (variances + (means - mean) ** 2)))
        if measure == "beneficiaries_per_1000":
            ratio = 1000.0 * mean / float(weights @ insured)
            apart = 1000.0 * means / insured - ratio
            return ratio, float(np.sqrt(weights @ (1e6 * variances / insured**2 + apart**2)))
        return (self.claims.mean / mean if mean and measure == "avg_payout" else None), None

    def _error(self, measure: str) -> float | None:
        """Standard error of a mean: nothing, unless what is shared was drawn."""
        if not self.sampled:
            return 0.0 if measure not in NEVER else None
        values = self._values(measure)
        if values is None:
            return None
        sizes = np.cumsum([0, *self.cells.sizes])
        weights = self.cells.weights
        parts = [slice(a, b) for a, b in pairwise(sizes)]
        means = np.array([weights[part] @ values[part] / weights[part].sum() for part in parts])
        return float(means.std(ddof=1) / np.sqrt(len(means)))

    def to_dict(self) -> dict[str, Any]:
        """Return what ``fundsim exact --json`` prints: the shape of a run's, amounts in yuan.

        ``seed`` and ``replications`` are null, ``min`` and ``max`` too; an exact probability is its own interval;
        ``se`` is 0, unless what is shared was drawn.
        """
        return {
            "scenario": self.scenario.id,
            "fingerprint": self.scenario.fingerprint,
            "seed": None,
            "replications": None,
            "measures": self._told,
            "probabilities": {name: {"p": p, "lo": p, "hi": p} for name, p in self.cells.chances.items()},
            "report": self.report.as_dict(),
        }

    def summary(self) -> pd.DataFrame:
        """Return one row per figure: mean, standard deviation and percentiles, money in yuan."""
        import pandas as pd

        rows = [
            {"measure": name, "zh": MEASURES[name].zh, "unit": MEASURES[name].unit, **numbers}
            for name, numbers in self._told.items()
        ]
        return pd.DataFrame(rows).set_index("measure").drop(columns=["min", "max"])

    def probabilities(self) -> pd.DataFrame:
        """Return one row per probability."""
        import pandas as pd

        rows = [{"probability": name, "zh": PROBABILITIES[name][0], "p": p} for name, p in self.cells.chances.items()]
        return pd.DataFrame(rows).set_index("probability")

    def __repr__(self) -> str:
        result, loss = self.mean("insurer_result"), self.probability("insurer_loss")
        return (
            f"<Exact {self.scenario.label}: claims {self.claims.mean:,.0f} ± {self.claims.sd:,.0f} yuan, insurer's "
            f"result {result:,.0f} yuan, P(loss) {loss:.2%}>"
        )

    def _repr_html_(self) -> str:
        chances = "".join(f"<li>{PROBABILITIES[name][1]}: {p:.3%}</li>" for name, p in self.cells.chances.items())
        return f"<p>{self!r}".replace("<Exact", "<b>Exact").replace("%>", "%</b></p>") + (
            f"<ul>{chances}</ul>{self.summary().to_html(float_format=lambda value: f'{value:,.4g}')}"
        )


def exact(scenario: Scenario) -> Exact:
    """The distribution of a scheme's first contract year, without sampling.

    Raises:
        OutOfReachError: the model is no compound sum; told is why, and what would bring it inside.
        ExactError: the answer would be less accurate than its tolerance.
    """
    parts: list[tuple[float, Conditional]] = []
    lattice: Lattice | None = None
    sampled = False
    for chance, world in worlds(scenario):
        model = YearModel.build(world)
        lattice = lattice_of(model) if lattice is None else lattice
        nodes = nodes_for(world, model)
        sampled = sampled or nodes.sampled
        parts += [(chance * weight, each) for weight, each in conditionals(model, lattice, nodes)]
    assert lattice is not None
    return answered(scenario, lattice, parts, sampled=sampled)


def worlds(scenario: Scenario) -> Iterator[tuple[float, Scenario]]:
    """The scheme under every set of events that may be in force in the first year, with its probability.

    Raises:
        OutOfReachError: the contract compares the year with one without these events.
    """
    events = {name: event for name, event in scenario.terms.events.items() if event.in_force(1)[0]}
    if scenario.terms.contract.by_counterfactual and any(event.policy == "yes" for event in events.values()):
        why = "policy losses are found by settling the same people again without the events of the first year"
        raise OutOfReachError(why, "let these events begin later, or state a share (policy_loss: stated-share)")
    for happens in product((False, True), repeat=len(events)):
        chance = float(
            np.prod(
                [
                    event.probability / PPM if here else 1.0 - event.probability / PPM
                    for event, here in zip(events.values(), happens, strict=True)
                ]
            )
        )
        if chance > 0:
            yield chance, scenario.with_events([name for name, here in zip(events, happens, strict=True) if here])


def nodes_for(scenario: Scenario, model: YearModel) -> Nodes:
    """A grid over what is shared; where that has too many dimensions, values as a run draws them."""
    if dimensions(scenario, model.model) <= max(MOST):
        return grid_nodes(scenario, model.model)
    return drawn_nodes(scenario, model.model, scenario.terms.simulation.seed, np.arange(DRAWN, dtype=np.int64))


def conditionals(model: YearModel, lattice: Lattice, nodes: Nodes) -> Iterator[tuple[float, Conditional]]:
    """The year at every node, with its weight."""
    for v, weight in enumerate(nodes.weights):
        mixing = None if nodes.mixing is None else nodes.mixing[v]
        yield float(weight), conditional(model, lattice, nodes.levels, v, mixing)


def answered(
    scenario: Scenario, lattice: Lattice, nodes: Sequence[tuple[float, Conditional]], *, sampled: bool
) -> Exact:
    """The answer from conditional years with weights."""
    claims = mixed(nodes, lattice)
    cells = settle_cells(nodes)
    return Exact(scenario, claims, claims.report, tuple(nodes), cells, sampled)


def mixed(nodes: Sequence[tuple[float, Conditional]], lattice: Lattice) -> AggregateLaw:
    """The mixture of conditional laws on their common lattice, with the worst of their reports."""
    laws = [each.law for _, each in nodes]
    start = min(law.start for law in laws)
    masses = np.zeros(max(law.start + len(law.masses) for law in laws) - start)
    for (weight, _), law in zip(nodes, laws, strict=True):
        masses[law.start - start : law.start - start + len(law.masses)] += weight * law.masses
    weights = np.array([weight for weight, _ in nodes])
    means = np.array([each.mean for _, each in nodes])
    mean = float(weights @ means)
    variance = float(weights @ (np.array([each.variance for _, each in nodes]) + (means - mean) ** 2))
    reports = [law.report for law in laws]
    bare = AggregateLaw(lattice.step, start, masses, reports[0])
    report = replace(
        reports[0],
        points=max(each.points for each in reports),
        window=(min(each.window[0] for each in reports), max(each.window[1] for each in reports)),
        lost_mass=max(each.lost_mass for each in reports),
        aliasing=max(each.aliasing for each in reports),
        clipped=max(each.clipped for each in reports),
        mean=bare.mean,
        mean_by_quadrature=mean,
        sd=bare.sd,
        sd_by_quadrature=float(np.sqrt(variance)),
        nodes=len(nodes),
    )
    return AggregateLaw(lattice.step, start, masses, report.with_bounds(*lattice.unmodelled).check())


def _moments(values: Floats, weights: Floats) -> tuple[float | None, float]:
    mean = float(weights @ values)
    return mean, float(np.sqrt(weights @ (values - mean) ** 2))


def _weighted_quantiles(values: Floats, weights: Floats, levels: Sequence[float] | Floats) -> Floats:
    """Quantiles of weighted values, straight between the middles of their masses."""
    order = np.argsort(values, kind="stable")
    ordered, mass = values[order], weights[order]
    return np.interp(levels, (np.cumsum(mass) - mass / 2.0) / mass.sum(), ordered)


def _numbers(
    mean: float | None, sd: float | None, se: float | None, points: Floats | None = None
) -> dict[str, float | None]:
    found: Mapping[str, float | None] = {
        f"p{level:02d}": None if points is None else float(points[place]) for place, level in enumerate(PERCENTILES)
    }
    return {"mean": mean, "se": None if mean is None else se, "sd": sd, **found, "min": None, "max": None}
