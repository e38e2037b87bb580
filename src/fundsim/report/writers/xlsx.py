"""Excel: a sheet for each kind of reader: summary first, then every section's tables, figures, and the replications.

Text stays text, whatever it begins with; sums are formulas; values keep their full precision under the digits that the
report shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from math import ceil
from pathlib import Path
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell

from fundsim.report.document.model import (
    KEY_POINTS,
    Cell,
    Document,
    Listing,
    Number,
    Paragraph,
    Picture,
    Section,
    Table,
)
from fundsim.report.document.origin import moment_of
from fundsim.report.document.words import Lang, Words
from fundsim.report.writers.columns import fits
from fundsim.report.writers.images import DPI, png
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
NARROWEST, WIDEST, PAGE, LEAST_COLUMNS = 11.0, 42.0, 130.0, 6
"""Letters of the narrowest and of the widest column, and of a page's width; columns that every sheet has at least."""
LINE, SCALE = 15, 0.6
"""Points of a line; size of a figure, of what it has in print."""
OVERVIEW = Words("概览", "Overview")


def write(document: Document, lang: Lang, path: Path) -> None:
    """Write a report as a workbook."""
    with xlsxwriter.Workbook(path, OPTIONS) as book:
        book.set_properties(
            {
                "title": document.title.told(lang),
                "subject": document.subtitle.told(lang),
                "comments": document.origin.fingerprint,
                "created": CREATED,
            }
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
    _printed(sheet)
    sheet.write_string(0, 0, document.title.told(lang), forms(bold=True, font_size=14))
    sheet.write_string(1, 0, document.subtitle.told(lang), forms(font_color="#595959"))
    rows = [
        (Words("方案", "scheme"), origin.scenario), (Words("方案指纹", "fingerprint"), origin.fingerprint),
        (Words("随机种子", "seed"), str(origin.seed)), (Words("模拟次数", "replications"), f"{origin.replications:,}"),
        (Words("完成时间", "finished"), moment_of(origin.made).told(lang)),
        (Words("复现命令", "command"), origin.command),
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
    widths = _widths([block for block in section.blocks if isinstance(block, Table)], lang)
    for place, wide in enumerate(widths):
        sheet.set_column(place, place, wide)
    _printed(sheet)
    at = 2
    for block in section.blocks:
        if isinstance(block, Paragraph):
            bold = {"bold": True} if block.kind != "text" else {}
            at = _across(sheet, at, block.words.told(lang), widths, forms, **bold) + 1
        elif isinstance(block, Listing):
            for item in block.items:
                at = _across(sheet, at, f"· {item.told(lang)}", widths, forms)
            at += 1
        elif isinstance(block, Table):
            at = _table(sheet, at, block, widths, forms) + 2
        elif isinstance(block, Picture):
            at = _picture(sheet, at, block, forms)
        else:
            for line in block.lines:
                sheet.write_string(at, 0, f"{line.told(lang)}{'：' if lang == 'zh' else ':'}", forms())
                sheet.write_blank(at, 1, None, forms(bottom=1))
                at += 2


def _attachment(book: Any, table: Table, forms: _Forms) -> None:
    """A table on a sheet of its own, to be worked on: its head stays in sight and can be filtered."""
    sheet = book.add_worksheet(table.title.told(forms.lang)[:SHEET_NAME])
    widths = _widths([table], forms.lang)
    for place, wide in enumerate(widths):
        sheet.set_column(place, place, wide)
    _table(sheet, 0, table, widths, forms)
    _printed(sheet)
    sheet.repeat_rows(0, 1)
    sheet.freeze_panes(2, 1)
    sheet.autofilter(1, 0, 1 + len(table.rows), len(table.columns) - 1)


def _printed(sheet: Any) -> None:
    """A4 across, as wide as the page, with the sheet's name and page numbers."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&A&R&P / &N")


def _widths(tables: Sequence[Table], lang: Lang) -> list[float]:
    """Widths of a sheet's columns that suit all of its tables, in letters; at least those that a paragraph needs."""
    widths = [NARROWEST] * LEAST_COLUMNS
    for table in tables:
        for place, fit in enumerate(fits(table, lang)):
            wide = min(max(fit.needed + 2.0, NARROWEST), WIDEST)
            if place == len(widths):
                widths.append(wide)
            widths[place] = max(widths[place], wide)
    return widths


def _lines(text: str, wide: float) -> int:
    """Lines that a text takes in a cell; a little more than it needs, because fonts differ."""
    return sum(1 + int(1.1 * width(part) / wide) for part in text.split("\n"))


def _across(sheet: Any, at: int, text: str, widths: Sequence[float], forms: _Forms, **style: Any) -> int:
    """Write a text over the first columns of a row that is high enough for it; returns the next row."""
    last, room = 0, widths[0]
    while last + 1 < len(widths) and room + widths[last + 1] <= PAGE:
        last, room = last + 1, room + widths[last + 1]
    if last:
        sheet.merge_range(at, 0, at, last, "", forms())
    sheet.write_string(at, 0, text, forms(text_wrap=True, **style))
    sheet.set_row(at, LINE * _lines(text, room))
    return at + 1


def _table(sheet: Any, at: int, table: Table, widths: Sequence[float], forms: _Forms) -> int:
    """Write a table from a row on; returns the row after it."""
    lang = forms.lang
    sheet.write_string(at, 0, table.title.told(lang), forms(bold=True))
    heads = [column.head.told(lang) for column in table.columns]
    for place, (column, head) in enumerate(zip(table.columns, heads, strict=True)):
        align = "right" if column.numeric else "left"
        form = forms(bold=True, bg_color="#F3F5F7", bottom=1, align=align, text_wrap=True)
        sheet.write_string(at + 1, place, head, form)
    sheet.set_row(at + 1, LINE * max(_lines(head, wide) for head, wide in zip(heads, widths, strict=False)))
    first = at + 2
    for line, row in enumerate(table.rows):
        last = line == len(table.rows) - 1
        _row(sheet, first, line, row, forms, summing=table.summed and last)
        texts = [(cell.told(lang), wide) for cell, wide in zip(row, widths, strict=False) if isinstance(cell, Words)]
        high = max([_lines(text, wide) for text, wide in texts] or [1])
        if high > 1:
            sheet.set_row(first + line, LINE * high)
    after = first + len(table.rows)
    for note in table.notes:
        after = _across(sheet, after, note.told(lang), widths, forms, italic=True, font_color="#595959")
    return after


def _row(sheet: Any, first: int, line: int, row: Sequence[Cell], forms: _Forms, *, summing: bool) -> None:
    """One row of a table that begins at a row of the sheet; the last one of a sum is a formula."""
    style = {"bold": True, "top": 1} if summing else {}
    for place, cell in enumerate(row):
        at = (first + line, place)
        if not isinstance(cell, Number):
            sheet.write_string(*at, cell.told(forms.lang), forms(text_wrap=True, **style))
        elif cell.value is None:
            sheet.write_string(*at, cell.text, forms(align="right", **style))
        elif summing and place == 1:
            begin, end = xl_rowcol_to_cell(first, place), xl_rowcol_to_cell(first + line - 1, place)
            sheet.write_formula(*at, f"=SUM({begin}:{end})", forms.number(cell, **style), cell.value)
        else:
            sheet.write_number(*at, cell.value, forms.number(cell, **style))


def _picture(sheet: Any, at: int, picture: Picture, forms: _Forms) -> int:
    """Insert a figure below its title; returns a row that it leaves free."""
    lang, drawn = forms.lang, png(picture, forms.lang)
    sheet.write_string(at, 0, picture.title.told(lang), forms(bold=True))
    options = {
        "image_data": BytesIO(drawn), "x_scale": SCALE, "y_scale": SCALE, "description": picture.alt.told(lang),
    }  # fmt: skip
    sheet.insert_image(at + 1, 0, f"{picture.id}.png", options)
    high = int.from_bytes(drawn[20:24], "big") * SCALE * 72 / DPI  # the height stands there in any PNG; points
    return at + 3 + ceil(high / LINE)
