"""Word: editable, with the styles of Word's own headings, lists and tables."""

from __future__ import annotations

import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from fundsim.report.document.model import KEY_POINTS, Block, Document, Listing, Number, Paragraph, Picture, Table
from fundsim.report.document.words import Lang, Words
from fundsim.report.writers.images import png

EAST_ASIAN = "Microsoft YaHei"
LATIN = "Calibri"
CREATED = datetime(2000, 1, 1)
"""A fixed date, so that the same report has the same bytes."""
IN_ZIP = (2000, 1, 1, 0, 0, 0)
TABLE, FIGURE = Words("表", "Table"), Words("图", "Figure")


def write(document: Document, lang: Lang, path: Path) -> None:
    """Write a report as a Word document."""
    word = docx.Document()
    _prepare(word, document, lang)
    word.add_heading(document.title.told(lang), level=0)
    word.add_paragraph(document.subtitle.told(lang), style="Subtitle")
    origin = document.origin
    line = f"{origin.scenario} · seed {origin.seed} · {origin.replications:,} · {origin.fingerprint[:12]}" + (
        f" · {origin.made}" if origin.made else ""
    )
    word.add_paragraph(line)
    if document.highlights:
        word.add_paragraph().add_run(KEY_POINTS.told(lang)).bold = True
        for point in document.points(lang):
            word.add_paragraph(point, style="List Bullet")
    counters = {"table": 0, "figure": 0}
    for number, section in enumerate(document.sections, start=1):
        word.add_heading(f"{number} {section.title.told(lang)}", level=1)
        for block in section.blocks:
            _block(word, block, lang, counters)
    buffer = BytesIO()
    word.save(buffer)
    path.write_bytes(_with_fixed_dates(buffer))


def _prepare(word: Any, document: Document, lang: Lang) -> None:
    """Page, fonts of both scripts, and the properties of the file."""
    page = word.sections[0]
    page.page_width, page.page_height = Cm(21.0), Cm(29.7)
    page.left_margin = page.right_margin = Cm(2.2)
    for name in ("Normal", "Title", "Subtitle", "Heading 1", "Caption", "List Bullet"):
        style = word.styles[name]
        style.font.name = LATIN
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), EAST_ASIAN)
    word.styles["Normal"].font.size = Pt(10)
    facts = word.core_properties
    facts.title, facts.author, facts.language = document.title.told(lang), "fundsim", "zh-CN" if lang == "zh" else "en"
    facts.comments, facts.created, facts.modified = document.origin.fingerprint, CREATED, CREATED
    _page_number(page.footer.paragraphs[0])


def _page_number(paragraph: Any) -> None:
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def _block(word: Any, block: Block, lang: Lang, counters: dict[str, int]) -> None:
    if isinstance(block, Paragraph):
        run = word.add_paragraph().add_run(block.words.told(lang))
        run.bold = block.kind != "text"
    elif isinstance(block, Listing):
        for item in block.items:
            word.add_paragraph(item.told(lang), style="List Bullet")
    elif isinstance(block, Table):
        counters["table"] += 1
        word.add_paragraph(f"{TABLE.told(lang)} {counters['table']} {block.title.told(lang)}", style="Caption")
        _table(word, block, lang)
    elif isinstance(block, Picture):
        counters["figure"] += 1
        shown = word.add_picture(BytesIO(png(block, lang)), width=Cm(16.4))
        shown._inline.docPr.set("descr", block.alt.told(lang))
        word.add_paragraph(f"{FIGURE.told(lang)} {counters['figure']} {block.title.told(lang)}", style="Caption")
    else:
        for line in block.lines:
            word.add_paragraph(f"{line.told(lang)}{'：' if lang == 'zh' else ': '}{'_' * 30}")


def _table(word: Any, table: Table, lang: Lang) -> None:
    grid = word.add_table(rows=1, cols=len(table.columns), style="Light Grid Accent 1")
    for cell, column in zip(grid.rows[0].cells, table.columns, strict=True):
        _fill(cell, column.head.told(lang), right=column.numeric, bold=True)
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    grid.rows[0]._tr.get_or_add_trPr().append(repeated)
    for row in table.rows:
        cells = grid.add_row().cells
        for place, each in enumerate(row):
            shown = each.text.replace("-", "−") if isinstance(each, Number) else each.told(lang)
            _fill(cells[place], shown, right=table.columns[place].numeric)
    for note in table.notes:
        word.add_paragraph(note.told(lang)).runs[0].italic = True
    word.add_paragraph()


def _fill(cell: Any, text: str, *, right: bool, bold: bool = False) -> None:
    paragraph = cell.paragraphs[0]
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
