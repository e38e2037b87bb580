"""承办资金月末余额: the insurer's cash at the end of each month."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE, SKY
from fundsim.report.pictures.canvas import canvas, label
from fundsim.report.pictures.term import FANS

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def cash_picture(subject: Subject) -> Picture:
    """Fan chart of the insurer's cash, month by month."""
    alt = Words("扇形图：公司承办资金各月末余额。", "Fan chart of the insurer's cash at the end of each month.")
    return Picture(
        "cash", Words("承办资金月末余额", "The insurer's cash by month"), alt, lambda lang: _draw(subject, lang)
    )


def _draw(subject: Subject, lang: Lang) -> Figure:
    found, money = subject.base.insurer_cash, subject.money
    assert found is not None
    values = found.reshape(len(found), -1).T / money.fen
    months = np.arange(1, len(values) + 1)
    with canvas() as (figure, ax):
        for low, high, alpha in FANS:
            bottom, top = np.percentile(values, (low, high), axis=1)
            words = Words(f"{low}%至{high}%", f"{low}% to {high}%")
            ax.fill_between(months, bottom, top, color=SKY, alpha=alpha, linewidth=0, label=words.told(lang))
        ax.plot(months, np.median(values, axis=1), color=BLUE, label=Words("中位数", "median").told(lang))
        ax.axhline(0, color="black", linewidth=0.8)
        ax.set_xticks(months[2::3])
        label(ax, lang, x=Words("月", "month"), y=Words(money.zh, money.en))
        ax.legend(frameon=False, fontsize=7.5)
    return figure
