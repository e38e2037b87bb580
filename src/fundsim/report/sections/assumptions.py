"""模型与假设: every assumed value with its reason, and what is uncertain."""

from __future__ import annotations

from fundsim.report.document.model import Block, Column, Paragraph, Section, Table
from fundsim.report.document.subject import Subject
from fundsim.report.document.words import Words, same
from fundsim.scenario.uncertainty_text import input_rows
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
        heads = (Words("项目", "value"), Words("取值", "assumed"), Words("理由和依据", "why, and source"))
        rows = tuple((same(each.path), same(each.text), _why(each)) for each in scenario.assumptions)
        title = Words("公开文本未载明的数值", "Values that the public text does not give")
        blocks.append(Table("assumptions", title, tuple(Column(head, numeric=False) for head in heads), rows))
    if scenario.bids:
        blocks.append(_bids(subject))
    blocks.append(_uncertain(subject))
    return Section("assumptions", Words("模型与假设", "Model and assumptions"), tuple(blocks))


def _why(each: Assumption) -> Words:
    if not each.source:
        return same(each.why)
    return Words(f"{each.why}（{each.source}）", f"{each.why} ({each.source})")


def _bids(subject: Subject) -> Table:
    heads = (Words("项目", "value"), Words("取值", "taken as"), Words("下限", "from"), Words("上限", "to"))
    rows = tuple(tuple(map(same, (each.path, each.value, each.low, each.high))) for each in subject.scenario.bids)
    title = Words("待投标确定的数值", "Values open to tender")
    return Table("bids", title, tuple(Column(head, numeric=False) for head in heads), rows)


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
        Words("不确定因素", "input"), Words("作用于", "what"), Words("分布", "distribution"), Words("均值", "mean"),
        Words("标准差", "sd"),
    )  # fmt: skip
    found = input_rows(uncertainty, subject.scenario.root)
    rows = tuple(tuple(same(cell) for cell in row[: len(heads)]) for row in found)
    title = Words("参数不确定性", "What is not known")
    return Table("uncertainty", title, tuple(Column(head, numeric=False) for head in heads), rows)
