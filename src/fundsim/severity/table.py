"""Costs as a table of bands (分段表, 经验分布): what a report prints as "from, to, share of cases, mean"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Literal, Self

import numpy as np
import numpy.typing as npt
from pydantic import BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from fundsim.money import PPM, format_rate, format_yuan
from fundsim.severity.base import FEN, ClosedTail, Floats, PositiveMoney, SeverityFamily, TailIndex
from fundsim.terms import Money, Rate, Terms, problem


class CostBand(Terms):
    """One row of the table: the cases that cost more than ``from`` and at most ``to``."""

    start: Money | None = Field(default=None, alias="from")
    """Lower edge, fen: the end of the band before where it is not written, and zero in the first band."""
    to: PositiveMoney | None = None
    """Upper edge, fen; the last band may be open."""
    share: Rate | None = None
    """Share of all cases in the band, ppm."""
    below: Rate | None = None
    """In place of shares: the share of all cases up to ``to``, ppm (累计占比)."""
    mean: PositiveMoney | None = None
    """Mean cost of the band's cases (段内次均费用), fen."""


class OpenTail(Terms):
    """How costs lie in the open last band: the excess over its lower edge is generalised Pareto (广义帕累托)."""

    index: TailIndex
    """Tail index ξ of the excess."""
    scale: PositiveMoney | None = None
    """Scale of the excess; where not given, from the band's mean, or else the one that makes the density continuous."""


@dataclass(frozen=True)
class _Row:
    """A band as it lies in the table; what is not known because it is wrong, or open, is None."""

    low: int | None
    high: int | None
    share: int | None
    mean: int | None


Fault = tuple[tuple[str | int, ...], PydanticCustomError]
"""Where something is wrong, from the table down, and what."""


def _as_tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class CostTable(SeverityFamily):
    """P(X > x) straight between the edges of the bands: within a band, costs are uniform.

    Written as ``{family: table, bands: [{to: 2000 yuan, share: 40%}, {to: 8000 yuan, share: 60%, mean: 4100 yuan}]}``,
    or with ``below``, the cumulative share, in every band. Where a band states its mean m, costs are uniform on either
    side of it, and (b - m)/(b - a) of the band's cases (a, b] lie below: mean and share are then those of the table, and
    without skew this is the uniform law again. See Cowell and Mehta, *The estimation and interpolation of inequality
    measures* (Review of Economic Studies 49, 1982), the split histogram; for the rest Klugman, Panjer and Willmot,
    *Loss Models*, section on grouped data (the ogive).

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
        faults = [InitErrorDetails(type=error, loc=at, input=None) for at, error in _faults(self.bands, self.tail)]
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
        changed = OpenTail.model_construct(index=index, scale=tail.scale * FEN)
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
        return inside if law.tail is None else inside + law.tail.weight * law.tail.limited_excess(high)

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
    rows = _rows(bands)
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


def _pieces(row: _Row) -> Iterator[tuple[int, float]]:
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


def _tail(terms: OpenTail, row: _Row, weight: float, density: float) -> ClosedTail:
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


# -- what a table must be --------------------------------------------------------------------------------------------


def _rows(bands: Sequence[CostBand]) -> list[_Row]:
    """The bands with their lower edges and shares filled in, as far as they are known."""
    before = [0, *(band.to for band in bands[:-1])]
    told = [0, *(band.below for band in bands)]
    return [
        _Row(
            low=band.start if band.start is not None else before[place],
            high=band.to,
            share=band.share if band.below is None else _difference(told[place], band.below),
            mean=band.mean,
        )
        for place, band in enumerate(bands)
    ]


def _difference(before: int | None, here: int) -> int | None:
    return None if before is None else here - before


def _faults(bands: tuple[CostBand, ...], tail: OpenTail | None) -> Iterator[Fault]:
    """Everything that is wrong with a table."""
    if not bands:
        instead = "write at least one band, such as {to: 2000 yuan, share: 100%}"
        yield ("bands",), problem("bands", "the table has no band", instead)
        return
    rows = _rows(bands)
    yield from _faults_of_edges(bands, rows)
    yield from _faults_of_shares(bands) if any(band.below is None for band in bands) else _faults_below(bands)
    yield from _faults_of_means(rows)
    yield from _faults_of_top(rows, tail)


def _faults_of_edges(bands: Sequence[CostBand], rows: Sequence[_Row]) -> Iterator[Fault]:
    for place, (band, row) in enumerate(zip(bands, rows, strict=True)):
        if band.to is None and place < len(bands) - 1:
            instead = "write its upper edge, such as {to: 20000 yuan, ...}"
            yield ("bands", place), problem("open_band", f"band {place + 1} is open, but bands follow it", instead)
        end = bands[place - 1].to if place else None
        if end is not None and band.start is not None and band.start != end:
            what = "leaves a gap above" if band.start > end else "overlaps"
            why = (
                f"band {place + 1} begins at {_yuan(band.start)}: it {what} the one before, which ends at {_yuan(end)}"
            )
            instead = f"write {_yuan(end)}, or leave 'from' out, and add a band for what lies between"
            yield ("bands", place, "from"), problem("edges", why, instead)
        elif row.low is not None and row.high is not None and row.high <= row.low:
            why = f"amounts do not rise: band {place + 1} runs from {_yuan(row.low)} to {_yuan(row.high)}"
            yield ("bands", place, "to"), problem("edges", why, "write upper edges that rise from band to band")


def _faults_of_shares(bands: Sequence[CostBand]) -> Iterator[Fault]:
    whole = True
    for place, band in enumerate(bands):
        if band.share is None or band.below is not None:
            whole = False
            stated = "both 'share' and 'below'" if band.share is not None else "no 'share'"
            stated = "'below', where another band does not" if band.share is None and band.below is not None else stated
            instead = (
                "write 'share', the part of all cases, in every band, or 'below', the cumulative part, in every band"
            )
            yield ("bands", place), problem("shares", f"band {place + 1} states {stated}", instead)
        elif band.share == 0:
            yield ("bands", place, "share"), _nobody(place, "has no case")
    total = sum(band.share or 0 for band in bands)
    if whole and total != PPM:
        why = f"the shares add up to {format_rate(total)}, not to 100%"
        instead = f"find the missing {format_rate(PPM - total)}" if total < PPM else "let them add up to 100%"
        instead += "; where rounding is the reason, give it to the largest band, and say so in a 'note'"
        yield ("bands",), problem("shares", why, instead)


def _faults_below(bands: Sequence[CostBand]) -> Iterator[Fault]:
    told = [band.below or 0 for band in bands]
    for place, (before, here) in enumerate(pairwise([0, *told])):
        if bands[place].share is not None:
            instead = "keep one of the two, the same in every band"
            yield ("bands", place), problem("shares", f"band {place + 1} states both 'share' and 'below'", instead)
        elif here <= before:
            why = f"probabilities do not rise: from {format_rate(before)} to {format_rate(here)}"
            yield ("bands", place, "below"), _nobody(place, f"has no case; {why}")
    if told[-1] != PPM:
        why = f"the table ends at {format_rate(told[-1])} of the cases, not at 100%"
        instead = "write 100% in the last band, or add an open band {below: 100%} and a tail"
        yield ("bands", len(bands) - 1, "below"), problem("shares", why, instead)


def _nobody(place: int, why: str) -> PydanticCustomError:
    return problem("empty_band", f"band {place + 1} {why}", "join the band with the one above or below it")


def _faults_of_means(rows: Sequence[_Row]) -> Iterator[Fault]:
    for place, row in enumerate(rows):
        if row.mean is None or row.low is None or (row.high is not None and row.high <= row.low):
            continue
        if row.mean <= row.low or (row.high is not None and row.mean >= row.high):
            band = f"{_yuan(row.low)} to {_yuan(row.high)}" if row.high is not None else f"above {_yuan(row.low)}"
            why = f"the mean of {_yuan(row.mean)} lies outside band {place + 1} ({band})"
            instead = "write the mean cost of the band's own cases, strictly inside it"
            yield ("bands", place, "mean"), problem("band_mean", why, instead)


def _faults_of_top(rows: Sequence[_Row], tail: OpenTail | None) -> Iterator[Fault]:
    last = rows[-1]
    if last.high is not None:
        if tail is not None:
            why = f"the last band ends at {_yuan(last.high)}, so nothing is left for a tail"
            instead = "leave 'to' out of the last band, or delete the tail"
            yield ("tail",), problem("tail", why, instead)
        return
    at = ("bands", len(rows) - 1)
    if len(rows) == 1:
        why = "the only band is open, so the table says nothing of ordinary cases"
        yield at, problem("open_band", why, "write bands below it, or use family generalised-pareto alone")
    elif tail is None:
        why = "the last band is open, and nothing says how its costs lie"
        instead = "add 'tail: {index: 0.33}' beside 'bands', or close the band with 'to'"
        yield at, problem("open_band", why, instead)
    elif tail.scale is not None and last.mean is not None:
        why = "the mean of the open band and the scale of its tail say the same thing twice"
        yield ("tail", "scale"), problem("tail", why, "keep the mean, or the scale")


def _yuan(fen: int) -> str:
    return f"{format_yuan(fen).removesuffix('.00')} yuan"
