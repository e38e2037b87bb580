"""资金流向: the waterfall of money between the parties: from the premium to what each is left with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fundsim.report.amounts import written
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE, SKY, VERMILION, minus
from fundsim.report.pictures.canvas import canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Step:
    """One bar: what comes in (positive) or goes out (negative), or a level that is reached."""

    words: Words
    amount: float
    level: bool = False


def flow_picture(subject: Subject) -> Picture:
    """From the premium over claims, returns and real cost to the insurer's result: mean amounts."""
    last = steps(subject)[-1].amount
    money = subject.money
    alt = Words(
        f"瀑布图：保费依次减去赔付、返还和实际费用，加上基金分担，公司净损益平均{last:,.2f}{money.zh}。",
        f"Waterfall from the premium to the insurer's mean result of {last:,.2f} {money.en}.",
    )
    return Picture(
        "flow", Words("资金流向（均值）", "Where the money goes (means)"), alt, lambda lang: _draw(subject, lang)
    )


def steps(subject: Subject) -> tuple[Step, ...]:
    """The bars: they add up, mean by mean, because the books of every replication balance."""
    base, money = subject.base, subject.money

    def mean(name: str) -> float:
        return float(base.average(name).mean()) / money.fen if name in base.totals else 0.0

    fund = mean("policy_loss_fund") + mean("other_loss_fund")
    premium, result = mean("premium"), mean("insurer_result")
    cost = mean("contract_result") - result
    parts = [
        Step(Words("保费", "premium"), premium, level=True),
        Step(Words("赔付", "claims"), -mean("claims_paid")),
        Step(Words("返还基金", "returned"), -mean("surplus_return")),
        Step(Words("基金分担亏损", "borne by the fund"), fund),
        Step(Words("实际费用", "real cost"), -cost),
    ]
    rest = result - sum(step.amount for step in parts)
    if abs(rest) > 1e-9 * premium:
        parts.append(Step(Words("结转及其他", "carried, other"), rest))
    shown = tuple(step for step in parts if step.level or step.amount)
    return (*shown, Step(Words("公司净损益", "insurer's result"), result, level=True))


def _draw(subject: Subject, lang: Lang) -> Figure:
    money = subject.money
    with canvas() as (figure, ax):
        reached = 0.0
        bars = steps(subject)
        for place, step in enumerate(bars):
            start = 0.0 if step.level else reached
            colour = BLUE if step.level else (SKY if step.amount > 0 else VERMILION)
            ax.bar(
                place,
                step.amount,
                0.62,
                bottom=start,
                color=colour,
                hatch=None if step.level else "//",
                edgecolor="white",
            )
            end = start + step.amount
            text = minus(written(step.amount, None, 1))
            ax.annotate(
                text, (place, max(start, end)), xytext=(0, 3), textcoords="offset points", ha="center", fontsize=7.5,
            )  # fmt: skip
            reached = end
        ax.axhline(0, color="black", linewidth=0.8)
        ax.set_xticks(range(len(bars)), [step.words.told(lang) for step in bars], fontsize=7.5)
        ax.set_ylabel(Words(money.zh, money.en).told(lang))
        ax.margins(y=0.12)
    return figure
