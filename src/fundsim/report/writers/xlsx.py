"""Excel: a sheet for each kind of reader: summary first, then every section's tables, figures, and the replications.

Text stays text, whatever it begins with; sums are formulas; values keep their full precision under the digits that the
report shows.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from fundsim.report.document.model import KEY_POINTS, Document, Listing, Number, Paragraph, Picture, Section, Table
from fundsim.report.document.words import Lang, Words
from fundsim.report.writers.images import png
from fundsim.scenario.text import width

CREATED = datetime(2000, 1, 1)
"""A fixed date, so that the same report has the same bytes."""
OPTIONS = {
    "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": True,
}  # fmt: skip
FONT = {"zh": "Microsoft YaHei", "en": "Calibri"}
SHEET_NAME = 31
"""Letters that a sheet's name may have."""
A4: int = 9
WIDEST, PARAGRAPH, LINE = 12, 6, 130
"""Last column that is widened; last column that a paragraph reaches over, and how many letters that holds."""
OVERVIEW = Words("概览", "Overview")


def write(document: Document, lang: Lang, path: Path) -> None:
    """Write a report as a workbook."""
    with xlsxwriter.Workbook(path, OPTIONS) as book:
        book.set_properties(
            {"title": document.title.told(lang), "comments": document.origin.fingerprint, "created": CREATED}
        )
        forms = _Forms(book, lang)
        _overview(book, document, forms)
        for number, section in enumerate(document.sections, start=1):
            _section(book, number, section, forms)
        for table in document.attachments:
            _attachment(book, table, forms)


class _Forms:
    """The cell formats of a workbook, each made once."""

    def __init__(self, book: Any, lang: Lang) -> None:
        self.book, self.lang, self._known = book, lang, dict[tuple[tuple[str, Any], ...], Any]()

    def __call__(self, **properties: Any) -> Any:
        key = tuple(sorted(properties.items()))
        if key not in self._known:
            self._known[key] = self.book.add_format(
                {"font_name": FONT[self.lang], "font_size": 10, "valign": "top", **properties}
            )
        return self._known[key]

    def number(self, cell: Number, **properties: Any) -> Any:
        places = cell.decimals
        return self(num_format="#,##0" + ("." + "0" * places if places else ""), align="right", **properties)


def _overview(book: Any, document: Document, forms: _Forms) -> None:
    sheet, lang, origin = book.add_worksheet(OVERVIEW.told(forms.lang)), forms.lang, document.origin
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 90)
    sheet.write_string(0, 0, document.title.told(lang), forms(bold=True, font_size=14))
    sheet.write_string(1, 0, document.subtitle.told(lang), forms(font_color="#595959"))
    rows = [
        (Words("方案", "scheme"), origin.scenario), (Words("方案指纹", "fingerprint"), origin.fingerprint),
        (Words("随机种子", "seed"), str(origin.seed)), (Words("模拟次数", "replications"), f"{origin.replications:,}"),
        (Words("完成时间", "finished"), origin.made), (Words("复现命令", "command"), origin.command),
        *((Words(f"版本：{name}", f"version of {name}"), version) for name, version in origin.versions.items()),
    ]  # fmt: skip
    for at, (words, value) in enumerate(rows, start=3):
        sheet.write_string(at, 0, words.told(lang), forms(bold=True))
        sheet.write_string(at, 1, value, forms(text_wrap=True))
    for at, point in enumerate(document.points(lang), start=len(rows) + 4):
        sheet.write_string(at, 0, KEY_POINTS.told(lang), forms(bold=True))
        sheet.write_string(at, 1, point, forms(text_wrap=True))
        sheet.set_row(at, 15 * (1 + width(point) // 90))


def _section(book: Any, number: int, section: Section, forms: _Forms) -> None:
    lang = forms.lang
    sheet = book.add_worksheet(f"{number} {section.title.told(lang)}"[:SHEET_NAME].replace("/", " ").replace(":", " "))
    sheet.write_string(0, 0, f"{number} {section.title.told(lang)}", forms(bold=True, font_size=14))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, 0, 34)
    sheet.set_column(1, WIDEST, 18)
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    at = 2
    for block in section.blocks:
        if isinstance(block, Paragraph):
            text = block.words.told(lang)
            sheet.merge_range(at, 0, at, PARAGRAPH, "", forms())
            sheet.write_string(at, 0, text, forms(bold=block.kind != "text", text_wrap=True))
            sheet.set_row(at, 15 * (1 + width(text) // LINE))
            at += 2
        elif isinstance(block, Listing):
            for item in block.items:
                sheet.write_string(at, 0, f"· {item.told(lang)}", forms())
                at += 1
            at += 1
        elif isinstance(block, Table):
            at = _table(sheet, at, block, forms) + 2
        elif isinstance(block, Picture):
            at = _picture(sheet, at, block, forms)


def _attachment(book: Any, table: Table, forms: _Forms) -> None:
    """A table on a sheet of its own, to be worked on: its head stays in sight and can be filtered."""
    sheet = book.add_worksheet(table.title.told(forms.lang)[:SHEET_NAME])
    sheet.set_column(0, 0, 34 if not table.columns[0].numeric else 12)
    sheet.set_column(1, len(table.columns), 14)
    _table(sheet, 0, table, forms)
    sheet.freeze_panes(2, 1)
    sheet.autofilter(1, 0, 1 + len(table.rows), len(table.columns) - 1)


def _table(sheet: Any, at: int, table: Table, forms: _Forms) -> int:
    """Write a table from a row on; returns the row after it."""
    lang = forms.lang
    sheet.write_string(at, 0, table.title.told(lang), forms(bold=True))
    for place, column in enumerate(table.columns):
        align = "right" if column.numeric else "left"
        sheet.write_string(
            at + 1,
            place,
            column.head.told(lang),
            forms(bold=True, bg_color="#F3F5F7", bottom=1, align=align, text_wrap=True),
        )
    first = at + 2
    for line, row in enumerate(table.rows):
        summing = table.summed and line == len(table.rows) - 1
        style = {"bold": True, "top": 1} if summing else {}
        for place, cell in enumerate(row):
            if not isinstance(cell, Number):
                sheet.write_string(first + line, place, cell.told(lang), forms(text_wrap=True, **style))
            elif cell.value is None:
                sheet.write_string(first + line, place, cell.text, forms(align="right", **style))
            elif summing and place == 1:
                begin, end = xl_rowcol_to_cell(first, place), xl_rowcol_to_cell(first + line - 1, place)
                sheet.write_formula(
                    first + line, place, f"=SUM({begin}:{end})", forms.number(cell, **style), cell.value
                )
            else:
                sheet.write_number(first + line, place, cell.value, forms.number(cell, **style))
    after = first + len(table.rows)
    for note in table.notes:
        sheet.write_string(after, 0, note.told(lang), forms(italic=True, font_color="#595959"))
        after += 1
    return after


def _picture(sheet: Any, at: int, picture: Picture, forms: _Forms) -> int:
    from io import BytesIO

    lang = forms.lang
    sheet.write_string(at, 0, picture.title.told(lang), forms(bold=True))
    options = {
        "image_data": BytesIO(png(picture, lang)),
        "x_scale": 0.6,
        "y_scale": 0.6,
        "description": picture.alt.told(lang),
    }
    sheet.insert_image(at + 1, 0, f"{picture.id}.png", options)
    return at + 22
