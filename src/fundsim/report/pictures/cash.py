"""承办资金月末余额: the insurer's cash at the end of each month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import VERMILION, fund_unit, legend_above, money_unit
from fundsim.report.pictures.canvas import canvas
from fundsim.report.pictures.term import fan, settled, years_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fundsim.results import Results


def cash_picture(subject: Subject) -> Picture:
    """Fan chart of the insurer's cash, month by month."""
    alt = Words("扇形图：公司承办资金各月末余额。", "Fan chart of the insurer's cash at the end of each month.")
    return Picture(
        "cash", Words("承办资金月末余额", "The insurer's cash by month"), alt, lambda lang: _draw(subject, lang)
    )


def _draw(subject: Subject, lang: Lang) -> Figure:
    with canvas() as (figure, ax):
        draw_cash(ax, subject.base, lang)
    return figure


def draw_cash(ax: Axes, results: Results, lang: Lang) -> None:
    """Draw the insurer's cash at the end of each month, of the replications whose contract was in force."""
    assert results.insurer_cash is not None
    money, cash = fund_unit(results, lang), results.insurer_cash
    _, years, months = cash.shape
    in_force = [settled(year) for year in years_of(results)]
    fan(ax, [cash[in_force[y], y, m] / money.fen for y, m in np.ndindex(years, months)], lang)
    advance = Words("零线：以下为公司垫付", "zero: below it the insurer advances money of its own").told(lang)
    ax.axhline(0, color=VERMILION, linewidth=1.2, label=advance)
    for year in range(1, years):
        ax.axvline(year * months + 0.5, color="0.7", linewidth=0.8, linestyle=":")
    step = 1 if years == 1 else 3
    ticks = range(step, years * months + 1, step)
    ax.set_xticks(ticks, [str((tick - 1) % months + 1) for tick in ticks])
    ax.set_xlim(0.5, years * months + 0.5)
    ax.set_xlabel(Words("年内月份（虚线为年度分界）", "month of the year (dotted: a new year)").told(lang), loc="left")
    unit = money_unit(money, lang)
    ax.set_ylabel(Words(f"月末资金余额（{unit}）", f"month-end cash ({unit})").told(lang))
    ax.yaxis.set_major_formatter("{x:,g}")
    ax.yaxis.grid(visible=True, color="0.9", linewidth=0.6)
    legend_above(ax, 2)
