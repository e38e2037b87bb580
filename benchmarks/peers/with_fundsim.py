"""fundsim: the exact lane from the model's own words; the simulation of the same model from a scenario file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from benchmarks.peers import model
from benchmarks.peers.model import Figures, Frequency
from benchmarks.peers.ways import Answer, Way
from benchmarks.peers.with_numpy import of_sample

if TYPE_CHECKING:
    from fundsim import Scenario
    from fundsim.exact import Report

SCENARIO: Final = Path(__file__).parent / "model.yaml"
REPLICATIONS: Final = 1_000
FEN, PPM = 100, 1_000_000
COST: Final = {
    "family": "spliced",
    "body": {"family": "lognormal", "mean": "8000 yuan", "cv": 2},
    "tail": {"above": f"{model.SPLICE:.0f} yuan", "index": model.XI},
}
SHARED: Final[dict[str, Any]] = {
    "claims.admissions": {
        "family": "negative-binomial",
        "mean": "18.75 per 1000 persons",
        "cv": f"{model.LEVEL_CV}",
        "mixing": "pool",
    }
}
"""What the scenario file changes for the negative binomial: it is written for Poisson."""


def exact(frequency: Frequency) -> Answer:
    """The law of the year's claims, its own choice of step and window."""
    from fundsim.curves import PayoutCurve
    from fundsim.exact import MixedPoissonCount, Payment, PiecewiseMap, PoissonCount, compound
    from fundsim.severity import Spliced

    rates = np.diff(model.PAID) / np.diff(model.KNOTS)
    curve = PayoutCurve(
        tuple(round(knot * FEN) for knot in model.KNOTS[:-1]), tuple(round(float(rate) * PPM) for rate in rates)
    )
    paid = Payment(Spliced.model_validate(COST), PiecewiseMap.of_curve(curve, cap=round(model.PAID[-1] * FEN)))
    poisson = frequency == "poisson"
    law = compound(PoissonCount(model.CLAIMS) if poisson else MixedPoissonCount(model.CLAIMS, cv=model.LEVEL_CV), paid)
    figures = Figures(law.mean, law.sd, float(law.quantile(0.99)), float(law.survival(model.PREMIUM)))
    return Answer(figures, _told(law.report))


def _told(report: Report) -> str:
    return (
        f"step {report.step:g}, {report.points:,} points; mean against quadrature {report.mean_error:.1e}, "
        f"lost mass below {report.lost_mass:.1e}, aliasing below {report.aliasing:.1e}"
    )


def whole_scheme(frequency: Frequency) -> Answer:
    """The exact lane as a user meets it: from the scenario file to the figures of every party, the contract settled."""
    import fundsim as fs

    found = fs.exact(scenario_of(frequency))
    claims = found.claims
    figures = Figures(claims.mean, claims.sd, float(claims.quantile(0.99)), float(claims.survival(model.PREMIUM)))
    return Answer(figures, _told(found.report))


def scenario_of(frequency: Frequency) -> Scenario:
    """Return the model as a scenario: 1.6 million insured, each with Poisson admissions, given a level where shared."""
    import fundsim as fs

    scenario = fs.load(SCENARIO)
    return scenario.replace(SHARED) if frequency == "negative binomial" else scenario


def simulated(frequency: Frequency) -> Answer:
    """Every one of 1.6 million insured in every replication; two threads."""
    import fundsim as fs

    scenario = scenario_of(frequency)
    paid = fs.simulate(scenario, REPLICATIONS, 20170101, workers=2).totals["claims_paid"] / FEN
    return Answer(of_sample(np.asarray(paid, dtype=np.float64)))


def ways() -> list[Way]:
    return [
        Way("fundsim", "exact", exact, exact=True),
        Way("fundsim", "exact, from a scenario file, the contract settled", whole_scheme),
        Way(
            "fundsim",
            f"simulation, {REPLICATIONS:,} replications of 1.6 million people, two threads",
            simulated,
            replications=REPLICATIONS,
        ),
    ]
