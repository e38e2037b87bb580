"""The bands of a cost table as they are written (费用分段), and what must hold between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pydantic import Field
from pydantic_core import PydanticCustomError

from fundsim.money import PPM, format_rate, format_yuan
from fundsim.severity.base import PositiveMoney, TailIndex
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
class Row:
    """A band as it lies in the table; what is not known because it is wrong, or open, is None."""

    low: int | None
    high: int | None
    share: int | None
    mean: int | None


Fault = tuple[tuple[str | int, ...], PydanticCustomError]
"""Where something is wrong, from the table down, and what."""


def rows_of(bands: Sequence[CostBand]) -> list[Row]:
    """The bands with their lower edges and shares filled in, as far as they are known."""
    before = [0, *(band.to for band in bands[:-1])]
    told = [0, *(band.below for band in bands)]
    return [
        Row(
            low=band.start if band.start is not None else before[place],
            high=band.to,
            share=band.share if band.below is None else _difference(told[place], band.below),
            mean=band.mean,
        )
        for place, band in enumerate(bands)
    ]


def _difference(before: int | None, here: int) -> int | None:
    return None if before is None else here - before


def faults_of(bands: tuple[CostBand, ...], tail: OpenTail | None) -> Iterator[Fault]:
    """Everything that is wrong with a table."""
    if not bands:
        instead = "write at least one band, such as {to: 2000 yuan, share: 100%}"
        yield ("bands",), problem("bands", "the table has no band", instead)
        return
    rows = rows_of(bands)
    yield from _faults_of_edges(bands, rows)
    yield from _faults_of_shares(bands)
    yield from _faults_of_means(rows)
    yield from _faults_of_top(rows, tail)


def _faults_of_edges(bands: Sequence[CostBand], rows: Sequence[Row]) -> Iterator[Fault]:
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
            instead = f"write {_yuan(end)}, or leave 'from' out; what lies between needs a band of its own"
            yield ("bands", place, "from"), problem("edges", why, instead)
        elif row.low is not None and row.high is not None and row.high <= row.low:
            why = f"amounts do not rise: band {place + 1} runs from {_yuan(row.low)} to {_yuan(row.high)}"
            yield ("bands", place, "to"), problem("edges", why, "write upper edges that rise from band to band")


def _faults_of_shares(bands: Sequence[CostBand]) -> Iterator[Fault]:
    cumulative = bands[0].share is None and bands[0].below is not None
    stated = [band.below if cumulative else band.share for band in bands]
    for place, band in enumerate(bands):
        given = [name for name in ("share", "below") if getattr(band, name) is not None]
        if given != ["below" if cumulative else "share"]:
            why = f"band {place + 1} states {' and '.join(given) or 'neither share nor below'}"
            instead = (
                "write 'share', the part of all cases, in every band; or in every band 'below', the cumulative part"
            )
            yield ("bands", place), problem("shares", why, instead)
    known = [part for part in stated if part is not None]
    if len(known) == len(bands):
        yield from _faults_of_parts_below(known) if cumulative else _faults_of_parts(known)


def _faults_of_parts(shares: Sequence[int]) -> Iterator[Fault]:
    for place, share in enumerate(shares):
        if share == 0:
            instead = "join the band with the one above or below it"
            yield ("bands", place, "share"), problem("shares", f"band {place + 1} has no case", instead)
    missing = PPM - sum(shares)
    if missing:
        why = f"the shares add up to {format_rate(PPM - missing)}, not to 100%"
        instead = f"find the missing {format_rate(missing)}" if missing > 0 else f"take off {format_rate(-missing)}"
        instead += "; where rounding is the reason, let the largest band bear it, and say so in a 'note'"
        yield ("bands",), problem("shares", why, instead)


def _faults_of_parts_below(parts: Sequence[int]) -> Iterator[Fault]:
    for place, (before, here) in enumerate(pairwise([0, *parts])):
        if here <= before:
            why = f"probabilities do not rise: from {format_rate(before)} to {format_rate(here)} in band {place + 1}"
            instead = "write cumulative parts that rise, or 'share' for the part of each band by itself"
            yield ("bands", place, "below"), problem("shares", why, instead)
    if parts[-1] != PPM:
        why = f"the table ends at {format_rate(parts[-1])} of the cases, not at 100%"
        instead = "write 100% in the last band, or add an open band {below: 100%} and a tail"
        yield ("bands", len(parts) - 1, "below"), problem("shares", why, instead)


def _faults_of_means(rows: Sequence[Row]) -> Iterator[Fault]:
    for place, row in enumerate(rows):
        if row.mean is None or row.low is None or (row.high is not None and row.high <= row.low):
            continue
        if row.mean <= row.low or (row.high is not None and row.mean >= row.high):
            band = f"{_yuan(row.low)} to {_yuan(row.high)}" if row.high is not None else f"above {_yuan(row.low)}"
            why = f"the mean of {_yuan(row.mean)} lies outside band {place + 1} ({band})"
            instead = "write the mean cost of the band's own cases, strictly inside it"
            yield ("bands", place, "mean"), problem("band_mean", why, instead)


def _faults_of_top(rows: Sequence[Row], tail: OpenTail | None) -> Iterator[Fault]:
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
