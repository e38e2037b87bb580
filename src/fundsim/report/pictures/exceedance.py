"""超越概率曲线: how likely claims exceed each level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fundsim.estimates import probability_of
from fundsim.report.amounts import in_per_cent
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE, SKY, VERMILION, legend_above
from fundsim.report.pictures.canvas import canvas, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fundsim.estimates import Probability
    from fundsim.results import Results

WIDEST = 32
"""Levels of the loss ratio at which the curve's interval is found: between them it is drawn straight."""


def exceedance_picture(subject: Subject) -> Picture:
    """Probability that the loss ratio exceeds each level, with 95% intervals, and 100% marked."""
    over = in_per_cent(_over(subject.base))[0]
    alt = Words(
        f"曲线：赔付率超过各水平的概率；超过100%（赔付大于保费）的概率为{over}%。",
        f"Curve: probability that the loss ratio exceeds each level; it exceeds 100% (claims beyond the premium) with "
        f"{over}%.",
    )
    title = Words("赔付率的超越概率", "How likely the loss ratio exceeds a level")
    return Picture("exceedance", title, alt, lambda lang: _draw(subject, lang))


def _over(results: Results, level: float = 1.0) -> Probability:
    ratios = _ratios(results)
    return probability_of(ratios > level, batch=results.batch)


def _ratios(results: Results) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    ratios = results.values("loss_ratio")
    assert ratios is not None
    return ratios[np.isfinite(ratios)]


def _draw(subject: Subject, lang: Lang) -> Figure:
    with canvas() as (figure, ax):
        draw_exceedance(ax, subject.base, lang)
    return figure


def draw_exceedance(ax: Axes, results: Results, lang: Lang) -> None:
    """Draw the curve over the replications' loss ratios, and how likely claims exceed the premium."""
    ordered = np.sort(_ratios(results))
    low, high = min(ordered[0], 0.98), max(ordered[-1], 1.02)
    room = 0.04 * (high - low)
    beyond = 1 - np.arange(1, len(ordered) + 1) / len(ordered)
    levels = np.linspace(low - room, high + room, WIDEST)
    found = [_over(results, float(level)) for level in levels]
    ax.fill_between(
        100 * levels, [100 * each.lo for each in found], [100 * each.hi for each in found], color=SKY, alpha=0.5,
        linewidth=0, label=Words("95%区间", "95% interval").told(lang),
    )  # fmt: skip
    ax.step(
        100 * np.concatenate([[low - room], ordered, [high + room]]), 100 * np.concatenate([[1.0], beyond, [0.0]]),
        where="post", color=BLUE, linewidth=1.6, label=Words("超越概率", "probability of exceeding").told(lang),
    )  # fmt: skip
    of = _over(results)
    text = in_per_cent(of)[0]
    words = Words(f"100%：赔付等于保费（超过的概率{text}%）", f"100%: claims equal premium (exceeded with {text}%)")
    ax.axvline(100, color=VERMILION, linestyle="--", linewidth=1.2, label=words.told(lang))
    ax.plot([100], [100 * of.p], "o", color=VERMILION, markersize=5, zorder=5)
    ax.set_xlim(100 * (low - room), 100 * (high + room))
    ax.set_ylim(0, 102)
    ax.grid(visible=True, color="0.9", linewidth=0.6)
    ax.xaxis.set_major_formatter("{x:,g}%")
    ax.yaxis.set_major_formatter("{x:g}%")
    label(ax, lang, x=Words("赔付率（赔付/保费）", "loss ratio (claims / premium)"),
          y=Words("超过该赔付率的概率", "probability of exceeding it"))  # fmt: skip
    legend_above(ax, 3)
