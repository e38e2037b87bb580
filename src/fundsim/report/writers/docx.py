"""Word: editable, with the styles of Word's own headings, lists and tables."""

from __future__ import annotations

import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from fundsim.report.document.model import KEY_POINTS, Block, Document, Listing, Number, Paragraph, Picture, Table
from fundsim.report.document.origin import origin_line
from fundsim.report.document.words import Lang, Words
from fundsim.report.writers.columns import breakable, fits
from fundsim.report.writers.images import png

EAST_ASIAN = "Microsoft YaHei"
LATIN = "Calibri"
CREATED = datetime(2000, 1, 1)
"""A fixed date, so that the same report has the same bytes."""
IN_ZIP = (2000, 1, 1, 0, 0, 0)
TABLE, FIGURE, CONTENTS = Words("表", "Table"), Words("图", "Figure"), Words("目录", "Contents")
STYLES = {"text": "Normal", "finding": "Finding", "warning": "Warning"}
TEXT_WIDTH, PADDING, LETTER = 16.6, 0.5, 0.18
"""Centimetres of a line, of what a cell leaves empty at its sides, and of a letter of its type."""


def write(document: Document, lang: Lang, path: Path) -> None:
    """Write a report as a Word document."""
    word = docx.Document()
    _prepare(word, document, lang)
    word.add_heading(document.title.told(lang), level=0)
    word.add_paragraph(document.subtitle.told(lang), style="Subtitle")
    word.add_paragraph(origin_line(document.origin, lang))
    if document.highlights:
        word.add_paragraph().add_run(KEY_POINTS.told(lang)).bold = True
        for point in document.points(lang):
            word.add_paragraph(point, style="List Bullet")
    _contents(word, document, lang)
    counters = {"table": 0, "figure": 0}
    for number, section in enumerate(document.sections, start=1):
        word.add_heading(f"{number} {section.title.told(lang)}", level=1)
        for block in section.blocks:
            _block(word, block, lang, counters)
    buffer = BytesIO()
    word.save(buffer)
    path.write_bytes(_with_fixed_dates(buffer))


def _prepare(word: Any, document: Document, lang: Lang) -> None:
    """Page, styles with fonts of both scripts, and the properties of the file."""
    page = word.sections[0]
    page.page_width, page.page_height = Cm(21.0), Cm(29.7)
    page.left_margin = page.right_margin = Cm((21.0 - TEXT_WIDTH) / 2)
    for name, colour, fill in (("Finding", "0072B2", "F3F3F3"), ("Warning", "B34700", "FDF3EC")):
        _framed(word.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH), word.styles["Normal"], colour, fill)
    word.styles["Finding"].font.bold = True
    for name in ("Normal", "Title", "Subtitle", "Heading 1", "Caption", "List Bullet", "Finding", "Warning"):
        style = word.styles[name]
        style.font.name = LATIN
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        fonts.set(qn("w:eastAsia"), EAST_ASIAN)
    word.styles["Normal"].font.size = Pt(10)
    language = word.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}")
    language.set(qn("w:val"), "en-GB")
    language.set(qn("w:eastAsia"), "zh-CN")
    facts = word.core_properties
    facts.title, facts.author, facts.language = document.title.told(lang), "fundsim", "zh-CN" if lang == "zh" else "en"
    facts.subject = document.subtitle.told(lang)
    facts.comments, facts.created, facts.modified = document.origin.fingerprint, CREATED, CREATED
    _page_number(page.footer.paragraphs[0])


def _framed(style: Any, base: Any, colour: str, fill: str) -> None:
    """A paragraph with a line at its left, on a ground of its own."""
    style.base_style = base
    properties = style.element.get_or_add_pPr()
    border, line, ground = (OxmlElement(f"w:{name}") for name in ("pBdr", "left", "shd"))
    for name, value in (("val", "single"), ("sz", "18"), ("space", "6"), ("color", colour)):
        line.set(qn(f"w:{name}"), value)
    border.append(line)
    ground.set(qn("w:val"), "clear")
    ground.set(qn("w:fill"), fill)
    properties.append(border)
    properties.append(ground)


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _field(paragraph.add_run(), "PAGE")


def _field(run: Any, code: str, *, result: bool = False) -> None:
    """A field that Word computes; with a result, what follows is shown until it does, up to ``_end``."""
    marks = [("begin", None), (None, code), ("separate" if result else "end", None)]
    for kind, text in marks:
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.set(qn("xml:space"), "preserve")
            element.text = text
        run._r.append(element)


def _end(run: Any) -> None:
    element = OxmlElement("w:fldChar")
    element.set(qn("w:fldCharType"), "end")
    run._r.append(element)


def _contents(word: Any, document: Document, lang: Lang) -> None:
    """The contents as a field, which shows the headings until Word is asked to update it with page numbers."""
    word.add_paragraph(style="Subtitle").add_run(CONTENTS.told(lang))
    for number, section in enumerate(document.sections, start=1):
        paragraph = word.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(2)
        if number == 1:
            _field(paragraph.add_run(), r' TOC \o "1-1" \h \z \u ', result=True)
        run = paragraph.add_run(f"{number} {section.title.told(lang)}")
        if number == len(document.sections):
            _end(run)


def _block(word: Any, block: Block, lang: Lang, counters: dict[str, int]) -> None:
    if isinstance(block, Paragraph):
        word.add_paragraph(block.words.told(lang), style=STYLES[block.kind])
    elif isinstance(block, Listing):
        for item in block.items:
            word.add_paragraph(item.told(lang), style="List Bullet")
    elif isinstance(block, Table):
        counters["table"] += 1
        caption = f"{TABLE.told(lang)} {counters['table']} {block.title.told(lang)}"
        word.add_paragraph(caption, style="Caption").paragraph_format.keep_with_next = True
        _table(word, block, lang)
    elif isinstance(block, Picture):
        counters["figure"] += 1
        shown = word.add_picture(BytesIO(png(block, lang)), width=Cm(TEXT_WIDTH))
        shown._inline.docPr.set("descr", block.alt.told(lang))
        word.paragraphs[-1].paragraph_format.keep_with_next = True
        word.add_paragraph(f"{FIGURE.told(lang)} {counters['figure']} {block.title.told(lang)}", style="Caption")
    else:
        for line in block.lines:
            word.add_paragraph(f"{line.told(lang)}{'：' if lang == 'zh' else ': '}{'_' * 30}")


def _table(word: Any, table: Table, lang: Lang) -> None:
    grid = word.add_table(rows=1 + len(table.rows), cols=len(table.columns), style="Light Shading")
    grid.autofit = False
    _ruled(grid._tbl.tblPr)
    widths = [Cm(each) for each in _widths(table, lang)]
    for column, wide in zip(grid.columns, widths, strict=True):
        column.width = wide
    heads = [column.head.told(lang) for column in table.columns]
    shown = [
        [each.text.replace("-", "−") if isinstance(each, Number) else breakable(each.told(lang)) for each in row]
        for row in table.rows
    ]
    for number, (row, texts) in enumerate(zip(grid.rows, [heads, *shown], strict=True)):
        _kept(row, head=number == 0)
        summed = table.summed and number == len(shown)
        for cell, text, column, wide in zip(row.cells, texts, table.columns, widths, strict=True):
            cell.width = wide
            _fill(cell, text, right=column.numeric, bold=number == 0 or summed)
    for note in table.notes:
        word.add_paragraph(note.told(lang)).runs[0].italic = True
    word.add_paragraph()


def _ruled(properties: Any) -> None:
    """Thin lines between rows instead of grey bands, which print badly; no bold first column."""
    look = properties.find(qn("w:tblLook"))
    for name, value in (("val", "0620"), ("firstColumn", "0"), ("lastColumn", "0"), ("noHBand", "1"), ("noVBand", "1")):
        look.set(qn(f"w:{name}"), value)
    borders, line = OxmlElement("w:tblBorders"), OxmlElement("w:insideH")
    for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "BFBFBF")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    properties.find(qn("w:tblLayout")).addprevious(borders)  # where the schema wants it


def _kept(row: Any, *, head: bool) -> None:
    """A row that no page break divides; the head is repeated on every page."""
    properties = row._tr.get_or_add_trPr()
    for name in ("cantSplit", *(("tblHeader",) if head else ())):
        element = OxmlElement(f"w:{name}")
        element.set(qn("w:val"), "true")
        properties.append(element)


def _widths(table: Table, lang: Lang) -> list[float]:
    """Widths in cm: what numbers and short words need, and the rest by how much text a column holds."""
    columns = fits(table, lang)
    needed = [0.0 if fit.weight else PADDING + LETTER * fit.needed for fit in columns]
    shared, rest = sum(fit.weight for fit in columns), max(TEXT_WIDTH - sum(needed), TEXT_WIDTH / 4)
    widths = [own or rest * fit.weight / shared for own, fit in zip(needed, columns, strict=True)]
    return [each * min(1.0, TEXT_WIDTH / sum(widths)) for each in widths]


def _fill(cell: Any, text: str, *, right: bool, bold: bool = False) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(1)
    run = paragraph.add_run(text)
    run.font.size, run.bold = Pt(8.5), bold
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _with_fixed_dates(buffer: BytesIO) -> bytes:
    """The same package with the same dates inside, so that the same report has the same bytes."""
    fixed = BytesIO()
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(fixed, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            new.writestr(zipfile.ZipInfo(entry.filename, IN_ZIP), old.read(entry.filename), zipfile.ZIP_DEFLATED)
    return fixed.getvalue()
