"""与基准之差: by how many per cent each design differs from the base, with 95% intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fundsim.comparison import FIGURES, Comparison
from fundsim.report.comparison import COLOURS, DRAWN, MARKERS, short_names
from fundsim.report.document.model import Picture
from fundsim.report.document.values import figure_name
from fundsim.report.document.words import Lang, Words
from fundsim.report.pictures.canvas import canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def differences_picture(found: Comparison) -> Picture:
    """Differences of each design in per cent of the base."""
    names = short_names(found)
    alt = Words(
        f"点图：各方案主要指标与“{names[0]}”之差（%），带95%区间。",
        f"Points: by how many per cent the main figures of each design differ from “{names[0]}”, with 95% intervals.",
    )
    title = Words("主要指标与基准之差", "Main figures: difference from the base")
    return Picture("differences", title, alt, lambda lang: _draw(found, lang))


def _draw(found: Comparison, lang: Lang) -> Figure:
    wanted, names = [name for name in DRAWN if found.value(name).mean], short_names(found)
    with canvas(high=1.2 + 0.14 * len(wanted) * (len(names) + 1)) as (figure, ax):
        for place in range(1, len(names)):
            at = np.arange(len(wanted)) + 0.7 * (place / len(names) - 0.5)
            shares, halves = [], []
            for name in wanted:
                apart, of = found.difference(name, place), 100 / (found.value(name).mean or np.nan)
                shares.append(of * (apart.mean or 0.0))
                halves.append(np.nan if apart.hi is None or apart.lo is None else of * (apart.hi - apart.lo) / 2)
            ax.errorbar(
                shares, at, xerr=halves, fmt=MARKERS[(place - 1) % len(MARKERS)],
                color=COLOURS[(place - 1) % len(COLOURS)], markersize=4.5, capsize=2.5, label=names[place],
            )  # fmt: skip
        ax.set_yticks(range(len(wanted)), [figure_name(FIGURES[name]).told(lang) for name in wanted])
        ax.set_ylim(len(wanted) - 0.4, -0.6)
        ax.axvline(0, color="black", linewidth=0.8)
        ax.set_xlabel(Words("与基准之差（%）", "difference from the base (%)").told(lang))
        ax.legend(frameon=False, fontsize=7.5, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure
