"""Fit on some years, predict the others (回溯检验): intervals and the stop-loss curve, beside what happened.

The fitted years are brought to the level of their last by the trends of use and of cost, and those carry the fit on to
each held year. What is predicted has three errors, all told: of the parameters (the fits' covariance), of the trends
(their standard errors), and the luck of the held year's persons (the spread of the fitted years). They are taken as
independent, and the interval is lognormal, because amounts above a deductible are skew.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from fundsim.calibration.care import DEDUCTIBLES, Choices, fit_care, in_question, observations_of
from fundsim.calibration.completing import Completed, completed_of
from fundsim.calibration.errors import CalibrationError
from fundsim.calibration.experience import Experience
from fundsim.calibration.fit import Fit
from fundsim.calibration.frequency import counts_of, fit_frequency
from fundsim.calibration.level import Trends, at_last_cost, frequency_in, trends_of
from fundsim.calibration.trend import Trend
from fundsim.estimates import NORMAL_95

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Forecast:
    """One figure of a held year: predicted, and what happened."""

    year: int
    what: str
    """``admissions per person``, or the care level."""
    deductible: float | None
    """Yuan; None for the frequency."""
    predicted: float
    low: float
    high: float
    """Ends of the 95% prediction interval."""
    actual: float

    @property
    def covered(self) -> bool:
        """Whether what happened lies in the interval."""
        return self.low <= self.actual <= self.high

    @property
    def off(self) -> float:
        """Predicted over actual, less one; infinite where nothing happened."""
        return self.predicted / self.actual - 1.0 if self.actual else math.inf


@dataclass(frozen=True, eq=False)
class Backtest:
    """Predictions of the held years beside what happened."""

    fitted: tuple[int, ...]
    held: tuple[int, ...]
    forecasts: tuple[Forecast, ...]
    trends: Trends
    """Neither is known where one year was fitted: then nothing grows."""
    notes: tuple[tuple[str, str], ...] = ()
    """What the reader must know, Chinese and English."""

    def frame(self) -> Any:
        """One row per forecast; a pandas DataFrame."""
        import pandas as pd

        rows = [vars(each) | {"off": each.off, "covered": each.covered} for each in self.forecasts]
        return pd.DataFrame(rows)

    def text(self, lang: Literal["en", "zh"] = "zh") -> str:
        """The backtest as text for a terminal."""
        from fundsim.report.calibration import backtest_text

        return backtest_text(self, lang)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, as JSON takes them."""
        from fundsim.calibration.result import plain

        trends = {"frequency": self.trends.use, "cost": self.trends.cost}
        return {
            "fitted": list(self.fitted),
            "held": list(self.held),
            "trends": {
                name: None if trend is None else {"growth": trend.growth, "se": trend.se}
                for name, trend in trends.items()
            },
            "forecasts": plain(self.frame()),
            "remarks": [en for _, en in self.notes],
        }


def backtest(
    records: Any,
    held: Iterable[int],
    *,
    choices: Choices | None = None,
) -> Backtest:
    """Fit on all years but some, predict those, and set them beside what happened.

    Args:
        records: settlement records, or an :class:`Experience`.
        held: the years that are predicted.
        choices: what the analyst decides; bootstrap p-values are left out.

    Raises:
        CalibrationError: no enrolment, a held year without records, or no year left to fit.
        FitError: a fit that cannot be trusted.
    """
    experience = records if isinstance(records, Experience) else Experience.of(records)
    later = sorted(set(held))
    rest = [year for year in experience.years if year not in later]
    if not rest or not later:
        raise CalibrationError("no year is left to fit, or none to predict; name some years of the records")
    if experience.enrolled is None:
        raise CalibrationError("nobody says how many persons were enrolled: give --enrolment, by year and group")
    base, test = experience.of_years(rest), experience.of_years(later)
    decided = Choices(samples=0) if choices is None else choices
    completed, of_completion = completed_of(experience)
    fitted, known = (None if completed is None else completed.of_years(experience, some) for some in (rest, later))
    trends = trends_of(base, fitted)
    level = at_last_cost(base, trends)
    found = list(_frequencies(base, test, trends, fitted, known))
    for place, name in enumerate(experience.care_levels):
        care = fit_care(level, place, decided)
        seen = observations_of(level, level.care == place)
        cuts = in_question(seen, decided.deductibles if choices else DEDUCTIBLES)
        for year in later:
            mine = (test.care == place) & (test.year == test.years.index(year))
            if not mine.any():
                continue
            found += predict_costs(care.chosen.fit, level.cost[level.care == place], test.cost[mine], cuts,
                                   trends.cost, year=year, since=rest[-1], what=name)  # fmt: skip
    return Backtest(tuple(rest), tuple(later), tuple(found), trends, (of_completion,))


def _frequencies(
    base: Experience, test: Experience, trends: Trends, completed: Completed | None, held: Completed | None
) -> Iterator[Forecast]:
    """The held years' frequency beside what happened, late settlements added to both."""
    assert base.enrolled is not None
    assert test.enrolled is not None
    year, group, number, _ = base.person_years()
    counts = counts_of(year, group, number, base.enrolled)
    fitted = fit_frequency(counts) if completed is None else fit_frequency(counts, completed.counts, completed.se)
    for place, when in enumerate(test.years):
        told = frequency_in(fitted, base, trends, when)
        persons = float(test.enrolled[place].sum())
        chance = (1.0 / told.mean + (told.cv or 0.0) ** 2) / persons
        actual = float(np.sum(test.year == place)) / persons
        factor, factor_se = (1.0, 0.0) if held is None else held.of_year(place)
        log_sd = math.sqrt(told.log_mean_se**2 + chance + (factor_se / factor) ** 2)
        actual *= factor
        yield _forecast(when, "admissions per person", None, told.mean, log_sd, actual)


def predict_costs(
    fitted: Fit,
    base: npt.ArrayLike,
    actual: npt.ArrayLike,
    deductibles: Sequence[float],
    growth: Trend | None,
    *,
    year: int,
    since: int,
    what: str = "cost",
    share: tuple[float, float] = (1.0, 0.0),
) -> list[Forecast]:
    """Predict stop-loss premiums per record (or per person, with ``share``) of a later year from a fit.

    Args:
        fitted: to the base, at the level of ``since``.
        base: (n,) costs that were fitted, at that level, yuan: for the luck of records.
        actual: (m,) costs of the held year; zeros count as records, where ``share`` says how many are above zero.
        deductibles: yuan.
        growth: of cost; none where it is not known.
        year: the held year.
        since: the level of the fit.
        what: of what, for the table.
        share: part of the records with a cost at all, and the standard error of its log.
    """
    costs, seen = np.asarray(base, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    factor, factor_se = (1.0, 0.0) if growth is None else growth.factor(since, year)
    found = []
    for d in deductibles:
        at = d / factor
        value, se = fitted.of(lambda severity, at=at: float(severity.stop_loss(at)))  # type: ignore[misc]
        predicted = share[0] * factor * value
        leverage = 1.0 + at * float(fitted.severity.survival(at)) / value
        excess = np.maximum(costs - at, 0.0)
        square = share[0] * float(np.mean(excess**2)) / (share[0] * value) ** 2
        chance = max(square - 1.0, 0.0) / max(len(seen), 1)
        trend = leverage * factor_se / factor
        log_sd = math.sqrt((se / value) ** 2 + trend**2 + chance + share[1] ** 2)
        found.append(_forecast(year, what, d, predicted, log_sd, float(np.mean(np.maximum(seen - d, 0.0)))))
    return found


def _forecast(year: int, what: str, d: float | None, mean: float, log_sd: float, actual: float) -> Forecast:
    """With the interval of a lognormal variable of this mean and coefficient of variation."""
    sigma = math.sqrt(math.log1p(log_sd**2))
    middle = mean * math.exp(-(sigma**2) / 2.0)
    half = math.exp(NORMAL_95 * sigma)
    return Forecast(year, what, d, mean, middle / half, middle * half, actual)
