"""Figures of a term (合同期的图): results year by year, and the insurer's cash month by month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from fundsim.estimates import Floats
from fundsim.report.amounts import in_per_cent, money_of
from fundsim.report.frame import (
    BLUE,
    SMALL,
    VERMILION,
    beside,
    in_notebook,
    new_figure,
    put_frame,
    put_origin,
    style,
)  # fmt: skip

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from fundsim.results import Results

POINTS = (5, 50, 95)
BAND = "5% to 95% of replications"


def plot_term(results: Results, ax: Axes | None = None) -> Axes:
    """Plot the insurer's result in each year of a term: median, and the band from 5% to 95% of replications.

    Replications whose contract has ended are left out of later years; the probabilities of a loss, as everywhere, are
    shares of all replications.

    Args:
        results: what to plot, of several years.
        ax: where to plot; by default a new figure, which a notebook shows, with the loss ratio in a second panel.

    Raises:
        ValueError: the results are of one year.
    """
    if not results.years:
        raise ValueError("results of one year have no course over a term; simulate several, as with years=3")
    if ax is None:
        return term(results, shown=in_notebook())
    with style(new=False):
        _draw_result(results, ax, new=False)
        put_origin(results, ax, 44)
        return ax


def plot_insurer_cash(results: Results, ax: Axes | None = None) -> Axes:
    """Plot the insurer's cash at the end of each month: median, and the band from 5% to 95% of replications.

    Args:
        results: what to plot.
        ax: where to plot; by default a new figure, which a notebook shows.

    Raises:
        ValueError: the insurer's cash is not known by month.
    """
    if results.insurer_cash is None:
        raise ValueError("the insurer's cash is not known by month; state 'contract: {instalments: ...}'")
    if ax is None:
        return insurer_cash(results, shown=in_notebook())
    with style(new=False):
        return _draw_cash(results, ax, new=False)


def term(results: Results, *, shown: bool) -> Axes:
    """The insurer's result and the loss ratio in a new figure; returns the axes of the result."""
    with style(new=True):
        panels = new_figure(8.4, 4.2, shown=shown).subplots(1, 2)
        _draw_result(results, panels[0], new=True)
        _draw_loss_ratio(results, panels[1])
        first: Axes = panels[0]
        return first


def insurer_cash(results: Results, *, shown: bool) -> Axes:
    """The insurer's cash in a new figure."""
    with style(new=True):
        return _draw_cash(results, new_figure(8.4, 4.2, shown=shown).add_subplot(), new=True)


# --- year by year ---------------------------------------------------------------------------------------------------


def _draw_result(results: Results, ax: Axes, *, new: bool) -> None:
    money = money_of(results)
    losses = [f"{in_per_cent(year.probability('insurer_loss'))[0]}%" for year in _years(results)]
    _fan(ax, [values / money.yuan for values in _in_force(results, "insurer_result")])
    ax.axhline(0, color=VERMILION, linewidth=1.2, label="no gain, no loss")
    labels = [f"{number}\nP(loss) {loss}" for number, loss in enumerate(losses, start=1)]
    _year_axis(ax, labels, beside(money.en, money.zh))
    of, lo, hi = in_per_cent(results.probability("insurer_loss"))
    what = beside("Insurer's result after its real running cost, by year", "分年度公司净损益与赔付率")
    line = f"P(loss over {results.n_years} years) {of}% (95% interval {lo}% to {hi}%)"
    put_frame(results, ax, what, line, new=new)
    ax.legend(frameon=False, fontsize=SMALL, loc="best")


def _draw_loss_ratio(results: Results, ax: Axes) -> None:
    _fan(ax, [100 * values for values in _in_force(results, "loss_ratio")])
    ax.axhline(100, color="0.3", linewidth=1.0, linestyle="--", label="claims equal premium")
    _year_axis(ax, [str(number) for number in range(1, results.n_years + 1)], beside("loss ratio, %", "赔付率（%）"))
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.legend(frameon=False, fontsize=SMALL, loc="best")
    put_origin(results, ax, 44)


def _years(results: Results) -> list[Results]:
    return [results.year(number) for number in range(1, results.n_years + 1)]


def _in_force(results: Results, measure: str) -> list[Floats]:
    """A measure's value in each replication whose contract was in force, year by year; empty where there is none."""
    found = []
    for year in _years(results):
        values = year.values(measure)
        assert values is not None
        found.append(values[_settled(year) & np.isfinite(values)])
    return found


def _settled(year: Results) -> npt.NDArray[np.bool_]:
    """Whether the contract was in force: always, in a run of one year."""
    return year.totals.get("in_force", np.ones(year.replications, np.int64)) > 0


def _fan(ax: Axes, samples: Sequence[Floats]) -> None:
    """Median and band at 1, 2, 3 ...; nothing where no replication has a value."""
    known = {place: values for place, values in enumerate(samples, start=1) if len(values)}
    if not known:
        return
    low, middle, high = np.array([np.percentile(values, POINTS) for values in known.values()]).T
    ax.fill_between(list(known), low, high, color=BLUE, alpha=0.25, linewidth=0, label=BAND)
    ax.plot(list(known), middle, color=BLUE, linewidth=1.6, marker="o", markersize=3, label="median")


def _year_axis(ax: Axes, labels: Sequence[str], unit: str) -> None:
    ax.set_xticks(range(1, len(labels) + 1), labels)
    ax.set_xlim(0.8, len(labels) + 0.2)
    ax.set_xlabel(beside("contract year", "合同年度"), loc="left")
    ax.set_ylabel(unit)
    _plain(ax)


def _plain(ax: Axes) -> None:
    ax.yaxis.set_major_formatter("{x:,g}")
    ax.yaxis.grid(visible=True, color="0.9", linewidth=0.6)
    ax.set_axisbelow(True)


# --- month by month -------------------------------------------------------------------------------------------------


def _draw_cash(results: Results, ax: Axes, *, new: bool) -> Axes:
    assert results.insurer_cash is not None
    money, cash = money_of(results), results.insurer_cash
    _, years, months = cash.shape
    in_force = [_settled(year) for year in _years(results)]
    _fan(ax, [cash[in_force[y], y, m] / money.fen for y, m in np.ndindex(years, months)])
    ax.axhline(0, color=VERMILION, linewidth=1.2, label="below zero the insurer advances money of its own")
    for year in range(1, years):
        ax.axvline(year * months + 0.5, color="0.7", linewidth=0.8, linestyle=":")
    step = 1 if years == 1 else 3
    ticks = range(step, years * months + 1, step)
    ax.set_xticks(ticks, [str((tick - 1) % months + 1) for tick in ticks])
    ax.set_xlim(0.5, years * months + 0.5)
    ax.set_xlabel(beside("month of the year", "月份"), loc="left")
    ax.set_ylabel(beside(f"month-end cash, {money.en}", f"月末资金余额（{money.zh}）", "\n"))
    _plain(ax)
    of, lo, hi = in_per_cent(results.probability("cash_short"))
    line = f"P(cash below zero in some month) {of}% (95% interval {lo}% to {hi}%)"
    put_frame(results, ax, beside("The insurer's cash by month", "公司承办资金月末余额"), line, new=new)
    ax.legend(frameon=False, fontsize=SMALL, loc="best")
    put_origin(results, ax, 36)
    return ax
