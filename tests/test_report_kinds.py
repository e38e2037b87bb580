"""Reports of tenders and comparisons: every figure in every format, both languages, and what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

import fundsim as fs
from conftest import SCENARIOS
from fundsim.cli import main
from fundsim.cli.common import BAD_INPUT, DONE
from fundsim.comparison import Comparison
from fundsim.pricing.lanes import ContractLane
from fundsim.report.comparison_report import JUDGED, comparison_report
from fundsim.report.document import LANGUAGES, Document
from fundsim.report.document.model import Listing, Number
from fundsim.report.publish import is_tender, publish, report
from fundsim.report.tender_report import tender_report
from fundsim.report.writers import ReportError
from fundsim.tendering import TenderResult
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
        for path in publish(document, tmp_path, LANGUAGES, ("html", "pdf", "docx", "xlsx")):
            if path.suffix == ".xlsx":
                continue
            text = plain(READ[path.suffix[1:]](path))
            for cell in (c for table in document.tables() for row in table.rows for c in row if isinstance(c, Number)):
                assert plain(cell.text) in text, (path.name, cell)


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
            assert bool(re.search(r"[一-鿿]", figure.axes[0].get_xlabel())) == (lang == "zh")


def test_the_tender_report_has_the_figures_of_the_tender(tender: TenderResult) -> None:
    tables = {table.id: table for table in tender_report(tender).tables()}
    for row, bid in zip(tables["outcomes"].rows, tender.bids, strict=True):
        values = [cell.value for cell in row if isinstance(cell, Number)]
        assert values[0] == pytest.approx(bid.result.value / 1e3)
        assert values[3] == pytest.approx(100 * bid.loss.p)
    assert len(tables["pairs"].rows) == 3
    text = " ".join(tender_report(tender).texts("zh"))
    below = [bid.bid.name for bid in tender.bids if bid.premium < getattr(bid.break_even, "value", 0)]
    assert (f"{'、'.join(below)}的报价低于保本价" in text) == bool(below)
    assert "有效投标不足三家" not in text


def test_a_comparison_says_who_gains_only_beyond_error(comparison: Comparison) -> None:
    listings = [block for block in comparison_report(comparison).sections[0].blocks if isinstance(block, Listing)]
    for place, listing in enumerate(listings, start=1):
        for item, name in zip(listing.items, JUDGED, strict=True):
            apart = comparison.difference(name, place)
            assert ("未超出误差" in item.zh) == (not apart.clear), item
            assert not apart.clear or ("受益" in item.zh) == ((apart.mean or 0) > 0)
    said = " ".join(item.zh for listing in listings for item in listing.items)
    assert "受益" in said  # so that this test sees each sentence
    assert "受损" in said
    assert "未超出误差" in said


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
