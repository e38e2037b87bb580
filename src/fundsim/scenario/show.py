"""A scheme in print: header, compiled table, base rules, contract, assumptions and bids; as text and as HTML."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from fundsim.benefits.schedule import PayerSchedule
from fundsim.money import format_rate
from fundsim.scenario.contract_text import contract_in_text
from fundsim.scenario.nodes import Block, inline
from fundsim.scenario.table import HEADINGS, compiled_table
from fundsim.scenario.terms import ReadingTerms
from fundsim.scenario.text import aligned
from fundsim.scenario.uncertainty_text import behaviour_in_text, events_in_text, uncertainty_in_text

if TYPE_CHECKING:
    from fundsim.scenario.scenario import Scenario


def to_text(scenario: Scenario) -> str:
    """Print a scheme for a terminal."""
    return "\n".join(_lines(scenario)) + "\n"


def _lines(scenario: Scenario) -> Iterator[str]:
    yield from aligned([(f"{name}:", value) for name, value in _header(scenario)], indent="")
    for payer in scenario.plan.payers:
        yield ""
        yield f"{payer.name}: {base_in_words(payer)}"
        yield from aligned(table_rows(scenario, payer.name))
    yield ""
    yield f"contract (covers {', '.join(scenario.plan.covers)}):"
    yield from aligned([(f"{name}:", value) for name, value in _contract(scenario)])
    if scenario.terms.locality is not None:
        yield ""
        yield "locality (当地情况):"
        yield from aligned([(f"{name}:", value) for name, value in _locality(scenario)])
    for name, fund in _funds(scenario):
        yield ""
        yield f"fund {name}:"
        yield from aligned(fund)
    yield from uncertainty_in_text(scenario.terms.uncertainty, scenario.root)
    yield from events_in_text(scenario.terms.events)
    yield from behaviour_in_text(scenario.terms.behaviour)
    for title, remarks in _remarks(scenario):
        yield ""
        yield f"{title}:"
        yield from (f"  {remark}" for remark in remarks)
    yield ""
    yield f"fingerprint: {scenario.fingerprint}"


def _header(scenario: Scenario) -> Iterator[tuple[str, str]]:
    terms = scenario.terms
    yield "scheme", scenario.label
    if terms.title:
        yield "title", scenario.title("zh")
    if terms.source:
        yield "source", f"{terms.source}{f', {terms.clause}' if terms.clause else ''}"
    if terms.valid:
        yield "valid", f"{terms.valid.from_} to {terms.valid.to}"
    if terms.note:
        yield "note", terms.note
    if terms.applied:
        yield "applied", "; ".join(each.name for each in terms.applied)
    groups = ", ".join(f"{group.name} {group.persons:,}" for group in scenario.population.groups)
    yield "insured", f"{scenario.population.insured:,} ({groups})"


def base_in_words(payer: PayerSchedule) -> str:
    """What counts for a payer, and how it accumulates."""
    counted = [f"{format_rate(rate)} of {name}" for name, rate in zip("ABC", payer.counts, strict=True) if rate]
    counted += [f"{part.what} {part.payer}" for part in payer.parts if part.sign > 0]
    less = [f"{part.what} {part.payer}" for part in payer.parts if part.sign < 0]
    shares = sorted({each.above_share for each in payer.classes if each.covered and each.above_share})
    less += [f"{' or '.join(map(format_rate, shares))} of the bill"] if shares else []
    words = [f"{' + '.join(counted) or 'nothing of the bill'}{''.join(f' − {item}' for item in less)}"]
    words.append("over the year" if payer.by_year else "each bill on its own")
    words += [f"topping up what {' and '.join(payer.tops_up)} paid"] if payer.tops_up else []
    words += [f"its cap shared with {' and '.join(payer.cap_shared_with)}"] if payer.cap_shared_with else []
    return ", ".join(words)


def table_rows(scenario: Scenario, payer: str) -> list[tuple[str, ...]]:
    """The compiled table of one payer as cells: a head, and a row for each class of case that pays differently."""
    rows = compiled_table(scenario, payer)
    head = (*rows[0].case, *HEADINGS)
    return [head, *((*row.case.values(), row.deductible, row.bands, row.cap, row.variants) for row in rows)]


def _contract(scenario: Scenario) -> Iterator[tuple[str, str]]:
    yield from ((f, text) for f, text in contract_in_text(scenario.root).items() if f not in ("covers", "source"))


def _locality(scenario: Scenario) -> Iterator[tuple[str, str]]:
    written = scenario.root.get("locality")
    assert isinstance(written, Block)
    yield from ((entry.key, inline(entry.value, limit=100)) for entry in written.entries if entry.key != "source")


def _funds(scenario: Scenario) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """The accounts of payers in the words of the file."""
    written = scenario.root.get("funds")
    for entry in written.entries if isinstance(written, Block) else ():
        if isinstance(entry.value, Block):
            yield entry.key, [(f"{each.key}:", inline(each.value, limit=120)) for each in entry.value.entries]


def _remarks(scenario: Scenario) -> Iterator[tuple[str, Iterable[Any]]]:
    remarks = (
        *((f"applied {each.name} (变更)", each.changes) for each in scenario.terms.applied),
        ("assumptions (假设)", scenario.assumptions),
        ("open to tender (投标报价)", scenario.bids),
        ("readings of the source (原文读法)", [_reading(each) for each in scenario.terms.readings]),
        ("designs", [f"{name}: {design.title()}" for name, design in scenario.designs]),
    )
    yield from ((title, listed) for title, listed in remarks if listed)


def _reading(reading: ReadingTerms) -> str:
    printed = f", printed '{reading.printed}'" if reading.printed else ""
    other = f" (the other reading: design {reading.other})" if reading.other else ""
    return f"{reading.at}{printed}: read as {reading.read}: {reading.why}{other}"


def to_html(scenario: Scenario) -> str:
    """Show a scheme in a notebook: plain HTML, everything escaped."""
    head = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>" for name, value in _header(scenario)
    )
    parts = [f"<table>{head}</table>"]
    for payer in scenario.plan.payers:
        first, *rows = table_rows(scenario, payer.name)
        parts.append(f"<p><b>{html.escape(payer.name)}</b>: {html.escape(base_in_words(payer))}</p>")
        parts.append(f"<table>{_html_row(first, 'th')}{''.join(_html_row(row, 'td') for row in rows)}</table>")
    return "".join(parts)


def _html_row(cells: tuple[str, ...], tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{html.escape(cell)}</{tag}>' for cell in cells)}</tr>"
