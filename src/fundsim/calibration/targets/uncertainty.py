"""From the covariance of fitted parameters to ``uncertainty:`` of a scheme, so that pricing carries it on.

Each parameter becomes the uncertain input that does to the bills what the parameter does, with the posterior's spread
in the input's own terms and the correlations of the posterior. Where the input's factor is not the parameter itself,
the spread is carried over by the slope at the fit: a share p of care levels is tilted by its odds, d log(p/(1 - p)) =
d log p/(1 - p). Factors are lognormal with median one, as the posterior is normal on the log scale about the fit. A
coefficient of variation has no such input; it is named among those not carried on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, expm1, sqrt
from typing import Any, Final

import numpy as np

from fundsim import units
from fundsim.calibration.targets.moving import Parameter
from fundsim.calibration.targets.people import Floats
from fundsim.money import PPM
from fundsim.scenario.nodes import Block, Scalar
from fundsim.scenario.problems import Steps
from fundsim.scenario.ways import find

_OUT: Final = ("C", "excluded")
"""Catalogue classes that the input ``catalogue`` tilts together against the others."""
_LEAST_RHO: Final = 0.005
"""Smaller correlations are left out."""
_WIDEST: Final = 3.0
"""A tail index is truncated at so many standard deviations, and within what has a mean."""
_INDEX: Final = (0.01, 0.9)


@dataclass(frozen=True)
class Carried:
    """The uncertainty of a fit in the grammar of scenario files."""

    block: dict[str, Any]
    """Empty where nothing is carried."""
    left_out: tuple[str, ...]
    """Parameters that no uncertain input stands for."""


@dataclass(frozen=True)
class _Input:
    terms: dict[str, Any]
    slope: float
    """By what the input moves, on the log scale, as the parameter moves by one on its own."""


def carried(parameters: Sequence[Parameter], values: Mapping[str, float], covariance: Floats, root: Block) -> Carried:
    """Put the posterior of a fit into uncertain inputs."""
    found = {parameter.name: _input(parameter, values[parameter.name], root) for parameter in parameters}
    kept = {name: each for name, each in found.items() if each is not None}
    left_out = tuple(name for name, each in found.items() if each is None)
    if not kept:
        return Carried({}, left_out)
    places = [place for place, parameter in enumerate(parameters) if parameter.name in kept]
    slopes = np.array([each.slope for each in kept.values()])
    spread = covariance[np.ix_(places, places)] * np.outer(slopes, slopes)
    sds = np.sqrt(np.diag(spread))
    inputs = {
        name: {**each.terms, **_distribution(each.terms["of"], values[name], float(sd))}
        for (name, each), sd in zip(kept.items(), sds, strict=True)
    }
    rho = spread / np.outer(sds, sds)
    names = list(kept)
    pairs = [
        {"between": [names[i], names[j]], "rho": f"{rho[i, j]:.3f}"}
        for j in range(len(names))
        for i in range(j)
        if abs(rho[i, j]) >= _LEAST_RHO
    ]
    return Carried({"inputs": inputs, **({"correlation": pairs} if pairs else {})}, left_out)


def _distribution(of: str, value: float, sd: float) -> dict[str, Any]:
    if of != "tail-index":
        median_one = {"mean": f"x{exp(sd**2 / 2):.6g}", "cv": f"{sqrt(expm1(sd**2)):.4g}"}
        return {"distribution": {"family": "lognormal", **median_one}}
    low, high = max(value - _WIDEST * sd, _INDEX[0]), min(value + _WIDEST * sd, _INDEX[1])
    marginal = {"family": "normal", "mean": f"{value:.4g}", "sd": f"{sd:.3g}"}
    return {"distribution": marginal, "within": [f"{low:.3g}", f"{high:.3g}"]}


def _input(parameter: Parameter, value: float, root: Block) -> _Input | None:
    """The uncertain input that moves bills as the parameter does; None where there is none."""
    found = [_input_at(way, root) for way in parameter.ways]
    first = found[0]
    if first is None or any(each is None or each.terms["of"] != first.terms["of"] for each in found):
        return None
    if len(found) > 1 and first.terms["of"] != "cost":
        return None
    care = [level for each in found if each is not None for level in each.terms.get("care", ())]
    terms = {**first.terms, "care": list(dict.fromkeys(care))} if care else first.terms
    on_log = parameter.scale.log
    if first.terms["of"] == "tail-index":
        return _Input(terms, value if on_log else 1.0)
    return _Input(terms, first.slope if on_log else first.slope / value)


def _input_at(way: Steps, root: Block) -> _Input | None:
    """The input for one place of the claims model; its slope is that on the log scale of the place."""
    last, level = way[-1], str(way[2]) if len(way) > 2 and way[1] == "care" else None
    if way[1] in ("admissions", "persons") and last == "mean":
        return _Input({"of": "admissions"}, 1.0)
    if "tail" in way:
        return _Input({"of": "tail-index", **_of(level)}, 1.0) if last == "index" else None
    if ("cost" in way or way[1] == "amount") and last in ("mean", "median"):
        return _Input({"of": "cost", **_of(level)}, 1.0)
    if level is not None and last == "share" and len(way) == 4:
        return _Input({"of": "mix", "trait": "care", "values": [level]}, 1.0 / (1.0 - _share(root, way)))
    if level is not None and way[-2] == "catalogue" and last in _OUT:
        return _Input({"of": "catalogue", **_of(level)}, _catalogue_slope(root, way))
    return None


def _of(level: str | None) -> dict[str, Any]:
    return {} if level is None else {"care": [level]}


def _share(root: Block, way: Steps) -> float:
    node = find(root, way)
    return units.rate(node.text) / PPM if isinstance(node, Scalar) else 0.0


def _catalogue_slope(root: Block, way: Steps) -> float:
    """How the log odds of C and excluded move with the log of one of them, the other giving way in proportion."""
    moving = _share(root, way)
    other = sum(_share(root, (*way[:-1], key)) for key in _OUT if key != way[-1])
    both = moving + other
    return moving * (1.0 - other / (1.0 - moving)) / (both * (1.0 - both))
