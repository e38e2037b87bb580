"""Shares of a variance by pick-freeze: estimators on columns of numbers, each with its own error. No simulation.

Two samples a and b are independent; a third, c, has some sources of risk from a and all others from b. What those
sources contribute by themselves and among each other is then Cov(a, c) / Var. It is estimated by Monod's correlation
(Monod, Naud and Makowski, 2006), which is asymptotically the best from a and c alone (Janon, Klein, Lagnoux, Nodet and
Prieur, *ESAIM: Probability and Statistics* 18, 2014), and which for the rest, 1 less it, is Jansen's (*Computer Physics
Communications* 117, 1999). The product of a and b, whose mean is known to be zero, is taken off as a control variate,
weighted by the correlation of b and c: small shares are then as precise as by Saltelli's estimator (*Computer Physics
Communications* 181, 2010), which has the weight 1, and large ones as by Monod's, which has 0.

Standard errors are those of the mean of the estimators' influence on each replication (delta method). An estimate may
fall below zero or the sum of some above one, within their errors: it is shown as it is, for cutting it would bias it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from fundsim.estimates import mean_of

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Share:
    """Part of a variance, 1 being all of it, with its standard error; None where there is no variance to share."""

    share: float | None
    se: float | None

    def as_dict(self) -> dict[str, float | None]:
        return {"share": self.share, "se": self.se}


UNDEFINED = Share(None, None)


@dataclass(frozen=True)
class SourceShares:
    """What one source of risk contributes."""

    first: Share
    """By itself: the variance of what is expected once it is known (first-order share, 一阶方差占比)."""
    total: Share
    """With all in which it plays a part: the variance that is left, on average, once all others are known."""


@dataclass(frozen=True)
class Lead:
    """The source that contributes most by itself, and how far it is ahead of the next."""

    source: str
    next: str | None
    """None where there is one source only."""
    by: Share
    """Difference of their first-order shares."""


@dataclass(frozen=True)
class Parts:
    """The variance of one figure, all of it: first-order shares, process and interaction add up to 1."""

    mean: float
    sd: float
    sources: Mapping[str, SourceShares]
    process: Share
    """The luck of individual patients (个体偶然性): variance that remains on average once every source is known."""
    interaction: Share
    """What sources do together beyond what each does by itself (交互作用): all that is left."""
    lead: Lead | None
    """None without sources, or without variance."""


@dataclass(frozen=True)
class _Estimate:
    """An estimate and its influence on each replication (of mean zero): both add up."""

    value: float
    influence: Floats

    def __add__(self, other: _Estimate) -> _Estimate:
        return _Estimate(self.value + other.value, self.influence + other.influence)

    def __sub__(self, other: _Estimate) -> _Estimate:
        return _Estimate(self.value - other.value, self.influence - other.influence)

    def share(self, batch: int | None) -> Share:
        return Share(self.value, mean_of(self.influence, batch=batch).se)


def parted(a: Floats, b: Floats, frozen: Mapping[str, Floats], inputs: Floats, *, batch: int | None = None) -> Parts:
    """Part the variance of a figure among sources of risk, the luck of patients and interaction.

    Args:
        a: (r,) the figure in replications.
        b: the same in others.
        frozen: by source, the figure with this source as in ``a``, all else, patients too, as in ``b``.
        inputs: with all sources as in ``a``, patients as in ``b``.
        batch: so many replications are stratified together; else all are independent.
    """
    columns = (a, b, inputs, *frozen.values())
    mean, sd = float(np.mean([a, b])), float(np.std([a, b], ddof=1))
    if any(not np.isfinite(column).all() or np.ptp(column) == 0 for column in columns):
        nothing = SourceShares(UNDEFINED, UNDEFINED)
        return Parts(mean, sd, dict.fromkeys(frozen, nothing), UNDEFINED, UNDEFINED, None)
    whole = _Estimate(1.0, np.zeros(len(a)))
    known = _common(a, b, inputs)
    first = {name: _common(a, b, column) for name, column in frozen.items()}
    sources = {
        name: SourceShares(first[name].share(batch), (whole - _correlation(b, column)).share(batch))
        for name, column in frozen.items()
    }
    interaction = known
    for each in first.values():
        interaction = interaction - each
    process = (whole - known).share(batch)
    return Parts(mean, sd, sources, process, interaction.share(batch), _lead(first, batch))


def _common(a: Floats, b: Floats, c: Floats) -> _Estimate:
    """Share of what c has from a, all else being from b; the product of a and b is the control variate."""
    x, y, z = (column - np.mean([a, b, c]) for column in (a, b, c))
    return _ratio(x * z - _correlation(b, c).value * x * y, (x**2 + z**2) / 2)


def _correlation(one: Floats, other: Floats) -> _Estimate:
    """Monod's correlation of two columns of one distribution: mean and variance are those of both together."""
    x, y = (column - np.mean([one, other]) for column in (one, other))
    return _ratio(x * y, (x**2 + y**2) / 2)


def _ratio(numerator: Floats, denominator: Floats) -> _Estimate:
    value = float(numerator.mean() / denominator.mean())
    return _Estimate(value, (numerator - value * denominator) / denominator.mean())


def _lead(first: Mapping[str, _Estimate], batch: int | None) -> Lead | None:
    ranked = sorted(first, key=lambda name: first[name].value, reverse=True)
    if not ranked:
        return None
    if len(ranked) == 1:
        return Lead(ranked[0], None, first[ranked[0]].share(batch))
    return Lead(ranked[0], ranked[1], (first[ranked[0]] - first[ranked[1]]).share(batch))
