"""Efficient designs (有效方案), for people: who is beaten by whom, and a figure of benefit against cost."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fundsim.comparison import Frontier, Vary, frontier_of, sweep_varied
from fundsim.comparison.frontier_result import BUDGET, STATUS, Standing, names_of_aims
from fundsim.report.amounts import Money, money_for
from fundsim.report.comparison import put_small_print
from fundsim.report.export import check_path, export
from fundsim.report.frame import BLUE, DPI, SMALL, VERMILION, beside, in_notebook, new_figure, put_frame, style
from fundsim.report.layout import Table, aligned, html_table
from fundsim.report.side_by_side import in_unit, scale_of_figure
from fundsim.report.typeface import families
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
        write_frontier(found, figure)
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


def _money(found: Frontier) -> Money:
    return money_for(float(np.mean(found.sweep.totals["premium"][0])) / found.sweep.years)


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


def plot_frontier(found: Frontier, ax: Axes | None = None) -> Axes:
    """Plot benefit against the premium, or against the probability of a loss where all designs have one premium.

    Args:
        found: what to plot.
        ax: where to plot; by default a new figure, which a notebook shows.
    """
    if ax is None:
        return _figure(found, shown=in_notebook())
    with style(new=False):
        return _draw(found, ax, new=False)


def write_frontier(found: Frontier, path: str | Path) -> Path:
    """Write the figure as a PNG file; the same designs give the same bytes on one machine."""
    with style(new=True):
        figure: Any = _figure(found, shown=False).figure
        figure.savefig(path, dpi=DPI, format="png", metadata={"Software": None})
    return Path(path)


def _figure(found: Frontier, *, shown: bool) -> Axes:
    with style(new=True):
        return _draw(found, new_figure(7.6, 5.0, shown=shown).add_subplot(), new=True)


def _draw(found: Frontier, ax: Axes, *, new: bool) -> Axes:
    across = _across(found)
    aims = (found.aims[across], found.aims[-1])
    (x_factor, x_unit, _), (y_factor, y_unit, _) = (scale_of_figure(aim.figure, _money(found)) for aim in aims)
    for status, mark in MARKS.items():
        listed = [each for each in found.standings if each.status == status]
        if not listed:
            continue
        x = np.array([x_factor * (each.values[across].mean or 0.0) for each in listed])
        y = np.array([y_factor * (each.values[-1].mean or 0.0) for each in listed])
        half = [_half(each, across, x_factor) for each in listed], [_half(each, -1, y_factor) for each in listed]
        label = f"{beside(status, STATUS[status][0])} ({len(listed)})"
        ax.errorbar(x, y, xerr=half[0], yerr=half[1], linestyle="none", elinewidth=0.6, label=label, **mark)
    for limit in found.limits:
        if limit.figure_id == aims[0].figure.id:
            ax.axvline(x_factor * limit.most, color="black", linewidth=0.9, linestyle="--")
    if found.best is not None and found.limits:
        at = (x_factor * (found.best.values[across].mean or 0.0), y_factor * (found.best.values[-1].mean or 0.0))
        text = beside(f"no. {found.best.design}: most within the limits", "约束内受益最大")
        ax.plot(*at, "o", color="black", markersize=11, markerfacecolor="none")
        ax.annotate(text, at, (9, 7), textcoords="offset points", fontsize=SMALL, family=list(families()))
    ax.set_xlabel(f"{beside(aims[0].figure.en, aims[0].figure.zh)} ({x_unit})", loc="left")
    ax.set_ylabel(f"{beside(aims[1].figure.en, aims[1].figure.zh)} ({y_unit})")
    ax.grid(visible=True, color="0.92", linewidth=0.6)
    line = f"{len(found.standings)} designs on the same people, with 95% intervals"
    put_frame(found, ax, beside("Efficient designs", "有效方案"), line, new=new)
    legend = ax.legend(loc="best", frameon=False, fontsize=SMALL)
    for words in legend.get_texts():
        words.set_fontfamily(list(families()))
    put_small_print(found.sweep, ax)
    return ax


def _across(found: Frontier) -> int:
    """Which aim is the axis across: the premium, or the probability of a loss where there is one premium."""
    premiums = [each.values[0].mean or 0.0 for each in found.standings]
    return 1 if max(premiums) - min(premiums) <= 1e-9 * max(premiums) else 0


def _half(each: Standing, place: int, factor: float) -> float:
    value = each.values[place]
    return 0.0 if value.lo is None or value.hi is None else factor * (value.hi - value.lo) / 2
