"""A run against the exact lane (互校): mean, standard deviation and probabilities, at the values the run has drawn.

Given what a replication has drawn of levels, trends and mixing, its claims have an exact law of their own. So only the
luck of patients is left between the two lanes, and the comparison is far sharper than the run's own standard errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from fundsim.exact import ExactError, OutOfReachError
from fundsim.exact.conditional import Conditional, conditional, lattice_of
from fundsim.exact.contract import EVENTS, chance_from, event_claims, settle_cells
from fundsim.exact.model import YearModel
from fundsim.exact.nodes import drawn_nodes
from fundsim.money import PerReplication
from fundsim.results import Results
from fundsim.scenario import Scenario
from fundsim.uncertainty import draw_events

Floats = npt.NDArray[np.float64]
FARTHEST: Final = 5.0
"""Standard errors between the lanes beyond which a run is not to be trusted."""
MOST_LAWS: Final = {True: 200, False: 20}
"""Replications with levels of their own that are compared, on the annual basis and admission by admission."""
FEWEST: Final = 20
"""Replications below which a spread says nothing."""


class LanesError(ArithmeticError):
    """A run whose figures are too far from the exact ones: one of the two lanes is wrong."""


@dataclass(frozen=True)
class Compared:
    """One figure in both lanes; yuan, or a probability."""

    figure: str
    """The measure or event, with what is told of it: ``claims_paid mean``."""
    simulated: float
    exact: float
    se: float
    """Standard error of the difference, of patients' luck alone."""
    allowed: float
    """What the exact lane leaves out can explain so much of a difference."""

    @property
    def apart(self) -> float:
        """Standard errors between the lanes, beyond what is allowed."""
        beyond = max(abs(self.simulated - self.exact) - self.allowed, 0.0)
        return beyond / self.se if self.se > 0 else (0.0 if beyond <= 1e-9 * abs(self.exact) + 0.01 else np.inf)

    def as_dict(self) -> dict[str, Any]:
        """Return plain numbers under the names of the JSON output."""
        names = ("figure", "simulated", "exact", "se", "allowed", "apart")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True)
class Comparison:
    """What a run's first year and the exact lane say; ``reason`` where there is no exact answer."""

    rows: tuple[Compared, ...]
    replications: int
    """Compared: all where nobody shares anything uncertain, else the first of the run."""
    laws: int
    """Exact laws behind it."""
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return what the JSON of a run and its folder hold."""
        if self.reason is not None:
            return {"reason": self.reason}
        rows = [row.as_dict() for row in self.rows]
        return {"replications": self.replications, "laws": self.laws, "limit": FARTHEST, "figures": rows}

    def check(self) -> None:
        """Refuse a run that is too far from the exact lane.

        Raises:
            LanesError: a figure more than five standard errors away.
        """
        wrong = [row for row in self.rows if not row.apart <= FARTHEST]
        if wrong:
            told = "; ".join(
                f"{row.figure}: simulated {row.simulated:,.6g}, exact {row.exact:,.6g}, {row.apart:.1f} standard "
                "errors apart"
                for row in wrong
            )
            raise LanesError(
                f"simulation and exact lane disagree ({told}; at most {FARTHEST:g} are allowed): do not use this run, "
                "and report the scenario and seed"
            )


def compare(results: Results) -> Comparison:
    """Compare the first year of a run with the exact lane, at the values that the run has drawn.

    Where replications share nothing uncertain, one law stands for all of them. Otherwise each replication has its own,
    and the first of the run are compared.
    """
    try:
        return _compared(results)
    except (OutOfReachError, ExactError) as error:
        return Comparison((), 0, 0, str(error))


def _compared(results: Results) -> Comparison:
    if results.scenario.may_change_behaviour:
        why = "patients answer to what they bear, which a pilot has to find out"
        raise OutOfReachError(why, "leave 'behaviour' out to have the lanes compared")
    laws, allowed = _laws(results)
    year = results.year(1)
    n = results.replications if len(laws) == 1 else len(laws)
    each = laws * n if len(laws) == 1 else laws
    claims = year.groups["claims_paid"].sum(axis=1)[:n] / 100.0
    rows = [*_of_claims(claims, each, allowed), *_of_events(year, each, allowed, whole=results.n_years == 1)]
    if results.n_years == 1:
        rows.append(_of_insurer(year, each, allowed))
    return Comparison(tuple(rows), n, len(laws))


def _laws(results: Results) -> tuple[list[Conditional], float]:
    """The exact law of each replication, or one for all; and what they may be off by, relative to the mean."""
    scenario, everybody = results.scenario, np.arange(results.replications, dtype=np.int64)
    worlds = _worlds(results, everybody)
    model = YearModel.build(scenario)
    lattice = lattice_of(model)
    allowed = sum(bound for _, bound in lattice.unmodelled) + lattice.tolerance.mean
    shared = len(worlds) > 1 or scenario.terms.uncertainty is not None or model.model.frequency.shared_by() is not None
    if not shared:
        return [conditional(model, lattice)], allowed
    found: dict[int, Conditional] = {}
    most = MOST_LAWS[model.model.annual]
    for world, chosen in worlds:
        numbers = chosen[chosen < most]
        if not len(numbers):
            continue
        changed = model if world is scenario else YearModel.build(world)
        nodes = drawn_nodes(world, changed.model, results.seed, numbers)
        for place, number in enumerate(numbers):
            mixing = None if nodes.mixing is None else nodes.mixing[place]
            found[int(number)] = conditional(changed, lattice, nodes.levels, place, mixing)
    return [found[number] for number in sorted(found)], allowed


def _worlds(results: Results, everybody: PerReplication) -> list[tuple[Scenario, PerReplication]]:
    """The scheme under the events of the first year, with the replications in which they are in force."""
    scenario = results.scenario
    stratified = results.batch is not None
    states = draw_events(scenario.terms.events, results.seed, everybody, 1, stratified=stratified)
    sets, which = states.distinct()
    return [(scenario.with_events(names), everybody[which[:, 0] == place]) for place, names in enumerate(sets)]


def _of_claims(claims: Floats, laws: list[Conditional], allowed: float) -> Iterator[Compared]:
    """Mean and standard deviation of claims.

    With levels given, the variance of the sample variance is, to leading order, the mean over replications of
    (m4 - v²) + 4d²v + 4d·m3 over n, with d the conditional mean less the mean of all.
    """
    n = len(claims)
    means, variances = (np.array([getattr(law, name) for law in laws]) for name in ("mean", "variance"))
    mean = float(means.mean())
    yield Compared("claims_paid mean", float(claims.mean()), mean, float(np.sqrt(variances.sum())) / n, allowed * mean)
    if n < FEWEST:
        return
    apart = means - mean
    third, fourth = _central(laws)
    of_square = float(np.mean(fourth - variances**2 + 4.0 * apart**2 * variances + 4.0 * apart * third))
    variance = float(variances.mean() + means.var(ddof=1))
    sd = float(np.sqrt(variance))
    se = float(np.sqrt(max(of_square, 0.0) / n)) / (2.0 * sd)
    yield Compared("claims_paid sd", float(claims.std(ddof=1)), sd, se, SPREAD * sd + 2.0 * allowed * sd)


SPREAD: Final = 0.005
"""What rare large payments beyond a moderate sample may take off its standard deviation, relative."""


def _central(laws: list[Conditional]) -> tuple[Floats, Floats]:
    """(n,) third and fourth central moments of each law."""
    known: dict[int, tuple[float, float]] = {}
    for each in laws:
        if id(each) not in known:
            apart = each.law.values - each.law.mean
            known[id(each)] = float(each.law.masses @ apart**3), float(each.law.masses @ apart**4)
    third, fourth = np.array([known[id(each)] for each in laws]).T
    return third, fourth


def _of_events(year: Results, laws: list[Conditional], allowed: float, *, whole: bool) -> Iterator[Compared]:
    """Probabilities; of a contract of several years that of the first year's deficit alone."""
    n = len(laws)
    happened = {
        "deficit": year.totals["surplus"] < 0,
        "return": year.totals["surplus_return"] > 0,
        "insurer_loss": year.totals["insurer_result"] < 0,
    }
    distinct = list({id(law): law for law in laws}.values())
    place = {id(law): number for number, law in enumerate(distinct)}
    at = np.array([place[id(law)] for law in laws])
    limits = event_claims(distinct)
    for name in EVENTS if whole else ("deficit",):
        moved = allowed * float(np.mean([law.mean for law in distinct]))
        exact, more, less = (chance_from(name, distinct, limits[name], shift)[at] for shift in (0.0, -moved, moved))
        se = float(np.sqrt(max((exact * (1.0 - exact)).sum(), 1.0))) / n
        allow = float(max(abs(more.mean() - exact.mean()), abs(less.mean() - exact.mean())))
        yield Compared(f"P({name})", float(happened[name][:n].mean()), float(exact.mean()), se, allow)


def _of_insurer(year: Results, laws: list[Conditional], allowed: float) -> Compared:
    """The mean of the insurer's result, of one contract year."""
    n = len(laws)
    distinct = list({id(law): law for law in laws}.values())
    cells = settle_cells([(1.0, law) for law in distinct])
    ends = np.cumsum(cells.sizes)[:-1]
    parts = zip(np.split(cells.values["insurer_result"], ends), np.split(cells.weights, ends), strict=True)
    moments = {id(law): _moments(values, weights) for law, (values, weights) in zip(distinct, parts, strict=True)}
    means, variances = np.array([moments[id(law)] for law in laws]).T
    mean, claims = float(means.mean()), float(np.mean([law.mean for law in laws]))
    simulated = float(year.totals["insurer_result"][:n].mean()) / 100.0
    return Compared("insurer_result mean", simulated, mean, float(np.sqrt(variances.sum())) / n, allowed * claims)


def _moments(values: Floats, weights: Floats) -> tuple[float, float]:
    total = float(weights.sum())
    mean = float(weights @ values) / total
    return mean, float(weights @ (values - mean) ** 2) / total
