"""压力测试龙卷风图: how far each customary change of an assumption moves a figure, the longest bar uppermost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundsim.comparison import StressTest
from fundsim.comparison.stress_result import Test
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.values import figure_name
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import fund_unit, legend_above
from fundsim.report.pictures.canvas import canvas
from fundsim.report.pictures.tornado import draw_both_ways

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDS = (Words("假设下调", "assumption lower"), Words("假设上调", "assumption higher"))


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
    bars = found.bars(found.figure.id)
    names = [f"{Words(bar.test.zh, bar.test.en).told(lang)}\n±{_size(bar.test, lang)}" for bar in bars]
    with canvas(high=1.2 + 0.45 * len(names)) as (figure, ax):
        draw_both_ways(ax, found.figure, bars, ENDS, names, fund_unit(subject.base, lang), lang)
        legend_above(ax, 2)
    return figure


def _size(test: Test, lang: Lang) -> str:
    points = Words("个百分点", " points").told(lang)
    return f"{test.size:g}%" if test.unit == "%" else f"{test.size:g}{points}"
