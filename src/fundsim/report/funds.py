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
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import (
    SMALL,
    VERMILION,
    axes_for,
    drawn_in,
    height_of_legend,
    in_typeface,
    legend_above,
    money_unit,
    new_figure,
    plain,
    put_origin,
    save,
    scheme_title,
    shortened,
    style,
    unit_for,
)
from fundsim.report.pictures.term import fan
from fundsim.report.typeface import drawable

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


def plot_cash(results: Results, fund: str, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
    """Plot the month-end cash of a fund's account: median, and where most of the replications lie.

    Args:
        results: what to plot.
        fund: the fund's name.
        ax: where to plot; by default a new figure, which a notebook shows.
        lang: ``zh`` or ``en``; by default as :func:`fundsim.set_language` says, else English.

    Raises:
        KeyError: the scheme has no such fund.
    """
    year, said = results.funds_year.funds[fund], drawn_in(lang)
    with axes_for(ax, 5.6, 3.8) as axes:
        _draw_cash(axes, fund, year, results.batch, said)
        in_typeface(axes)
        put_origin(results, axes, 30, said)
        return axes


def write_cash(results: Results, folder: str | Path, lang: Lang | None = None) -> list[Path]:
    """Write ``cash.png``, a panel for each fund, into a folder; nothing where the scheme has no funds."""
    funds, said = results.funds_year.funds, drawn_in(lang)
    if not funds:
        return []
    across = min(len(funds), 2)
    down = ceil(len(funds) / across)
    with style(new=True):
        figure = new_figure(4.4 * across, 3.6 * down + 0.3, shown=False)
        panels = figure.subplots(down, across, squeeze=False).ravel()
        for panel, (name, fund) in zip(panels, funds.items(), strict=False):
            _draw_cash(panel, name, fund, results.batch, said)
        for panel in panels[len(funds) :]:
            panel.set_visible(False)
        what = Words("医疗费用结算账户", "Accounts from which hospitals are paid").told(said)
        title = f"{what}\n{scheme_title(results, said)}"
        figure.suptitle(title, x=0.01, ha="left", fontsize=SMALL + 3, parse_math=False)
        put_origin(results, panels[len(funds) - 1], 30, said)
        return [save(panels[0], Path(folder) / "cash.png")]


def _draw_cash(ax: Axes, name: str, fund: FundYear, batch: int | None, lang: Lang) -> None:
    money = unit_for(fund.year_income, lang)
    fan(ax, list((fund.cash / money.fen).T), lang)
    if np.percentile(fund.cash, 5, axis=0).min() <= 0:
        ax.axhline(0, color=VERMILION, linewidth=1.2, label=Words("账户用尽", "account empty").told(lang))
    else:
        ax.set_ylim(bottom=0)
    ax.set_xticks(range(1, MONTHS + 1))
    ax.set_xlabel(Words("月份", "month").told(lang), loc="left")
    unit = money_unit(money, lang)
    ax.set_ylabel(Words(f"月末余额（{unit}）", f"month-end cash ({unit})").told(lang))
    ax.yaxis.set_major_formatter("{x:,g}")
    legend_above(ax, 2)
    headline = _headline(name, fund, batch, lang)
    ax.set_title(
        headline, loc="left", fontsize=SMALL + 1, linespacing=1.5, parse_math=False, pad=6 + height_of_legend(ax)
    )
    ax.yaxis.grid(visible=True, color="0.9", linewidth=0.6)
    plain(ax)


def _headline(name: str, fund: FundYear, batch: int | None, lang: Lang) -> str:
    title = Words(*fund_name(name, fund)).told(lang)
    of, lo, hi = in_per_cent(probability_of(fund.runs_dry, batch=batch))
    line = Words(f"透支概率{of}%（95%区间{lo}%至{hi}%）", f"P(runs dry) {of}% (95% interval {lo}% to {hi}%)")
    return f"{shortened(title if title and drawable(title) else name, PANEL)}\n{line.told(lang)}"
