"""筹资标准与条款: the premium that a design needs, and the chance of a loss, against the term that is varied."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fundsim.comparison import FIGURES, Sweep
from fundsim.comparison.sweep_result import AS_STATED
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.values import figure_unit
from fundsim.report.document.words import Lang, Words, same
from fundsim.report.frame import BLUE, VERMILION
from fundsim.report.pictures.canvas import canvas
from fundsim.report.side_by_side import scale_of_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SHOWN = (
    ("premium_needed", Words("测算筹资标准", "premium needed"), BLUE, "o"),
    ("insurer_loss", Words("亏损概率", "P(loss)"), VERMILION, "s"),
)


def sweep_picture(subject: Subject, found: Sweep, number: int = 1) -> Picture:
    """Premium needed above, P(loss) below, each with its 95% intervals; the scheme as stated as a dashed line."""
    numbers = sorted(found.varied[0].numbers or ())
    span = f"{numbers[0]:,g}–{numbers[-1]:,g}"
    what = axis_name(found)
    alt = Words(
        f"两幅折线图：横轴为{what.zh}（{span}），上为测算筹资标准，下为公司亏损概率，均带95%区间；虚线为现行规定。",
        f"Two lines against {what.en} ({span}): premium needed above, P(insurer loses) below, with 95% intervals; the "
        "dashed line is the scheme as stated.",
    )
    title = Words(f"测算筹资标准与亏损概率：随{what.zh}变化", f"Premium needed and P(loss) against {what.en}")
    return Picture(f"sweep-{number}", title, alt, lambda lang: _draw(subject, found, lang))


def axis_name(found: Sweep) -> Words:
    """What is varied, with its unit."""
    varied = found.varied[0]
    if not varied.path.endswith(".deductible"):
        return same(f"{varied.path} ({varied.unit})" if varied.unit else varied.path)
    return Words("起付线（元）", "deductible (yuan)")


def _draw(subject: Subject, found: Sweep, lang: Lang) -> Figure:
    with canvas(high=4.4) as (figure, first):
        first.remove()
        panels = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        for ax, (name, title, colour, marker) in zip(panels, SHOWN, strict=True):
            for side in ("top", "right"):
                ax.spines[side].set_visible(False)
            _line(ax, subject, found, name, colour, marker, lang)
            unit = figure_unit(FIGURES[name], subject.money)
            ax.set_ylabel(Words(f"{title.zh}\n（{unit.zh}）", f"{title.en}\n({unit.en})").told(lang))
        panels[0].legend(frameon=False, fontsize=7.5)
        panels[-1].set_xlabel(axis_name(found).told(lang))
        panels[-1].xaxis.set_major_formatter("{x:,g}")
    return figure


def _line(ax: Axes, subject: Subject, found: Sweep, name: str, colour: str, marker: str, lang: Lang) -> None:
    of = FIGURES[name]
    factor = scale_of_figure(of, subject.money)[0]
    numbers = np.array(found.varied[0].numbers)
    order = np.argsort(numbers)
    values = [found.value(name, int(place) + 1) for place in order]
    means = np.array([factor * (value.mean or 0.0) for value in values])
    ends = np.array([[factor * (end or 0.0) for end in (value.lo, value.hi)] for value in values])
    half = np.abs(ends - means[:, None]).T
    ax.errorbar(
        numbers[order], means, yerr=half, fmt=f"{marker}-", color=colour, markersize=4, linewidth=1.1, capsize=2.5
    )
    stated = found.value(name, AS_STATED).mean
    if stated is not None:
        words = Words("现行规定", "as stated").told(lang)
        ax.axhline(factor * stated, color="0.35", linestyle="--", linewidth=1.0, label=words)
