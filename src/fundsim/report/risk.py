"""Where the risk comes from (风险来源), for people: tables and a figure of a decomposition of variance."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Final

import numpy as np

from fundsim.decomposition import FIGURES, Decomposition, Share, Thirds, decompose
from fundsim.decomposition.result import INTERACTION, PROCESS
from fundsim.estimates import NORMAL_95
from fundsim.report.amounts import in_per_cent, scaled, written
from fundsim.report.document.words import Lang, Words
from fundsim.report.frame import (
    BLUE,
    SKY,
    SMALL,
    VERMILION,
    axes_for,
    drawn_in,
    legend_above,
    minus,
    put_frame,
    save,
    small_print,
    where_from,
)
from fundsim.report.layout import Table, aligned, html_table
from fundsim.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SHOWN: Final = {"claims_paid": "claims 赔付", "insurer_result": "result 净损益", "insurer_loss": "loss or not 是否亏损"}
"""Figures of the table, with their heads, and of the picture; the loss ratio stands in the frame and the JSON."""


def risk_scenario(
    scenario: Scenario,
    n: int | None,
    seed: int | None,
    *,
    years: int | None,
    workers: int | None,
    as_json: bool,
    figure: Path | None = None,
    lang: Lang | None = None,
) -> str:
    """Decompose a scheme's risk, with a progress bar on stderr; returns what to print, and draws what is asked."""
    found = decompose(scenario, n, seed, years=years, workers=workers, progress=True)
    if figure is not None:
        write_risk(found, figure, lang)
    return json.dumps(found.to_dict(), ensure_ascii=False, indent=2) if as_json else risk_text(found)


# --- tables -----------------------------------------------------------------------------------------------------


def risk_text(found: Decomposition) -> str:
    """Print a decomposition for a terminal."""
    return "\n".join([*_header(found), *aligned(_tables(found)), "", *_reading(found), "", *NOTES]) + "\n"


def risk_html(found: Decomposition) -> str:
    """Show a decomposition in a notebook: tables as plain HTML, everything escaped."""
    first, *rest = _header(found)
    parts = [f"<p><b>{html.escape(first)}</b><br>{'<br>'.join(map(html.escape, rest))}</p>"]
    parts += [html_table(table) for table in _tables(found)]
    parts.append(f"<p>{'<br>'.join(map(html.escape, [*_reading(found), *NOTES]))}</p>")
    return f"<div>{''.join(parts)}</div>"


NOTES: Final = (
    "Shares are per cent of the variance over replications; ± is one standard error of the simulation. Sources by",
    "themselves (一阶占比), process and interaction add up to 100%; with others: with all in which the source plays a",
    "part (总效应). An estimate below 0 or above 100% is shown as it is: it lies there within its error.",
)


def _header(found: Decomposition) -> list[str]:
    scenario = found.scenario
    titles = dict.fromkeys(" ".join(scenario.title(lang).split()) for lang in ("zh", "en"))
    years = "1 year" if found.years == 1 else f"{found.years} years"
    return [
        " · ".join(titles),
        f"{scenario.label}   {years}   {found.replications:,} replications a sample, {found.settled:,} settled   "
        f"seed {found.seed}   fingerprint {scenario.fingerprint[:12]}",
    ]


def _tables(found: Decomposition) -> tuple[Table, ...]:
    head = ("", "", *(each for text in SHOWN.values() for each in (text, "±")), "result, with others 总效应", "±")
    shares = Table("% of variance 风险来源", head, tuple(_share_rows(found)), _spreads(found), names=2)
    if not found.thirds:
        return (shares,)
    head = ("", "", "drawn low 低位", "95% from", "to", "drawn high 高位", "95% from", "to")
    rows = tuple(_third_row(each) for each in found.thirds)
    notes = (
        "where an input was drawn in its lowest and its highest third, an event absent and in force; 95% intervals.",
    )
    return shares, Table("P(loss), % 公司亏损概率", head, rows, notes, names=2)


def _spreads(found: Decomposition) -> tuple[str, ...]:
    claims, result = found.figures["claims_paid"], found.figures["insurer_result"]
    of_mean = f" ({100 * claims.sd / claims.mean:.1f}% of the mean)" if claims.mean else ""
    return (
        f"standard deviation 标准差: claims {claims.sd:,.0f} yuan{of_mean}, insurer's result {result.sd:,.0f} yuan.",
    )


def _share_rows(found: Decomposition) -> Iterator[tuple[str, ...]]:
    for source in found.sources:
        shares = [found.figures[name].sources[source.name].first for name in SHOWN]
        total = found.figures["insurer_result"].sources[source.name].total
        yield source.name, source.zh, *(text for each in (*shares, total) for text in _per_cent(each))
    process = [found.figures[name].process for name in (*SHOWN, "insurer_result")]
    yield PROCESS[0], PROCESS[1], *(text for each in process for text in _per_cent(each))
    left = [found.figures[name].interaction for name in SHOWN]
    yield INTERACTION[0], INTERACTION[1], *(text for each in left for text in _per_cent(each)), "", ""


def _per_cent(share: Share) -> tuple[str, str]:
    of, se = scaled(share.share, 100), scaled(share.se, 100)
    return written(of, se), written(se, se)


def _third_row(each: Thirds) -> tuple[str, ...]:
    low, high = in_per_cent(each.low), in_per_cent(each.high)
    return each.member.name, each.member.zh, *low, *high


def _reading(found: Decomposition) -> Iterator[str]:
    """Say in words which input moves the probability of a loss most."""
    of, lo, hi = in_per_cent(found.loss)
    parts = found.figures["insurer_loss"]
    yield f"P(loss) 公司亏损概率 {of}% ({lo}% to {hi}%)."
    if not found.sources:
        yield "Nothing is uncertain in this scheme but the luck of patients 除个体偶然性外无不确定因素."
    elif parts.lead is None:
        yield "The insurer loses in all replications of a sample or in none: no input can be seen to move P(loss)."
    else:
        lead = parts.lead
        of, se = _per_cent(parts.sources[lead.source].first)
        yield f"P(loss) is moved most by {lead.source} 对亏损概率影响最大: {of} ± {se}% of its variance by itself."
        if not lead.by.share or lead.by.se is None or lead.by.share < NORMAL_95 * lead.by.se:
            other = "nothing" if lead.next is None else lead.next
            yield f"Within the error that is no more than {other} 误差范围内不能区分: more replications would tell."


# --- the figure -------------------------------------------------------------------------------------------------

LONGEST: Final = 26
"""Letters that a line of a source's name holds."""
COLOURS: Final = ((BLUE, None), (SKY, "..."), (VERMILION, "///"))


def plot_risk(found: Decomposition, ax: Axes | None = None, lang: Lang | None = None) -> Axes:
    """Plot the shares of variance of each source by itself, of process and interaction, with 95% intervals.

    Sources stand in the order of their share of the insurer's result, the largest first.

    Args:
        found: what to plot.
        ax: where to plot; by default a new figure, which a notebook shows.
        lang: ``zh`` or ``en``; by default as :func:`fundsim.set_language` says, else English.
    """
    return _figure(found, ax, drawn_in(lang))


def write_risk(found: Decomposition, path: str | Path, lang: Lang | None = None) -> Path:
    """Write the figure as a PNG file; the same decomposition gives the same bytes on one machine."""
    return save(_figure(found, None, drawn_in(lang), shown=False), path)


def _figure(found: Decomposition, ax: Axes | None, lang: Lang, *, shown: bool | None = None) -> Axes:
    of, lo, hi = in_per_cent(found.loss)
    line = Words(
        f"一阶方差占比及其95%区间   公司亏损概率{of}%（95%区间{lo}%至{hi}%）",
        f"first-order shares with their 95% intervals   P(loss) {of}% (95% interval {lo}% to {hi}%)",
    )
    with axes_for(ax, 8.4, 1.9 + 0.55 * (len(found.sources) + 2), shown=shown) as axes:
        _draw(axes, found, lang)
        put_frame(found, axes, Words("风险来源", "Where the risk comes from"), line.told(lang), lang, new=ax is None)
        many = Words(f"每个样本{found.replications:,}次模拟", f"{found.replications:,} replications a sample").told(
            lang
        )
        small_print(axes, 30, many, *where_from(found, lang))
        return axes


def _draw(ax: Axes, found: Decomposition, lang: Lang) -> None:
    rows = _rows(found, lang)
    for place, (name, (colour, hatch)) in enumerate(zip(SHOWN, COLOURS, strict=True)):
        shares = [each[place] for _, each in rows]
        values = np.array([100 * (share.share or 0) for share in shares])
        halves = np.array([np.nan if share.se is None else 100 * NORMAL_95 * share.se for share in shares])
        at = np.arange(len(rows)) + 0.26 * (place - 1)
        ax.barh(
            at, values, xerr=halves, height=0.24, color=colour, hatch=hatch, edgecolor="white", linewidth=0.4,
            ecolor="black", capsize=2, error_kw={"linewidth": 0.9}, label=Words(*FIGURES[name]).told(lang),
        )  # fmt: skip
        for y, value, half, share in zip(at, values, halves, shares, strict=True):
            text = "–" if share.share is None else minus(_per_cent(share)[0])
            end = max(value + np.nan_to_num(half), 0)
            ax.annotate(text, (end, y), (3, 0), textcoords="offset points", va="center", fontsize=SMALL)
    ax.set_yticks(range(len(rows)), [label for label, _ in rows])
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.axhline(len(found.sources) - 0.5, color="0.6", linewidth=0.8, linestyle=":")
    ax.set_xlim(min(ax.get_xlim()[0], 0), ax.get_xlim()[1] * 1.08)
    ax.xaxis.grid(visible=True, color="0.9", linewidth=0.6)
    ax.set_xlabel(Words("方差占比（%）", "share of the variance (%)").told(lang), loc="left")
    legend_above(ax, 3)


def _rows(found: Decomposition, lang: Lang) -> list[tuple[str, list[Share]]]:
    """Label and shares of each row of bars."""

    def by_result(name: str) -> float:
        return -(found.figures["insurer_result"].sources[name].first.share or 0.0)

    figures = [found.figures[name] for name in SHOWN]
    rows = [
        (
            f"{fill(Words(of.zh, of.en).told(lang), LONGEST)}\n{of.name}",
            [parts.sources[of.name].first for parts in figures],
        )
        for of in sorted(found.sources, key=lambda each: by_result(each.name))
    ]
    rows.append((Words(*PROCESS[1:]).told(lang), [parts.process for parts in figures]))
    rows.append((Words(*INTERACTION[1:]).told(lang), [parts.interaction for parts in figures]))
    return rows
