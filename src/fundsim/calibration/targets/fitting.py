"""The fit: published figures by weighted least squares, parameters drawn back to their priors (罚似然).

With differences u of model and publication, V their covariance and parameters t_j on their scales, the fit minimises

    u(t)ᵀ·V⁻¹·u(t) + sum_j ((t_j - prior_j)/spread_j)²,

which is twice the negative log posterior where figures and priors are normal. V depends on the model a little; it is
taken at the fit before, and the fit is repeated. The covariance of the parameters is that of the normal approximation
at the fit, (JᵀJ + S⁻²)⁻¹ with J the slopes of the whitened differences L⁻¹·u, V = L·Lᵀ, and S the spreads (Gelman and
others, *Bayesian Data Analysis*, section 4.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from pydantic import TypeAdapter, ValidationError
from scipy.optimize import least_squares

from fundsim.calibration.targets.figures import Compared, Comparison, compare
from fundsim.calibration.targets.moving import Parameter, PartsError, moved
from fundsim.calibration.targets.people import POINTS, Floats, People
from fundsim.calibration.targets.reading import Figures
from fundsim.calibration.targets.scales import DIGITS
from fundsim.claims import ClaimsModel, ClaimsTerms
from fundsim.scenario.nodes import Block, plain
from fundsim.scenario.problems import Problems
from fundsim.units import UnitError

_CLAIMS: Final = TypeAdapter[ClaimsTerms](ClaimsTerms)
_NO_MODEL: Final = 30.0
"""Standard errors by which a place counts as off where no claims model can be."""
_ROUNDING: Final = 1e-3
"""Part of each variance that figures do not share, because they are published rounded: no two are the same figure."""
_ROUNDS: Final = 2
_TOO_WIDE: Final = 1.5
"""A free parameter known to no better than a factor of e^1.5 (4.5) is not told by the figures."""


@dataclass(frozen=True, eq=False)
class Fit:
    """Where the fit ended."""

    root: Block
    """The text tree with the fitted values in it, rounded."""
    values: dict[str, float]
    """By parameter, as written in the tree."""
    compared: tuple[Compared, ...]
    """The figures of the written model."""
    covariance: Floats
    """(p, p) of the parameters on their scales."""
    slopes: Floats
    """(targets, p) of the whitened differences, per unit of each parameter's scale."""


@dataclass(frozen=True, eq=False)
class _Model:
    """The figures as a function of the parameters, always of the same people."""

    figures: Figures
    people: People

    @classmethod
    def of(cls, figures: Figures, seed: int, points: int) -> _Model:
        start = _claims(figures, figures.root)
        return cls(figures, People.lay_out(figures.scheme, start, seed, points))

    def tree(self, t: Floats, digits: int | None = None) -> Block:
        parameters = self.figures.parameters
        values = {each.name: each.scale.value(float(at)) for each, at in zip(parameters, t, strict=True)}
        return moved(self.figures.root, parameters, values, digits)

    def compared(self, t: Floats, digits: int | None = None) -> Comparison:
        model = _claims(self.figures, self.tree(t, digits))
        return compare(self.people.settle(model), self.figures.targets, self.figures.cover)

    def whitening(self, t: Floats) -> Floats:
        """(targets, targets) the matrix that makes the differences independent, of variance one."""
        covariance = self.compared(t).covariance
        lower = np.linalg.cholesky(covariance + _ROUNDING * np.diag(np.diag(covariance)))
        return np.asarray(np.linalg.inv(lower), np.float64)

    def differences(self, t: Floats, whitening: Floats) -> Floats:
        """Whitened differences; far off where there is no such model."""
        try:
            found = self.compared(t).figures
        except (PartsError, UnitError, ValidationError):
            return np.full(len(whitening), _NO_MODEL)
        apart = [each.difference if each.score is not None else each.fitted - each.published for each in found]
        return np.asarray(whitening @ np.array(apart))


def _claims(figures: Figures, root: Block) -> ClaimsModel:
    claims = root.get("claims")
    assert claims is not None
    return ClaimsModel.build(_CLAIMS.validate_python(plain(claims), strict=True), figures.scheme.population)


def fit(figures: Figures, seed: int = 1, points: int = POINTS) -> Fit:
    """Fit the parameters; a coarse search on fewer people comes first.

    Raises:
        ScenarioError: free parameters that the figures do not tell.
    """
    scales = [parameter.scale for parameter in figures.parameters]
    t = np.array([scale.first for scale in scales])
    for number in (points // 4, points):
        model = _Model.of(figures, seed, number)
        for _ in range(_ROUNDS):
            t = _minimum(model, t, model.whitening(t))
    written = np.array([scale.written(float(at), DIGITS) for scale, at in zip(scales, t, strict=True)])
    slopes = _slopes(model, written, model.whitening(t))
    _refuse_untold(figures, slopes)
    compared = model.compared(t, DIGITS).figures
    covariance = np.asarray(np.linalg.inv(slopes.T @ slopes + np.diag(_precision(figures.parameters))), np.float64)
    values = {p.name: p.scale.value(at) for p, at in zip(figures.parameters, written.tolist(), strict=True)}
    return Fit(model.tree(t, DIGITS), values, compared, covariance, slopes)


def _precision(parameters: Sequence[Parameter]) -> Floats:
    """(p,) of the priors; nothing where there is none."""
    return np.array([0.0 if p.scale.spread is None else p.scale.spread**-2 for p in parameters])


def _minimum(model: _Model, t: Floats, whitening: Floats) -> Floats:
    scales = [parameter.scale for parameter in model.figures.parameters]
    root = np.sqrt(_precision(model.figures.parameters))
    prior = np.array([scale.first for scale in scales])

    def residuals(at: Floats) -> Floats:
        return np.concatenate([model.differences(at, whitening), root * (at - prior)])

    def jacobian(at: Floats) -> Floats:
        return np.vstack([_slopes(model, at, whitening, centred=False), np.diag(root)])

    low, high = np.transpose([scale.bounds for scale in scales])
    found = least_squares(
        residuals,
        np.clip(t, low, high),
        jacobian,
        bounds=(low, high),
        x_scale=np.array([scale.spread or 0.2 for scale in scales]),
        xtol=1e-4,
        ftol=1e-6,
        max_nfev=40,
    )
    return np.asarray(found.x)


def _slopes(model: _Model, t: Floats, whitening: Floats, *, centred: bool = True) -> Floats:
    """(targets, p) difference quotients over steps that are wide against the grain of the sample."""
    here = None if centred else model.differences(t, whitening)
    columns = []
    for j, parameter in enumerate(model.figures.parameters):
        step = np.zeros(len(t))
        step[j] = parameter.scale.step
        up = model.differences(t + step, whitening)
        down, width = (model.differences(t - step, whitening), 2.0) if here is None else (here, 1.0)
        columns.append((up - down) / (width * step[j]))
    return np.array(columns).T


def _refuse_untold(figures: Figures, slopes: Floats) -> None:
    """Refuse free parameters that the figures leave open: along the directions in which nothing holds them.

    Free parameters are measured by their relative error (they are fitted on the log scale), the others by their spread.
    """
    free = [j for j, parameter in enumerate(figures.parameters) if parameter.scale.spread is None]
    if not free:
        return
    units = np.array([parameter.scale.spread or 1.0 for parameter in figures.parameters])
    held = np.diag([0.0 if parameter.scale.spread is None else 1.0 for parameter in figures.parameters])
    strengths, directions = np.linalg.eigh((slopes * units).T @ (slopes * units) + held)
    problems = Problems(figures.source)
    open_ = directions[:, strengths < _TOO_WIDE**-2]
    for j in free:
        if open_.size and np.abs(open_[j]).max() > 0.1:
            name = figures.parameters[j].name
            here = ("parameters", name)
            why = f"the published figures do not tell '{name}': it could be a multiple of what was fitted"
            instead = "give it a 'prior' with its 'spread', or let it stay as it is"
            problems.add(figures.mark(*here), here, why, instead)
    problems.raise_if_any()
