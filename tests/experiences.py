"""Admissions drawn from a known model, for the tests of calibration."""

from __future__ import annotations

import numpy as np

from fundsim.calibration import Experience
from fundsim.severity import Lognormal, SeverityFamily, Spliced, Tail

SHARES = (0.50, 0.35, 0.15)
COSTS: tuple[SeverityFamily, ...] = (
    Lognormal(mean=150_000, cv=0.8),
    Lognormal(mean=360_000, cv=1.0),
    Spliced(body=Lognormal(mean=800_000, cv=1.2), tail=Tail(above=2_500_000, index=0.33)),
)
CATALOGUE = ((0.62, 0.30, 0.04, 0.04), (0.52, 0.36, 0.07, 0.05), (0.54, 0.36, 0.06, 0.04))
RATE, CV, POOR = 0.13, 0.7, 1.5
"""Admissions per person of the ordinary, their mixing, and the multiplier of the poor, who are 8%."""


def experience(persons: int, seed: int = 0, years: int = 3) -> Experience:
    """Admissions of some years, from :data:`COSTS`."""
    rng = np.random.default_rng(seed)
    group = (rng.random(persons) < 0.08).astype(np.int64)
    parts = [_year(rng, group, year) for year in range(years)]
    person, year, care, cost = (np.concatenate(column) for column in zip(*parts, strict=True))
    enrolled = np.tile([np.sum(group == 0), np.sum(group == 1)], (years, 1)).astype(float)
    return Experience(
        person=person,
        year=year,
        care=care,
        group=group[person],
        cost=cost,
        years=tuple(range(2011, 2011 + years)),
        care_levels=("township", "county", "tertiary"),
        groups=("ordinary", "poor"),
        enrolled=enrolled,
        split=cost[:, None] * np.array(CATALOGUE)[care],
        month=rng.integers(1, 13, len(person)),
        source="模拟记录",
    )


def _year(rng: np.random.Generator, group: np.ndarray, year: int) -> tuple[np.ndarray, ...]:
    rate = RATE * np.where(group == 1, POOR, 1.0) * rng.gamma(CV**-2, CV**2, len(group))
    person = np.repeat(np.arange(len(group)), rng.poisson(rate))
    care = rng.choice(3, len(person), p=SHARES)
    cost = np.empty(len(person))
    for place, family in enumerate(COSTS):
        cost[care == place] = family.quantile_upper(rng.random(int(np.sum(care == place))))
    return person, np.full(len(person), year), care, np.round(cost, 2)
