"""Sensitivities (敏感性分析), for people: a bar for each input, and the means by its level beside it."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fundsim.comparison import Tornado, tornado
from fundsim.comparison.tornado_result import Bar
from fundsim.report.amounts import Money, money_for
from fundsim.report.comparison import put_small_print
from fundsim.report.export import check_path, export
from fundsim.report.frame import (
    BLUE,
    DPI,
    SMALL,
    VERMILION,
    beside,
    in_notebook,
    minus,
    new_figure,
    put_frame,
    style,
)
from fundsim.report.layout import Table, aligned, html_table
from fundsim.report.side_by_side import in_unit, scale_of_figure, signed
from fundsim.report.typeface import families
from fundsim.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def tornado_scenario(
    scenario: Scenario,
    figure_id: str,
    n: int | None,
    seed: int | None,
    *,
    points: tuple[float, float],
    years: int | None,
    workers: int | None,
    as_json: bool,
    figure: Path | None = None,
    out: Path | None = None,
) -> str:
    """Analyse sensitivities, with a progress bar on stderr; returns what to print, draws and writes what is asked."""
    if out is not None:
        check_path(out)
    low, high = points
    found = tornado(
        scenario, figure_id, low=low, high=high, n=n, seed=seed, years=years, workers=workers, progress=True
    )
    if figure is not None:
        write_tornado(found, figure)
    if out is not None:
        export(found, out)
    return json.dumps(found.to_dict(), ensure_ascii=False, indent=2) if as_json else tornado_text(found)


# --- tables -----------------------------------------------------------------------------------------------------


def tornado_text(found: Tornado) -> str:
    """Print sensitivities for a terminal."""
    return "\n".join([*_header(found), *aligned([_bars(found), _levels(found)]), "", *NOTES]) + "\n"


def tornado_html(found: Tornado) -> str:
    """Show sensitivities in a notebook: tables as plain HTML, everything escaped."""
    first, *rest = _header(found)
    parts = [f"<p><b>{html.escape(first)}</b><br>{'<br>'.join(map(html.escape, rest))}</p>"]
    parts += [html_table(_bars(found)), html_table(_levels(found))]
    parts.append(f"<p>{'<br>'.join(map(html.escape, NOTES))}</p>")
    return f"<div>{''.join(parts)}</div>"


NOTES: Final = (
    "One at a time 单因素法: an input is held at its low and its high point, an event does not happen and happens; all",
    "other draws and all people stay, so Δ and swing are paired differences with their own standard error ±. By",
    "level 分档均值: one run with everything as drawn, its replications in equal parts by the input's level, from low",
    "to high; what is correlated with the input moves along.",
)


def _money(found: Tornado) -> Money:
    premium = found.scenario.population.insured
    rates = [found.scenario.terms.contract.premium_per_head(g.traits) for g in found.scenario.population.groups]
    return money_for(premium * max(rates, default=0))


def _header(found: Tornado) -> list[str]:
    scenario = found.scenario
    titles = dict.fromkeys(" ".join(scenario.title(lang).split()) for lang in ("zh", "en"))
    factor, unit, most = scale_of_figure(found.figure, _money(found))
    mean, se = in_unit(found.base, factor, most)
    years = "1 year" if found.years == 1 else f"a year's average of {found.years} years"
    return [
        " · ".join(titles),
        f"{scenario.label}   {years}   {found.replications:,} replications, {2 * len(found.bars) + 1} runs   "
        f"seed {found.seed}   fingerprint {scenario.fingerprint[:12]}",
        f"{found.figure.zh} {found.figure.en}: {mean} ± {se} {unit} with everything as drawn",
    ]


def _bars(found: Tornado) -> Table:
    factor, unit, most = scale_of_figure(found.figure, _money(found))
    low, high = (f"{point:.0%}" for point in found.points)
    head = ("", "", "low at", "high at", f"at {low}", f"at {high}", "Δ low", "±", "Δ high", "±", "swing 幅度", "±")
    rows = tuple(
        (
            bar.member.name,
            bar.member.zh,
            *_held_at(bar),
            in_unit(bar.low, factor, most)[0],
            in_unit(bar.high, factor, most)[0],
            *(text for each in (bar.down, bar.up, bar.swing) for text in signed(each, factor, most)),
        )
        for bar in found.bars
    )
    return Table(f"One at a time 单因素, {unit}", head, rows, names=2)


def _held_at(bar: Bar) -> tuple[str, str]:
    if bar.member.kind == "event":
        return "absent 不发生", "happens 发生"
    low, high = (f"{level:.4g}" for level in bar.levels)
    return low, high


def _levels(found: Tornado) -> Table:
    factor, unit, most = scale_of_figure(found.figure, _money(found))
    many = max(len(found.bins_of(bar.member.name)) for bar in found.bars)
    head = ("", *(f"{number}" for number in range(1, many + 1)), "last - first", "±")
    rows = []
    for bar in found.bars:
        means = [in_unit(each.value, factor, most)[0] for each in found.bins_of(bar.member.name)]
        empty = [""] * (many - len(means))
        rows.append((bar.member.name, *means, *empty, *signed(found.across(bar.member.name), factor, most)))
    return Table(f"By level 分档均值, {unit}", head, tuple(rows), names=1)


# --- the figure -------------------------------------------------------------------------------------------------


def plot_tornado(found: Tornado, ax: Axes | None = None) -> Axes:
    """Plot a figure with each input held low and high, the longest bar uppermost, with 95% intervals of the effects.

    Args:
        found: what to plot.
        ax: where to plot; by default a new figure, which a notebook shows.
    """
    if ax is None:
        return _figure(found, shown=in_notebook())
    with style(new=False):
        return _draw(found, ax, new=False)


def write_tornado(found: Tornado, path: str | Path) -> Path:
    """Write the figure as a PNG file; the same sensitivities give the same bytes on one machine."""
    with style(new=True):
        figure: Any = _figure(found, shown=False).figure
        figure.savefig(path, dpi=DPI, format="png", metadata={"Software": None})
    return Path(path)


def _figure(found: Tornado, *, shown: bool) -> Axes:
    with style(new=True):
        high = 1.8 + 0.5 * len(found.bars)
        return _draw(found, new_figure(8.4, high, shown=shown).add_subplot(), new=True)


def _draw(found: Tornado, ax: Axes, *, new: bool) -> Axes:
    factor, unit, most = scale_of_figure(found.figure, _money(found))
    centre = factor * (found.base.mean or 0.0)
    low, high = (f"{point:.0%}" for point in found.points)
    ends = (
        ("low", BLUE, None, f"at its {low} point, event absent"),
        ("high", VERMILION, "///", f"at its {high} point, event happens"),
    )
    for end, colour, hatch, label in ends:
        effects = [bar.down if end == "low" else bar.up for bar in found.bars]
        _side(ax, centre, effects, factor, colour=colour, hatch=hatch, label=label)
    for y, bar in enumerate(found.bars):
        _label(ax, y, bar, centre, factor)
    ax.set_yticks(range(len(found.bars)), [beside(bar.member.name, bar.member.zh, "\n") for bar in found.bars])
    ax.invert_yaxis()
    ax.margins(x=0.14)
    ax.axvline(centre, color="black", linewidth=0.8)
    ax.xaxis.grid(visible=True, color="0.9", linewidth=0.6)
    ax.set_xlabel(f"{beside(found.figure.en, found.figure.zh)} ({unit})", loc="left")
    mean, se = in_unit(found.base, factor, most)
    line = f"one input at a time, all else as drawn; effects with 95% intervals   as drawn {minus(mean)} ± {se} {unit}"
    put_frame(found, ax, beside("Sensitivities", "敏感性分析（龙卷风图）"), line, new=new)
    for text in ax.get_yticklabels():
        text.set_fontfamily(list(families()))
    ax.legend(loc="lower right", frameon=False, fontsize=SMALL)
    put_small_print(found, ax)
    return ax


def _side(
    ax: Axes, centre: float, effects: Sequence[Any], factor: float, *, colour: str, hatch: str | None, label: str
) -> None:
    """Bars from the centre to where the figure is with the inputs held at one end."""
    widths = np.array([factor * (each.mean or 0.0) for each in effects])
    halves = np.array([np.nan if each.hi is None else factor * (each.hi - each.lo) / 2 for each in effects])
    ax.barh(
        range(len(effects)), widths, left=centre, xerr=halves, height=0.55, color=colour, hatch=hatch,
        edgecolor="white", linewidth=0.4, ecolor="black", capsize=2, error_kw={"linewidth": 0.9}, label=label,
    )  # fmt: skip


def _label(ax: Axes, y: int, bar: Bar, centre: float, factor: float) -> None:
    """The levels at which the input is held, beyond the ends of its bars."""
    if bar.member.kind == "event":
        return
    for effect, level in zip((bar.down, bar.up), bar.levels, strict=True):
        width = factor * (effect.mean or 0.0)
        half = 0.0 if effect.hi is None or effect.lo is None else factor * (effect.hi - effect.lo) / 2
        right = width > 0
        ax.annotate(
            minus(f"{level:.3g}"), (centre + width + (half if right else -half), y), (4 if right else -4, 0),
            textcoords="offset points", va="center", ha="left" if right else "right", fontsize=SMALL - 1,
        )  # fmt: skip
