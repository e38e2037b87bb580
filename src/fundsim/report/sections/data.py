"""数据来源与质量: what the figures rest on, and what is damaged or missing in the sources."""

from __future__ import annotations

from fundsim.report.document.model import Column, Paragraph, Section, Table
from fundsim.report.document.places import CODE, place_in_words
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Words, same
from fundsim.scenario import Scenario
from fundsim.scenario.nodes import Block, Scalar
from fundsim.scenario.problems import dotted
from fundsim.scenario.ways import walk

_OF = Words("内容", "part")
_AT, _READ, _WHY = Words("条款", "place"), Words("理解为", "read as"), Words("理由", "why")


def data(subject: Subject) -> Section:
    """Sources and their quality: how many values are assumed, and how unclear places are read."""
    scenario = subject.scenario
    assumed, bids = len(scenario.assumptions), len(scenario.bids)
    blocks: list[Paragraph | Table] = [
        Paragraph(
            Words(
                f"待遇条款取自依据文件。公开文本未载明而以假设代替的数值共{assumed}项，逐项列于“模型与假设”一章。",
                f"Benefits are those of the source. {assumed} values that the public text does not give are assumed; "
                f"all "
                "of them stand in the section on model and assumptions.",
            )
        )
    ]
    if assumed:
        blocks.append(
            Paragraph(
                Words(
                    "凡以假设为据的结论，应在取得当地结算数据后重新测算。",
                    "What rests on assumptions should be measured again once local settlement records are at hand.",
                ),
                "warning",
            )
        )
    if bids:
        blocks.append(Paragraph(Words(f"另有{bids}项待投标确定。", f"{bids} more values are open to tender.")))
    sources = _sources(scenario)
    blocks += [sources] if sources.rows else []
    if scenario.terms.readings:
        columns = tuple(Column(head, numeric=False) for head in (_AT, Words("原文", "printed"), _READ, _WHY))
        rows = tuple(
            (same(each.at), same(each.printed or "–"), same(each.read), same(each.why))
            for each in scenario.terms.readings
        )
        title = Words("原文缺损或有歧义之处", "Places of the source that are damaged or unclear")
        quoted = Words(
            "原文缺损或有歧义之处，按下表所列理解。",
            "Where the source is damaged or unclear it is read as listed below, quoted in Chinese.",
        )
        blocks += [Paragraph(quoted), Table("readings", title, columns, rows)]
    return Section("data", Words("数据来源与质量", "Data and their quality"), tuple(blocks))


def _sources(scenario: Scenario) -> Table:
    """Where each part of the scheme comes from, as its file says: a source, an article, or both."""
    rows = []
    for way, node in walk(scenario.root):
        if not isinstance(node, Block) or way[:1] in (("designs",), ("readings",)):
            continue
        said = [part.text for part in (node.get("source"), node.get("clause")) if isinstance(part, Scalar)]
        if said:
            what = place_in_words(scenario.root, way) if way else Words("方案", "the scheme")
            rows.append((what, same(" ".join(said)), same(dotted(way) or "source")))
    columns = tuple(Column(head, numeric=False) for head in (_OF, Words("出处", "source"), CODE))
    title = Words("各项内容的出处", "Where the parts of the scheme come from")
    return Table("sources", title, columns, tuple(rows))
