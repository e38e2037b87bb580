"""Differences of designs with the error that they really have (配对差异).

Two designs that meet the same people, or only the same levels of cost, err together, and the error of their difference is
that of its value in each replication. For a ratio of totals a replication's part in the error is the residual of the delta
method (Cochran, *Sampling Techniques*, section 6.3), and the difference of two ratios has the difference of residuals
(section 6.5). Where nothing is shared the same formula gives the error of independent samples, because replication r of
one run is independent of replication r of the other; so it is right in every case.

The interval of a difference of two paired probabilities is that of Bonett and Price (*J. Educ. Behav. Stat.* 37, 2012):
one imagined pair each way, so that designs which never parted are not said to be equal for certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import stdtrit

from fundsim.comparison.figures import Figure, Floats, Row
from fundsim.estimates import NORMAL_95, mean_of, probability_of, ratio_of


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
    parts = row.parts(of, group)
    if parts is None:
        return UNKNOWN
    top, under = parts
    if of.sign:
        p = probability_of(top > 0, batch=row.batch)
        return Value(p.p, (p.hi - p.lo) / (2 * NORMAL_95), p.lo, p.hi)
    estimate = mean_of(top, batch=row.batch) if under is None else ratio_of(top, under, batch=row.batch)
    return Value(estimate.mean, estimate.se, *(estimate.interval() or (None, None)))


def difference_of(row: Row, base: Row, of: Figure, group: str | None = None) -> Value:
    """Estimate by how much a figure of ``row`` exceeds that of ``base``, replication by replication."""
    ours, theirs = sample(row, of, group), sample(base, of, group)
    if ours is None or theirs is None:
        return UNKNOWN
    batch = row.batch if base.batch is None else base.batch
    if of.sign:
        return _of_probabilities(ours.influence + ours.value, theirs.influence + theirs.value, batch)
    estimate = mean_of(ours.value - theirs.value + ours.influence - theirs.influence, batch=batch)
    return Value(ours.value - theirs.value, estimate.se, *(estimate.interval() or (None, None)))


def unpaired_error(row: Row, base: Row, of: Figure, group: str | None = None) -> float | None:
    """The standard error that the difference would have, had the two been simulated apart on different people."""
    errors = []
    for each in (row, base):
        found = sample(each, of, group)
        error = None if found is None else mean_of(found.influence, batch=each.batch).se
        if error is None:
            return None
        errors.append(error)
    return float(np.hypot(*errors))


def _of_probabilities(ours: Floats, theirs: Floats, batch: int | None) -> Value:
    """The difference of two probabilities, each told by zeros and ones; see the head of the file."""
    n = len(ours)
    apart = np.rint(ours - theirs)
    difference = float(apart.mean())
    estimate = mean_of(apart, batch=batch)
    if batch is not None and estimate.degrees is not None and estimate.se is not None:
        se = max(estimate.se, 1 / n)
        half = float(stdtrit(estimate.degrees, 0.975)) * se
        return Value(difference, se, difference - half, difference + half)
    more, fewer = ((apart > 0).sum() + 1) / (n + 2), ((apart < 0).sum() + 1) / (n + 2)
    centre, se = float(more - fewer), sqrt((more + fewer - (more - fewer) ** 2) / (n + 2))
    return Value(difference, se, max(centre - NORMAL_95 * se, -1.0), min(centre + NORMAL_95 * se, 1.0))
