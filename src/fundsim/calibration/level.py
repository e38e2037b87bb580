"""Years brought to one level (同一水平), that of the last: by the trends of use and of cost, with their errors."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from fundsim.calibration.completing import Completed
from fundsim.calibration.errors import CalibrationError
from fundsim.calibration.experience import Experience
from fundsim.calibration.frequency import FrequencyFit
from fundsim.calibration.trend import Trend, cost_trend, frequency_trend

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trends:
    """Growth of use and of cost over the years of an experience; None where one year is told."""

    use: Trend | None
    cost: Trend | None
    use_completion: float = 0.0
    """The part of the standard error of log growth of use that the completion of late settlements brings."""

    def frame(self) -> Any:
        """A row for use and one for cost; a pandas DataFrame."""
        import pandas as pd

        told = {name: trend for name, trend in (("use", self.use), ("cost", self.cost)) if trend is not None}
        rows = {name: (trend.growth, trend.se, *trend.interval()) for name, trend in told.items()}
        return pd.DataFrame.from_dict(rows, orient="index", columns=["growth", "se", "low", "high"])


def trends_of(experience: Experience, completed: Completed | None = None) -> Trends:
    """Estimate both trends: use by group, with counts completed for late settlements; cost by care level.

    Raises:
        CalibrationError: a year that has nothing in it, so that no growth can be told.
    """
    if len(experience.years) < 2 or experience.enrolled is None:
        return Trends(None, None)
    counts, covariance = _counts(experience, completed)
    kept = (experience.enrolled > 0) & (counts.sum(axis=0) > 0)
    place, group = np.nonzero(kept)
    stated = np.array(experience.years)
    try:
        cells = (stated[place], counts[kept], experience.enrolled[kept], group)
        use = frequency_trend(
            *cells, count_error=None if covariance is None else covariance[np.ix_(*2 * [kept.ravel()])]
        )
        alone = use if covariance is None else frequency_trend(*cells)
        cost = cost_trend(stated[experience.year], experience.cost, experience.care)
    except ValueError as error:
        raise CalibrationError(f"no trend can be told: {error}") from None
    return Trends(use, cost, math.sqrt(max(use.log_se**2 - alone.log_se**2, 0.0)))


def _counts(experience: Experience, completed: Completed | None) -> tuple[Floats, Floats | None]:
    """(years, groups) admissions, and the covariance of what completes them."""
    if completed is not None:
        return completed.counts, completed.covariance
    assert experience.enrolled is not None
    counts = np.zeros_like(experience.enrolled)
    np.add.at(counts, (experience.year, experience.group), 1.0)
    return counts, None


def at_last_cost(experience: Experience, trends: Trends) -> Experience:
    """All costs at the level of the last year."""
    if trends.cost is None:
        return experience
    return experience.at_level([trends.cost.factor(year, experience.years[-1])[0] for year in experience.years])


def cost_level_log_se(experience: Experience, trends: Trends) -> float:
    """Standard error of the log of the level of cost: that of the trend over the mean age of the records."""
    if trends.cost is None:
        return 0.0
    return trends.cost.log_se * float(experience.years[-1] - np.mean(np.array(experience.years)[experience.year]))


def frequency_in(fitted: FrequencyFit, experience: Experience, trends: Trends, year: int) -> FrequencyFit:
    """The fitted frequency at the level of a year, the error of the trend over the years between in its own.

    Completion of the last months moves the mean and the trend the same way, so what it brings to both is added, and
    what else there is comes in by squares.
    """
    if trends.use is None or experience.enrolled is None:
        return fitted
    persons = experience.enrolled.sum(axis=1)
    weight = persons / persons.sum()
    factor = float(np.dot(weight, [trends.use.factor(each, year)[0] for each in experience.years]))
    apart = abs(year - float(np.dot(weight, experience.years)))
    completion = fitted.completion_log_se + trends.use_completion * apart
    parts = (fitted.log_mean_se, trends.use.log_se * apart)
    known = (fitted.completion_log_se, trends.use_completion * apart)
    rest = sum(whole**2 - part**2 for whole, part in zip(parts, known, strict=True))
    mean = fitted.mean * factor
    mean_se = mean * math.sqrt(max(rest, 0.0) + completion**2)
    return replace(fitted, mean=mean, mean_se=mean_se, completion_log_se=completion)
