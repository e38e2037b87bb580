"""What a report speaks of (报告对象): the results of one scheme, and of other designs on the same people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from fundsim.measures import MEASURES, PROBABILITIES
from fundsim.report.amounts import Money, in_per_cent, money_of, per_cent, scale_of, with_error, with_range
from fundsim.report.document.model import Column, Number, Table
from fundsim.report.document.words import Lang, Words, same

if TYPE_CHECKING:
    from fundsim.estimates import Estimate, Probability
    from fundsim.report.sensitivities import Sensitivity
    from fundsim.results import Results
    from fundsim.scenario import Scenario

UNITS = {
    "million yuan": "百万元", "thousand yuan": "千元", "100 million yuan": "亿元", "10,000 yuan": "万元", "yuan": "元",
    "%": "%", "persons": "人",
    "per 1,000": "每千人", "yuan/person": "元/人",
}  # fmt: skip
"""Units as they are printed, in English and in Chinese."""


@dataclass(frozen=True, eq=False)
class Subject:
    """Results to report on: the first design is the scheme itself."""

    designs: tuple[Results, ...]
    sensitivity: tuple[Sensitivity, ...] = ()
    """Sensitivities of the scheme, measured apart."""
    lang: Lang = "zh"
    """The language that the report is read in; the unit of money is that language's."""

    @classmethod
    def of(
        cls,
        results: Results | Sequence[Results],
        sensitivity: Sensitivity | Sequence[Sensitivity] = (),
        lang: Lang = "zh",
    ) -> Subject:
        """One result, or several designs on the same people, with or without sensitivities of the first."""
        measured = tuple(sensitivity) if isinstance(sensitivity, Sequence) else (sensitivity,)
        return cls(tuple(results) if isinstance(results, Sequence) else (results,), measured, lang)

    @property
    def base(self) -> Results:
        return self.designs[0]

    @property
    def scenario(self) -> Scenario:
        return self.base.scenario

    @cached_property
    def money(self) -> Money:
        """The unit for the fund's totals, in the language of the report."""
        return money_of(self.base, self.lang)

    @property
    def title(self) -> Words:
        return Words(self.scenario.title("zh"), self.scenario.title("en"))

    def design_name(self, results: Results) -> Words:
        """A design's title, or its name; of the scheme itself 本方案."""
        if results is self.base:
            return Words("本方案", "this scheme")
        design = results.scenario.design or results.scenario.id
        titled = results.scenario.terms.title != self.scenario.terms.title
        return Words(results.scenario.title("zh"), results.scenario.title("en")) if titled else same(design)


def unit_of(measure: str, money: Money) -> Words:
    """The unit in which a measure is printed."""
    unit = scale_of(measure, money)[1]
    return Words(UNITS[unit], unit)


def name_of(measure: str) -> Words:
    """A measure's name, or a probability's."""
    if measure in PROBABILITIES:
        zh, en = PROBABILITIES[measure]
    else:
        zh, en = MEASURES[measure].zh, MEASURES[measure].en
    return Words(in_chinese_marks(zh), en)


def in_chinese_marks(text: str) -> str:
    """A Chinese name with the brackets and colons of Chinese print, which terminals set too wide."""
    return text.replace(" (", "（").replace("(", "（").replace(")", "）").replace(": ", "：")


def number(value: float | None, text: str) -> Number:
    """A figure with the text that stands for it."""
    return Number(value, text)


def with_its_error(of: Estimate, factor: float = 1.0, most: int = 2) -> tuple[Number, Number]:
    """An estimate in another unit, and its standard error."""
    mean, se = with_error(of, factor, most)
    return Number(_times(of.mean, factor), mean), Number(_times(of.se, factor), se)


def with_its_range(of: Estimate, factor: float, most: int) -> tuple[Number, Number, Number, Number]:
    """An estimate with its standard error and its 5% and 95% points."""
    mean, se, low, high = with_range(of, factor, most)
    points = (None, None) if of.percentiles is None else (of.percentiles[1] * factor, of.percentiles[5] * factor)
    return (
        Number(_times(of.mean, factor), mean),
        Number(_times(of.se, factor), se),
        Number(points[0] if low != "–" else None, low),
        Number(points[1] if high != "–" else None, high),
    )


def chance(p: Probability) -> tuple[Number, Number, Number]:
    """A probability with the ends of its 95% interval, per cent."""
    of, lo, hi = in_per_cent(p)
    return Number(100 * p.p, of), Number(100 * p.lo, lo), Number(100 * p.hi, hi)


def share(of: Estimate) -> Number:
    """A share in per cent that stands without its error: two decimals at most."""
    return Number(of.mean, per_cent(of.mean, of.se))


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


FIGURE_COLUMNS = (
    Column(Words("指标", "measure"), numeric=False),
    Column(Words("单位", "unit"), numeric=False),
    Column(Words("均值", "mean")),
    Column(Words("标准误", "s.e.")),
    Column(Words("5%分位", "5%")),
    Column(Words("95%分位", "95%")),
)


def figures(subject: Subject, id: str, title: Words, measures: Sequence[str], notes: tuple[Words, ...] = ()) -> Table:  # noqa: A002
    """A table of measures with their errors and ranges; those that the results do not have are left out."""
    rows = []
    for name in measures:
        of = subject.base.estimate(name)
        if of.mean is None:
            continue
        factor, _, most = scale_of(name, subject.money)
        rows.append((name_of(name), unit_of(name, subject.money), *with_its_range(of, factor, most)))
    return Table(id, title, FIGURE_COLUMNS, tuple(rows), notes)
