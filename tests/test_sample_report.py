"""The committed sample reports say what a fresh run with the same seed says, up to rounding, and are small."""

from __future__ import annotations

from pathlib import Path

import pytest

import sample_report
from fundsim.report.document import LANGUAGES, Document
from fundsim.report.document.model import Number
from sample_report import REPORTS, outdated, sample
from test_reports import plain, read_pdf

SMALL = 1_000_000


@pytest.fixture(scope="module")
def document() -> Document:
    return sample()


def page(lang: str) -> str:
    return (REPORTS / f"qinzhou-2017-{lang}.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sample_is_current_up_to_rounding(document: Document, lang: str) -> None:
    assert outdated(document, page(lang), "zh" if lang == "zh" else "en") == []


def test_an_outdated_number_is_noticed(document: Document) -> None:
    (table,) = [table for table in document.tables() if table.id == "premium-parts"]
    cell = table.rows[0][1]
    assert isinstance(cell, Number)
    wrong = page("en").replace(f">{cell.text}<", ">31.41<", 1)
    assert any("31.41" in line for line in outdated(document, wrong, "en"))
    assert outdated(document, page("en").replace("</tbody>", "", 1), "en")


def test_the_pdf_has_the_numbers_of_the_page(document: Document) -> None:
    for lang in LANGUAGES:
        text = plain(read_pdf(REPORTS / f"qinzhou-2017-{lang}.pdf"))
        (table,) = [table for table in document.tables() if table.id == "probabilities"]
        for cell in (cell for row in table.rows for cell in row if isinstance(cell, Number)):
            assert plain(cell.text) in text


def test_the_files_are_small_and_name_no_folder_of_whoever_made_them() -> None:
    for lang in LANGUAGES:
        for form in sample_report.FORMATS:
            assert (REPORTS / f"qinzhou-2017-{lang}.{form}").stat().st_size < SMALL
        assert f"fundsim run {sample_report.SCHEME} " in page(lang)
        assert str(Path.home()) not in page(lang)
