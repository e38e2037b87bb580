"""The model that every tool is given, and what is known of it without any of them.

A year's claims of one pool: N claims (mean 30,000; Poisson, or negative binomial as Poisson given a gamma level of cv
5 %), each a cost X (lognormal, mean 8,000 yuan, cv 2, spliced at 50,000 to a generalised Pareto tail of index 0.35, the
body's own weight, continuous density), of which the scheme pays b(X): nothing up to 6,000, then 50, 60 and 70 % of
20,000 each and 80 % of the rest, at most 500,000 a claim. Premium income is 76.8 million (1.6 million insured x 48).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import integrate, special

Floats = npt.NDArray[np.float64]
Frequency = Literal["poisson", "negative binomial"]

CLAIMS: Final = 30_000.0
LEVEL_CV: Final = 0.05
PREMIUM: Final = 76_800_000.0
"""Yuan; P(payout > premium) is asked of every tool."""

SIGMA: Final = math.sqrt(math.log(1.0 + 2.0**2))
MU: Final = math.log(8_000.0) - SIGMA**2 / 2.0
SPLICE: Final = 50_000.0
XI: Final = 0.35
_Z: Final = (math.log(SPLICE) - MU) / SIGMA
TAIL_WEIGHT: Final = 0.5 * math.erfc(_Z / math.sqrt(2.0))
SCALE: Final = TAIL_WEIGHT * SPLICE * SIGMA * math.sqrt(2.0 * math.pi) * math.exp(_Z**2 / 2.0)
"""S(u)/f(u) of the body: the tail goes on with the body's density."""

KNOTS: Final = np.array([0.0, 6_000.0, 26_000.0, 46_000.0, 66_000.0, 646_000.0])
"""Costs at which the rate of payment changes, yuan."""
PAID: Final = np.array([0.0, 0.0, 10_000.0, 22_000.0, 36_000.0, 500_000.0])
"""What is paid on them."""


class Figures(NamedTuple):
    """What is asked of every tool: of the year's payout, yuan."""

    mean: float
    sd: float
    quantile: float
    """At 99 %."""
    probability: float
    """P(payout > premium)."""


REFERENCE: Final[dict[Frequency, Figures]] = {
    "poisson": Figures(74_648_080.0, 1_844_291.0, 79_062_800.0, 0.12261),
    "negative binomial": Figures(74_648_080.0, 4_163_202.0, 84_657_250.0, 0.29809),
}
"""From a study of these tools on this model: moments by quadrature; quantile and probability by a Fourier transform of
the payout law in a window around the mean (50 yuan wide steps), confirmed to every printed digit by the transform of a
further tool, prospicio 0.0.5. :func:`disagreements` holds them against this file's own quadrature before every run,
and ``with_numpy.transformed`` is a second transform, written for this model alone."""


def survival(cost: npt.ArrayLike) -> Floats:
    """P(X > cost)."""
    x = np.asarray(cost, dtype=np.float64)
    with np.errstate(divide="ignore"):
        body = special.ndtr((MU - np.log(x)) / SIGMA)
    tail = TAIL_WEIGHT * (1.0 + XI * np.maximum(x - SPLICE, 0.0) / SCALE) ** (-1.0 / XI)
    return np.where(x <= SPLICE, body, tail)


def density(cost: npt.ArrayLike) -> Floats:
    """Density of X, for costs above zero."""
    x = np.asarray(cost, dtype=np.float64)
    z = (np.log(x) - MU) / SIGMA
    body = np.exp(-(z**2) / 2.0) / (x * SIGMA * math.sqrt(2.0 * math.pi))
    tail = TAIL_WEIGHT / SCALE * (1.0 + XI * np.maximum(x - SPLICE, 0.0) / SCALE) ** (-1.0 / XI - 1.0)
    return np.where(x <= SPLICE, body, tail)


def limited_mean(cost: npt.ArrayLike) -> Floats:
    """E[min(X, cost)], in closed form (Klugman, Panjer and Willmot, *Loss Models*, Appendix A)."""
    x = np.asarray(cost, dtype=np.float64)
    below = np.minimum(x, SPLICE)
    with np.errstate(divide="ignore"):
        z = (np.log(below) - MU) / SIGMA
    body = math.exp(MU + SIGMA**2 / 2.0) * special.ndtr(z - SIGMA) + below * special.ndtr(-z)
    power = (1.0 + XI * np.maximum(x - SPLICE, 0.0) / SCALE) ** (1.0 - 1.0 / XI)
    return np.asarray(body + TAIL_WEIGHT * SCALE / (1.0 - XI) * (1.0 - power))


def payout(cost: npt.ArrayLike) -> Floats:
    """b(cost): what the scheme pays on a claim."""
    return np.asarray(np.interp(cost, KNOTS, PAID))


def cost_of(paid: npt.ArrayLike) -> Floats:
    """The least cost on which so much is paid: the inverse of :func:`payout` on [0, 500,000]."""
    return np.asarray(np.interp(paid, PAID[1:], KNOTS[1:]))


def moments(frequency: Frequency) -> tuple[float, float]:
    """Mean and standard deviation of the year's payout by quadrature, E[b(X)^k] = ∫ k·b^(k-1)·b'·S dx between knots.

    Var = E[N]·E[b²] for Poisson; the gamma level adds (cv·mean)².
    """
    edges = np.union1d(KNOTS, [SPLICE])
    first = second = 0.0
    for low, high in itertools.pairwise(edges):
        rate = float(payout(high) - payout(low)) / (high - low)
        first += rate * _integral(lambda x: float(survival(x)), low, high)
        second += rate * _integral(lambda x: 2.0 * float(payout(x)) * float(survival(x)), low, high)
    mean, variance = CLAIMS * first, CLAIMS * second
    if frequency == "negative binomial":
        variance += (LEVEL_CV * mean) ** 2
    return mean, math.sqrt(variance)


def _integral(function: Callable[[float], float], low: float, high: float) -> float:
    return float(integrate.quad(function, low, high, epsabs=0.0, epsrel=1e-12)[0])


def disagreements(reference: dict[Frequency, Figures] | None = None) -> list[str]:
    """Say where the reference's moments are not those of this model; they are printed in whole yuan."""
    found = list[str]()
    for frequency, figures in (REFERENCE if reference is None else reference).items():
        for name, ours, theirs in zip(("mean", "sd"), moments(frequency), figures[:2], strict=True):
            if abs(ours - theirs) > 0.51:
                found.append(f"{frequency}: the reference's {name} is {theirs:,.0f}, quadrature gives {ours:,.2f}")
    return found
