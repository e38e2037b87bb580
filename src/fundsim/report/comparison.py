"""A comparison of designs (方案比较), for people: patients, fund and insurer side by side; a figure of differences."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from fundsim.comparison import FIGURES, Comparison, compare
from fundsim.comparison.persons import Persons
from fundsim.report.amounts import Money, money_for
from fundsim.report.document.values import figure_name
from fundsim.report.document.words import Lang, Words
from fundsim.report.export import check_path, export
from fundsim.report.frame import SERIES, axes_for, drawn_in, legend_above, put_frame, put_small_print, save
from fundsim.report.layout import Table, aligned, html_table
from fundsim.report.side_by_side import in_unit, scale_of_figure, signed
from fundsim.scenario import Scenario

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SECTIONS: Final = {
    "Patients 患者": (
        "beneficiaries", "beneficiaries_per_1000", "avg_payout", "max_payout", "n_at_cap", "patient_burden",
        "burden_per_beneficiary", "actual_reimbursement_ratio", "payment_ratio_compliant", "poor_share",
    ),
    "Fund 基金": ("premium_needed", "premium_per_head", "claims_paid", "surplus_return", "fund_result"),
    "Insurer 承办公司": ("loss_ratio", "insurer_result", "insurer_loss", "deficit", "return"),
}  # fmt: skip
"""Figures of the table, by whose they are."""
BY_GROUP: Final = ("beneficiaries", "claims_paid", "patient_burden", "burden_per_beneficiary")
DRAWN: Final = (
    "premium_needed", "claims_paid", "beneficiaries", "avg_payout", "burden_per_beneficiary",
    "actual_reimbursement_ratio", "poor_share",
)  # fmt: skip
"""Figures of the picture, unless others are asked for."""


def compare_scenarios(
    scenarios: Sequence[Scenario],
    n: int | None,
    seed: int | None,
    *,
    years: int | None,
    poor: Sequence[str] | None,
    catastrophic: float = 1.0,
    workers: int | None,
    as_json: bool,
    figure: Path | None = None,
    lang: Lang | None = None,
    out: Path | None = None,
) -> str:
    """Compare schemes, with a progress bar on stderr; returns what to print, draws and writes what is asked."""
    if out is not None:
        check_path(out)
    found = compare(
        scenarios, n, seed, years=years, poor=poor, catastrophic=catastrophic, workers=workers, progress=True
    )
    if figure is not None:
        write_comparison(found, figure, lang)
    if out is not None:
        export(found, out)
    return json.dumps(found.to_dict(), ensure_ascii=False, indent=2) if as_json else comparison_text(found)


# --- tables -----------------------------------------------------------------------------------------------------


def comparison_text(found: Comparison) -> str:
    """Print a comparison for a terminal."""
    return "\n".join([*_header(found), *aligned(list(_tables(found))), "", *_notes(found)]) + "\n"


def comparison_html(found: Comparison) -> str:
    """Show a comparison in a notebook: tables as plain HTML, everything escaped."""
    first, *rest = _header(found)
    parts = [f"<p><b>{html.escape(first)}</b><br>{'<br>'.join(map(html.escape, rest))}</p>"]
    parts += [html_table(table) for table in _tables(found)]
    parts.append(f"<p>{'<br>'.join(map(html.escape, _notes(found)))}</p>")
    return f"<div>{''.join(parts)}</div>"


def short_names(found: Comparison) -> tuple[str, ...]:
    """Names of the designs without what all of them share."""
    start = f"{found.names[0].partition('/')[0]}/"
    return tuple(name.removeprefix(start) for name in found.names)


def _header(found: Comparison) -> list[str]:
    years = "1 year" if found.years == 1 else f"a year's average of {found.years} years"
    names = short_names(found)
    lines = [
        f"Designs compared 方案比较: {len(found.rows)} designs, {years}, {found.replications:,} replications, "
        f"seed {found.seed}"
    ]
    before: set[str] = set()
    for place, row in enumerate(found.rows):
        titles = dict.fromkeys(" ".join(row.scenario.title(lang).split()) for lang in ("zh", "en"))
        title = " · ".join(each for each in titles if each not in before)
        before |= set(titles)
        told = "" if place else "  (base of the differences 比较基准)"
        lines.append(f"[{place}] {names[place]}  {title}  {row.scenario.fingerprint[:12]}{told}")
    return lines


def _tables(found: Comparison) -> Iterator[Table]:
    money = money_for(float(np.mean(found.rows[0].totals["premium"])) / found.years)
    head = ("", "", "[0]", "±", *(each for place in range(1, len(found.rows)) for each in (f"[{place}]", "Δ", "±")))
    for title, names in SECTIONS.items():
        told = [name for name in names if name in found.figures]
        yield Table(title, head, tuple(_row(found, name, money) for name in told), names=2)
    if len(found.group_names) > 1:
        rows = tuple(
            _row(found, name, money, group) for group in found.group_names for name in BY_GROUP if name in found.figures
        )
        yield Table("By group 分人群", head, rows, names=2)
    yield from _persons(found, money)
    if any(row.without is not None for row in found.rows):
        names = ("premium_needed", "claims_paid", "beneficiaries", "insurer_result")
        rows = tuple(_answered(found, name, money) for name in names)
        yield Table("Of it by behaviour 其中行为反应", head, rows, names=2)


def _row(found: Comparison, name: str, money: Money, group: str | None = None) -> tuple[str, ...]:
    each = FIGURES[name]
    factor, unit, most = scale_of_figure(each, money)
    cells = [*in_unit(found.value(name, 0, group), factor, most)]
    for place in range(1, len(found.rows)):
        cells += [in_unit(found.value(name, place, group), factor, most)[0]]
        cells += signed(found.difference(name, place, group=group), factor, most)
    label = f"{each.zh} {each.en}" if group is None else f"{group}: {each.zh}"
    return label, unit, *cells


def _persons(found: Comparison, money: Money) -> Iterator[Table]:
    """Who wins and who loses beside the base: a line per design and group; then what is borne by band of own cost."""
    told = [(place, each) for place, each in enumerate(found.persons) if each is not None and place]
    if not told:
        return
    head = ["", "", "paid more 受益增加", "±", money.en, "±", "paid less 受益减少", "±", money.en, "±"]
    head += ["catastrophic 灾难性支出", "Δ", "±"] * ("catastrophic" in told[0][1].told)
    rows = tuple(
        (f"[{place}]", group or "everybody 全部", *_winners(each, group, money))
        for place, each in told
        for group in (None, *(each.group_names if len(each.group_names) > 1 else ()))
    )
    yield Table("Who wins and who loses 受益与受损, persons", tuple(head), rows, names=2)
    columns = ("", "", "persons 人数", "±", "borne, base 基准负担", "±", "borne 负担", "±", "Δ", "±")
    bands = tuple(row for place, each in told for row in _bands(place, each))
    yield Table("Borne by own cost 按个人自付分段, yuan a person", columns, bands, names=2)


def _bands(place: int, each: Persons) -> Iterator[tuple[str, ...]]:
    """A line for each band of own cost in which there is anybody."""
    edges = [0, *(edge // 100 for edge in each.edges)]
    for band, low in enumerate(edges):
        *levels, change = each.burden(band)
        if levels[0].mean:
            high = f"{edges[band + 1]:,}" if band + 1 < len(edges) else ""
            cells = [text for value in levels for text in in_unit(value, 1.0, 2)]
            yield f"[{place}]", f"{low:,} – {high}", *cells, *signed(change, 1.0, 2)


def _winners(each: Persons, group: str | None, money: Money) -> tuple[str, ...]:
    cells: list[str] = []
    for count, amount in (("winners", "gained"), ("losers", "lost")):
        cells += in_unit(each.value(count, group), 1.0, 3)
        cells += in_unit(each.value(amount, group), 1 / money.yuan, money.most)
    if "catastrophic" in each.told:
        cells += [in_unit(each.value("catastrophic", group), 1.0, 3)[0]]
        cells += signed(each.catastrophic_change(group), 1.0, 3)
    return tuple(cells)


def _answered(found: Comparison, name: str, money: Money) -> tuple[str, ...]:
    each = FIGURES[name]
    factor, unit, most = scale_of_figure(each, money)
    cells: list[str] = []
    for place in range(len(found.rows)):
        text, se = signed(found.answered(name, place), factor, most)
        cells += [text, se] if place == 0 else [text, "", se]
    return f"{each.zh} {each.en}", unit, *cells


def _notes(found: Comparison) -> list[str]:
    lines = [
        "Δ: less the base, with the standard error ± of this difference itself 与基准之差及其标准误. Beneficiaries",
        "differ between designs: a burden per beneficiary can rise because light cases drop out.",
    ]
    apart = [place for place, paired in enumerate(found.paired) if not paired]
    if not apart:
        lines.append("All designs met the same people 同一批模拟人群: differences are far surer than the figures.")
    for place in apart:
        shared = found.levels[place]
        also = f"; the draws of {', '.join(shared)} are shared" if shared else ""
        lines.append(
            f"[{place}] has other people or costs than [0]; simulated apart under one seed{also}. What they have in "
            "common is in the error 人群不同，分别模拟."
        )
    lines += _notes_of_persons(found)
    groups = sorted({name for names in found.poor for name in names})
    if groups:
        lines.append(f"The poor 困难群众: {', '.join(groups)}.")
    return lines


def _notes_of_persons(found: Comparison) -> list[str]:
    told = [each for each in found.persons[1:] if each is not None]
    if not told:
        return []
    whom = "all patients" if told[0].everyone else "persons whom one of the two designs pays"
    lines = [
        f"Winners and losers 受益与受损: person by person, {whom}, without behaviour, {told[0].replications:,}",
        "replications; own cost 个人自付 is what counts for the contract under the base.",
    ]
    limits = dict.fromkeys(f"{each / 100:,.0f}" for each in told[0].threshold if each is not None)
    if limits:
        lines += [
            f"Catastrophic 灾难性支出: of them, who bears more than {' or '.join(limits)} yuan in a year, by income",
            "per head (发改社会〔2012〕2605号); persons, not families, all with the mean income 以个人与人均收入近似.",
        ]
    return lines


# --- the figure -------------------------------------------------------------------------------------------------

COLOURS: Final = tuple(colour for colour, _ in SERIES)


def plot_comparison(
    found: Comparison, figures: Sequence[str] | None = None, ax: Axes | None = None, lang: Lang | None = None
) -> Axes:
    """Plot by how many per cent each design differs from the base, with 95% intervals.

    Args:
        found: what to plot.
        figures: ids of figures; those of premium, claims, patients and the poor by default. One whose base is zero is
            left out.
        ax: where to plot; by default a new figure, which a notebook shows.
        lang: ``zh`` or ``en``; by default as :func:`fundsim.set_language` says, else English.

    Raises:
        ComparisonError: no such figure.
    """
    return _figure(found, [name for name in figures or DRAWN if found.value(name).mean], ax, drawn_in(lang))


def write_comparison(found: Comparison, path: str | Path, lang: Lang | None = None) -> Path:
    """Write the figure as a PNG file; the same comparison gives the same bytes on one machine."""
    wanted = [name for name in DRAWN if found.value(name).mean]
    return save(_figure(found, wanted, None, drawn_in(lang), shown=False), path)


def _figure(
    found: Comparison, wanted: Sequence[str], ax: Axes | None, lang: Lang, *, shown: bool | None = None
) -> Axes:
    same = Words("同一批模拟人群", "on the same people")
    if not all(found.paired):
        same = Words("参保人群不同时按各自人群", "people differ where the scheme's do")
    line = Words(f"与基准之差及其95%区间，{same.zh}", f"differences with their 95% intervals, {same.en}")
    with axes_for(ax, 8.4, 1.9 + 0.13 * len(wanted) * (len(found.rows) + 1), shown=shown) as axes:
        draw_differences(axes, found, wanted, lang)
        put_frame(found, axes, Words("方案比较", "Designs compared"), line.told(lang), lang, new=ax is None)
        put_small_print(found, axes, lang)
        return axes


def draw_differences(ax: Axes, found: Comparison, wanted: Sequence[str], lang: Lang) -> None:
    """Draw the differences of each design from the first, in per cent of it, with 95% intervals."""
    names, others = short_names(found), len(found.rows) - 1
    for place in range(1, len(found.rows)):
        at = np.arange(len(wanted)) + 0.7 * (place / (others + 1) - 0.5)
        apart = [found.difference(name, place) for name in wanted]
        base = [found.value(name).mean or np.nan for name in wanted]
        share = np.array([100 * (each.mean or 0) / of for each, of in zip(apart, base, strict=True)])
        ends = np.array([[100 * (end if end is not None else np.nan) / of for end in (each.lo, each.hi)]
                         for each, of in zip(apart, base, strict=True)])  # fmt: skip
        half = np.abs(ends - share[:, None]).T
        colour, mark = SERIES[(place - 1) % len(SERIES)]
        ax.errorbar(share, at, xerr=half, fmt=mark, color=colour, markersize=4.5, capsize=2.5, linewidth=1.1,
                    label=names[place])  # fmt: skip
    ax.set_yticks(range(len(wanted)), [figure_name(FIGURES[name]).told(lang) for name in wanted])
    ax.set_ylim(len(wanted) - 0.4, -0.6)
    ax.axvline(0, color="black", linewidth=0.8)
    ax.xaxis.grid(visible=True, color="0.9", linewidth=0.6)
    words = Words(f"与“{names[0]}”之差（%）", f"difference from '{names[0]}' (% of it)")
    ax.set_xlabel(words.told(lang), loc="left")
    legend_above(ax, 3)
