"""What an analyst writes in numpy: a loop over replications; and a Fourier transform written for this model alone."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np

from benchmarks.peers import model
from benchmarks.peers.model import Figures, Floats, Frequency
from benchmarks.peers.ways import Answer, Way

REPLICATIONS: Final = 1_000


def totals(frequency: Frequency, replications: int, seed: int) -> Floats:
    """(r,) payout of each replication, yuan."""
    rng, paid = np.random.default_rng(seed), np.empty(replications)
    for number in range(replications):
        level = rng.gamma(model.LEVEL_CV**-2, model.LEVEL_CV**2) if frequency == "negative binomial" else 1.0
        cost = rng.lognormal(model.MU, model.SIGMA, rng.poisson(model.CLAIMS * level))
        dear = cost > model.SPLICE
        excess = rng.random(np.count_nonzero(dear)) ** -model.XI - 1.0
        cost[dear] = model.SPLICE + model.SCALE / model.XI * excess
        paid[number] = np.interp(cost, model.KNOTS, model.PAID).sum()
    return paid


def simulated(frequency: Frequency) -> Answer:
    """The loop: mean, spread, quantile and probability of its sample."""
    return Answer(of_sample(totals(frequency, REPLICATIONS, 20170101)))


def of_sample(paid: Floats) -> Figures:
    """Return the figures of a sample of totals."""
    return Figures(
        float(paid.mean()),
        float(paid.std(ddof=1)),
        float(np.quantile(paid, 0.99)),
        float((paid > model.PREMIUM).mean()),
    )


def transformed(frequency: Frequency, *, log2: int, step: float) -> Answer:
    """The transform of the payout law in a window around the mean.

    The law of what is paid on a claim is put on multiples of ``step`` by its limited means, which keeps the mean and,
    with the knots on the grid, cuts no corner (Klugman, Panjer and Willmot, *Loss Models*, section 9.6.5.2).
    """
    size = 2**log2
    mass = np.zeros(size)
    grid = np.arange(0.0, model.PAID[-1] + step, step)
    above = np.diff(_limited_payout(grid)) / step
    mass[: len(grid)] = -np.diff(np.concatenate([[1.0], above, [0.0]]))
    law = np.fft.rfft(mass) - 1.0
    if frequency == "poisson":
        total = np.exp(model.CLAIMS * law)
    else:
        total = (1.0 - model.CLAIMS * model.LEVEL_CV**2 * law) ** -(model.LEVEL_CV**-2)
    wrapped = np.maximum(np.fft.irfft(total, size), 0.0)
    first = round(model.CLAIMS * float(_limited_payout(model.PAID[-1:])[0]) / step) - size // 2
    probabilities = np.roll(wrapped, -first)
    paid = (first + np.arange(size)) * step
    mean = float((probabilities * paid).sum())  # not by BLAS, whose last bits depend on its threads
    sd = float(np.sqrt((probabilities * (paid - mean) ** 2).sum()))
    below = np.cumsum(probabilities)
    return Answer(
        Figures(mean, sd, float(paid[np.searchsorted(below, 0.99)]), float(probabilities[paid > model.PREMIUM].sum()))
    )


def _limited_payout(paid: Floats) -> Floats:
    """E[min(b(X), paid)], band by band, in closed form."""
    cost = model.cost_of(paid)
    rates = np.diff(model.PAID) / np.diff(model.KNOTS)
    bands = zip(rates, model.KNOTS[:-1], model.KNOTS[1:], strict=True)
    return np.asarray(
        sum(
            rate * (model.limited_mean(np.clip(cost, low, high)) - model.limited_mean(low))
            for rate, low, high in bands
            if rate > 0
        )
    )


def ways() -> list[Way]:
    return [
        Way("numpy", f"the analyst's loop, {REPLICATIONS:,} replications", simulated, replications=REPLICATIONS),
        Way("numpy", "transform for this model alone, 2^18 x 500", partial(transformed, log2=18, step=500.0)),
        Way("numpy", "the same, 2^20 x 100", partial(transformed, log2=20, step=100.0)),
    ]
