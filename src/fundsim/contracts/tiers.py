"""Deficit tiers (亏损分担比例): who bears which layer of a loss, layers in shares of the premium."""

from __future__ import annotations

from collections.abc import Iterator
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
    refuse(_tier_faults(tiers))
    return tiers


def _tier_faults(tiers: tuple[Tier, ...]) -> Iterator[Fault]:
    if not tiers:
        yield (), problem("tiers", "the list of tiers is empty", "write at least one open tier, {insurer: 100%}"), ()
        return
    ends: list[int] = [0]
    for index, tier in enumerate(tiers[:-1]):
        if tier.to is None:
            why = f"tier {index + 1} has no upper end, but it is not the last"
            yield (index,), problem("tiers", why, "give it its end, such as to: 4%, or put it last"), tier
        else:
            ends.append(tier.to)
    last = len(tiers) - 1
    if tiers[-1].to is not None:
        why = f"the last tier ends at {format_rate(tiers[-1].to)}, so nobody bears a larger loss"
        yield (last, "to"), problem("tiers", why, "leave `to` out of the last tier, or add an open one"), tiers[-1].to
        ends.append(tiers[-1].to)
    if all(tier.to is not None for tier in tiers[:-1]):
        yield from _order_faults(ends)


def _order_faults(ends: list[int]) -> Iterator[Fault]:
    for index, (start, end) in enumerate(pairwise(ends)):
        if end > start:
            continue
        if end == start:
            why = f"tier {index + 1} is empty: it begins and ends at {format_rate(end)} of the premium"
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
    """The insurer's part of a loss (fen), rounded half up once, whatever the number of tiers.

    With t_k the upper end of tier k and s_k its share, the sum over tiers of s_k x overlap(loss, tier k) is
    written as the sum of (s_k - s_k+1) x min(loss, t_k x premium): a tier split in two equal parts adds
    exactly zero. The sum is kept exact in fen, millionths of a fen and millionths of those.
    """
    fen = np.zeros_like(loss)
    ppm = np.zeros_like(loss)
    ppm_of_ppm = np.zeros_like(loss)
    shares = [tier.insurer for tier in tiers] + [0]
    for tier, (this, following) in zip(tiers, pairwise(shares), strict=True):
        amount, fraction = _up_to(loss, premium, tier.to)
        millions, rest = np.divmod(amount, PPM)  # multiplied apart, so that nothing overflows
        fen += (this - following) * millions
        ppm += (this - following) * rest
        ppm_of_ppm += (this - following) * fraction
    carry, ppm = np.divmod(ppm, PPM)
    rounded: PerReplication = fen + carry + (ppm * PPM + ppm_of_ppm + PPM * PPM // 2) // (PPM * PPM)
    return rounded


def _up_to(loss: PerReplication, premium: PerReplication, end: int | None) -> tuple[PerReplication, PerReplication]:
    """The loss below the tier's end, min(loss, end x premium): whole fen, and millionths of a fen beyond them."""
    if end is None:
        return loss, np.zeros_like(loss)
    millions, rest = np.divmod(premium, PPM)
    carry, fraction = np.divmod(rest * end, PPM)
    limit = millions * end + carry
    beyond = loss > limit
    return np.where(beyond, limit, loss), np.where(beyond, fraction, 0)
