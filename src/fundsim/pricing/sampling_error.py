"""The Monte Carlo error of a solved value: what another sample of people and inputs would have moved it by.

Where the figure is a mean or a tail, the delta method: the error of the figure at the value, over its slope there,
taken on the same people. Where it is a probability, a slope would be a density; instead the value is looked for again
at the ends of the 95% score interval of the probability (Wilson, 1927), alpha ± 1.96·sqrt(alpha(1 - alpha)/n). That is
the interval between two order statistics of what each replication would need, and needs no density.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

from fundsim.estimates import NORMAL_95
from fundsim.pricing.search import Answer, Change, Places
from fundsim.pricing.targets import Amount, Condition, Reading

APART = 200
"""The slope is taken over a part of the bracket: a two-hundredth on either side."""


@dataclass(frozen=True)
class SamplingError:
    """In steps of the value; None where the sample cannot tell."""

    se: float | None
    interval: tuple[float | None, float | None]
    slope: float | None
    """Excess a step; of a probability not taken."""


UNKNOWN = SamplingError(None, (None, None), None)


def sampling_error(places: Places, answer: Answer) -> SamplingError:
    """Find the error of an answer; none where the target holds in the whole bracket, whose end is no estimate."""
    if answer.change is None:
        return UNKNOWN
    if answer.condition.kind == "chance":
        return _by_order(places, answer)
    slope = slope_at(places, answer.place)
    (reading,) = places.read([answer.place])
    if not slope or reading.error is None:
        return UNKNOWN
    se = reading.error / abs(slope)
    exact = answer.place - reading.excess / slope
    return SamplingError(se, (exact - NORMAL_95 * se, exact + NORMAL_95 * se), slope)


def slope_at(places: Places, place: int) -> float:
    """How the excess changes a step, over a short stretch around a place."""
    apart = max(round((places.hi - places.lo) / APART), 1)
    a, b = max(place - apart, places.lo), min(place + apart, places.hi)
    first, last = places.read([a, b])
    return (last.excess - first.excess) / (b - a)


def _by_order(places: Places, answer: Answer) -> SamplingError:
    condition = answer.condition
    (reading,) = places.read([answer.place])
    alpha = condition.limit.number / 100
    half = NORMAL_95 * _spread(alpha, reading)
    strict = -half if condition.sign == "<=" else half
    ends = (_where(places, answer, alpha - strict), _where(places, answer, alpha + strict))
    lo, hi = ends if answer.upward else (ends[1], ends[0])
    whole = None if lo is None or hi is None else (hi - lo) / (2 * NORMAL_95)
    return SamplingError(whole, (lo, hi), None)


def _spread(alpha: float, reading: Reading) -> float:
    """The standard error of the probability where it is alpha; from batches where replications are stratified."""
    n, p = len(reading.influence), reading.excess + alpha
    plain = sqrt(alpha * (1 - alpha) / n)
    if reading.batch is None or reading.error is None or not 0 < p < 1:
        return plain
    return plain * reading.error / sqrt(p * (1 - p) / n)


def _where(places: Places, answer: Answer, level: float) -> float | None:
    """The value at which the probability is at another level, next to the answer; None where it never is."""
    if not 0 <= level <= 1 or answer.change is None:
        return None
    other = replace(answer.condition, limit=Amount(100 * level, "%"))
    change = _nearest(_changes(places, other), answer)
    return None if change is None else (change.below + change.above) / 2


def _changes(places: Places, condition: Condition) -> list[Change]:
    """Where a condition with another limit changes, from the readings at hand and where they leave room."""

    def holds(reading: Reading) -> bool:
        # the reading is of the answer's own limit: what happened is excess and influence apart
        return condition.holds(_against(reading, condition))

    return places.changes(holds, list(places.known))


def _against(reading: Reading, condition: Condition) -> Reading:
    return replace(reading, excess=reading.value / 100 - condition.limit.number / 100)


def _nearest(changes: list[Change], answer: Answer) -> Change | None:
    fitting = [change for change in changes if change.holds_above == answer.upward]
    return min(fitting, key=lambda change: abs(change.holds_at - answer.place), default=None)
