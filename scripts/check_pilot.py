"""The Guangxi pilot's published figures beside what its claims model simulates.

Run ``python scripts/check_pilot.py``: prints target, simulated figure with its Monte Carlo error, and whether it holds;
exits with 1 where one does not. Beneficiaries are annualised as stated in scenarios/claims/guangxi-pilot.yaml: the
pilot's 15 months are simulated as 6,334,100 x 15/12 person-years, so simulated counts are those of the whole pilot.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import fundsim as fs
from fundsim.estimates import NORMAL_95, mean_of, ratio_of
from fundsim.results import Results

SCENARIO = Path(__file__).parents[1] / "scenarios" / "guangxi-pilot-2013.yaml"
INSURED = 6_334_100
PUBLISHED_BENEFICIARIES = 29_000
POISSON_95 = (14, 33)
"""Counts whose Poisson 95% interval holds the 22 payments above 100,000 yuan that were observed."""


@dataclass(frozen=True)
class Target:
    """One published figure, what is simulated, and the range in which the simulation must lie."""

    name: str
    published: str
    simulated: float
    se: float
    low: float
    high: float

    @property
    def holds(self) -> bool:
        return self.low <= self.simulated <= self.high


def targets(results: Results) -> list[Target]:
    """Compare the simulated pilot with its published figures."""
    beneficiaries = results.totals["beneficiaries"].astype(float)
    per_1000 = mean_of(beneficiaries / INSURED * 1000)
    benefit = results.estimate("avg_payout")
    first_above = int(np.searchsorted(results.bands["paid_edges"], 100_000_00)) + 1
    above = results.bands["paid_persons"][:, first_above:].sum(axis=1).astype(float)
    large = ratio_of(above * PUBLISHED_BENEFICIARIES, beneficiaries)
    joint = results.estimate("actual_reimbursement_ratio")
    largest = results.values("max_payout")
    assert largest is not None
    low, high = np.percentile(largest, [5, 95])
    return [
        Target("beneficiaries per 1,000 insured 受益率", "4.58", *_pair(per_1000), 4.58 * 0.97, 4.58 * 1.03),
        Target("mean benefit, yuan 人均补偿", "5,000-5,500", *_pair(benefit), 5_000, 5_500),
        Target("above 100,000 yuan among 29,000 超过10万元人数", "22 (14-33)", *_pair(large), *POISSON_95),
        Target(f"largest payment: share of pilots below 376,500 最高补偿 (5%: {low:,.0f}, 95%: {high:,.0f})",
               "5%-95%", *_share_below(largest, 376_500.0), 0.05, 0.95),
        Target("joint reimbursement of inpatient cost 实际报销比例", "about 67%", *_pair(joint), 0.65, 0.69),
    ]  # fmt: skip


def _pair(estimate: object) -> tuple[float, float]:
    return float(estimate.mean), float(estimate.se)  # type: ignore[attr-defined]


def _share_below(values: np.ndarray, limit: float) -> tuple[float, float]:
    share = float((values < limit).mean())
    return share, float(np.sqrt(share * (1 - share) / len(values)))


def main() -> int:
    scenario = fs.load(SCENARIO)
    results = fs.simulate(scenario)
    people = f"{scenario.population.insured:,} person-years"
    print(f"{scenario.id}: {results.replications} pilots of {people}, seed {results.seed}")
    found = targets(results)
    for target in found:
        verdict = "holds" if target.holds else "FAILS"
        error = f"± {NORMAL_95 * target.se:.3g}"
        print(f"{verdict}  {target.name}: published {target.published}, simulated {target.simulated:,.4g} {error}")
    return 0 if all(target.holds for target in found) else 1


if __name__ == "__main__":
    sys.exit(main())
