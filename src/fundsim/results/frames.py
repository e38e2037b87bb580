"""Results as tables (pandas): by measure, by year, by replication, by band; money in yuan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from fundsim.estimates import UNDEFINED, mean_of, probability_of
from fundsim.funds import FUND_MEASURES, RUNS_DRY
from fundsim.language import Lang
from fundsim.measures import MEASURES, PROBABILITIES
from fundsim.results.plain import fund_estimate

if TYPE_CHECKING:
    from fundsim.results.results import Results

CHINESE_LABELS: Final = {
    "zh": "指标", "unit": "单位", "mean": "均值", "se": "标准误", "sd": "标准差", "p01": "1%分位", "p05": "5%分位",
    "p25": "25%分位", "p50": "中位数", "p75": "75%分位", "p95": "95%分位", "p99": "99%分位",
    "min": "最小", "max": "最大",
}  # fmt: skip
"""Columns of a summary, in Chinese."""
QUANTILES: Final = ("p05", "p50", "p95")
"""Percentiles that have an interval in what is saved."""


def summary(results: Results, lang: Lang | None) -> pd.DataFrame:
    """One row per measure; see :meth:`Results.summary`."""
    table = pd.DataFrame(_rows(results.told["measures"])).set_index("measure")
    return table.rename(columns=CHINESE_LABELS) if lang == "zh" else table


def by_year(results: Results) -> pd.DataFrame:
    """One row per year and measure."""
    rows = [
        {"year": int(year), **row} for year, told in results.told_by_year.items() for row in _rows(told["measures"])
    ]
    return pd.DataFrame(rows).set_index(["year", "measure"])


def saved_summary(results: Results) -> pd.DataFrame:
    """The table that a run folder keeps; see :meth:`Results.saved_summary`."""
    table = summary(results, None)
    for of in ("mean", *QUANTILES):
        ends = [results.interval(name, of) or (None, None) for name in results.measures]
        prefix = "" if of == "mean" else f"{of}_"
        table[f"{prefix}lo"], table[f"{prefix}hi"] = [low for low, _ in ends], [high for _, high in ends]
    chances = probabilities(results).rename(columns={"p": "mean"}).rename_axis("measure")
    table = pd.concat([table, chances.assign(unit="probability")])
    table["scenario"], table["fingerprint"] = results.scenario.label, results.scenario.fingerprint
    table["seed"], table["fundsim"] = results.seed, results.manifest["fundsim"]
    return table


def probabilities(results: Results) -> pd.DataFrame:
    """One row per probability with its 95% Wilson interval."""
    found = results.told["probabilities"].items()
    rows = [{"probability": name, "zh": PROBABILITIES[name][0], **numbers} for name, numbers in found]
    return pd.DataFrame(rows).set_index("probability")


def funds(results: Results) -> pd.DataFrame:
    """Return the accounts of payers (基金账户): one row per fund and figure, money in yuan; empty without funds.

    The last figure of each fund is the probability that its account runs dry, with its 95% Wilson interval.
    """
    rows = []
    for name, fund in results.funds_year.funds.items():
        for measure in FUND_MEASURES.values():
            names = {"fund": name, "measure": measure.id, "zh": measure.zh, "unit": measure.unit}
            rows.append({**names, **fund_estimate(fund, measure.id, results.batch).as_dict()})
        dry = probability_of(fund.runs_dry, batch=results.batch)
        names = {"fund": name, "measure": RUNS_DRY[0], "zh": RUNS_DRY[1], "unit": "probability"}
        rows.append({**names, "mean": dry.p, "lo": dry.lo, "hi": dry.hi})
    columns = ["fund", "measure", "zh", "unit", *UNDEFINED.as_dict(), "lo", "hi"]
    return pd.DataFrame(rows, columns=columns).set_index(["fund", "measure"])


def by_replication(results: Results) -> pd.DataFrame:
    """Return one row per replication and one column per measure, money in yuan a year."""
    columns = {name: values for name in results.measures if (values := results.values(name)) is not None}
    return pd.DataFrame(columns, index=pd.RangeIndex(results.replications, name="replication"))


def bands(results: Results) -> pd.DataFrame:
    """Return beneficiaries and payments a year by band of own cost (按个人自付分段), means over replications."""
    edges = [0.0, *(float(edge) / 100 for edge in results.bands["own_cost_edges"])]
    persons = [mean_of(values, batch=results.batch) for values in results.bands["own_cost_persons"].T / results.n_years]
    paid = [
        mean_of(values, batch=results.batch) for values in results.bands["own_cost_paid"].T / (100 * results.n_years)
    ]
    total = sum(band.mean or 0.0 for band in paid)
    frame = pd.DataFrame(
        {
            "own_cost_from": edges,
            "own_cost_to": [*edges[1:], None],
            "persons": [band.mean for band in persons],
            "persons_se": [band.se for band in persons],
            "paid": [band.mean for band in paid],
            "paid_se": [band.se for band in paid],
            "share_of_paid": [(band.mean or 0.0) / total if total else None for band in paid],
        }
    )
    frame.index.name = "band"
    return frame


def _rows(measures: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"measure": name, "zh": MEASURES[name].zh, "unit": MEASURES[name].unit, **numbers}
        for name, numbers in measures.items()
    ]
