"""与基准之差: by how many per cent each design differs from the base, a panel for each figure, with 95% intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from fundsim.comparison import FIGURES, Comparison
from fundsim.report.compared import Side, code
from fundsim.report.comparison import DRAWN
from fundsim.report.document.model import Picture
from fundsim.report.document.values import figure_name
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE
from fundsim.report.pictures.canvas import WIDE, canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ABREAST: Final = 4
"""Panels in a row."""


def differences_picture(side: Side) -> Picture:
    """Differences of each design in per cent of the base."""
    base = side.titles[0]
    alt = Words(
        f"点图，每个指标一栏：各方案与“{base.zh}”之差（%），带95%区间。",
        f"Points, a panel for each figure: by how many per cent each design differs from '{base.en}', with 95% "
        "intervals.",
    )
    title = Words("主要指标与基准之差", "Main figures: difference from the base")
    return Picture("differences", title, alt, lambda lang: _draw(side.found, lang))


def _draw(found: Comparison, lang: Lang) -> Figure:
    wanted = [name for name in DRAWN if found.value(name).mean]
    deep, others = -(-len(wanted) // ABREAST), range(1, len(found.rows))
    with canvas(wide=WIDE, high=0.3 + deep * (0.65 + 0.16 * len(others))) as (figure, first):
        first.remove()
        panels = figure.subplots(deep, ABREAST, sharey=True, squeeze=False)
        for ax in panels.flat[len(wanted) :]:
            ax.remove()
        for ax, name in zip(panels.flat, wanted, strict=False):
            _panel(found, name, ax)
            ax.set_title(figure_name(FIGURES[name]).told(lang), fontsize=7, loc="left")
        for row in panels:
            row[0].set_yticks(others, [code(place).told(lang) for place in others], fontsize=7)
        panels[0][0].set_ylim(len(others) + 0.6, 0.4)
        figure.supxlabel(Words("与基准之差（%）", "difference from the base (%)").told(lang), fontsize=8)
    return figure


def _panel(found: Comparison, name: str, ax: Axes) -> None:
    """One figure: a point and an interval for each design."""
    of = 100 / (found.value(name).mean or np.nan)
    for place in range(1, len(found.rows)):
        apart = found.difference(name, place)
        half = np.nan if apart.hi is None or apart.lo is None else abs(of) * (apart.hi - apart.lo) / 2
        ax.errorbar(of * (apart.mean or 0.0), place, xerr=half, fmt="o", color=BLUE, markersize=3.5, capsize=2)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.tick_params(labelsize=7)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
