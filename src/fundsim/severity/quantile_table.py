"""The quantile table: the only way a cost family reaches the compiled kernel (分位数表).

A draw is a uniform 64-bit integer r, standing for the probability u = (r + 1/2)/2**64. The table gives the cost
without a search and without a logarithm: the place in the table is read from the bits of r, the cost is a cubic.

**The recipe**, for one r, all integers unsigned with 64 bits (wrapping), all else in doubles:

1. ``s = ~r`` (that is 2**64 - 1 - r), so that 1 - u = (s + 1/2)/2**64.
2. Tail: ``v = (float(s) + 0.5)·2**-64``. If ``v <= tail_weight``: with ``L = log(v/tail_weight)`` the cost is
   ``tail_threshold - tail_scale·L`` where ``tail_index == 0``, else
   ``tail_threshold + tail_scale·expm1(-tail_index·L)/tail_index``. Done. (Without a tail the weight is 0.)
3. Straight: where the table has lines, the cost is ``lines[k, 0] + lines[k, 1]·(float(r - starts[k]) + 0.5)`` with the
   last k for which ``starts[k] <= r``, found by halving. Done.
4. Half: if ``r < 2**63``: half 0 and ``q = r`` (the cheap half), else half 1 and ``q = s`` (the dear half).
   Now p = (q + 1/2)/2**64 < 1/2 is the probability from the nearer end.
5. Octave: ``n = 2·q + 1`` (so p = n/2**65, exactly), ``z = leading zeros of n``, 0 to 63:
   2**-(z+2) <= p < 2**-(z+1).
6. Cell: ``f = (n << z) << 1`` (what follows the leading one), ``j = f >> (64 - bits)``.
7. Place in the cell: ``t = float((f << bits) >> 11)·2**-53``, 0 <= t < 1, growing with p.
8. Cost: ``c = coefficients[half, z, j]``; ``((c[3]·t + c[2])·t + c[1])·t + c[0]``, yuan.

A distribution of uniform pieces has a corner at every edge, which no cubic can follow: it comes as straight lines of
its own (step 3), each over its own stretch of integers, so that corners lie where they are, to 2**-64.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np

from fundsim.severity.base import FEN, ClosedTail, Floats, SeverityFamily
from fundsim.severity.straight_lines import Integers, limited_on_lines, on_lines, straight_lines

OCTAVES: Final = 64
"""Octaves of probability in each half: p from 1/2 down to 2**-65, the least that a 64-bit integer can mean."""
BITS: Final = 5
"""Cells in an octave are 2**BITS. Measured over lognormal, gamma, Weibull and log-logistic costs with cv 0.05 to 5, and
splices: limited means within 6e-11, costs themselves within 5e-8 (1e-6 for gamma with cv 3, where they are next to
nothing), 128 KiB. One bit fewer multiplies the errors by about 16 to 40, one bit more divides them by as much."""
TOLERANCE: Final = 1e-8
"""Largest relative error of E[min(X, d)] by the table."""


class QuantileTableError(ArithmeticError):
    """A family that the table cannot hold to the promised accuracy."""


@dataclass(frozen=True)
class QuantileTable:
    """A severity in the form the kernel executes, yuan; the module's docstring has the recipe."""

    coefficients: Floats
    """Cubics in t, shape (2, 64, 2**bits, 4), C-contiguous, read-only; zero where only the tail is used."""
    tail_weight: float
    """Zero where there is no closed tail; one where there is nothing else."""
    tail_threshold: float
    tail_scale: float
    tail_index: float
    starts: Integers = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))
    """(n,) the first integer of each straight line, from 0 on; none where the cubics are meant."""
    lines: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    """(n, 2) cost there, yuan, and yuan for each integer."""

    @classmethod
    def build(cls, severity: SeverityFamily, bits: int = BITS) -> Self:
        """Tabulate ``severity`` with 2**bits cells in an octave, and check the result against its closed form.

        Raises:
            QuantileTableError: E[min(X, d)] is off by more than 1e-8 relative at some d.
        """
        tail = severity.closed_tail() or ClosedTail(weight=0.0, threshold=0.0, scale=1.0, index=0.0)
        starts, lines = straight_lines(severity)
        covered = tail.weight if not len(starts) else 1.0
        coefficients = np.stack([_cubics(severity, half, covered, bits) for half in (0, 1)])
        coefficients.flags.writeable = False
        table = cls(coefficients, tail.weight, tail.threshold, tail.scale, tail.index, starts, lines)
        table._check(severity)
        return table

    @property
    def bits(self) -> int:
        """Binary logarithm of the number of cells in an octave."""
        return _bits(self.coefficients)

    @property
    def tail(self) -> ClosedTail:
        """The closed tail; of weight zero where there is none."""
        return ClosedTail(self.tail_weight, self.tail_threshold, self.tail_scale, self.tail_index)

    def evaluate(self, r: Integers) -> Floats:
        """The cost, yuan, for each uniform 64-bit integer: the recipe, step by step over an array."""
        s = ~r
        v = (s.astype(np.float64) + 0.5) * 2.0**-64
        body = on_lines(self.starts, self.lines, r) if len(self.starts) else self._in_cells(r, s)
        if self.tail_weight == 0.0:
            return np.asarray(body)
        return np.where(v <= self.tail_weight, self.tail.quantile_upper(np.minimum(v, self.tail_weight)), body)

    def _in_cells(self, r: Integers, s: Integers) -> Floats:
        """Steps 4 to 8 of the recipe."""
        upper = r >= np.uint64(1 << 63)
        n = (np.where(upper, s, r) << np.uint64(1)) | np.uint64(1)
        zeros = _leading_zeros(n)
        fraction = (n << zeros) << np.uint64(1)
        cell = fraction >> np.uint64(64 - self.bits)
        t = ((fraction << np.uint64(self.bits)) >> np.uint64(11)).astype(np.float64) * 2.0**-53
        c = self.coefficients[upper.astype(np.intp), zeros.astype(np.intp), cell.astype(np.intp)]
        return np.asarray(((c[..., 3] * t + c[..., 2]) * t + c[..., 1]) * t + c[..., 0])

    def limited_mean(self, d: float) -> float:
        """E[min(X, d)] of what the table draws, yuan: by quadrature in every cell or on every line, plus the tail."""
        if len(self.starts):
            body = limited_on_lines(self.starts, self.lines, self.tail_weight, d)
        else:
            cheap, dear = (_limited_integral(self.coefficients[half], half, self.tail_weight, d) for half in (0, 1))
            body = cheap + dear
        if self.tail_weight == 0.0:
            return body
        low, high = min(d, self.tail_threshold), max(d, self.tail_threshold)
        return body + self.tail_weight * (low + float(self.tail.limited_excess(np.asarray(high))))

    def _check(self, severity: SeverityFamily) -> None:
        ladder = _ladder(severity, self.tail)
        for d, exact in zip(ladder, severity.limited_mean(ladder).tolist(), strict=True):
            drawn = self.limited_mean(d)
            if not abs(drawn - exact) <= TOLERANCE * exact:
                raise QuantileTableError(
                    f"the quantile table of {severity!r} draws E[min(X, d)] = {drawn:.12g} yuan at d = {d:.6g} yuan, "
                    f"its closed form is {exact:.12g}: off by {drawn / exact - 1:.1e}, more than {TOLERANCE:g}; "
                    "use more bits, or parameters that are less extreme"
                )


def _bits(coefficients: Floats) -> int:
    cells: int = coefficients.shape[-2]
    return cells.bit_length() - 1


def _leading_zeros(n: Integers) -> Integers:
    zeros = np.zeros_like(n)
    shifted = n.copy()
    for step in (32, 16, 8, 4, 2, 1):
        empty = shifted < np.uint64(1 << (64 - step))
        zeros += np.where(empty, np.uint64(step), np.uint64(0))
        shifted = np.where(empty, shifted << np.uint64(step), shifted)
    return zeros


def _cells(bits: int) -> tuple[Floats, Floats]:
    """Lower end and width in p of every cell, shape (octaves, cells); both exact."""
    lowest = np.ldexp(1.0, -2 - np.arange(OCTAVES))[:, None]
    width = np.broadcast_to(lowest / 2**bits, (OCTAVES, 2**bits))
    return lowest + width * np.arange(2**bits), width


def _clean(low: Floats, width: Floats, half: int, weight: float) -> tuple[Floats, Floats]:
    """The part [start, end] of each cell, in t, that the closed tail leaves to the table; 0, 0 if none."""
    cut = np.clip(((weight if half else 1.0 - weight) - low) / width, 0.0, 1.0)
    start, end = (cut, np.ones_like(cut)) if half else (np.zeros_like(cut), cut)
    used = end > start
    return np.where(used, start, 0.0), np.where(used, end, 0.0)


_LOBATTO: Final = np.array([0.0, (1.0 - 0.2**0.5) / 2.0, (1.0 + 0.2**0.5) / 2.0, 1.0])
"""Gauss-Lobatto points of [0, 1]: a cubic through them has the right ends, and the mean right to degree five."""
_TO_MONOMIALS: Final = np.linalg.inv(np.vander(_LOBATTO, increasing=True))
_NARROW: Final = 1e-3
"""A straight line serves where the tail leaves less of a cell than this."""


def _cubics(severity: SeverityFamily, half: int, weight: float, bits: int) -> Floats:
    """Coefficients in t of one half: cubic interpolation of the quantile at the Gauss-Lobatto points.

    A cell that the tail shares is fitted on its own part alone, and expressed in t of the whole cell.
    """
    low, width = _cells(bits)
    start, end = _clean(low, width, half, weight)
    used = end > start
    result = np.zeros((*low.shape, 4))
    if not used.any():
        return result
    start, span = start[used], (end - start)[used]
    t = start[:, None] + span[:, None] * _LOBATTO
    p = low[used][:, None] + width[used][:, None] * t
    x = severity.quantile_upper(p) if half else severity.quantile(p)
    a = x @ _TO_MONOMIALS.T
    straight = np.column_stack([x[:, 0], x[:, 3] - x[:, 0], np.zeros((len(x), 2))])
    result[used] = _shifted(np.where((span < _NARROW)[:, None], straight, a), start, span)
    return result


def _shifted(a: Floats, start: Floats, span: Floats) -> Floats:
    """Coefficients in t of the cubic with coefficients ``a`` in (t - start)/span."""
    g, h = 1.0 / span, -start / span
    a0, a1, a2, a3 = a.T
    return np.column_stack(
        [
            a0 + h * (a1 + h * (a2 + h * a3)),
            g * (a1 + h * (2.0 * a2 + h * 3.0 * a3)),
            g**2 * (a2 + h * 3.0 * a3),
            g**3 * a3,
        ]
    )


def _ladder(severity: SeverityFamily, tail: ClosedTail) -> list[float]:
    """The limits at which a table is checked: from the 1% quantile to the 99.999%, about the splice and all corners.

    Limits below a fen are left out: nothing is settled there.
    """
    upper = np.array([0.99, 0.9, 0.5, 0.1, 1e-2, 1e-3, 1e-5])
    about = np.array([0.9, 0.999, 1.0, 1.001, 1.1]) * tail.threshold if tail.weight > 0.0 else np.array([])
    corners = severity.corners()
    edges = np.array([]) if corners is None else np.outer(corners, [0.999, 1.0, 1.001]).ravel()
    return [float(d) for d in np.concatenate([severity.quantile_upper(upper), about, edges]) if d * FEN >= 1.0]


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)


def _limited_integral(cubics: Floats, half: int, weight: float, d: float) -> float:
    """∫ min(x(p), d) dp over what the table covers of one half, with the integral split where x crosses d."""
    low, width = _cells(_bits(cubics))
    start, end = _clean(low, width, half, weight)
    kink = _crossing(cubics, start, end, d)
    pieces = _integral(cubics, start, kink, d) + _integral(cubics, kink, end, d)
    return float(np.sum(width * pieces))


def _integral(cubics: Floats, start: Floats, end: Floats, d: float) -> Floats:
    """∫ min(x(t), d) dt from ``start`` to ``end`` by Gauss-Legendre in every cell."""
    half_span = (end - start)[..., None] / 2.0
    t = (start + end)[..., None] / 2.0 + half_span * _NODES
    return np.asarray(np.sum(half_span * _WEIGHTS * np.minimum(_values(cubics[..., None, :], t), d), axis=-1))


def _crossing(cubics: Floats, start: Floats, end: Floats, d: float) -> Floats:
    """The t in each cell where x crosses ``d``; ``start`` where it does not."""
    from_above, to_above = _values(cubics, start) > d, _values(cubics, end) > d
    crossed = from_above != to_above
    low, high, inner, after = start[crossed], end[crossed], cubics[crossed], to_above[crossed]
    for _ in range(50):
        middle = (low + high) / 2.0
        beyond = (_values(inner, middle) > d) == after
        low, high = np.where(beyond, low, middle), np.where(beyond, middle, high)
    result = start.copy()
    result[crossed] = high
    return result


def _values(cubics: Floats, t: Floats) -> Floats:
    return np.asarray(((cubics[..., 3] * t + cubics[..., 2]) * t + cubics[..., 1]) * t + cubics[..., 0])
