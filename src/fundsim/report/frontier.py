"""Efficient designs (有效方案), for people: who is beaten by whom, and a figure of benefit against cost."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fundsim.comparison import Frontier, Vary, frontier_of, sweep_varied
from fundsim.comparison.frontier_result import BUDGET, STATUS, Aim, Standing, names_of_aims
from fundsim.report.amounts import Money, money_for
from fundsim.report.document.values import figure_name, figure_unit
from fundsim.report.document.words import Lang, Words
from fundsim.report.export import check_path, export
from fundsim.report.frame import (
    BLUE,
    VERMILION,
    axes_for,
    drawn_in,
    legend_above,
    put_frame,
    put_small_print,
    save,
    unit_for,
)
from fundsim.report.layout import Table, aligned, html_table
from fundsim.report.side_by_side import in_unit, scale_of_figure
from fundsim.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_ROWS: Final = 40
"""Designs of one status that are printed."""


def frontier_scenario(
    scenario: Scenario,
    varied: Sequence[Vary],
    n: int | None,
    seed: int | None,
    *,
    benefit: str,
    premium: str,
    premium_at_most: float | None,
    loss_at_most: float | None,
    together: bool,
    years: int | None,
    workers: int | None,
    as_json: bool,
    figure: Path | None = None,
    lang: Lang | None = None,
    out: Path | None = None,
) -> str:
    """Find efficient designs, with a progress bar on stderr; returns what to print, draws and writes what is asked."""
    if out is not None:
        check_path(out)
    swept = sweep_varied(
        scenario, varied, together=together, n=n, seed=seed, years=years, workers=workers, progress=True
    )
    found = frontier_of(
        swept, benefit=benefit, premium=premium, premium_at_most=premium_at_most, loss_at_most=loss_at_most
    )
    if figure is not None:
        write_frontier(found, figure, lang)
    if out is not None:
        export(found, out)
    return json.dumps(found.to_dict(), ensure_ascii=False, indent=2) if as_json else frontier_text(found)


# --- tables -----------------------------------------------------------------------------------------------------


def frontier_text(found: Frontier) -> str:
    """Print efficient designs for a terminal."""
    return "\n".join([*_header(found), *aligned(list(_tables(found))), "", *_reading(found), "", *NOTES]) + "\n"


def frontier_html(found: Frontier) -> str:
    """Show efficient designs in a notebook: tables as plain HTML, everything escaped."""
    first, *rest = _header(found)
    parts = [f"<p><b>{html.escape(first)}</b><br>{'<br>'.join(map(html.escape, rest))}</p>"]
    parts += [html_table(table) for table in _tables(found)]
    parts.append(f"<p>{'<br>'.join(map(html.escape, [*_reading(found), *NOTES]))}</p>")
    return f"<div>{''.join(parts)}</div>"


NOTES: Final = (
    "A design is beaten 被优于 by one that is surely not worse in any of these, and surely better in one: by the 95%",
    "interval of their paired difference, on the same people. Two probabilities of a loss count as equal up to one",
    "point. Undecided: a design looks better, but more replications are needed to say so.",
)


def _premium(found: Frontier) -> float:
    """The mean premium of a year (fen), by which units are chosen."""
    return float(np.mean(found.sweep.totals["premium"][0])) / found.sweep.years


def _money(found: Frontier) -> Money:
    return money_for(_premium(found))


def _header(found: Frontier) -> list[str]:
    swept, scenario = found.sweep, found.scenario
    titles = dict.fromkeys(" ".join(scenario.title(lang).split()) for lang in ("zh", "en"))
    limits = ", ".join(f"{limit.figure_id} <= {limit.most:g}" for limit in found.limits)
    return [
        " · ".join(titles),
        f"{scenario.label}   {len(swept.points)} designs   {swept.replications:,} replications   seed {swept.seed}   "
        f"fingerprint {scenario.fingerprint[:12]}",
        f"judged by 评价指标: {names_of_aims(found.aims)}",
        *([f"limits 约束: {limits}"] if limits else []),
    ]


def _tables(found: Frontier) -> Iterator[Table]:
    paths = tuple("" for _ in found.sweep.varied)
    aims = tuple(text for aim in found.aims for text in (_head(found, aim.figure), "±"))
    head = (*paths, "no.", *aims, "beaten by", "limits")
    ordered = {"efficient": found.efficient}
    for status, (zh, _) in STATUS.items():
        listed = ordered.get(status) or tuple(each for each in found.standings if each.status == status)
        if listed:
            rows = tuple(_row(found, each) for each in listed[:MOST_ROWS])
            more = len(listed) - len(rows)
            notes = (f"and {more} more; --out writes all.",) if more else ()
            yield Table(f"{status} {zh}", head, rows, notes, names=len(paths))


def _head(found: Frontier, figure: Any) -> str:
    _, unit, _ = scale_of_figure(figure, _money(found))
    return f"{figure.zh} ({unit})"


def _row(found: Frontier, each: Standing) -> tuple[str, ...]:
    cells = [*found.sweep.points[each.design - 1].values, f"{each.design}"]
    for aim, value in zip(found.aims, each.values, strict=True):
        factor, _, most = scale_of_figure(aim.figure, _money(found))
        cells += in_unit(value, factor, most)
    limits = BUDGET[each.budget][0] if found.limits else ""
    return (*cells, "" if each.beaten_by is None else f"no. {each.beaten_by}", limits)


def _reading(found: Frontier) -> list[str]:
    """Say in words which design gives patients most within the limits."""
    if not found.limits:
        return []
    if found.best is None:
        nearly = [each.design for each in found.standings if each.budget == "undecided"]
        words = f"; no. {', '.join(map(str, nearly))} may be, within the error" if nearly else ""
        return [f"No design is surely within the limits 没有方案可确定在约束之内{words}."]
    name = found.sweep.name(found.best.design)
    lines = [f"Most for patients within the limits 约束内受益最大: no. {found.best.design}, {name}."]
    others = found.as_good_as_best()
    if others:
        lines.append(f"Within the error as good 误差内相当: no. {', '.join(map(str, others))}.")
    return lines


# --- the figure -------------------------------------------------------------------------------------------------

MARKS: Final[dict[str, dict[str, Any]]] = {
    "dominated": {"color": "0.65", "marker": ".", "markersize": 4},
    "undecided": {"color": VERMILION, "marker": "s", "markersize": 4.5, "markerfacecolor": "none"},
    "efficient": {"color": BLUE, "marker": "o", "markersize": 5},
}


def plot_frontier(found: Frontier, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
    """Plot benefit against the premium, or against the probability of a loss where all designs have one premium.

    Args:
        found: what to plot.
        ax: where to plot; by default a new figure, which a notebook shows.
        lang: ``zh`` or ``en``; by default as :func:`fundsim.set_language` says, else English.
    """
    return _figure(found, ax, drawn_in(lang))


def write_frontier(found: Frontier, path: str | Path, lang: Lang | None = None) -> Path:
    """Write the figure as a PNG file; the same designs give the same bytes on one machine."""
    return save(_figure(found, None, drawn_in(lang), shown=False), path)


def _figure(found: Frontier, ax: Axes | None, lang: Lang, *, shown: bool | None = None) -> Axes:
    many = len(found.standings)
    line = Words(f"{many}个方案，同一批模拟人群，带95%区间", f"{many} designs on the same people, with 95% intervals")
    with axes_for(ax, 7.6, 5.0, shown=shown) as axes:
        _draw(axes, found, lang)
        put_frame(found, axes, Words("有效方案", "Efficient designs"), line.told(lang), lang, new=ax is None)
        put_small_print(found.sweep, axes, lang)
        return axes


def _draw(ax: Axes, found: Frontier, lang: Lang) -> None:
    across, money = _across(found), unit_for(_premium(found), lang)
    aims = (found.aims[across], found.aims[-1])
    x_factor, y_factor = (scale_of_figure(aim.figure, money)[0] for aim in aims)
    for status, mark in MARKS.items():
        listed = [each for each in found.standings if each.status == status]
        if not listed:
            continue
        x = np.array([x_factor * (each.values[across].mean or 0.0) for each in listed])
        y = np.array([y_factor * (each.values[-1].mean or 0.0) for each in listed])
        half = _errors(listed, across, x_factor), _errors(listed, -1, y_factor)
        many, name = len(listed), Words(STATUS[status][0], status)
        label = Words(f"{name.zh}（{many}）", f"{name.en} ({many})").told(lang)
        ax.errorbar(x, y, xerr=half[0], yerr=half[1], linestyle="none", elinewidth=0.6, label=label, **mark)
    for limit in found.limits:
        if limit.figure_id == aims[0].figure.id:
            words = Words("约束", "limit").told(lang)
            ax.axvline(x_factor * limit.most, color="black", linewidth=0.9, linestyle="--", label=words)
    if found.best is not None and found.limits:
        at = (x_factor * (found.best.values[across].mean or 0.0), y_factor * (found.best.values[-1].mean or 0.0))
        number = found.best.design
        text = Words(f"方案{number}：约束内受益最大", f"no. {number}: most within the limits").told(lang)
        ax.plot(*at, "o", color="black", markersize=11, markerfacecolor="none", label=text)
    ax.set_xlabel(_axis(aims[0], money).told(lang), loc="left")
    ax.set_ylabel(_axis(aims[1], money).told(lang))
    ax.grid(visible=True, color="0.92", linewidth=0.6)
    ax.xaxis.set_major_formatter("{x:,g}")
    ax.yaxis.set_major_formatter("{x:,g}")
    legend_above(ax, 3)


def _axis(aim: Aim, money: Money) -> Words:
    what, unit = figure_name(aim.figure), figure_unit(aim.figure, money)
    return Words(f"{what.zh}（{unit.zh}）", f"{what.en} ({unit.en})")


def _across(found: Frontier) -> int:
    """Which aim is the axis across: the premium, or the probability of a loss where there is one premium."""
    premiums = [each.values[0].mean or 0.0 for each in found.standings]
    return 1 if max(premiums) - min(premiums) <= 1e-9 * max(premiums) else 0


def _errors(listed: Sequence[Standing], place: int, factor: float) -> list[list[float]]:
    """How far the 95% intervals reach below and above the means."""
    pairs = []
    for value in (each.values[place] for each in listed):
        mean, ends = value.mean or 0.0, (value.lo, value.hi)
        low, high = (mean if end is None else end for end in ends)
        pairs.append((factor * max(mean - low, 0.0), factor * max(high - mean, 0.0)))
    return [list(side) for side in zip(*pairs, strict=True)]
