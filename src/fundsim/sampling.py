"""Two streams of persons (两类人群): the relevant, who have a bill worth looking at, and the rest (分层抽样).

A person with k admissions is *relevant* if one of them lies at or above the floor that the claims model states for its
care level and k; everybody else with an admission is of the rest. Given what a replication shares, persons are
independent, so that the relevant are a binomial number of the insured, and each is drawn from the law of a person given
that he is relevant: how many admissions, which of them is the first at or above its floor, and the cost of each given
on which side of the floor it lies. Nothing is lost and nothing is approximated: with both streams the law of every
person is that of drawing everybody one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import special

from fundsim.frequency import WORD

Words = npt.NDArray[np.uint64]
Floats = npt.NDArray[np.float64]
Int64s = npt.NDArray[np.int64]

RELEVANT, REST = 0, 1
"""The streams, as the kernel numbers them."""
STREAMS: Final = ("relevant", "rest")
GUIDES: Final = 64
"""Parts of all words for which it is known where the search for a cell begins; the kernel knows the number, too."""
ANY, BELOW, ABOVE = 0, 1, 2
"""What is known of an admission: nothing, that it lies below its floor, or that it does not."""


@dataclass(frozen=True, eq=False)
class Laws:
    """The laws by which the persons of both streams are drawn, as thresholds of uniform 32-bit words.

    Axes: v replication (or 1 for all), g group, s stream, t count, f number of admissions with floors (the last for all
    more), i admission, m what is known of it, c cell. A word w means the number of thresholds <= w.
    """

    shares: Floats
    """(s, v, g) probability that an insured is relevant; and that one who is not has an admission."""
    counts: Words
    """(s, v, g, t) number of admissions of a person of the stream: at least one."""
    firsts: Words
    """(v, g, f, i) which admission of a relevant person is the first at or above its floor."""
    cells: Words
    """(v, g, f, m, c) the cell of an admission."""
    guide: Int64s
    """(v, g, f, m, 64) the cell of the least word of each sixty-fourth of all words, from where a search goes on."""
    floors: Words
    """(v, g, f, c) the high word of its cost from which an admission lies at or above its floor; up to 2**32."""

    @classmethod
    def build(cls, counts: Words, probabilities: Floats, floors: Words) -> Laws:
        """Condition the law of a person on the stream.

        Args:
            counts: (v, g, t) thresholds of the number of admissions of any insured.
            probabilities: (v, c) share of each cell.
            floors: (v, g, f, c), the last of f being zero: with more admissions than floors everybody is relevant.
        """
        pmf = np.diff(counts.astype(np.float64), axis=2, prepend=0.0) / WORD
        part_below = floors / WORD
        mixed = np.broadcast_to(probabilities[:, None, None, :], floors.shape)
        hit = np.clip((mixed * (1.0 - part_below)).sum(axis=3), 0.0, 1.0)
        hit[:, :, -1] = 1.0
        k = np.arange(pmf.shape[2])
        of_k = hit[:, :, np.minimum(np.maximum(k, 1), hit.shape[2]) - 1]
        missed = _power(1.0 - of_k, k)
        relevant, rest = pmf * (1.0 - missed), pmf * missed
        rest[:, :, 0] = 0.0
        share = np.minimum(relevant.sum(axis=2), 1.0)
        others = np.clip(rest.sum(axis=2) / np.maximum(1.0 - share, np.finfo(float).tiny), 0.0, 1.0)
        known = np.stack([mixed, mixed * part_below, mixed * (1.0 - part_below)], axis=3)
        cells = _thresholds(known)
        starts = np.arange(GUIDES, dtype=np.uint64) * np.uint64(WORD // GUIDES)
        return cls(
            shares=np.stack([share, others]),
            counts=np.stack([_thresholds(relevant), _thresholds(rest)]),
            firsts=_firsts(hit),
            cells=cells,
            guide=np.sum([cells[..., c, None] <= starts for c in range(cells.shape[-1])], axis=0, dtype=np.int64),
            floors=floors,
        )

    def numbers(self, persons: Int64s, uniforms: Floats, *, full: bool) -> Int64s:
        """(s, r, g) persons of each stream among ``persons`` (v, g), by ``uniforms`` (s, r, g); not full: the first."""
        relevant = binomial(uniforms[0], persons, self.shares[0])
        if not full:
            return relevant[None]
        return np.stack([relevant, binomial(uniforms[1], persons - relevant, self.shares[1])])


def _power(base: Floats, exponent: Int64s) -> Floats:
    """base**exponent, element by element; 1 where the exponent is 0."""
    return np.asarray(np.where(exponent == 0, 1.0, base**exponent))


def _firsts(hit: Floats) -> Words:
    """(v, g, f, i) thresholds of a geometric law cut off at as many admissions as there are."""
    floored = max(hit.shape[2] - 1, 1)
    i = np.arange(floored)
    law = hit[..., None] * _power(1.0 - hit[..., None], i)
    for f in range(floored):  # a person with f + 1 admissions
        law[:, :, f, f + 1 :] = 0.0
    return _thresholds(law)


def _thresholds(weights: Floats) -> Words:
    """Thresholds of a law in proportion to ``weights`` (..., n): cumulated, 2**32 from the last of any weight on.

    A law without any weight, of which nothing is ever drawn, is always its first value.
    """
    below = np.cumsum(weights, axis=-1)
    total = below[..., -1:]
    below = np.where(total > 0.0, below / np.where(total > 0.0, total, 1.0), 1.0)
    last = weights.shape[-1] - 1 - np.argmax(np.flip(weights, axis=-1) > 0.0, axis=-1)
    done = np.arange(weights.shape[-1]) >= last[..., None]
    thresholds: Words = np.where(done, WORD, np.rint(np.minimum(below, 1.0) * WORD)).astype(np.uint64)
    return thresholds


def binomial(u: Floats, n: Int64s, p: Floats) -> Int64s:
    """The least m with P(X <= m) >= u for X binomial (n, p), element by element over arrays that broadcast together.

    SciPy's inverse is the guess, its incomplete beta function (Boost's) the judge: the guess alone is off by one here
    and there for millions of persons.
    """
    u, n, p = np.broadcast_arrays(u, n, p)
    found = np.where(p >= 1.0, n, 0)
    drawn = (n > 0) & (p > 0.0) & (p < 1.0)
    found[drawn] = _inverse(u[drawn], n[drawn], p[drawn])
    return found


def _inverse(u: Floats, n: Int64s, p: Floats) -> Int64s:
    guess = np.nan_to_num(np.ceil(special.bdtrik(u, n.astype(np.float64), p)))
    m: Int64s = np.clip(guess, 0, n).astype(np.int64)
    while (low := _cdf(m, n, p) < u).any():
        m[low] += 1
    while (high := _cdf(m - 1, n, p) >= u).any():
        m[high] -= 1
    return m


def _cdf(m: Int64s, n: Int64s, p: Floats) -> Floats:
    """P(X <= m); 0 below zero and 1 from n on."""
    inside = (m >= 0) & (m < n)
    k = np.where(inside, m, 0)
    value: Any = special.betainc(np.maximum(n - k, 1), k + 1.0, 1.0 - p)
    return np.asarray(np.where(inside, value, np.where(m < 0, 0.0, 1.0)))
