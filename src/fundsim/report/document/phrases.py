"""Half-sentences that several sections need (常用句式): how often something happens, what is above or below."""

from __future__ import annotations

from math import floor, log10
from typing import TYPE_CHECKING

from fundsim.estimates import mean_of
from fundsim.report.document.model import Number
from fundsim.report.document.subject import Subject, chance, with_its_error
from fundsim.report.document.words import Words

if TYPE_CHECKING:
    from fundsim.estimates import Estimate, Probability

LOSES = (Words("公司", "the insurer"), Words("亏损", "loses"))


def how_often(p: Probability, replications: int, who: Words, does: Words) -> Words:
    """A probability as a clause; always and never are told in words, with the end that the sample bounds."""
    n = f"{replications:,}"
    if p.p == 1:
        low = _bound(100 * p.lo, from_certain=100 * (1 - p.lo))
        return Words(
            f"{n}次模拟中{who.zh}全部{does.zh}（概率的95%区间下限{low}%）",
            f"{who.en} {does.en} in all {n} replications (95% interval of the probability from {low}%)",
        )
    if p.p == 0:
        high = _bound(100 * p.hi, from_certain=100 * p.hi)
        return Words(
            f"{n}次模拟中{who.zh}均未{does.zh}（概率的95%区间上限{high}%）",
            f"{who.en} {does.en} in none of {n} replications (95% interval of the probability up to {high}%)",
        )
    of, low_end, high_end = chance(p)
    return Words(
        f"{who.zh}{does.zh}的概率为{of.text}%（95%区间{low_end.text}%至{high_end.text}%）",
        f"{who.en} {does.en} with probability {of.text}% (95% interval {low_end.text}% to {high_end.text}%)",
    )


def _bound(value: float, from_certain: float) -> str:
    """An end of an interval, to one significant digit of what parts it from certainty, one decimal at least."""
    places = 1 if from_certain <= 0 else max(1, -floor(log10(from_certain)))
    return f"{value:.{places}f}"


def insurer_loses(subject: Subject) -> Words:
    """How often the insurer loses, over the whole term."""
    base = subject.base
    return how_often(base.probability("insurer_loss"), base.replications, *LOSES)


def span(subject: Subject) -> Words:
    """What an amount stands for: a year, or the average year of the term."""
    years = subject.base.n_years
    return Words("年均", "a year on average") if years > 1 else Words("当年平均", "on average")


def short(of: Number, most: int = 2) -> str:
    """A figure for a sentence: no more decimals than a meeting asks for, 2 for yuan; a real minus."""
    if of.value is None or of.decimals <= most:
        return of.text.replace("-", "−")
    return f"{of.value:,.{most}f}".replace("-", "−")


def short_error(of: Number, most: int = 2) -> str:
    """A standard error for a sentence: below the last decimal told, it is told as that."""
    text = short(of, most)
    if of.value and not text.strip("0.,"):
        return f"<{10.0**-most:.{most}f}"
    return text


def told(pair: tuple[Number, Number], most: int = 2) -> tuple[str, str]:
    """A figure and its standard error for a sentence."""
    return short(pair[0], most), short_error(pair[1], most)


def plain(text: str) -> str:
    """A figure without its sign, where words tell it."""
    return text.lstrip("-−+")


def capital(words: Words) -> Words:
    """A clause as the beginning of a sentence."""
    return Words(words.zh, words.en[:1].upper() + words.en[1:])


def within_error(of: Estimate) -> bool:
    """Whether a mean does not differ from zero beyond its error."""
    ends = of.interval()
    return of.mean is None or (ends is not None and ends[0] <= 0 <= ends[1])


def fund_bears(subject: Subject) -> str | None:
    """What the fund bears of losses, a year on average, in the unit of the report; None where it bears none."""
    base = subject.base
    names = [name for name in ("policy_loss_fund", "other_loss_fund") if name in base.totals]
    total = sum((base.average(name) for name in names), start=base.average("premium") * 0.0)
    if not total.any():
        return None
    return short(with_its_error(mean_of(total, batch=base.batch), 1 / subject.money.fen)[0])
