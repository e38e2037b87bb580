"""Figures (图): the insurer's result within the contract's corridor, and payments by band of own cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fundsim.estimates import mean_of
from fundsim.report.amounts import Money, in_per_cent, money_of, written
from fundsim.report.corridor import Mark, corridor
from fundsim.report.distribution import Distribution, distribution_of
from fundsim.report.frame import (
    BLUE,
    DPI,
    SKY,
    SMALL,
    VERMILION,
    YELLOW,
    beside,
    in_notebook,
    minus,
    new_figure,
    put_frame,
    put_origin,
    style,
)  # fmt: skip
from fundsim.report.term_figures import insurer_cash, term

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from fundsim.results import Results


def plot_margin(results: Results, ax: Axes | None = None) -> Axes:
    """Plot how the insurer's result after real cost is spread over replications, within the contract's corridor.

    Bars are shares of the replications, in million yuan (yuan for a small fund) and per cent of the premium. A value
    that many replications share to the fen, such as a full allowance, is a bar of its own on the same scale. Lines are
    the contract's turning points at the mean premium; those far from every replication are listed without a line.

    Args:
        results: what to plot.
        ax: where to plot; by default a new figure, which a notebook shows.
    """
    if ax is None:
        return _margin(results, shown=in_notebook())
    with style(new=False):
        return _draw_margin(results, ax, new=False)


def plot_bands(results: Results, ax: Axes | None = None) -> Axes:
    """Plot payments a year by what the patient's own cost came to, with 95% intervals of the means.

    Args:
        results: what to plot.
        ax: where to plot, persons in words beside the bars; by default a new figure, which a notebook shows, with
            persons in a second panel.

    Returns:
        The axes of the payments.
    """
    if ax is None:
        return _bands(results, shown=in_notebook())
    with style(new=False):
        _draw_payments(results, ax, persons_too=True)
        put_origin(results, ax, 36)
        return ax


def _margin(results: Results, *, shown: bool) -> Axes:
    with style(new=True):
        return _draw_margin(results, new_figure(8.4, 5.6, shown=shown).add_subplot(), new=True)


def _bands(results: Results, *, shown: bool) -> Axes:
    with style(new=True):
        panels = new_figure(8.4, 4.2, shown=shown).subplots(1, 2, sharey=True, width_ratios=[1.25, 1])
        _draw_payments(results, panels[0], persons_too=False)
        _draw_persons(results, panels[1])
        first: Axes = panels[0]
        return first


def write_figures(results: Results, folder: str | Path) -> list[Path]:
    """Write ``margin.png`` and ``bands.png`` into a folder; the same results give the same bytes on one machine.

    Over several years also ``term.png``; ``insurer-cash.png`` where the insurer's cash is known by month.
    """
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    drawings: dict[str, Callable[..., Axes]] = {"margin.png": _margin, "bands.png": _bands}
    drawings |= {"term.png": term} if results.years else {}
    drawings |= {"insurer-cash.png": insurer_cash} if results.insurer_cash is not None else {}
    written_to = []
    for name, drawn in drawings.items():
        with style(new=True):
            figure: Any = drawn(results, shown=False).figure
            figure.savefig(target / name, dpi=DPI, metadata={"Software": None})
        written_to.append(target / name)
    return written_to


# --- the insurer's result ---------------------------------------------------------------------------------------


def _draw_margin(results: Results, ax: Axes, *, new: bool) -> Axes:
    money, premium = money_of(results), float(results.average("premium").mean())
    values, marks = np.rint(results.average("insurer_result")).astype(np.int64), corridor(results)
    shape = distribution_of(values, [mark.at for mark in marks if mark.limit])
    near, far = _near(marks, int(values.min()), int(values.max()))
    low, high = _ends([*(mark.at for mark in near), *shape.edges, *(at for at, _ in shape.masses)])
    ax.set_xlim(low / money.fen, high / money.fen)
    _draw_shape(ax, shape, money, (high - low) / money.fen / 90)
    _draw_mean(results, ax, money)
    key = _draw_marks(ax, near, far, money, premium)
    ax.set_ylim(0, 130 * max([share for _, share in shape.masses] + list(shape.shares)))
    ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= min(100, ax.get_ylim()[1])])
    ax.yaxis.grid(visible=True, color="0.9", linewidth=0.6)
    ax.set_xlabel(_a_year(results, money), loc="left")
    ax.set_ylabel(beside("share of replications (%)", "模拟次数占比"))
    what = beside("Insurer's result after its real running cost", "公司净损益（扣除实际费用）")
    put_frame(results, ax, what, _headline(results, money), new=new)
    put_origin(results, ax, 22)
    if premium > 0:
        _per_cent_axis(ax, premium / money.fen / 100)
    _legends(ax, key)
    return ax


def _a_year(results: Results, money: Money) -> str:
    """The unit of the axis; over several years amounts are a year's average."""
    if not results.years:
        return beside(money.en, money.zh)
    return beside(f"{money.en} a year, average of {results.n_years} years", f"{money.zh}，{results.n_years}年年均")


def _per_cent_axis(ax: Axes, one: float) -> None:
    """The scale of the result again, above, in per cent of the premium (``one`` is a per cent in units of the axis)."""
    top = ax.secondary_xaxis("top", functions=(lambda x: np.asarray(x) / one, lambda x: np.asarray(x) * one))
    top.set_xlabel(beside("per cent of premium", "占保费 %"), fontsize=SMALL, loc="right")
    top.tick_params(labelsize=SMALL)


def _headline(results: Results, money: Money) -> str:
    of, lo, hi = in_per_cent(results.probability("insurer_loss"))
    result = results.estimate("insurer_result")
    if result.mean is None or result.se is None:
        one = "" if result.mean is None else f"{minus(written(result.mean / money.yuan, None, money.most))} {money.en}"
        return f"1 replication: {one}; neither a distribution nor an error"
    mean, se = (written(x / money.yuan, result.se / money.yuan, money.most) for x in (result.mean, result.se))
    return minus(f"P(loss) {of}% (95% interval {lo}% to {hi}%)   mean {mean} ± {se} {money.en} (standard error)")


def _near(marks: tuple[Mark, ...], low: int, high: int) -> tuple[list[Mark], list[Mark]]:
    """Part the marks into those to draw (zero, the allowance, and what is near the replications) and the others."""
    reach = max(high - low, abs(low), abs(high), 1) // 2
    near = [mark for mark in marks if mark.kind in ("zero", "keep") or low - reach <= mark.at <= high + reach]
    return near, [mark for mark in marks if mark not in near]


def _ends(shown: list[float]) -> tuple[float, float]:
    """The ends of an axis on which everything shown has some room (all in fen)."""
    low, high = min(shown), max(shown)
    margin = 0.06 * ((high - low) or max(abs(high), 100))
    return low - margin, high + margin


def _draw_shape(ax: Axes, shape: Distribution, money: Money, thin: float) -> None:
    """Bars of the histogram, losses apart from gains, and a bar ``thin`` wide for each point mass."""
    starts, widths = shape.edges[:-1] / money.fen, np.diff(shape.edges) / money.fen
    kinds = (("loss", starts < 0, VERMILION, "///"), ("gain", starts >= 0, SKY, None))
    for label, which, colour, hatch in kinds:
        if len(shape.shares) and shape.shares[which].any():
            ax.bar(
                starts[which], 100 * shape.shares[which], widths[which], align="edge", label=label,
                color=colour, hatch=hatch, edgecolor="white", linewidth=0.6,
            )  # fmt: skip
    middle = sum(ax.get_xlim()) / 2
    for at, share in shape.masses:
        label = "point mass: the same to the fen"
        ax.bar(
            at / money.fen, 100 * share, thin, color=YELLOW, edgecolor="black", linewidth=0.9, hatch="xxxx",
            label=label if (at, share) == shape.masses[0] else "_", zorder=3,
        )  # fmt: skip
        outwards = -1 if at / money.fen < middle else 1
        ax.annotate(
            f"{100 * share:.3g}%", (at / money.fen + outwards * thin / 2, 100 * share), (2 * outwards, -3),
            textcoords="offset points", ha="left" if outwards > 0 else "right", va="bottom", fontsize=SMALL, zorder=6,
        )  # fmt: skip


def _draw_mean(results: Results, ax: Axes, money: Money) -> None:
    result = results.estimate("insurer_result")
    ends = result.interval()
    if result.mean is None or ends is None:
        return
    mean, half = result.mean / money.yuan, (ends[1] - ends[0]) / 2 / money.yuan
    ax.errorbar(
        [mean], [0.035], xerr=[half], transform=ax.get_xaxis_transform(), fmt="D", color="black", markersize=5,
        markeredgecolor="white", capsize=3, linewidth=1.4, zorder=7, label="mean, with its 95% interval",
    )  # fmt: skip


LINES: Final = {"keep": "--", "zero": "-", "even": "-.", "tier": ":"}
LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def _draw_marks(ax: Axes, near: list[Mark], far: list[Mark], money: Money, premium: float) -> list[Any]:
    """A line with a letter for each turning point; returns the lines for the key, where the far ones are told too."""
    left, right = ax.get_xlim()
    across, key, last = ax.get_xaxis_transform(), [], left
    for letter, mark in zip(LETTERS, sorted([*near, *far], key=lambda mark: mark.at), strict=False):
        text = fill(f"{letter}  {_place(mark, money, premium)}  {mark.words}", 110, subsequent_indent="    ")
        if mark in far:
            key += ax.plot([], [], " ", label=f"{text} (not shown)")
            continue
        at = mark.at / money.fen
        crowded, last = at - last < 0.025 * (right - left), at
        colour = "black" if mark.kind == "zero" else "0.3"
        key.append(ax.axvline(at, color=colour, linestyle=LINES[mark.kind], linewidth=1.3, label=text, zorder=4))
        ax.text(
            at, 0.88 if crowded else 0.95, letter, transform=across, ha="center", va="center", fontsize=SMALL,
            zorder=8, bbox={"boxstyle": "circle,pad=0.2", "fc": "white", "ec": "0.3"},
        )  # fmt: skip
    return key


def _place(mark: Mark, money: Money, premium: float) -> str:
    """Where a mark is, in the figure's unit and in per cent of the premium."""
    if mark.at == 0 or not premium:
        return "0"
    at = f"{mark.at / money.fen:,.2f}" if money.most else f"{mark.at / money.fen:,.0f}"
    return minus(f"{at} ({100 * mark.at / premium:.2f}%)")


def _legends(ax: Axes, key: list[Any]) -> None:
    """Below the axis: what the bars are, in one row, and under it the marks in their order from left to right."""
    handles, labels = ax.get_legend_handles_labels()
    bars = [handle for handle, label in zip(handles, labels, strict=True) if label not in {k.get_label() for k in key}]
    ax.add_artist(_legend(ax, bars, -36, len(bars)))
    _legend(ax, key, -52, 1)


def _legend(ax: Axes, handles: list[Any], points: float, columns: int) -> Any:
    """A legend so many points below the axes (negative)."""
    from matplotlib.transforms import ScaledTranslation

    root = ax.get_figure()
    assert root is not None
    return ax.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, 0), frameon=False, fontsize=SMALL, ncols=columns,
        bbox_transform=ax.transAxes + ScaledTranslation(0, points / 72, root.dpi_scale_trans),
        borderaxespad=0, borderpad=0, handlelength=2.8, labelspacing=0.5, columnspacing=2.0,
    )  # fmt: skip


# --- payments by band of own cost -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bars:
    """Mean a year in each band, and half its 95% interval (zero where there is one replication)."""

    means: list[float]
    halves: list[float]
    texts: list[str]


def _bars(results: Results, name: str, divisor: float, most: int) -> Bars:
    estimates = [mean_of(column / (divisor * results.n_years), batch=results.batch) for column in results.bands[name].T]
    ends = [each.interval() or (0.0, 0.0) for each in estimates]
    return Bars(
        [each.mean or 0.0 for each in estimates],
        [(high - low) / 2 for low, high in ends],
        [minus(written(each.mean, each.se, most)) for each in estimates],
    )


def band_labels(results: Results) -> list[str]:
    """Name the bands of own cost: ``6,000–26,000 yuan``."""
    edges = [f"{edge / 100:,.2f}".removesuffix(".00") for edge in results.bands["own_cost_edges"]]
    if not edges:
        return ["any amount"]
    between = [f"{low}–{high} yuan" for low, high in pairwise(edges)]
    return [f"up to {edges[0]} yuan", *between, f"above {edges[-1]} yuan"]


def _draw_payments(results: Results, ax: Axes, *, persons_too: bool) -> None:
    money = money_of(results)
    paid = _bars(results, "own_cost_paid", money.fen, money.most)
    heads = _bars(results, "own_cost_persons", 1, 3)
    whole = sum(paid.means)
    texts = [
        f"{text} ({100 * mean / whole:.0f}%)" + (f", {persons} persons" if persons_too else "")
        for text, mean, persons in zip(paid.texts, paid.means, heads.texts, strict=True)
        if whole
    ] or ["0"] * len(paid.means)
    _draw_bars(ax, paid, texts, BLUE, 0.9 if persons_too else 0.45)
    ax.set_yticks(range(len(paid.means)), band_labels(results))
    ax.invert_yaxis()
    ax.set_ylabel(beside("patient's own cost in the year", "个人自付费用分段", "\n"), labelpad=8)
    ax.set_xlabel(beside(f"{money.en} a year", money.zh), loc="left")
    line = "means a year, with their 95% intervals" if results.replications > 1 else "1 replication: no intervals"
    if not whole:
        line = "nobody was paid in any replication"
    put_frame(
        results,
        ax,
        beside("Payments and persons by band of own cost", "按个人自付分段的赔付与人数"),
        line,
        new=not persons_too,
    )


def _draw_persons(results: Results, ax: Axes) -> None:
    heads = _bars(results, "own_cost_persons", 1, 3)
    _draw_bars(ax, heads, heads.texts, SKY, 0.35)
    ax.set_xlabel(beside("persons a year", "人数"), loc="left")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    put_origin(results, ax, 36)


def _draw_bars(ax: Axes, bars: Bars, texts: list[str], colour: str, room: float) -> None:
    """Horizontal bars with their errors and figures; ``room`` is the part of the longest that is left for the text."""
    rows = range(len(bars.means))
    halves = bars.halves if any(bars.halves) else None
    ax.barh(rows, bars.means, xerr=halves, height=0.68, color=colour, ecolor="black", capsize=3)
    longest = max(mean + half for mean, half in zip(bars.means, bars.halves, strict=True))
    for row, text in zip(rows, texts, strict=True):
        ax.annotate(
            text, (bars.means[row] + bars.halves[row], row), xytext=(4, 0), textcoords="offset points",
            ha="left", va="center", fontsize=SMALL,
        )  # fmt: skip
    ax.set_xlim(0, longest * (1 + room) or 1)
    ax.locator_params(axis="x", nbins=5)
    ax.xaxis.set_major_formatter("{x:,g}")
    ax.set_axisbelow(True)
    ax.xaxis.grid(visible=True, color="0.9", linewidth=0.6)
