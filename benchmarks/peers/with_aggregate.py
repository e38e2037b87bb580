"""aggregate (Stephen Mildenhall): one DecL program says the whole model; a Fourier transform on a grid answers."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np

from benchmarks.peers import model
from benchmarks.peers.model import Figures, Frequency
from benchmarks.peers.ways import Answer, Way

MIXING: Final[dict[Frequency, str]] = {"poisson": "poisson", "negative binomial": f"mixed gamma {model.LEVEL_CV}"}


def program(frequency: Frequency) -> str:
    """Return the model in DecL: a splice of two scaled families, four bands as shares of layers that the fund takes."""
    rates = np.diff(model.PAID) / np.diff(model.KNOTS)
    bands = [
        f"{rate:.0%} po {high - low:.0f} xs {low:.0f}"
        for rate, low, high in zip(rates, model.KNOTS[:-1], model.KNOTS[1:], strict=True)
        if rate > 0
    ]
    return (
        f"agg CII {model.CLAIMS:.0f} claims "
        f"sev [{np.exp(model.MU).item()!r} {model.SCALE!r}] * [lognorm genpareto] [{model.SIGMA!r} {model.XI}] "
        f"+ [0 {model.SPLICE:.0f}] wts [{1.0 - model.TAIL_WEIGHT!r} {model.TAIL_WEIGHT!r}] "
        f"splice [0 {model.SPLICE:.0f} inf] "
        f"occurrence ceded to {' and '.join(bands)} {MIXING[frequency]}"
    )


def answer(frequency: Frequency, *, log2: int, bucket: float) -> Answer:
    """Build the program on a grid of 2**log2 buckets; a bucket of 0 leaves its size to aggregate."""
    from aggregate import build

    built = build(program(frequency), log2=log2, bs=bucket)
    mass, paid = (built.density_df[name].to_numpy() for name in ("p_total", "loss"))
    mean = float(mass @ paid)
    sd = float(np.sqrt(mass @ (paid - mean) ** 2))
    figures = Figures(mean, sd, float(built.q(0.99)), float(built.sf(model.PREMIUM)))
    return Answer(figures, f"bucket {built.bs:g}; {built.validation_description}")


def ways() -> list[Way]:
    """Its default grid, finer ones, and the bucket that somebody who knows the answer's range would choose."""
    chosen = [(16, 0.0), (18, 0.0), (20, 0.0), (22, 0.0), (19, 200.0), (20, 100.0)]
    return [
        Way(
            "aggregate",
            f"log2={log2}" + (f", bucket {bucket:g} by hand" if bucket else ""),
            partial(answer, log2=log2, bucket=bucket),
            by_hand=bucket > 0,
        )
        for log2, bucket in chosen
    ]
