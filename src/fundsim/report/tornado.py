"""Sensitivities (敏感性分析), for people: a bar for each input, and the means by its level beside it."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fundsim.comparison import Tornado, tornado
from fundsim.comparison.tornado_result import Bar
from fundsim.report.amounts import Money, money_for
from fundsim.report.document.values import figure_name, figure_unit
from fundsim.report.document.words import Lang, Words
from fundsim.report.export import check_path, export
from fundsim.report.frame import axes_for, drawn_in, minus, put_frame, put_small_print, save, unit_for
from fundsim.report.layout import Table, aligned, html_table
from fundsim.report.pictures.tornado import draw_tornado
from fundsim.report.side_by_side import in_unit, scale_of_figure, signed
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
    lang: Lang | None = None,
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
        write_tornado(found, figure, lang)
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


def _premium(found: Tornado) -> float:
    """The largest premium (fen) that the scheme states, by which units are chosen."""
    rates = [found.scenario.terms.contract.premium_per_head(g.traits) for g in found.scenario.population.groups]
    return float(found.scenario.population.insured * max(rates, default=0))


def _money(found: Tornado) -> Money:
    return money_for(_premium(found))


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


def plot_tornado(found: Tornado, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
    """Plot what changes in a figure with each input held low and high, the longest bar uppermost, with 95% intervals.

    Args:
        found: what to plot.
        ax: where to plot; by default a new figure, which a notebook shows.
        lang: ``zh`` or ``en``; by default as :func:`fundsim.set_language` says, else English.
    """
    return _figure(found, ax, drawn_in(lang))


def write_tornado(found: Tornado, path: str | Path, lang: Lang | None = None) -> Path:
    """Write the figure as a PNG file; the same sensitivities give the same bytes on one machine."""
    return save(_figure(found, None, drawn_in(lang), shown=False), path)


def _figure(found: Tornado, ax: Axes | None, lang: Lang, *, shown: bool | None = None) -> Axes:
    money = unit_for(_premium(found), lang)
    factor, _, most = scale_of_figure(found.figure, money)
    told = minus(" ± ".join(in_unit(found.base, factor, most)))
    unit, name = figure_unit(found.figure, money), figure_name(found.figure)
    line = Words(
        f"每次只变一个因素，其余照抽取值；变化量带95%区间\n全部照抽取值时，{name.zh}为{told}{unit.zh}",
        f"one input at a time, all else as drawn, 95% intervals\n{name.en}, all as drawn: {told} {unit.en}",
    )
    with axes_for(ax, 8.4, 2.3 + 0.5 * len(found.bars), shown=shown) as axes:
        draw_tornado(axes, found, money, lang)
        what = Words("敏感性分析（龙卷风图）", "Sensitivities")
        put_frame(found, axes, what, line.told(lang), lang, new=ax is None)
        put_small_print(found, axes, lang, 30)
        return axes
