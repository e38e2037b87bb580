"""与基准之差: by how many per cent each design differs from the base, with 95% intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundsim.comparison import Comparison
from fundsim.report.comparison import DRAWN, draw_differences, short_names
from fundsim.report.document.model import Picture
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
    wanted = [name for name in DRAWN if found.value(name).mean]
    with canvas(high=1.2 + 0.14 * len(wanted) * len(found.rows)) as (figure, ax):
        draw_differences(ax, found, wanted, lang)
    return figure
