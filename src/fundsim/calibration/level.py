"""Years brought to one level (同一水平), that of the last: by the trends of use and of cost, with their errors."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

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


def trends_of(experience: Experience) -> Trends:
    """Estimate both trends: use by group, cost by care level.

    Raises:
        CalibrationError: a year that has nothing in it, so that no growth can be told.
    """
    if len(experience.years) < 2 or experience.enrolled is None:
        return Trends(None, None)
    counts = np.zeros_like(experience.enrolled)
    np.add.at(counts, (experience.year, experience.group), 1.0)
    kept = (experience.enrolled > 0) & (counts.sum(axis=0) > 0)
    place, group = np.nonzero(kept)
    stated = np.array(experience.years)
    try:
        use = frequency_trend(stated[place], counts[kept], experience.enrolled[kept], group)
        cost = cost_trend(stated[experience.year], experience.cost, experience.care)
    except ValueError as error:
        raise CalibrationError(f"no trend can be told: {error}") from None
    return Trends(use, cost)


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
    """The fitted frequency at the level of a year, the error of the trend over the years between in its own."""
    if trends.use is None or experience.enrolled is None:
        return fitted
    persons = experience.enrolled.sum(axis=1)
    weight = persons / persons.sum()
    factor = float(np.dot(weight, [trends.use.factor(each, year)[0] for each in experience.years]))
    apart = trends.use.log_se * abs(year - float(np.dot(weight, experience.years)))
    mean = fitted.mean * factor
    return replace(fitted, mean=mean, mean_se=mean * math.hypot(fitted.log_mean_se, apart))
