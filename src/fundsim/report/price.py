"""A solved price and the premium principles, for people (定价): as text for a terminal, and as HTML for a notebook."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from fundsim.pipeline import simulate
from fundsim.pricing import Checked, Price, premium_principles, price
from fundsim.report.amounts import written
from fundsim.report.layout import Table, aligned
from fundsim.scenario import Scenario

if TYPE_CHECKING:
    import pandas as pd


def price_scenario(
    scenario: Scenario,
    solve: str,
    target: str,
    *,
    between: tuple[str, str] | None,
    step: str | None,
    n: int | None,
    seed: int | None,
    years: int | None,
    workers: int | None,
    check: bool,
    as_json: bool,
) -> str:
    """Solve for a price, with a progress bar on stderr; returns what to print."""
    found = price(
        scenario, solve, target, between=between, step=step, n=n, seed=seed, years=years, workers=workers, progress=True
    )
    checked = found.check(workers=workers) if check else None
    if as_json:
        told = found.to_dict() | ({} if checked is None else {"check": _checked_dict(checked)})
        return json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    return "\n".join([*_lines(found), *(() if checked is None else _checked_lines(found, checked))]) + "\n"


def principles_of(
    scenario: Scenario,
    loadings: Mapping[str, float],
    *,
    n: int | None,
    seed: int | None,
    years: int | None,
    workers: int | None,
    as_json: bool,
) -> str:
    """Simulate a scheme and quote it by every premium principle; returns what to print."""
    results = simulate(scenario, n, seed, years=years, workers=workers, progress=True)
    frame = premium_principles(results, loadings)
    if as_json:
        return frame.to_json(orient="index", force_ascii=False, indent=2) + "\n"
    head = [
        f"{scenario.title('zh')} · {scenario.title('en')}",
        f"{results.replications:,} replications, seed {results.seed}",
    ]
    return "\n".join([*head, *aligned([_principles_table(frame)])]) + "\n"


def _principles_table(frame: pd.DataFrame) -> Table:
    head = ("", "", "parameter 参数", "yuan/person 元/人", "±", "over pure 附加 %", "formula 公式", "source 来源")
    rows = tuple(
        (
            f"{name}", row["zh"], "" if row["parameter"] != row["parameter"] else f"{row['parameter']:g}",
            written(row["premium"], row["se"]), written(row["se"], row["se"]),
            f"{100 * row['over_pure']:.1f}", row["formula"], row["source"],
        )
        for name, row in frame.iterrows()
    )  # fmt: skip
    notes = (
        "risk premium per head and year: running cost is not in it; parameters are examples unless they are given.",
        "风险保费，不含运营成本；未指定的参数仅作示意。± is one standard error of the simulation.",
    )
    return Table("premium principles 保费原则", head, rows, notes, names=2)


def price_html(found: Price) -> str:
    """Show a price in a notebook."""
    return f"<pre>{html.escape(chr(10).join(_lines(found)))}</pre>"


def _lines(found: Price) -> Iterator[str]:
    scenario = found.scenario
    yield " · ".join(dict.fromkeys(" ".join(scenario.title(lang).split()) for lang in ("zh", "en")))
    years = "1 year" if found.years == 1 else f"{found.years} years"
    yield (
        f"{scenario.label}   {years}   {found.replications:,} replications   seed {found.seed}   "
        f"fingerprint {scenario.fingerprint[:12]}"
    )
    yield ""
    yield f"target 定价目标      {found.condition.text}   (over the whole term 按整个合同期)"
    yield f"solved for 求解      {found.subject.path} = {found.text}"
    yield f"  {_which(found)}"
    yield f"sampling 抽样误差    {_sampling(found)}"
    yield f"inputs 参数误差      {_inputs(found)}"
    yield (
        f"reached 达到         {written(found.reached, found.reached_se)} ± "
        f"{written(found.reached_se, found.reached_se)} {found.condition.unit}"
    )
    for root in found.others:
        side = "above" if root.holds_above else "below"
        yield f"other root 其他根    {root.value}: the target also holds just {side} it"


def _which(found: Price) -> str:
    subject = found.subject
    ends = " to ".join(subject.text(end) for end in found.between)
    looked = f"{ends}, in steps of {subject.text(subject.step)}, {found.looked_at} values looked at"
    if found.throughout:
        return f"holds in the whole bracket 区间内处处满足: {looked}; the value is only its end"
    if found.upward:
        return f"the smallest above which it holds throughout 自此值起始终满足: {looked}"
    return f"the largest below which it holds throughout 至此值止始终满足: {looked}"


def _sampling(found: Price) -> str:
    if found.throughout:
        return "none: an end of the bracket is no estimate"
    scale, unit = (100, "pp") if found.subject.kind == "rate" else (1, "yuan")
    lo, hi = (None if end is None else end * scale for end in found.interval)
    if found.se is None and lo is None and hi is None:
        return "not to be told from so few replications"
    se = None if found.se is None else found.se * scale
    error = "" if se is None else f"± {written(se, se)} {unit}, "
    ends = " to ".join("?" if end is None else written(end, se) for end in (lo, hi))
    return f"{error}95% interval {ends}"


def _inputs(found: Price) -> str:
    if found.inputs is None:
        return f"not told: {found.inputs_why}"
    if found.inputs_why:
        return f"none: {found.inputs_why}"
    scale, unit = (100, "pp") if found.subject.kind == "rate" else (1, "yuan")
    return f"± {found.inputs * scale:.2g} {unit}: standard deviation of what would do were the inputs known"


def _checked_lines(found: Price, checked: Checked) -> Iterator[str]:
    verdict = "agrees 一致" if checked.agrees else "DOES NOT AGREE 不一致"
    yield (
        f"checked afresh 复核  {written(checked.value, checked.se)} ± {written(checked.se, checked.se)} "
        f"{found.condition.unit} with seed {checked.seed}: {verdict} within the errors of both samples"
    )


def _checked_dict(checked: Checked) -> dict[str, object]:
    return {
        "seed": checked.seed, "replications": checked.replications, "value": checked.value, "se": checked.se,
        "agrees": checked.agrees,
    }  # fmt: skip
