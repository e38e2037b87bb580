"""PDF through Typst: tagged, with contents, page numbers and embedded fonts; the template draws, the data are JSON."""

from __future__ import annotations

import json
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import typst

from fundsim.report.document.model import (
    KEY_POINTS,
    Block,
    Cell,
    Document,
    Listing,
    Number,
    Paragraph,
    Picture,
    Table,
)
from fundsim.report.document.origin import origin_line
from fundsim.report.document.words import Lang, Words
from fundsim.report.typeface import FOLDER
from fundsim.report.writers import ReportError
from fundsim.report.writers.columns import breakable, fits
from fundsim.report.writers.images import png

CONTENTS, TABLE, FIGURE = Words("目录", "Contents"), Words("表", "Table"), Words("图", "Figure")


def write(document: Document, lang: Lang, path: Path) -> None:
    """Write a report as PDF.

    Raises:
        ReportError: Typst warns of something, such as a font that is missing.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = {**_head(document, lang), "sections": [_section(section, lang, folder) for section in document.sections]}
        (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        template = files("fundsim.report.writers").joinpath("report.typ").read_text(encoding="utf-8")
        (folder / "report.typ").write_text(template, encoding="utf-8")
        made, warnings = typst.compile_with_warnings(
            folder / "report.typ", root=folder, font_paths=[FOLDER], ignore_system_fonts=True, pdf_standards="ua-1"
        )
    if warnings:
        raise ReportError(f"the PDF of {document.id} is not as it should be: {warnings[0]}")
    path.write_bytes(made)


def _head(document: Document, lang: Lang) -> dict[str, Any]:
    origin = document.origin
    made = origin.made[:10] or "2000-01-01"
    return {
        "lang": lang,
        "title": document.title.told(lang),
        "subtitle": document.subtitle.told(lang),
        "origin": origin_line(origin, lang),
        "points": KEY_POINTS.told(lang),
        "highlights": document.points(lang),
        "contents": CONTENTS.told(lang),
        "table": TABLE.told(lang),
        "figure": FIGURE.told(lang),
        "date": [int(part) for part in made.split("-")],
    }


def _section(section: Any, lang: Lang, folder: Path) -> dict[str, Any]:
    return {"title": section.title.told(lang), "blocks": [_block(block, lang, folder) for block in section.blocks]}


def _block(block: Block, lang: Lang, folder: Path) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        return {"is": block.kind, "text": block.words.told(lang)}
    if isinstance(block, Listing):
        return {"is": "list", "items": [item.told(lang) for item in block.items]}
    if isinstance(block, Table):
        return {
            "is": "table",
            "title": block.title.told(lang),
            "heads": [column.head.told(lang) for column in block.columns],
            "right": [column.numeric for column in block.columns],
            "widths": [fit.weight for fit in fits(block, lang)],
            "summed": block.summed,
            "rows": [[_cell(cell, lang) for cell in row] for row in block.rows],
            "notes": [note.told(lang) for note in block.notes],
        }
    if isinstance(block, Picture):
        (folder / f"{block.id}.png").write_bytes(png(block, lang))
        words = {"title": block.title.told(lang), "alt": block.alt.told(lang)}
        return {"is": "picture", "file": f"{block.id}.png", **words}
    return {"is": "signatures", "lines": [line.told(lang) for line in block.lines]}


def _cell(cell: Cell, lang: Lang) -> str:
    """A cell's text; names with dots may be broken after each."""
    return cell.text.replace("-", "−") if isinstance(cell, Number) else breakable(cell.told(lang))
