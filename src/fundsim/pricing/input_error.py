"""The error of a solved value from what is not known (参数误差), apart from that of the sample.

It is the standard deviation, over the uncertain inputs and events, of the value that would do were they known. Each
replication's inputs meet other people once more (pick-freeze, as in :mod:`fundsim.decomposition`): what two samples
with equal inputs have in common is due to the inputs.

Where the figure is a mean: the square root of the covariance of both samples at the value, over the slope there (delta
method). Otherwise each replication's own need is taken, the value from which on it meets the limit by itself, and
the error is the square root of the covariance of needs; as far as luck is as wide whatever the inputs are, that is how
far a percentile of needs moves with them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from fundsim.pricing.figures import Floats
from fundsim.pricing.lanes import ContractLane, Lane
from fundsim.pricing.search import Answer, Places
from fundsim.pricing.targets import Condition, Reading

MOST_CUT: Final = 0.05
"""Part of the replications whose own need may lie outside the bracket."""
NEEDS: Final = 65
"""Values at which needs are looked for, where the contract alone is settled."""


@dataclass(frozen=True)
class InputError:
    """In steps of the value."""

    sd: float | None
    why: str
    """Why it is zero, or cannot be told; empty otherwise."""


Twin = Callable[[], Lane]
"""The same values on a sample of the same inputs and events, and of other people."""


def error_from_inputs(
    lane: Lane, twin_of: Twin | None, places: Places, answer: Answer, slope: float | None
) -> InputError:
    """Find how far the answer moves with what is uncertain; ``twin_of`` is None where nothing is."""
    if twin_of is None:
        return InputError(0.0, "nothing is uncertain in the scheme but the luck of patients")
    if answer.change is None:
        return InputError(None, "the target holds in the whole bracket")
    twin, step = twin_of(), lane.subject.step
    if answer.condition.kind == "mean":
        if not slope:
            return InputError(None, "the figure does not move with the value")
        (own,) = places.read([answer.place])
        (other,) = twin.read([answer.place * step], answer.condition)
        return InputError(common_sd(own.own, other.own) / abs(slope), "")
    looked = places.spread(NEEDS if isinstance(lane, ContractLane) else lane.points)
    values = [place * step for place in looked]
    pairs = [places.read(looked), twin.read(values, answer.condition)]
    needs = [_needs(readings, looked, answer.condition, upward=answer.upward) for readings in pairs]
    cut = max(float(np.mean((need <= looked[0]) | (need >= looked[-1]))) for need in needs)
    if cut > MOST_CUT:
        return InputError(None, f"{cut:.0%} of the replications by themselves would need a value outside the bracket")
    return InputError(common_sd(*needs), "")


def common_sd(one: Floats, other: Floats) -> float:
    """The standard deviation of what two columns of one distribution have in common; zero where they have nothing."""
    centre = (one.mean() + other.mean()) / 2
    return float(np.sqrt(max(np.mean((one - centre) * (other - centre)), 0.0)))


def _needs(readings: list[Reading], looked: list[int], condition: Condition, *, upward: bool) -> Floats:
    """(r,) the value from which on each replication meets the limit by itself, linear between two places.

    Ends of the bracket stand for what lies beyond them.
    """
    beyond = np.array([reading.own for reading in readings])
    if condition.sign == ">=":
        beyond = -beyond
    at = np.array(looked, dtype=np.float64)
    if not upward:
        beyond, at = beyond[::-1], at[::-1]
    holds = beyond <= 0
    fails = len(at) - 1 - np.argmax(~holds[::-1], axis=0)  # the last place where the replication is beyond the limit
    fails[holds.all(axis=0)] = -1
    need: Floats = np.where(fails < 0, at[0], at[-1])
    inside = np.flatnonzero((fails >= 0) & (fails < len(at) - 1))
    last = fails[inside]
    above, below = beyond[last, inside], beyond[last + 1, inside]
    need[inside] = at[last] + (at[last + 1] - at[last]) * above / (above - below)
    return need
