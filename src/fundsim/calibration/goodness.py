"""How far a fitted distribution lies from the data: Kolmogorov-Smirnov and Anderson-Darling, by parametric bootstrap.

Parameters that were fitted make the tables of these statistics wrong; so samples are drawn from the fit, each is fitted
again, and the p-value is the share of them that lie as far off (Stute, González Manteiga and Presedo Quindimil, Metrika
40, 1993). Both statistics are taken at the edges of cells of equal ratio, for the data and for the samples alike, which
makes a sample a draw of cell counts. The threshold of a splice is held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from fundsim.calibration.errors import FitError
from fundsim.calibration.fit import Fit, refitted
from fundsim.calibration.likelihood import probability_between
from fundsim.calibration.observations import Observations
from fundsim.severity import SeverityFamily, Spliced

Floats = npt.NDArray[np.float64]

CELLS_AN_OCTAVE: Final = 64
ENOUGH_BEYOND: Final = 10
"""Samples further off than the data after which p is known well enough (Besag and Clifford, Biometrika 78, 1991)."""


@dataclass(frozen=True)
class Distance:
    """Two distances of a fit from the data, and how often chance alone is as far off."""

    ks: float
    """Kolmogorov-Smirnov: √n times the largest difference of the distribution functions."""
    ks_p: float
    ad: float
    """Anderson-Darling: n times the mean squared difference, weighted by 1/(F(1 - F)): it looks at the ends."""
    ad_p: float
    samples: int
    """Bootstrap samples drawn: fewer than asked for where the answer was clear."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Cells between edges of equal ratio, and how many records lie in each."""

    edges: Floats
    """(k + 1,) yuan; the first is the truncation point, the last infinite."""
    counts: Floats
    """(k,)"""

    def as_observations(self, counts: Floats) -> Observations:
        """Records at the middle of each cell; by their band in the first and the last one."""
        with np.errstate(invalid="ignore"):
            middle = np.sqrt(self.edges[:-1] * self.edges[1:])
        low, high = middle.copy(), middle.copy()
        low[0], high[0], low[-1], high[-1] = self.edges[0], self.edges[1], self.edges[-2], np.inf
        each = np.ones_like(low)
        return Observations(low, high, counts, each * self.edges[0], each * np.inf)


def distance(fitted: Fit, observations: Observations, *, samples: int = 99, seed: int = 0) -> Distance:
    """Measure a fit against the data it was fitted to.

    Args:
        fitted: the fit.
        observations: exact amounts with one truncation point, and capped amounts with one cap.
        samples: bootstrap samples at most; the least p-value is 1/(samples + 1).
        seed: of the samples.

    Raises:
        FitError: several truncation points or caps, or amounts by band, which these statistics cannot take.
    """
    cells = cells_of(fitted.severity, observations)
    probabilities = _shares(fitted.model.severity(fitted.theta), cells.edges)
    seen = _statistics(cells.counts, probabilities)
    rng = np.random.default_rng(seed)
    n, beyond, drawn = round(cells.counts.sum()), np.zeros(2), 0
    for _ in range(samples):
        counts = rng.multinomial(n, probabilities / probabilities.sum()).astype(np.float64)
        again = refitted(fitted, cells.as_observations(counts))
        if again is None:
            continue
        drawn += 1
        beyond += _statistics(counts, _shares(fitted.model.severity(again.theta), cells.edges)) >= seen
        if beyond.min() >= ENOUGH_BEYOND:
            break
    if drawn < min(samples, ENOUGH_BEYOND) / 2:
        raise FitError(
            f"{fitted.name} costs: samples of the fit cannot be fitted again", "take a family with fewer parameters"
        )
    ks_p, ad_p = ((beyond + 1.0) / (drawn + 1.0)).tolist()
    return Distance(float(seen[0]), ks_p, float(seen[1]), ad_p, drawn)


def cells_of(severity: SeverityFamily, observations: Observations) -> Cells:
    """Lay cells over the data, far enough out that no sample of the fit lies beyond; a splice's threshold is an edge.

    Raises:
        FitError: see :func:`distance`.
    """
    above, exact = np.unique(observations.above), observations.is_exact
    caps = np.unique(observations.low[~exact])
    if len(above) > 1 or len(caps) > 1 or np.any(np.isfinite(observations.high[~exact])):
        why = "these records have several truncation points or caps, or are known by their band only"
        raise FitError(why, "look at the stop-loss curve and the QQ plot instead")
    start = float(above[0]) if above[0] > 0 else float(observations.low.min()) / 1.5
    far = float(severity.quantile_upper(1e-3 / observations.records * float(severity.survival(above[0]))))
    end = float(caps[0]) if len(caps) else max(far, float(observations.low.max()) * 1.01)
    inner = start * 2.0 ** (np.arange(1, int(np.log2(end / start) * CELLS_AN_OCTAVE) + 1) / CELLS_AN_OCTAVE)
    extra = [severity.natural.threshold] if isinstance(severity, Spliced) else []
    inner = np.unique(np.concatenate([inner[inner < end], extra, [end]]))
    edges = np.concatenate([above, [start] if above[0] <= 0 else [], inner[inner > start], [np.inf]])
    places = np.searchsorted(edges, observations.low, side="left") - 1
    places = np.where(exact, places, len(edges) - 2)
    counts: Floats = np.bincount(places, observations.weight, minlength=len(edges) - 1).astype(np.float64)
    return Cells(edges, counts)


def _shares(severity: SeverityFamily, edges: Floats) -> Floats:
    with np.errstate(invalid="ignore"):  # beyond the end of a tail that has one
        inside = np.nan_to_num(probability_between(severity, edges[:-1], edges[1:]))
    return np.asarray(np.maximum(inside, 0.0) / float(severity.survival(edges[0])))


def _statistics(counts: Floats, shares: Floats) -> Floats:
    """(2,) Kolmogorov-Smirnov and Anderson-Darling at the inner edges."""
    n = counts.sum()
    seen, told = np.cumsum(counts)[:-1] / n, np.clip(np.cumsum(shares)[:-1], 1e-300, 1.0 - 1e-15)
    gap = seen - told
    weight = shares[:-1] / (told * (1.0 - told))
    return np.array([np.sqrt(n) * np.max(np.abs(gap)), n * np.sum(gap**2 * weight)])
