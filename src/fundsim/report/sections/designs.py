"""方案比较: other designs on the same people, and what differs beyond error."""

from __future__ import annotations

from fundsim.estimates import NORMAL_95
from fundsim.report.amounts import scale_of
from fundsim.report.document.model import Block, Column, Number, Paragraph, Section, Table
from fundsim.report.document.subject import Subject, chance, name_of, unit_of, with_its_error
from fundsim.report.document.words import Words
from fundsim.report.tables import paired_difference

COMPARED = ("pure_premium", "claims_paid", "insurer_result", "fund_result", "beneficiaries", "avg_payout")
"""What designs are compared in. Beneficiaries' own burden is not: where fewer are paid, fewer are counted."""


def designs(subject: Subject) -> Section | None:
    """Designs side by side, then each measure's paired difference with its error; nothing where there is one design."""
    if len(subject.designs) == 1:
        return None
    blocks: list[Block] = [
        Paragraph(
            Words(
                "各方案在同一批模拟人群、同一批账单上结算，差异为逐次配对之差，其误差远小于两次独立测算之差的误差。",
                "All designs are settled on the same simulated people and bills. Differences are paired, so that "
                "their errors "
                "are much smaller than those of two separate measurements.",
            )
        ),
        _side_by_side(subject),
    ]
    for other in range(1, len(subject.designs)):
        blocks += [_differences(subject, other)]
        same_within = _not_told_apart(subject, other)
        if same_within is not None:
            blocks.append(Paragraph(same_within, "warning"))
    return Section("designs", Words("情景与方案比较", "Scenarios and designs compared"), tuple(blocks))


def _side_by_side(subject: Subject) -> Table:
    columns = [Column(Words("方案", "design"), numeric=False)]
    shown = [name for name in COMPARED if subject.base.estimate(name).mean is not None]
    for name in shown:
        unit, title = unit_of(name, subject.money), name_of(name)
        columns.append(Column(Words(f"{title.zh}（{unit.zh}）", f"{title.en} ({unit.en})")))
    columns.append(Column(Words("公司亏损概率%", "P(insurer loses) %")))
    rows: list[tuple[Words | Number, ...]] = []
    for design in subject.designs:
        cells = []
        for name in shown:
            factor, _, most = scale_of(name, subject.money)
            cells.append(with_its_error(design.estimate(name), factor, most)[0])
        rows.append((subject.design_name(design), *cells, chance(design.probability("insurer_loss"))[0]))
    return Table("side-by-side", Words("各方案一览", "Designs side by side"), tuple(columns), tuple(rows))


def _differences(subject: Subject, other: int) -> Table:
    design = subject.designs[other]
    columns = (
        Column(Words("指标", "measure"), numeric=False), Column(Words("单位", "unit"), numeric=False),
        Column(Words("差异", "difference")), Column(Words("标准误", "s.e.")),
        Column(Words("95%区间下限", "95% from")), Column(Words("上限", "to")),
    )  # fmt: skip
    rows: list[tuple[Words | Number, ...]] = []
    for name in (*COMPARED, "insurer_loss"):
        of = paired_difference(subject.base, design, name)
        if of.mean is None:
            continue
        factor, unit, most = (100.0, Words("百分点", "points"), 2) if name == "insurer_loss" else _scale(subject, name)
        difference, se = with_its_error(of, factor, most)
        ends = of.interval()
        limits = [Number(None, "–")] * 2 if ends is None else [_end(end * factor, of.se, factor, most) for end in ends]
        rows.append((name_of(name), unit, difference, se, *limits))
    title = subject.design_name(design)
    words = Words(f"“{title.zh}”与本方案之差", f"“{title.en}” less this scheme")
    return Table(f"difference-{other}", words, columns, tuple(rows))


def _scale(subject: Subject, name: str) -> tuple[float, Words, int]:
    factor, _, most = scale_of(name, subject.money)
    return factor, unit_of(name, subject.money), most


def _end(value: float, se: float | None, factor: float, most: int) -> Number:
    from fundsim.report.amounts import written

    return Number(value, written(value, None if se is None else se * factor, most))


def _not_told_apart(subject: Subject, other: int) -> Words | None:
    """Say so where a design's claims do not differ from the scheme's beyond error."""
    of = paired_difference(subject.base, subject.designs[other], "claims_paid")
    if of.mean is None or of.se is None or abs(of.mean) > NORMAL_95 * of.se:
        return None
    name = subject.design_name(subject.designs[other])
    return Words(
        f"“{name.zh}”与本方案的赔付支出之差未超出抽样误差，不能据此区分优劣。",
        f"The claims of “{name.en}” do not differ from the scheme's beyond the error: the two cannot be told apart "
        f"by them.",
    )
