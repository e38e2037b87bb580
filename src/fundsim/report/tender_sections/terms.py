"""固定事项与报价事项: what the tender fixes, what it leaves open, and how it scores."""

from __future__ import annotations

from fundsim.report.document.as_written import value_in_words
from fundsim.report.document.model import Column, Number, Section, Table
from fundsim.report.document.words import Words
from fundsim.report.evaluation import Evaluation, criterion
from fundsim.scenario.ways import find, parse_way

BELOW = {"refused": Words("无效投标", "refused"), "noted": Words("仅作提示", "noted")}
NO_LIMIT = Words("不设", "none")
RULES = {
    "lowest": Words("低价优先：满分×最低报价÷报价", "points × lowest offer / offer"),
    "highest": Words("高者优先：满分×报价÷最高报价", "points × offer / highest offer"),
    None: Words("评标委员会打分", "the jury's score"),
}


def terms(of: Evaluation) -> Section:
    """What every bidder finds in the tender's documents."""
    asked = of.found.tender.terms
    tables = [_open(of), *([_fixed(of)] if asked.fixed else []), *([_weights(of)] if asked.scoring else [])]
    return Section("terms", Words("固定事项与报价事项", "What is fixed and what is bid"), tuple(tables))


def _open(of: Evaluation) -> Table:
    columns = (
        Column(Words("报价项", "what is bid"), numeric=False), Column(Words("下限", "floor"), numeric=False),
        Column(Words("最高限价", "ceiling"), numeric=False),
        Column(Words("低于下限", "below the floor"), numeric=False),
    )  # fmt: skip
    rows = tuple(
        (
            of.place(path),
            NO_LIMIT if item.floor is None else of.value(path, item.floor),
            NO_LIMIT if item.ceiling is None else of.value(path, item.ceiling),
            Words("–", "–") if item.floor is None else BELOW[item.below_floor],
        )
        for path, item in of.found.tender.terms.open.items()
    )
    return Table("open", Words("由投标人报价的事项", "What is open to bid"), columns, rows)


def _fixed(of: Evaluation) -> Table:
    scheme, columns = of.found.tender.scheme, (
        Column(Words("条款", "term"), numeric=False), Column(Words("约定", "as fixed"), numeric=False),
    )  # fmt: skip
    rows = []
    for path in of.found.tender.terms.fixed:
        node = find(scheme.root, parse_way(path) or ())
        assert node is not None  # the scheme was built with it
        rows.append((of.place(path), value_in_words(node, path.rpartition(".")[2], scheme.root)))
    rows.append((Words("合同期", "term"), _years(of.found.tender.years)))
    return Table("fixed", Words("招标文件固定的事项", "What the tender fixes"), columns, tuple(rows))


def _years(years: int) -> Words:
    return Words(f"{years}年", "1 year" if years == 1 else f"{years} years")


def _weights(of: Evaluation) -> Table:
    columns = (
        Column(Words("评分项", "criterion"), numeric=False), Column(Words("分值", "points")),
        Column(Words("评分方法", "how it is scored"), numeric=False),
    )  # fmt: skip
    rows = tuple(
        (criterion(name), Number(item.points / 100, f"{item.points / 100:g}"), RULES[item.rule])
        for name, item in of.found.tender.terms.scoring.items()
    )
    return Table("weights", Words("评分办法", "How bids are scored"), columns, rows)
