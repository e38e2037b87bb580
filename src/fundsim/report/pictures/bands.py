"""按个人自付费用分段的赔付: whom the money reaches, by what was left to bear."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from fundsim.estimates import Estimate, mean_of, ratio_of
from fundsim.report.amounts import written
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import BLUE, SKY, SMALL, fund_unit, legend_above
from fundsim.report.pictures.canvas import canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fundsim.report.amounts import Money
    from fundsim.results import Results

What = Literal["own_cost_paid", "own_cost_persons"]
LEAST_ERROR = 1.0
"""Error that figures have at least when they are written: none has more than one decimal beside a bar."""
MANY = 100
"""Persons from which they are written without decimals."""


def band_shares(results: Results, what: What) -> tuple[Estimate, ...]:
    """The share (per cent) of each band of own cost in all payments or beneficiaries, as a ratio of totals.

    Tables and figures ask here, so that both show the same number.
    """
    values = results.bands[what].astype(np.float64)
    whole = values.sum(axis=1)
    return tuple(ratio_of(100.0 * column, whole, batch=results.batch) for column in values.T)


def band_names(results: Results) -> tuple[Words, ...]:
    """Name the bands of own cost: ``6,000–26,000 yuan``."""
    edges = [f"{edge / 100:,.2f}".removesuffix(".00") for edge in results.bands["own_cost_edges"]]
    if not edges:
        return (Words("不分段", "any amount"),)
    between = [Words(f"{low}至{high}元", f"{low}–{high} yuan") for low, high in pairwise(edges)]
    first, last = edges[0], edges[-1]
    return Words(f"{first}元及以下", f"up to {first} yuan"), *between, Words(f"{last}元以上", f"above {last} yuan")


def bands_picture(subject: Subject) -> Picture:
    """Share of payments and of persons in each band of own cost."""
    top = band_shares(subject.base, "own_cost_paid")[-1].mean or 0.0
    alt = Words(
        f"条形图：各自付费用段的赔付占比和人数占比；最高一段占赔付的{top:.0f}%。",
        f"Bars: share of payments and of persons by band of own cost; the highest band has {top:.0f}% of payments.",
    )
    title = Words("各自付费用段的赔付与受益人数", "Payments and persons by band of own cost")
    return Picture("bands", title, alt, lambda lang: _draw(subject, lang))


def _draw(subject: Subject, lang: Lang) -> Figure:
    with canvas(high=1.1 + 0.5 * len(band_names(subject.base))) as (figure, ax):
        draw_bands(ax, subject.base, lang)
    return figure


def draw_bands(ax: Axes, results: Results, lang: Lang) -> None:
    """Draw two bars a band, the shares of payments and of beneficiaries, with their means a year beside them."""
    money, names = fund_unit(results, lang), band_names(results)
    _bars(ax, results, "own_cost_paid", -0.19, BLUE, None, Words("赔付金额", "payments"), money, lang)
    persons = Words("受益人数", "beneficiaries")
    _bars(ax, results, "own_cost_persons", 0.19, SKY, "///", persons, money, lang)
    ax.set_yticks(range(len(names)), [name.told(lang) for name in names])
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xlim(0, 1.45 * max(ax.get_xlim()[1], 10))
    ax.set_xticks([tick for tick in ax.get_xticks() if 0 <= tick <= min(100, ax.get_xlim()[1])])
    ax.xaxis.grid(visible=True, color="0.9", linewidth=0.6)
    ax.set_xlabel(Words("占全部的比例（%）", "share of all (%)").told(lang), loc="left")
    ax.set_ylabel(Words("个人自付费用（年累计）", "own cost in the year").told(lang))
    legend_above(ax, 2)


def _bars(
    ax: Axes, results: Results, what: What, offset: float, colour: str, hatch: str | None, words: Words,
    money: Money, lang: Lang,
) -> None:  # fmt: skip
    shares = band_shares(results, what)
    factor = 1 / money.fen if what == "own_cost_paid" else 1.0
    unit = Words(money.zh, f" {money.en}") if what == "own_cost_paid" else Words("人", " persons")
    means, halves = [of.mean or 0.0 for of in shares], [_half(of) for of in shares]
    rows = np.arange(len(shares)) + offset
    ax.barh(
        rows, means, 0.36, color=colour, label=words.told(lang), hatch=hatch, edgecolor="white", linewidth=0.5,
        xerr=halves if any(halves) else None, ecolor="black", capsize=2,
    )  # fmt: skip
    for place, (row, share) in enumerate(zip(rows, shares, strict=True)):
        a_year = mean_of(results.bands[what][:, place] * factor / results.n_years, batch=results.batch)
        many = what == "own_cost_persons" and (a_year.mean or 0.0) >= MANY
        amount = _short(a_year, 10 * LEAST_ERROR if many else LEAST_ERROR) + unit.told(lang)
        of = "–" if share.mean is None else f"{_short(share, LEAST_ERROR)}%"
        text = Words(f"{of}（{amount}）", f"{of} ({amount})").told(lang)
        ax.annotate(
            text, (means[place] + halves[place], row), (4, 0), textcoords="offset points", va="center", fontsize=SMALL
        )


def _half(of: Estimate) -> float:
    ends = of.interval()
    return 0.0 if ends is None else (ends[1] - ends[0]) / 2


def _short(of: Estimate, least: float) -> str:
    return written(of.mean, max(of.se or 0.0, least))
