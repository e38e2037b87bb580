"""目的与结论: which designs are compared, who gains and who loses by them beyond error, and who is left with a loss."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from fundsim.report.compared import DESIGN, Side, code, codes
from fundsim.report.document.model import Block, Cell, Column, Listing, Paragraph, Section, Table
from fundsim.report.document.words import Words, joined, same

GAIN, LOSE = Words("受益", "gain"), Words("受损", "lose")
NOT_SURE, ALIKE = Words("未超出误差", "within error"), Words("无差异", "no difference")
JUDGED: Final = {
    "claims_paid": Words("患者（赔付支出）", "Patients (claims paid)"),
    "fund_result": Words("基金（净收支）", "The fund (its result)"),
    "insurer_result": Words("承办公司（净损益）", "The insurer (its result)"),
    "claims_poor": Words("困难群众（赔付支出）", "The poor (claims paid)"),
}
"""By which figure it is told who gains; more is better in each."""


def purpose(side: Side) -> Section:
    """What a meeting should take from the report."""
    blocks: list[Block] = [Paragraph(_why(side)), _designs(side)]
    blocks += [Paragraph(words, "finding") for words in _indistinct(side)]
    blocks += [Listing(tuple(_findings(side))), _who_gains(side)]
    return Section("purpose", Words("目的与结论", "Purpose and findings"), tuple(blocks))


def _why(side: Side) -> Words:
    found = side.found
    n, many, base = f"{found.replications:,}", len(found.rows), side.titles[0]
    years = Words("", "") if found.years == 1 else Words(f"，合同期{found.years}年", f" over {found.years} years")
    apart = [place for place, paired in enumerate(found.paired) if not paired]
    alike = (
        Words(
            "各方案在同一批模拟人群上结算，差异为配对之差。",
            "All are settled on the same people; differences are paired.",
        )
        if not apart
        else Words(
            f"{codes(apart).zh}的人群或费用与基准不同，分别模拟，其差异的误差较大。",
            f"{codes(apart).en}: other people or costs, simulated apart; their differences are less sure.",
        )
    )
    return Words(
        f"本报告比较{many}个方案，以“{base.zh}”为基准{years.zh}，模拟{n}次。{alike.zh}",
        f"This report compares {many} designs with '{base.en}' as their base{years.en}, in {n} replications. "
        f"{alike.en}",
    )


def _designs(side: Side) -> Table:
    columns = (
        DESIGN, Column(Words("内容", "what it is"), numeric=False),
        Column(Words("同一批人群", "same people"), numeric=False), Column(Words("指纹", "fingerprint"), numeric=False),
    )  # fmt: skip
    rows = tuple(
        (
            code(place), side.titles[place], Words("是", "yes") if side.found.paired[place] else Words("否", "no"),
            same(row.scenario.fingerprint[:12]),
        )
        for place, row in enumerate(side.found.rows)
    )  # fmt: skip
    return Table("designs", Words("所比较的方案", "The designs"), columns, rows)


def verdict(side: Side, name: str, place: int) -> Words:
    """Whether a design is better or worse than the base by a figure, as far as the error lets that be told."""
    apart = side.found.difference(name, place)
    if not apart.mean and not apart.se:
        return ALIKE
    if not apart.clear:
        return NOT_SURE
    return GAIN if (apart.mean or 0) > 0 else LOSE


def _findings(side: Side) -> Iterator[Words]:
    for name, who in JUDGED.items():
        if name not in side.found.figures:
            continue
        places = defaultdict[Words, list[int]](list)
        for place in side.others:
            places[verdict(side, name, place)].append(place)
        told = joined(
            [
                Words(f"{codes(those).zh}{said.zh}", f"{said.en} under {codes(those).en}")
                for said, those in places.items()
            ],
            "；",
        )
        yield Words(f"{who.zh}：{told.zh}。", f"{who.en}: {told.en}.")
    if "insurer_result" in side.found.figures:
        yield from _left_with_a_loss(side)


def _left_with_a_loss(side: Side) -> Iterator[Words]:
    """Designs under which the insurer loses on average after real cost, whatever the contract's ledger says."""
    levels = [side.found.value("insurer_result", place) for place in range(len(side.found.rows))]
    losing = [place for place, each in enumerate(levels) if each.clear and (each.mean or 0) < 0]
    if losing:
        told = codes(losing)
        yield Words(
            f"扣除实际费用后，公司按均值亏损的：{told.zh}。",
            f"After real cost the insurer loses on average under: {told.en}.",
        )
    else:
        yield Words(
            "扣除实际费用后，没有方案使公司按均值亏损（以误差为限）。",
            "After real cost the insurer loses on average under no design, as far as the error tells.",
        )


def _indistinct(side: Side) -> Iterator[Words]:
    """Designs that no figure tells from the base."""
    names = [name for name in JUDGED if name in side.found.figures]
    alike = [p for p in side.others if not any(side.found.difference(name, p).clear for name in names)]
    if alike:
        told = codes(alike)
        yield Words(
            f"{told.zh}与基准的差异未超出误差：按现有模拟次数，不能说其对患者、基金或公司更好或更差。",
            f"{told.en}: no difference from the base beyond error; from so many replications neither better nor worse "
            "for patients, fund or insurer.",
        )


def _who_gains(side: Side) -> Table:
    judged = {name: who for name, who in JUDGED.items() if name in side.found.figures}
    columns = [DESIGN]
    for who in judged.values():
        columns += [Column(who), Column(Words("判断", "verdict"), numeric=False)]
    rows: list[tuple[Cell, ...]] = []
    for place in side.others:
        cells: list[Cell] = [code(place)]
        for name in judged:
            cells += [side.difference(name, place)[0], verdict(side, name, place)]
        rows.append(tuple(cells))
    notes = (
        Words(
            f"与基准之差，{side.money.zh}（多年合同为年均）。受益、受损只在差异超出误差（95%区间不含零）时判断。",
            f"Differences from the base, {side.money.en} (a year's average of several). Gain and loss are told only "
            "beyond error: where the 95% interval leaves zero out.",
        ),
    )
    return Table("who-gains", Words("谁受益，谁受损", "Who gains and who loses"), tuple(columns), tuple(rows), notes)
