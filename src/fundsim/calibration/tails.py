"""Where the tail begins (阈值选择): mean excess, stability of the index, Hill's estimates; a proposal and its reason.

The mean excess of a generalised Pareto tail is a straight line above its threshold, and its index does not depend on
the threshold; so one looks for the lowest threshold above which neither moves by more than chance. Sources: Embrechts,
Klüppelberg and Mikosch, *Modelling Extremal Events*, sections 6.2 and 6.5; Hill, Annals of Statistics 3 (1975).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from fundsim.calibration.errors import FitError
from fundsim.calibration.fit import fit
from fundsim.calibration.observations import Observations

Floats = npt.NDArray[np.float64]

FEWEST_EXCESSES: Final = 50
"""Records above a threshold that a proposal asks for."""
SHARES: Final = (0.2, 0.175, 0.15, 0.125, 0.1, 0.075, 0.06, 0.05, 0.04, 0.03, 0.02, 0.015, 0.01, 0.005, 0.002, 0.001)
"""Shares of the records above the thresholds that are tried."""
SCORE: Final = 2.5758293035489004
"""Of a difference between two thresholds that is more than chance: one in a hundred."""


@dataclass(frozen=True, eq=False)
class Thresholds:
    """What is known of each threshold that was tried, from the lowest to the highest."""

    tried: Floats
    """(k,) thresholds, yuan."""
    records: Floats
    """(k,) records above it."""
    mean_excess: Floats
    mean_excess_se: Floats
    index: Floats
    index_se: Floats
    """(k,) of the generalised Pareto fitted to what lies above; NaN where there is no fit."""
    scale: Floats
    """(k,) its scale less index times threshold, which does not depend on the threshold either (modified scale)."""
    hill: Floats
    """(k,) mean of the log of the excess ratio: the index of a Pareto tail."""
    hill_se: Floats

    def frame(self) -> Any:
        """One row per threshold; a pandas DataFrame."""
        import pandas as pd

        names = ("records", "mean_excess", "mean_excess_se", "index", "index_se", "scale", "hill", "hill_se")
        rows = pd.Index(self.tried, name="threshold")
        return pd.DataFrame({name: getattr(self, name) for name in names}, index=rows)


@dataclass(frozen=True, eq=False)
class Proposal:
    """The threshold proposed, why, and what it was chosen from."""

    threshold: float | None
    """Yuan; None where no tail can be told."""
    reason: str
    """English."""
    reason_zh: str
    table: Thresholds
    found: bool = True
    """Whether it was found in the data, and not stated."""


def thresholds(observations: Observations, at: npt.ArrayLike | None = None) -> Thresholds:
    """Work out mean excess, index and Hill's estimate for thresholds; those of :data:`SHARES` where none are given.

    Args:
        observations: exact amounts, truncated and censored or not; a capped amount counts as the cap in the mean excess
            and in Hill's estimate, which then are lower bounds, and rightly in the index.
        at: (k,) thresholds, yuan.
    """
    data = observations.for_fitting()
    tried = _tried(data) if at is None else np.sort(np.asarray(at, dtype=np.float64))
    rows = [_row(data, float(threshold)) for threshold in tried]
    columns = np.array(rows, dtype=np.float64).reshape(-1, 8).T
    return Thresholds(tried, *columns)


def _tried(data: Observations) -> Floats:
    order = np.argsort(data.low)
    share_above = 1.0 - np.cumsum(data.weight[order]) / data.records
    places = [int(np.searchsorted(-share_above, -share)) for share in SHARES]
    found = np.unique([data.low[order][min(place, len(order) - 1)] for place in places])
    kept = [u for u in found if data.weight[data.low > u].sum() >= FEWEST_EXCESSES]
    return np.array([_rounded(u) for u in kept if u > 0])


def _rounded(amount: float) -> float:
    """To two digits, downwards: a threshold is a figure that is talked about."""
    unit = 10.0 ** (math.floor(math.log10(amount)) - 1)
    return max(math.floor(amount / unit) * unit, 0.01)


def _row(data: Observations, threshold: float) -> tuple[float, ...]:
    beyond = data.beyond(threshold)
    excess, ratio, weight = beyond.low - threshold, np.log(beyond.low / threshold), beyond.weight
    n = float(weight.sum())
    if n < 2:
        return (n, *(math.nan,) * 7)
    mean = float(np.average(excess, weights=weight))
    se = math.sqrt(float(np.average((excess - mean) ** 2, weights=weight)) / (n - 1))
    dead = float(weight[beyond.is_exact].sum())
    hill = float(np.dot(ratio, weight)) / max(dead, 1.0)
    try:
        tail = fit("generalised-pareto", beyond, above=threshold)
    except FitError:
        return n, mean, se, math.nan, math.nan, math.nan, hill, hill / math.sqrt(max(dead, 1.0))
    index, scale = tail.parameters["index"], tail.parameters["scale"]
    error = math.nan if "index" in tail.held else tail.errors["index"]
    return n, mean, se, index, error, scale - index * threshold, hill, hill / math.sqrt(max(dead, 1.0))


def propose(observations: Observations) -> Proposal:
    """Propose the lowest threshold above which the index stays the same.

    Nested samples: the difference of two estimates has about the difference of their variances. A threshold is passed
    over where a higher one with at least 50 records has another index at the level of one in a hundred.
    """
    table = thresholds(observations)
    usable = np.isfinite(table.index) & np.isfinite(table.index_se) & (table.records >= FEWEST_EXCESSES)
    places = [int(i) for i in np.flatnonzero(usable)]
    for rank, place in enumerate(places):
        worst = max((_difference(table, place, other) for other in places[rank + 1 :]), default=0.0)
        if worst <= SCORE and rank + 1 < len(places):
            return Proposal(float(table.tried[place]), *_reasons(table, place, worst, len(places) - rank - 1), table)
    why = "no threshold with 50 records above it has an index that stays the same further out"
    return Proposal(None, f"{why}: no tail is proposed", "各阈值以上的尾部指数均不稳定，不建议设尾部", table)


def _difference(table: Thresholds, low: int, high: int) -> float:
    variance = max(table.index_se[high] ** 2 - table.index_se[low] ** 2, 1e-12)
    return float(abs(table.index[high] - table.index[low])) / math.sqrt(variance)


def _reasons(table: Thresholds, place: int, worst: float, higher: int) -> tuple[str, str]:
    at, n = table.tried[place], table.records[place]
    index, se = table.index[place], table.index_se[place]
    english = (
        f"{at:,.0f} yuan is the lowest threshold above which the index stays the same: {index:.3f} ± {se:.3f} from "
        f"{n:,.0f} records, and none of {higher} higher thresholds differs by more than {worst:.1f} standard errors"
    )
    chinese = (
        f"{at:,.0f}元是尾部指数保持稳定的最低阈值：其上{n:,.0f}条记录，指数{index:.3f}±{se:.3f}，"
        f"更高的{higher}个阈值与之相差均不超过{worst:.1f}个标准误"
    )
    return english, chinese


def hill_estimates(costs: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Hill's estimates from the k largest of ``costs``: k = 1 .. n - 1, and the estimates (n - 1,)."""
    ordered = np.log(np.sort(np.asarray(costs, dtype=np.float64))[::-1])
    k = np.arange(1, len(ordered), dtype=np.float64)
    return k, np.cumsum(ordered[:-1]) / k - ordered[1:]


__all__ = ["Proposal", "Thresholds", "hill_estimates", "propose", "thresholds"]
