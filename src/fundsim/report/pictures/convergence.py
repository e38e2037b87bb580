"""收敛情况: how the mean result and the probability of a loss settle as replications are added."""

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


def convergence_picture(subject: Subject) -> Picture:
    """The running mean of the insurer's result with its 95% band."""
    n = subject.base.replications
    alt = Words(
        f"曲线：公司净损益均值随模拟次数（至{n:,}次）的变化及95%区间。",
        f"Running mean of the insurer's result up to {n:,} replications with its 95% interval.",
    )
    title = Words("公司净损益均值的收敛", "How the mean result settles")
    return Picture("convergence", title, alt, lambda lang: _draw(subject, lang))


def _draw(subject: Subject, lang: Lang) -> Figure:
    money = subject.money
    values = subject.base.average("insurer_result") / money.fen
    n = np.arange(1, len(values) + 1)
    mean = np.cumsum(values) / n
    spread = np.sqrt(np.maximum(np.cumsum(values**2) / n - mean**2, 0) * n / np.maximum(n - 1, 1))
    half = 1.96 * spread / np.sqrt(n)
    first = min(10, len(values) - 1)
    with canvas(high=2.8) as (figure, ax):
        ax.fill_between(
            n[first:], (mean - half)[first:], (mean + half)[first:], color=SKY, alpha=0.5, linewidth=0,
            label=Words("95%区间", "95% interval").told(lang),
        )  # fmt: skip
        ax.plot(n[first:], mean[first:], color=BLUE, label=Words("累计均值", "running mean").told(lang))
        label(ax, lang, x=Words("模拟次数", "replications"), y=Words(money.zh, money.en))
        ax.legend(frameon=False, fontsize=7.5)
    return figure
