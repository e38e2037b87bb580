"""龙卷风图: how far each uncertain input moves a figure by itself, the longest bar uppermost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fundsim.comparison import Tornado
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.values import difference_unit, figure_name
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE, VERMILION
from fundsim.report.pictures.canvas import canvas
from fundsim.report.side_by_side import scale_of_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def tornado_picture(subject: Subject, found: Tornado, number: int = 1) -> Picture:
    """Bars of the change of a figure with each input held low and high, with 95% intervals."""
    name, first = figure_name(found.figure), found.bars[0].member
    alt = Words(
        f"龙卷风图：{len(found.bars)}个参数或事件依次取低、取高时{name.zh}的变化，最长者为{first.zh}。",
        f"Tornado: change of {name.en} with each of {len(found.bars)} inputs or events held low and high; the longest "
        f"bar is {first.name}.",
    )
    title = Words(f"各不确定参数对{name.zh}的影响", f"What moves {name.en}")
    return Picture(f"tornado-{number}", title, alt, lambda lang: _draw(subject, found, lang))


def _draw(subject: Subject, found: Tornado, lang: Lang) -> Figure:
    factor = scale_of_figure(found.figure, subject.money)[0]
    low, high = (f"{point:.0%}" for point in found.points)
    ends = (
        ("down", BLUE, None, Words(f"取{low}分位（事件不发生）", f"held at its {low} point (event absent)")),
        ("up", VERMILION, "///", Words(f"取{high}分位（事件发生）", f"held at its {high} point (event happens)")),
    )
    names = [
        Words(f"{bar.member.zh}\n{bar.member.name}", f"{bar.member.name}\n{bar.member.en}").told(lang)
        for bar in found.bars
    ]
    with canvas(high=1.1 + 0.45 * len(names)) as (figure, ax):
        for end, colour, hatch, words in ends:
            effects = [getattr(bar, end) for bar in found.bars]
            half = [np.nan if each.hi is None else factor * (each.hi - each.lo) / 2 for each in effects]
            ax.barh(
                range(len(names)), [factor * (each.mean or 0.0) for each in effects], xerr=half, height=0.55,
                color=colour, hatch=hatch, edgecolor="white", linewidth=0.4, ecolor="black", capsize=2,
                label=words.told(lang),
            )  # fmt: skip
        ax.axvline(0, color="black", linewidth=0.8)
        ax.set_yticks(range(len(names)), names, fontsize=7.5)
        ax.invert_yaxis()
        name, unit = figure_name(found.figure), difference_unit(found.figure, subject.money)
        ax.set_xlabel(Words(f"{name.zh}的变化（{unit.zh}）", f"change of {name.en} ({unit.en})").told(lang))
        ax.legend(frameon=False, fontsize=7.5, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure
