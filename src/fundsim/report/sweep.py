"""A sweep over designs (方案扫描), for people: a line per design, and a figure against what is varied."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from fundsim.comparison import FIGURES, Sweep, Vary, sweep_varied
from fundsim.comparison.errors import refuse
from fundsim.comparison.figures import figure as figure_named
from fundsim.comparison.sweep_result import AS_STATED
from fundsim.report.amounts import Money, money_for
from fundsim.report.document.values import figure_unit
from fundsim.report.document.words import Lang, Words
from fundsim.report.export import check_path, export
from fundsim.report.frame import axes_for, drawn_in, minus, put_frame, put_small_print, save, unit_for
from fundsim.report.layout import Table, aligned, html_table
from fundsim.report.pictures.sweep import axis_name, draw_sweep
from fundsim.report.side_by_side import in_unit, scale_of_figure, signed
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
    lang: Lang | None = None,
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
        write_sweep(found, figure, shown, lang)
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


def plot_sweep(
    found: Sweep, figure_id: str = "premium_needed", ax: Axes | None = None, lang: Lang | None = None
) -> Axes:
    """Plot a figure against the first path, with 95% intervals, a line for every combination of the others.

    Where behaviour is stated a broken line shows the same designs without it. A dashed level is the scheme as stated.

    Args:
        found: what to plot.
        figure_id: which figure, such as ``premium_needed`` or ``insurer_loss``.
        ax: where to plot; by default a new figure, which a notebook shows.
        lang: ``zh`` or ``en``; by default as :func:`fundsim.set_language` says, else English.

    Raises:
        ComparisonError: no such figure.
        ValueError: the first path's values are no numbers.
    """
    if found.varied[0].numbers is None:
        raise ValueError(f"the values of {found.varied[0].path} are no numbers, and cannot be an axis")
    return _figure(found, figure_id, ax, drawn_in(lang))


def write_sweep(found: Sweep, path: str | Path, figure_id: str = "premium_needed", lang: Lang | None = None) -> Path:
    """Write the figure as a PNG file; the same sweep gives the same bytes on one machine."""
    return save(_figure(found, figure_id, None, drawn_in(lang), shown=False), path)


def _figure(found: Sweep, figure_id: str, ax: Axes | None, lang: Lang, *, shown: bool | None = None) -> Axes:
    each, money = FIGURES[figure_id], unit_for(float(np.mean(found.totals["premium"][AS_STATED])) / found.years, lang)
    unit = figure_unit(each, money)
    mean, se = in_unit(found.value(figure_id, AS_STATED), scale_of_figure(each, money)[0], 2)
    line = Words(
        f"各方案基于同一批模拟人群，带95%区间   现行规定{minus(mean)} ± {se}{unit.zh}",
        f"with 95% intervals, all designs on the same people   as stated {minus(mean)} ± {se} {unit.en}",
    )
    with axes_for(ax, 7.6, 4.4, shown=shown) as axes:
        draw_sweep(axes, found, figure_id, money, lang)
        axes.set_xlabel(axis_name(found).told(lang), loc="left")
        put_frame(found, axes, Words("方案扫描", "Designs swept"), line.told(lang), lang, new=ax is None)
        put_small_print(found, axes, lang)
        return axes
