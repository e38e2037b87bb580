"""Figures of a run (模拟结果图): what the command line writes and a notebook shows, each in one language.

They are the figures of the report (:mod:`fundsim.report.pictures`), with a title and where they come from.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fundsim.report.amounts import in_per_cent, written
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import axes_for, drawn_in, fund_unit, minus, put_frame, put_origin, save
from fundsim.report.pictures.bands import draw_bands
from fundsim.report.pictures.margin import draw_margin
from fundsim.report.term_figures import insurer_cash, term

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from fundsim.results import Results


def plot_margin(results: Results, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
    """Plot how the insurer's result after real cost is spread over replications, within the contract's corridor.

    Bars are shares of the replications, in a unit that suits the fund and in per cent of the premium. A value that many
    replications share to the fen, such as a full allowance, is a bar of its own on the same scale. Lines are the
    contract's turning points at the mean premium; those far from every replication are listed without a line.

    Args:
        results: what to plot.
        ax: where to plot; by default a new figure, which a notebook shows.
        lang: ``zh`` or ``en``; by default as :func:`fundsim.set_language` says, else English.
    """
    return _margin(results, ax, drawn_in(lang))


def plot_bands(results: Results, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
    """Plot the shares of payments and of beneficiaries by what the patient's own cost came to, with 95% intervals.

    Args:
        results: what to plot.
        ax: where to plot; by default a new figure, which a notebook shows.
        lang: ``zh`` or ``en``; by default as :func:`fundsim.set_language` says, else English.
    """
    return _bands(results, ax, drawn_in(lang))


def write_figures(results: Results, folder: str | Path, lang: Lang | None = None) -> list[Path]:
    """Write ``margin.png`` and ``bands.png`` into a folder; the same results give the same bytes on one machine.

    Over several years also ``term.png``; ``insurer-cash.png`` where the insurer's cash is known by month.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    drawings: dict[str, Callable[..., Axes]] = {"margin.png": _margin, "bands.png": _bands}
    drawings |= {"term.png": term} if results.years else {}
    drawings |= {"insurer-cash.png": insurer_cash} if results.insurer_cash is not None else {}
    return [save(drawn(results, None, drawn_in(lang), shown=False), target / name) for name, drawn in drawings.items()]


def _margin(results: Results, ax: Axes | None, lang: Lang, *, shown: bool | None = None) -> Axes:
    with axes_for(ax, 8.4, 5.6, shown=shown) as axes:
        draw_margin(axes, results, lang)
        what = Words("公司净损益（扣除实际费用）", "Insurer's result after its real running cost")
        put_frame(results, axes, what, _headline(results, lang), lang, new=ax is None)
        put_origin(results, axes, 22, lang)
        return axes


def _bands(results: Results, ax: Axes | None, lang: Lang, *, shown: bool | None = None) -> Axes:
    with axes_for(ax, 8.4, 1.9 + 0.5 * (len(results.bands["own_cost_edges"]) + 1), shown=shown) as axes:
        draw_bands(axes, results, lang)
        what = Words("按个人自付费用分段的赔付与受益人数", "Payments and persons by band of own cost")
        put_frame(results, axes, what, _of_bands(results).told(lang), lang, new=ax is None)
        put_origin(results, axes, 30, lang)
        return axes


def _of_bands(results: Results) -> Words:
    if not results.bands["own_cost_paid"].any():
        return Words("各次模拟均无人获得赔付", "nobody was paid in any replication")
    if results.replications == 1:
        return Words("仅1次模拟，无误差区间", "1 replication: no intervals")
    return Words(
        "占全部的比例及其95%区间；括号内为年均值", "shares of all with 95% intervals; in brackets means a year"
    )


def _headline(results: Results, lang: Lang) -> str:
    money, result = fund_unit(results, lang), results.estimate("insurer_result")
    if result.mean is None or result.se is None:
        one = "" if result.mean is None else minus(written(result.mean / money.yuan, None, money.most))
        return Words(
            f"仅1次模拟：{one}{money.zh}，无从得知分布与误差",
            f"1 replication: {one} {money.en}; neither a distribution nor an error",
        ).told(lang)
    of, lo, hi = in_per_cent(results.probability("insurer_loss"))
    mean, se = (minus(written(x / money.yuan, result.se / money.yuan, money.most)) for x in (result.mean, result.se))
    return Words(
        f"亏损概率{of}%（95%区间{lo}%至{hi}%）   均值{mean} ± {se}{money.zh}（标准误）",
        f"P(loss) {of}% (95% interval {lo}% to {hi}%)   mean {mean} ± {se} {money.en} (standard error)",
    ).told(lang)
