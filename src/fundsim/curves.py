"""Payout curves (分段支付曲线): continuous, piecewise linear, exact in integers.

A curve F maps an accumulated base (fen) to what is due on it. Slopes are rates in ppm, so F is exact in
fen x ppm; a bill that moves the accumulator from a to b is due F(b) - F(a), rounded once.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from fundsim.money import format_rate, format_yuan


@dataclass(frozen=True)
class Slice:
    """The part of a base between two points that one slope of a curve applies to."""

    start: int
    """Fen on the accumulated base."""
    end: int
    rate: int
    """Ppm."""

    @property
    def width(self) -> int:
        return self.end - self.start

    @property
    def due(self) -> int:
        """Fen x ppm: exact, not yet rounded."""
        return self.width * self.rate

    def __str__(self) -> str:
        return f"{format_yuan(self.start)}-{format_yuan(self.end)} at {format_rate(self.rate)}"


@dataclass(frozen=True)
class PayoutCurve:
    """Continuous piecewise-linear curve through (0, 0): slope ``rates[i]`` from ``knots[i]`` on.

    ``knots`` (fen) begin with 0 and increase strictly; ``rates`` (ppm) are not negative, so a curve never falls.
    """

    knots: tuple[int, ...]
    rates: tuple[int, ...]

    def __post_init__(self) -> None:
        if len(self.knots) != len(self.rates) or not self.knots or self.knots[0] != 0:
            raise ValueError("a payout curve needs one rate per knot and its first knot at 0")
        if any(left >= right for left, right in pairwise(self.knots)):
            raise ValueError(f"the knots of a payout curve must increase: {self.knots}")
        if min(self.rates) < 0:
            raise ValueError(f"a payout curve cannot fall: {self.rates}")

    @classmethod
    def through(cls, pieces: list[tuple[int, int]]) -> PayoutCurve:
        """Build from (knot, rate) pieces, merging neighbours of the same rate."""
        kept = [piece for i, piece in enumerate(pieces) if i == 0 or piece[1] != pieces[i - 1][1]]
        return cls(tuple(knot for knot, _ in kept), tuple(rate for _, rate in kept))

    def value(self, base: int) -> int:
        """F(base) in fen x ppm: the sum over knots of what lies above each, times the change of slope there."""
        return sum(max(base - knot, 0) * weight for knot, weight in zip(self.knots, self.weights, strict=True))

    @property
    def weights(self) -> tuple[int, ...]:
        """Change of slope at each knot, ppm: the form the compiled kernel evaluates without branches."""
        return (self.rates[0], *(after - before for before, after in pairwise(self.rates)))

    def slices(self, before: int, after: int) -> tuple[Slice, ...]:
        """The slices of the step from ``before`` to ``after``; their dues add up to F(after) - F(before)."""
        ends = (*self.knots[1:], max(after, self.knots[-1]))
        pieces = zip(self.knots, ends, self.rates, strict=True)
        cut = (Slice(max(start, before), min(end, after), rate) for start, end, rate in pieces)
        return tuple(piece for piece in cut if piece.width > 0)
