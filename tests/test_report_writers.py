"""What each format owes to those who open it: structure, fonts, what is repeated, what is kept together."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import docx
import openpyxl
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader
from pypdf.generic import IndirectObject

import fundsim as fs
from fundsim.report.document import LANGUAGES, Document, measurement_report
from fundsim.report.document.model import Column, Number, Table
from fundsim.report.document.words import Words, same
from fundsim.report.publish import publish
from fundsim.report.writers.columns import breakable, fits

QINZHOU = Path(__file__).parent.parent / "scenarios" / "qinzhou-2017.yaml"


@pytest.fixture(scope="module")
def document() -> Document:
    return measurement_report(fs.simulate(fs.load(QINZHOU), n=30, seed=3))


@pytest.fixture(scope="module")
def written(document: Document, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    paths = publish(document, tmp_path_factory.mktemp("written"), LANGUAGES, ("html", "pdf", "xlsx", "docx"))
    return {path.name.removeprefix("qinzhou-2017-"): path for path in paths}


def test_tables_and_figures_have_ids_of_their_own(document: Document) -> None:
    tables = [table.id for table in document.tables()]
    pictures = [picture.id for picture in document.pictures()]
    assert len(tables) == len(set(tables))
    assert len(pictures) == len(set(pictures))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pdf_is_tagged_titled_and_has_its_fonts(document: Document, written: dict[str, Path], lang: str) -> None:
    reader = PdfReader(written[f"{lang}.pdf"])
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert str(root["/Lang"]).startswith(lang)
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert "2017" in (reader.metadata.title or "")
    assert len(reader.outline) == len(document.sections)
    fonts = [font for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        (inner,) = _plain(font)["/DescendantFonts"]
        descriptor = _plain(_plain(inner)["/FontDescriptor"])
        assert {"/FontFile2", "/FontFile3"} & set(descriptor)
    pages = len(reader.pages)
    assert all(f"{n}/{pages}" in re.sub(r"\s", "", page.extract_text()) for n, page in enumerate(reader.pages, start=1))


def _plain(found: object) -> dict:  # type: ignore[type-arg]
    return found.get_object() if isinstance(found, IndirectObject) else found  # type: ignore[return-value]


def test_word_has_styles_contents_repeated_heads_and_kept_captions(
    document: Document, written: dict[str, Path]
) -> None:
    word = docx.Document(str(written["zh.docx"]))
    used = {paragraph.style.name for paragraph in word.paragraphs if paragraph.style is not None}
    assert {"Title", "Subtitle", "Heading 1", "Caption", "Finding", "Warning", "List Bullet"} <= used
    xml = word.element.xml
    assert xml.count("TOC \\o") == 1
    assert xml.count('w:fldCharType="begin"') == xml.count('w:fldCharType="end"')
    assert len(word.tables) == len(list(document.tables()))
    page = word.sections[0]
    room = page.page_width - page.left_margin - page.right_margin
    for table in word.tables:
        heads = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in table.rows]
        assert heads == [True] + [False] * (len(heads) - 1)
        assert all(row._tr.trPr.find(qn("w:cantSplit")) is not None for row in table.rows)
        assert sum(cell.width for cell in table.rows[0].cells) <= room + 9000  # a quarter of a millimetre
    captions = [each for each in word.paragraphs if each.style is not None and each.style.name == "Caption"]
    assert [each.paragraph_format.keep_with_next for each in captions if each.text.startswith("表")] == [True] * len(
        word.tables
    )
    described = [shape._inline.docPr.get("descr") for shape in word.inline_shapes]
    assert len(described) == len(list(document.pictures()))
    assert all(described)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_style_that_word_uses_names_a_chinese_font(written: dict[str, Path], lang: str) -> None:
    word = docx.Document(str(written[f"{lang}.docx"]))
    for name in {paragraph.style.name for paragraph in word.paragraphs if paragraph.style is not None}:
        fonts = word.styles[name].element.rPr.rFonts
        assert fonts.get(qn("w:eastAsia")) == "Microsoft YaHei", name
        assert fonts.get(qn("w:eastAsiaTheme")) is None, name
    assert word.core_properties.title
    assert word.core_properties.language == {"zh": "zh-CN", "en": "en"}[lang]
    with zipfile.ZipFile(written[f"{lang}.docx"]) as package:
        assert 'w:eastAsia="zh-CN"' in package.read("word/styles.xml").decode()


def test_sheets_print_on_one_page_across_and_hold_their_texts(written: dict[str, Path]) -> None:
    book = openpyxl.load_workbook(written["zh.xlsx"])
    for sheet in book:
        assert sheet.page_setup.orientation == "landscape", sheet.title
        assert sheet.sheet_properties.pageSetUpPr.fitToPage, sheet.title
        assert sheet.page_setup.fitToHeight == 0, sheet.title
    assumed = book["5 模型与假设"]
    wide = {n: each.width for each in assumed.column_dimensions.values() for n in range(each.min, each.max + 1)}
    for row in assumed.iter_rows():
        for cell in row:
            if isinstance(cell.value, str) and cell.alignment.wrap_text and cell.coordinate not in assumed.merged_cells:
                letters = sum(2 if ord(character) > 0x2E7F else 1 for character in cell.value)
                high = assumed.row_dimensions[cell.row].height or 15
                assert letters <= wide[cell.column] * high / 15, cell.coordinate
    assert book["各次模拟的合计"].freeze_panes == "B3"
    assert book["各次模拟的合计"].auto_filter.ref


def test_columns_share_the_width_by_what_they_hold() -> None:
    heads = (Words("条款", "term"), Words("理由", "why"), Words("单位", "unit"), Words("均值", "mean"))
    columns = tuple(Column(head, numeric=place == 3) for place, head in enumerate(heads))
    row = (same("short name"), same("a long reason " * 9), same("yuan"), Number(12345.6, "12,345.6"))
    term, why, unit, mean = fits(Table("t", same("t"), columns, (row,)), "en")
    assert why.weight > 2 * term.weight > 0
    assert unit.weight == mean.weight == 0
    assert mean.needed == len("12,345.6")
    (alone,) = fits(Table("t", same("t"), columns[3:], (row[3:],)), "en")
    assert alone.weight == 1


def test_only_names_are_broken() -> None:
    assert breakable("payers.basic.variants[0].pay") == "payers.\u200bbasic.\u200bvariants\u200b[0].\u200bpay"
    assert breakable("甲类54.3944%、乙类34.2484%") == "甲类54.3944%、乙类34.2484%"
    assert breakable("66,000.50 yuan") == "66,000.50 yuan"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_read_by_keyboard_and_says_its_language(written: dict[str, Path], lang: str) -> None:
    page = written[f"{lang}.html"].read_text(encoding="utf-8")
    assert f'<html lang="{"zh-Hans" if lang == "zh" else "en"}">' in page
    heads = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page)
    assert heads
    assert all(head.startswith('<span role="button" tabindex="0"') for head in heads)
    assert "@media print" in page
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", page)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
