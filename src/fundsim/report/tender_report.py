"""The report of a tender (评标测算报告): what is bid, each bid from three sides, and which bids really differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fundsim.money import format_yuan
from fundsim.pricing import Price
from fundsim.report.amounts import Money, in_per_cent, money_for, scaled, written
from fundsim.report.document.model import (
    Block,
    Cell,
    Column,
    Document,
    Listing,
    Number,
    Origin,
    Paragraph,
    Section,
    Signatures,
    Table,
)
from fundsim.report.document.subject import with_its_error
from fundsim.report.document.words import Words, same
from fundsim.report.pictures.bids import bids_picture
from fundsim.runs import versions
from fundsim.tendering.evaluating import FEWEST_BIDS
from fundsim.tendering.result import BidResult, Figure, NoPrice, Pair, TenderResult

if TYPE_CHECKING:
    from collections.abc import Iterator

VERDICTS = {
    "material": Words("重大", "material"), "not material": Words("不重大", "not material"),
    "undecided": Words("尚不能定", "undecided"),
}  # fmt: skip
ERROR, INPUTS = Words("抽样误差", "s.e."), Words("参数误差", "inputs")
BID = Column(Words("投标人", "bid"), numeric=False)
NONE = Number(None, "–")


def tender_report(found: TenderResult) -> Document:
    """The report of an evaluated tender."""
    asked = found.tender
    sections = (_purpose(found), _open(found), _bids(found), _pairs(found), _prices(found), _reserved(found))
    title = Words(asked.title("zh"), asked.title("en"))
    every = (*sections, _appendix(found))
    return Document(
        f"report-{asked.terms.id}", title, Words("评标测算报告", "Evaluation of a tender"), _origin(found),
        tuple(section for section in every if section is not None),
    )  # fmt: skip


def _money(found: TenderResult) -> Money:
    return money_for(max(each.contract_sum for each in found.bids))


def _origin(found: TenderResult) -> Origin:
    asked = found.tender
    return Origin(
        scenario=asked.terms.id,
        fingerprint=asked.scheme.fingerprint,
        seed=found.seed,
        replications=found.replications,
        made="",
        command=f"fundsim tender TENDER.yaml -n {found.replications} --seed {found.seed}",
        versions=versions(),
    )


def _purpose(found: TenderResult) -> Section:
    asked = found.tender
    n, insured, bids = f"{found.replications:,}", f"{asked.scheme.population.insured:,}", len(found.bids)
    why = Words(
        f"本报告对“{asked.title('zh')}”的{bids}份报价进行测算：各报价在同一批模拟人群上结算，参保{insured}人，合同期{asked.years}年，"
        f"模拟{n}次。报告供评标参考，不替代评标委员会的评审。",
        f"This report measures the {bids} bids of “{asked.title('en')}”: all of them are settled on the same simulated "
        f"people, {insured} insured over {asked.years} years, in {n} replications. It serves those who evaluate the "
        "tender and does not replace their judgement.",
    )
    blocks: list[Block] = [Paragraph(why)]
    scored = [each for each in found.bids if each.rank == 1]
    if scored:
        names = [each.bid.name for each in scored]
        worst = in_per_cent(scored[0].loss)
        said = Words(
            f"综合得分最高的是{'、'.join(names)}（{(scored[0].score or 0) / 100:.2f}分）；"
            f"按其报价，公司合同期内亏损概率为{worst[0]}%（{worst[1]}%至{worst[2]}%）。",
            f"The highest score has {', '.join(names)} ({(scored[0].score or 0) / 100:.2f} points); at its offer the "
            f"insurer loses over the term with probability {worst[0]}% ({worst[1]}% to {worst[2]}%).",
        )
        blocks.append(Paragraph(said, "finding"))
    if len(found.bids) < FEWEST_BIDS:
        few = Words(
            "有效投标不足三家，公开招标应重新组织。",
            "There are fewer than three bids: a public tender would be repeated.",
        )
        blocks.append(Paragraph(few, "warning"))
    return Section("purpose", Words("目的与结论", "Purpose and findings"), tuple(blocks))


def _open(found: TenderResult) -> Section:
    terms = found.tender.terms
    columns = (
        Column(Words("报价项", "what is bid"), numeric=False), Column(Words("下限", "floor"), numeric=False),
        Column(Words("上限", "ceiling"), numeric=False), Column(Words("低于下限", "below the floor"), numeric=False),
    )  # fmt: skip
    below = {"refused": Words("无效投标", "refused"), "noted": Words("仅作提示", "noted")}
    none = Words("不设", "none")
    rows = tuple(
        (
            same(path),
            none if item.floor is None else same(item.floor),
            none if item.ceiling is None else same(item.ceiling),
            same("–") if item.floor is None else below[item.below_floor],
        )
        for path, item in terms.open.items()
    )
    fixed = tuple((same(path), same(f"{value}")) for path, value in terms.fixed.items())
    pair = (Column(Words("条款", "term"), numeric=False), Column(Words("约定", "as fixed"), numeric=False))
    tables = [Table("open", Words("由投标人报价的事项", "What is open to bid"), columns, rows)]
    if fixed:
        tables.append(Table("fixed", Words("招标文件固定的事项", "What the tender fixes"), pair, fixed))
    if terms.scoring:
        tables.append(_weights(found))
    return Section("terms", Words("固定事项与报价事项", "What is fixed and what is bid"), tuple(tables))


def _weights(found: TenderResult) -> Table:
    columns = (
        Column(Words("评分项", "criterion"), numeric=False), Column(Words("分值", "points")),
        Column(Words("评分方法", "how it is scored"), numeric=False),
    )  # fmt: skip
    rules = {
        "lowest": Words("低价优先：满分×最低报价÷报价", "points × lowest offer / offer"),
        "highest": Words("高者优先：满分×报价÷最高报价", "points × offer / highest offer"),
        None: Words("评标委员会打分", "the jury's score"),
    }
    rows = tuple(
        (same(name), Number(item.points / 100, f"{item.points / 100:g}"), rules[item.rule])
        for name, item in found.tender.terms.scoring.items()
    )
    return Table("weights", Words("评分办法", "How bids are scored"), columns, rows)


def _bids(found: TenderResult) -> Section:
    tables: list[Block] = [_offers(found), _outcomes(found), bids_picture(found), _patients(found)]
    return Section("bids", Words("各报价并列", "Bids side by side"), tuple(tables))


def _offers(found: TenderResult) -> Table:
    terms, scored = found.tender.terms, bool(found.tender.terms.scoring)
    columns = [BID, *(Column(same(path), numeric=False) for path in terms.open)]
    columns.append(Column(Words("合同总价（元）", "contract sum (yuan)")))
    if scored:
        columns += [*(Column(same(name)) for name in terms.scoring), Column(Words("总分", "score"))]
        columns.append(Column(Words("名次", "place")))
    rows: list[tuple[Cell, ...]] = []
    for each in found.bids:
        cells: list[Cell] = [same(each.bid.name), *(same(each.bid.terms.offer[path]) for path in terms.open)]
        cells.append(Number(each.contract_sum / 100, format_yuan(each.contract_sum)))
        if scored:
            points = [*(each.scores[name] for name in terms.scoring), each.score or 0]
            cells += [Number(of / 100, f"{of / 100:.2f}") for of in points]
            cells.append(NONE if each.rank is None else Number(each.rank, f"{each.rank}"))
        rows.append(tuple(cells))
    return Table("offers", Words("报价与得分", "Offers and scores"), tuple(columns), tuple(rows))


def _outcomes(found: TenderResult) -> Table:
    money, capital = _money(found), found.tender.terms.capital
    risk = f"{capital.measure} {capital.level / 10_000:g}%"
    columns = (
        BID, Column(Words("公司净损益", "insurer's result")), Column(ERROR), Column(INPUTS),
        Column(Words("亏损概率%", "P(loss) %")), Column(Words("95%区间下限", "95% from")), Column(Words("上限", "to")),
        Column(Words("资金缺口概率%", "P(cash short) %")),
        Column(Words(f"风险资本（{risk}）", f"capital at risk ({risk})")), Column(ERROR),
        Column(Words("基金净收支", "fund's result")), Column(ERROR),
    )  # fmt: skip
    rows = tuple(_outcome(each, money) for each in found.bids)
    notes = (
        Words(
            f"金额单位为{money.zh}，合同期合计。参数误差：期望结果随不确定参数变动的标准差；未列明不确定参数的为0。",
            f"Money in {money.en} over the whole term. Inputs: standard deviation of the expected result over what is "
            "uncertain, 0 where nothing is stated to be.",
        ),
    )
    return Table("outcomes", Words("公司与基金", "Insurer and fund"), columns, rows, notes)


def _outcome(each: BidResult, money: Money) -> tuple[Cell, ...]:
    chances = [
        Number(100 * value, text)
        for value, text in zip((each.loss.p, each.loss.lo, each.loss.hi), in_per_cent(each.loss), strict=True)
    ]
    short = NONE if each.cash_short is None else Number(100 * each.cash_short.p, in_per_cent(each.cash_short)[0])
    result, capital, fund = (_cells(figure, money) for figure in (each.result, each.capital, each.fund))
    return (same(each.bid.name), *result, *chances, short, *capital[:2], *fund[:2])


def _cells(figure: Figure, money: Money) -> tuple[Number, Number, Number]:
    value, se, inputs = (scaled(part, 1 / money.yuan) for part in (figure.value, figure.se, figure.inputs))
    return Number(value, written(value, se)), Number(se, written(se, se)), Number(inputs, written(inputs, inputs))


def _patients(found: TenderResult) -> Table:
    columns = (
        BID, Column(Words("受益人数", "beneficiaries")), Column(Words("标准误", "s.e.")),
        Column(Words("人均赔付（元）", "average payment (yuan)")), Column(Words("标准误", "s.e.")),
        Column(Words("实际报销比例%", "reimbursed %")), Column(Words("标准误", "s.e.")),
    )  # fmt: skip
    shown = (("beneficiaries", 1.0), ("avg_payout", 1.0), ("actual_reimbursement_ratio", 100.0))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (
            same(each.bid.name),
            *(cell for name, factor in shown for cell in with_its_error(each.results.estimate(name), factor)),
        )
        for each in found.bids
    )
    return Table("patients", Words("参保患者（年均）", "Patients, a year"), columns, rows)


def _pairs(found: TenderResult) -> Section | None:
    if not found.pairs:
        return None
    money, threshold = _money(found), f"{found.tender.terms.material / 10_000:g}"
    columns = (
        Column(Words("前者", "first"), numeric=False), Column(Words("后者", "second"), numeric=False),
        Column(Words(f"净损益之差（{money.zh}）", f"result ({money.en})")), Column(ERROR), Column(INPUTS),
        Column(Words("亏损概率之差（百分点）", "P(loss) (points)")), Column(Words("±95%", "± 95%")), Column(INPUTS),
        Column(Words("判断", "verdict"), numeric=False),
    )  # fmt: skip
    how = Words(
        f"两两相减，同一批人群。亏损概率之差在扣除抽样误差后仍超过{threshold}个百分点的为重大差异；区间跨越门槛的，增加模拟次数方能判断。",
        f"The first less the second, on the same people. A difference is material where P(loss) differs by more than "
        f"{threshold} points beyond the sampling error; where the interval crosses the threshold, more replications "
        "would tell.",
    )
    rows = tuple(_pair(pair, money) for pair in found.pairs)
    table = Table("pairs", Words("两两比较", "Pairs of bids"), columns, rows)
    many = sum(pair.verdict == "material" for pair in found.pairs)
    said = Words(
        f"{len(found.pairs)}对报价中，{many}对的亏损风险有重大差异。",
        f"Of {len(found.pairs)} pairs, {many} differ materially in the risk of a loss.",
    )
    title = Words("配对差异", "Paired differences")
    return Section("pairs", title, (Paragraph(how), Paragraph(said, "finding"), table))


def _pair(pair: Pair, money: Money) -> tuple[Cell, ...]:
    half, inputs = 100 * pair.half_width, scaled(pair.loss.inputs, 100)
    return (
        same(pair.first), same(pair.second), *_cells(pair.result, money),
        Number(100 * pair.loss.value, written(100 * pair.loss.value, half / 2)), Number(half, written(half, half)),
        Number(inputs, written(inputs, inputs)), VERDICTS[pair.verdict],
    )  # fmt: skip


def _prices(found: TenderResult) -> Section:
    asked = found.tender.terms.walk_away
    columns = (
        BID, Column(Words("报价", "offered")), Column(Words("纯保费", "pure premium")), Column(ERROR),
        Column(Words("保本价", "break-even")), Column(ERROR), Column(INPUTS),
        Column(Words("底线价", "walk-away")), Column(ERROR), Column(INPUTS),
    )  # fmt: skip
    rows = tuple(
        (
            same(each.bid.name), Number(each.premium, f"{each.premium:.2f}"), *with_its_error(each.pure),
            *_solved(each.break_even), *_solved(each.walk_away),
        )
        for each in found.bids
    )  # fmt: skip
    notes = (
        Words(
            f"元/人·年，精确到分。保本价：合同期内公司净损益均值不小于零的最低保费；底线价：满足 {asked} 的最低保费。",
            f"Yuan per insured and year, whole fen. Break-even: the lowest premium at which the insurer's mean result "
            f"over the term is not negative; walk-away: the lowest at which {asked}.",
        ),
    )
    table = Table("prices", Words("各投标人的价格测算", "Each bidder's prices"), columns, rows, notes)
    below = [each for each in found.bids if isinstance(each.break_even, Price) and each.premium < each.break_even.value]
    names = [each.bid.name for each in below]
    said = (
        Words(
            f"{'、'.join(names)}的报价低于保本价，按均值将亏损。",
            f"{', '.join(names)}: the offer lies below break-even.",
        )
        if names
        else Words("没有报价低于所求得的保本价。", "No offer lies below a break-even price that was found.")
    )
    return Section("prices", Words("保本价与底线价", "Break-even and walk-away"), (Paragraph(said, "finding"), table))


def _solved(found: Price | NoPrice) -> tuple[Number, Number, Number]:
    if isinstance(found, NoPrice):
        return NONE, NONE, NONE
    inputs = NONE if found.inputs is None else Number(found.inputs, f"{found.inputs:.2g}")
    return Number(found.value, f"{found.value:.2f}"), Number(found.se, written(found.se, found.se)), inputs


def _reserved(found: TenderResult) -> Section:
    asked = found.tender
    many = len(asked.assumptions) + len(asked.scheme.assumptions)
    points = [
        Words(
            f"{many}项数值为假设（招标文件{len(asked.assumptions)}项，其余属方案），改变假设会改变结论。",
            f"{many} values are assumed ({len(asked.assumptions)} of the tender file, the rest of the scheme); others "
            "would give other conclusions.",
        ),
        Words(
            "抽样误差由模拟次数决定；参数误差只含已列明的不确定参数；两者都不含模型本身的误差。",
            "Sampling errors come from the number of replications; errors of inputs cover those that are stated; "
            "neither covers the model.",
        ),
        *_warnings(found),
    ]
    columns = (
        Column(Words("路径", "path"), numeric=False), Column(Words("取值", "value"), numeric=False),
        Column(Words("理由", "reason, as written"), numeric=False),
    )  # fmt: skip
    rows = tuple((same(each.path), same(each.text), same(each.why)) for each in asked.assumptions)
    blocks: list[Block] = [Listing(tuple(points))]
    if rows:
        title = Words("招标文件中的假设", "What the tender file assumes")
        blocks.append(Table("assumed", title, columns, rows))
    lines = (Words("测算人", "prepared by"), Words("复核人", "reviewed by"), Words("日期", "date"))
    blocks.append(Signatures(lines))
    return Section("reservations", Words("警示与保留意见", "Warnings and reservations"), tuple(blocks))


def _warnings(found: TenderResult) -> Iterator[Words]:
    for each in found.bids:
        name, premium, pure = each.bid.name, f"{each.premium:.2f}", with_its_error(each.pure)[0].text
        for path in each.bid.below_floor:
            yield Words(f"{name}：{path}低于自律底价", f"{name}: {path} is below the floor that is noted")
        if each.pure.mean is not None and each.premium < each.pure.mean:
            yield Words(
                f"{name}：报价{premium}元/人低于纯保费{pure}元/人",
                f"{name}: {premium} yuan a head is below the pure premium, {pure}",
            )
        solved = (
            (Words("保本价", "break-even price"), each.break_even),
            (Words("底线价", "walk-away price"), each.walk_away),
        )
        for what, price in solved:
            if isinstance(price, NoPrice):
                yield Words(f"{name}：求不出{what.zh}：{price.zh}", f"{name}: no {what.en}: {price.en}")


def _appendix(found: TenderResult) -> Section:
    origin = _origin(found)
    columns = (Column(Words("项目", "item"), numeric=False), Column(Words("内容", "content"), numeric=False))
    rows = (
        (Words("招标文件", "tender"), same(origin.scenario)),
        (Words("方案指纹", "fingerprint of the scheme"), same(origin.fingerprint)),
        (Words("随机种子", "seed"), same(str(origin.seed))),
        (Words("模拟次数", "replications"), same(f"{origin.replications:,}")),
        (Words("复现命令", "command"), same(origin.command)),
        *((Words(f"版本：{name}", f"version of {name}"), same(text)) for name, text in origin.versions.items()),
    )
    table = Table("origin", Words("复现信息", "How to make these figures again"), columns, rows)
    return Section("appendix", Words("附录：复现", "Appendix: origin"), (table,))
