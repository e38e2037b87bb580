"""Figures of a calibration (校准图): exceedance, QQ, stop-loss, and where a tail begins.

Points are pooled before they come here, so that none is one person's amount.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from fundsim.estimates import NORMAL_95
from fundsim.report.document.glossary import named
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import (
    BLUE,
    GREEN,
    PURPLE,
    SKY,
    SMALL,
    VERMILION,
    YELLOW,
    axes_for,
    drawn_in,
    in_typeface,
    plain,
)
from fundsim.report.typeface import families

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from fundsim.calibration.comparison import Comparison
    from fundsim.calibration.fit import Fit
    from fundsim.calibration.stop_loss import Curve
    from fundsim.calibration.tails import Proposal

Floats = npt.NDArray[np.float64]
Seen = tuple[Floats, Floats]
"""Amounts in rising order, and records behind each."""
LINES: Final = ((BLUE, "-"), (VERMILION, "--"), (GREEN, "-."), (PURPLE, ":"), (YELLOW, "-"), (SKY, "--"))
"""Colours and dashes, so that grey print tells families apart too."""
WHAT: Final = {
    "mean_excess": Words("平均超额（元）", "mean excess, yuan"),
    "index": Words("尾部指数", "tail index"),
    "hill": Words("希尔（Hill）估计", "Hill's estimate"),
}


def plot_exceedance(
    seen: Seen, fits: Sequence[Fit], care: str, ax: Axes | None = None, lang: Lang | None = None
) -> Axes:
    """Plot the share of records above an amount, seen and fitted by the first families of a ranking, on log scales.

    Args:
        seen: pooled amounts and records behind each.
        fits: the families, best first; the first four are drawn.
        care: what the amounts are of.
        ax: where to plot; a new figure by default.
        lang: ``zh`` or ``en``; by default as :func:`fundsim.set_language` says, else English.
    """
    amounts, weight = seen
    above = 1.0 - (np.cumsum(weight) - weight / 2.0) / weight.sum()
    said = drawn_in(lang)
    with axes_for(ax, 6.4, 4.2) as drawn:
        drawn.plot(amounts, above, ".", color="0.45", markersize=3, label=Words("记录", "records").told(said))
        grid = np.geomspace(amounts[0], amounts[-1] * 2.0, 300)
        for each, (colour, dash) in zip(fits[:4], LINES, strict=False):
            drawn.plot(
                grid,
                each.severity.survival(grid),
                dash,
                color=colour,
                linewidth=1.4,
                label=_family(each.name).told(said),
            )
        drawn.set_xscale("log")
        drawn.set_yscale("log")
        drawn.set_ylim(max(above[-1] / 5.0, 1e-9), 1.2)
        drawn.set_xlabel(Words("费用（元）", "amount, yuan").told(said))
        drawn.set_ylabel(Words("超过的比例", "share above").told(said))
        return _finish(drawn, _of("超额概率", "Exceedance", care).told(said))


def plot_qq(seen: Seen, fitted: Fit, care: str, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
    """Plot seen against fitted quantiles on log scales; on the line the fit is exact.

    Args:
        seen: pooled amounts and records behind each.
        fitted: the family.
        care: what the amounts are of.
        ax: where to plot; a new figure by default.
        lang: ``zh`` or ``en``; by default as :func:`fundsim.set_language` says, else English.
    """
    amounts, weight = seen
    share_above = 1.0 - (np.cumsum(weight) - weight / 2.0) / weight.sum()
    told = fitted.severity.quantile_upper(share_above)
    said = drawn_in(lang)
    with axes_for(ax, 6.4, 4.2) as drawn:
        drawn.plot(told, amounts, ".", color=BLUE, markersize=3)
        ends = [min(told[0], amounts[0]), max(told[-1], amounts[-1])]
        drawn.plot(ends, ends, color="0.3", linewidth=0.8)
        drawn.set_xscale("log")
        drawn.set_yscale("log")
        drawn.set_xlabel(
            Words(f"拟合分位数：{_family(fitted.name).zh}（元）", f"fitted quantile: {fitted.name}, yuan").told(said)
        )
        drawn.set_ylabel(Words("数据分位数（元）", "quantile of the records, yuan").told(said))
        return _finish(drawn, _of("分位数图", "QQ", care).told(said), legend=False)


def plot_stop_loss(comparison: Comparison, care: str, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
    """Plot how far the stop-loss premiums of every family are off the data, with the data's 95% intervals."""
    curves = {each.fit.name: each.curve for each in comparison.candidates[:6]}
    return plot_curves(curves, care, ax, lang)


def plot_curves(curves: Mapping[str, Curve], care: str, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
    """Plot fitted over seen stop-loss premiums by deductible, the best family first; the band is the data's own error.

    Args:
        curves: by family; those that are further off than twice the data are cut.
        care: what the amounts are of.
        ax: where to plot; a new figure by default.
        lang: ``zh`` or ``en``; by default as :func:`fundsim.set_language` says, else English.
    """
    first = next(iter(curves.values()))
    shown = (first.data > 0) & (first.above > 0)
    at, places = first.deductibles[shown], np.arange(int(shown.sum()))
    half = NORMAL_95 * first.data_se[shown] / first.data[shown]
    said = drawn_in(lang)
    with axes_for(ax, 6.4, 4.2) as drawn:
        drawn.fill_between(
            places, -100 * half, 100 * half, color="0.88", label=Words("数据95%区间", "data ± 95%").told(said)
        )
        drawn.axhline(0.0, color="0.3", linewidth=0.8)
        for (name, curve), (colour, dash) in zip(curves.items(), LINES, strict=False):
            drawn.plot(places, 100 * curve.off[shown], dash, color=colour, marker="o", markersize=3, linewidth=1.4,
                       label=_family(name).told(said))  # fmt: skip
        drawn.set_xticks(places, [f"{d:,.0f}" for d in at])
        drawn.set_ylim(-105, 105)
        drawn.set_xlabel(Words("起付线（元）", "deductible, yuan").told(said))
        drawn.set_ylabel(Words("拟合偏差（%）", "fitted over data, less 1 (%)").told(said))
        return _finish(drawn, _of("停损保费", "Stop-loss premium", care).told(said))


def plot_thresholds(proposal: Proposal, what: str, care: str, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
    """Plot ``mean_excess``, ``index`` or ``hill`` over the thresholds tried, with 95% intervals.

    Args:
        proposal: the thresholds, and the one that is taken.
        what: which of the three.
        care: what the amounts are of.
        ax: where to plot; a new figure by default.
        lang: ``zh`` or ``en``; by default as :func:`fundsim.set_language` says, else English.

    Raises:
        ValueError: ``what`` is none of the three.
    """
    if what not in WHAT:
        raise ValueError(f"'{what}' is not plotted; write one of {', '.join(WHAT)}")
    table = proposal.table
    values, errors = getattr(table, what), getattr(table, f"{what}_se")
    said = drawn_in(lang)
    with axes_for(ax, 6.4, 4.2) as drawn:
        drawn.errorbar(
            table.tried, values, NORMAL_95 * errors, fmt="o-", color=BLUE, markersize=3, linewidth=1.0, capsize=2
        )
        if proposal.threshold is not None:
            at = f"{proposal.threshold:,.0f}"
            taken = Words(f"所取阈值：{at}元", f"taken: {at} yuan").told(said)
            drawn.axvline(proposal.threshold, color=VERMILION, linestyle="--", linewidth=1.0, label=taken)
        drawn.set_xscale("log")
        drawn.set_xticks(table.tried[::3], [f"{threshold:,.0f}" for threshold in table.tried[::3]])
        drawn.minorticks_off()
        drawn.set_xlabel(Words("阈值（元）", "threshold, yuan").told(said))
        drawn.set_ylabel(WHAT[what].told(said))
        return _finish(
            drawn,
            _of("尾部从何处开始", "Where the tail begins", care).told(said),
            legend=proposal.threshold is not None,
        )


def _of(zh: str, en: str, care: str) -> Words:
    """A title, and what the amounts are of."""
    what = named(care)
    return Words(f"{zh}：{what.zh}", f"{en}: {what.en}")


def _family(name: str) -> Words:
    """A cost family, alone or with a tail spliced to it."""
    body = name.removeprefix("spliced ")
    return named(name) if body == name else Words(f"{named(body).zh}（拼接厚尾）", name)


def _finish(ax: Axes, title: str, *, legend: bool = True) -> Axes:
    ax.set_title(title, loc="left", fontsize=10.5, parse_math=False).set_fontfamily(list(families()))
    ax.grid(visible=True, color="0.93", linewidth=0.6)
    if legend:
        ax.legend(loc="best", frameon=False, fontsize=SMALL)
    in_typeface(ax)
    plain(ax)
    return ax
