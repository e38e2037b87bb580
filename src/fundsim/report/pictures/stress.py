"""压力测试龙卷风图: how far each customary change of an assumption moves a figure, the longest bar uppermost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fundsim.comparison import StressTest
from fundsim.comparison.stress_result import Test
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.values import difference_unit, figure_name
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE, VERMILION
from fundsim.report.pictures.canvas import canvas
from fundsim.report.side_by_side import scale_of_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDS = (
    ("down", BLUE, None, Words("假设下调", "assumption lower")),
    ("up", VERMILION, "///", Words("假设上调", "assumption higher")),
)


def stress_picture(subject: Subject, found: StressTest, number: int = 1) -> Picture:
    """Bars of the change of a figure with each assumption moved down and up, with 95% intervals."""
    name, first = figure_name(found.figure), found.bars(found.figure.id)[0].test
    alt = Words(
        f"龙卷风图：{len(found.tests)}项假设依次下调、上调惯用幅度时{name.zh}的变化，最长者为{first.zh}。",
        f"Tornado: change of {name.en} with each of {len(found.tests)} assumptions moved down and up by a customary "
        f"amount; the longest bar is {first.en}.",
    )
    title = Words(f"标准压力测试对{name.zh}的影响", f"Standard stress tests: what moves {name.en}")
    return Picture(f"stress-{number}", title, alt, lambda lang: _draw(subject, found, lang))


def _draw(subject: Subject, found: StressTest, lang: Lang) -> Figure:
    factor, bars = scale_of_figure(found.figure, subject.money)[0], found.bars(found.figure.id)
    names = [f"{Words(bar.test.zh, bar.test.en).told(lang)}\n±{_size(bar.test, lang)}" for bar in bars]
    with canvas(high=1.2 + 0.45 * len(names)) as (figure, ax):
        for end, colour, hatch, words in ENDS:
            effects = [getattr(bar, end) for bar in bars]
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


def _size(test: Test, lang: Lang) -> str:
    points = Words("个百分点", " points").told(lang)
    return f"{test.size:g}%" if test.unit == "%" else f"{test.size:g}{points}"
