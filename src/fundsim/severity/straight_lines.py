"""Quantiles that are straight between corners (分段线性分位数), over the 2**64 integers that a draw is made of."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from fundsim.severity.base import Floats, SeverityFamily

Integers = npt.NDArray[np.uint64]


def straight_lines(severity: SeverityFamily) -> tuple[Integers, Floats]:
    """Where lines begin, (n,) integers, and cost and slope there, (n, 2), yuan; none where the quantile is curved."""
    corners = severity.corners()
    if corners is None:
        return np.zeros(0, dtype=np.uint64), np.zeros((0, 2))
    below, above = severity.cdf(corners), severity.survival(corners)
    places = [_integer(float(u), float(v)) for u, v in zip(below, above, strict=True)]
    found = [
        (start, low, (high - low) / (end - start))
        for (start, end), (low, high) in zip(pairwise(places), pairwise(corners.tolist()), strict=True)
        if end > start
    ]
    starts = np.array([start for start, _, _ in found], dtype=np.uint64)
    lines = np.array([line for _, *line in found], dtype=np.float64)
    starts.flags.writeable = lines.flags.writeable = False
    return starts, lines


def on_lines(starts: Integers, lines: Floats, r: Integers) -> Floats:
    """The cost, yuan, for each integer that no tail takes."""
    k = np.searchsorted(starts, r, side="right") - 1
    return np.asarray(lines[k, 0] + lines[k, 1] * ((r - starts[k]).astype(np.float64) + 0.5))


def _integer(below: float, above: float) -> int:
    """How many of the 2**64 integers mean costs below a corner, from the smaller of the two probabilities."""
    return round(below * 2**64) if below <= above else 2**64 - round(above * 2**64)


def limited_on_lines(starts: Integers, lines: Floats, weight: float, d: float) -> float:
    """∫ min(x(u), d) du over what the lines cover: each is a trapezium, cut off at ``d``."""
    last = 2**64 - round(weight * 2**64) - int(starts[-1])
    width = np.append(np.diff(starts).astype(np.float64), float(last))
    low, rise = lines[:, 0], lines[:, 1] * width
    reached = np.clip((d - low) / rise, 0.0, 1.0)
    mean = reached * (low + rise * reached / 2.0) + (1.0 - reached) * d
    return float(np.sum(mean * width) * 2.0**-64)
