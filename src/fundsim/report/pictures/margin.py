"""公司净损益的分布: how the insurer's result is spread, with the contract's corridor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fundsim.report.corridor import corridor
from fundsim.report.distribution import distribution_of
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import SKY, VERMILION, YELLOW
from fundsim.report.pictures.canvas import canvas, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS = {
    "keep": (Words("留存上限", "most it may keep"), "--"),
    "even": (Words("合同账面持平", "the ledger breaks even"), "-."),
    "tier": (Words("分担档次变化点", "the sharing changes"), ":"),
}


def margin_picture(subject: Subject) -> Picture:
    """Histogram of the insurer's result after real cost, losses hatched, turning points of the contract as lines."""
    share = 100 * float((subject.base.totals["insurer_result"] < 0).mean())
    alt = Words(
        f"直方图：公司净损益在各次模拟中的分布，{share:.3g}%的模拟为亏损。",
        f"Histogram of the insurer's result over the replications; {share:.3g}% of them are losses.",
    )
    title = Words("公司净损益（扣除实际费用）的分布", "The insurer's result after real cost")
    return Picture("margin", title, alt, lambda lang: _draw(subject, lang))


def _draw(subject: Subject, lang: Lang) -> Figure:
    base, money = subject.base, subject.money
    values, marks = np.rint(base.average("insurer_result")).astype(np.int64), corridor(base)
    shape = distribution_of(values, [mark.at for mark in marks if mark.limit])
    with canvas() as (figure, ax):
        starts, widths = shape.edges[:-1] / money.fen, np.diff(shape.edges) / money.fen
        kinds = (
            (starts < 0, VERMILION, "///", Words("亏损", "loss")),
            (starts >= 0, SKY, None, Words("盈利", "gain")),
        )
        for which, colour, hatch, words in kinds:
            if len(shape.shares) and shape.shares[which].any():
                ax.bar(
                    starts[which], 100 * shape.shares[which], widths[which], align="edge", color=colour, hatch=hatch,
                    edgecolor="white", linewidth=0.5, label=words.told(lang),
                )  # fmt: skip
        low, high = ax.get_xlim() if len(shape.shares) else (values.min() / money.fen, values.max() / money.fen)
        one = Words("同一数值的集中点", "one value to the fen").told(lang)
        for number, (at, part) in enumerate(shape.masses):
            ax.bar(
                at / money.fen, 100 * part, max((high - low) / 80, 1e-9), color=YELLOW, edgecolor="black", hatch="xx",
                linewidth=0.8, label=None if number else one,
            )  # fmt: skip
        ax.axvline(0, color="black", linewidth=1.2)
        shown = set()
        for mark in marks:
            if mark.kind in KINDS and low - (high - low) / 3 <= mark.at / money.fen <= high + (high - low) / 3:
                words, line = KINDS[mark.kind]
                ax.axvline(
                    mark.at / money.fen, color="0.35", linestyle=line, linewidth=1.1,
                    label=words.told(lang) if mark.kind not in shown else None,
                )  # fmt: skip
                shown.add(mark.kind)
        label(ax, lang, x=Words(money.zh, money.en), y=Words("占模拟次数（%）", "share of replications (%)"))
        ax.legend(frameon=False, fontsize=7.5, ncols=3, loc="upper center", bbox_to_anchor=(0.5, -0.2))
    return figure
