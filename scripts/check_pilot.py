"""The Guangxi pilot's published figures beside what its claims model simulates.

Run ``python scripts/check_pilot.py``: prints for every figure what was published (calibrations/guangxi-pilot.yaml),
what the calibrated model comes to by the sample of persons that it was fitted with, and what whole pilots simulate with
their Monte Carlo error; exits with 1 where a figure is not within what was published, but for 1.96 standard errors of
the luck of one pilot. The pilot's 15 months are simulated as 6,334,100 x 15/12 person-years, so simulated counts are
those of the whole pilot.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import fundsim as fs
from fundsim.calibration.targets import Compared, compare_with, read_figures
from fundsim.calibration.targets.people import POINTS
from fundsim.estimates import NORMAL_95, Estimate, mean_of
from fundsim.results import Results

ROOT = Path(__file__).parents[1]
TARGETS = ROOT / "calibrations" / "guangxi-pilot.yaml"
SCENARIO = ROOT / "scenarios" / "guangxi-pilot-2013.yaml"


@dataclass(frozen=True)
class Checked:
    """One published figure, what the model's sample says of it, and what is simulated."""

    compared: Compared
    simulated: float
    se: float

    @property
    def holds(self) -> bool:
        """Whether both the sample's and the simulated figure are within what was published."""
        if self.compared.score is not None:  # simulated: how often the largest payment is below the published one
            return self.compared.holds and 0.025 <= self.simulated <= 0.975
        slack = NORMAL_95 * float(np.hypot(self.compared.sampling, self.se))
        return self.compared.holds and self.compared.low - slack <= self.simulated <= self.compared.high + slack


def checked(results: Results, points: int = POINTS) -> list[Checked]:
    """Compare the simulated pilot with its published figures; what is simulated is of all bills, chronic ones too."""
    compared = {each.name: each for each in compare_with(TARGETS, results.scenario.terms.claims, points=points)}
    beneficiaries = results.totals["beneficiaries"].astype(float)
    edges = results.bands["paid_edges"]
    above = results.bands["paid_persons"][:, int(np.searchsorted(edges, 100_000_00)) + 1 :].sum(axis=1)
    largest = results.values("max_payout")
    assert largest is not None
    below = (largest < compared["largest"].published).astype(float)
    simulated: dict[str, Estimate] = {
        "beneficiaries": mean_of(beneficiaries),
        "mean-benefit": results.estimate("avg_payout"),
        "above-100000": mean_of(above.astype(float)),
        "largest": mean_of(below),
        "joint-reimbursement": results.estimate("actual_reimbursement_ratio"),
    }
    return [Checked(compared[name], *_pair(estimate)) for name, estimate in simulated.items()]


def _pair(estimate: Estimate) -> tuple[float, float]:
    assert estimate.mean is not None
    assert estimate.se is not None
    return estimate.mean, estimate.se


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


def main() -> int:
    scenario = fs.load(SCENARIO)
    results = fs.simulate(scenario)
    people = f"{scenario.population.insured:,} person-years"
    names = {name: target.printed for name, target in read_figures(TARGETS).targets}
    print(f"{scenario.id}: {results.replications} pilots of {people}, seed {results.seed}")
    found = checked(results)
    for each in found:
        told, figure = "holds" if each.holds else "FAILS", each.compared
        what = "share of pilots below it" if figure.score is not None else "simulated"
        published = (
            f"{_number(figure.low)} to {_number(figure.high)}" if figure.low < figure.high else _number(figure.low)
        )
        print(
            f"{told}  {figure.name}: {published}, model {_number(figure.fitted)} ({figure.difference:+.2f} se), ",
            end="",
        )
        print(f"{what} {_number(each.simulated)} ± {NORMAL_95 * each.se:.2g}  {names[figure.name]}")
    return 0 if all(each.holds for each in found) else 1


if __name__ == "__main__":
    sys.exit(main())
