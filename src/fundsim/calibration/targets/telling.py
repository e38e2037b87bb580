"""A fit to published figures in print: target beside fitted, and what the figures told of the parameters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fundsim.calibration.targets.figures import Compared
from fundsim.calibration.targets.terms import TargetTerms, Unit
from fundsim.scenario.text import aligned

if TYPE_CHECKING:
    from fundsim.calibration.targets.result import Fitted, TargetsFit

Row = tuple[str, ...]
_WORDS: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "figures": "公布数据与模型", "head": "指标|口径|公布|模型|相差（标准误）|容许范围内",
        "parameters": "参数", "phead": "参数|先验|先验离散|校准值|95%区间|校准后离散|判定",
        "identified": "由数据确定", "partly": "数据与先验", "prior": "停在先验",
        "persons": "人数", "person-times": "人次", "": "—", "yes": "是", "no": "否",
        "rank": "公布数据{targets}项，参数{parameters}个；数据能确定{rank}个方向，其余由先验承担",
        "left": "未写入 uncertainty（无对应的不确定参数）：{names}",
        "largest": "最高赔付：模型为其中位数，括号内为95%范围",
    },
    "en": {
        "figures": "Published figures and the model", "head": "figure|counted|published|model|difference (se)|within",
        "parameters": "Parameters",
        "phead": "parameter|prior|prior spread|fitted|95% interval|posterior spread|told by",
        "identified": "the figures", "partly": "figures and prior", "prior": "stayed at its prior",
        "persons": "persons", "person-times": "person-times", "": "-", "yes": "yes", "no": "NO",
        "rank": "{targets} figures, {parameters} parameters; the figures tell {rank} directions, priors carry the rest",
        "left": "not carried into uncertainty (no uncertain input stands for it): {names}",
        "largest": "largest payment: the model's is its median, in brackets where 95% of the largest lie",
    },
}  # fmt: skip


def in_text(fit: TargetsFit, lang: str = "zh") -> str:
    """Both tables, one after the other."""
    words = _WORDS[lang]
    lines = [f"{fit.figures.terms.id}: {words['figures']}", *aligned(list(_figures(fit, words)))]
    lines += ["", words["parameters"], *aligned(list(_parameters(fit, words))), "", *_notes(fit, words)]
    return "\n".join(lines)


def _figures(fit: TargetsFit, words: dict[str, str]) -> Iterator[Row]:
    yield tuple(words["head"].split("|"))
    targets = dict(fit.figures.targets)
    for each in fit.targets:
        target = targets[each.name]
        within = words["yes" if each.holds else "no"]
        counted = words[target.count or ""]
        yield each.name, counted, _published(each, target), _model(each, target), f"{each.difference:+.2f}", within


def _published(each: Compared, target: TargetTerms) -> str:
    unit = target.parsed[0].unit
    if target.between is not None:
        return f"{_told(each.low, unit)}–{_told(each.high, unit)}"
    width = (each.high - each.low) / 2
    return _told(each.published, unit) + (f" ± {_told(width, unit)}" if width else "")


def _model(each: Compared, target: TargetTerms) -> str:
    unit = target.parsed[0].unit
    if each.spread is not None:
        return f"{_told(each.fitted, unit)} ({_told(each.spread[0], unit)}–{_told(each.spread[1], unit)})"
    return f"{_told(each.fitted, unit)} ± {_told(each.simulation, unit)}"


def _told(value: float, unit: Unit) -> str:
    if unit == "share":
        return f"{value * 100:.3g}%"
    if unit == "rate":
        return f"{value * 1000:.3g}‰"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _parameters(fit: TargetsFit, words: dict[str, str]) -> Iterator[Row]:
    yield tuple(words["phead"].split("|"))
    for each in fit.parameters:
        scale = each.parameter.scale
        low, high = (scale.text(end, 3) for end in each.interval)
        prior_spread = "—" if scale.spread is None else _spread(each)
        interval = f"{low} – {high}"
        yield each.name, each.prior or "—", prior_spread, each.written, interval, each.spread_in_words, words[each.told]


def _spread(each: Fitted) -> str:
    assert each.parameter.scale.spread is not None
    return type(each)(each.parameter, each.value, each.parameter.scale.spread).spread_in_words


def _notes(fit: TargetsFit, words: dict[str, str]) -> Iterator[str]:
    counts = {"targets": len(fit.targets), "parameters": len(fit.parameters), "rank": fit.directions}
    yield words["rank"].format(**counts)
    if any(each.score is not None for each in fit.targets):
        yield words["largest"]
    if fit.uncertainty.left_out:
        yield words["left"].format(names=", ".join(fit.uncertainty.left_out))


def as_comment(fit: TargetsFit, path: Path) -> str:
    """The head of the claims file: how it was made, and how far it reproduces what was published."""
    title = (fit.figures.terms.title or {}).get("zh", fit.figures.terms.id)
    lines = [
        f"{title} · fitted to published figures, not to be edited by hand",
        "",
        f"  fundsim calibrate --targets {fit.figures.source.name} --out {path}",
        "",
        *in_text(fit, "zh").splitlines(),
        "",
    ]
    return "".join(f"# {line}".rstrip() + "\n" for line in lines)
