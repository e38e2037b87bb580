"""Control variates (控制变量): simulated means with less error, by what is known exactly beside them.

A control is a figure of every replication whose mean is known: a function of what the replication has drawn, its mean
by quadrature over the input's own distribution; or what the same people are paid by a simpler schedule that the exact
lane answers. With coefficients b, the mean of Y - b·(X - E[X]) has the mean of Y, whatever b is, as long as b knows
nothing of the replication it is applied to. So b comes from other replications: five folds, each with the coefficients
of the other four. See Glasserman, *Monte Carlo Methods in Financial Engineering*, section 4.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import special

from fundsim.claims import ClaimsModel
from fundsim.estimates import Estimate, mean_of
from fundsim.levels import Outlook
from fundsim.measures import MEASURES
from fundsim.money import PPM
from fundsim.results import Results
from fundsim.uncertainty import draw, draw_events

Floats = npt.NDArray[np.float64]
FOLDS: Final = 5
PER_CONTROL: Final = 10
"""Replications that a control takes at least; with fewer it is left out."""
_AXIS: Final = np.linspace(-8.0, 8.0, 1601)
_WEIGHTS: Final = np.exp(-0.5 * _AXIS**2) / np.exp(-0.5 * _AXIS**2).sum()
"""The trapezoidal rule on normal scores."""


@dataclass(frozen=True)
class Controlled:
    """A mean with control variates, beside the plain one; yuan, heads or years' averages, as the measure is."""

    measure: str
    plain: Estimate
    estimate: Estimate
    """Its mean and standard error; spread and percentiles are those of what is left."""
    controls: tuple[str, ...]
    """What was controlled for, in words."""

    @property
    def reduction(self) -> float:
        """By how much the variance of the mean is divided; about 1, or less, where controls explain nothing."""
        plain, left = self.plain.se or 0.0, self.estimate.se or 0.0
        return (plain / left) ** 2 if left > 0 else (1.0 if plain == 0 else np.inf)

    def as_dict(self) -> dict[str, Any]:
        """Return plain numbers under the names of the JSON output."""
        reduction = self.reduction if np.isfinite(self.reduction) else None
        means = {"mean": self.estimate.mean, "se": self.estimate.se}
        return {**means, "plain_mean": self.plain.mean, "plain_se": self.plain.se, "reduction": reduction,
                "controls": list(self.controls)}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Controls:
    """Controls of every replication, each less its known mean."""

    names: tuple[str, ...]
    values: Floats
    """(r, k)"""


def control(results: Results, measure: str) -> Controlled:
    """The mean of a figure, controlled for what the run has drawn of inputs, mixing variables and events.

    Where a run draws nothing of the kind, it is the plain mean: then :func:`fundsim.lanes.control_by_proxy` helps.

    Raises:
        KeyError: no such figure.
        ValueError: a ratio, or a figure that these results have not.
    """
    return controlled(results, measure, drawn_controls(results))


def controlled(results: Results, measure: str, controls: Controls) -> Controlled:
    """The mean of a figure with given controls; arguments and errors as for :func:`control`."""
    values = results.values(measure)
    if MEASURES[measure].over is not None or values is None:
        raise ValueError(f"'{measure}' has no control variates; take a total, such as claims_paid or insurer_result")
    kept = _sensible(controls, len(values))
    plain = mean_of(values, batch=results.batch)
    if not kept.names:
        return Controlled(measure, plain, plain, ())
    left = cross_fitted(values, kept.values, results.batch or 1)
    return Controlled(measure, plain, mean_of(left, batch=results.batch), kept.names)


def cross_fitted(values: Floats, controls: Floats, batch: int = 1) -> Floats:
    """(r,) values less what the controls explain, each fold with the coefficients of the others.

    Folds are made of whole batches, so that replications that were stratified together are never on both sides.
    """
    number = np.arange(len(values)) // batch % FOLDS
    left = np.empty_like(values)
    for fold in range(FOLDS):
        others = number != fold
        design = np.column_stack([np.ones(others.sum()), controls[others]])
        coefficients = np.linalg.lstsq(design, values[others], rcond=None)[0][1:]
        left[~others] = values[~others] - controls[~others] @ coefficients
    return left


def _sensible(controls: Controls, n: int) -> Controls:
    """As many of the controls as the replications can bear, without those that never vary."""
    varying = [k for k in range(len(controls.names)) if np.ptp(controls.values[:, k]) > 0]
    kept = varying[: max(n // PER_CONTROL, 0)]
    return Controls(tuple(controls.names[k] for k in kept), controls.values[:, kept])


def drawn_controls(results: Results) -> Controls:
    """Of every input the value and its square, of mixing variables and events the value, each less its mean."""
    found = [*_of_inputs(results), *_of_mixing(results), *_of_events(results)]
    n = results.replications
    values = np.column_stack([values for _, values in found]) if found else np.zeros((n, 0))
    return Controls(tuple(name for name, _ in found), values)


def _of_inputs(results: Results) -> Iterator[tuple[str, Floats]]:
    """First all values, then all squares; of yearly errors the sum of all years."""
    scenario = results.scenario
    terms = scenario.terms.uncertainty
    if terms is None:
        return
    claims, population = scenario.terms.claims, scenario.terms.population
    steps = max(Outlook(_model(results), claims, population).projected + results.n_years - 1, 1)
    drawn = draw(terms, results.seed, _numbers(results), steps)
    moments = {name: _moments(terms.marginal(name)) for name in terms.inputs}
    for name, values in drawn.values.items():
        mean = moments[name][0]
        yield name, (values - mean).sum(axis=1) if values.ndim > 1 else values - mean
    for name, values in drawn.values.items():
        mean, variance = moments[name]
        if values.ndim == 1:
            yield f"{name}²", (values - mean) ** 2 - variance


def _moments(marginal: Any) -> tuple[float, float]:
    """Mean and variance by quadrature over normal scores, independent of any run."""
    values = np.asarray(marginal.ppf(np.clip(special.ndtr(_AXIS), 1e-15, 1.0 - 1e-15)))
    mean = float(_WEIGHTS @ values)
    return mean, float(_WEIGHTS @ (values - mean) ** 2)


def _of_mixing(results: Results) -> Iterator[tuple[str, Floats]]:
    model = _model(results)
    for year in range(1, results.n_years + 1):
        mixing = model.mixing(results.seed, _numbers(results), year)
        if mixing is None:
            return
        groups = ("pool",) if model.frequency.shared_by() == "pool" else results.group_names
        for number, group in enumerate(groups):
            yield f"mixing {group}, year {year}", mixing[:, number] - 1.0


def _of_events(results: Results) -> Iterator[tuple[str, Floats]]:
    """Whether each event that can be in force within the term is, once."""
    events = {
        name: event for name, event in results.scenario.terms.events.items() if event.in_force(results.n_years).any()
    }
    stratified = results.batch is not None
    states = draw_events(
        results.scenario.terms.events, results.seed, _numbers(results), results.n_years, stratified=stratified
    )
    for name, event in events.items():
        happened = states.state[:, :, states.names.index(name)].any(axis=1)
        yield name, np.asarray(happened - event.probability / PPM, dtype=np.float64)


def _numbers(results: Results) -> npt.NDArray[np.int64]:
    return np.arange(results.replications, dtype=np.int64)


def _model(results: Results) -> ClaimsModel:
    return ClaimsModel.build(results.scenario.terms.claims, results.scenario.population)
