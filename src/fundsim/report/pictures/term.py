"""合同期走势: the insurer's result and the loss ratio, year by year, as a fan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fundsim.estimates import Floats
from fundsim.report.amounts import in_per_cent
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE, SKY, SMALL, VERMILION, fund_unit, money_unit, plain
from fundsim.report.pictures.canvas import blank

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fundsim.results import Results

FANS = ((5, 95, 0.35), (25, 75, 0.7))
"""Percentiles between which the fan is shaded, and how strongly."""


def term_picture(subject: Subject) -> Picture:
    """Fan charts of the insurer's result and of the loss ratio in each year of the term."""
    many = subject.base.n_years
    alt = Words(
        f"扇形图：{many}个年度公司净损益（左）与赔付率（右）的中位数及5%至95%、25%至75%区间。",
        f"Fan charts of the insurer's result (left) and the loss ratio (right) over {many} years: median, 5% to 95% "
        "and 25% to 75%.",
    )
    title = Words("合同期内公司净损益与赔付率", "The insurer's result and the loss ratio over the term")
    return Picture("term", title, alt, lambda lang: _draw(subject, lang))


def _draw(subject: Subject, lang: Lang) -> Figure:
    with blank() as figure:
        left, right = figure.subplots(1, 2)
        draw_result(left, subject.base, lang)
        draw_loss_ratio(right, subject.base, lang)
        for ax in (left, right):
            plain(ax)
    return figure


def draw_result(ax: Axes, results: Results, lang: Lang) -> None:
    """Draw the insurer's result in each year that was in force, with the probability of a loss below."""
    money = fund_unit(results, lang)
    fan(ax, [values / money.yuan for values in _in_force(results, "insurer_result")], lang)
    ax.axhline(0, color=VERMILION, linewidth=1.2, label=Words("不盈不亏", "no gain, no loss").told(lang))
    losses = [f"{in_per_cent(year.probability('insurer_loss'))[0]}%" for year in years_of(results)]
    below = [Words(f"\n亏损概率\n{loss}", f"\nP(loss)\n{loss}").told(lang) for loss in losses]
    unit = money_unit(money, lang)
    _year_axis(ax, below, Words(f"公司净损益（{unit}）", f"insurer's result ({unit})"), lang)


def draw_loss_ratio(ax: Axes, results: Results, lang: Lang) -> None:
    """Draw the loss ratio in each year that was in force."""
    fan(ax, [100 * values for values in _in_force(results, "loss_ratio")], lang)
    equal = Words("赔付等于保费", "claims equal premium").told(lang)
    ax.axhline(100, color="0.3", linewidth=1.0, linestyle="--", label=equal)
    _year_axis(ax, [""] * len(years_of(results)), Words("赔付率（%）", "loss ratio (%)"), lang)


def fan(ax: Axes, samples: Sequence[Floats], lang: Lang) -> None:
    """Median and shaded bands at 1, 2, 3 ...; nothing where no replication has a value."""
    known = {place: values for place, values in enumerate(samples, start=1) if len(values)}
    if not known:
        return
    places = list(known)
    for low, high, alpha in FANS:
        ends = np.array([np.percentile(values, (low, high)) for values in known.values()]).T
        words = Words(f"{low}%至{high}%分位", f"{low}% to {high}%").told(lang)
        ax.fill_between(places, *ends, color=SKY, alpha=alpha, linewidth=0, label=words)
    middle = [float(np.median(values)) for values in known.values()]
    ax.plot(
        places, middle, color=BLUE, linewidth=1.6, marker="o", markersize=3, label=Words("中位数", "median").told(lang)
    )


def years_of(results: Results) -> list[Results]:
    """The results of each year by itself."""
    return [results.year(number) for number in range(1, results.n_years + 1)]


def settled(year: Results) -> npt.NDArray[np.bool_]:
    """Whether the contract was in force in each replication: always, in a run of one year."""
    in_force: npt.NDArray[np.bool_] = year.totals.get("in_force", np.ones(year.replications, np.int64)) > 0
    return in_force


def _in_force(results: Results, measure: str) -> list[Floats]:
    """A measure's values in each year, of the replications whose contract was in force and that have one."""
    found = []
    for year in years_of(results):
        values = year.values(measure)
        assert values is not None
        kept = values[settled(year)]
        found.append(kept[np.isfinite(kept)])
    return found


def _year_axis(ax: Axes, below: Sequence[str], unit: Words, lang: Lang) -> None:
    labels = [Words(f"第{k}年", f"year {k}").told(lang) + text for k, text in enumerate(below, start=1)]
    ax.set_xticks(range(1, len(labels) + 1), labels)
    ax.set_xlim(0.8, len(labels) + 0.2)
    ax.set_ylabel(unit.told(lang))
    ax.yaxis.set_major_formatter("{x:,g}")
    ax.yaxis.grid(visible=True, color="0.9", linewidth=0.6)
    ax.legend(frameon=False, fontsize=SMALL, ncols=2, loc="lower left", bbox_to_anchor=(-0.02, 1.0), columnspacing=1)
