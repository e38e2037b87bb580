"""合同期走势: the insurer's result and the loss ratio, year by year, as a fan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE, SKY
from fundsim.report.pictures.canvas import canvas, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FANS = ((5, 95, 0.35), (25, 75, 0.7))
"""Percentiles between which the fan is shaded, and how strongly."""


def term_picture(subject: Subject) -> Picture:
    """Fan chart of the insurer's result in each year of the term."""
    alt = Words(
        f"扇形图：{subject.base.n_years}个年度公司净损益的中位数及5%至95%、25%至75%区间。",
        f"Fan chart of the insurer's result over {subject.base.n_years} years: median, 5% to 95% and 25% to 75%.",
    )
    title = Words("合同期内公司净损益", "The insurer's result over the term")
    return Picture("term", title, alt, lambda lang: _draw(subject, lang))


def _draw(subject: Subject, lang: Lang) -> Figure:
    base, money = subject.base, subject.money
    years = np.arange(1, base.n_years + 1)
    values = np.stack([base.year(int(year)).totals["insurer_result"] / money.fen for year in years])
    with canvas() as (figure, ax):
        for low, high, alpha in FANS:
            bottom, top = np.percentile(values, (low, high), axis=1)
            words = Words(f"{low}%至{high}%", f"{low}% to {high}%")
            ax.fill_between(years, bottom, top, color=SKY, alpha=alpha, linewidth=0, label=words.told(lang))
        ax.plot(years, np.median(values, axis=1), "o-", color=BLUE, label=Words("中位数", "median").told(lang))
        ax.axhline(0, color="black", linewidth=0.8)
        ax.set_xticks(years, [Words(f"第{year}年", f"year {year}").told(lang) for year in years])
        label(ax, lang, x=Words("合同年度", "year of the contract"), y=Words(money.zh, money.en))
        ax.legend(frameon=False, fontsize=7.5)
    return figure
