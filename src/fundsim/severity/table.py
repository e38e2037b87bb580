"""Costs as a table of bands (分段表, 经验分布): what a report prints as "from, to, share of cases, mean"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, ValidationError, model_validator
from pydantic_core import InitErrorDetails

from fundsim.money import PPM
from fundsim.severity.bands import CostBand, OpenTail, Row, faults_of, rows_of
from fundsim.severity.base import FEN, ClosedTail, Floats, SeverityFamily


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class CostTable(SeverityFamily):
    """P(X > x) straight between the edges of the bands: within a band, costs are uniform.

    Written as ``{family: table, bands: [{to: 2000 yuan, share: 40%}, {to: 8000 yuan, share: 60%, mean: 4100 yuan}]}``,
    or with ``below``, the cumulative share, in every band. Where a band states its mean m, costs are uniform on either
    side of it, and (b - m)/(b - a) of the cases of the band (a, b] lie below: mean and share are then as stated, and
    where m is the middle this is the uniform law again. See Cowell and Mehta, *The estimation and interpolation of
    inequality measures* (Review of Economic Studies 49, 1982), the split histogram; for the rest Klugman, Panjer and
    Willmot, *Loss Models*, on grouped data (the ogive).

    A last band without ``to`` is open, and needs ``tail: {index: 0.33}``: the generalised Pareto tail above its lower
    edge, whose scale is (mean - edge)·(1 - index) where the band states its mean. Without a mean and a scale it is
    w/f(edge), with w the share of the open band: the density is then continuous at the edge.

    Up to an edge below which every band states its mean, the limited mean is that of the table's cases, however they
    lie within the bands. Without means it is off by at most half of share times width, added up over the bands below.
    """

    family: Literal["table"] = "table"
    bands: Annotated[tuple[CostBand, ...], BeforeValidator(_as_tuple)]
    """The bands, from the cheapest to the dearest, without gaps."""
    tail: OpenTail | None = None
    """Belongs to an open last band."""

    @model_validator(mode="after")
    def _well_formed(self) -> Self:
        """Refuse a table that is none, everything that is wrong with it at once."""
        faults = [InitErrorDetails(type=error, loc=at, input=None) for at, error in faults_of(self.bands, self.tail)]
        if faults:
            raise ValidationError.from_exception_data(type(self).__name__, faults)
        return self

    @property
    def natural(self) -> StraightCosts:
        """Corners of the distribution function in yuan, and the closed tail."""
        return _laid_out(self.bands, self.tail)

    def with_tail(self, index: float) -> Self:
        """The same table with another tail index; weight, edge and scale of the tail stay."""
        tail = self.natural.tail
        assert tail is not None
        stated = self.tail or OpenTail(index=tail.index)
        changed = stated.model_copy(update={"index": index, "scale": tail.scale * FEN})
        open_band = self.bands[-1].model_copy(update={"mean": None})
        return self.model_copy(update={"bands": (*self.bands[:-1], open_band), "tail": changed})

    def lowest(self) -> float:
        return float(self.natural.x[0])

    def mean(self) -> float:
        return float(self.natural.limited[-1] + self.natural.beyond[-1])

    def variance(self) -> float:
        law = self.natural
        a, b = law.x[:-1], law.x[1:]
        second = float(np.sum(law.density * (b - a) * (a**2 + a * b + b**2)) / 3.0)
        if law.tail is not None:
            u, tail = law.tail.threshold, law.tail
            second += tail.weight * (u**2 + 2.0 * u * tail.mean_excess() + tail.second_moment_of_excess())
        return second - self.mean() ** 2

    def closed_tail(self) -> ClosedTail | None:
        return self.natural.tail

    def corners(self) -> Floats:
        return self.natural.x

    def _pdf(self, x: Floats) -> Floats:
        law, (k, high) = self.natural, self._place(x)
        beyond = 0.0 if law.tail is None else law.tail.pdf(high)
        return np.where(x <= law.x[-1], law.density[k], beyond)

    def _cdf(self, x: Floats) -> Floats:
        law, (k, high) = self.natural, self._place(x)
        inside = law.below[k] + law.density[k] * (x - law.x[k])
        return np.where(x <= law.x[-1], inside, 1.0 if law.tail is None else 1.0 - law.tail.survival(high))

    def _survival(self, x: Floats) -> Floats:
        law, (k, high) = self.natural, self._place(x)
        inside = law.above[k + 1] + law.density[k] * (law.x[k + 1] - x)
        return np.where(x <= law.x[-1], inside, 0.0 if law.tail is None else law.tail.survival(high))

    def _quantile(self, u: Floats) -> Floats:
        law = self.natural
        k = np.clip(np.searchsorted(law.below, u, side="left") - 1, 0, len(law.density) - 1)
        inside = np.minimum(law.x[k] + (u - law.below[k]) / law.density[k], law.x[k + 1])
        if law.tail is None:
            return inside
        return np.where(u <= law.below[-1], inside, law.tail.quantile_upper(np.minimum(1.0 - u, law.tail.weight)))

    def _quantile_upper(self, v: Floats) -> Floats:
        law = self.natural
        k = np.clip(len(law.above) - 1 - np.searchsorted(law.above[::-1], v, side="left"), 0, len(law.density) - 1)
        inside = np.maximum(law.x[k + 1] - (v - law.above[k + 1]) / law.density[k], law.x[k])
        if law.tail is None:
            return inside
        return np.where(v >= law.above[-1], inside, law.tail.quantile_upper(np.minimum(v, law.tail.weight)))

    def _limited_mean(self, d: Floats) -> Floats:
        law, (k, high) = self.natural, self._place(d)
        reach = np.minimum(d, law.x[-1]) - law.x[k]
        inside = law.limited[k] + reach * (law.above[k] - law.density[k] * reach / 2.0)
        return np.asarray(inside if law.tail is None else inside + law.tail.weight * law.tail.limited_excess(high))

    def _stop_loss(self, d: Floats) -> Floats:
        law, (k, high) = self.natural, self._place(d)
        left = law.x[k + 1] - d
        inside = law.beyond[k + 1] + left * (law.above[k + 1] + law.density[k] * left / 2.0)
        return np.where(d <= law.x[-1], inside, 0.0 if law.tail is None else law.tail.stop_loss(high))

    def _place(self, x: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
        """The piece that ends at or above each cost, the last one for costs beyond; and costs held above the top."""
        edges = self.natural.x
        piece = np.clip(np.searchsorted(edges, x, side="left") - 1, 0, len(edges) - 2)
        return piece, np.maximum(x, edges[-1])


# -- the table as a law ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class StraightCosts:
    """A distribution that is uniform between n + 1 corners, and a closed tail beyond the last one."""

    x: Floats
    """(n + 1,) corners, yuan, rising."""
    below: Floats
    """(n + 1,) P(X <= x) there, added up from the bottom."""
    above: Floats
    """(n + 1,) P(X > x) there, added up from the top."""
    density: Floats
    """(n,) per yuan, between the corners."""
    limited: Floats
    """(n + 1,) E[min(X, x)], yuan."""
    beyond: Floats
    """(n + 1,) E[max(X - x, 0)], yuan."""
    tail: ClosedTail | None


@lru_cache(maxsize=256)
def _laid_out(bands: tuple[CostBand, ...], tail: OpenTail | None) -> StraightCosts:
    rows = rows_of(bands)
    closed = rows[:-1] if rows[-1].high is None else rows
    pieces = [piece for row in closed for piece in _pieces(row)]
    x = np.array([rows[0].low, *(high for high, _ in pieces)]) / FEN
    masses = np.array([mass for _, mass in pieces])
    weight = (rows[-1].share or 0) / PPM if rows[-1].high is None else 0.0
    width = np.diff(x)
    density = masses / width
    above = np.append(np.cumsum(masses[::-1])[::-1], 0.0) + weight
    beyond_top = None if tail is None else _tail(tail, rows[-1], weight, float(density[-1]))
    parts = width * (above[1:] + above[:-1]) / 2.0
    top = 0.0 if beyond_top is None else weight * beyond_top.mean_excess()
    return StraightCosts(
        x=x,
        below=np.append(0.0, np.cumsum(masses)),
        above=above,
        density=density,
        limited=x[0] + np.append(0.0, np.cumsum(parts)),
        beyond=np.append(np.cumsum(parts[::-1])[::-1], 0.0) + top,
        tail=beyond_top,
    )


def _pieces(row: Row) -> Iterator[tuple[int, float]]:
    """Upper end (fen) and share of all cases of each uniform piece of a closed band."""
    assert row.low is not None
    assert row.high is not None
    assert row.share is not None
    mass = row.share / PPM
    if row.mean is None or 2 * row.mean == row.low + row.high:
        yield row.high, mass
        return
    width = row.high - row.low
    yield row.mean, mass * (row.high - row.mean) / width
    yield row.high, mass * (row.mean - row.low) / width


def _tail(terms: OpenTail, row: Row, weight: float, density: float) -> ClosedTail:
    """The tail in yuan; ``density`` is that of the last closed piece."""
    assert row.low is not None
    edge = row.low / FEN
    if terms.scale is not None:
        scale = terms.scale / FEN
    elif row.mean is not None:
        scale = (row.mean / FEN - edge) * (1.0 - terms.index)
    else:
        scale = weight / density
    return ClosedTail(weight=weight, threshold=edge, scale=scale, index=terms.index)
