"""Late settlements added to the counts of an experience (迟报补足), with the error that this brings.

The factor of a month is the same for every group and county, and so is its error: both are of the months, and a cell
of year and group takes them by its records. Claims that are thinned by delay keep their mixing law, so the spread of
the frequency is fitted to what is seen and only its mean is completed. Costs are not completed: a bill that comes late
is taken to cost what those of its month cost that came at once, and ``late_cost`` says how true that is.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, Self

import numpy as np
import numpy.typing as npt

from fundsim.calibration.completion import Completion, complete, month_numbers
from fundsim.calibration.errors import CalibrationError
from fundsim.calibration.experience import Experience
from fundsim.records.privacy import SUPPRESS, SmallCells

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Note = tuple[str, str]
"""Chinese and English."""

_IDLE_DAYS: Final = 7.0
"""Days without a settlement that say nothing: a weekend, a holiday."""
_HOLE_DAYS: Final = 45.0
"""Days without a settlement after which a later one no longer tells when the records were taken out."""
_CHANCE: Final = 0.01
"""Of a longer gap with as many settlements a day as the records have."""
_TELLING: Final = 3.0
"""Standard errors from which late bills are said to cost something else."""
_UNIX_EPOCH: Final = datetime.date(1970, 1, 1).toordinal()


@dataclass(frozen=True, eq=False)
class Completed:
    """The admissions of an experience, counted with those that are not settled yet."""

    completion: Completion
    first: int
    """The first month, by :func:`month_numbers`."""
    until: int
    """The last month whose settlements are in the records."""
    weights: Floats
    """(n,) what each admission counts for: its month's factor; zero where it was settled after ``until``."""
    seen: Floats
    """(years, groups) admissions in the records."""
    counts: Floats
    """(years, groups) completed."""
    covariance: Floats
    """(years·groups, years·groups) of ``counts``, Mack's."""
    late_cost: tuple[float, float] | None
    """Mean cost of bills settled after the month of discharge over that of the others, and its standard error."""

    @property
    def se(self) -> float:
        """Standard error of all admissions together."""
        return math.sqrt(float(self.covariance.sum()))

    @property
    def factor(self) -> float:
        """All completed admissions over those seen."""
        return float(self.counts.sum() / self.seen.sum())

    @property
    def factor_se(self) -> float:
        """Standard error of :attr:`factor`."""
        return self.se / float(self.seen.sum())

    def of_year(self, place: int) -> tuple[float, float]:
        """Factor of a year (by position), and its standard error."""
        groups = self.counts.shape[1]
        cells = slice(place * groups, (place + 1) * groups)
        seen = float(self.seen[place].sum())
        if not seen:
            return 1.0, 0.0
        return float(self.counts[place].sum()) / seen, math.sqrt(float(self.covariance[cells, cells].sum())) / seen

    def of_years(self, experience: Experience, years: Sequence[int]) -> Self:
        """The same of some years alone; ``experience`` is that of all."""
        places = np.array([experience.years.index(year) for year in sorted(years)])
        groups = self.counts.shape[1]
        cells = (places[:, None] * groups + np.arange(groups)).ravel()
        return replace(
            self,
            weights=self.weights[np.isin(experience.year, places)],
            seen=self.seen[places],
            counts=self.counts[places],
            covariance=self.covariance[np.ix_(cells, cells)],
        )

    def by(self, years: int, year: Codes, place: Codes, size: int) -> Floats:
        """(years, size) completed admissions by year and another axis, such as the county."""
        sums = np.bincount(year * size + place, self.weights, minlength=years * size)
        return np.asarray(sums.reshape(years, size), dtype=np.float64)

    def frame(self, experience: Experience, small: SmallCells, lang: Literal["en", "zh"] = "en") -> Any:
        """A row for each month that is open; small cells are hidden, and nothing where none is open."""
        import pandas as pd

        months = _discharged(experience) - self.first
        each = np.unique(months * (int(experience.person.max()) + 1) + experience.person)
        persons = np.bincount(each // (int(experience.person.max()) + 1), minlength=len(self.completion.factor))
        table = self.completion.frame()[["seen", "ultimate", "se", "factor"]]
        table.insert(0, "persons", persons)
        table.index = pd.Index([_month(self.first + place) for place in range(len(table))], name="month")
        shown = table[self.completion.ladder.reserve > 0]
        return small.shield(shown, "persons", ["seen", "ultimate", "se", "factor"], lang=lang)


def completed_of(experience: Experience, small: SmallCells = SUPPRESS) -> tuple[Completed | None, Note]:
    """Complete the last months by chain ladder, as far as the records tell; and what the reader must know.

    Args:
        experience: with days of settlement, or without.
        small: how small numbers of records are told.

    Raises:
        CalibrationError: the records end before their last year does, so that months are missing, not late.
    """
    if experience.settled is None or experience.month is None or not (experience.settled >= 0).any():
        return None, (
            "记录没有结算日期，最后几个月的迟报结算未补足，次数可能偏低",
            "the records have no settlement days: late settlements of the last months are not added to the counts",
        )
    until = _until(experience, experience.settled)
    settled = np.where(experience.settled >= 0, _months(experience.settled), -1)
    there = settled <= until
    discharged = _discharged(experience)
    try:
        completion = complete(discharged[there], settled[there], seen_to=until)
    except ValueError as error:
        return None, (
            f"最后几个月的迟报结算无法用链梯法补足（{error}），次数可能偏低",
            f"late settlements cannot be added to the counts of the last months: {error}",
        )
    if not (settled[there] > discharged[there]).any():
        return None, (
            "没有跨月结算的记录，无从估计迟报，次数未补足",
            "no record is settled after its month of discharge, so nothing tells of late ones: nothing is added",
        )
    if not completion.ladder.total_reserve > 0:
        return None, (
            f"截至{_month(until)}各月均已结清，次数无需补足",
            f"all months are settled in full by {_month(until)}: nothing is added to the counts",
        )
    found = _counted(experience, completion, discharged, there, until)
    return found, _note(found, experience, small)


def _counted(
    experience: Experience, completion: Completion, discharged: Codes, there: npt.NDArray[np.bool_], until: int
) -> Completed:
    first = int(discharged[there].min())
    years, groups = len(experience.years), len(experience.groups)
    cell = experience.year * groups + experience.group
    months = len(completion.factor)
    table = np.bincount(cell[there] * months + discharged[there] - first, minlength=years * groups * months)
    by_month = table.reshape(years * groups, months).astype(np.float64)
    latest = completion.ladder.latest
    share = np.divide(by_month, latest, out=np.zeros_like(by_month), where=latest > 0)
    return Completed(
        completion=completion,
        first=first,
        until=until,
        weights=np.where(there, completion.factor[np.clip(discharged - first, 0, months - 1)], 0.0),
        seen=np.bincount(cell, minlength=years * groups).reshape(years, groups).astype(np.float64),
        counts=(by_month @ completion.factor).reshape(years, groups),
        covariance=share @ completion.ladder.covariance @ share.T,
        late_cost=_late_cost(experience, discharged),
    )


def _until(experience: Experience, settled: Codes) -> int:
    """The last month whose settlements are all in the records; the year of the last must be over by then."""
    year = experience.years[-1]
    end = datetime.date(year, 12, 31).toordinal()
    stated = np.unique(settled[settled >= 0])
    span = int(stated[-1] - stated[0]) + 1
    idle = max(_IDLE_DAYS, -math.log(_CHANCE) * span / int((settled >= 0).sum()))
    last = _last(stated, end, max(_HOLE_DAYS, 2.0 * idle))
    if last < end <= last + idle:
        return int(month_numbers(year, 12))
    month, soon = _months(np.array([last, last + int(idle) + 1])).tolist()
    until = int(month if soon > month else month - 1)
    if until < month_numbers(year, 12):
        day = datetime.date.fromordinal(last)
        raise CalibrationError(
            f"the last settlement is of {day}, so the months of {year} are not all in the records and nothing tells "
            f"how many admissions they will have; take the years before it, such as --years {experience.years[0]}-"
            f"{max(year - 1, experience.years[0])}, or records that were taken out after the year's end"
        )
    return until


def _last(days: Codes, end: int, hole: float) -> int:
    """The last of the days of settlement, in rising order, before a hole past the end of the last year.

    What lies beyond a hole is a wrong date, or a bill so late that it says nothing of when the records were taken out:
    taken for that day, it would make every month look settled in full.
    """
    holes = np.flatnonzero((np.diff(days) > hole) & (days[1:] > end))
    return int(days[holes[0]] if len(holes) else days[-1])


def _late_cost(experience: Experience, discharged: Codes) -> tuple[float, float] | None:
    """Late over prompt bills: the cost of late ones over what prompt ones of their year and care level cost."""
    assert experience.settled is not None
    delay = _months(experience.settled) - discharged
    late, prompt = (experience.settled >= 0) & (delay > 0), (experience.settled >= 0) & (delay == 0)
    levels = len(experience.care_levels)
    cell, size = experience.year * levels + experience.care, len(experience.years) * levels
    (n, mean, variance), (m, _, late_variance) = (_moments(cell[which], experience.cost[which], size)
                                                  for which in (prompt, late))  # fmt: skip
    both = (n > 1) & (m > 1)
    expected = float((m * mean)[both].sum())
    if not expected:
        return None
    ratio = float(experience.cost[late & both[cell]].sum()) / expected
    spread = (m * late_variance)[both].sum() + ratio**2 * (m[both] ** 2 * variance[both] / n[both]).sum()
    return ratio, math.sqrt(float(spread)) / expected


def _moments(cell: Codes, cost: Floats, size: int) -> tuple[Floats, Floats, Floats]:
    n = np.bincount(cell, minlength=size).astype(np.float64)
    some = np.maximum(n, 1.0)
    mean = np.bincount(cell, cost, minlength=size) / some
    return n, mean, np.maximum(np.bincount(cell, cost**2, minlength=size) / some - mean**2, 0.0)


def _note(found: Completed, experience: Experience, small: SmallCells) -> Note:
    factor, se = found.of_year(len(experience.years) - 1)
    month, year = float(found.completion.factor[-1]), experience.years[-1]
    zh = (
        f"截至{_month(found.until)}尚未结清的月份按链梯法补足次数：{year}年完成系数{factor:.4f}（标准误{se:.4f}），"
        f"最后一个月{month:.3f}，误差计入住院率；迟报案件的费用按同年同级已结算案件计"
    )
    en = (
        f"months not settled in full by {_month(found.until)} are completed by chain ladder: factor of {year} "
        f"{factor:.4f} (standard error {se:.4f}), of its last month {month:.3f}; the error is in that of the "
        "frequency; bills still to come are taken to cost what those of the same year and care level cost"
    )
    not_stated = found.completion.not_stated
    if not_stated:
        zh += f"；无结算日期的记录（{small.count(not_stated, lang='zh')}）按所在月份的系数补足"
        en += f"; records without a settlement day ({small.count(not_stated)}) take the factor of their month"
    beyond = int((found.weights == 0).sum())
    if beyond:
        zh += f"；{_month(found.until)}之后结算的记录（{small.count(beyond, lang='zh')}）不入三角形，由系数代表"
        en += f"; records settled after {_month(found.until)} ({small.count(beyond)}) are left to the factors"
    if found.late_cost is not None:
        ratio, error = found.late_cost
        zh += f"；跨月结算与当月结算次均费用之比{ratio:.3f}（标准误{error:.3f}）"
        en += f"; mean cost of bills settled in a later month over the others: {ratio:.3f} (standard error {error:.3f})"
        if abs(ratio - 1.0) > _TELLING * error:
            zh += "，相差显著，未结清月份的次均费用有偏"
            en += ", which is not chance: the mean cost of open months is biased"
    return zh, en


def _discharged(experience: Experience) -> Codes:
    assert experience.month is not None
    return month_numbers(np.array(experience.years)[experience.year], experience.month)


def _months(days: Codes) -> Codes:
    """Month numbers of days, as ``datetime.date.toordinal`` counts them."""
    dates = (days - _UNIX_EPOCH).astype("datetime64[D]").astype("datetime64[M]")
    return dates.astype(np.int64) + 1970 * 12


def _month(number: int) -> str:
    return f"{number // 12}-{number % 12 + 1:02d}"
