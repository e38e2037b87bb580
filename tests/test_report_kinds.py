"""Reports of tenders and comparisons: every figure in every format, both languages, and what they say."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

import fundsim as fs
from conftest import SCENARIOS
from fundsim.cli import main
from fundsim.cli.common import BAD_INPUT, DONE
from fundsim.comparison import Comparison
from fundsim.pricing.lanes import ContractLane
from fundsim.report.compared import codes
from fundsim.report.comparison_report import comparison_report
from fundsim.report.comparison_sections.purpose import GAIN, JUDGED, LOSE
from fundsim.report.document import LANGUAGES, Document
from fundsim.report.document.model import Number, Table
from fundsim.report.document.words import Words
from fundsim.report.evaluation import outcome_of
from fundsim.report.publish import is_tender, publish, report
from fundsim.report.tender_report import tender_report
from fundsim.report.writers import ReportError
from fundsim.runs import read_arrays, write_arrays
from fundsim.tendering import Figure, NoPrice, Pair, TenderResult
from test_reports import QINZHOU, READ, plain
from test_tender import write

BIDS = {"low": "70", "mid": "110", "high": "160"}


@pytest.fixture(scope="module")
def tender(tmp_path_factory: pytest.TempPathFactory) -> TenderResult:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ContractLane, "points", 9)
        return fs.tender(write(tmp_path_factory.mktemp("tender"), BIDS), n=100)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return fs.compare([fs.load(QINZHOU)], n=30, seed=3)


@pytest.fixture(scope="module")
def documents(tender: TenderResult, comparison: Comparison) -> tuple[Document, ...]:
    return tender_report(tender), comparison_report(comparison)


def test_every_number_stands_in_every_format(documents: tuple[Document, ...], tmp_path: Path) -> None:
    for document in documents:
        for lang in LANGUAGES:
            told = document.in_language(lang)
            numbers = [c for table in told.tables() for row in table.rows for c in row if isinstance(c, Number)]
            for path in publish(document, tmp_path, [lang], ("html", "pdf", "docx", "xlsx")):
                if path.suffix != ".xlsx":
                    text = plain(READ[path.suffix[1:]](path))
                    assert [cell for cell in numbers if plain(cell.text) not in text] == [], path.name


def test_texts_are_in_the_language_of_the_report(documents: tuple[Document, ...]) -> None:
    for document in documents:
        for section in document.sections:
            assert not re.search(r"[一-鿿]", section.title.en)
            assert re.search(r"[一-鿿]", section.title.zh)
        for table in document.tables():
            assert not any(re.search(r"[一-鿿]", column.head.en) for column in table.columns), table.id


@pytest.mark.filterwarnings("error")
def test_figures_have_their_glyphs(documents: tuple[Document, ...]) -> None:
    pictures = [picture for document in documents for picture in document.pictures()]
    assert [picture.id for picture in pictures] == ["bids", "differences"]
    for picture in pictures:
        for lang in LANGUAGES:
            figure = picture.draw(lang)
            figure.canvas.draw()
            label = figure.axes[0].get_xlabel() or figure.axes[0].get_title(loc="left")
            assert bool(re.search(r"[一-鿿]", label)) == (lang == "zh")


def test_amounts_are_in_the_unit_of_the_language(documents: tuple[Document, ...]) -> None:
    for document in documents:
        heads = {lang: " ".join(document.in_language(lang).texts(lang)) for lang in LANGUAGES}
        assert "万元" in heads["zh"]
        assert "百万元" not in heads["zh"]
        assert re.search(r"(million|thousand) yuan", heads["en"])


def test_the_tender_report_has_the_figures_of_the_tender(tender: TenderResult) -> None:
    tables = {table.id: table for table in tender_report(tender).tables()}
    for row, bid in zip(tables["insurer"].rows, tender.bids, strict=True):
        values = [cell.value for cell in row if isinstance(cell, Number)]
        assert values[0] == pytest.approx(bid.result.value / 1e4)
        assert values[3] == pytest.approx(100 * bid.loss.p)
    assert [row[-1].text for row in tables["scores"].rows if isinstance(row[-1], Number)] == ["1", "2", "3"]
    assert len(tables["pairs"].rows) == 3
    text = " ".join(tender_report(tender).texts("zh"))
    assert "有效投标不足三家" not in text
    assert "求不出" not in text


def test_what_is_said_of_bids_follows_their_results(tender: TenderResult) -> None:
    """The low bid loses on average, the high one gains, and the highest score is recommended with its risk."""
    low, _, high = tender.bids
    assert (outcome_of(low), outcome_of(high)) == ("loses", "gains")
    said = " ".join(tender_report(tender).texts("zh"))
    assert "low、mid：公司在合同期内扣除实际费用后按均值亏损" in said
    assert "low、mid的报价低于其保本价，且差额超出抽样误差" in said
    assert "建议评标委员会要求low书面说明报价的合理性" in said
    assert "low综合得分最高" in said
    assert f"亏损概率为{100 * low.loss.p:.0f}%" in said
    assert "最高限价" not in said.partition("固定事项")[0]


def test_a_maximum_price_below_every_break_even_is_told(tender: TenderResult) -> None:
    item = tender.tender.terms.open["contract.premium"].model_copy(update={"ceiling": "51 yuan/person"})
    terms = tender.tender.terms.model_copy(update={"open": {"contract.premium": item}})
    capped = replace(tender, tender=replace(tender.tender, terms=terms))
    assert "最高限价51元/人低于全部投标人的保本价" in " ".join(tender_report(capped).texts("zh"))


def test_why_there_is_no_price_is_told_in_the_language_of_the_report(tender: TenderResult) -> None:
    none = NoPrice("P(loss) <= 1% holds nowhere", "均不满足该要求")
    bids = tuple(replace(each, walk_away=none) for each in tender.bids)
    document = tender_report(replace(tender, bids=bids))
    for lang, text in (("zh", none.zh), ("en", none.en)):
        assert text in " ".join(document.texts(lang))
    assert none.en not in " ".join(document.texts("zh"))


def test_bids_that_do_not_differ_are_said_to_be_equal(tender: TenderResult) -> None:
    nothing = Figure(0.0, 0.0, 0.0)
    pairs = tuple(Pair(p.first, p.second, nothing, nothing, 0.01, 0.02) for p in tender.pairs)
    assert "并无重大差异" in " ".join(tender_report(replace(tender, pairs=pairs)).texts("zh"))


def test_the_command_of_a_tender_makes_its_figures_again(tender: TenderResult) -> None:
    assert tender_report(tender).origin.command == f"fundsim tender tender.yaml -n 100 --seed {tender.seed}"


def test_a_comparison_says_who_gains_only_beyond_error(comparison: Comparison) -> None:
    (table,) = (table for table in comparison_report(comparison).tables() if table.id == "who-gains")
    said = []
    for place, row in enumerate(table.rows, start=1):
        for verdict, name in zip(row[2::2], JUDGED, strict=True):
            apart = comparison.difference(name, place)
            assert isinstance(verdict, Words)
            assert (verdict in (GAIN, LOSE)) == apart.clear
            assert verdict != GAIN or (apart.mean or 0) > 0
            said.append(verdict)
    assert {GAIN, LOSE} <= set(said)  # so that this test sees both


def test_ten_designs_stay_within_a_page(comparison: Comparison) -> None:
    """Designs stand in rows, however many there are; no table has more columns than a page takes."""
    assert max(len(table.columns) for table in comparison_report(comparison).tables()) <= 9
    assert [codes(places).zh for places in ([0, 1, 2, 3], [0, 2], [1, 2, 4, 5, 6])] == [
        "基准、方案1至3", "基准、方案2", "方案1、方案2、方案4至6",
    ]  # fmt: skip


def test_a_design_of_python_is_made_again_by_its_code(tmp_path: Path) -> None:
    base = fs.load(QINZHOU)
    designs = [base, base.replace({"payers.cii.deductible": "7000 yuan"})]
    found = fs.compare(designs, n=10, seed=3)
    code = comparison_report(found).origin.command
    assert code.startswith("import fundsim as fs; ")
    monkey: dict[str, object] = {}
    exec(code.replace('"qinzhou-2017.yaml"', repr(str(QINZHOU))).replace("fs.compare", "again = fs.compare"), monkey)
    again = monkey["again"]
    assert isinstance(again, Comparison)
    assert again.difference("claims_paid", 1) == found.difference("claims_paid", 1)
    title = comparison_report(found).sections[0].blocks[1]
    assert isinstance(title, Table)
    assert "起付线：7,000元" in title.rows[1][1].told("zh")


def test_designs_of_files_are_made_again_by_the_command(comparison: Comparison) -> None:
    assert comparison_report(comparison).origin.command == "fundsim compare qinzhou-2017.yaml -n 30 --years 1 --seed 3"


def test_several_runs_or_files_are_compared(tmp_path: Path) -> None:
    runner = CliRunner()
    for name, value in (("one", "6000 yuan"), ("two", "8000 yuan")):
        scenario = fs.load(QINZHOU).replace({"payers.cii.deductible": value})
        fs.simulate(scenario, n=20, out=tmp_path / name)
    folders = [str(tmp_path / name) for name in ("one", "two")]
    out = tmp_path / "out"
    done = runner.invoke(main, ["report", *folders, "--to", "html", "--lang", "zh", "--out", str(out)])
    assert done.exit_code == DONE, done.output
    (written,) = out.iterdir()
    assert "方案比较报告" in written.read_text(encoding="utf-8")
    files = [str(QINZHOU), str(SCENARIOS / "quzhou-2019.yaml")]
    for arguments in ([folders[0], files[0]], [*folders, "-n", "10"], [*files, "--sensitivity"], folders[:1] * 2):
        refused = runner.invoke(main, ["report", *arguments, "--out", str(tmp_path / "none")])
        assert refused.exit_code == BAD_INPUT, arguments
    assert not (tmp_path / "none").exists()


def test_the_command_tells_a_tender_from_a_scheme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ContractLane, "points", 9)
    file = write(tmp_path, BIDS)
    assert is_tender(file)
    assert is_tender(SCENARIOS / "tenders" / "dazhou-2020.yaml")
    assert not is_tender(QINZHOU)
    done = CliRunner().invoke(main, ["report", str(file), "--to", "html", "--lang", "zh", "--out", str(tmp_path / "o")])
    assert done.exit_code == DONE, done.output
    assert [path.name for path in (tmp_path / "o").iterdir()] == ["tender-zh.html"]
    refused = CliRunner().invoke(main, ["report", str(file), "--sensitivity"])
    assert refused.exit_code == BAD_INPUT


def test_sensitivities_are_refused_where_they_have_no_place(comparison: Comparison, tmp_path: Path) -> None:
    swept = fs.sweep(fs.load(QINZHOU), "payers.cii.deductible", ["7000 yuan"], n=5)
    with pytest.raises(ReportError, match="belong to the report of one scheme"):
        report(comparison, tmp_path, sensitivity=swept)


# --- runs that cannot be reported on ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "saved"
    fs.simulate(fs.load(QINZHOU), n=10, out=folder)
    return folder


def _cut(folder: Path) -> None:
    file = folder / "replications.npz"
    file.write_bytes(file.read_bytes()[:2000])


def _without(folder: Path, name: str) -> None:
    file = folder / "replications.npz"
    write_arrays(file, {key: values for key, values in read_arrays(file).items() if key != name})


def _stating(folder: Path, **changes: object) -> None:
    """Change the manifest; None takes a key out."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    kept = {key: value for key, value in (manifest | changes).items() if changes.get(key, "") is not None}
    (folder / "manifest.json").write_text(json.dumps(kept), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda folder: (folder / "manifest.json").unlink(), "not a run folder, there is no manifest.json"),
        (lambda folder: (folder / "manifest.json").write_text('{"format": 1,', encoding="utf-8"), "damaged"),
        (lambda folder: (folder / "replications.npz").unlink(), "is missing from the run"),
        (_cut, "cut short, or no npz file"),
        (lambda folder: (folder / "replications.npz").write_bytes(b"hello"), "cut short, or no npz file"),
        (lambda folder: _without(folder, "total/insurer_result"), "lacks total/insurer_result"),
        (lambda folder: _stating(folder, replications=99), "holds 10 replications, the manifest says 99"),
        (lambda folder: _stating(folder, format=0, fundsim="0.0.9"), "written by fundsim 0.0.9, in a format"),
        (lambda folder: _stating(folder, document=None, seed=None), "lacks document, seed"),
        (lambda folder: _stating(folder, document="fundsim: 1\nid: x\n"), "does not read the scheme in manifest.json"),
        (lambda folder: _stating(folder, fingerprint="0" * 64), "does not match its fingerprint"),
    ],
)
def test_a_damaged_or_older_run_is_refused_in_one_clear_line(
    saved: Path, tmp_path: Path, damage: Callable[[Path], object], told: str
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(saved, folder)
    damage(folder)
    done = CliRunner().invoke(main, ["report", str(folder), "--out", str(tmp_path / "out")])
    assert done.exit_code == BAD_INPUT, done.output
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("part", ["manifest.json", "replications.npz"])
def test_a_part_of_a_run_is_answered_with_the_name_of_its_folder(saved: Path, part: str) -> None:
    done = CliRunner().invoke(main, ["report", str(saved / part)])
    assert done.exit_code == BAD_INPUT
    assert f"name its folder, {saved}" in done.stderr
