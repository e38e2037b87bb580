"""Where the risk comes from (风险来源), for people: tables and a figure of a decomposition of variance."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from fundsim.decomposition import FIGURES, Decomposition, Share, Thirds, decompose
from fundsim.decomposition.result import INTERACTION, PROCESS
from fundsim.estimates import NORMAL_95
from fundsim.report.amounts import in_per_cent, scaled, written
from fundsim.report.frame import (
    BLUE,
    DPI,
    SKY,
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
from fundsim.report.typeface import families
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
) -> str:
    """Decompose a scheme's risk, with a progress bar on stderr; returns what to print, and draws what is asked."""
    found = decompose(scenario, n, seed, years=years, workers=workers, progress=True)
    if figure is not None:
        write_risk(found, figure)
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

COLOURS: Final = ((BLUE, None), (SKY, "..."), (VERMILION, "///"))


def plot_risk(found: Decomposition, ax: Axes | None = None) -> Axes:
    """Plot the shares of variance of each source by itself, of process and interaction, with 95% intervals.

    Sources stand in the order of their share of the insurer's result, the largest first.

    Args:
        found: what to plot.
        ax: where to plot; by default a new figure, which a notebook shows.
    """
    if ax is None:
        return _risk(found, shown=in_notebook())
    with style(new=False):
        return _draw_risk(found, ax, new=False)


def write_risk(found: Decomposition, path: str | Path) -> Path:
    """Write the figure as a PNG file; the same decomposition gives the same bytes on one machine."""
    with style(new=True):
        figure: Any = _risk(found, shown=False).figure
        figure.savefig(path, dpi=DPI, format="png", metadata={"Software": None})
    return Path(path)


def _risk(found: Decomposition, *, shown: bool) -> Axes:
    rows = len(found.sources) + 2
    with style(new=True):
        return _draw_risk(found, new_figure(8.4, 1.9 + 0.55 * rows, shown=shown).add_subplot(), new=True)


def _draw_risk(found: Decomposition, ax: Axes, *, new: bool) -> Axes:
    rows = _rows(found)
    for place, (name, (colour, hatch)) in enumerate(zip(SHOWN, COLOURS, strict=True)):
        shares = [each[place] for _, each in rows]
        values = np.array([100 * (share.share or 0) for share in shares])
        halves = np.array([np.nan if share.se is None else 100 * NORMAL_95 * share.se for share in shares])
        at = np.arange(len(rows)) + 0.26 * (place - 1)
        zh, en = FIGURES[name]
        ax.barh(
            at, values, xerr=halves, height=0.24, color=colour, hatch=hatch, edgecolor="white", linewidth=0.4,
            ecolor="black", capsize=2, error_kw={"linewidth": 0.9}, label=beside(en, zh),
        )  # fmt: skip
        for y, value, half, share in zip(at, values, halves, shares, strict=True):
            text = "–" if share.share is None else minus(_per_cent(share)[0])
            end = max(value + np.nan_to_num(half), 0)
            ax.annotate(text, (end, y), (3, 0), textcoords="offset points", va="center", fontsize=SMALL - 1)
    ax.set_yticks(range(len(rows)), [label for label, _ in rows])
    ax.invert_yaxis()
    ax.axvline(0, color="black", linewidth=0.8)
    ax.axhline(len(found.sources) - 0.5, color="0.6", linewidth=0.8, linestyle=":")
    ax.set_xlim(min(ax.get_xlim()[0], 0), ax.get_xlim()[1] * 1.05)
    ax.xaxis.grid(visible=True, color="0.9", linewidth=0.6)
    ax.set_xlabel(beside("share of the variance (%)", "方差占比"), loc="left")
    of, lo, hi = in_per_cent(found.loss)
    line = f"first-order shares with their 95% intervals   P(loss) {of}% (95% interval {lo}% to {hi}%)"
    put_frame(found, ax, beside("Where the risk comes from", "风险来源"), line, new=new)
    for label in ax.get_yticklabels():
        label.set_fontfamily(list(families()))
    ax.legend(loc="best", frameon=False, fontsize=SMALL)
    _put_origin(found, ax)
    return ax


def _rows(found: Decomposition) -> list[tuple[str, list[Share]]]:
    """Label and shares of each row of bars."""

    def by_result(name: str) -> float:
        return -(found.figures["insurer_result"].sources[name].first.share or 0.0)

    figures = [found.figures[name] for name in SHOWN]
    sources = sorted(found.sources, key=lambda source: by_result(source.name))
    rows = [
        (beside(source.name, source.zh, "\n"), [parts.sources[source.name].first for parts in figures])
        for source in sources
    ]
    rows.append((beside(PROCESS[2], PROCESS[1], "\n"), [parts.process for parts in figures]))
    rows.append((beside(INTERACTION[2], INTERACTION[1], "\n"), [parts.interaction for parts in figures]))
    return rows


def _put_origin(found: Decomposition, ax: Axes) -> None:
    """Where the figures come from, in small print at the lower right."""
    many = f"{found.replications:,} replications a sample · seed {found.seed} · {found.scenario.fingerprint[:12]}"
    ax.annotate(
        many, (1, 0), xytext=(0, -24), xycoords="axes fraction", textcoords="offset points",
        ha="right", va="top", fontsize=6, color="0.35",
    )  # fmt: skip
