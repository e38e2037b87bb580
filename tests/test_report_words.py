"""What a report says in words: every value of every shipped scheme told whole, in the reader's language and unit."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import fundsim as fs
from fundsim.estimates import Probability
from fundsim.report.amounts import MILLION, WAN, YI, YUAN, in_per_cent, money_for, per_cent
from fundsim.report.document import LANGUAGES, measurement_report
from fundsim.report.document.as_written import value_in_words, word_in_words
from fundsim.report.document.contract import contract_rows
from fundsim.report.document.model import Block, Number, Origin, Paragraph, Table
from fundsim.report.document.origin import moment_of, origin_line
from fundsim.report.document.places import place_in_words
from fundsim.report.document.subject import Subject
from fundsim.report.sections.assumptions import CODE, assumptions
from fundsim.report.sections.scheme import scheme_blocks
from fundsim.scenario.nodes import Block as Tree
from fundsim.scenario.problems import Problems, Source
from fundsim.scenario.reader import read_tree

SCENARIOS = Path(__file__).parent.parent / "scenarios"
SHIPPED = sorted(SCENARIOS.glob("*.yaml"))
LEFT_AS_WRITTEN = re.compile(r"[a-z]{2,}")
"""What a key or a word of a file that found no Chinese looks like."""


def written(text: str) -> Tree:
    """A value as a file has it, under the key ``value``."""
    source = Source("text.yaml", (f"value: {text}",))
    root = read_tree(f"value: {text}\n", source, Problems(source))
    assert isinstance(root, Tree)
    return root


def said(text: str, key: str = "") -> tuple[str, str]:
    root = written(text)
    node = root.get("value")
    assert node is not None
    told = value_in_words(node, key, root)
    return told.zh, told.en


@pytest.mark.parametrize(
    ("text", "key", "zh", "en"),
    [
        ("300 yuan", "deductible", "300元", "300 yuan"),
        ("0.6 万元", "deductible", "6,000元", "6,000 yuan"),
        ("7524.94 yuan", "deductible", "7,524.94元", "7,524.94 yuan"),
        ("200000 yuan/year", "cap", "200,000元/年", "200,000 yuan a year"),
        ("33 yuan/person", "premium", "33元/人", "33 yuan a head"),
        ("none", "cap", "不设", "none"),
        ("none", "closing", "不作期末清算", "left open"),
        ("+5pp", "pay", "提高5个百分点", "5 points more"),
        ("-10pp", "pay", "降低10个百分点", "10 points less"),
        ("[-3pp, 7pp]", "within", "-3个百分点至7个百分点", "-3 points to 7 points"),
        ("x1.4", "admissions", "1.4倍", "×1.4"),
        ("8%/year", "cost", "每年8%", "8% a year"),
        ("3 years", "term", "3年", "3 years"),
        ("3300000 persons", "insured", "3,300,000人", "3,300,000 persons"),
        ("{A: 100%, B: 85%}", "counts", "甲类100%、乙类85%", "class A 100%, class B 85%"),
        (
            "{local: 60%, province-referred: 40%}",
            "place",
            "市内60%、省内转诊40%",
            "local 60%; in the province, referred 40%",
        ),
        ("fee-inclusive", "surplus", "含成本和盈利（综合费率）", "for cost and profit together (综合费率)"),
        ("[{insurer: 50%}]", "policy_tiers", "公司承担50%，其余由基金承担", "the insurer 50%, the fund the rest"),
        (
            "[{month: 4, share: 25%}, {month: 6, share: 75%}]",
            "instalments",
            "4月拨付25%；6月拨付75%",
            "25% in month 4; 75% in month 6",
        ),
        (
            "{family: negative-binomial, mean: 134 per 1000 persons, cv: 0.7, mixing: person}",
            "admissions",
            "负二项分布，均值每千人134次，变异系数0.7，混合变量每人各自抽取",
            "negative binomial, mean 134 per 1000 persons, coefficient of variation 0.7, mixing variable "
            "each person's own",
        ),
        ("no-such-word", "surplus", "no-such-word", "no-such-word"),
    ],
)
def test_a_value_is_told_in_words(text: str, key: str, zh: str, en: str) -> None:
    assert said(text, key) == (zh, en)


def test_what_an_earlier_payer_has_paid_is_told_by_its_title() -> None:
    scheme = fs.load(SCENARIOS / "qinzhou-2017.yaml")
    assert word_in_words("paid by basic", "less", scheme.root).zh == "城乡居民基本医疗保险已支付的金额"
    assert word_in_words("paid by basic", "less", written("1")).en == "what basic has paid"


@pytest.mark.parametrize(
    ("way", "zh"),
    [
        (("payers", "basic", "variants", 0, "deductible"), "城乡居民基本医疗保险 · 县级医院 · 起付线"),
        (("payers", "cii", "bands", 1, "to"), "城乡居民大病保险 · 分段支付比例 · 第2段 · 上限"),
        (("population", "groups", "poor", "cost"), "参保人群 · 贫困人口 · 次均费用倍数"),
        (("claims", "care", "county", "cost"), "费用模型 · 县级医院 · 次均费用的分布"),
        (("contract", "premium"), "承办合同 · 筹资标准"),
        (("payers", "cii", "no_such_key"), "城乡居民大病保险 · no_such_key"),
    ],
)
def test_a_place_is_told_in_words(way: tuple[str | int, ...], zh: str) -> None:
    assert place_in_words(fs.load(SCENARIOS / "qinzhou-2017.yaml").root, way).zh == zh


def test_what_an_event_changes_is_told_by_its_own_place() -> None:
    scheme = fs.load(SCENARIOS / "qinzhou-2017-term.yaml")
    told = {place_in_words(scheme.root, each.way).zh for each in scheme.assumptions}
    assert "事件 · 2019年国家通知降低起付线 · 城乡居民大病保险 · 起付线 · 改为" in told
    assert "参数不确定性 · 就医结构（省外转诊、省外未转诊） · 分布" in told


def blocks_of(path: Path) -> list[Block]:
    scheme = fs.load(path)
    subject = Subject((_Unsimulated(scheme),))  # type: ignore[arg-type]
    return [*scheme_blocks(scheme), *assumptions(subject).blocks]


class _Unsimulated:
    """Stands for results where only the scheme is asked for."""

    def __init__(self, scenario: fs.Scenario) -> None:
        self.scenario = scenario


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_scheme_is_told_whole_and_in_chinese(path: Path) -> None:
    left = []
    for block in blocks_of(path):
        texts = [block.words.zh] if isinstance(block, Paragraph) else []
        if isinstance(block, Table):
            quoted = {place for place, column in enumerate(block.columns) if column.head.zh in (CODE.zh, "理由和依据")}
            texts = [block.title.zh, *(column.head.zh for column in block.columns)]
            texts += [
                cell.zh
                for row in block.rows
                for place, cell in enumerate(row)
                if place not in quoted and not isinstance(cell, Number)
            ]
        left += [text for text in texts if "…" in text or LEFT_AS_WRITTEN.search(text)]
    assert not left


def test_the_check_of_shipped_schemes_can_fail() -> None:
    scheme = fs.load(SCENARIOS / "qinzhou-2017.yaml")
    shortened = [each for each in scheme.assumptions if "…" in each.text]
    assert shortened
    assert all("…" not in str(_told(scheme, each.way, each.value)) for each in shortened)
    assert LEFT_AS_WRITTEN.search(place_in_words(scheme.root, ("payers", "cii", "no_such_key")).zh)


def _told(scheme: fs.Scenario, way: tuple[str | int, ...], value: object) -> str:
    return value_in_words(value, str(way[-1]), scheme.root).zh  # type: ignore[arg-type]


def test_a_premium_by_household_is_told_in_words() -> None:
    rows = {name.zh: told for name, told in contract_rows(fs.load(SCENARIOS / "province-2014.yaml").terms.contract)}
    assert rows["筹资标准"].zh == "29元/人·年（城镇居民）；25元/人·年（农村居民）"
    assert rows["筹资标准"].en == "29 yuan a head and year (urban); 25 yuan a head and year (rural)"


@pytest.mark.parametrize(
    ("yuan", "chinese"), [(99_999, YUAN), (100_000, WAN), (1e8, WAN), (9_999_999_999, WAN), (1e10, YI)]
)
def test_chinese_counts_in_wan_and_yi(yuan: float, chinese: object) -> None:
    assert money_for(100 * yuan, "zh") == chinese
    if yuan >= 1e7:
        assert money_for(100 * yuan, "en") == money_for(100 * yuan) == MILLION


def test_shares_and_probabilities_have_two_decimals_at_most() -> None:
    assert (per_cent(1.05777), per_cent(35.0962), per_cent(54.3944), per_cent(40.0)) == ("1.06", "35.1", "54.39", "40")
    assert (per_cent(99.808, 0.0001), per_cent(100.0, 0.0001), per_cent(0.0, 0.1)) == ("99.81", "100", "0")
    assert in_per_cent(Probability(0.99808, 0.99801, 0.99815)) == ("99.81", "99.80", "99.81")
    assert in_per_cent(Probability(1.0, 0.99998, 1.0)) == ("100", "100.00", "100")
    assert per_cent(None) == "–"


ORIGIN = Origin("qinzhou-2017", "8e940922467e" + "0" * 52, 7, 2000, "2026-11-23T01:18:44+00:00", "", {"fundsim": "0.8"})


def test_the_line_below_the_title_is_in_the_readers_language() -> None:
    assert origin_line(ORIGIN, "zh") == (
        "方案编号 qinzhou-2017 · 随机种子 7 · 模拟2,000次 · 方案指纹 8e940922467e · 2026年11月23日（UTC） · fundsim 0.8"
    )
    assert origin_line(ORIGIN, "en") == (
        "scheme qinzhou-2017 · seed 7 · 2,000 replications · fingerprint 8e940922467e · 23 November 2026 (UTC) · "
        "fundsim 0.8"
    )
    unfinished = replace(ORIGIN, made="")
    assert "年" not in origin_line(unfinished, "zh")
    assert moment_of("").zh == "–"
    assert moment_of(ORIGIN.made).zh == "2026年11月23日01:18:44（UTC）"
    assert moment_of(ORIGIN.made).en == "23 November 2026, 01:18:44 (UTC)"


def test_a_report_counts_money_as_its_readers_do() -> None:
    results = fs.simulate(fs.load(SCENARIOS / "qinzhou-2017.yaml"), n=20, seed=3)
    document = measurement_report(results)
    texts = {lang: " ".join(document.in_language(lang).texts(lang)) for lang in LANGUAGES}
    assert "万元" in texts["zh"]
    assert "百万元" not in texts["zh"]
    assert "million yuan" in texts["en"]
    values = {}
    for lang in LANGUAGES:
        (table,) = (each for each in document.in_language(lang).tables() if each.id == "claims")
        values[lang] = table.rows[0][2]
    zh, en = values["zh"], values["en"]
    assert isinstance(zh, Number)
    assert isinstance(en, Number)
    assert zh.value
    assert en.value
    assert zh.value == pytest.approx(100 * en.value)
    assert document.in_language("zh") is document
