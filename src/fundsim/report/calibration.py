"""A calibration for people (校准结果): tables as text for a terminal and as HTML for a notebook, in two languages."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from fundsim.report.layout import Table, aligned, html_table

if TYPE_CHECKING:
    from fundsim.calibration.backtest import Backtest, Forecast
    from fundsim.calibration.care import Care
    from fundsim.calibration.carried import Carried
    from fundsim.calibration.fit import Fit
    from fundsim.calibration.grouped_result import GroupedCalibration
    from fundsim.calibration.result import Calibration
    from fundsim.calibration.stop_loss import Curve
    from fundsim.calibration.thin import Thin
    from fundsim.records.privacy import SmallCells

Words = dict[str, str]
Language = Literal["en", "zh"]
_ZH: Final[Words] = {
    "head": "医疗费用模型校准",
    "grouped": "分组表校准",
    "frequency": "住院频率",
    "mean": "每千人",
    "cv": "变异系数",
    "groups": "各人群倍数",
    "admissions": "人次",
    "persons": "人数",
    "multiplier": "倍数",
    "se": "标准误",
    "families": "分布比较",
    "aic": "ΔAIC",
    "ks": "KS检验p值",
    "ad": "AD检验p值",
    "verdict": "结论",
    "parameters": "参数",
    "value": "估计值",
    "low": "95%下限",
    "high": "上限",
    "stop": "停损保费",
    "above": "以上记录数",
    "data": "数据",
    "fitted": "拟合",
    "off": "偏差%",
    "threshold": "尾部阈值",
    "share": "占比",
    "carried": "参数不确定性（方案中抽取）",
    "of": "对象",
    "spread": "离散",
    "left": "不足千分之一、未写入的：",
    "test": "泊松检验",
    "band": "分组",
    "expected": "拟合人数",
    "mean_seen": "人均",
    "mean_fitted": "拟合人均",
    "score": "相差标准误",
    "remarks": "须知",
    "p": "p值",
    "trends": "年增长率（%）",
    "use": "住院率",
    "cost": "次均费用",
    "completion": "迟报补足（链梯法）",
    "seen": "已结算",
    "ultimate": "补足后",
    "factor": "完成系数",
    "credibility_frequency": "信度估计：每千人住院次数",
    "credibility_cost": "信度估计：次均费用（元）",
    "county": "各县区",
    "group": "各人群",
    "own": "本地",
    "z": "信度z",
    "premium": "信度估计值",
}
_EN: Final[Words] = {
    "head": "Claims model calibrated",
    "grouped": "Grouped table calibrated",
    "frequency": "Frequency",
    "mean": "per 1,000",
    "cv": "cv",
    "groups": "Multipliers of groups",
    "admissions": "admissions",
    "persons": "persons",
    "multiplier": "multiplier",
    "se": "se",
    "families": "Families",
    "aic": "ΔAIC",
    "ks": "KS p",
    "ad": "AD p",
    "verdict": "verdict",
    "parameters": "Parameters",
    "value": "estimate",
    "low": "95% from",
    "high": "to",
    "stop": "Stop-loss premium",
    "above": "records above",
    "data": "data",
    "fitted": "fitted",
    "off": "off, %",
    "threshold": "Tail begins",
    "share": "share",
    "carried": "Parameter uncertainty (drawn by schemes)",
    "of": "of",
    "spread": "spread",
    "left": "under a tenth of a per cent, not written: ",
    "test": "test of Poisson",
    "band": "band",
    "expected": "expected",
    "mean_seen": "mean",
    "mean_fitted": "fitted",
    "score": "se off",
    "remarks": "To know",
    "p": "p",
    "trends": "Growth a year, %",
    "use": "admissions per person",
    "cost": "cost per admission",
    "completion": "Late settlements added (chain ladder)",
    "seen": "seen",
    "ultimate": "completed",
    "factor": "factor",
    "credibility_frequency": "credibility: admissions per 1,000",
    "credibility_cost": "credibility: cost per admission, yuan",
    "county": "Counties, ",
    "group": "Groups, ",
    "own": "own",
    "z": "z",
    "premium": "credibility estimate",
}
_WORDS: Final[dict[str, Words]] = {"zh": _ZH, "en": _EN}


def calibration_text(found: Calibration, lang: Language = "zh") -> str:
    """Print a calibration to records for a terminal."""
    lines = [*_head(found, lang), *aligned(list(_tables(found, lang))), "", *_remarks(found.remarks(lang), lang)]
    return "\n".join(lines).rstrip() + "\n"


def calibration_html(found: Calibration, lang: Language = "zh") -> str:
    """Show a calibration to records in a notebook; everything escaped."""
    return _html(_head(found, lang), _tables(found, lang), _remarks(found.remarks(lang), lang))


def grouped_text(found: GroupedCalibration, lang: Language = "zh") -> str:
    """Print a calibration to a grouped table for a terminal."""
    head, tables = _grouped_head(found, lang), list(_grouped_tables(found, lang))
    return "\n".join([*head, *aligned(tables), "", *_remarks(found.remarks(lang), lang)]).rstrip() + "\n"


def grouped_html(found: GroupedCalibration, lang: Language = "zh") -> str:
    """Show a calibration to a grouped table in a notebook; everything escaped."""
    return _html(_grouped_head(found, lang), _grouped_tables(found, lang), _remarks(found.remarks(lang), lang))


def backtest_text(found: Backtest, lang: Language = "zh") -> str:
    """Print a backtest for a terminal."""
    zh = lang == "zh"
    years = ["、".join(map(str, each)) if zh else ", ".join(map(str, each)) for each in (found.fitted, found.held)]
    head = (
        f"回溯检验：以{years[0]}年拟合，预测{years[1]}年"
        if zh
        else f"Backtest: fitted on {years[0]}, predicting {years[1]}"
    )
    trends = [
        f"  {name}: {trend.growth:+.1%} ± {trend.se:.1%}"
        for name, trend in (
            ("住院率年增长" if zh else "use", found.trends.use),
            ("次均费用年增长" if zh else "cost", found.trends.cost),
        )
        if trend is not None
    ]
    inside = sum(each.covered for each in found.forecasts)
    verdict = f"{inside}/{len(found.forecasts)}" + (
        " 个实际值落在95%预测区间内" if zh else " actual values lie in their 95% interval"
    )
    rows = tuple(_forecast_row(each, zh=zh) for each in found.forecasts)
    titles = ("起付线", "预测", "95%下限", "上限", "实际", "偏差%", "") if zh else (
        "deductible", "predicted", "95% from", "to", "actual", "off, %", ""
    )  # fmt: skip
    table = Table("预测与实际" if zh else "Predicted and actual", ("", *titles), rows, names=1)
    notes = [zh_told if zh else en_told for zh_told, en_told in found.notes]
    return "\n".join([head, *trends, *aligned([table]), "", verdict, *notes]) + "\n"


def _forecast_row(each: Forecast, *, zh: bool) -> tuple[str, ...]:
    digits = 4 if each.deductible is None else 2
    d = "" if each.deductible is None else f"{each.deductible:,.0f}"
    figures = (f"{value:,.{digits}f}" for value in (each.predicted, each.low, each.high, each.actual))
    what = "人均住院次数" if zh and each.deductible is None else each.what
    missed = "" if each.covered else ("区间外" if zh else "outside")
    return f"{each.year}  {what}", d, *figures, _cell(100 * each.off, 1), missed


def _html(head: list[str], tables: Iterable[Table], remarks: list[str]) -> str:
    first, *rest = head
    parts = [f"<p><b>{html.escape(first)}</b><br>{'<br>'.join(map(html.escape, rest))}</p>"]
    parts += [html_table(table) for table in tables]
    parts.append(f"<p>{'<br>'.join(map(html.escape, remarks))}</p>")
    return f"<div>{''.join(parts)}</div>"


def _remarks(told: list[str], lang: Language) -> list[str]:
    words = _WORDS[lang]
    return [words["remarks"], *(f"  {each}" for each in told)] if told else []


# -- records --------------------------------------------------------------------------------------------------------


def _head(found: Calibration, lang: Language) -> list[str]:
    frequency, words = found.frequency, _WORDS[lang]
    test = frequency.dispersion
    return [
        words["head"],
        found.source,
        f"{words['test']}: {'方差/均值' if lang == 'zh' else 'variance over mean'} {test.variance_over_mean:.3f}, "
        f"z = {test.score:.1f}, p = {_p(test.p)}",
    ]


def _tables(found: Calibration, lang: Language) -> Iterator[Table]:
    words, frequency = _WORDS[lang], found.frequency
    rows = [("mean", f"{frequency.mean * 1000:,.2f}", f"{frequency.mean_se * 1000:,.2f}")]
    if frequency.cv is not None:
        rows.append(("cv", f"{frequency.cv:.3f}", f"{frequency.cv_se:.3f}"))
    told = tuple((words[name], value, se) for name, value, se in rows)
    yield Table(f"{words['frequency']} {frequency.family}", ("", words["value"], words["se"]), told, names=1)
    yield from _levelling(found, words, lang)
    if len(found.experience.groups) > 1:
        yield _groups(found, words)
    yield from (_credibility(each, found.small, words, lang) for each in found.thin if each.found is not None)
    for level in found.levels:
        yield from _level(level, words, lang)
    yield _carried(found.carried, words)


def _levelling(found: Calibration, words: Words, lang: Language) -> Iterator[Table]:
    """Trends, and what was added for late settlements: to each year, and to its open months."""
    trends = found.trends.frame()
    if len(trends):
        rows = tuple((words[str(name)], *(_cell(100 * value, 2) for value in row)) for name, row in trends.iterrows())
        yield Table(words["trends"], ("", words["value"], words["se"], words["low"], words["high"]), rows, names=1)
    completed = found.completed
    if completed is None:
        return
    months = completed.frame(found.experience, found.small, lang)
    lines = list[tuple[str, ...]]()
    for place, year in enumerate(found.experience.years):
        factor, se = completed.of_year(place)
        seen, counts = completed.seen[place].sum(), completed.counts[place].sum()
        if found.small.is_small(int(seen)):
            continue
        lines.append((str(year), _cell(seen, 0), _cell(counts, 1), _cell(se * seen, 1), _cell(factor, 4)))
    for name, row in months.iterrows():
        figures = (("seen", 0), ("ultimate", 1), ("se", 1), ("factor", 4))
        lines.append((str(name), *(_shown(row[key], digits) for key, digits in figures)))
    titles = ("", words["seen"], words["ultimate"], words["se"], words["factor"])
    yield Table(words["completion"], titles, tuple(lines), names=1)


def _credibility(each: Thin, small: SmallCells, words: Words, lang: Language) -> Table:
    unit, digits = (1000, 2) if each.what == "frequency" else (1, 0)
    rows = []
    for name, row in each.frame(small, lang).iterrows():
        own, premium = (value if isinstance(value, str) else _cell(value * unit, digits)
                        for value in (row["own"], row["premium"]))  # fmt: skip
        rows.append((str(name), _shown(row["persons"], 0), own, _shown(row["z"], 3), premium))
    titles = ("", words["persons"], words["own"], words["z"], words["premium"])
    return Table(words[each.axis] + words[f"credibility_{each.what}"], titles, tuple(rows), names=1)


def _groups(found: Calibration, words: Words) -> Table:
    frame = found.tables()["groups"]
    rows = tuple((str(name), *(_cell(row[key], digits) for key, digits in
                 (("admissions", 0), ("multiplier", 3), ("se", 3)))) for name, row in frame.iterrows())  # fmt: skip
    return Table(words["groups"], ("", words["admissions"], words["multiplier"], words["se"]), rows, names=1)


def _level(level: Care, words: Words, lang: Language) -> Iterator[Table]:
    proposal = level.proposal
    notes = (
        ()
        if proposal is None
        else (f"{words['threshold']}: {proposal.reason_zh if lang == 'zh' else proposal.reason}",)
    )
    title = f"{level.name}  {words['share']} {level.share:.2%}  {words['families']}"
    rows = tuple(_family_row(str(name), row) for name, row in level.comparison.frame(lang).iterrows())
    yield Table(title, ("", words["aic"], words["ks"], words["ad"], words["verdict"]), rows, notes, names=1)
    yield parameters(level.chosen.fit, f"{level.name}  {level.chosen.fit.name}", words)
    yield curve_table(level.chosen.curve, f"{level.name}  {words['stop']}", words)


def _family_row(name: str, row: Any) -> tuple[str, ...]:
    return name, _cell(row["aic_off"], 1), _cell(row["ks_p"], 3), _cell(row["ad_p"], 3), str(row["verdict"])


def parameters(fitted: Fit, title: str, words: Words) -> Table:
    """Parameters with errors and intervals."""
    rows = tuple(
        (str(name), *(_figure(float(row[key])) for key in ("value", "se", "low", "high")))
        for name, row in fitted.frame().iterrows()
    )
    return Table(title, ("", words["value"], words["se"], words["low"], words["high"]), rows, names=1)


def curve_table(curve: Curve, title: str, words: Words) -> Table:
    """The stop-loss curve, seen and fitted."""
    rows = tuple(
        (f"{d:,.0f}", f"{n:,.0f}", f"{seen:,.2f}", f"{se:,.2f}", f"{told:,.2f}", _cell(100 * off, 1))
        for d, n, seen, se, told, off in zip(
            curve.deductibles, curve.above, curve.data, curve.data_se, curve.fitted, curve.off, strict=True
        )
    )
    return Table(title, ("", words["above"], words["data"], words["se"], words["fitted"], words["off"]), rows, names=1)


def _carried(carried: Carried, words: Words) -> Table:
    rows = tuple((each.name, each.of, f"{each.spread:.4f}") for each in carried.inputs)
    notes = (f"{words['left']}{', '.join(carried.left_out)}",) if carried.left_out else ()
    return Table(words["carried"], ("", words["of"], words["spread"]), rows or (("–", "", ""),), notes, names=1)


# -- grouped tables -------------------------------------------------------------------------------------------------


def _grouped_head(found: GroupedCalibration, lang: Language) -> list[str]:
    words, best = _WORDS[lang], found.best
    share = "" if found.share is None else f"   {words['mean']} {found.share * 1000:,.2f}"
    return [words["grouped"], f"{found.source}   {best.fit.name}   χ² = {best.chi_square:.1f} ({best.degrees}), "
            f"p = {'–' if best.p is None else _p(best.p)}{share}"]  # fmt: skip


def _grouped_tables(found: GroupedCalibration, lang: Language) -> Iterator[Table]:
    words, best = _WORDS[lang], found.best
    frame = found.comparison.frame(lang)
    rows = tuple(
        (str(name), _cell(row["aic_off"], 1), _cell(row["chi_square"], 1), _cell(row["p"], 3), str(row["verdict"]))
        for name, row in frame.iterrows()
    )
    yield Table(words["families"], ("", words["aic"], "χ²", words["p"], words["verdict"]), rows, names=1)
    yield parameters(best.fit, best.fit.name, words)
    bands = found.tables(lang)["bands"]
    cells = tuple(
        (f"{row['year']}  {_band(row['low'], row['high'])}",
         *(_shown(row[key], digits) for key, digits in
           (("persons", 0), ("expected", 0), ("mean", 0), ("mean_fitted", 0), ("mean_score", 1))))
        for _, row in bands.iterrows()
    )  # fmt: skip
    head = ("", words["persons"], words["expected"], words["mean_seen"], words["mean_fitted"], words["score"])
    yield Table(words["band"], head, cells, names=1)
    yield curve_table(best.curve, words["stop"], words)
    yield _carried(found.carried, words)


def _band(low: float, high: float) -> str:
    return f"{low:,.0f}–{high:,.0f}" if np.isfinite(high) else f"{low:,.0f}+"


def _shown(value: Any, digits: int) -> str:
    """A cell that small-cell suppression may have made a text."""
    return value if isinstance(value, str) else _cell(value, digits)


def _cell(value: Any, digits: int) -> str:
    return "–" if value is None or not np.isfinite(value) else f"{value:,.{digits}f}"


def _figure(value: float) -> str:
    return f"{value:,.2f}" if abs(value) >= 100 else f"{value:.4f}"


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"
