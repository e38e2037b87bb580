"""Deficit tiers (亏损分担比例): who bears which layer of a loss, layers in shares of the premium."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, BeforeValidator

from fundsim.contracts.errors import Fault, refuse
from fundsim.money import PPM, PerReplication, format_rate
from fundsim.terms import Rate, Terms, problem


class Tier(Terms):
    """One layer of the loss, from where the layer before ends (the first from zero)."""

    to: Rate | None = None
    """Upper end, ppm of the premium; none for the last tier, which is open."""
    insurer: Rate
    """Part of this layer that the insurer bears, ppm; the fund bears the rest."""


def as_tuple(value: object) -> object:
    """A list as a file gives it, frozen; anything else is left for pydantic to judge."""
    return tuple(value) if isinstance(value, list) else value


def _checked(tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
    refuse_unless_rising([tier.to for tier in tiers], of="premium", larger="loss", example="{insurer: 100%}")
    return tiers


def refuse_unless_rising(ends: Sequence[int | None], *, of: str, larger: str, example: str) -> None:
    """Refuse tiers that are not contiguous from zero, rising, and open at the top.

    Args:
        ends: upper end of each tier, ppm of a total; none where it is open.
        of: what that total is called.
        larger: what nobody would bear where the last tier ends.
        example: an open tier as it is written.

    Raises:
        ValidationError: every fault, at its tier.
    """
    refuse(_tier_faults(ends, of, larger, example))


def _tier_faults(ends: Sequence[int | None], of: str, larger: str, example: str) -> Iterator[Fault]:
    if not ends:
        yield (), problem("tiers", "the list of tiers is empty", f"write at least one open tier, {example}"), ()
        return
    for index, end in enumerate(ends[:-1]):
        if end is None:
            why = f"tier {index + 1} has no upper end, but it is not the last"
            yield (index,), problem("tiers", why, "give it its end, such as to: 4%, or put it last"), end
    last = ends[-1]
    if last is not None:
        why = f"the last tier ends at {format_rate(last)}, so nobody bears a larger {larger}"
        instead = "leave `to` out of the last tier, or add an open one"
        yield (len(ends) - 1, "to"), problem("tiers", why, instead), last
    if None not in ends[:-1]:
        yield from _order_faults([0, *(end for end in ends if end is not None)], of)


def _order_faults(ends: list[int], of: str) -> Iterator[Fault]:
    for index, (start, end) in enumerate(pairwise(ends)):
        if end > start:
            continue
        if end == start:
            why = f"tier {index + 1} is empty: it begins and ends at {format_rate(end)} of the {of}"
        else:
            why = (
                f"tier {index + 1} ends at {format_rate(end)}, before the tier above it ends ({format_rate(start)}): "
                "the tiers overlap or are not in rising order"
            )
        instead = f"write tiers in rising order, this one ending above {format_rate(start)}"
        yield (index, "to"), problem("tiers", why, instead), end


Tiers = Annotated[tuple[Tier, ...], BeforeValidator(as_tuple), AfterValidator(_checked)]
"""Contiguous from zero, rising, the last one open."""

INSURER_BEARS_ALL = (Tier(insurer=PPM),)


def insurer_part(loss: PerReplication, premium: PerReplication, tiers: tuple[Tier, ...]) -> PerReplication:
    """The insurer's part of a loss (fen), rounded half up once, whatever the number of tiers."""
    return layered(loss, premium, [(tier.to, tier.insurer) for tier in tiers])


def layered(amount: PerReplication, total: PerReplication, tiers: Sequence[tuple[int | None, int]]) -> PerReplication:
    """The part of an amount that tiers, each (upper end in ppm of the total, share in ppm), give to one side (fen).

    With t_k the upper end of tier k and s_k its share, the sum over tiers of s_k x overlap(amount, tier k) is
    written as the sum of (s_k - s_k+1) x min(amount, t_k x total): a tier split in two equal parts adds
    exactly zero. The sum is kept exact in fen, millionths of a fen and millionths of those, and rounded half up once.
    """
    fen = np.zeros_like(amount)
    ppm = np.zeros_like(amount)
    ppm_of_ppm = np.zeros_like(amount)
    shares = [share for _, share in tiers] + [0]
    for (end, _), (this, following) in zip(tiers, pairwise(shares), strict=True):
        below, fraction = _up_to(amount, total, end)
        millions, rest = np.divmod(below, PPM)  # multiplied apart, so that nothing overflows
        fen += (this - following) * millions
        ppm += (this - following) * rest
        ppm_of_ppm += (this - following) * fraction
    carry, ppm = np.divmod(ppm, PPM)
    rounded: PerReplication = fen + carry + (ppm * PPM + ppm_of_ppm + PPM * PPM // 2) // (PPM * PPM)
    return rounded


def _up_to(amount: PerReplication, total: PerReplication, end: int | None) -> tuple[PerReplication, PerReplication]:
    """The amount below a tier's end, min(amount, end x total): whole fen, and millionths of a fen beyond them."""
    if end is None:
        return amount, np.zeros_like(amount)
    millions, rest = np.divmod(total, PPM)
    carry, fraction = np.divmod(rest * end, PPM)
    limit = millions * end + carry
    beyond = amount > limit
    return np.where(beyond, limit, amount), np.where(beyond, fraction, 0)
