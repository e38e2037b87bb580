"""Splices fitted (拼接分布的拟合): a body for ordinary costs and a generalised Pareto tail, in one likelihood.

As :class:`fundsim.severity.Spliced` defines it: with weight and scale of the tail free, the density may jump at the
threshold; ``continuous`` takes both from the body (weight = the body's survival, scale = survival over density), so
that only the index belongs to the tail alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fundsim.calibration.errors import FitError
from fundsim.calibration.families import BODIES, Model, Parameter
from fundsim.calibration.fit import Fit, fit
from fundsim.calibration.observations import Observations
from fundsim.money import PPM
from fundsim.severity import SeverityFamily, Spliced, Tail
from fundsim.severity.base import FEN

INDEX, SCALE, WEIGHT = (
    Parameter("index", "identity"),
    Parameter("scale", "log", "amount"),
    Parameter("weight", "logit", "share"),
)


def spliced_model(body: Model, threshold: float, *, continuous: bool) -> Model:
    """The splice of a body and a tail above ``threshold`` yuan, its parameters those of the body and the tail's own."""
    own = (INDEX,) if continuous else (INDEX, SCALE, WEIGHT)
    size = len(body.parameters)

    def tail(values: tuple[float, ...], *, whole: bool) -> dict[str, Any]:
        stated: dict[str, Any] = {"above": threshold * FEN, "index": values[0]}
        if not continuous:
            stated |= {"scale": values[1] * FEN, "weight": values[2] * PPM}
        amounts = {key: round(value) for key, value in stated.items() if key != "index"} if whole else {}
        return stated | amounts

    def build(*values: float) -> SeverityFamily:
        given = tail(values[size:], whole=False)
        missing: dict[str, Any] = {"scale": None, "weight": None} if continuous else {}
        return Spliced.model_construct(
            family="spliced", body=body.build(*values[:size]), tail=Tail.model_construct(**given, **missing)
        )

    def finish(*values: float) -> SeverityFamily:
        return Spliced(body=body.finish(*values[:size]), tail=Tail(**tail(values[size:], whole=True)))

    parameters = (*(replace(p, name=f"body.{p.name}") for p in body.parameters), *own)
    return Model(f"spliced {body.name}", parameters, build, finish, lambda _: ())


def fit_spliced(body: str, observations: Observations, threshold: float, *, continuous: bool = False) -> Fit:
    """Fit body and tail together: the parts first, each by itself, then all parameters in one likelihood.

    Args:
        body: family of the body.
        observations: what was seen, with truncation and censoring.
        threshold: where the tail begins, yuan.
        continuous: whether the density may not jump at the threshold.

    Raises:
        FitError: a part cannot be fitted, or the whole has no maximum.
    """
    if body not in BODIES:
        raise FitError(f"'{body}' is no body of a splice", f"write one of {', '.join(BODIES)}")
    data = observations.for_fitting()
    below, beyond = data.up_to(threshold), data.beyond(threshold)
    tail = fit("generalised-pareto", beyond, above=threshold)
    inner = _body(body, below, data)
    chosen = spliced_model(inner.model, threshold, continuous=continuous)
    share = beyond.records / (below.records + beyond.records)
    own = [tail.parameters["index"]] if continuous else [*tail.parameters.values(), share]
    start = chosen.working([*inner.parameters.values(), *own])
    fitted = fit(chosen, data, starts=[start])
    return replace(fitted, notes=(*tail.notes, *fitted.notes) if not fitted.notes else fitted.notes)


def _body(body: str, below: Observations, data: Observations) -> Fit:
    """The body fitted to what lies below the threshold; where that has no maximum, begun from a fit to all."""
    try:
        return fit(body, below)
    except FitError:
        whole = fit(body, data)
        return fit(body, below, starts=[whole.theta])


def jump(fitted: Fit) -> float:
    """Density just above the threshold over that just below: 1 where the splice is continuous."""
    severity = fitted.severity
    assert isinstance(severity, Spliced)
    tail = severity.natural
    below = severity.lift * float(severity.body.pdf(tail.threshold))
    return tail.weight / tail.scale / below


__all__ = ["fit_spliced", "jump", "spliced_model"]
