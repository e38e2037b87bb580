"""各报价的风险: each bid's expected result with both errors, and its chance of a loss."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

from fundsim.estimates import NORMAL_95
from fundsim.report.amounts import Money
from fundsim.report.document.model import Picture
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE, SKY, VERMILION
from fundsim.report.pictures.canvas import canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from fundsim.report.evaluation import Evaluation
    from fundsim.tendering.result import TenderResult


def bids_picture(of: Evaluation) -> Picture:
    """Results of the bids to the left, probabilities of a loss to the right."""
    found, money = of.found, of.money
    worst = max(found.bids, key=lambda each: each.loss.p)
    alt = Words(
        f"左：各报价公司净损益均值，带抽样误差与参数误差；右：亏损概率及95%区间，最高为{worst.bid.name}。",
        f"Left: the insurer's mean result of each bid with both errors; right: P(loss) with 95% intervals, highest for "
        f"{worst.bid.name}.",
    )
    title = Words("各报价的期望结果与亏损概率", "Expected result and P(loss) of each bid")
    return Picture("bids", title, alt, lambda lang: _draw(found, money, lang))


def _draw(found: TenderResult, money: Money, lang: Lang) -> Figure:
    names, rows = [each.bid.name for each in found.bids], range(len(found.bids))
    with canvas(high=1.3 + 0.45 * len(names)) as (figure, first):
        first.remove()
        left, right = figure.subplots(1, 2, sharey=True)
        for ax in (left, right):
            for side in ("top", "right"):
                ax.spines[side].set_visible(False)
        for row, each in zip(rows, found.bids, strict=True):
            value, sampling = each.result.value / money.yuan, NORMAL_95 * (each.result.se or 0) / money.yuan
            both = NORMAL_95 * hypot(each.result.se or 0, each.result.inputs or 0) / money.yuan
            told = row == 0
            left.errorbar(
                value, row, xerr=both, fmt="none", ecolor=SKY, elinewidth=5,
                label=Words("抽样与参数误差", "sampling and inputs").told(lang) if told else None,
            )  # fmt: skip
            left.errorbar(
                value, row, xerr=sampling, fmt="o", color=BLUE, capsize=3, markersize=4,
                label=Words("抽样误差", "sampling").told(lang) if told else None,
            )  # fmt: skip
            low, high = 100 * (each.loss.p - each.loss.lo), 100 * (each.loss.hi - each.loss.p)
            right.errorbar(
                100 * each.loss.p, row, xerr=[[low], [high]], fmt="s", color=VERMILION, capsize=3, markersize=4
            )
        left.axvline(0, color="black", linewidth=0.8)
        left.set_yticks(rows, names)
        left.set_ylim(len(names) - 0.5, -0.5)
        right.set_xlim(0, 100)
        left.set_xlabel(Words(f"公司净损益（{money.zh}）", f"insurer's result ({money.en})").told(lang))
        right.set_xlabel(Words("亏损概率（%）", "P(loss) (%)").told(lang))
        left.legend(frameon=False, fontsize=7.5, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure
