"""Bills settled under the scheme of city.yaml as a good analyst would write it: pandas, float64, all in memory.

``python pandas_settlement.py BILLS.csv OUT.csv``. Nothing is made slow on purpose: no row is touched by Python, each
payer is a few columns, and the bands are one ``np.interp`` per class of case. It settles this scheme and year and no
other, looks at nothing that could be wrong with a file, and rounds floats.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

BASIC_DEDUCTIBLE = {"township": 100.0, "county": 400.0, "tertiary": 700.0}
BASIC_RATE = {"township": 0.80, "county": 0.65, "tertiary": 0.50}
BASIC_CAP, CII_CAP = 100_000.0, 500_000.0
CII_DEDUCTIBLE, POOR_DEDUCTIBLE, POOR_RATE = 6000.0, 3000.0, 0.10
BANDS, RATES = np.array([20_000.0, 40_000.0, 60_000.0]), np.array([0.50, 0.60, 0.70, 0.80])
LOWER = {"local": 0.0, "province-referred": -0.05, "province-unreferred": -0.10}
FLAT = {"outside-referred": 0.50, "outside-unreferred": 0.40}
LARGEST = 1e10


def settle(bills: pd.DataFrame, *, deductible: float = CII_DEDUCTIBLE) -> pd.DataFrame:
    """Return the bills with what each payer counts and pays; ``deductible`` is what CII leaves to who is not poor."""
    ordered = bills.sort_values(["person_id", "discharge_date", "admission_id"])
    person = ordered["person_id"]
    payable = ordered["cost_a"] + ordered["cost_b"] + ordered["cost_c"]
    base = (ordered["cost_a"] + 0.85 * ordered["cost_b"]).round(2)
    own = np.minimum(base, ordered["care"].map(BASIC_DEDUCTIBLE))
    due = ((base - own) * ordered["care"].map(BASIC_RATE)).round(2)
    ordered["excluded"] = ordered["cost_excluded"]
    ordered["base_basic"] = base
    ordered["paid_basic"] = capped(due, person, BASIC_CAP)
    counted = (ordered["cost_a"] + 0.85 * ordered["cost_b"] + 0.70 * ordered["cost_c"]).round(2)
    ordered["base_cii"] = (counted - ordered["paid_basic"] - own).clip(lower=0).round(2)
    after = ordered["base_cii"].groupby(person).cumsum()
    ordered["paid_cii"] = capped(cii_due(ordered, after, deductible), person, CII_CAP)
    ordered["patient_pays"] = (payable - ordered["paid_basic"] - ordered["paid_cii"]).round(2)
    return ordered.sort_index()


def capped(due: pd.Series, person: pd.Series, cap: float) -> pd.Series:
    """What is paid of what is due while a person's payments of the year stay below a cap."""
    before = due.groupby(person).cumsum() - due
    return np.minimum(due, (cap - before).clip(lower=0)).round(2)


def cii_due(ordered: pd.DataFrame, after: pd.Series, deductible: float) -> pd.Series:
    """What CII owes each bill that moves a person's accumulated base."""
    before, due = after - ordered["base_cii"], pd.Series(0.0, ordered.index)
    for (hardship, place), some in ordered.groupby(["hardship", "place"], sort=False).groups.items():
        poor = hardship == "poor"
        rates = np.full(4, FLAT[place]) if place in FLAT else RATES + LOWER[place]
        start = POOR_DEDUCTIBLE if poor else deductible
        knots = start + np.array([-start, 0.0, *BANDS, LARGEST])
        values = np.concatenate([[0.0, 0.0], np.cumsum(np.diff(knots[1:]) * (rates + POOR_RATE * poor))])
        due[some] = np.interp(after[some], knots, values) - np.interp(before[some], knots, values)
    return due.round(2)


def settle_file(bills: Path, out: Path) -> None:
    """Settle a file into another."""
    text = dict.fromkeys(["person_id", "admission_id", "discharge_date"], str)
    settle(pd.read_csv(bills, dtype=text)).to_csv(out, index=False, float_format="%.2f")


if __name__ == "__main__":
    settle_file(Path(sys.argv[1]), Path(sys.argv[2]))
