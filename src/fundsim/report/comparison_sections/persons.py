"""受益与受损人数: how many persons are paid more, and less, than under the base."""

from __future__ import annotations

from fundsim.comparison.differences import Value
from fundsim.report.amounts import scaled
from fundsim.report.compared import DESIGN, ERROR, Side, code
from fundsim.report.document.model import Cell, Column, Number, Section, Table
from fundsim.report.document.words import Words
from fundsim.report.side_by_side import in_unit


def persons(side: Side) -> Section | None:
    """Persons counted one by one; nothing where people differ or bills are not drawn."""
    told = [(place, each) for place, each in enumerate(side.found.persons) if place and each is not None]
    if not told:
        return None
    money = side.money
    columns = (
        DESIGN, Column(Words("赔付增加的人数", "paid more, persons")), Column(ERROR),
        Column(Words(f"增加（{money.zh}）", f"more ({money.en})")), Column(ERROR),
        Column(Words("赔付减少的人数", "paid less, persons")), Column(ERROR),
        Column(Words(f"减少（{money.zh}）", f"less ({money.en})")), Column(ERROR),
    )  # fmt: skip
    rows = []
    for place, each in told:
        cells: list[Cell] = [code(place)]
        for count, amount in (("winners", "gained"), ("losers", "lost")):
            cells += _cells(each.value(count), 1.0, 3) + _cells(each.value(amount), 1 / money.yuan, money.most)
        rows.append(tuple(cells))
    n = f"{told[0][1].replications:,}"
    notes = (
        Words(
            f"逐人比较全部付费方合计支付与基准之差，年均；未计行为反应，模拟{n}次。",
            f"What all payers together pay each person beside the base, a year's average; without behaviour, {n} "
            "replications.",
        ),
    )
    table = Table("persons", Words("逐人比较", "Person by person"), columns, tuple(rows), notes)
    return Section("persons", Words("受益与受损人数", "Persons who gain and who lose"), (table,))


def _cells(value: Value, factor: float, most: int) -> list[Number]:
    text, se = in_unit(value, factor, most)
    return [Number(scaled(value.mean, factor), text), Number(scaled(value.se, factor), se)]
