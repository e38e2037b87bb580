"""The shape of a sample for a picture: point masses apart from what spreads, bins that end at zero."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEAST_MASS: Final = 0.02
"""A value that at least this share of the replications has to the fen is a point mass."""
MOST_MASSES: Final = 4
MOST_BINS: Final = 40


@dataclass(frozen=True)
class Distribution:
    """A sample as point masses and a histogram of the rest; together every replication is counted once."""

    masses: tuple[tuple[int, float], ...]
    """(value in fen, share of all replications)."""
    edges: Floats
    """Ends of the bins (fen), multiples of one width, so that no bin reaches across zero; empty without a rest."""
    shares: Floats
    """Share of all replications in each bin, its lower end included."""


def distribution_of(values: npt.NDArray[np.int64]) -> Distribution:
    """Part a sample (fen, one value per replication) into point masses and bins."""
    distinct, counts = np.unique(values, return_counts=True)
    n = len(values)
    massive = counts >= max(2, ceil(LEAST_MASS * n))
    if len(distinct) == 1:
        massive[:] = True
    elif massive.sum() > MOST_MASSES:
        massive[:] = False
    masses = tuple((int(v), int(c) / n) for v, c in zip(distinct[massive], counts[massive], strict=True))
    rest = np.repeat(distinct[~massive], counts[~massive]).astype(np.float64)
    if not len(rest):
        return Distribution(masses, np.array([]), np.array([]))
    edges = bins(rest)
    inside, _ = np.histogram(rest, edges)
    return Distribution(masses, edges, inside / n)


def bins(values: Floats) -> Floats:
    """Return equal bins over a sample: of Freedman and Diaconis' width, made a round number."""
    low, high = float(values.min()), float(values.max())
    span = max(high - low, 1.0)
    quarter, three_quarters = np.percentile(values, (25, 75))
    wanted = 2 * float(three_quarters - quarter) / len(values) ** (1 / 3)
    width = _round_number(max(wanted, span / MOST_BINS) if wanted > 0 else span / 10)
    first, last = floor(low / width), floor(high / width) + 1
    edges: Floats = np.arange(first, last + 1) * width
    return edges


def _round_number(width: float) -> float:
    """Return the next of 1, 2, 2.5, 5, 10 and their tenfold."""
    tens = 10.0 ** floor(log10(width))
    return tens * next(step for step in (1, 2, 2.5, 5, 10) if step * tens >= width * (1 - 1e-9))
