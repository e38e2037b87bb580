"""警示与保留意见: what warns of single bids, what is assumed, what the errors leave out, and who signs."""

from __future__ import annotations

from collections.abc import Iterator

from fundsim.report.document.as_written import value_in_words, word_in_words
from fundsim.report.document.model import Block, Column, Listing, Paragraph, Section, Signatures, Table
from fundsim.report.document.subject import with_its_error
from fundsim.report.document.words import Words, same
from fundsim.report.evaluation import Evaluation, criterion
from fundsim.scenario import Assumption
from fundsim.scenario.ways import find, parse_way
from fundsim.tendering.result import BidResult, NoPrice

SIGNED = (
    Words("测算人", "prepared by"), Words("复核人", "reviewed by"), Words("评标委员会主任", "chair of the committee"),
    Words("日期", "date"),
)  # fmt: skip


def reservations(of: Evaluation) -> Section:
    """Warnings first; then what the figures rest on."""
    asked, blocks = of.found.tender, list[Block]()
    warnings = [words for each in of.bids for words in _warnings(of, each)]
    if warnings:
        blocks += [
            Paragraph(Words("须提请评标委员会注意：", "To be noted by the committee:")),
            Listing(tuple(warnings)),
        ]
    blocks += [Paragraph(Words("保留意见：", "Reservations:")), Listing(tuple(_reservations(of)))]
    if asked.assumptions:
        blocks.append(_assumed(of))
    blocks.append(Signatures(SIGNED))
    return Section("reservations", Words("警示与保留意见", "Warnings and reservations"), tuple(blocks))


def _reservations(of: Evaluation) -> Iterator[Words]:
    asked = of.found.tender
    own, rest = len(asked.assumptions), len(asked.scheme.assumptions)
    yield Words(
        f"{own + rest}项数值为假设（招标文件{own}项，方案{rest}项），改变假设会改变结论。",
        f"{own + rest} values are assumed ({own} of the tender file, {rest} of the scheme); others would give other "
        "conclusions.",
    )
    yield Words(
        "抽样误差由模拟次数决定；参数误差只含已列明的不确定参数；两者都不含模型本身的误差。",
        "Sampling errors come from the number of replications; errors of inputs cover those that are stated; neither "
        "covers the model.",
    )
    if asked.terms.scoring:
        yield Words(
            "技术、商务等由评标委员会打分的项目按招标文件所列分值计入，本报告不作评价。",
            "Scores that the jury gives are taken as the file states them; this report does not judge them.",
        )


def _warnings(of: Evaluation, each: BidResult) -> Iterator[Words]:
    name, premium, pure = each.bid.name, f"{each.premium:.2f}", with_its_error(each.pure)
    for path in each.bid.below_floor:
        place, stated = of.place(path), of.value(path, of.found.tender.terms.open[path].floor or "")
        yield Words(
            f"{name}：{place.zh}低于下限{stated.zh}（招标文件仅作提示，不属无效投标）。",
            f"{name}: {place.en} lies below the floor of {stated.en}, which the tender only notes.",
        )
    if each.pure.mean is not None and each.premium < each.pure.mean:
        yield Words(
            f"{name}：报价{premium}元/人低于纯保费{pure[0].text}元/人（标准误{pure[1].text}元），不足以支付赔款。",
            f"{name}: {premium} yuan a head is below the pure premium, {pure[0].text} (s.e. {pure[1].text}).",
        )
    solved = (
        (Words("保本价", "break-even price"), each.break_even), (Words("底线价", "walk-away price"), each.walk_away),
    )  # fmt: skip
    for what, price in solved:
        if isinstance(price, NoPrice):
            yield Words(f"{name}：求不出{what.zh}。{price.zh}。", f"{name}: no {what.en}. {price.en}.")


def _assumed(of: Evaluation) -> Table:
    columns = (
        Column(Words("事项", "what"), numeric=False), Column(Words("取值", "value"), numeric=False),
        Column(Words("理由", "reason, as written"), numeric=False),
    )  # fmt: skip
    rows = tuple((_place(of, each), _value(of, each), same(each.why)) for each in of.found.tender.assumptions)
    return Table("assumed", Words("招标文件中的假设", "What the tender file assumes"), columns, rows)


def _place(of: Evaluation, each: Assumption) -> Words:
    """What is assumed: a value of the scheme, how bids are scored, or what a bidder states."""
    first, *rest = parse_way(each.path) or (each.path,)
    if first == "scoring":
        told = criterion(str(rest[0]))
        return Words(f"评分办法 · {told.zh}分值", f"scoring · points of {told.en}")
    if first == "bids" and "scores" in rest:
        told = criterion(str(rest[-1]))
        return Words(f"{rest[0]} · {told.zh}得分", f"{rest[0]} · {told.en} score")
    if first == "bids":
        told = of.place(f"contract.{rest[-1]}")
        return Words(f"{rest[0]} · {told.zh}", f"{rest[0]} · {told.en}")
    return of.place(_path(each))


def _value(of: Evaluation, each: Assumption) -> Words:
    root, way = of.found.tender.scheme.root, parse_way(_path(each))
    node = None if way is None else find(root, way)
    key = each.path.rpartition(".")[2]
    return word_in_words(each.text, key, root) if node is None else value_in_words(node, key, root)


def _path(each: Assumption) -> str:
    """Where an assumed value of the scheme stands there."""
    return "contract.instalments" if each.path == "instalments" else each.path.removeprefix("assumptions.")
