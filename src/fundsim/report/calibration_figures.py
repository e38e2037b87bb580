"""Figures of a calibration (校准图): exceedance, QQ, stop-loss, and where a tail begins.

Points are pooled before they come here, so that none is one person's amount.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from fundsim.estimates import NORMAL_95
from fundsim.report.frame import BLUE, SKY, SMALL, VERMILION, YELLOW, beside, in_notebook, new_figure, style
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
LINES: Final = ((BLUE, "-"), (VERMILION, "--"), ("#009E73", "-."), ("#CC79A7", ":"), (YELLOW, "-"), (SKY, "--"))
"""Colours and dashes, so that grey print tells families apart too."""
WHAT: Final = {
    "mean_excess": ("mean excess, yuan", "平均超额"),
    "index": ("tail index", "尾部指数"),
    "hill": ("Hill's estimate", "希尔估计"),
}


def plot_exceedance(seen: Seen, fits: Sequence[Fit], care: str, ax: Axes | None = None) -> Axes:
    """Plot the share of records above an amount, seen and fitted by the first families of a ranking, on log scales.

    Args:
        seen: pooled amounts and records behind each.
        fits: the families, best first; the first four are drawn.
        care: what the amounts are of.
        ax: where to plot; a new figure by default.
    """
    amounts, weight = seen
    above = 1.0 - (np.cumsum(weight) - weight / 2.0) / weight.sum()
    with _axes(ax) as drawn:
        drawn.plot(amounts, above, ".", color="0.45", markersize=3, label=beside("records", "记录"))
        grid = np.geomspace(amounts[0], amounts[-1] * 2.0, 300)
        for each, (colour, dash) in zip(fits[:4], LINES, strict=False):
            drawn.plot(grid, each.severity.survival(grid), dash, color=colour, linewidth=1.4, label=each.name)
        drawn.set_xscale("log")
        drawn.set_yscale("log")
        drawn.set_ylim(max(above[-1] / 5.0, 1e-9), 1.2)
        drawn.set_xlabel(beside("amount, yuan", "费用（元）"))
        drawn.set_ylabel(beside("share above", "超过的比例"))
        return _finish(drawn, beside(f"Exceedance: {care}", "超额概率"))


def plot_qq(seen: Seen, fitted: Fit, care: str, ax: Axes | None = None) -> Axes:
    """Plot seen against fitted quantiles on log scales; on the line the fit is exact.

    Args:
        seen: pooled amounts and records behind each.
        fitted: the family.
        care: what the amounts are of.
        ax: where to plot; a new figure by default.
    """
    amounts, weight = seen
    share_above = 1.0 - (np.cumsum(weight) - weight / 2.0) / weight.sum()
    told = fitted.severity.quantile_upper(share_above)
    with _axes(ax) as drawn:
        drawn.plot(told, amounts, ".", color=BLUE, markersize=3)
        ends = [min(told[0], amounts[0]), max(told[-1], amounts[-1])]
        drawn.plot(ends, ends, color="0.3", linewidth=0.8)
        drawn.set_xscale("log")
        drawn.set_yscale("log")
        drawn.set_xlabel(beside(f"{fitted.name}, yuan", "拟合分位数（元）"))
        drawn.set_ylabel(beside("records, yuan", "数据分位数（元）"))
        return _finish(drawn, beside(f"QQ: {care}", "分位数图"), legend=False)


def plot_stop_loss(comparison: Comparison, care: str, ax: Axes | None = None) -> Axes:
    """Plot how far the stop-loss premiums of every family are off the data, with the data's 95% intervals."""
    curves = {each.fit.name: each.curve for each in comparison.candidates[:6]}
    return plot_curves(curves, care, ax)


def plot_curves(curves: Mapping[str, Curve], care: str, ax: Axes | None = None) -> Axes:
    """Plot fitted over seen stop-loss premiums by deductible, the best family first; the band is the data's own error.

    Args:
        curves: by family; those that are further off than twice the data are cut.
        care: what the amounts are of.
        ax: where to plot; a new figure by default.
    """
    first = next(iter(curves.values()))
    shown = (first.data > 0) & (first.above > 0)
    at, places = first.deductibles[shown], np.arange(int(shown.sum()))
    half = NORMAL_95 * first.data_se[shown] / first.data[shown]
    with _axes(ax) as drawn:
        drawn.fill_between(places, -100 * half, 100 * half, color="0.88", label=beside("data ± 95%", "数据95%区间"))
        drawn.axhline(0.0, color="0.3", linewidth=0.8)
        for (name, curve), (colour, dash) in zip(curves.items(), LINES, strict=False):
            drawn.plot(places, 100 * curve.off[shown], dash, color=colour, marker="o", markersize=3, linewidth=1.4,
                       label=name)  # fmt: skip
        drawn.set_xticks(places, [f"{d:,.0f}" for d in at])
        drawn.set_ylim(-105, 105)
        drawn.set_xlabel(beside("deductible", "起付线"))
        drawn.set_ylabel(beside("fitted over data, less 1 (%)", "拟合偏差（%）"))
        return _finish(drawn, beside(f"Stop-loss premium: {care}", "停损保费"))


def plot_thresholds(proposal: Proposal, what: str, care: str, ax: Axes | None = None) -> Axes:
    """Plot ``mean_excess``, ``index`` or ``hill`` over the thresholds tried, with 95% intervals.

    Args:
        proposal: the thresholds, and the one that is taken.
        what: which of the three.
        care: what the amounts are of.
        ax: where to plot; a new figure by default.

    Raises:
        ValueError: ``what`` is none of the three.
    """
    if what not in WHAT:
        raise ValueError(f"'{what}' is not plotted; write one of {', '.join(WHAT)}")
    table = proposal.table
    values, errors = getattr(table, what), getattr(table, f"{what}_se")
    with _axes(ax) as drawn:
        drawn.errorbar(
            table.tried, values, NORMAL_95 * errors, fmt="o-", color=BLUE, markersize=3, linewidth=1.0, capsize=2
        )
        if proposal.threshold is not None:
            drawn.axvline(proposal.threshold, color=VERMILION, linestyle="--", linewidth=1.0,
                          label=beside(f"taken: {proposal.threshold:,.0f}", "所取阈值"))  # fmt: skip
        drawn.set_xscale("log")
        drawn.set_xticks(table.tried[::3], [f"{threshold:,.0f}" for threshold in table.tried[::3]])
        drawn.minorticks_off()
        drawn.set_xlabel(beside("threshold, yuan", "阈值（元）"))
        drawn.set_ylabel(beside(*WHAT[what]))
        return _finish(
            drawn, beside(f"Where the tail begins: {care}", "尾部阈值"), legend=proposal.threshold is not None
        )


@contextmanager
def _axes(ax: Axes | None) -> Iterator[Axes]:
    """The axes to draw on, within the style: the user's, or those of a new figure."""
    shown = in_notebook() if ax is None else False
    with style(new=ax is None):
        yield new_figure(6.4, 4.2, shown=shown).add_subplot() if ax is None else ax


def _finish(ax: Axes, title: str, *, legend: bool = True) -> Axes:
    head = ax.set_title(title, loc="left", fontsize=10.5, parse_math=False)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.set_axisbelow(True)
    ax.grid(visible=True, color="0.93", linewidth=0.6)
    for text in (head, ax.xaxis.label, ax.yaxis.label):
        text.set_fontfamily(list(families()))
    if legend:
        ax.legend(loc="best", frameon=False, fontsize=SMALL)
    return ax
