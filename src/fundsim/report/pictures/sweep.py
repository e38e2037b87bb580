"""筹资标准与条款: the premium that a design needs, and the chance of a loss, against the term that is varied."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill
from typing import TYPE_CHECKING

import numpy as np

from fundsim.comparison import FIGURES, Sweep, Vary
from fundsim.comparison.figures import premium_told
from fundsim.comparison.sweep_result import AS_STATED
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.values import figure_name, figure_unit
from fundsim.report.document.words import Lang, Words, same
from fundsim.report.frame import SERIES, SMALL, fund_unit, plain
from fundsim.report.pictures.canvas import blank
from fundsim.report.side_by_side import scale_of_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fundsim.comparison.differences import Value
    from fundsim.estimates import Floats
    from fundsim.report.amounts import Money

LONGEST = 22
"""Letters that a line beside an axis holds."""
MOST_MARKS = 40
"""Designs of a line above which its points have no marks of their own."""


def sweep_picture(subject: Subject, found: Sweep, number: int = 1) -> Picture:
    """Premium needed above, P(loss) below, each with its 95% intervals; the scheme as stated as a dashed line."""
    numbers = sorted(found.varied[0].numbers or ())
    span = f"{numbers[0]:,g}–{numbers[-1]:,g}"
    what = axis_name(found)
    name = figure_name(premium_told(found.scenario.terms.contract))
    alt = Words(
        f"两幅折线图：横轴为{what.zh}（{span}），上为{name.zh}，下为公司亏损概率，均带95%区间；虚线为现行规定。",
        f"Two lines against {what.en} ({span}): {name.en} above, P(insurer loses) below, with 95% intervals; the "
        "dashed line is the scheme as stated.",
    )
    title = Words(f"{name.zh}与亏损概率：随{what.zh}变化", f"{name.en.capitalize()} and P(loss) against {what.en}")
    return Picture(f"sweep-{number}", title, alt, lambda lang: _draw(subject, found, lang))


def axis_name(found: Sweep) -> Words:
    """What is varied, with its unit."""
    varied = found.varied[0]
    if not varied.path.endswith(".deductible"):
        return same(f"{varied.path} ({varied.unit})" if varied.unit else varied.path)
    return Words("起付线（元）", "deductible (yuan)")


def _draw(subject: Subject, found: Sweep, lang: Lang) -> Figure:
    money = fund_unit(subject.base, lang)
    with blank(high=4.6) as figure:
        panels = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        for ax, told in zip(panels, (premium_told(found.scenario.terms.contract).id, "insurer_loss"), strict=True):
            plain(ax)
            draw_sweep(ax, found, told, money, lang)
        panels[-1].set_xlabel(axis_name(found).told(lang), loc="left")
        figure.align_ylabels()
    return figure


def draw_sweep(ax: Axes, found: Sweep, figure_id: str, money: Money, lang: Lang) -> None:
    """Draw a figure against the first path, a line for every combination of the others, the scheme as stated dashed."""
    each, first = FIGURES[figure_id], found.varied[0]
    factor = scale_of_figure(each, money)[0]
    answered = found.without[AS_STATED] >= 0
    lines = _lines(found)
    for place, (label, designs) in enumerate(lines.items()):
        colour, marker = SERIES[place % len(SERIES)]
        x = np.array([_x(first, found.points[design - 1].values[0]) for design in designs])
        order = np.argsort(x)
        name = label or (Words("有行为反应", "patients respond").told(lang) if answered else "")
        values = [found.value(figure_id, designs[k]) for k in order]
        _line(ax, x[order], values, factor, colour, marker if len(designs) <= MOST_MARKS else "", name)
        if answered:
            quiet = [found.quiet(figure_id, designs[k]) for k in order]
            name = Words("无行为反应", "nobody responds").told(lang) if place == 0 else ""
            _line(ax, x[order], quiet, factor, colour, "", name, broken=True)
    stated = found.value(figure_id, AS_STATED).mean
    if stated is not None:
        ax.axhline(factor * stated, color="0.35", linestyle=(0, (6, 2)), linewidth=1.0,
                   label=Words("现行规定", "as stated").told(lang))  # fmt: skip
    ax.yaxis.grid(visible=True, color="0.9", linewidth=0.6)
    ax.xaxis.set_major_formatter("{x:,.4g}" if max(map(abs, first.numbers or (0,))) < 1000 else "{x:,.0f}")
    ax.yaxis.set_major_formatter("{x:,g}")
    what, unit = figure_name(each), figure_unit(each, money)
    ax.set_ylabel(
        Words(f"{what.zh}\n（{unit.zh}）", f"{fill(what.en, LONGEST)}\n({unit.en})").told(lang), linespacing=1.4
    )
    ax.legend(loc="best", frameon=False, fontsize=SMALL)


def _x(vary: Vary, text: str) -> float:
    assert vary.numbers is not None
    return vary.numbers[vary.texts.index(text)]


def _lines(found: Sweep) -> dict[str, list[int]]:
    """Numbers of the designs of each line, by what sets the line apart."""
    lines: dict[str, list[int]] = {}
    for design, point in enumerate(found.points, start=1):
        rest = zip(found.varied[1:], point.values[1:], strict=True)
        label = ", ".join(f"{each.path.rpartition('.')[2]} {text}" for each, text in rest)
        lines.setdefault(label, []).append(design)
    return lines


def _line(
    ax: Axes, x: Floats, values: Sequence[Value], factor: float, colour: str, marker: str, label: str, *,
    broken: bool = False,
) -> None:  # fmt: skip
    y = np.array([np.nan if value.mean is None else factor * value.mean for value in values])
    ends = np.array([[np.nan if end is None else factor * end for end in (value.lo, value.hi)] for value in values])
    ax.plot(
        x, y, "--" if broken else "-", color=colour, marker=marker or None, markersize=4, linewidth=1.2,
        label=label or None,
    )  # fmt: skip
    if not broken:
        ax.fill_between(x, ends[:, 0], ends[:, 1], color=colour, alpha=0.18, linewidth=0)
