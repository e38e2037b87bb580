"""保本价与底线价: what each bidder would have to ask, and which offers and limits lie below that."""

from __future__ import annotations

from collections.abc import Iterator

from fundsim import units
from fundsim.pricing import Price, read_target
from fundsim.report.amounts import written
from fundsim.report.document.model import Block, Column, Number, Paragraph, Section, Table
from fundsim.report.document.subject import with_its_error
from fundsim.report.document.words import Words, same
from fundsim.report.evaluation import BID, ERROR, INPUTS, NONE, Evaluation, clearly_below, names, solved, spread
from fundsim.report.targets import target_in_words
from fundsim.tendering.result import NoPrice
from fundsim.tendering.terms import PRICE


def prices(of: Evaluation) -> Section:
    """Break-even and walk-away of every bidder."""
    asked = target_in_words(read_target(of.found.tender.terms.walk_away))
    missing = any(isinstance(price, NoPrice) for each in of.bids for price in (each.break_even, each.walk_away))
    columns = (
        BID, Column(Words("报价", "offered")), Column(Words("纯保费", "pure premium")), Column(ERROR),
        Column(Words("保本价", "break-even")), Column(ERROR), Column(INPUTS),
        Column(Words("底线价", "walk-away")), Column(ERROR), Column(INPUTS),
    )  # fmt: skip
    rows = tuple(
        (
            same(each.bid.name), Number(each.premium, f"{each.premium:.2f}"), *with_its_error(each.pure),
            *_cells(each.break_even), *_cells(each.walk_away),
        )
        for each in of.bids
    )  # fmt: skip
    notes = (
        Words(
            f"单位为元/人·年，价格精确到分。保本价：合同期内公司净损益均值不低于零的最低保费；底线价：{asked.zh}的最低保费。"
            + ("求不出的价格记为“–”，原因见警示。" if missing else ""),
            f"Yuan per insured and year, prices in whole fen. Break-even: the lowest premium at which the insurer's "
            f"mean result over the term is not negative; walk-away: the lowest at which {asked.en}."
            + (" A dash where there is none; the warnings say why." if missing else ""),
        ),
    )
    table = Table("prices", Words("各投标人的价格测算", "Each bidder's prices"), columns, rows, notes)
    blocks: list[Block] = [*(Paragraph(words, "finding") for words in against_break_even(of)), table]
    return Section("prices", Words("保本价与底线价", "Break-even and walk-away"), tuple(blocks))


def against_break_even(of: Evaluation) -> Iterator[Words]:
    """Which offers, and whether the maximum price, lie below what the bidders need on average."""
    known = solved(of.bids)
    if not known:
        yield Words("各投标人的保本价均未求得。", "No bidder's break-even price was found.")
        return
    below = [each for each, price in known if clearly_below(each.premium, price)]
    near = [each for each, price in known if each.premium < price.value and each not in below]
    if below:
        told = names(below)
        yield Words(
            f"{told.zh}的报价低于其保本价，且差额超出抽样误差：按均值将亏损。",
            f"{told.en}: the offer lies below break-even by more than the sampling error, a loss on average.",
        )
    if near:
        told = names(near)
        yield Words(
            f"{told.zh}的报价略低于其保本价，差额未超出抽样误差。",
            f"{told.en}: the offer lies below break-even by no more than the sampling error.",
        )
    if not below and not near:
        yield Words("没有报价低于所求得的保本价。", "No offer lies below a break-even price that was found.")
    yield from below_all(of)


def below_all(of: Evaluation) -> Iterator[Words]:
    """Where the buyer's maximum price is below what every bidder needs."""
    item, known = of.found.tender.terms.open.get(PRICE), solved(of.bids)
    if item is None or item.ceiling is None or not known:
        return
    ceiling = units.money_per_person(item.ceiling) / 100
    if all(clearly_below(ceiling, price) for _, price in known):
        needed = spread([_cells(price)[0] for _, price in known])
        yield Words(
            f"最高限价{ceiling:g}元/人低于全部投标人的保本价（{needed.zh}元/人）：在限价之内投标，按均值必然亏损。",
            f"The maximum price of {ceiling:g} yuan a head lies below every bidder's break-even ({needed.en} yuan): "
            "whoever bids within it loses on average.",
        )


def _cells(found: Price | NoPrice) -> tuple[Number, Number, Number]:
    if isinstance(found, NoPrice):
        return NONE, NONE, NONE
    inputs = NONE if found.inputs is None else Number(found.inputs, f"{found.inputs:.2g}")
    return Number(found.value, f"{found.value:.2f}"), Number(found.se, written(found.se, found.se)), inputs
