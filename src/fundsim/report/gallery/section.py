"""One scheme (单个方案): what it pays, to whom, under which contract, and how its text was read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from fundsim.report.gallery.assumptions import assumptions_of
from fundsim.report.gallery.contract_words import case_in_words, contract_in_words
from fundsim.report.gallery.curves import beyond_the_chart
from fundsim.report.gallery.exhibits import Exhibit
from fundsim.report.gallery.markdown import code, folded, md, table
from fundsim.report.gallery.stated import (
    change_in_words,
    further_rules,
    marks_of,
    only_in_words,
    ordinary_row,
    payer_title,
    text_of,
    variants_of,
    when_of,
)
from fundsim.scenario import Scenario
from fundsim.scenario.nodes import Block, Scalar
from fundsim.scenario.problems import dotted
from fundsim.scenario.show import base_in_words, table_rows
from fundsim.scenario.ways import find, walk

CHARTS: Final = "gallery"
"""Folder of the charts, beside the page."""
OVERVIEW: Final = "all-schemes"
"""Name of the chart of all schemes."""
LONG_TABLE: Final = 16
"""Rows from which a table is folded away."""


def section_of(exhibit: Exhibit, base: Exhibit | None) -> str:
    """Heading, chart and blocks of a scheme; blocks that are the same in the one it extends are only named."""
    titles = dict.fromkeys(exhibit.scenario.title(lang) for lang in ("zh", "en"))
    blocks = dict(_blocks(exhibit, base))
    of_base = {} if base is None else dict(_blocks(base, None))
    same = [title for title, text in blocks.items() if of_base.get(title) == text]
    parts = [f'<a id="{exhibit.id}"></a>\n\n## {md(" · ".join(titles))}', *_changed(exhibit)]
    parts += [f"**{title}**\n\n{text}" for title, text in blocks.items() if title not in same]
    if base is not None and same:
        parts.append(f"As in [{base.id}](#{base.id}): {'; '.join(same)}.")
    parts.append(_foot(exhibit.scenario))
    return "\n\n".join(parts)


def _changed(exhibit: Exhibit) -> Iterator[str]:
    """Which scheme the file extends and what it changes there, and which change files it lays over all."""
    change, applied = exhibit.written.get("change"), exhibit.written.get("apply")
    if exhibit.base is not None:
        yield f"Extends [{exhibit.base}](#{exhibit.base})."
    if isinstance(change, Block):
        yield "\n".join(["Changed 调整:", "", *(f"- {line}" for line in _changes_in_words(change))])
    if applied is not None:
        yield f"Laid over it 叠加的政策调整: {code(applied)}."


def _changes_in_words(change: Block) -> Iterator[str]:
    for entry in change.entries:
        before, after = (entry.value.get(key) if isinstance(entry.value, Block) else None for key in ("from", "to"))
        why = "; ".join(label.why for label in (after.labels if after else ()) if label.why)
        yield f"`{entry.key}`: {code(before)} → {code(after)}{f' – {md(why)}' if why else ''}"


def _blocks(exhibit: Exhibit, base: Exhibit | None) -> Iterator[tuple[str, str]]:
    """The parts of a section, by title; those with nothing in them are left out."""
    scenario = exhibit.scenario
    yield "The scheme 方案", table(("", ""), _facts(scenario))
    yield "Benefit against own cost 待遇曲线", _picture(exhibit)
    for payer in scenario.plan.covers:
        yield f"{md(payer_title(scenario, payer))} – benefits 待遇", "\n\n".join(_benefits(scenario, payer))
    yield "Contract 合同", table(("", ""), ((name, md(text)) for name, text in _contract(scenario)))
    listed = {
        "Damaged or ambiguous places, and how they are read 原文缺损或歧义之处的理解": _readings(scenario),
        "Remarks in the file 文件中的说明": "\n".join(f"- `{path}`: {md(text)}" for path, text in _notes(scenario)),
        "Open to tender 投标报价": "\n".join(f"- {md(str(bid))}" for bid in scenario.bids),
        "Other payers 其他支付方": "\n".join(_other_payers(scenario)),
        "Assumed 假设": assumptions_of(exhibit, base),
        "Designs on the same people 同一人群的其他方案": _designs(scenario),
    }
    yield from ((title, text) for title, text in listed.items() if text)


def _facts(scenario: Scenario) -> Iterator[tuple[str, str]]:
    terms = scenario.terms
    if terms.source:
        yield "source 来源", md(terms.source)
    if terms.valid is not None:
        yield "in force 施行", f"{terms.valid.from_} to {terms.valid.to}"
    groups = ", ".join(f"{group.name} {group.persons:,}" for group in scenario.population.groups)
    marks = marks_of(scenario, "population.insured")
    yield "insured 参保人数", f"{scenario.population.insured:,} ({md(groups)}){marks}"
    yield "order of settlement 报销顺序", md(" → ".join(payer_title(scenario, name) for name in scenario.plan.names))


def _picture(exhibit: Exhibit) -> str:
    names = "; ".join(curve.name for curve in exhibit.curves)
    picture = f"![{md(exhibit.id)}, payment against own cost: {md(names)}]({CHARTS}/{exhibit.chart}.svg)"
    beyond = beyond_the_chart(exhibit.scenario, exhibit.curves)
    if not beyond:
        return picture
    payers = "; ".join(md(payer_title(exhibit.scenario, payer)) for payer in beyond)
    return f"{picture}\n\nNot in the chart, because it pays on another base 计算基数不同，图中未含: {payers}."


def _benefits(scenario: Scenario, payer: str) -> Iterator[str]:
    """What counts, further rules, the compiled table, and the variants with their clauses."""
    clause = scenario.plan.payer(payer).clause
    counts = f"Counts 计入: {md(base_in_words(scenario.plan.payer(payer)))}{f' ({md(clause)})' if clause else ''}."
    rules = [*only_in_words(scenario, payer), *further_rules(scenario, payer)]
    yield f"{counts} {'; '.join(rules)}".strip()
    head, *rows = table_rows(scenario, payer)
    compiled = table(head, ([md(cell) for cell in row] for row in rows))
    yield folded(f"{len(rows)} classes of case 类别", compiled) if len(rows) > LONG_TABLE else compiled
    variants = [
        (str(number), md(case_in_words(when_of(variant))), change_in_words(variant), text_of(variant, "clause"))
        for number, variant in enumerate(variants_of(scenario, payer), start=1)
    ]
    if variants:
        yield table(("variant", "of whom or what 对象", "change 调整", "clause 条款"), variants)


def _contract(scenario: Scenario) -> Iterator[tuple[str, str]]:
    contract = scenario.terms.contract
    if contract.clause:
        yield "clause 条款", contract.clause
    yield from contract_in_words(contract)


def _readings(scenario: Scenario) -> str:
    rows = [(each.at, each.printed or "–", each.read, each.why, each.other or "–") for each in scenario.terms.readings]
    head = ("at 位置", "printed 原文", "read as 理解", "why 理由", "other reading, as a design 另一理解")
    return table(head, (tuple(map(md, row)) for row in rows)) if rows else ""


_ELSEWHERE: Final = ("examples", "designs", "claims", "readings")


def _notes(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Remarks anywhere in the scheme but in its examples, designs and claims model."""
    for way, node in walk(scenario.root):
        if way[-1:] == ("note",) and isinstance(node, Scalar) and way[0] not in _ELSEWHERE:
            yield dotted(way), node.text


def _other_payers(scenario: Scenario) -> Iterator[str]:
    """The payers that the contract does not insure, a line each."""
    covered = scenario.plan.covers
    for schedule in scenario.plan.payers:
        if schedule.name in covered:
            continue
        row = ordinary_row(scenario, schedule.name)
        rules = [f"deductible {row.deductible}", row.bands, f"cap {row.cap}"]
        variants = len(variants_of(scenario, schedule.name))
        rules += [f"{variants} variant{'s' * (variants > 1)}"] * bool(variants)
        words = f"{base_in_words(schedule)}; ordinarily {', '.join(rules)}"
        further = "".join(f"; {rule}" for rule in further_rules(scenario, schedule.name))
        further += "".join(f"; {rule}" for rule in only_in_words(scenario, schedule.name))
        marks = marks_of(scenario, f"payers.{schedule.name}.")
        yield f"- {md(payer_title(scenario, schedule.name))}: {md(words)}{further}{marks}"


def _designs(scenario: Scenario) -> str:
    lines = []
    for name, design in scenario.designs:
        change = find(scenario.root, ("designs", name, "change"))
        words = "; ".join(_changes_in_words(change)) if isinstance(change, Block) else ""
        title = f" {md(design.title())}" if find(scenario.root, ("designs", name, "title")) else ""
        lines.append(f"- **{md(name)}**{title}: {words}")
    text = "\n".join(lines)
    return folded(f"{len(lines)} designs", text) if len(lines) > LONG_TABLE else text


def _foot(scenario: Scenario) -> str:
    examples = len(scenario.terms.examples)
    return (
        f"{examples} worked example{'s' * (examples != 1)} in [`scenarios/{scenario.id}.yaml`]"
        f"(../scenarios/{scenario.id}.yaml); fingerprint `{scenario.fingerprint}`."
    )
