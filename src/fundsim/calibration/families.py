"""How each cost family is fitted: its parameters on a scale without ends, and where to start.

A positive parameter is fitted as its logarithm, a tail index as it is. During a fit the parameters are real numbers;
the fitted distribution is rounded to the fen, as a claims file states it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from fundsim.calibration.errors import FitError
from fundsim.calibration.observations import Observations
from fundsim.severity import (
    BurrXII,
    Gamma,
    GeneralisedPareto,
    InverseGaussian,
    LogLogistic,
    Lognormal,
    Pareto,
    SeverityFamily,
    Weibull,
)
from fundsim.severity.base import FEN

Floats = npt.NDArray[np.float64]
Scale = Literal["log", "logit", "identity"]
Kind = Literal["amount", "number", "share"]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a family."""

    name: str
    """As the family's terms name it."""
    scale: Scale
    """On which it is fitted, and on which its error is nearest to normal."""
    kind: Kind = "number"
    """An amount in yuan, a number, or a share."""

    def natural(self, value: float) -> float:
        """The parameter itself, yuan where it is an amount."""
        if self.scale == "log":
            return math.exp(min(value, 700.0))
        return float(special.expit(value)) if self.scale == "logit" else value

    def slope(self, value: float) -> float:
        """Derivative of the parameter by what is fitted."""
        natural = self.natural(value)
        return {"log": natural, "logit": natural * (1.0 - natural), "identity": 1.0}[self.scale]


@dataclass(frozen=True)
class Spread:
    """What a start is made from: weighted moments of the points and of their logarithms."""

    mean: float
    cv: float
    log_mean: float
    log_sd: float
    top_mean: float
    """Mean of the logs of the dearest tenth, over the log of its least: a first guess of a tail's index."""


Build = Callable[..., SeverityFamily]


@dataclass(frozen=True)
class Model:
    """A family ready to be fitted."""

    name: str
    parameters: tuple[Parameter, ...]
    build: Build
    """From natural parameters to a distribution; ``model_construct`` leaves them unrounded and unchecked."""
    finish: Build
    """The same as validated terms, rounded to the fen."""
    starts: Callable[[Spread], Sequence[Sequence[float]]]
    """Natural parameters to start from, the most hopeful first."""

    def severity(self, theta: npt.ArrayLike) -> SeverityFamily:
        """The distribution at a point of the scale on which parameters are fitted."""
        return self.build(*self.natural(theta))

    def finished(self, theta: npt.ArrayLike) -> SeverityFamily:
        """The distribution as terms of a claims file.

        Raises:
            pydantic.ValidationError: the family has no mean there.
        """
        return self.finish(*self.natural(theta))

    def natural(self, theta: npt.ArrayLike) -> list[float]:
        """The parameters themselves."""
        values = np.asarray(theta, dtype=np.float64)
        return [parameter.natural(float(value)) for parameter, value in zip(self.parameters, values, strict=True)]

    def working(self, natural: Sequence[float]) -> Floats:
        """The scale on which parameters are fitted."""
        change = {"log": math.log, "logit": lambda p: float(special.logit(p)), "identity": float}
        return np.array([change[p.scale](value) for p, value in zip(self.parameters, natural, strict=True)])


def spread_of(observations: Observations) -> Spread:
    """Weighted moments of the points of some observations."""
    points, weight = observations.points(), observations.weight
    mean = float(np.average(points, weights=weight))
    sd = math.sqrt(float(np.average((points - mean) ** 2, weights=weight)))
    logs = np.log(points)
    log_mean = float(np.average(logs, weights=weight))
    log_sd = math.sqrt(float(np.average((logs - log_mean) ** 2, weights=weight)))
    order = np.argsort(points)
    share = np.cumsum(weight[order]) / weight.sum()
    top = order[share >= 0.9]
    least = logs[top[0]]
    index = float(np.average(logs[top] - least, weights=weight[top])) if weight[top].sum() > 0 else 0.3
    return Spread(mean, max(sd / mean, 0.02), log_mean, max(log_sd, 0.02), min(max(index, 0.05), 0.8))


def model(name: str, *, above: float = 0.0) -> Model:
    """The family of this name, to be fitted; ``above`` is the lower end of a (generalised) Pareto, yuan.

    Raises:
        FitError: no such family, or it is none that is fitted by itself.
    """
    if name not in MODELS:
        why = f"there is no family '{name}' to fit"
        raise FitError(why, f"families: {', '.join(MODELS)}")
    return MODELS[name](above)


def _of(
    family: type[SeverityFamily],
    parameters: tuple[Parameter, ...],
    starts: Callable[[Spread], Sequence[Sequence[float]]],
    **fixed: float,
) -> Model:
    """A family with the stated parameters free and the amounts in ``fixed`` (yuan) held."""
    name = str(family.model_fields["family"].default)

    def stated(values: Sequence[float], amount: Callable[[float], Any]) -> dict[str, Any]:
        free = {p.name: amount(v) if p.kind == "amount" else v for p, v in zip(parameters, values, strict=True)}
        return free | {key: amount(value) for key, value in fixed.items()}

    def build(*values: float) -> SeverityFamily:
        return family.model_construct(**stated(values, lambda yuan: yuan * FEN))

    def finish(*values: float) -> SeverityFamily:
        return family.model_validate(stated(values, lambda yuan: round(yuan * FEN)))

    return Model(name, parameters, build, finish, starts)


_AMOUNT: Final = ("log", "amount")


def _lognormal(_: float) -> Model:
    def starts(s: Spread) -> Sequence[Sequence[float]]:
        return [(math.exp(s.log_mean), s.log_sd), (s.mean / math.sqrt(1 + s.cv**2), math.sqrt(math.log1p(s.cv**2)))]

    return _of(Lognormal, (Parameter("median", *_AMOUNT), Parameter("sigma", "log")), starts)


def _gamma(_: float) -> Model:
    def starts(s: Spread) -> Sequence[Sequence[float]]:
        gap = max(math.log(s.mean) - s.log_mean, 1e-3)
        shape = (3 - gap + math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
        return [(shape, s.mean / shape), (s.cv**-2, s.mean * s.cv**2)]

    return _of(Gamma, (Parameter("shape", "log"), Parameter("scale", *_AMOUNT)), starts)


def _weibull(_: float) -> Model:
    def starts(s: Spread) -> Sequence[Sequence[float]]:
        shape = math.pi / math.sqrt(6) / s.log_sd
        return [(shape, math.exp(s.log_mean + np.euler_gamma / shape)), (1.0, s.mean)]

    return _of(Weibull, (Parameter("shape", "log"), Parameter("scale", *_AMOUNT)), starts)


def _log_logistic(_: float) -> Model:
    def starts(s: Spread) -> Sequence[Sequence[float]]:
        shape = math.pi / math.sqrt(3) / s.log_sd
        return [(math.exp(s.log_mean), shape), (math.exp(s.log_mean), 2.0)]

    return _of(LogLogistic, (Parameter("median", *_AMOUNT), Parameter("shape", "log")), starts)


def _burr(_: float) -> Model:
    def starts(s: Spread) -> Sequence[Sequence[float]]:
        middle, shape = math.exp(s.log_mean), math.pi / math.sqrt(3) / s.log_sd
        return [(shape, 1.0, middle), (shape * 0.8, 2.0, middle * 2.0), (shape * 1.3, 0.6, middle * 0.8)]

    return _of(BurrXII, (Parameter("c", "log"), Parameter("d", "log"), Parameter("scale", *_AMOUNT)), starts)


def _inverse_gaussian(_: float) -> Model:
    def starts(s: Spread) -> Sequence[Sequence[float]]:
        return [(s.mean, s.mean / math.expm1(s.log_sd**2)), (s.mean, s.mean / s.cv**2)]

    return _of(InverseGaussian, (Parameter("mean", *_AMOUNT), Parameter("shape", *_AMOUNT)), starts)


def _pareto(above: float) -> Model:
    if above <= 0:
        raise FitError("a Pareto distribution begins above zero", "give the amount above which it is to hold")

    def starts(s: Spread) -> Sequence[Sequence[float]]:
        return [(1.0 / max(s.log_mean - math.log(above), 0.01),), (2.0,)]

    return _of(Pareto, (Parameter("shape", "log"),), starts, above=above)


def _generalised_pareto(above: float) -> Model:
    def starts(s: Spread) -> Sequence[Sequence[float]]:
        excess = max(s.mean - above, s.mean * 0.01)
        return [(index, excess * (1.0 - index)) for index in (min(s.top_mean, 0.6), 0.1)]

    parameters = (Parameter("index", "identity"), Parameter("scale", *_AMOUNT))
    return _of(GeneralisedPareto, parameters, starts, above=above)


MODELS: Final[dict[str, Callable[[float], Model]]] = {
    "lognormal": _lognormal,
    "gamma": _gamma,
    "weibull": _weibull,
    "log-logistic": _log_logistic,
    "burr-xii": _burr,
    "inverse-gaussian": _inverse_gaussian,
    "pareto": _pareto,
    "generalised-pareto": _generalised_pareto,
}
"""Every family that is fitted by itself; a splice is fitted from a body of these and its tail."""

BODIES: Final = ("lognormal", "gamma", "weibull", "log-logistic", "burr-xii", "inverse-gaussian")
"""Families of costs from zero on."""
