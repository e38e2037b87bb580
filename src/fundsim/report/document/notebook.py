"""A report's blocks as a notebook shows them: plain HTML tables in one language, everything escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING

from fundsim.report.document.as_written import title_of
from fundsim.report.document.glossary import named
from fundsim.report.document.model import Block, Number, Paragraph, Section, Table
from fundsim.report.document.origin import origin_line, origin_of
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Lang, Words, joined

if TYPE_CHECKING:
    from fundsim.results import Results
    from fundsim.scenario import Scenario


def results_html(results: Results, lang: Lang) -> str:
    """The results in one language: the section of a report without its figures."""
    from fundsim.report.sections.summary import summary

    subject = Subject.of(results, lang=lang)
    head = _head(subject.title.told(lang), origin_line(origin_of(subject), lang))
    return f"<div>{head}{_section(summary(subject), lang)}</div>"


def scenario_html(scenario: Scenario, lang: Lang) -> str:
    """A scheme in one language: its people, what each payer pays, its contract."""
    from fundsim.report.sections.scheme import scheme_blocks

    payers = [title_of(scenario.root, ("payers", name)) or named(name) for name in scenario.terms.waterfall]
    n, fingerprint = f"{scenario.population.insured:,}", scenario.fingerprint[:12]
    parts = (
        Words(f"方案编号 {scenario.label}", f"scheme {scenario.label}"),
        Words(f"参保{n}人", f"{n} insured"),
        joined(payers, " → "),
        Words(f"方案指纹 {fingerprint}", f"fingerprint {fingerprint}"),
    )
    head = _head(scenario.title(lang), joined(parts, " · ").told(lang))
    return f"<div>{head}{_blocks(scheme_blocks(scenario), lang)}</div>"


def _head(title: str, line: str) -> str:
    return f"<p><b>{html.escape(title)}</b><br>{html.escape(line)}</p>"


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
    rows = [
        [cell.text.replace("-", "−") if isinstance(cell, Number) else cell.told(lang) for cell in row]
        for row in table.rows
    ]
    lines = [_row(heads, aligns, "th"), *(_row(row, aligns, "td") for row in rows)]
    notes = "".join(f"<p>{html.escape(note.told(lang))}</p>" for note in table.notes)
    caption = f'<caption style="text-align:left">{html.escape(table.title.told(lang))}</caption>'
    return f"<table>{caption}{''.join(lines)}</table>{notes}"


def _row(cells: list[str], aligns: list[str], tag: str) -> str:
    parts = (
        f'<{tag} style="text-align:{align}">{html.escape(cell)}</{tag}>'
        for cell, align in zip(cells, aligns, strict=True)
    )
    return f"<tr>{''.join(parts)}</tr>"
