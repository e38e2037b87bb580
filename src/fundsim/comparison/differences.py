"""Differences of designs with the error that they really have (配对差异).

Two designs that meet the same people, or only the same levels of cost, err together, and the error of their difference
is that of its value in each replication. For a ratio of totals a replication's part in the error is the residual of the
delta method (Cochran, *Sampling Techniques*, section 6.3), and a difference of ratios has the difference of residuals
(section 6.5). Where nothing is shared the same formula gives the error of independent samples, because replication r of
one run is independent of replication r of the other; so it is right in every case.

The interval of a difference of two paired probabilities is that of Bonett and Price (*J. Educ. Behav. Stat.* 37, 2012):
one imagined pair each way, so that designs which never parted are not said to be equal for certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, sqrt

import numpy as np

from fundsim.comparison.figures import Figure, Floats, Row
from fundsim.estimates import NORMAL_95, error_of, half_width, probability_of


@dataclass(frozen=True)
class Value:
    """A figure or a difference, with its standard error and its 95% interval; None where it does not exist."""

    mean: float | None
    se: float | None = None
    lo: float | None = None
    hi: float | None = None

    def as_dict(self, prefix: str = "") -> dict[str, float | None]:
        """Return plain numbers under the names of the JSON output."""
        names = ("mean", "se", "lo", "hi") if not prefix else (prefix, *(f"{prefix}_{k}" for k in ("se", "lo", "hi")))
        return dict(zip(names, (self.mean, self.se, self.lo, self.hi), strict=True))

    @property
    def clear(self) -> bool:
        """Whether the interval leaves zero out."""
        return self.lo is not None and self.hi is not None and (self.lo > 0 or self.hi < 0)


UNKNOWN = Value(None)


@dataclass(frozen=True, eq=False)
class Sample:
    """A figure over replications: its value, and what each replication adds to its error."""

    value: float
    influence: Floats
    """(r,) with mean zero; the standard error is that of its mean."""


def sample(row: Row, of: Figure, group: str | None = None) -> Sample | None:
    """Linearise a figure of a design; None where the design has it not."""
    parts = row.parts(of, group)
    if parts is None:
        return None
    top, under = parts
    if under is None:
        mean = float(top.mean())
        return Sample(mean, top - mean)
    whole = float(under.sum())
    if whole == 0:
        return None
    ratio = float(top.sum()) / whole
    return Sample(ratio, (top - ratio * under) / float(under.mean()))


def value_of(row: Row, of: Figure, group: str | None = None) -> Value:
    """Estimate a figure of a design, with the errors that a run of it alone has."""
    found = sample(row, of, group)
    if found is None:
        return UNKNOWN
    if of.sign:
        p = probability_of(found.influence + found.value > 0.5, batch=row.batch)
        return Value(p.p, (p.hi - p.lo) / (2 * NORMAL_95), p.lo, p.hi)
    return _with_interval(found.value, error_of(found.influence, row.batch))


def _with_interval(mean: float, error: tuple[float, int] | None) -> Value:
    if error is None:
        return Value(mean)
    half = half_width(*error)
    return Value(mean, error[0], mean - half, mean + half)


def difference_of(row: Row, base: Row, of: Figure, group: str | None = None) -> Value:
    """Estimate by how much a figure of ``row`` exceeds that of ``base``, replication by replication."""
    ours, theirs = sample(row, of, group), sample(base, of, group)
    if ours is None or theirs is None:
        return UNKNOWN
    batch = row.batch if base.batch is None else base.batch
    if of.sign:
        return _of_probabilities(ours.influence + ours.value, theirs.influence + theirs.value, batch)
    return _with_interval(ours.value - theirs.value, error_of(ours.influence - theirs.influence, batch))


def unpaired_error(row: Row, base: Row, of: Figure, group: str | None = None) -> float | None:
    """The standard error that the difference would have, had the two been simulated apart on different people."""
    errors = []
    for each in (row, base):
        found = sample(each, of, group)
        error = None if found is None else error_of(found.influence, each.batch)
        if error is None:
            return None
        errors.append(error[0])
    return hypot(*errors)


def _of_probabilities(ours: Floats, theirs: Floats, batch: int | None) -> Value:
    """The difference of two probabilities, each told by zeros and ones; see the head of the file."""
    n = len(ours)
    apart = np.rint(ours - theirs)
    difference = float(apart.mean())
    error = None if batch is None else error_of(apart - difference, batch)
    if error is not None:
        return _with_interval(difference, (max(error[0], 1 / n), error[1]))
    more, fewer = ((apart > 0).sum() + 1) / (n + 2), ((apart < 0).sum() + 1) / (n + 2)
    centre, se = float(more - fewer), sqrt((more + fewer - (more - fewer) ** 2) / (n + 2))
    return Value(difference, se, max(centre - NORMAL_95 * se, -1.0), min(centre + NORMAL_95 * se, 1.0))
