"""What a fit does not know, as inputs that a scheme draws (参数不确定性): so that pricing carries it on.

A scheme knows factors on the cost of a care level and an index of its tail, not sigma or scale. So the parameters'
covariance is brought to these by their effect on what is priced: with SL the stop-loss premium above a reference
deductible d, and κ = 1 + d·S(d)/SL(d) its leverage (one per cent on all bills is κ per cent on SL), the factor L on
bills has log L = (∂ log SL/∂θ · (θ - θ̂) - ∂ log SL/∂ξ · (ξ - ξ̂))/κ: what moves SL and is not the index ξ itself. Its
variance and its covariance with ξ follow from that of θ. To first order SL then has the variance that it has under θ.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from fundsim.calibration.care import Care
from fundsim.calibration.fit import Fit
from fundsim.calibration.frequency import FrequencyFit
from fundsim.severity import SeverityFamily, Spliced

LEAST_CV: Final = 1e-3
"""Inputs that are surer than this are left out: a tenth of a per cent."""
INDEX_RANGE: Final = (0.0, 0.95)
INDEX_SCORE: Final = 3.0
"""Standard errors about the index to which it is truncated."""


@dataclass(frozen=True)
class CarriedInput:
    """One uncertain input of the claims file."""

    name: str
    of: str
    """``admissions``, ``cost``, ``tail-index``, ``mix`` or ``catalogue``."""
    care: str | None
    spread: float
    """cv of a factor, standard error of an index."""
    mean: float | None = None
    """Of an index."""
    within: tuple[float, float] | None = None


@dataclass(frozen=True)
class Carried:
    """The inputs and their correlations; and what was left out because it is known well enough."""

    inputs: tuple[CarriedInput, ...]
    correlations: tuple[tuple[str, str, float], ...]
    left_out: tuple[str, ...]


def carry(
    frequency: FrequencyFit | None, levels: Sequence[Care], reference: float | None = None, level_log_se: float = 0.0
) -> Carried:
    """Bring the errors of all fits to inputs of a scheme.

    Args:
        frequency: the fitted frequency.
        levels: the fitted care levels.
        reference: deductible on a gross bill at which the errors of a level's cost are matched, yuan; its 95% quantile
            where that is lower or none is given.
        level_log_se: standard error of the log of what brought all costs to one level, which all care levels share.
    """
    found: list[CarriedInput] = []
    correlations: list[tuple[str, str, float]] = []
    if frequency is not None:
        found.append(CarriedInput("admission-level", "admissions", None, _cv(frequency.log_mean_se)))
    found.append(CarriedInput("cost-level", "cost", None, _cv(level_log_se)))
    for level in levels:
        cost, index, rho = inputs_of_cost(level.chosen.fit, reference, level.name)
        found += [cost] if index is None else [cost, index]
        if index is not None and abs(rho) > 1e-6:
            correlations.append((cost.name, index.name, rho))
        found += list(_of_mix(level, levels))
    return gathered(found, correlations)


def gathered(found: Sequence[CarriedInput], correlations: Sequence[tuple[str, str, float]]) -> Carried:
    """The inputs that are worth drawing, and the correlations among them."""
    kept = [each for each in found if each.spread >= LEAST_CV]
    names = {each.name for each in kept}
    joined = tuple(each for each in correlations if {each[0], each[1]} <= names)
    return Carried(tuple(kept), joined, tuple(each.name for each in found if each.name not in names))


def carry_annual(persons_log_se: float, fitted: Fit, reference: float | None = None) -> Carried:
    """The same for one amount a person and year: the share of persons with one, and the amount."""
    cost, index, rho = inputs_of_cost(fitted, reference)
    found = [CarriedInput("persons-level", "admissions", None, _cv(persons_log_se)), cost]
    found += [] if index is None else [index]
    return gathered(found, [] if index is None or abs(rho) <= 1e-6 else [(cost.name, index.name, rho)])


def inputs_of_cost(
    fitted: Fit, reference: float | None, care: str | None = None
) -> tuple[CarriedInput, CarriedInput | None, float]:
    """The factor on cost and the tail index that carry a fit's errors, and their correlation.

    Args:
        fitted: the fit.
        reference: deductible at which errors are matched, yuan; see :func:`carry`.
        care: the care level, None for an amount a year.
    """
    name = "level" if care is None else care
    d = _reference(fitted.severity, reference)
    slope = fitted.slopes(lambda severity: math.log(float(severity.stop_loss(d))))
    leverage = 1.0 + d * float(fitted.severity.survival(d)) / float(fitted.severity.stop_loss(d))
    place = _place_of_index(fitted)
    own = slope / leverage
    if place is not None:
        own[place] = 0.0
    sd = math.sqrt(max(float(own @ fitted.covariance @ own), 0.0))
    cost = CarriedInput(f"cost-{name}", "cost", care, _cv(sd))
    if place is None or fitted.covariance[place, place] <= 0:
        return cost, None, 0.0
    se = math.sqrt(fitted.covariance[place, place])
    index = float(fitted.theta[place])
    low, high = max(index - INDEX_SCORE * se, INDEX_RANGE[0]), min(index + INDEX_SCORE * se, INDEX_RANGE[1])
    rho = float((own @ fitted.covariance)[place]) / (sd * se) if sd > 0 else 0.0
    tail = CarriedInput(f"tail-{name}", "tail-index", care, se, index, (low, high))
    return cost, tail, float(np.clip(rho, -0.99, 0.99))


def _reference(severity: SeverityFamily, reference: float | None) -> float:
    quantile = float(severity.quantile_upper(0.05))
    return quantile if reference is None else min(reference, quantile)


def _place_of_index(fitted: Fit) -> int | None:
    """The place of the tail index among the parameters, where the scheme can draw one."""
    names = [parameter.name for parameter in fitted.model.parameters]
    return names.index("index") if "index" in names and isinstance(fitted.severity, Spliced) else None


def _of_mix(level: Care, levels: Sequence[Care]) -> Iterator[CarriedInput]:
    """The share of the dearest level; those of the others follow from it, or matter less."""
    dearest = max(levels, key=lambda each: each.share * float(each.chosen.fit.severity.stop_loss(20_000.0)))
    if len(levels) > 1 and level is dearest:
        odds = level.share_se / (level.share * (1.0 - level.share))
        yield CarriedInput(f"share-{level.name}", "mix", level.name, _cv(odds))
    if level.outside_log_odds_se is not None:
        yield CarriedInput(f"catalogue-{level.name}", "catalogue", level.name, _cv(level.outside_log_odds_se))


def _cv(log_sd: float) -> float:
    """The coefficient of variation of a lognormal factor."""
    return math.sqrt(math.expm1(log_sd**2))
