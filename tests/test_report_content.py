"""What the measurement report says: key points, break-even, certain losses in words, the term, cash, stress tests."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import fundsim as fs
from conftest import SCENARIOS
from fundsim.comparison import StressTest
from fundsim.estimates import Probability
from fundsim.report.designs import designs_frame, side_by_side
from fundsim.report.document import LANGUAGES, Document, Lang, measurement_report
from fundsim.report.document.model import Listing, Number, Section, Table
from fundsim.report.document.phrases import LOSES, how_often
from fundsim.report.document.words import Words
from fundsim.report.publish import publish
from fundsim.report.sections.cash import _flows
from fundsim.report.sensitivities import sensitivities
from test_reports import QINZHOU, READ, plain

YEARS = 2


@pytest.fixture(scope="module")
def scheme() -> fs.Scenario:
    return fs.load(QINZHOU)


@pytest.fixture(scope="module")
def results(scheme: fs.Scenario) -> tuple[fs.Results, ...]:
    return fs.simulate_designs([scheme, dict(scheme.designs)["deductible-10000"]], n=30, seed=3, years=YEARS)


@pytest.fixture(scope="module")
def stressed(scheme: fs.Scenario) -> StressTest:
    (found,) = (each for each in sensitivities(scheme, 8, seed=3, years=YEARS) if isinstance(each, StressTest))
    return found


@pytest.fixture(scope="module")
def document(results: tuple[fs.Results, ...], stressed: StressTest) -> Document:
    return measurement_report(results, stressed)


def section(document: Document, name: str) -> Section:
    return next(each for each in document.sections if each.id == name)


def table(document: Document, name: str) -> Table:
    return next(each for each in document.tables() if each.id == name)


def said(document: Document, lang: Lang) -> str:
    return " ".join(document.texts(lang))


def test_the_key_points_stand_first_in_every_format(document: Document, tmp_path: Path) -> None:
    assert 4 <= len(document.highlights) <= 7
    for path in publish(document, tmp_path, LANGUAGES, tuple(READ)):
        lang: Lang = "zh" if "-zh." in path.name else "en"
        text = plain(READ[path.suffix[1:]](path))
        assert "要点" in text if lang == "zh" else plain("Key points") in text
        shown = publishable(document, lang)
        for point in shown.highlights:
            assert without_quotes(point.told(lang)) in without_quotes(text), (path.name, point)


def without_quotes(text: str) -> str:
    """A text without quotation marks, which a typesetter turns."""
    return re.sub("[“”‘’'\"]", "", plain(text))


def publishable(document: Document, lang: Lang) -> Document:
    """The document as it is written in a language."""
    in_language = getattr(document, "in_language", None)
    found = document if in_language is None else in_language(lang)
    assert isinstance(found, Document)
    return found


def test_the_key_points_say_break_even_and_reservation(document: Document) -> None:
    first, *_, last = document.highlights
    (cell,) = (row[1] for row in table(document, "loadings").rows if row[0].zh == "＝保本筹资标准")
    assert isinstance(cell, Number)
    assert cell.value is not None
    assert f"保本筹资标准为人均{cell.value:.2f}元" in first.zh
    assert "每人每年低" in first.zh
    assert last.zh.startswith("保留意见：")


def test_certain_losses_are_told_in_words() -> None:
    always = how_often(Probability(1.0, 0.99808, 1.0), 2000, *LOSES)
    assert always.zh == "2,000次模拟中公司全部亏损（概率的95%区间下限99.8%）"
    assert always.en == "the insurer loses in all 2,000 replications (95% interval of the probability from 99.8%)"
    never = how_often(Probability(0.0, 0.0, 0.00192), 2000, *LOSES)
    assert never.zh == "2,000次模拟中公司均未亏损（概率的95%区间上限0.2%）"
    assert "100.000%" not in always.zh + always.en
    some = how_often(Probability(0.25, 0.2, 0.31), 200, *LOSES)
    assert some.zh.startswith("公司亏损的概率为25")


def test_loadings_add_up(document: Document) -> None:
    values = [row[1].value for row in table(document, "loadings").rows if isinstance(row[1], Number)]
    pure, cost, even, more, needed, present, gap = (value or 0.0 for value in values)
    assert pure + cost == pytest.approx(even)
    assert even + more == pytest.approx(needed)
    assert gap == pytest.approx(present - even)


def test_the_premium_rises_with_how_surely_it_suffices(document: Document) -> None:
    values = [row[1].value for row in table(document, "surely").rows if isinstance(row[1], Number)]
    assert values == sorted(values, key=lambda value: value or 0.0)


def test_a_stress_test_has_its_table_and_its_tornado(document: Document, stressed: StressTest) -> None:
    shown = table(document, "stress-1")
    assert len(shown.rows) == 1 + 2 * len(stressed.tests)
    bar = stressed.bars()[0]
    assert isinstance(shown.rows[1][1], Number)
    assert shown.rows[1][1].value is not None
    assert bar.down.mean is not None
    ratio = bar.down.mean / shown.rows[1][1].value
    assert ratio == pytest.approx(10 ** round(np.log10(ratio)))  # the unit of the fund, whichever it is
    text = said(document, "zh")
    assert "不是概率区间" in text
    assert "影响最大的是“次均费用”" in text
    assert "本报告未测算的敏感性" in text  # other deductibles were not asked for here


@pytest.mark.filterwarnings("error")
def test_the_stress_picture_has_its_glyphs_and_its_language(document: Document) -> None:
    (picture,) = (each for each in document.pictures() if each.id == "stress-1")
    for lang in LANGUAGES:
        figure = picture.draw(lang)
        figure.canvas.draw()
        assert bool(re.search(r"[一-鿿]", figure.axes[0].get_xlabel())) == (lang == "zh")


def test_every_shipped_kind_of_scheme_has_a_tornado() -> None:
    uncertain = fs.load(SCENARIOS / "province-2014-term.yaml")
    kinds = {type(each).__name__ for each in sensitivities(uncertain, 4, seed=3, years=1)}
    assert "Tornado" in kinds
    certain = fs.load(SCENARIOS / "yutian-2021.yaml")
    kinds = {type(each).__name__ for each in sensitivities(certain, 4, seed=3)}
    assert "StressTest" in kinds


def test_the_term_is_told_year_by_year_and_in_sum(document: Document, results: tuple[fs.Results, ...]) -> None:
    base, shown = results[0], table(document, "term-total")
    found = {row[0].zh: row[2] for row in shown.rows if not isinstance(row[0], Number)}
    claims = found["赔付支出"]
    assert isinstance(claims, Number)
    assert claims.value is not None
    total = base.totals["claims_paid"].mean()
    assert total / claims.value == pytest.approx(10 ** round(np.log10(total / claims.value)))
    (sentences,) = (block for block in section(document, "term").blocks if isinstance(block, Listing))
    assert len(sentences.items) == YEARS + 1
    assert f"第{YEARS}年" in sentences.items[-2].zh
    assert "保本筹资标准" in [row[0].zh for row in table(document, "years").rows if not isinstance(row[0], Number)]


def test_cash_of_a_year_adds_up_to_the_insurers_result(results: tuple[fs.Results, ...]) -> None:
    for results_of_one in (results[0], fs.simulate(fs.load(SCENARIOS / "province-2014-term.yaml"), n=6, seed=1)):
        for number in range(1, results_of_one.n_years + 1):
            year = results_of_one.year(number)
            flows = _flows(year)
            assert np.array_equal(sum(flows.values()), year.totals["insurer_result"])
    other = next(total for name, total in _flows(results[0].year(1)).items() if name.zh == "其他")
    assert not other.any()  # nothing is carried or late in this contract: the named flows are all there is


def test_one_year_of_a_longer_contract_says_so_with_the_command(scheme: fs.Scenario) -> None:
    one = measurement_report(fs.simulate(scheme, n=5, seed=3))
    assert "合同约定合作期限3年，本报告只测算了一个年度" in said(one, "zh")
    assert re.search(r"fundsim run \S+ --years 3", said(one, "en"))
    yearly = measurement_report(fs.simulate(scheme.replace({"contract.term": "1 years"}), n=5, seed=3))
    assert "term" not in [each.id for each in yearly.sections]


def test_each_design_is_told_in_a_sentence(document: Document, results: tuple[fs.Results, ...]) -> None:
    (sentences,) = (block for block in section(document, "designs").blocks if isinstance(block, Listing))
    assert sentences.items[0].zh.startswith("“起付线10000元”：测算筹资标准降低")
    alike = measurement_report([results[0], replace(results[0])])
    (sentences,) = (block for block in section(alike, "designs").blocks if isinstance(block, Listing))
    assert "未超出误差，对患者的赔付也不能区分" in sentences.items[0].zh


def test_no_figure_is_written_with_a_power_of_ten(document: Document) -> None:
    for each in document.tables():
        if each.id == "origin":
            continue
        for cell in (cell for row in each.rows for cell in row if isinstance(cell, Number)):
            assert not re.search(r"\de[-+]\d", cell.text), (each.id, cell)
    text = said(document, "en") + said(document, "zh")
    assert not re.search(r"\d\.\d+e-\d", text)


def test_a_contract_that_leaves_all_surplus_to_the_insurer_is_told_by_the_pure_premium(scheme: fs.Scenario) -> None:
    """It says nothing of what claims need; the report neither fails nor shows a figure for it."""
    keeps = scheme.replace({"contract.allowance": "100%"})
    results = fs.simulate_designs([keeps, keeps.replace({"payers.cii.deductible": "8000 yuan"})], n=8, seed=3)
    told = measurement_report(results, sensitivities(keeps, 3, seed=3))
    text = said(told, "zh")
    assert "纯保费（人均）降低" in text
    assert "测算筹资标准" not in text
    assert len(table(told, "loadings").rows) == 5
    assert np.isnan(designs_frame(results)["p_loss_at_needed"].astype(float)).all()
    assert side_by_side(results).rows[0][-1] == "–"


def test_every_article_and_source_of_the_file_is_listed(document: Document) -> None:
    rows = [[cell.zh for cell in row if isinstance(cell, Words)] for row in table(document, "sources").rows]
    assert ["方案", "《钦州市城乡居民大病保险管理暂行办法》", "source"] in rows
    assert ["城乡居民大病保险 · 省外转诊", "第九条", "payers.cii.variants[2]"] in rows
    assert [row[1][:3] for row in rows if row[2] == "claims"] == [
        "《广西"
    ]  # the source of the claims file that is used
    written = QINZHOU.read_text(encoding="utf-8").count("clause: 第")
    assert sum(row[1].startswith("第") for row in rows) == written - 1  # one stands in a design
