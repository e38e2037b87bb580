"""公司净损益的分布: how the insurer's result is spread, within the contract's corridor."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fundsim.report.amounts import LEAST_FOR_RANGE, Money
from fundsim.report.corridor import NEITHER, Mark, corridor
from fundsim.report.distribution import Distribution, distribution_of
from fundsim.report.document.model import Picture
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import SKY, SMALL, VERMILION, YELLOW, fund_unit, legend_below, minus
from fundsim.report.pictures.canvas import canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fundsim.results import Results

LINES: Final = {"keep": "--", "zero": "-", "even": "-.", "tier": ":"}
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
LONGEST: Final = {"en": 104, "zh": 56}
"""Letters that a line of the key holds."""
STRIP: Final = 0.815
"""Height of the mean and the 5% and 95% points, as a part of the axes: above all bars."""


def margin_picture(subject: Subject) -> Picture:
    """Histogram of the insurer's result after real cost, losses hatched, turning points of the contract as lines."""
    share = 100 * float((subject.base.totals["insurer_result"] < 0).mean())
    alt = Words(
        f"直方图：公司净损益在各次模拟中的分布，{share:.3g}%的模拟为亏损；阴影为合同账面持平点至公司留存上限。",
        f"Histogram of the insurer's result over the replications; {share:.3g}% of them are losses; shaded from the "
        "contract's break-even to the most that the insurer can keep.",
    )
    title = Words("公司净损益（扣除实际费用）的分布", "The insurer's result after real cost")
    return Picture("margin", title, alt, lambda lang: _draw(subject, lang))


def _draw(subject: Subject, lang: Lang) -> Figure:
    with canvas(high=3.7 + 0.15 * len(corridor(subject.base))) as (figure, ax):
        draw_margin(ax, subject.base, lang)
    return figure


def draw_margin(ax: Axes, results: Results, lang: Lang) -> None:
    """Draw bars that are shares of the replications, the mean, and the contract's turning points with a key below.

    A value that many replications share to the fen, such as a full allowance, is a bar of its own on the same scale.
    Turning points far from every replication are told in the key, without a line.
    """
    money, premium = fund_unit(results, lang), float(results.average("premium").mean())
    values, marks = np.rint(results.average("insurer_result")).astype(np.int64), corridor(results)
    shape = distribution_of(values, [mark.at for mark in marks if mark.limit])
    near = _near(marks, int(values.min()), int(values.max()))
    low, high = _ends([*(mark.at for mark in near), *shape.edges, *(at for at, _ in shape.masses)])
    ax.set_xlim(low / money.fen, high / money.fen)
    _draw_corridor(ax, marks, money, lang)
    _draw_shape(ax, shape, money, (high - low) / money.fen / 90, lang)
    _draw_mean(results, ax, money, lang)
    told = _told(ax)
    key = _draw_marks(ax, marks, near, money, premium, lang)
    ax.set_ylim(0, 140 * max([share for _, share in shape.masses] + list(shape.shares)))
    ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= min(100, ax.get_ylim()[1])])
    ax.xaxis.set_major_formatter("{x:,g}")
    ax.yaxis.grid(visible=True, color="0.9", linewidth=0.6)
    ax.set_xlabel(_axis(results, money, lang), loc="left")
    ax.set_ylabel(Words("占模拟次数（%）", "share of replications (%)").told(lang))
    if premium > 0:
        _per_cent_axis(ax, premium / money.fen / 100, lang)
    columns = 3
    ax.add_artist(legend_below(ax, told, -36, columns))
    legend_below(ax, key, -40 - 13 * -(-len(told) // columns), 1)


def _axis(results: Results, money: Money, lang: Lang) -> str:
    """What the axis is in; over several years amounts are a year's average."""
    many = results.n_years if results.years else 0
    year = Words(f"，{many}年年均", f" a year, average of {many} years") if many else Words("", "")
    return Words(f"公司净损益（{money.zh}{year.zh}）", f"insurer's result ({money.en}{year.en})").told(lang)


def _per_cent_axis(ax: Axes, one: float, lang: Lang) -> None:
    """The scale of the result again, above, in per cent of the premium (``one`` is a per cent in units of the axis)."""
    top = ax.secondary_xaxis("top", functions=(lambda x: np.asarray(x) / one, lambda x: np.asarray(x) * one))
    top.set_xlabel(Words("占保费（%）", "per cent of premium").told(lang), fontsize=SMALL, loc="right")
    top.tick_params(labelsize=SMALL)


def _near(marks: tuple[Mark, ...], low: int, high: int) -> list[Mark]:
    """The marks to draw: zero, the allowance, and what is near the replications."""
    reach = max(high - low, abs(low), abs(high), 1) // 2
    return [mark for mark in marks if mark.kind in ("zero", "keep") or low - reach <= mark.at <= high + reach]


def _ends(shown: list[float]) -> tuple[float, float]:
    """The ends of an axis on which everything shown has some room (all in fen)."""
    low, high = min(shown), max(shown)
    margin = 0.06 * ((high - low) or max(abs(high), 100))
    return low - margin, high + margin


def _draw_corridor(ax: Axes, marks: tuple[Mark, ...], money: Money, lang: Lang) -> None:
    """Shade from where the contract breaks even to the most that the insurer can keep, where it knows both."""
    keep = [mark.at for mark in marks if mark.kind == "keep" and mark.limit]
    even = [mark.at for mark in marks if mark.kind == "even" or (mark.kind == "zero" and mark.words != NEITHER)]
    if not keep or not even or min(even) >= max(keep):
        return
    words = Words("账面持平至留存上限", "from break-even to most kept")
    ax.axvspan(min(even) / money.fen, max(keep) / money.fen, color="0.9", linewidth=0, zorder=0, label=words.told(lang))


def _draw_shape(ax: Axes, shape: Distribution, money: Money, thin: float, lang: Lang) -> None:
    """Bars of the histogram, losses apart from gains, and a bar ``thin`` wide for each point mass."""
    starts, widths = shape.edges[:-1] / money.fen, np.diff(shape.edges) / money.fen
    loss, gain = Words("亏损", "loss"), Words("盈利", "gain")
    for words, which, colour, hatch in ((loss, starts < 0, VERMILION, "///"), (gain, starts >= 0, SKY, None)):
        if len(shape.shares) and shape.shares[which].any():
            ax.bar(
                starts[which], 100 * shape.shares[which], widths[which], align="edge", label=words.told(lang),
                color=colour, hatch=hatch, edgecolor="white", linewidth=0.6,
            )  # fmt: skip
    middle, same = sum(ax.get_xlim()) / 2, Words("集中点（分毫不差）", "point mass: the same to the fen")
    for at, share in shape.masses:
        ax.bar(
            at / money.fen, 100 * share, thin, color=YELLOW, edgecolor="black", linewidth=0.9, hatch="xxxx",
            label=same.told(lang) if (at, share) == shape.masses[0] else "_", zorder=3,
        )  # fmt: skip
        outwards = -1 if at / money.fen < middle else 1
        ax.annotate(
            f"{100 * share:.3g}%", (at / money.fen - outwards * thin / 2, 100 * share), (-3 * outwards, -1),
            textcoords="offset points", ha="right" if outwards > 0 else "left", va="bottom", fontsize=SMALL, zorder=6,
            bbox={"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none"},
        )  # fmt: skip


def _draw_mean(results: Results, ax: Axes, money: Money, lang: Lang) -> None:
    """The mean with its interval, and the 5% and 95% points of the replications, in a strip above the bars."""
    result = results.estimate("insurer_result")
    ends = result.interval()
    if result.mean is None or ends is None or result.percentiles is None:
        return
    across = ax.get_xaxis_transform()
    if result.n >= LEAST_FOR_RANGE:
        low, high = result.percentiles[1] / money.yuan, result.percentiles[5] / money.yuan
        words = Words("5%与95%分位", "5% and 95% points").told(lang)
        ax.plot(
            [low, high], [STRIP, STRIP], "|-", transform=across, color="0.25", linewidth=1.0, markersize=9, label=words
        )
    mean, half = result.mean / money.yuan, (ends[1] - ends[0]) / 2 / money.yuan
    ax.errorbar(
        [mean], [STRIP], xerr=[half], transform=across, fmt="D", color="black", markersize=5,
        markeredgecolor="white", capsize=3, linewidth=1.4, zorder=7,
        label=Words("均值及其95%区间", "mean, with its 95% interval").told(lang),
    )  # fmt: skip


def _told(ax: Axes) -> list[Any]:
    """What has a place in the legend so far."""
    return list(ax.get_legend_handles_labels()[0])


def _draw_marks(
    ax: Axes, marks: tuple[Mark, ...], near: list[Mark], money: Money, premium: float, lang: Lang
) -> list[Any]:
    """A line with a letter for each turning point; returns the lines for the key, where the far ones are told too."""
    left, right = ax.get_xlim()
    across, key, last = ax.get_xaxis_transform(), [], left
    for letter, mark in zip(LETTERS, marks, strict=False):
        text = f"{letter}  {_place(mark, money, premium)}  {mark.words.told(lang)}"
        text = fill(text, LONGEST[lang], subsequent_indent="    ")
        if mark not in near:
            key += ax.plot([], [], " ", label=text + Words("（图外）", " (not shown)").told(lang))
            continue
        at = mark.at / money.fen
        crowded, last = at - last < 0.03 * (right - left), at
        colour = "black" if mark.kind == "zero" else "0.3"
        key.append(ax.axvline(at, color=colour, linestyle=LINES[mark.kind], linewidth=1.3, label=text, zorder=4))
        ax.text(
            at, 0.89 if crowded else 0.96, letter, transform=across, ha="center", va="center", fontsize=SMALL,
            zorder=8, bbox={"boxstyle": "circle,pad=0.2", "fc": "white", "ec": "0.3"},
        )  # fmt: skip
    return key


def _place(mark: Mark, money: Money, premium: float) -> str:
    """Where a mark is, in the figure's unit and in per cent of the premium."""
    if mark.at == 0 or not premium:
        return "0"
    at = mark.at / money.fen
    text = f"{at:,.2f}" if money.most and abs(at) < 100 else f"{at:,.0f}"
    return minus(f"{text} ({100 * mark.at / premium:.2f}%)")
