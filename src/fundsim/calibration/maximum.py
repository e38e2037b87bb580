"""The maximum of a likelihood: quasi-Newton from several starts, Newton to the end, and proof that it is one.

It counts as found where the gradient is gone to within a hundredth of a standard error in every direction, and the
curvature is that of a maximum. Everything else is an error that says what happened.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import optimize

from fundsim.calibration.errors import FitError

Floats = npt.NDArray[np.float64]
Objective = Callable[[Floats], float]

CLOSE: Final = 0.01
"""Distance to the maximum, in standard errors, at which a search is done."""
FLAT: Final = 1e-9
"""Least curvature, relative to the largest, that is not taken for none."""
LARGE: Final = 1e10
"""Stands for no likelihood at all during a search."""


@dataclass(frozen=True)
class Maximum:
    """Where a log-likelihood is largest."""

    theta: Floats
    """(p,) the parameters there."""
    value: float
    covariance: Floats
    """(p, p) inverse of the observed information."""
    distance: float
    """To the maximum, in standard errors: how well it was found."""


def maximise(likelihood: Objective, records: float, starts: Sequence[Floats], what: str) -> Maximum:
    """Search from every start and return the best maximum.

    Args:
        likelihood: log L of the parameters; -inf where there is none.
        records: their number, by which log L is scaled.
        starts: (p,) each.
        what: of what, for messages.

    Raises:
        FitError: no start leads to a maximum.
    """
    found, failures = [], []
    for start in starts:
        try:
            found.append(_from(likelihood, records, np.asarray(start, dtype=np.float64)))
        except FitError as error:
            failures.append(error)
    if not found:
        raise FitError(f"{what}: {failures[-1].why}", failures[-1].instead)
    return max(found, key=lambda each: each.value)


def follow(likelihood: Objective, records: float, start: Floats, covariance: Floats) -> Maximum | None:
    """Follow a maximum to data that differ by chance, with the curvature that it had; None where that does not lead on.

    Scoring with a fixed information: each step needs the gradient only.

    Args:
        likelihood: log L on the other data.
        records: their number.
        start: the maximum on the first data.
        covariance: its covariance there.
    """
    objective, at = _scaled(likelihood, records), np.array(start, dtype=np.float64)
    for _ in range(40):
        slope = gradient(objective, at)
        step = covariance @ slope * records
        distance = float(np.sqrt(max(float(slope @ step), 0.0) * records))
        if not np.isfinite(distance) or distance > 100.0:
            return None
        if distance < 2.0 * CLOSE:
            return Maximum(at, -objective(at) * records, covariance, distance)
        at = at - step
    return None


def _from(likelihood: Objective, records: float, start: Floats) -> Maximum:
    objective = _scaled(likelihood, records)
    if objective(start) >= LARGE:
        raise FitError("no likelihood where the search begins", "look at the smallest and largest amounts")
    search: Any = optimize.minimize(objective, start, jac=lambda at: gradient(objective, at), method="BFGS")  # type: ignore[call-overload]
    return _newton(objective, records, search.x if objective(search.x) < LARGE else start)


def _scaled(likelihood: Objective, records: float) -> Objective:
    def objective(at: Floats) -> float:
        value = likelihood(at)
        return -value / records if np.isfinite(value) else LARGE

    return objective


def _newton(objective: Objective, records: float, start: Floats) -> Maximum:
    at = np.array(start, dtype=np.float64)
    distance = np.inf
    for _ in range(25):
        slope, curvature = gradient(objective, at), hessian(objective, at)
        values = np.linalg.eigvalsh(curvature)
        if not np.all(np.isfinite(values)) or values[0] <= FLAT * max(values[-1], 1e-12):
            raise FitError(
                f"the likelihood has no maximum: it goes on rising, or is flat, about {_told(at)}",
                "take a family with fewer parameters, or one that is nearer to the data",
            )
        step: Floats = np.linalg.solve(curvature, slope).astype(np.float64)
        distance = float(np.sqrt(max(float(slope @ step), 0.0) * records))
        if distance < CLOSE:
            covariance = np.linalg.inv(curvature) / records
            return Maximum(at, -objective(at) * records, (covariance + covariance.T) / 2.0, distance)
        at = _shorter(objective, at, step)
    raise FitError(
        f"the search did not converge: it ended {distance:.2g} standard errors from a maximum",
        "take another family, or look at the data for values that many records share",
    )


def _shorter(objective: Objective, at: Floats, step: Floats) -> Floats:
    """As much of a step as improves the objective."""
    now = objective(at)
    for part in (1.0, 0.5, 0.25, 0.1, 0.02, 0.004):
        if objective(at - part * step) <= now:
            return np.asarray(at - part * step)
    return np.asarray(at - 1e-3 * step)


def gradient(function: Objective, at: Floats, step: float = 1e-5) -> Floats:
    """(p,) central differences."""
    steps = np.diag(np.full(len(at), step))
    return np.array([(function(at + h) - function(at - h)) / (2.0 * step) for h in steps])


def hessian(function: Objective, at: Floats, step: float = 2e-4) -> Floats:
    """(p, p) second central differences."""
    p = len(at)
    middle = function(at)
    steps = np.diag(np.full(p, step))
    forward = [function(at + h) for h in steps]
    back = [function(at - h) for h in steps]
    result = np.empty((p, p))
    for i in range(p):
        result[i, i] = (forward[i] - 2.0 * middle + back[i]) / step**2
        for j in range(i):
            both = function(at + steps[i] + steps[j]) + function(at - steps[i] - steps[j])
            mixed = both - forward[i] - forward[j] - back[i] - back[j] + 2.0 * middle
            result[i, j] = result[j, i] = mixed / (2.0 * step**2)
    return result


def _told(at: Floats) -> str:
    return "(" + ", ".join(f"{value:.4g}" for value in at) + ")"
