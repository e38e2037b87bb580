"""各报价并列: offers and scores, insurer, fund and patients, each bid beside the others."""

from __future__ import annotations

from fundsim.money import format_yuan
from fundsim.report.amounts import in_per_cent
from fundsim.report.document.model import Block, Cell, Column, Number, Paragraph, Section, Table
from fundsim.report.document.subject import chance, with_its_error
from fundsim.report.document.values import share_cells
from fundsim.report.document.words import Words, same
from fundsim.report.evaluation import BID, ERROR, INPUTS, NONE, Evaluation, criterion
from fundsim.report.pictures.bids import bids_picture

OF_PATIENTS = ("beneficiaries", "avg_payout")
REIMBURSED = "actual_reimbursement_ratio"


def bids(of: Evaluation) -> Section:
    """Each bid from three sides."""
    tables: list[Block] = [_offers(of)]
    if of.found.tender.terms.scoring:
        tables.append(_scores(of))
    tables += [_insurer(of), bids_picture(of), _fund(of), *_patients(of)]
    return Section("bids", Words("各报价并列", "Bids side by side"), tuple(tables))


def _offers(of: Evaluation) -> Table:
    paths = tuple(of.found.tender.terms.open)
    columns = [BID, *(Column(of.place(path), numeric=False) for path in paths)]
    columns.append(Column(Words("合同总价（元）", "contract sum (yuan)")))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            same(each.bid.name), *(of.value(path, each.bid.terms.offer[path]) for path in paths),
            Number(each.contract_sum / 100, format_yuan(each.contract_sum)),
        )
        for each in of.bids
    )  # fmt: skip
    notes = (
        Words(
            "合同总价＝报价×招标文件所列参保人数×合同年数，精确到分。",
            "Contract sum: the premium of the stated heads over all years, exact to the fen.",
        ),
    )
    return Table("offers", Words("报价", "Offers"), tuple(columns), rows, notes)


def _scores(of: Evaluation) -> Table:
    criteria = tuple(of.found.tender.terms.scoring)
    columns = (
        BID, *(Column(criterion(name)) for name in criteria), Column(Words("总分", "score")),
        Column(Words("名次", "place")),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for each in sorted(of.bids, key=lambda bid: bid.rank or 0):
        points = [*(each.scores[name] for name in criteria), each.score or 0]
        place = NONE if each.rank is None else Number(each.rank, f"{each.rank}")
        rows.append((same(each.bid.name), *(Number(p / 100, f"{p / 100:.2f}") for p in points), place))
    return Table("scores", Words("得分", "Scores"), columns, tuple(rows))


def _insurer(of: Evaluation) -> Table:
    money = of.money
    columns = (
        BID, Column(Words(f"净损益均值（{money.zh}）", f"mean result ({money.en})")), Column(ERROR), Column(INPUTS),
        Column(Words("亏损概率（%）", "P(loss) (%)")), Column(Words("95%区间下限", "95% from")),
        Column(Words("上限", "to")), Column(Words("资金缺口概率（%）", "P(cash short) (%)")),
    )  # fmt: skip
    rows = tuple(
        (
            same(each.bid.name), *of.in_money(each.result), *chance(each.loss),
            NONE if each.cash_short is None
            else Number(100 * each.cash_short.p, in_per_cent(each.cash_short)[0]),
        )
        for each in of.bids
    )  # fmt: skip
    notes = (
        Words(
            "净损益为合同期内扣除实际费用之后的合计。参数误差：期望结果随不确定参数变动的标准差；未列明不确定参数的为0。"
            "资金缺口：合同期内某月累计现金为负；未约定拨付进度的不计算。",
            "Results are after real cost, over the whole term. Inputs: standard deviation of the expected result over "
            "what is uncertain, 0 where nothing is stated to be. Cash short: cash below zero in some month; a dash "
            "where no instalments are stated.",
        ),
    )
    return Table("insurer", Words("公司损益与亏损概率", "The insurer's result and P(loss)"), columns, rows, notes)


def _fund(of: Evaluation) -> Table:
    money, capital = of.money, of.found.tender.terms.capital
    risk = f"{capital.measure} {capital.level / 10_000:g}%"
    columns = (
        BID, Column(Words(f"风险资本（{risk}，{money.zh}）", f"capital at risk ({risk}, {money.en})")), Column(ERROR),
        Column(Words(f"基金净收支（{money.zh}）", f"the fund's result ({money.en})")), Column(ERROR), Column(INPUTS),
        Column(Words(f"结余返还（{money.zh}）", f"returned to it ({money.en})")), Column(ERROR),
    )  # fmt: skip
    years = of.found.tender.years
    rows = tuple(
        (
            same(each.bid.name), *of.in_money(each.capital)[:2], *of.in_money(each.fund),
            *with_its_error(each.results.estimate("surplus_return"), years / money.yuan),
        )
        for each in of.bids
    )  # fmt: skip
    notes = (
        Words(
            "合同期合计。基金净收支：返还基金的结余，减基金另行分担的亏损；正数为基金受益。",
            "Over the whole term. The fund's result: what comes back to it less what it pays besides the premium; "
            "above zero the fund gains.",
        ),
    )
    return Table("fund", Words("风险资本与基金", "Capital at risk, and the fund"), columns, rows, notes)


def _patients(of: Evaluation) -> tuple[Block, ...]:
    columns = (
        BID, Column(Words("受益人数", "beneficiaries")), Column(Words("标准误", "s.e.")),
        Column(Words("人均赔付（元）", "average payment (yuan)")), Column(Words("标准误", "s.e.")),
        Column(Words("实际报销比例（%）", "reimbursed (%)")), Column(Words("标准误", "s.e.")),
    )  # fmt: skip
    shown = of.bids[:1] if of.alike_for_patients and len(of.bids) > 1 else of.bids
    every = Words("各报价相同", "every bid")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            same(each.bid.name) if len(shown) == len(of.bids) else every,
            *(cell for name in OF_PATIENTS for cell in with_its_error(each.results.estimate(name))),
            *share_cells((ratio := each.results.estimate(REIMBURSED)).mean, ratio.se),
        )
        for each in shown
    )
    table = Table("patients", Words("参保患者（年均）", "Patients, a year"), columns, rows)
    if len(shown) == len(of.bids):
        return (table,)
    said = Words(
        "待遇由招标文件固定，各报价下患者所得相同；报价只决定公司与基金之间如何分担。",
        "Benefits are fixed by the tender: patients receive the same whoever wins. Offers only settle how the insurer "
        "and the fund share.",
    )
    return Paragraph(said), table
