"""Contracts that were really in force, as documents in the grammar of a scenario file.

A preset lies beneath the user's own fields: each field can be overridden. What the public text does not say
is an assumption, listed field by field, so that every report can show it.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Preset:
    """One contract: its names, its terms as text, and which of them are assumed, and why."""

    title: Mapping[str, str]
    terms: Mapping[str, Any]
    assumed: tuple[tuple[str, str], ...]


_BY_TENDER = "公开文本只规定上限，具体比例由招标确定，按上限取值"
_BY_CONTRACT = "公开文本将分担比例留待保险合同约定，按各半取值"
_SHARE_UNKNOWN = "亏损中政策性部分逐案认定，按无此部分取值"
_ILLUSTRATIVE = "示意：取多份招标文件的通行形式，不出自任何一份合同"

PRESETS: Final[Mapping[str, Preset]] = {
    "province-2014": Preset(
        title={"zh": "某省2014年城乡居民大病保险(29元/25元)", "en": "A province, 2014 (29 and 25 yuan per head)"},
        terms={
            "source": "《在全省开展城乡居民大病保险工作意见》(省级统筹, 城镇29元、新农合25元)",
            "clause": "四、(五)资金管理",
            "note": "the printed text has lost the year and the name of the province; read as 2014",
            "premium": [
                {"when": {"household": "urban"}, "amount": "29 yuan/person"},
                {"when": {"household": "rural"}, "amount": "25 yuan/person"},
            ],
            "surplus": "fee-inclusive",
            "allowance": "5%",
            "loss_cause": "policy-and-other",
            "policy_share": "0%",
            "policy_tiers": [{"insurer": "50%"}],
            "other_tiers": [{"insurer": "100%"}],
        },
        assumed=(
            ("allowance", f"综合费率不超过5%：{_BY_TENDER}"),
            ("policy_share", _SHARE_UNKNOWN),
            ("policy_tiers", _BY_CONTRACT),
        ),
    ),
    "guangzhou": Preset(
        title={"zh": "广州市大病保险试行办法(2014年起)", "en": "Guangzhou trial measures (from 2014)"},
        terms={
            "source": "Guangzhou trial measures for residents' critical illness insurance (广州市试行办法, from 2014)",
            "clause": "surplus up to the agreed 盈利率 is kept, all above it returned; overrun up to the agreed 亏损率 "
            "is borne half by the fund and half by the insurer, all beyond it by the insurer",
            "note": "an inverted corridor: the insurer bears more of a large overrun than of a small one",
            "surplus": "fee-inclusive",
            "allowance": "3%",
            "loss_cause": "any",
            "tiers": [{"to": "3%", "insurer": "50%"}, {"insurer": "100%"}],
        },
        assumed=(
            ("allowance", "约定的盈利率由招标确定，按3%取值"),
            ("tiers", "约定的亏损率（第一档的上限）由招标确定，按3%取值"),
        ),
    ),
    "shandong": Preset(
        title={"zh": "山东省大病保险(2017年起)", "en": "Shandong (from 2017)"},
        terms={
            "source": "Shandong rules for residents' critical illness insurance (山东省, from 2017)",
            "clause": "profit and cost up to 2% of all funds; what exceeds it offsets last year's overrun above 4%, "
            "else is carried to next year; overrun up to 4% is the insurer's, above 4% next year's policy answers it",
            "note": "the text computes the 2% over the whole province and offsets last year's overrun only",
            "surplus": "fee-inclusive",
            "allowance": "2%",
            "excess": "hold",
            "loss_cause": "any",
            "tiers": [{"to": "4%", "insurer": "100%"}, {"insurer": "0%"}],
            "fund_pays": "later",
            "closing": "none",
        },
        assumed=(
            ("tiers", "公开文本规定超过4%的超支由下一年度政策“适当”解决，按全部解决取值"),
            ("closing", "公开文本未写合作期满时结转余额由谁结清，按不作期末清算取值"),
        ),
    ),
    "shanghai": Preset(
        title={"zh": "上海市城乡居民大病保险办法(2016-2017年)", "en": "Shanghai (2016-2017)"},
        terms={
            "source": "《上海市城乡居民大病保险办法》",
            "clause": "第八条",
            "note": "funding is about 2% of what basic insurance collects (第三条); write premium: {rate: 2%, of: ...}",
            "surplus": "fee-explicit",
            "allowance": "5%",
            "loss_cause": "policy-and-other",
            "policy_share": "0%",
            "policy_tiers": [{"insurer": "50%"}],
            "other_tiers": [{"insurer": "100%"}],
        },
        assumed=(
            ("surplus", "公开文本只写盈利率，按监管口径理解为扣除运营成本后的盈利"),
            ("allowance", f"盈利率不超过5%：{_BY_TENDER}"),
            ("policy_share", _SHARE_UNKNOWN),
            ("policy_tiers", _BY_CONTRACT),
            ("other_tiers", "公开文本未写非政策性亏损由谁承担，按公司承担取值"),
        ),
    ),
    "self-run": Preset(
        title={"zh": "医保经办机构自办（不委托承办）", "en": "Run by the fund itself, without an insurer"},
        terms={
            "note": "no insurer takes part: the fund keeps every surplus and bears every deficit",
            "surplus": "fee-inclusive",
            "allowance": "0%",
            "loss_cause": "any",
            "tiers": [{"insurer": "0%"}],
            "expense": "0%",
        },
        assumed=(("expense", "经办机构经费由财政预算安排，不从保费列支"),),
    ),
    "generic-corridor": Preset(
        title={"zh": "通用风险走廊(示意)", "en": "Generic risk corridor (illustrative)"},
        terms={
            "note": "illustrative: the shape of many tenders, taken from no single contract",
            "surplus": "fee-inclusive",
            "allowance": "5%",
            "loss_cause": "any",
            "tiers": [{"to": "5%", "insurer": "100%"}, {"to": "10%", "insurer": "50%"}, {"insurer": "0%"}],
        },
        assumed=(("surplus", _ILLUSTRATIVE), ("allowance", _ILLUSTRATIVE), ("tiers", _ILLUSTRATIVE)),
    ),
}

_IF_SILENT: Final = {"policy_loss": "stated-share"}
"""What a preset means where it does not state a decision."""

_HANGS_ON: Final = {
    "loss_cause": ("policy_share", "tiers", "policy_tiers", "other_tiers"),
    "surplus": ("accepted",),
    "policy_loss": ("policy_share",),
}
"""Fields that mean nothing once the user decides the first differently; the preset's go with its decision."""


def beneath(own: Mapping[str, Any]) -> dict[str, Any]:
    """The user's fields over those of the preset they name, with the preset's assumptions that still stand."""
    name = own.get("preset")
    preset = PRESETS.get(name) if isinstance(name, str) else None
    if preset is None:
        return dict(own)
    gone = set(own)
    for decision, fields in _HANGS_ON.items():
        if decision in own and own[decision] != preset.terms.get(decision, _IF_SILENT.get(decision)):
            gone.update(fields)
    inherited = {field: value for field, value in preset.terms.items() if field not in gone}
    assumed = tuple({"field": field, "why": why} for field, why in preset.assumed if field in inherited)
    merged = {**inherited, **own}
    stated = own.get("assumed", ())
    if isinstance(stated, list | tuple):
        merged["assumed"] = (*assumed, *stated)
    return merged


def suggestion(name: str) -> str:
    """What to write instead of an unknown preset."""
    close = difflib.get_close_matches(name, PRESETS, n=1)
    known = ", ".join(PRESETS)
    return f"did you mean {close[0]}? Known presets: {known}" if close else f"write one of {known}"
