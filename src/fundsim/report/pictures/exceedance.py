"""超越概率曲线: how likely claims exceed each level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE, SKY, VERMILION
from fundsim.report.pictures.canvas import canvas, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def exceedance_picture(subject: Subject) -> Picture:
    """Share of replications whose loss ratio exceeds each level, with a 95% band, and the premium marked."""
    over = 100 * float((subject.base.totals["claims_paid"] > subject.base.totals["premium"]).mean())
    alt = Words(
        f"曲线：赔付率超过各水平的概率；超过100%的概率为{over:.3g}%。",
        f"Curve: probability that the loss ratio exceeds each level; it exceeds 100% with {over:.3g}%.",
    )
    title = Words("赔付率的超越概率", "How likely the loss ratio exceeds a level")
    return Picture("exceedance", title, alt, lambda lang: _draw(subject, lang))


def _draw(subject: Subject, lang: Lang) -> Figure:
    ratios = subject.base.values("loss_ratio")
    assert ratios is not None
    ordered = 100 * np.sort(ratios[np.isfinite(ratios)])
    n = len(ordered)
    beyond = 1 - np.arange(1, n + 1) / n
    half = 1.96 * np.sqrt(beyond * (1 - beyond) / n)
    with canvas() as (figure, ax):
        low, high = 100 * np.clip(beyond - half, 0, 1), 100 * np.clip(beyond + half, 0, 1)
        ax.fill_between(
            ordered,
            low,
            high,
            step="post",
            color=SKY,
            alpha=0.5,
            linewidth=0,
            label=Words("95%区间", "95% interval").told(lang),
        )
        ax.step(
            ordered,
            100 * beyond,
            where="post",
            color=BLUE,
            linewidth=1.6,
            label=Words("超越概率", "probability").told(lang),
        )
        ax.axvline(
            100,
            color=VERMILION,
            linestyle="--",
            linewidth=1.2,
            label=Words("赔付等于保费", "claims equal premium").told(lang),
        )
        ax.set_ylim(0, 100)
        ax.grid(visible=True, color="0.9", linewidth=0.6)
        label(ax, lang, x=Words("赔付率（%）", "loss ratio (%)"), y=Words("概率（%）", "probability (%)"))
        ax.legend(frameon=False, fontsize=7.5)
    return figure
