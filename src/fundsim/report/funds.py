"""The accounts of payers in print (基金账户): rows of a table for each fund, and month-end cash as a figure."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from fundsim.estimates import mean_of, probability_of
from fundsim.funds import FUND_MEASURES, MONTHS, FundYear
from fundsim.report.amounts import in_per_cent, money_for, with_range
from fundsim.report.frame import (
    BLUE,
    DPI,
    SMALL,
    VERMILION,
    beside,
    in_notebook,
    new_figure,
    put_origin,
    scheme_title,
    style,
)  # fmt: skip
from fundsim.report.typeface import drawable
from fundsim.scenario.text import width

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from fundsim.results import Results

PANEL: Final = 52
"""Latin letters that a line above one of two panels holds."""
ALWAYS: Final = ("income", "payments", "surplus", "surplus_ratio", "balance", "lowest_cash")
"""Figures that are told of every fund; others where they are not zero throughout."""


def fund_name(name: str, fund: FundYear) -> tuple[str, str]:
    """What a fund is called, in Chinese and in English; its name where no title is stated."""
    title = fund.terms.title or {}
    return title.get("zh", ""), title.get("en", name)


def fund_rows(fund: FundYear, batch: int | None) -> Iterator[tuple[str, ...]]:
    """The figures of one fund with their errors and 5% and 95% points: names, unit, figures.

    ``batch``: as many replications are stratified together.
    """
    money = money_for(fund.year_income)
    for measure in FUND_MEASURES.values():
        values = measure.values(fund)
        if values is None or not (measure.id in ALWAYS or values.any()):
            continue
        factor, unit, most = (1 / money.yuan, money.en, money.most) if measure.unit == "yuan" else (100.0, "%", 2)
        yield measure.zh, measure.id, unit, *with_range(mean_of(values, batch=batch), factor, most)


def dry_rows(results: Results) -> Iterator[tuple[str, ...]]:
    """How likely the account of each fund runs dry, and in which month first: names, probability with its interval."""
    for name, fund in results.funds_year.funds.items():
        yield fund_name(name, fund)[0], name, "%", *in_per_cent(probability_of(fund.runs_dry, batch=results.batch))


# --- the figure ---------------------------------------------------------------------------------------------------


def plot_cash(results: Results, fund: str, ax: Axes | None = None) -> Axes:
    """Plot the month-end cash of a fund's account: median, and the band from 5% to 95% of replications.

    Args:
        results: what to plot.
        fund: the fund's name.
        ax: where to plot; by default a new figure, which a notebook shows.

    Raises:
        KeyError: the scheme has no such fund.
    """
    year = results.funds_year.funds[fund]
    with style(new=ax is None):
        axes = new_figure(5.6, 3.6, shown=in_notebook()).add_subplot() if ax is None else ax
        _draw_cash(axes, fund, year, results.batch)
        put_origin(results, axes, 30)
    return axes


def write_cash(results: Results, folder: str | Path) -> list[Path]:
    """Write ``cash.png``, a panel for each fund, into a folder; nothing where the scheme has no funds."""
    funds = results.funds_year.funds
    if not funds:
        return []
    across = min(len(funds), 2)
    down = ceil(len(funds) / across)
    with style(new=True):
        figure = new_figure(4.4 * across, 3.1 * down + 0.3, shown=False)
        panels = figure.subplots(down, across, squeeze=False).ravel()
        for panel, (name, fund) in zip(panels, funds.items(), strict=False):
            _draw_cash(panel, name, fund, results.batch)
        for panel in panels[len(funds) :]:
            panel.set_visible(False)
        what = beside("Accounts from which hospitals are paid", "医疗费用结算账户")
        figure.suptitle(f"{what}\n{scheme_title(results)}", x=0.01, ha="left", fontsize=SMALL + 3, parse_math=False)
        put_origin(results, panels[len(funds) - 1], 30)
        target = Path(folder) / "cash.png"
        figure.savefig(target, dpi=DPI, metadata={"Software": None})
    return [target]


def _draw_cash(ax: Axes, name: str, fund: FundYear, batch: int | None) -> None:
    money = money_for(fund.year_income)
    months = np.arange(1, MONTHS + 1)
    low, middle, high = np.percentile(fund.cash / money.fen, (5, 50, 95), axis=0)
    ax.fill_between(months, low, high, color=BLUE, alpha=0.25, linewidth=0, label="5% to 95% of replications")
    ax.plot(months, middle, color=BLUE, linewidth=1.6, marker="o", markersize=3, label="median")
    if low.min() <= 0:
        ax.axhline(0, color=VERMILION, linewidth=1.2, label="account empty")
    else:
        ax.set_ylim(bottom=0)
    ax.set_xticks(months)
    ax.set_xlabel(beside("month", "月份"), loc="left")
    ax.set_ylabel(beside(f"month-end cash, {money.en}", f"月末余额（{money.zh}）", "\n"))
    ax.yaxis.set_major_formatter("{x:,g}")
    ax.set_title(_headline(name, fund, batch), loc="left", fontsize=SMALL + 1, linespacing=1.5, parse_math=False)
    ax.yaxis.grid(visible=True, color="0.9", linewidth=0.6)
    ax.set_axisbelow(True)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.legend(frameon=False, fontsize=SMALL - 1, loc="best")


def _headline(name: str, fund: FundYear, batch: int | None) -> str:
    zh, en = fund_name(name, fund)
    of, lo, hi = in_per_cent(probability_of(fund.runs_dry, batch=batch))
    shown = [title for title in (en, zh) if title and drawable(title)]
    titles = "  ".join(shown) if width("  ".join(shown)) <= PANEL else "\n".join(shown)
    return f"{titles}\nP(runs dry) {of}% (95% interval {lo}% to {hi}%)"
