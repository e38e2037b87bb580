"""龙卷风图: how far each uncertain input moves a figure by itself, the longest bar uppermost."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING, Any

import numpy as np

from fundsim.comparison import Tornado
from fundsim.report.amounts import Money
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.values import difference_unit, figure_name
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE, SMALL, VERMILION, fund_unit, legend_above, minus
from fundsim.report.pictures.canvas import canvas
from fundsim.report.side_by_side import scale_of_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

    from fundsim.comparison import Figure
    from fundsim.comparison.stress_result import StressBar
    from fundsim.comparison.tornado_result import Bar

LONGEST = 26
"""Letters that a line of a bar's name holds."""


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


def _draw(subject: Subject, found: Tornado, lang: Lang) -> Canvas:
    with canvas(high=1.4 + 0.45 * len(found.bars)) as (figure, ax):
        draw_tornado(ax, found, fund_unit(subject.base, lang), lang)
    return figure


def draw_tornado(ax: Axes, found: Tornado, money: Money, lang: Lang) -> None:
    """Draw what changes in the figure with each input held low and high, the levels beside the bars' ends."""
    low, high = (f"{point:.0%}" for point in found.points)
    ends = (
        Words(f"取{low}分位（事件不发生）", f"held at its {low} point (event absent)"),
        Words(f"取{high}分位（事件发生）", f"held at its {high} point (event happens)"),
    )
    draw_both_ways(ax, found.figure, found.bars, ends, [_name(bar, lang) for bar in found.bars], money, lang)
    factor = scale_of_figure(found.figure, money)[0]
    for row, bar in enumerate(found.bars):
        _levels(ax, row, bar, factor)
    ax.margins(x=0.16)
    legend_above(ax, 1)


def draw_both_ways(
    ax: Axes, of: Figure, bars: Sequence[Bar | StressBar], ends: tuple[Words, Words], names: Sequence[str],
    money: Money, lang: Lang,
) -> None:  # fmt: skip
    """Draw the changes of a figure in two colours about zero, with 95% intervals; names from the top downwards."""
    factor = scale_of_figure(of, money)[0]
    sides = ([bar.down for bar in bars], BLUE, None), ([bar.up for bar in bars], VERMILION, "///")
    for (effects, colour, hatch), words in zip(sides, ends, strict=True):
        halves = [
            np.nan if each.hi is None or each.lo is None else factor * (each.hi - each.lo) / 2 for each in effects
        ]
        ax.barh(
            range(len(effects)), [factor * (each.mean or 0.0) for each in effects], height=0.55, color=colour,
            xerr=halves, hatch=hatch, edgecolor="white", linewidth=0.4, ecolor="black", capsize=2,
            label=words.told(lang),
        )  # fmt: skip
    ax.axvline(0, color="black", linewidth=0.8)
    ax.set_yticks(range(len(names)), names, fontsize=SMALL + 0.5)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.xaxis.grid(visible=True, color="0.9", linewidth=0.6)
    ax.xaxis.set_major_formatter("{x:,g}")
    name, unit = figure_name(of), difference_unit(of, money)
    ax.set_xlabel(Words(f"{name.zh}的变化（{unit.zh}）", f"change of {name.en} ({unit.en})").told(lang), loc="left")


def _name(bar: Bar, lang: Lang) -> str:
    """What an input is, and its name in the file."""
    what = fill(Words(bar.member.zh, bar.member.en).told(lang), LONGEST)
    return what if what == bar.member.name else f"{what}\n{bar.member.name}"


def _levels(ax: Axes, row: int, bar: Bar, factor: float) -> None:
    """The levels at which the input is held, beyond the ends of its bars."""
    if bar.member.kind == "event":
        return
    rightmost = max((bar.down, bar.up), key=lambda effect: effect.mean or 0.0)
    for effect, level in zip((bar.down, bar.up), bar.levels, strict=True):
        right = effect is rightmost
        at = _beyond(effect, factor, right=right)
        ax.annotate(
            minus(f"{level:.3g}"), (max(at, 0.0) if right else min(at, 0.0), row), (4 if right else -4, 0),
            textcoords="offset points", va="center", ha="left" if right else "right", fontsize=SMALL,
        )  # fmt: skip


def _beyond(effect: Any, factor: float, *, right: bool) -> float:
    """The end of a bar's error."""
    end = effect.hi if right else effect.lo
    return factor * float(end if end is not None else effect.mean or 0.0)
