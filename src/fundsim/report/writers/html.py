"""HTML: one self-contained file without network; tables are sorted by a click on a column's head."""

from __future__ import annotations

import base64
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from fundsim.report.document.model import (
    KEY_POINTS,
    Block,
    Cell,
    Document,
    Listing,
    Number,
    Paragraph,
    Picture,
    Signatures,
    Table,
)
from fundsim.report.document.origin import origin_line
from fundsim.report.document.words import Lang, Words
from fundsim.report.writers.columns import BREAK, breakable, fits
from fundsim.report.writers.images import png

if TYPE_CHECKING:
    from jinja2 import Template

LABELS = {
    "points": KEY_POINTS,
    "contents": Words("目录", "Contents"), "table": Words("表", "Table"), "figure": Words("图", "Figure"),
    "sort": Words("点击表头排序", "click a head to sort"),
}  # fmt: skip


def write(document: Document, lang: Lang, path: Path) -> None:
    """Write a report as one HTML file."""
    path.write_text(text(document, lang), encoding="utf-8")


def text(document: Document, lang: Lang) -> str:
    """The whole page."""
    return _template().render(
        document=document,
        lang=lang,
        labels={name: words.told(lang) for name, words in LABELS.items()},
        told=lambda words: words.told(lang),
        origin=origin_line(document.origin, lang),
        kind=_kind,
        shares=lambda table: _shares(table, lang),
        cell=lambda cell: _cell(cell, lang),
        image=lambda picture: _image(picture, lang),
        numbers=_numbers(document),
    )


@cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    source = files("fundsim.report.writers").joinpath("report.html.j2").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(source)


_KINDS: dict[type, str] = {
    Paragraph: "paragraph", Listing: "listing", Table: "table", Picture: "picture", Signatures: "signatures",
}  # fmt: skip


def _kind(block: Block) -> str:
    return _KINDS[type(block)]


def _cell(cell: Cell, lang: Lang) -> dict[str, str]:
    if isinstance(cell, Number):
        return {"text": cell.text.replace("-", "−"), "sort": "" if cell.value is None else repr(cell.value)}
    return {"text": Markup(escape(breakable(cell.told(lang))).replace(BREAK, Markup("<wbr>"))), "sort": ""}


def _shares(table: Table, lang: Lang) -> list[int]:
    """What part of the width each column has, per cent, where all hold texts; else the browser finds out by itself."""
    weights = [fit.weight for fit in fits(table, lang)]
    if any(column.numeric for column in table.columns) or not all(weights):
        return []
    return [round(100 * weight / sum(weights)) for weight in weights]


def _image(picture: Picture, lang: Lang) -> str:
    return "data:image/png;base64," + base64.b64encode(png(picture, lang)).decode("ascii")


def _numbers(document: Document) -> dict[str, int]:
    """The number of each table and figure, counted through the report."""
    tables = {f"table-{table.id}": n for n, table in enumerate(document.tables(), start=1)}
    return tables | {f"picture-{picture.id}": n for n, picture in enumerate(document.pictures(), start=1)}
