"""收敛情况: how the mean result settles as replications are added, and within which band it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from fundsim.estimates import NORMAL_95
from fundsim.report.amounts import with_error
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import LANGUAGES, Lang, Words
from fundsim.report.frame import BLUE, SKY, fund_unit, legend_above, minus, money_unit
from fundsim.report.pictures.canvas import canvas, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fundsim.results import Results

FIRST = 10
"""Replications before which a running mean says nothing."""


def convergence_picture(subject: Subject) -> Picture:
    """The running mean of the insurer's result with its 95% band."""
    n = subject.base.replications
    (zh, _), (en, _) = (_final(subject.base, lang) for lang in LANGUAGES)
    alt = Words(
        f"曲线：公司净损益均值随模拟次数（至{n:,}次）的变化及95%区间，最终为{zh}。",
        f"Running mean of the insurer's result up to {n:,} replications with its 95% interval; at the end {en}.",
    )
    title = Words("公司净损益均值的收敛", "How the mean result settles")
    for outcome in subject.base.precision:
        came = Words("已达到", "reached") if outcome.reached else Words("未达到", "not reached")
        title = Words(
            f"{title.zh}；精度目标“{outcome.target}”{came.zh}", f"{title.en}; target '{outcome.target}' {came.en}"
        )
    return Picture("convergence", title, alt, lambda lang: _draw(subject, lang))


def _draw(subject: Subject, lang: Lang) -> Figure:
    with canvas(high=3.0) as (figure, ax):
        draw_convergence(ax, subject.base, lang)
    return figure


def _final(results: Results, lang: Lang) -> tuple[str, float]:
    """The mean over all replications with its standard error in words, and its value in the figure's unit."""
    money = fund_unit(results, lang)
    of = results.estimate("insurer_result")
    mean, se = with_error(of, 1 / money.yuan, money.most)
    told = Words(f"{mean} ± {se}{money.zh}（标准误）", f"{mean} ± {se} {money.en} (standard error)").told(lang)
    return minus(told), (of.mean or 0.0) / money.yuan


def draw_convergence(ax: Axes, results: Results, lang: Lang) -> None:
    """Draw the running mean, its 95% band, and where it ends."""
    money = fund_unit(results, lang)
    values = results.average("insurer_result") / money.fen
    n = np.arange(1, len(values) + 1)
    mean = np.cumsum(values) / n
    spread = np.sqrt(np.maximum(np.cumsum(values**2) / n - mean**2, 0) * n / np.maximum(n - 1, 1))
    half = NORMAL_95 * spread / np.sqrt(n)
    first = min(FIRST, len(values)) - 1
    ax.fill_between(
        n[first:], (mean - half)[first:], (mean + half)[first:], color=SKY, alpha=0.5, linewidth=0,
        label=Words("95%区间", "95% interval").told(lang),
    )  # fmt: skip
    mark = "o" if first == len(values) - 1 else None
    ax.plot(n[first:], mean[first:], color=BLUE, marker=mark, label=Words("累计均值", "running mean").told(lang))
    told, at = _final(results, lang)
    words = Words(f"全部{len(values):,}次：{told}", f"all {len(values):,}: {told}")
    ax.axhline(at, color="0.35", linestyle="--", linewidth=1.0, label=words.told(lang))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.yaxis.set_major_formatter("{x:,g}")
    ax.locator_params(axis="x", integer=True)
    unit = money_unit(money, lang)
    label(ax, lang, x=Words("模拟次数", "replications"),
          y=Words(f"公司净损益（{unit}）", f"insurer's result\n({unit})"))  # fmt: skip
    legend_above(ax, 3)
