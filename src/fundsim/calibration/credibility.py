"""Credibility between counties or groups with thin data (信度): Bühlmann–Straub with nonparametric estimators.

Group i has in period j the mean X_ij per unit of weight w_ij (a frequency per insured, a mean cost per admission). Its
premium lies between its own mean X_i and the mean m of all: z_i·X_i + (1 - z_i)·m with z_i = w_i·t²/(w_i·t² + s²), s²
the variance within groups per unit of weight and t² the variance between them:

    s² = sum_ij w_ij·(X_ij - X_i)² / sum_i (n_i - 1)
    t² = (sum_i w_i·(X_i - X)² - (r - 1)·s²) / (w - sum_i w_i²/w), at least zero
    m  = sum_i z_i·X_i / sum_i z_i

over the n_i periods of each of r groups (Bühlmann and Gisler, *A Course in Credibility Theory*, sections 4.2, 4.8 and
4.9). With this m the premiums together are what was observed: sum_i w_i·premium_i = sum_i w_i·X_i.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Credibility:
    """The estimates, per unit of weight."""

    own: Floats
    """(r,) each group's own mean; NaN where it has no weight at all."""
    weight: Floats
    """(r,)"""
    z: Floats
    """(r,) credibility of its own mean, from 0 to 1."""
    premium: Floats
    """(r,) credibility estimate."""
    mean: float
    """Of all groups, weighted by credibility; by weight, where nothing distinguishes them."""
    within: float
    """s², variance within groups per unit of weight."""
    between: float
    """t², variance between groups; zero where what is seen between them is no more than chance."""

    def frame(self, names: Sequence[str] | None = None) -> pd.DataFrame:
        """A row per group."""
        import pandas as pd

        columns = {"weight": self.weight, "own": self.own, "z": self.z, "premium": self.premium}
        return pd.DataFrame(columns, index=None if names is None else pd.Index(names, name="group"))


def buhlmann_straub(values: npt.ArrayLike, weights: npt.ArrayLike) -> Credibility:
    """Estimate what each group costs, from its own experience and that of all.

    Args:
        values: (r, n) mean per unit of weight; what stands where the weight is zero is ignored.
        weights: (r, n) units of weight, such as persons insured; zero where there is no experience.

    Raises:
        ValueError: shapes that differ, a weight below zero or not finite, a value that is not finite, fewer than two
            groups with experience, or no group with two periods.
    """
    x, w = np.asarray(values, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    _check(x, w)
    x = np.where(w > 0, x, 0.0)
    of_group = w.sum(axis=1)
    seen = of_group > 0
    total = of_group.sum()
    own = np.divide((w * x).sum(axis=1), of_group, out=np.full(len(w), np.nan), where=seen)
    mean = float((w * x).sum() / total)
    deviations = np.where(seen, np.nan_to_num(own) - mean, 0.0)
    within_sum = float((w * (x - np.nan_to_num(own)[:, None]) ** 2).sum())
    within = within_sum / int(np.maximum((w > 0).sum(axis=1) - 1, 0).sum())
    excess = float((of_group * deviations**2).sum()) - (int(seen.sum()) - 1) * within
    between = max(excess / float(total - (of_group**2).sum() / total), 0.0)
    z = _credibility(of_group, within, between)
    mean = float((z * np.nan_to_num(own)).sum() / z.sum()) if z.sum() > 0 else mean
    premium = z * np.nan_to_num(own) + (1.0 - z) * mean
    return Credibility(own, of_group, z, premium, mean, within, between)


def _credibility(weight: Floats, within: float, between: float) -> Floats:
    """Each group's z: full where nothing varies within groups, none where nothing varies between them."""
    if between == 0.0:
        return np.zeros_like(weight)
    if within == 0.0:
        return (weight > 0).astype(np.float64)
    return np.asarray(weight * between / (weight * between + within))


def _check(x: Floats, w: Floats) -> None:
    if x.shape != w.shape or x.ndim != 2:
        raise ValueError(f"values {x.shape} and weights {w.shape} are not two tables of groups by periods")
    if not np.isfinite(w).all() or (w < 0).any():
        raise ValueError("a weight is negative or not finite; write zero where a group has no experience")
    if not np.isfinite(x[w > 0]).all():
        raise ValueError("a value with weight is not finite")
    if ((w > 0).any(axis=1)).sum() < 2:
        raise ValueError("credibility needs two groups with experience")
    if ((w > 0).sum(axis=1) < 2).all():
        raise ValueError("no group has two periods, so nothing tells how much they vary within groups")
