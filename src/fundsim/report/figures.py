"""Figures (图): the insurer's result within the contract's corridor, and payments by band of own cost.

Colours are those of Okabe and Ito, with hatching where two must be told apart in grey print. Chinese stands beside
English where the system has a font for it; a text that no font can draw is left out, never drawn as boxes.
matplotlib is imported when something is drawn, and none of its global state is read or changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fundsim.estimates import NORMAL_95, mean_of
from fundsim.report.amounts import Money, in_per_cent, money_of, written
from fundsim.report.corridor import Mark, corridor
from fundsim.report.distribution import Distribution, distribution_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from fundsim.results import Results

CHINESE_FONTS: Final = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "WenQuanYi Micro Hei",
)
"""Looked for among the fonts of the system, the best first."""
LATIN_FONT: Final = "DejaVu Sans"
"""Comes with matplotlib."""

BLUE, SKY, VERMILION, YELLOW = "#0072B2", "#56B4E9", "#D55E00", "#F0E442"
DPI: Final = 150
SMALL: Final = 7.5
"""Points, for notes; axis texts have 9."""


def plot_margin(results: Results, ax: Axes | None = None) -> Axes:
    """Plot how the insurer's result after real cost is spread over replications, within the contract's corridor.

    Bars are shares of the replications, in million yuan (yuan for a small fund) and per cent of the premium. A value
    that many replications share to the fen, such as a full allowance, is a bar of its own on the same scale. Lines are
    the contract's turning points at the mean premium; those far from every replication are listed without a line.

    Args:
        results: what to plot.
        ax: where to plot; a new figure, which pyplot does not know, by default.
    """
    with _style(new=ax is None):
        return _draw_margin(results, ax or _figure(8.4, 5.6).add_subplot())


def plot_bands(results: Results, ax: Axes | None = None) -> Axes:
    """Plot payments a year by what the patient's own cost came to, with 95% intervals of the means.

    Args:
        results: what to plot.
        ax: where to plot, persons in words beside the bars; by default a new figure, which pyplot does not know,
            with persons in a second panel.

    Returns:
        The axes of the payments.
    """
    with _style(new=ax is None):
        if ax is not None:
            return _draw_payments(results, ax, persons_too=True)
        panels = _figure(8.4, 4.2).subplots(1, 2, sharey=True, width_ratios=[1.25, 1])
        payments = _draw_payments(results, panels[0], persons_too=False)
        _draw_persons(results, panels[1])
        return payments


def write_figures(results: Results, folder: str | Path) -> list[Path]:
    """Write ``margin.png`` and ``bands.png`` into a folder; the same results give the same bytes on one machine."""
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    written_to = []
    for name, plot in (("margin.png", plot_margin), ("bands.png", plot_bands)):
        with _style(new=True):
            figure: Any = plot(results).figure
            figure.savefig(target / name, dpi=DPI, metadata={"Software": None})
        written_to.append(target / name)
    return written_to


# --- fonts and frame --------------------------------------------------------------------------------------------


@contextmanager
def _style(*, new: bool) -> Iterator[None]:
    """Fonts for what is drawn within; a new figure also forgets the user's own defaults, so that it is always alike."""
    from matplotlib import style

    own = {"font.family": list(_fonts()), "font.size": 9.0}
    with style.context(["default", own] if new else [own]):
        yield


def _fonts() -> tuple[str, ...]:
    """Latin first, so that figures look alike with and without Chinese."""
    from matplotlib import font_manager

    known = {entry.name for entry in font_manager.fontManager.ttflist}
    chinese = next((name for name in CHINESE_FONTS if name in known and _characters(name)), None)
    return (LATIN_FONT,) if chinese is None else (LATIN_FONT, chinese)


def _characters(family: str) -> frozenset[int]:
    """Code points that a font family can draw; none where its file is gone."""
    from matplotlib import font_manager

    try:
        found = font_manager.findfont(family, fallback_to_default=False)
        return frozenset(font_manager.get_font(found).get_charmap())
    except (ValueError, OSError):
        return frozenset()


def _drawable(text: str) -> bool:
    return set(map(ord, text)) <= frozenset().union(*map(_characters, _fonts()))


def _beside(english: str, chinese: str, gap: str = "  ") -> str:
    """English with Chinese beside it, where it can be drawn."""
    return f"{english}{gap}{chinese}" if _drawable(chinese) else english


def _figure(wide: float, high: float) -> Figure:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(wide, high), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def _frame(results: Results, ax: Axes, what: str, lines: list[str]) -> None:
    """Title: what is shown, of which scheme, and the figures to remember; in the corner where it comes from."""
    titles = [" ".join(results.scenario.title(lang).split()) for lang in ("en", "zh")]
    shown = list(dict.fromkeys(title for title in titles if _drawable(title))) or [results.scenario.id]
    text = "\n".join([what, "  ".join(shown), *lines])
    ax.set_title(text, loc="left", fontsize=9.5, linespacing=1.45, parse_math=False)
    money = money_of(results)
    premium = written(float(results.totals["premium"].mean()) / money.fen, results.estimate("premium").se, 2)
    many = f"{results.replications:,} replication{'s' if results.replications > 1 else ''}"
    origin = f"premium {premium} {money.en} · {many} · seed {results.seed} · {results.scenario.fingerprint[:12]}"
    ax.annotate(
        origin, (1, 0), xytext=(0, -34), xycoords="axes fraction", textcoords="offset points",
        ha="right", va="top", fontsize=6, color="0.35",
    )  # fmt: skip
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
    ax.set_axisbelow(True)


def _minus(text: str) -> str:
    return text.replace("-", "−")


# --- the insurer's result ---------------------------------------------------------------------------------------


def _draw_margin(results: Results, ax: Axes) -> Axes:
    money, premium = money_of(results), float(results.totals["premium"].mean())
    values = results.totals["insurer_result"]
    shape, marks = distribution_of(values), corridor(results)
    near, far = _near(marks, int(values.min()), int(values.max()))
    low, high = _limits([mark.at for mark in near], values, money)
    _draw_shape(ax, shape, money, (high - low) / 90)
    _draw_mean(results, ax, money)
    _draw_marks(ax, near, far, money, premium)
    ax.set_xlim(low, high)
    tallest = max([share for _, share in shape.masses] + list(shape.shares))
    ax.set_ylim(0, 100 * tallest * 1.3)
    ax.yaxis.grid(visible=True, color="0.9", linewidth=0.6)
    ax.set_xlabel(_beside(money.en, money.zh), loc="left")
    ax.set_ylabel(_beside("share of replications (%)", "模拟次数占比 (%)"))
    if premium > 0:
        unit = premium / money.fen / 100
        top = ax.secondary_xaxis("top", functions=(lambda x: x / unit, lambda x: x * unit))
        top.set_xlabel(_beside("per cent of premium", "占保费 %"), fontsize=SMALL)
        top.tick_params(labelsize=SMALL)
    _frame(results, ax, _beside("Insurer's result after its real running cost", "公司净损益"), _headline(results, money))
    ax.spines["top"].set_visible(premium > 0)
    _legend(ax)
    return ax


def _headline(results: Results, money: Money) -> list[str]:
    of, lo, hi = in_per_cent(results.probability("insurer_loss"))
    result = results.estimate("insurer_result")
    if result.mean is None or result.se is None:
        return ["1 replication: neither a distribution nor an error"]
    mean, se = (written(x / money.yuan, result.se / money.yuan, money.most) for x in (result.mean, result.se))
    return [_minus(f"P(loss) {of}% (95% interval {lo}% to {hi}%)   mean {mean} ± {se} {money.en} (standard error)")]


def _near(marks: tuple[Mark, ...], low: int, high: int) -> tuple[list[Mark], list[Mark]]:
    """Part the marks into those to draw (zero, and what is within one spread of the replications) and the others."""
    reach = max(high - low, abs(low), abs(high), 1) // 2
    near = [mark for mark in marks if mark.kind == "zero" or low - reach <= mark.at <= high + reach]
    return near, [mark for mark in marks if mark not in near]


def _limits(marks: list[int], values: Any, money: Money) -> tuple[float, float]:
    low, high = min(*marks, int(values.min())), max(*marks, int(values.max()))
    margin = 0.07 * ((high - low) or max(abs(high), 100))
    return (low - margin) / money.fen, (high + margin) / money.fen


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
    for at, share in shape.masses:
        label = "point mass: the same result to the fen"
        ax.bar(
            at / money.fen, 100 * share, thin, color=YELLOW, edgecolor="black", linewidth=0.9, hatch="xxxx",
            label=label if (at, share) == shape.masses[0] else "_", zorder=3,
        )  # fmt: skip
        ax.annotate(
            f"{100 * share:.3g}%", (at / money.fen, 100 * share), xytext=(0, 2), textcoords="offset points",
            ha="center", va="bottom", fontsize=SMALL, zorder=6, bbox={"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none"},
        )  # fmt: skip


def _draw_mean(results: Results, ax: Axes, money: Money) -> None:
    result = results.estimate("insurer_result")
    if result.mean is None or result.se is None:
        return
    mean, half = result.mean / money.yuan, NORMAL_95 * result.se / money.yuan
    ax.errorbar(
        [mean], [0.035], xerr=[half], transform=ax.get_xaxis_transform(), fmt="D", color="black", markersize=5,
        markeredgecolor="white", capsize=3, linewidth=1.4, zorder=7, label="mean, with its 95% interval",
    )  # fmt: skip


LINES: Final = {"keep": "--", "zero": "-", "even": "-.", "tier": ":"}


def _draw_marks(ax: Axes, near: list[Mark], far: list[Mark], money: Money, premium: float) -> None:
    """A line with a letter for each turning point, told in the legend; far ones are only told."""
    letters = dict(zip(sorted([*near, *far], key=lambda mark: mark.at), "abcdefghijklmnopqrstuvwxyz", strict=False))
    span = (max(mark.at for mark in near) - min(mark.at for mark in near)) or 1
    last, raised = None, False
    for mark, letter in letters.items():
        text = f"{letter}  {_place(mark, money, premium)}  {mark.words}"
        if mark in far:
            ax.plot([], [], " ", label=f"{text} (outside)")
            continue
        raised = last is not None and mark.at - last < 0.03 * span and not raised
        last = mark.at
        ax.axvline(
            mark.at / money.fen, color="black" if mark.kind == "zero" else "0.3", linestyle=LINES[mark.kind],
            linewidth=1.3, label=text, zorder=4,
        )  # fmt: skip
        ax.text(
            mark.at / money.fen, 0.89 if raised else 0.955, letter, transform=ax.get_xaxis_transform(), ha="center",
            va="center", fontsize=SMALL, zorder=8, bbox={"boxstyle": "circle,pad=0.2", "fc": "white", "ec": "0.3"},
        )  # fmt: skip


def _place(mark: Mark, money: Money, premium: float) -> str:
    """Where a mark is, in the figure's unit and in per cent of the premium."""
    if mark.at == 0 or not premium:
        return "0"
    at = f"{mark.at / money.fen:,.2f}" if money.most else f"{mark.at / money.fen:,.0f}"
    return _minus(f"{at} ({100 * mark.at / premium:.2f}%)")


def _legend(ax: Axes) -> None:
    """The key, below the axis: marks first, in their order from left to right."""
    from matplotlib.transforms import ScaledTranslation

    handles, labels = ax.get_legend_handles_labels()
    order = sorted(range(len(labels)), key=lambda i: (labels[i][1:3] != "  ", labels[i]))
    root = ax.get_figure()
    assert root is not None
    below = ax.transAxes + ScaledTranslation(0, -48 / 72, root.dpi_scale_trans)
    ax.legend(
        [handles[i] for i in order], [labels[i] for i in order], loc="upper left", bbox_to_anchor=(0, 0),
        bbox_transform=below, borderaxespad=0, frameon=False, fontsize=SMALL, handlelength=2.6, labelspacing=0.45,
    )  # fmt: skip


# --- payments by band of own cost -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bars:
    """Mean a year in each band, and half its 95% interval (zero where one replication gives none)."""

    means: list[float]
    halves: list[float]
    texts: list[str]


def _bars(columns: Any, divisor: float, most: int) -> Bars:
    estimates = [mean_of(column / divisor) for column in columns.T]
    return Bars(
        [each.mean or 0.0 for each in estimates],
        [NORMAL_95 * (each.se or 0.0) for each in estimates],
        [_minus(written(each.mean, each.se, most)) for each in estimates],
    )


def band_labels(results: Results) -> list[str]:
    """Name the bands of own cost: ``6,000–26,000 yuan``."""
    edges = [f"{edge / 100:,.2f}".removesuffix(".00") for edge in results.bands["own_cost_edges"]]
    if not edges:
        return ["any amount"]
    between = [f"{low}–{high} yuan" for low, high in zip(edges, edges[1:], strict=False)]
    return [f"up to {edges[0]} yuan", *between, f"above {edges[-1]} yuan"]


def _draw_payments(results: Results, ax: Axes, *, persons_too: bool) -> Axes:
    money = money_of(results)
    paid = _bars(results.bands["own_cost_paid"], money.fen, money.most)
    heads = _bars(results.bands["own_cost_persons"], 1, 2)
    whole = sum(paid.means)
    texts = [
        f"{text} ({100 * mean / whole:.0f}%)" + (f", {persons} persons" if persons_too else "")
        for text, mean, persons in zip(paid.texts, paid.means, heads.texts, strict=True)
        if whole
    ] or ["0"] * len(paid.means)
    _draw_bars(ax, paid, texts, BLUE, 0.9 if persons_too else 0.45)
    ax.set_yticks(range(len(paid.means)), band_labels(results))
    ax.invert_yaxis()
    ax.set_ylabel(_beside("patient's own cost in the year", "个人自付费用分段", "\n"))
    ax.set_xlabel(_beside(f"{money.en} a year", money.zh), loc="left")
    where = "" if persons_too else _beside(", and who receives them", "及人数", " ")
    lines = [f"means a year; bars of error: 95% intervals{_few(results)}"]
    if not whole:
        lines.append("nobody was paid in any replication")
    _frame(results, ax, _beside("Payments by band of own cost", "按个人自付分段的赔付") + where, lines)
    return ax


def _few(results: Results) -> str:
    return " (1 replication gives none)" if results.replications == 1 else ""


def _draw_persons(results: Results, ax: Axes) -> None:
    heads = _bars(results.bands["own_cost_persons"], 1, 2)
    _draw_bars(ax, heads, heads.texts, SKY, 0.35)
    ax.set_xlabel(_beside("persons a year", "人数"), loc="left")
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)


def _draw_bars(ax: Axes, bars: Bars, texts: list[str], colour: str, room: float) -> None:
    """Horizontal bars with their errors and figures; ``room`` is the part of the longest that is left for the text."""
    rows = range(len(bars.means))
    ax.barh(rows, bars.means, xerr=bars.halves, height=0.68, color=colour, ecolor="black", capsize=3)
    longest = max(mean + half for mean, half in zip(bars.means, bars.halves, strict=True))
    for row, text in zip(rows, texts, strict=True):
        ax.annotate(
            text, (bars.means[row] + bars.halves[row], row), xytext=(4, 0), textcoords="offset points",
            ha="left", va="center", fontsize=SMALL,
        )  # fmt: skip
    ax.set_xlim(0, longest * (1 + room) or 1)
    ax.xaxis.grid(visible=True, color="0.9", linewidth=0.6)
    ax.set_axisbelow(True)
