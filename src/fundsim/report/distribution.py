"""The shape of a sample for a picture: point masses apart from what spreads, bins that end at zero."""

from __future__ import annotations

from collections.abc import Sequence
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
    """Ends of equal bins (fen), the outermost cut at a point mass; none reaches across zero; empty without a rest."""
    shares: Floats
    """Share of all replications in each bin, its lower end included."""


def distribution_of(values: npt.NDArray[np.int64], limits: Sequence[int] = ()) -> Distribution:
    """Part a sample into point masses and bins.

    Args:
        values: fen, one of each replication.
        limits: fen; values that stop a result, and so are point masses however few replications reach them.
    """
    distinct, counts = np.unique(values, return_counts=True)
    n = len(values)
    massive = counts >= max(2, ceil(LEAST_MASS * n))
    if len(distinct) == 1:
        massive[:] = True
    elif massive.sum() > MOST_MASSES:
        massive[:] = False
    massive |= np.isin(distinct, limits)
    masses = tuple((int(v), int(c) / n) for v, c in zip(distinct[massive], counts[massive], strict=True))
    rest = np.repeat(distinct[~massive], counts[~massive]).astype(np.float64)
    if not len(rest):
        return Distribution(masses, np.array([]), np.array([]))
    edges = bins(rest, [value for value, _ in masses])
    inside, _ = np.histogram(rest, edges)
    return Distribution(masses, edges, inside / n)


def bins(values: Floats, ends: Sequence[int] = ()) -> Floats:
    """Return equal bins over a sample, of about Freedman and Diaconis' width.

    Zero is the end of a bin, and no bin reaches beyond the lowest or highest of ``ends`` that the sample respects. The
    highest is the end of a whole bin where that does not need too many; else the width is a round number.
    """
    low, high = float(values.min()), float(values.max())
    span = max(high - low, 1.0)
    quarter, three_quarters = np.percentile(values, (25, 75))
    wanted = max(2 * float(three_quarters - quarter) / len(values) ** (1 / 3), span / MOST_BINS)
    end = abs(max(ends, default=0))
    width = end / ceil(end / wanted) if end > span / MOST_BINS else _round_number(wanted)
    edges: Floats = np.arange(floor(low / width), floor(high / width) + 2) * np.float64(width)
    below, above = [e for e in ends if edges[0] < e <= low], [e for e in ends if high <= e < edges[-1]]
    edges[0], edges[-1] = max(below, default=edges[0]), min(above, default=edges[-1])
    return edges


def _round_number(width: float) -> float:
    """Return the nearest of 1, 2, 2.5, 5, 10 and their tenfold, at or below."""
    tens = 10.0 ** floor(log10(width))
    return tens * max(step for step in (1, 2, 2.5, 5) if step * tens <= width * (1 + 1e-9))
