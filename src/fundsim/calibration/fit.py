"""A cost family fitted by maximum likelihood (极大似然), with the error of everything that is worked out from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic import ValidationError

from fundsim.calibration.errors import FitError
from fundsim.calibration.families import Model, Parameter, model, spread_of
from fundsim.calibration.likelihood import Likelihood
from fundsim.calibration.maximum import Maximum, follow, gradient, maximise
from fundsim.calibration.observations import Observations
from fundsim.severity import SeverityFamily

Floats = npt.NDArray[np.float64]

FEWEST_RECORDS = 10
"""Fewer records than this are fitted by nobody."""


@dataclass(frozen=True, eq=False)
class Fit:
    """A family, its parameters and how sure they are."""

    model: Model
    theta: Floats
    """(p,) parameters on the scale on which they were fitted."""
    covariance: Floats
    """(p, p) of ``theta``: the inverse of the observed information, or of bootstrap samples."""
    log_likelihood: float
    records: float
    severity: SeverityFamily
    """The fitted distribution as terms, rounded to the fen."""
    distance: float
    """To the maximum, in standard errors."""
    notes: tuple[str, ...] = ()
    """What the reader must know, such as an index held at its end."""
    by: str = "observed information"
    """Where the covariance comes from."""
    held: tuple[str, ...] = field(default=())
    """Parameters that were not free."""

    @property
    def name(self) -> str:
        """The family, with its body where it is spliced."""
        return self.model.name

    @property
    def parameters(self) -> dict[str, float]:
        """The fitted parameters by name; amounts in yuan."""
        return dict(zip((p.name for p in self.model.parameters), self.model.natural(self.theta), strict=True))

    @property
    def errors(self) -> dict[str, float]:
        """Standard errors of the parameters, by the delta method from the scale on which they were fitted."""
        sd = np.sqrt(np.diag(self.covariance))
        return {
            p.name: abs(p.slope(float(value))) * float(each)
            for p, value, each in zip(self.model.parameters, self.theta, sd, strict=True)
        }

    def interval(self, name: str, score: float = 1.959963984540054) -> tuple[float, float]:
        """The 95% interval of a parameter, worked out on the scale on which it was fitted."""
        place = [p.name for p in self.model.parameters].index(name)
        parameter, half = self.model.parameters[place], score * math.sqrt(self.covariance[place, place])
        return parameter.natural(self.theta[place] - half), parameter.natural(self.theta[place] + half)

    @property
    def aic(self) -> float:
        """Akaike's criterion: 2p - 2·log L; lower is better."""
        return 2.0 * len(self.theta) - 2.0 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion: p·log n - 2·log L; lower is better."""
        return math.log(self.records) * len(self.theta) - 2.0 * self.log_likelihood

    def of(self, figure: Callable[[SeverityFamily], float]) -> tuple[float, float]:
        """A figure of the distribution and its standard error, by the delta method."""
        slope = gradient(lambda theta: figure(self.model.severity(theta)), self.theta, 1e-4)
        return figure(self.model.severity(self.theta)), math.sqrt(max(float(slope @ self.covariance @ slope), 0.0))

    def slopes(self, figure: Callable[[SeverityFamily], float]) -> Floats:
        """(p,) derivative of a figure by each parameter, on the scale on which they were fitted."""
        return gradient(lambda theta: figure(self.model.severity(theta)), self.theta, 1e-4)

    def frame(self) -> Any:
        """One row per parameter: value, standard error, 95% interval; a pandas DataFrame."""
        import pandas as pd

        rows = {
            name: {"value": value, "se": self.errors[name], "low": low, "high": high}
            for name, value in self.parameters.items()
            for low, high in [self.interval(name)]
        }
        return pd.DataFrame.from_dict(rows, orient="index")


def fit(
    family: str | Model,
    observations: Observations,
    *,
    above: float = 0.0,
    starts: Sequence[Floats] = (),
) -> Fit:
    """Fit a cost family by maximum likelihood.

    More than 20,000 exact amounts are gathered in bins of 0.14% first (:data:`observations.MOST_EXACT`).

    Args:
        family: its name, as in a scenario file, or a model made elsewhere.
        observations: what was seen, with truncation and censoring.
        above: for (generalised) Pareto, the lower end of the support, yuan: held, not fitted.
        starts: where to begin on the scale of the fit; made from the data where none is given.

    Raises:
        FitError: too few records, no maximum, or a distribution without a mean.
    """
    chosen = model(family, above=above) if isinstance(family, str) else family
    _enough(observations, chosen)
    likelihood = Likelihood(observations.for_fitting())
    begin = list(starts) or [chosen.working(each) for each in chosen.starts(spread_of(observations))]
    found = maximise(_of(likelihood, chosen), likelihood.records, begin, f"{chosen.name} costs")
    return _checked(chosen, found, likelihood)


def _of(likelihood: Likelihood, chosen: Model) -> Callable[[Floats], float]:
    def at(theta: Floats) -> float:
        if not np.all(np.abs(theta) < 100.0):
            return -np.inf
        return likelihood(chosen.severity(theta))

    return at


def _enough(observations: Observations, chosen: Model) -> None:
    if observations.records < max(FEWEST_RECORDS, 5 * len(chosen.parameters)):
        why = f"{observations.records:g} records are too few for a {chosen.name} distribution"
        raise FitError(why, "join care levels or years, or take the figure of a larger pool")


def _checked(chosen: Model, found: Maximum, likelihood: Likelihood) -> Fit:
    """The fit as terms; an index at or below zero is held at zero, and said so."""
    index = _index_of(chosen, found)
    if index is not None and index < 0.0:
        return _held_at_zero(chosen, found, likelihood)
    try:
        severity = chosen.finished(found.theta)
    except ValidationError as error:
        why = "; ".join(each["msg"] for each in error.errors())
        raise FitError(f"{chosen.name} costs: {why}", "such costs cannot be priced: take another family") from None
    return Fit(chosen, found.theta, found.covariance, found.value, likelihood.records, severity, found.distance)


def _index_of(chosen: Model, found: Maximum) -> float | None:
    names = [p.name for p in chosen.parameters]
    return float(found.theta[names.index("index")]) if "index" in names else None


def _held_at_zero(chosen: Model, free: Maximum, likelihood: Likelihood) -> Fit:
    """The same family with an exponential tail; its index has no error any more."""
    place = [p.name for p in chosen.parameters].index("index")
    kept = [i for i in range(len(chosen.parameters)) if i != place]
    within = _of(likelihood, chosen)

    def whole(part: Floats) -> Floats:
        theta = np.zeros(len(chosen.parameters))
        theta[kept] = part
        return theta

    found = maximise(lambda part: within(whole(part)), likelihood.records, [free.theta[kept]], f"{chosen.name} costs")
    covariance = np.zeros((len(chosen.parameters),) * 2)
    covariance[np.ix_(kept, kept)] = found.covariance
    error = math.sqrt(free.covariance[place, place])
    note = (
        f"the tail is lighter than exponential (index {free.theta[place]:.3f}, standard error {error:.3f}): "
        "it is held at index 0"
    )
    theta = whole(found.theta)
    fitted = Fit(
        chosen, theta, covariance, found.value, likelihood.records, chosen.finished(theta), found.distance, (note,)
    )
    return replace(fitted, held=("index",))


def bootstrapped(fitted: Fit, observations: Observations, samples: int = 200, seed: int = 0) -> Fit:
    """The same fit with the covariance of bootstrap samples: records drawn again with replacement, refitted each time.

    Raises:
        FitError: more than a twentieth of the samples cannot be fitted.
    """
    if fitted.held:
        raise FitError(f"'{fitted.held[0]}' lies at its end, where a bootstrap misleads", "use the covariance given")
    rng = np.random.default_rng(seed)
    base = observations.for_fitting()
    numbers = round(base.records)
    drawn: list[Floats] = []
    for _ in range(samples):
        weight = rng.multinomial(numbers, base.weight / base.records).astype(np.float64)
        again = refitted(fitted, base.weighted(weight))
        if again is not None:
            drawn.append(again.theta)
    if len(drawn) < 0.95 * samples:
        why = f"{samples - len(drawn)} of {samples} bootstrap samples cannot be fitted"
        raise FitError(f"{fitted.name} costs: {why}", "take a family with fewer parameters")
    covariance = np.atleast_2d(np.cov(np.array(drawn), rowvar=False))
    return replace(fitted, covariance=covariance, by=f"{len(drawn)} bootstrap samples")


def refitted(fitted: Fit, observations: Observations) -> Maximum | None:
    """The same family on other data of the same kind, from where it was fitted; None where it has no maximum there."""
    likelihood = Likelihood(observations)
    within = _of(likelihood, fitted.model)
    found = follow(within, likelihood.records, fitted.theta, fitted.covariance)
    if found is not None or fitted.held:
        return found
    try:
        return maximise(within, likelihood.records, [fitted.theta], fitted.name)
    except FitError:
        return None


__all__ = ["FEWEST_RECORDS", "Fit", "Parameter", "bootstrapped", "fit", "refitted"]
