"""模型与假设: every assumed value with its reason, and what is uncertain."""

from __future__ import annotations

from collections.abc import Sequence

from fundsim.report.document.as_written import value_in_words, word_in_words
from fundsim.report.document.model import Block, Column, Paragraph, Section, Table
from fundsim.report.document.places import CODE, input_in_words, place_in_words
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Words, same
from fundsim.scenario.nodes import Block as Tree
from fundsim.scenario.uncertainty_text import input_rows
from fundsim.scenario.ways import find, parse_way
from fundsim.scenario.wrappers import Assumption

_MODEL = Words(
    "模型逐人逐次抽取就医：每人全年次数服从次数分布，每次先定就医级别和就医地，再按该级别的费用分布取总费用，并按目录分为甲、乙、丙"
    "类和目录外；各付费方按出院日期逐笔结算，最后由承办合同分配结余与亏损。金额一律以分计算，各方收支逐笔平衡。",
    "People are simulated one by one: how often each is admitted in the year, at which level and place, at which "
    "cost and "
    "with which parts of the catalogue. Payers settle every bill by date of discharge, and the contract distributes "
    "surplus "
    "and loss. All money is counted in fen, and the books of all parties balance.",
)


def assumptions(subject: Subject) -> Section:
    """The model in a paragraph, every assumption, every open bid, and the uncertain inputs."""
    scenario = subject.scenario
    blocks: list[Block] = [Paragraph(_MODEL)]
    if scenario.assumptions:
        blocks += _assumed(subject)
    if scenario.bids:
        blocks.append(_bids(subject))
    blocks.append(_uncertain(subject))
    return Section("assumptions", Words("模型与假设", "Model and assumptions"), tuple(blocks))


def _assumed(subject: Subject) -> list[Block]:
    """Every assumption in words, whole, with its reason as stated, and where it stands in the file."""
    root, heads = (
        subject.scenario.root,
        (Words("条款", "term"), Words("取值", "assumed"), Words("理由和依据", "why"), CODE),
    )
    rows = tuple(
        (place_in_words(root, each.way), _value(each, root), _why(each), same(each.path))
        for each in subject.scenario.assumptions
    )
    title = Words("公开文本未载明的数值", "Values that the public text does not give")
    how = Words(
        "下表逐项列明假设的取值和理由，理由照录方案文件；最后一列为该项在方案文件中的位置。",
        "Each value stands with the reason for it. Reasons are quoted as the scheme file states them, in Chinese; the "
        "last column says where the value stands in the file.",
    )
    return [Paragraph(how), Table("assumptions", title, tuple(Column(head, numeric=False) for head in heads), rows)]


def _value(each: Assumption, root: Tree) -> Words:
    if each.value is None:
        return word_in_words(each.text, "", root)
    keys = [step for step in each.way if isinstance(step, str) and step != "to"]
    return value_in_words(each.value, keys[-1].rpartition(".")[2], root)


def _why(each: Assumption) -> Words:
    if not each.source:
        return same(each.why)
    preset = each.source.startswith("preset ")
    source = Words(f"合同范本{each.source.removeprefix('preset')}", each.source) if preset else same(each.source)
    return Words(f"{each.why}（{source.zh}）", f"{each.why} ({source.en})")


def _bids(subject: Subject) -> Table:
    heads = (Words("条款", "term"), Words("取值", "taken as"), Words("下限", "from"), Words("上限", "to"), CODE)
    root, rows = subject.scenario.root, []
    for each in subject.scenario.bids:
        way = parse_way(each.path) or (each.path,)
        values = (word_in_words(text, str(way[-1]), root) for text in (each.value, each.low, each.high))
        rows.append((place_in_words(root, way), *values, same(each.path)))
    title = Words("待投标确定的数值", "Values open to tender")
    return Table("bids", title, tuple(Column(head, numeric=False) for head in heads), tuple(rows))


def _uncertain(subject: Subject) -> Block:
    uncertainty = subject.scenario.terms.uncertainty
    if uncertainty is None:
        return Paragraph(
            Words(
                "本次测算只含个体就医的随机性；费用水平、增长率等参数按确定值处理，实际风险大于此处所列。",
                "Only patients' luck is random here; levels and trends are taken as certain, so the real risk is "
                "larger "
                "than what is shown.",
            ),
            "warning",
        )
    heads = (
        Words("不确定因素", "input"), Words("分布", "distribution"), Words("均值", "mean"), Words("标准差", "sd"), CODE,
    )  # fmt: skip
    rows = tuple(_input(subject.scenario.root, row) for row in input_rows(uncertainty, subject.scenario.root))
    title = Words("参数不确定性", "What is not known")
    return Table("uncertainty", title, tuple(Column(head, numeric=False) for head in heads), rows)


def _input(root: Tree, row: Sequence[str]) -> tuple[Words, ...]:
    """What is uncertain, its distribution with its limits, mean and standard deviation."""
    name, mean, sd = row[0], row[3], row[4]
    way = ("uncertainty", "inputs", name)
    written, within = find(root, (*way, "distribution")), find(root, (*way, "within"))
    law = Words("联合抽取", "joint") if written is None else value_in_words(written, "distribution", root)
    if within is not None:
        limits = value_in_words(within, "within", root)
        law = Words(f"{law.zh}，限于{limits.zh}", f"{law.en}, within {limits.en}")
    told = (word_in_words(text, "", root) for text in (mean, sd))
    return (input_in_words(root, way, name), law, *told, same(".".join(way)))
