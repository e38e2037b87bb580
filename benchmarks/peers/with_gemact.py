"""gemact (Gabriele Pittarello and others): a work-around, because it knows no splice and no total over shared layers.

The payout of a claim above the deductible is given to it as a piecewise linear distribution with its mass at the cap,
and the frequency is thinned to those claims by hand; then its Fourier transform answers.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from benchmarks.peers import model
from benchmarks.peers.model import Figures, Frequency
from benchmarks.peers.ways import Answer, ToolError, Way


def paid_claims(step: float) -> tuple[float, model.Floats, model.Floats]:
    """Return the expected number of paid claims, and the law of what is paid on one: points, and P(paid <= point)."""
    points = np.arange(0.0, model.PAID[-1] + step, step)
    above = model.survival(model.cost_of(points))
    below = 1.0 - above / above[0]
    return float(model.CLAIMS * above[0]), np.append(points, points[-1]), np.append(below, 1.0)


def thinned(frequency: Frequency, claims: float) -> dict[str, Any]:
    """Return gemact's frequency of so many paid claims; a gamma level stays what it is when claims are thinned.

    gemact cuts the size to a whole number without a word: 399.99... would be 399, and the mean 0.25 % low.
    """
    if frequency == "poisson":
        return {"dist": "poisson", "par": {"mu": claims}}
    size = round(model.LEVEL_CV**-2)
    return {"dist": "nbinom", "par": {"n": size, "p": size / (size + claims)}}


def answer(frequency: Frequency, *, log2: int, step: float) -> Answer:
    """Answer by its Fourier transform with 2**log2 nodes."""
    import twiggy
    from gemact.lossmodel import Frequency as Counts
    from gemact.lossmodel import LossModel, Severity

    twiggy.quick_setup(min_level=twiggy.levels.CRITICAL)  # it logs every step
    claims, points, below = paid_claims(step)
    try:
        found = LossModel(
            frequency=Counts(**thinned(frequency, claims)),
            severity=Severity(dist="pwl", par={"points": points, "cumprobs": below}),
            aggr_loss_dist_method="fft",
            n_aggr_dist_nodes=2**log2,
            sev_discr_method="massdispersal",
            n_sev_discr_nodes=len(points) - 1,
            sev_discr_step=step,
        )
    except ValueError as error:
        raise ToolError(f"ValueError: {error}") from error
    figures = (found.mean(), found.std(), found.ppf(0.99), 1.0 - found.cdf(model.PREMIUM))
    return Answer(Figures(*(float(each) for each in figures)))


def ways() -> list[Way]:
    return [
        Way("gemact", f"fft, 2^{log2} nodes x {step:g}", partial(answer, log2=log2, step=step), by_hand=True)
        for log2, step in ((18, 400.0), (20, 100.0), (21, 50.0))
    ]
