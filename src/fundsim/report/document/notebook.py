"""A report's blocks as a notebook shows them: plain HTML tables in one language, everything escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING

from fundsim.report.document.model import Block, Number, Paragraph, Section, Table
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang

if TYPE_CHECKING:
    from fundsim.results import Results
    from fundsim.scenario import Scenario


def results_html(results: Results, lang: Lang) -> str:
    """The results in one language: the section of a report without its figures."""
    from fundsim.report.sections.summary import summary

    subject = Subject.of(results, lang=lang)
    head = f"<p><b>{html.escape(subject.title.told(lang))}</b><br>{html.escape(repr(results))}</p>"
    return f"<div>{head}{_section(summary(subject), lang)}</div>"


def scenario_html(scenario: Scenario, lang: Lang) -> str:
    """A scheme in one language: its people, what each payer pays, its contract."""
    from fundsim.report.sections.scheme import scheme_blocks

    head = f"<p><b>{html.escape(scenario.title(lang))}</b><br>{html.escape(repr(scenario))}</p>"
    return f"<div>{head}{_blocks(scheme_blocks(scenario), lang)}</div>"


def _section(section: Section, lang: Lang) -> str:
    return _blocks(section.blocks, lang)


def _blocks(blocks: Iterable[Block], lang: Lang) -> str:
    parts = []
    for block in blocks:
        if isinstance(block, Paragraph):
            parts.append(f"<p>{html.escape(block.words.told(lang))}</p>")
        elif isinstance(block, Table):
            parts.append(_table(block, lang))
    return "".join(parts)


def _table(table: Table, lang: Lang) -> str:
    aligns = ["right" if column.numeric else "left" for column in table.columns]
    heads = [column.head.told(lang) for column in table.columns]
    rows = [[cell.text if isinstance(cell, Number) else cell.told(lang) for cell in row] for row in table.rows]
    lines = [_row(heads, aligns, "th"), *(_row(row, aligns, "td") for row in rows)]
    notes = "".join(f"<p>{html.escape(note.told(lang))}</p>" for note in table.notes)
    return f"<table><caption>{html.escape(table.title.told(lang))}</caption>{''.join(lines)}</table>{notes}"


def _row(cells: list[str], aligns: list[str], tag: str) -> str:
    parts = (
        f'<{tag} style="text-align:{align}">{html.escape(cell)}</{tag}>'
        for cell, align in zip(cells, aligns, strict=True)
    )
    return f"<tr>{''.join(parts)}</tr>"
