"""Whether claims can be drawn as often as the scheme says, for every group and with the trend."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from fundsim.benefits.schedule import Fault
from fundsim.claims import AdmissionClaims
from fundsim.frequency import FrequencyError, FrequencyFamily
from fundsim.scenario.problems import Steps
from fundsim.scenario.sections import Sections

BAD_YEAR: Final = 1 - 1e-9
"""Probability up to which a draw of what persons share is looked at: thousands of replications stay below it."""


@dataclass(frozen=True)
class _Frequency:
    """The frequency of the claims, and what multiplies it for everybody."""

    family: FrequencyFamily
    path: Steps
    level: float
    """What persons share, in a bad year."""
    trend: float

    def refusal(self, multiplier: float) -> FrequencyError | None:
        """Why it cannot be sampled, if so."""
        try:
            self.family.count_thresholds(multiplier)
        except FrequencyError as error:
            return error
        return None

    def most(self, refused: float) -> float:
        """The largest multiplier that can be sampled, found by halving below one that cannot."""
        low, high = 0.0, refused
        for _ in range(50):
            middle = (low + high) / 2
            low, high = (low, middle) if self.refusal(middle) else (middle, high)
        return low


def frequencies_can_be_sampled(sections: Sections) -> Iterator[Fault]:
    """No group needs more than the most admissions that one person can have in a year.

    The fault is placed at the mean where that alone is too high, else at the trend, else at the group's multiplier.
    """
    frequency = _frequency(sections)
    if frequency is None or sections.population is None:
        return
    family, level, trend = frequency.family, frequency.level, frequency.trend
    groups = {name: group.admissions for name, group in sections.population.groups.items()}
    refused = {name: times for name, times in groups.items() if frequency.refusal(level * trend * times)}
    if not refused:
        return
    alone, with_trend = frequency.refusal(level), frequency.refusal(level * trend)
    if alone or with_trend:
        name = max(refused, key=refused.__getitem__)
        total = level * trend * refused[name]
        mean = _at_most(family.stated_mean * frequency.most(total) / total)
        path = (*frequency.path, "mean") if alone else ("claims", "trend", "admissions")
        instead = f"write a mean of at most {mean} per person" + ("" if alone else ", or lower this growth")
        yield Fault(path, _why(frequency, name, total), instead)
        return
    for name, times in refused.items():
        total = level * trend * times
        most = _at_most(frequency.most(total) / (level * trend))
        path = ("population", "groups", name, "admissions")
        yield Fault(path, _why(frequency, name, total), f"write at most x{most}, or lower the mean of the claims")


def _frequency(sections: Sections) -> _Frequency | None:
    claims = sections.claims
    if claims is None:
        return None
    family, key = (
        (claims.admissions, "admissions") if isinstance(claims, AdmissionClaims) else (claims.persons, "persons")
    )
    trend = claims.trend.factors(claims.year)[1] if claims.trend else 1.0
    return _Frequency(family, ("claims", key), float(family.level(BAD_YEAR)), trend)


def _why(frequency: _Frequency, group: str, multiplier: float) -> str:
    refusal = frequency.refusal(multiplier)
    assert refusal is not None
    shared = " (in a year as bad as one in a billion)" if frequency.family.shared_by() else ""
    return f"group '{group}': {refusal.why}{shared}"


def _at_most(number: float) -> str:
    """A number above zero with three digits that count, not rounded up; halving ends a hair below a round number."""
    decimals = max(2 - math.floor(math.log10(number)), 0)
    text = f"{math.floor(number * (1 + 1e-12) * 10**decimals) / 10**decimals:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if decimals else text
