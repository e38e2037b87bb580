"""按个人自付费用分段的赔付: whom the money reaches, by what was left to bear."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fundsim.estimates import mean_of
from fundsim.report.amounts import written
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE, SKY
from fundsim.report.pictures.canvas import canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def bands_picture(subject: Subject) -> Picture:
    """Share of payments and of persons in each band of own cost."""
    paid = subject.base.bands["own_cost_paid"].sum(axis=0)
    top = 100 * float(paid[-1]) / max(float(paid.sum()), 1.0)
    alt = Words(
        f"条形图：各自付费用段的赔付占比和人数占比；最高一段占赔付的{top:.0f}%。",
        f"Bars: share of payments and of persons by band of own cost; the highest band has {top:.0f}% of payments.",
    )
    title = Words("各自付费用段的赔付与人数", "Payments and persons by band of own cost")
    return Picture("bands", title, alt, lambda lang: _draw(subject, lang))


def _draw(subject: Subject, lang: Lang) -> Figure:
    base = subject.base
    edges = [f"{edge / 100:,.0f}" for edge in base.bands["own_cost_edges"]]
    names = [
        Words(f"{low}至{high}元", f"{low}–{high} yuan") if high else Words(f"{low}元以上", f"above {low} yuan")
        for low, high in zip(["0", *edges], [*edges, ""], strict=True)
    ]
    with canvas(high=0.9 + 0.5 * len(names)) as (figure, ax):
        for offset, name, colour, words in (
            (-0.19, "own_cost_paid", BLUE, Words("赔付金额", "payments")),
            (0.19, "own_cost_persons", SKY, Words("受益人数", "persons")),
        ):
            values = base.bands[name].astype(np.float64)
            whole = np.maximum(values.sum(axis=1, keepdims=True), 1.0)
            shares = [mean_of(column, batch=base.batch) for column in (100 * values / whole).T]
            means = [share.mean or 0.0 for share in shares]
            rows = np.arange(len(means)) + offset
            ax.barh(
                rows, means, 0.36, color=colour, label=words.told(lang), hatch="//" if offset > 0 else None,
                edgecolor="white", linewidth=0.5, xerr=[1.96 * (share.se or 0) for share in shares], ecolor="black",
            )  # fmt: skip
            for row, share in zip(rows, shares, strict=True):
                ax.annotate(
                    f"{written(share.mean, max(share.se or 0, 0.05), 1)}%", (share.mean or 0, row), xytext=(5, 0),
                    textcoords="offset points", va="center", fontsize=7.5,
                )  # fmt: skip
        ax.set_yticks(range(len(names)), [name.told(lang) for name in names])
        ax.invert_yaxis()
        ax.set_xlim(0, 1.12 * ax.get_xlim()[1])
        ax.set_xlabel(Words("占比（%）", "share (%)").told(lang))
        ax.set_ylabel(Words("个人自付费用（年）", "own cost in the year").told(lang))
        ax.legend(frameon=False, fontsize=7.5, loc="lower right")
    return figure
