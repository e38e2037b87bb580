"""资金流向: the waterfall of money between the parties: from the premium to what the insurer is left with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from fundsim.report.amounts import Money
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import LANGUAGES, Lang, Words
from fundsim.report.frame import BLUE, SKY, SMALL, VERMILION, fund_unit, minus, money_unit, plain
from fundsim.report.pictures.canvas import blank

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fundsim.results import Results

WHOLE = 2
"""Steps of the upper panel: the premium and the claims, beside which the others are small."""


@dataclass(frozen=True)
class Step:
    """One bar: what comes in (positive) or goes out (negative), or a level that is reached."""

    words: Words
    amount: float
    level: bool = False


def flow_picture(subject: Subject) -> Picture:
    """From the premium over claims, returns and real cost to the insurer's result: mean amounts."""
    zh, en = (fund_unit(subject.base, lang) for lang in LANGUAGES)
    last = [
        _plain(bars[-1].amount, _places(bars[WHOLE:])) for bars in (steps(subject.base, zh), steps(subject.base, en))
    ]
    alt = Words(
        f"瀑布图：保费减去支付患者的赔付后的余额，再计返还基金、基金分担与实际费用，公司净损益平均{last[0]}"
        f"{zh.zh}；下图为上图末端各小项的放大。",
        "Waterfall from the premium over what is paid to patients, returned to the fund, borne by the fund and spent, "
        f"to the insurer's mean result of {last[1]} {en.en}; the lower panel enlarges the small steps.",
    )
    return Picture(
        "flow", Words("资金流向（均值）", "Where the money goes (means)"), alt, lambda lang: _draw(subject, lang)
    )


def steps(results: Results, money: Money) -> tuple[Step, ...]:
    """The bars: they add up, mean by mean, because the books of every replication balance."""

    def mean(name: str) -> float:
        return float(results.average(name).mean()) / money.fen if name in results.totals else 0.0

    fund = mean("policy_loss_fund") + mean("other_loss_fund")
    premium, result = mean("premium"), mean("insurer_result")
    cost = mean("contract_result") - result
    paid, left = mean("claims_paid"), premium - mean("claims_paid")
    named = Words("赔付后结余", "left after claims") if left >= 0 else Words("赔付后缺口", "missing after claims")
    parts = [
        Step(Words("返还基金", "returned to the fund"), -mean("surplus_return")),
        Step(Words("基金分担亏损", "loss borne by the fund"), fund),
        Step(Words("公司实际费用", "the insurer's real cost"), -cost),
    ]
    rest = result - left - sum(step.amount for step in parts)
    if abs(rest) > 1e-9 * premium:
        parts.append(Step(Words("结转及其他", "carried on, and other"), rest))
    return (
        Step(Words("保费收入", "premium"), premium, level=True),
        Step(Words("赔付（付给患者）", "claims, to patients"), -paid),
        Step(named, left, level=True),
        *(step for step in parts if step.amount),
        Step(Words("公司净损益", "insurer's result"), result, level=True),
    )


def _draw(subject: Subject, lang: Lang) -> Figure:
    """Two panels: all on the scale of the premium, and the steps from what the claims leave on a scale of their own."""
    money = fund_unit(subject.base, lang)
    bars = steps(subject.base, money)
    unit = money_unit(money, lang)
    small = bars[WHOLE:]
    with blank(high=1.5 + 0.33 * (WHOLE + 1 + len(small))) as figure:
        panels = figure.subplots(2, 1, height_ratios=[WHOLE + 1.2, len(small)])
        _waterfall(panels[0], bars[: WHOLE + 1], lang)
        _waterfall(panels[1], small, lang)
        whole = Words(f"{unit}，以保费为尺度", f"{unit}, on the scale of the premium")
        enlarged = Words(f"{unit}，赔付后各项（放大）", f"{unit}, the steps after claims, enlarged")
        for ax, words in zip(panels, (whole, enlarged), strict=True):
            plain(ax)
            ax.set_xlabel(words.told(lang), loc="left", fontsize=SMALL + 0.5)
        figure.align_ylabels()
    return figure


def _waterfall(ax: Axes, bars: tuple[Step, ...], lang: Lang) -> None:
    """Horizontal bars from top to bottom, each from where the one before has led to."""
    reached = list(accumulate(bars, lambda at, step: step.amount if step.level else at + step.amount, initial=0.0))
    ends = [(0.0 if step.level else start, end) for step, start, end in zip(bars, reached, reached[1:], strict=False)]
    low, high = min(min(pair) for pair in ends), max(max(pair) for pair in ends)
    span, places = high - low or 1.0, _places(bars)
    for row, (step, (start, end)) in enumerate(zip(bars, ends, strict=True)):
        colour, hatch = (BLUE, None) if step.level else (SKY, "...") if step.amount > 0 else (VERMILION, "///")
        ax.barh(row, end - start, 0.6, left=start, color=colour, hatch=hatch, edgecolor="white", linewidth=0.5)
        if row + 1 < len(bars):
            ax.plot([end, end], [row + 0.3, row + 0.7], color="0.35", linewidth=0.9)
        arrow = "" if step.level else "→  +" if step.amount > 0 else "←  "
        text = arrow + _plain(step.amount, places)
        ax.annotate(
            text, (max(start, end), row), (5, 0), textcoords="offset points", va="center", fontsize=SMALL, zorder=5,
            bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none"},
        )  # fmt: skip
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(range(len(bars)), [step.words.told(lang) for step in bars])
    ax.set_ylim(len(bars) - 0.5, -0.5)
    ax.set_xlim(low - 0.04 * span, max(high, 0.0) + 0.2 * span)
    ax.xaxis.set_major_formatter("{x:,g}")


def _places(bars: Sequence[Step]) -> int:
    """Decimals with which all amounts of a panel are written, so that they can be added up."""
    largest = max(abs(step.amount) for step in bars)
    return 0 if largest >= 10_000 else 1 if largest >= 100 else 2


def _plain(amount: float, places: int) -> str:
    """An amount; zero has no sign."""
    return minus(f"{amount:,.{places}f}") if round(amount, places) else "0"
