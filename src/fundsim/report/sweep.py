"""A sweep over designs (方案扫描), for people: a line per design, and a figure against what is varied."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fundsim.comparison import FIGURES, Sweep, Vary, sweep_varied
from fundsim.comparison.errors import refuse
from fundsim.comparison.figures import figure as figure_named
from fundsim.comparison.sweep_result import AS_STATED
from fundsim.report.amounts import Money, money_for
from fundsim.report.comparison import COLOURS, MARKERS, put_small_print
from fundsim.report.export import check_path, export
from fundsim.report.frame import DPI, SMALL, beside, in_notebook, new_figure, put_frame, style
from fundsim.report.layout import Table, aligned, html_table
from fundsim.report.side_by_side import in_unit, scale_of_figure, signed
from fundsim.report.typeface import families
from fundsim.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS: Final = {
    "premium_needed": "premium 筹资标准",
    "insurer_loss": "P(loss) % 亏损概率",
    "beneficiaries_per_1000": "per 1,000 受益率",
    "avg_payout": "payment 人均赔付",
    "burden_per_beneficiary": "burden 人均负担",
    "actual_reimbursement_ratio": "all % 实际报销",
    "poor_share": "poor % 困难群众",
}
"""Figures of the printed table, with their heads."""
MOST_ROWS: Final = 60
"""Designs that are printed; of more, as many evenly spread."""


def sweep_scenario(
    scenario: Scenario,
    varied: Sequence[Vary],
    n: int | None,
    seed: int | None,
    *,
    together: bool,
    years: int | None,
    poor: Sequence[str] | None,
    workers: int | None,
    as_json: bool,
    shown: str = "premium_needed",
    figure: Path | None = None,
    out: Path | None = None,
    folder: Path | None = None,
) -> str:
    """Sweep over designs, with a progress bar on stderr; returns what to print, draws and writes what is asked."""
    if out is not None:
        check_path(out)
    figure_named(shown)
    if varied and varied[0].numbers is None and figure is not None:
        raise refuse(varied[0].path, "has values that are no numbers, and cannot be an axis", "leave --figure out")
    found = sweep_varied(
        scenario, varied, together=together, n=n, seed=seed, years=years, poor=poor, workers=workers, progress=True,
        folder=folder,
    )  # fmt: skip
    if figure is not None:
        write_sweep(found, figure, shown)
    if out is not None:
        export(found, out)
    return json.dumps(found.to_dict(), ensure_ascii=False, indent=2) if as_json else sweep_text(found)


# --- tables -----------------------------------------------------------------------------------------------------


def sweep_text(found: Sweep) -> str:
    """Print a sweep for a terminal."""
    return "\n".join([*_header(found), *aligned([_table(found)]), "", *_notes(found)]) + "\n"


def sweep_html(found: Sweep) -> str:
    """Show a sweep in a notebook: the table as plain HTML, everything escaped."""
    first, *rest = _header(found)
    parts = [f"<p><b>{html.escape(first)}</b><br>{'<br>'.join(map(html.escape, rest))}</p>", html_table(_table(found))]
    parts.append(f"<p>{'<br>'.join(map(html.escape, _notes(found)))}</p>")
    return f"<div>{''.join(parts)}</div>"


def _header(found: Sweep) -> list[str]:
    scenario = found.scenario
    titles = dict.fromkeys(" ".join(scenario.title(lang).split()) for lang in ("zh", "en"))
    years = "1 year" if found.years == 1 else f"a year's average of {found.years} years"
    return [
        " · ".join(titles),
        f"{scenario.label}   {len(found.points)} designs 方案扫描   {years}   {found.replications:,} replications   "
        f"seed {found.seed}   fingerprint {scenario.fingerprint[:12]}",
        f"varied: {'; '.join(each.path for each in found.varied)}",
    ]


def rows_shown(designs: int, most: int = MOST_ROWS) -> list[int]:
    """Numbers of the designs that are printed: all of them, or as many evenly spread, first and last among them."""
    if designs <= most:
        return list(range(1, designs + 1))
    return sorted({round(1 + k * (designs - 1) / (most - 1)) for k in range(most)})


def _table(found: Sweep) -> Table:
    money = money_for(float(np.mean(found.totals["premium"][AS_STATED])) / found.years)
    told = {name: head for name, head in COLUMNS.items() if name in found.figures}
    behaviour = found.without[AS_STATED] >= 0
    head = (
        *("" for _ in found.varied), *(each for text in told.values() for each in (text, "±")), "Δ premium", "±",
        *(("no response 无反应",) if behaviour else ()),
    )  # fmt: skip
    numbers = [AS_STATED, *rows_shown(len(found.points))]
    rows = tuple(_row(found, design, list(told), money, behaviour=behaviour) for design in numbers)
    return Table("Designs 方案", head, rows, names=len(found.varied))


def _row(found: Sweep, design: int, told: Sequence[str], money: Money, *, behaviour: bool) -> tuple[str, ...]:
    cells = ["as stated 现行", *("" for _ in found.varied[1:])]
    if design != AS_STATED:
        cells = list(found.points[design - 1].values)
    for name in told:
        factor, _, most = scale_of_figure(FIGURES[name], money)
        cells += in_unit(found.value(name, design), factor, most)
    apart = signed(found.difference("premium_needed", design), 1.0, 2) if design != AS_STATED else ("", "")
    cells += apart
    if behaviour:
        cells.append(in_unit(found.quiet("premium_needed", design), 1.0, 2)[0])
    return tuple(cells)


def _notes(found: Sweep) -> list[str]:
    lines = [
        "premium 筹资标准: yuan per head that the mean claims need, with what the contract allows for cost and profit.",
        "±: standard error of a figure by itself; Δ: less the scheme as stated, on the same people 同一批模拟人群,",
        "with the standard error of this difference.",
    ]
    printed = len(rows_shown(len(found.points)))
    if printed < len(found.points):
        lines.append(f"{printed} of {len(found.points):,} designs are printed, evenly spread; --out writes all.")
    if found.without[AS_STATED] >= 0:
        lines.append("no response 无反应: the premium needed if nobody answered to what they bear, same people.")
    if found.poor:
        lines.append(f"The poor 困难群众: {', '.join(found.poor)}.")
    return lines


# --- the figure -------------------------------------------------------------------------------------------------


def plot_sweep(found: Sweep, figure_id: str = "premium_needed", ax: Axes | None = None) -> Axes:
    """Plot a figure against the first path, with 95% intervals, a line for every combination of the others.

    Where behaviour is stated a broken line shows the same designs without it. A hollow mark is the scheme as stated.

    Args:
        found: what to plot.
        figure_id: which figure, such as ``premium_needed`` or ``insurer_loss``.
        ax: where to plot; by default a new figure, which a notebook shows.

    Raises:
        ComparisonError: no such figure.
        ValueError: the first path's values are no numbers.
    """
    if found.varied[0].numbers is None:
        raise ValueError(f"the values of {found.varied[0].path} are no numbers, and cannot be an axis")
    if ax is None:
        return _figure(found, figure_id, shown=in_notebook())
    with style(new=False):
        return _draw(found, figure_id, ax, new=False)


def write_sweep(found: Sweep, path: str | Path, figure_id: str = "premium_needed") -> Path:
    """Write the figure as a PNG file; the same sweep gives the same bytes on one machine."""
    with style(new=True):
        figure: Any = _figure(found, figure_id, shown=False).figure
        figure.savefig(path, dpi=DPI, format="png", metadata={"Software": None})
    return Path(path)


def _figure(found: Sweep, figure_id: str, *, shown: bool) -> Axes:
    with style(new=True):
        return _draw(found, figure_id, new_figure(7.6, 4.4, shown=shown).add_subplot(), new=True)


def _draw(found: Sweep, figure_id: str, ax: Axes, *, new: bool) -> Axes:
    each, first = FIGURES[figure_id], found.varied[0]
    money = money_for(float(np.mean(found.totals["premium"][AS_STATED])) / found.years)
    factor, unit, _ = scale_of_figure(each, money)
    lines = _lines(found)
    for place, (label, designs) in enumerate(lines.items()):
        colour, marker = COLOURS[place % len(COLOURS)], MARKERS[place % len(MARKERS)]
        x = np.array([_x(first, found.points[design - 1].values[0]) for design in designs])
        order = np.argsort(x)
        values = [found.value(figure_id, designs[k]) for k in order]
        drawn = len(designs) <= 40
        with_answer = beside("patients respond", "有行为反应")
        name = label or (with_answer if found.without[AS_STATED] >= 0 else beside(each.en, each.zh))
        _line(ax, x[order], values, factor, color=colour, marker=marker if drawn else "", label=name)
        if found.without[AS_STATED] >= 0:
            quiet = [found.quiet(figure_id, designs[k]) for k in order]
            name = beside("nobody responds", "无行为反应") if place == 0 else ""
            _line(ax, x[order], quiet, factor, color=colour, marker="", label=name, broken=True)
    ax.set_xlabel(beside(f"{first.path} ({first.unit})" if first.unit else first.path, ""), loc="left")
    ax.set_ylabel(f"{beside(each.en, each.zh)} ({unit})")
    ax.yaxis.grid(visible=True, color="0.9", linewidth=0.6)
    ax.xaxis.set_major_formatter("{x:,.4g}" if max(map(abs, first.numbers or (0,))) < 1000 else "{x:,.0f}")
    said = found.value(figure_id, AS_STATED)
    as_stated = " ± ".join(in_unit(said, factor, 2))
    line = f"with 95% intervals, all designs on the same people   as stated {as_stated} {unit}"
    put_frame(found, ax, beside("Designs swept", "方案扫描"), line, new=new)
    if len(lines) > 1 or found.without[AS_STATED] >= 0:
        legend = ax.legend(loc="best", frameon=False, fontsize=SMALL)
        for text in legend.get_texts():
            text.set_fontfamily(list(families()))
    put_small_print(found, ax)
    return ax


def _x(vary: Vary, text: str) -> float:
    assert vary.numbers is not None
    return vary.numbers[vary.texts.index(text)]


def _lines(found: Sweep) -> dict[str, list[int]]:
    """Numbers of the designs of each line, by what sets the line apart."""
    lines: dict[str, list[int]] = {}
    for design, point in enumerate(found.points, start=1):
        rest = zip(found.varied[1:], point.values[1:], strict=True)
        label = ", ".join(f"{each.path.rpartition('.')[2]} {text}" for each, text in rest)
        lines.setdefault(label, []).append(design)
    return lines


def _line(
    ax: Axes, x: Any, values: Sequence[Any], factor: float, *, color: str, marker: str, label: str, broken: bool = False
) -> None:
    y = np.array([np.nan if value.mean is None else factor * value.mean for value in values])
    ends = np.array([[np.nan if end is None else factor * end for end in (value.lo, value.hi)] for value in values])
    kind = "--" if broken else "-"
    ax.plot(x, y, kind, color=color, marker=marker or None, markersize=4, linewidth=1.2, label=label or None)
    if not broken:
        ax.fill_between(x, ends[:, 0], ends[:, 1], color=color, alpha=0.18, linewidth=0)
