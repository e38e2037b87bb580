"""Parts and proportions where the rate itself differs from replication to replication; exact, rounded half up."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from fundsim.money import PPM, PerReplication, half_up


def part(amount: PerReplication, ppm: PerReplication) -> PerReplication:
    """A part (ppm) of each amount (fen, not negative), rounded half up to the fen; nothing overflows."""
    whole, rest = np.divmod(amount, PPM)
    result: PerReplication = whole * ppm + (rest * ppm + PPM // 2) // PPM
    return result


def proportion(amount: PerReplication, numerator: PerReplication, denominator: PerReplication) -> PerReplication:
    """Amount x numerator / denominator in each replication, rounded half up; zero where the denominator is."""
    products = (int(a) * int(b) for a, b in zip(amount, numerator, strict=True))
    return quotients(products, denominator.tolist())


def quotients(numerators: Iterable[int], denominators: Iterable[int]) -> PerReplication:
    """Each numerator over its denominator, rounded half up; zero where the denominator is.

    In Python's integers: a product of a fund's money and a rate, or of two counts, does not fit in 64 bits.
    """
    pairs = zip(numerators, denominators, strict=True)
    return np.array([half_up(above, below) if below else 0 for above, below in pairs], np.int64)
