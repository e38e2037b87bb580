"""分段支付比例: rates by slice of the accumulated base (超额累进), flat rates among them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from fundsim.benefits.rule import Change, Draft, RefusedError, Rule
from fundsim.curves import PayoutCurve
from fundsim.money import PPM, format_yuan
from fundsim.terms import Money, Rate, RateChange, Scale, Shift, Terms, problem


class Band(Terms):
    """One slice: up to ``to`` (fen; the last band is open) the payer pays ``pay`` (ppm)."""

    to: Money | None = None
    pay: Rate


def _in_order(bands: list[Band]) -> list[Band]:
    """Refuse bands that are empty, overlap, come unsorted or leave the top uncovered, naming the band."""
    if not bands:
        raise problem("bands", "there is no band", "write at least one band, such as {pay: 50%}")
    for number, band in enumerate(bands[:-1], start=1):
        if band.to is None:
            why = f"band {number} is open, but bands follow it"
            raise problem("bands", why, "write its upper edge, such as {to: 20000 yuan, pay: 50%}", (number - 1,))
    edges = [0, *(band.to for band in bands if band.to is not None)]
    for number, (low, high) in enumerate(pairwise(edges), start=1):
        if high <= low:
            why, instead = _why_disordered(number, edges), "write upper edges that rise from band to band"
            raise problem("bands", why, instead, (number - 1, "to"))
    if bands[-1].to is not None:
        why = f"the last band ends at {format_yuan(bands[-1].to)} yuan; nothing is said of what lies above"
        instead = "leave out 'to' in the last band, or add a band such as {pay: 0%}"
        raise problem("bands", why, instead, (len(bands) - 1, "to"))
    return bands


def _why_disordered(number: int, edges: list[int]) -> str:
    low, high = edges[number - 1], edges[number]
    printed = f'"{low // 100}-{high // 100}"'
    if high == low:
        return f"band {number} ({printed}) is empty: it ends where it begins"
    return f"band {number} ({printed}) overlaps the one before it: bands are out of order"


Bands = Annotated[list[Band], AfterValidator(_in_order)]


class BandOrigin(Rule):
    """``bands_from``: whether edges count from the deductible up (起付标准以上) or on the whole base (绝对值)."""

    field = "bands_from"
    written = Literal["deductible", "zero"]
    varied = Literal["deductible", "zero"]
    default = "deductible"

    def apply(self, value: Any, draft: Draft) -> Draft:
        return replace(draft, origin=0 if value == "zero" else draft.deductible)

    def vary(self, _: dict[str, Any], change: Any, /) -> Change:
        return Change({self.field: change}, replaces=True)


class BandRates(Rule):
    """``bands``: the rate of each slice."""

    field = "bands"
    written = Bands | None
    varied = Bands
    default = None

    def apply(self, value: Any, draft: Draft) -> Draft:
        return draft if value is None else _laid_out(value, draft)

    def vary(self, _: dict[str, Any], change: Any, /) -> Change:
        return Change({self.field: change, FlatRate.field: None}, replaces=True)


class FlatRate(Rule):
    """``pay``: one rate on all above the deductible; in a variant also a change of every rate, by points or a factor.

    Changes of the rates work in the order of the variants: ``+5pp`` before ``x0.95`` is reduced with the rest, after it
    is not.
    """

    field = "pay"
    written = Rate | None
    varied = RateChange
    default = None

    def apply(self, value: Any, draft: Draft) -> Draft:
        return draft if value is None else _laid_out([Band(pay=value)], draft)

    def vary(self, values: dict[str, Any], change: Any, /) -> Change:
        if not isinstance(change, Shift | Scale):
            return Change({self.field: change, BandRates.field: None}, replaces=True)
        most = None if values["ceiling"] is not None else PPM
        if values[self.field] is not None:
            return Change({self.field: _changed(values[self.field], change, "the rate", most)}, replaces=False)
        bands = [
            band.model_copy(update={"pay": _changed(band.pay, change, f"the rate of band {number}", most)})
            for number, band in enumerate(values[BandRates.field] or [], start=1)
        ]
        return Change({BandRates.field: bands or None}, replaces=False)


def _changed(rate: int, change: Shift | Scale, what: str, most: int | None) -> int:
    """The rate after a change, ppm; above ``most`` it is refused, unless a ceiling will clip it."""
    changed = Fraction(rate + change.points) if isinstance(change, Shift) else rate * change.times
    if changed.denominator != 1:
        raise RefusedError(
            f"{what} becomes {float(changed) / 10_000:.6f}%",
            "choose rate and factor so that four decimals hold the rate",
        )
    if changed < 0 or (most is not None and changed > most):
        instead = "keep every rate in 0% to 100%"
        clipped = ", or state the most that is paid, such as 'ceiling: 100%'" if changed > PPM else ""
        raise RefusedError(f"{what} becomes {float(changed) / 10_000:g}%", instead + clipped)
    return int(changed)


def _laid_out(bands: list[Band], draft: Draft) -> Draft:
    """Lay the bands out from the draft's origin; nothing is due below its deductible."""
    starts = [draft.origin, *(draft.origin + (band.to or 0) for band in bands[:-1])]
    ends = [*starts[1:], None]
    pieces = [
        (max(start, draft.deductible), min(band.pay, draft.ceiling))
        for start, end, band in zip(starts, ends, bands, strict=True)
        if end is None or end > draft.deductible
    ]
    return replace(draft, curve=PayoutCurve.through([(0, 0), *pieces] if draft.deductible else pieces))
