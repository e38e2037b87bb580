"""Spliced costs (拼接分布): a body for ordinary bills and a generalised Pareto tail for the very dear ones."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import field_validator, model_validator

from fundsim.money import PPM
from fundsim.severity.base import FEN, ClosedTail, Floats, PositiveMoney, SeverityFamily, TailIndex
from fundsim.terms import Rate, Terms, problem

if TYPE_CHECKING:
    from fundsim.severity import Severity


class Tail(Terms):
    """The generalised Pareto tail (广义帕累托尾部) above a threshold."""

    above: PositiveMoney
    """The threshold: a dearer case belongs to the tail."""
    index: TailIndex
    """Tail index ξ of the excess over the threshold."""
    weight: Rate | None = None
    """Share of all cases above the threshold; the body's own where not given."""
    scale: PositiveMoney | None = None
    """Scale of the excess; where not given, the one that makes the density continuous at the threshold."""

    @field_validator("weight")
    @classmethod
    def _neither_nothing_nor_all(cls, weight: int | None) -> int | None:
        if weight in (0, PPM):
            raise problem(
                "tail_weight",
                "a tail with none or all of the cases is no splice",
                "write the share of cases above the threshold, or use family generalised-pareto alone",
            )
        return weight


class Spliced(SeverityFamily):
    """Body up to the threshold u with weight 1 - w, generalised Pareto tail beyond it with weight w.

    Written as ``{family: spliced, body: {family: lognormal, ...}, tail: {above: 80000 yuan, index: 0.33}}``. The
    body B is conditioned on B <= u: f(x) = (1 - w)·f_B(x)/F_B(u) for x <= u. Left out, ``tail.weight`` is the
    body's own survival S_B(u), and ``tail.scale`` is w·F_B(u)/((1 - w)·f_B(u)), which makes f continuous at u (with
    the default weight: S_B(u)/f_B(u)). See Klugman, Panjer and Willmot, *Loss Models*, section 5.2.6 (splicing).
    """

    family: Literal["spliced"] = "spliced"
    body: Severity
    """Any family but another splice."""
    tail: Tail

    @field_validator("body")
    @classmethod
    def _one_splice(cls, body: SeverityFamily) -> SeverityFamily:
        if isinstance(body, cls):
            raise problem(
                "splice_of_splice", "the body is itself spliced", "write a body of one family, and one tail above it"
            )
        if body.corners() is not None and body.closed_tail() is not None:
            instead = "leave the table as it is, with its own tail, or close its last band and splice"
            raise problem("splice_of_splice", "the body is a table with a tail of its own", instead)
        return body

    @model_validator(mode="after")
    def _threshold_within_the_body(self) -> Self:
        below, above = self._body_below, float(self.body.survival(self._threshold))
        if below <= 0 or (self.tail.weight is None and above <= 0):
            side = "above" if below <= 0 else "below"
            raise problem(
                "splice_threshold",
                f"the whole body lies {side} the threshold of {self._threshold:,.2f} yuan",
                "write a threshold inside the range of the body, such as its 95% quantile",
            )
        if self.tail.scale is None and self.body.pdf(self._threshold) <= 0:
            raise problem(
                "splice_scale",
                f"the body has no density at {self._threshold:,.2f} yuan to continue",
                "lower the threshold, or give the tail its scale",
            )
        return self

    @property
    def _threshold(self) -> float:
        return self.tail.above / FEN

    @property
    def _body_below(self) -> float:
        return float(self.body.cdf(self._threshold))

    @property
    def natural(self) -> ClosedTail:
        """The tail in yuan, with weight and scale filled in."""
        return _filled(self)

    @property
    def lift(self) -> float:
        """(1 - w)/F_B(u): by how much the body's density is raised; 1 with the default weight."""
        return 1.0 if self.tail.weight is None else (1.0 - self.natural.weight) / self._body_below

    def lowest(self) -> float:
        return self.body.lowest()

    def mean(self) -> float:
        u, weight = self.natural.threshold, self.natural.weight
        return float(self._body_limited(np.asarray(u))) + weight * (u + self.natural.mean_excess())

    def variance(self) -> float:
        u, weight = self.natural.threshold, self.natural.weight
        of_tail = u**2 + 2.0 * u * self.natural.mean_excess() + self.natural.second_moment_of_excess()
        return self.lift * _second_moment_below(self.body, u) + weight * of_tail - self.mean() ** 2

    def closed_tail(self) -> ClosedTail:
        return self.natural

    def corners(self) -> Floats | None:
        corners, u = self.body.corners(), self.natural.threshold
        return None if corners is None else np.append(corners[corners < u], u)

    def _pdf(self, x: Floats) -> Floats:
        low, high = self._sides(x)
        return np.where(x <= self.natural.threshold, self.lift * self.body.pdf(low), self.natural.pdf(high))

    def _cdf(self, x: Floats) -> Floats:
        low, high = self._sides(x)
        in_tail = 1.0 - self.natural.survival(high)
        return np.where(x <= self.natural.threshold, self.lift * self.body.cdf(low), in_tail)

    def _survival(self, x: Floats) -> Floats:
        low, high = self._sides(x)
        between = self.lift * (self.body.survival(low) - self.body.survival(self.natural.threshold))
        in_body = self.natural.weight + between
        return np.where(x <= self.natural.threshold, in_body, self.natural.survival(high))

    def _quantile(self, u: Floats) -> Floats:
        share = np.minimum(u / self.lift, self._body_below)
        tail = self.natural.quantile_upper(np.minimum(1.0 - u, self.natural.weight))
        return np.where(1.0 - u > self.natural.weight, self.body.quantile(share), tail)

    def _quantile_upper(self, v: Floats) -> Floats:
        excess = np.maximum(v - self.natural.weight, 0.0)
        beyond = np.minimum(self.body.survival(self.natural.threshold) + excess / self.lift, 1.0)
        tail = self.natural.quantile_upper(np.minimum(v, self.natural.weight))
        return np.where(excess > 0.0, self.body.quantile_upper(beyond), tail)

    def _limited_mean(self, d: Floats) -> Floats:
        low, high = self._sides(d)
        tail = self.natural.weight * (low + self.natural.limited_excess(high))
        return self._body_limited(low) + tail

    def _stop_loss(self, d: Floats) -> Floats:
        low, high = self._sides(d)
        u, weight = self.natural.threshold, self.natural.weight
        between = self.body.stop_loss(low) - self.body.stop_loss(u) - (u - low) * self.body.survival(u)
        return self.lift * between + weight * (u - low) + self.natural.stop_loss(high)

    def _sides(self, x: Floats) -> tuple[Floats, Floats]:
        """``x`` held at or below, and at or above the threshold."""
        return np.minimum(x, self.natural.threshold), np.maximum(x, self.natural.threshold)

    def _body_limited(self, d: Floats) -> Floats:
        """E[min(X, d); X <= u] for d <= u."""
        beyond = self.body.survival(self.natural.threshold)
        return np.asarray(self.lift * (self.body.limited_mean(d) - d * beyond))


@lru_cache(maxsize=256)
def _filled(spliced: Spliced) -> ClosedTail:
    tail, body, u = spliced.tail, spliced.body, spliced.tail.above / FEN
    weight = float(body.survival(u)) if tail.weight is None else tail.weight / PPM
    if tail.scale is not None:
        scale = tail.scale / FEN
    else:
        scale = weight * float(body.cdf(u)) / ((1.0 - weight) * float(body.pdf(u)))
    return ClosedTail(weight=weight, threshold=u, scale=scale, index=tail.index)


def _second_moment_below(body: SeverityFamily, u: float) -> float:
    """E[B²; B <= u] = low²·P(B <= u) + ∫ 2x·(S(x) - S(u)) dx from the body's lowest value to u.

    Sixteen Gauss-Legendre nodes in each of 60 panels that halve towards the lower end, and end at corners of the body:
    exact to about 1e-13.
    """
    low, corners = body.lowest(), body.corners()
    edges = low + (u - low) * np.append(0.5 ** np.arange(60.0), 0.0)
    if corners is not None:
        edges = np.union1d(edges, corners[corners < u])[::-1]
    nodes, weights = np.polynomial.legendre.leggauss(16)
    half_width = (edges[:-1] - edges[1:])[:, None] / 2.0
    x = (edges[:-1] + edges[1:])[:, None] / 2.0 + half_width * nodes
    integral = np.sum(half_width * weights * 2.0 * x * (body.survival(x) - body.survival(u)))
    return float(low**2 * body.cdf(u) + integral)
