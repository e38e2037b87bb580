"""Standard stress tests (标准压力测试), for people: what each customary change does to a figure."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

from fundsim.report.amounts import money_for
from fundsim.report.layout import Table, html_table
from fundsim.report.side_by_side import in_unit, scale_of_figure, signed

if TYPE_CHECKING:
    from fundsim.comparison import StressTest

NOTES: Final = (
    "Each assumption is moved down and up by a customary amount, all else as stated, on the same seed; Δ and swing are",
    "paired differences with their standard error ±. The amounts are a convention, not the ends of a probable range",
    "惯用幅度，不是概率区间。",
)


def stress_html(found: StressTest) -> str:
    """Show stress tests in a notebook: a table as plain HTML, everything escaped."""
    scenario, of = found.scenario, found.figure
    factor, unit, most = scale_of_figure(of, money_for(float(found.base.totals["premium"].mean()) / found.years))
    mean, se = in_unit(found.stated(of.id), factor, most)
    lines = (
        f"{' '.join(scenario.title('zh').split())} · {' '.join(scenario.title('en').split())}",
        f"{scenario.label}   {found.replications:,} replications each   seed {found.seed}   fingerprint "
        f"{scenario.fingerprint[:12]}",
        f"{of.zh} {of.en}: {mean} ± {se} {unit} as stated",
    )
    rows = tuple(
        (
            bar.test.zh, bar.test.en, f"±{bar.test.size:g}{'%' if bar.test.unit == '%' else ' points'}",
            *signed(bar.down, factor, most), *signed(bar.up, factor, most), *signed(bar.swing, factor, most),
        )
        for bar in found.bars(of.id)
    )  # fmt: skip
    head = ("", "", "moved by 幅度", "Δ down", "±", "Δ up", "±", "swing", "±")
    notes = NOTES + tuple(f"{each.test.en} {each.test.zh}: {each.en} {each.zh}" for each in found.left_out)
    return (
        f"<div><p>{'<br>'.join(map(html.escape, lines))}</p>"
        f"{html_table(Table(f'Standard stress tests 标准压力测试, {unit}', head, rows, (), names=2))}"
        f"<p>{'<br>'.join(map(html.escape, notes))}</p></div>"
    )
