"""Figures of a term (合同期的图): results year by year, and the insurer's cash month by month."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundsim.report.amounts import in_per_cent
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import axes_for, drawn_in, in_notebook, new_figure, plain, put_frame, put_origin, style
from fundsim.report.pictures.cash import draw_cash
from fundsim.report.pictures.term import draw_loss_ratio, draw_result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from fundsim.results import Results


def plot_term(results: Results, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
    """Plot the insurer's result in each year of a term: median, and where most of the replications lie.

    Replications whose contract has ended are left out of later years; the probabilities of a loss, as everywhere, are
    shares of all replications.

    Args:
        results: what to plot, of several years.
        ax: where to plot; by default a new figure, which a notebook shows, with the loss ratio in a second panel.
        lang: ``zh`` or ``en``; by default as :func:`fundsim.set_language` says, else English.

    Raises:
        ValueError: the results are of one year.
    """
    if not results.years:
        raise ValueError("results of one year have no course over a term; simulate several, as with years=3")
    return term(results, ax, drawn_in(lang))


def plot_insurer_cash(results: Results, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
    """Plot the insurer's cash at the end of each month: median, and where most of the replications lie.

    Args:
        results: what to plot.
        ax: where to plot; by default a new figure, which a notebook shows.
        lang: ``zh`` or ``en``; by default as :func:`fundsim.set_language` says, else English.

    Raises:
        ValueError: the insurer's cash is not known by month.
    """
    if results.insurer_cash is None:
        raise ValueError("the insurer's cash is not known by month; state 'contract: {instalments: ...}'")
    return insurer_cash(results, ax, drawn_in(lang))


def term(results: Results, ax: Axes | None, lang: Lang, *, shown: bool | None = None) -> Axes:
    """The insurer's result, and in a new figure the loss ratio beside it; returns the axes of the result."""
    if ax is not None:
        with style(new=False):
            _framed_result(ax, results, lang, new=False)
            put_origin(results, ax, 56, lang)
            return ax
    seen = in_notebook() if shown is None else shown
    with style(new=True):
        left, right = new_figure(8.4, 4.4, shown=seen).subplots(1, 2)
        _framed_result(left, results, lang, new=True)
        draw_loss_ratio(right, results, lang)
        plain(right)
        put_origin(results, right, 56, lang)
        first: Axes = left
        return first


def _framed_result(ax: Axes, results: Results, lang: Lang, *, new: bool) -> None:
    draw_result(ax, results, lang)
    of, lo, hi = in_per_cent(results.probability("insurer_loss"))
    what = Words("分年度公司净损益与赔付率", "Insurer's result after its real running cost, and loss ratio, by year")
    years = results.n_years
    line = Words(
        f"{years}年合计亏损的概率{of}%（95%区间{lo}%至{hi}%）",
        f"P(loss over {years} years) {of}% (95% interval {lo}% to {hi}%)",
    )
    put_frame(results, ax, what, line.told(lang), lang, new=new)


def insurer_cash(results: Results, ax: Axes | None, lang: Lang, *, shown: bool | None = None) -> Axes:
    """The insurer's cash month by month."""
    with axes_for(ax, 8.4, 4.2, shown=shown) as axes:
        draw_cash(axes, results, lang)
        of, lo, hi = in_per_cent(results.probability("cash_short"))
        line = Words(
            f"某月末资金为负的概率{of}%（95%区间{lo}%至{hi}%）",
            f"P(cash below zero in some month) {of}% (95% interval {lo}% to {hi}%)",
        )
        what = Words("公司承办资金月末余额", "The insurer's cash by month")
        put_frame(results, axes, what, line.told(lang), lang, new=ax is None)
        put_origin(results, axes, 36, lang)
        return axes
