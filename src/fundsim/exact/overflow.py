"""What a yearly cap of basic insurance leaves to the covered payer (基本医保封顶线的跨次累计): several bills together.

On each bill the payer before pays p and leaves b; over the year it pays at most its cap, and what it withholds beyond
what it withholds on single bills, (Σp - cap)+, falls to the covered payer. The joint law of (Σb, Σp) comes from a
transform in two dimensions on a coarse lattice; of it only the law of the overflow given Σb is taken, and laid over the
fine law of Σb. The overflow is rare and small beside the cost, so a coarse lattice does; one twice as coarse shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import fft

from fundsim.exact.counts import Count
from fundsim.exact.maps import Floats, PiecewiseMap
from fundsim.exact.payouts import Mixture
from fundsim.severity import SeverityFamily

HIGHEST: Final = 16.0
"""Caps of a person's own cost up to which the overflow is told apart; above, it is as at that cost."""
POINTS: Final = 512
"""Lattice points up to there."""
TO_CAP: Final = 32
"""Lattice points up to the cap; four caps are looked at."""
COSTS: Final = 24_000
"""Gross costs at which one bill is looked at, each standing for its neighbourhood with its own mean."""
RELIABLE: Final = 1e-12
"""Mass of a row of the joint law below which round-off would speak."""


@dataclass(frozen=True, eq=False)
class Overflow:
    """A yearly cap, and what its payer pays on one bill of each kind."""

    cap: float
    """Yuan a year."""
    paid: tuple[PiecewiseMap, ...]
    """For each part of the admission mixture, by gross cost."""

    def given_cost(
        self, count: Count, admission: Mixture, enough: float, coarser: int = 1
    ) -> tuple[Floats, Floats, Floats]:
        """The overflow given the year's own cost: costs (yuan), how likely it is, and its mean where there is one.

        Args:
            count: admissions of a person.
            admission: what of one counts for the covered payer.
            enough: a cost from which on no more is paid, yuan; it need not be told apart either.
            coarser: by how much the lattice is coarser than usual.
        """
        n, to_cap = POINTS // coarser, TO_CAP // coarser
        highest = min(HIGHEST * self.cap, enough)
        steps = highest / n, self.cap / to_cap
        one = np.zeros((4 * n, 4 * to_cap))  # what three of the dearest bills add up to still fits
        for (probability, part), paid in zip(admission.parts, self.paid, strict=True):
            cost, masses = _representative(part.severity, part.factor)
            own = np.minimum(part.pays(cost), highest) / steps[0]
            one += probability * _scattered(one.shape, own, paid(cost) / steps[1], masses)
        logs = count.log_pgf(fft.rfft2(one) - one.sum())
        joint = np.maximum(fft.irfft2(np.exp(logs), one.shape), 0.0)
        excess = np.maximum(np.arange(4 * to_cap) - to_cap, 0.0)
        mass, rare, mean = joint.sum(axis=1), joint[:, to_cap + 1 :].sum(axis=1), (joint * excess).sum(axis=1)
        kept = mass > RELIABLE
        last = int(np.argmin(kept)) if not kept.all() else len(kept)
        chance = rare[:last] / mass[:last]
        amount = steps[1] * mean[:last] / np.maximum(rare[:last], 1e-300)
        costs = np.arange(last, dtype=np.float64) * steps[0]
        return costs, np.asarray(chance), np.where(rare[:last] > 0, amount, 0.0)


def _representative(severity: SeverityFamily, factor: float) -> tuple[Floats, Floats]:
    """Gross costs, each the mean of its neighbourhood, and their probabilities."""
    edges = np.concatenate([[0.0], np.geomspace(10.0, 1e9, COSTS)]) / factor
    masses = -np.diff(severity.survival(edges))
    sums = np.diff(severity.limited_mean(edges) - edges * severity.survival(edges))
    middle = (edges[1:] + edges[:-1]) / 2.0
    cost = np.clip(np.where(masses > 1e-14, sums / np.maximum(masses, 1e-300), middle), edges[:-1], edges[1:])
    return factor * cost, np.maximum(masses, 0.0)


def _scattered(shape: tuple[int, ...], x: Floats, y: Floats, masses: Floats) -> Floats:
    """Masses spread over the four lattice points around each place, both means kept."""
    i, j = np.minimum(x, shape[0] - 2).astype(np.int64), np.minimum(y, shape[1] - 2).astype(np.int64)
    u, v = np.minimum(x - i, 1.0), np.minimum(y - j, 1.0)
    found = np.zeros(shape[0] * shape[1])
    for di, dj, share in ((0, 0, (1 - u) * (1 - v)), (1, 0, u * (1 - v)), (0, 1, (1 - u) * v), (1, 1, u * v)):
        found += np.bincount((i + di) * shape[1] + j + dj, masses * share, len(found))
    return found.reshape(shape)
