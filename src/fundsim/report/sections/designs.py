"""方案比较: other designs on the same people, and what differs beyond error."""

from __future__ import annotations

from fundsim.comparison.differences import difference_of, value_of
from fundsim.comparison.figures import FIGURES, Row, premium_told, row_of
from fundsim.estimates import NORMAL_95
from fundsim.report.amounts import scale_of
from fundsim.report.document.model import Block, Column, Listing, Number, Paragraph, Section, Table
from fundsim.report.document.phrases import plain, told
from fundsim.report.document.subject import Subject, chance, name_of, unit_of, with_its_error
from fundsim.report.document.values import difference_cells, figure_name, value_cells
from fundsim.report.document.words import Words
from fundsim.report.tables import paired_difference

COMPARED = ("pure_premium", "claims_paid", "insurer_result", "fund_result", "beneficiaries", "avg_payout")
"""What designs are compared in. Beneficiaries' own burden is not: where fewer are paid, fewer are counted."""
SIDE_BY_SIDE = ("claims_paid", "insurer_result", "beneficiaries")
"""What stands beside the premium needed and the chance of a loss: few columns, so that heads stay whole."""


def designs(subject: Subject) -> Section | None:
    """Designs side by side, then each measure's paired difference with its error; nothing where there is one design."""
    if len(subject.designs) == 1:
        return None
    blocks: list[Block] = [
        Paragraph(
            Words(
                "各方案在同一批模拟人群、同一批账单上结算，差异为逐次配对之差，其误差远小于两次独立测算之差的误差。",
                "All designs are settled on the same simulated people and bills. Differences are paired, so that "
                "their errors are much smaller than those of two separate measurements.",
            )
        ),
        _side_by_side(subject),
        Listing(tuple(design_sentences(subject))),
    ]
    for other in range(1, len(subject.designs)):
        blocks += [_differences(subject, other)]
        same_within = _not_told_apart(subject, other)
        if same_within is not None:
            blocks.append(Paragraph(same_within, "warning"))
    return Section("designs", Words("情景与方案比较", "Scenarios and designs compared"), tuple(blocks))


def design_sentences(subject: Subject) -> list[Words]:
    """What each design does to the premium and to patients, in a sentence; the one that moves claims most first."""
    rows = [row_of(each.scenario.label, each, ()) for each in subject.designs]
    apart = {number: difference_of(row, rows[0], FIGURES["claims_paid"]) for number, row in enumerate(rows) if number}
    order = sorted(apart, key=lambda number: -abs(apart[number].mean or 0.0))
    return [_sentence(subject, rows[number], rows[0], subject.design_name(subject.designs[number])) for number in order]


def _sentence(subject: Subject, row: Row, base: Row, name: Words) -> Words:
    """Premium and payments of a design less those of the scheme; said so where they do not differ beyond error."""
    claims, helped = FIGURES["claims_paid"], FIGURES["beneficiaries"]
    premium = premium_told(subject.scenario.terms.contract)
    called = figure_name(premium)
    money = subject.money
    found = {each.id: difference_of(row, base, each) for each in (premium, claims, helped)}
    gap, gap_se = told(difference_cells(found[premium.id], premium, money))
    paid, paid_se = told(difference_cells(found["claims_paid"], claims, money))
    persons, persons_se = told(difference_cells(found["beneficiaries"], helped, money), 0)
    if not found["claims_paid"].clear:
        return Words(
            f"“{name.zh}”：与本方案的{called.zh}之差{gap}元/人（配对标准误{gap_se}），未超出误差，对患者的赔付也不能区分。",
            f"'{name.en}': the {called.en} differs by {gap} yuan a head (paired s.e. {gap_se}), within the "
            f"error, and so do payments to patients.",
        )
    less = (found["claims_paid"].mean or 0.0) < 0
    fewer = (found["beneficiaries"].mean or 0.0) < 0
    people = Words(
        f"受益人{'减少' if fewer else '增加'}{plain(persons)}人（标准误{persons_se}）",
        f"{plain(persons)} {'fewer' if fewer else 'more'} persons are helped (s.e. {persons_se})",
    )
    if not found["beneficiaries"].clear:
        people = Words("受益人数之差未超出误差", "the number helped does not differ beyond the error")
    return Words(
        f"“{name.zh}”：{called.zh}{'降低' if less else '提高'}{plain(gap)}元/人（配对标准误{gap_se}）；"
        f"对患者的赔付每年{'减少' if less else '增加'}{plain(paid)}{money.zh}（标准误{paid_se}），"
        f"{'改由患者或其后的支付方负担' if less else '相应减轻患者或其后支付方的负担'}，{people.zh}。",
        f"'{name.en}': the {called.en} is {plain(gap)} yuan a head {'lower' if less else 'higher'} (paired s.e. "
        f"{gap_se}); patients are paid {plain(paid)} {money.en} a year {'less' if less else 'more'} (s.e. "
        f"{paid_se}), which {'they or later payers bear' if less else 'relieves them or later payers'}, and "
        f"{people.en}.",
    )


def _side_by_side(subject: Subject) -> Table:
    premium = premium_told(subject.scenario.terms.contract)
    name = figure_name(premium)
    shown = [name for name in SIDE_BY_SIDE if subject.base.estimate(name).mean is not None]
    columns = [
        Column(Words("方案", "design"), numeric=False),
        Column(Words(f"{name.zh}（元/人）", f"{name.en} (yuan)")),
    ]
    for measure in shown:
        unit, title = unit_of(measure, subject.money), HEADS.get(measure, name_of(measure))
        columns.append(Column(Words(f"{title.zh}（{unit.zh}）", f"{title.en} ({unit.en})")))
    columns.append(Column(Words("公司亏损概率%", "P(loss) %")))
    rows: list[tuple[Words | Number, ...]] = []
    for design in subject.designs:
        cells = []
        for measure in shown:
            factor, _, most = scale_of(measure, subject.money)
            cells.append(with_its_error(design.estimate(measure), factor, most)[0])
        needed = value_cells(value_of(row_of(design.scenario.label, design, ()), premium), premium, subject.money)[0]
        rows.append((subject.design_name(design), needed, *cells, chance(design.probability("insurer_loss"))[0]))
    return Table("side-by-side", Words("各方案一览", "Designs side by side"), tuple(columns), tuple(rows))


HEADS = {
    "claims_paid": Words("赔付支出", "claims"),
    "insurer_result": Words("公司净损益", "insurer"),
    "beneficiaries": Words("受益人数", "helped"),
}
"""Names that are shorter at the head of a column."""


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
    words = Words(f"“{title.zh}”与本方案之差", f"'{title.en}' less this scheme")
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
        f"The claims of '{name.en}' do not differ from the scheme's beyond the error: the two cannot be told apart "
        f"by them.",
    )
