"""资本与现金流: what a bad year takes, and whether the insurer's cash lasts."""

from __future__ import annotations

import numpy as np

from fundsim.estimates import NORMAL_95, Floats, mean_of, quantile_of
from fundsim.report.amounts import RANGE_ERROR, written
from fundsim.report.document.model import Block, Column, Number, Paragraph, Section, Table
from fundsim.report.document.phrases import how_often, short, told
from fundsim.report.document.subject import Subject, with_its_error
from fundsim.report.document.words import Words
from fundsim.report.pictures import cash_picture
from fundsim.results import Results

LEVELS = (0.75, 0.9, 0.95, 0.99)
TITLE = Words("资本与现金流", "Capital and cash")
NET = Words("公司净损益", "the insurer's result")
RUNS_SHORT = (Words("公司", "the insurer"), Words("出现资金缺口", "runs short of cash"))


def cash(subject: Subject) -> Section:
    """Capital at risk by level; cash by year; by month where the contract states instalments, else what is missing."""
    blocks: list[Block] = [_capital(subject)]
    if subject.base.years:
        blocks += [Paragraph(_deepest(subject), "finding"), _by_year(subject)]
    if subject.base.insurer_cash is None:
        blocks.append(Paragraph(_no_months(subject)))
        return Section("capital", TITLE, tuple(blocks))
    often = how_often(subject.base.probability("cash_short"), subject.base.replications, *RUNS_SHORT)
    said = Words(f"合同期内按月末余额计，{often.zh}。", f"By its cash at the end of each month, {often.en}.")
    return Section("capital", TITLE, (*blocks, Paragraph(said, "finding"), cash_picture(subject)))


def _no_months(subject: Subject) -> Words:
    """Why there is no cash by month, and what would give it."""
    stated = subject.scenario.terms.contract.instalments is not None
    if stated:
        return Words(
            "未结算全部账单，不能按月列示承办资金余额；在方案中写明 simulation: {bills: all} 后可列示。",
            "Not all bills were settled, so the insurer's cash by month is not known; state "
            "'simulation: {bills: all}'.",
        )
    return Words(
        "合同未列明保费拨付时间，不能按月列示承办资金余额；在方案中写明contract.instalments，"
        "并设simulation: {bills: all}，即可列示。",
        "The contract does not say when premiums are paid, so the insurer's cash by month is not known; state "
        "'contract.instalments' and 'simulation: {bills: all}'.",
    )


def _deepest(subject: Subject) -> Words:
    """How much the insurer has to bring in at the worst year's end of the term."""
    base, money = subject.base, subject.money
    results = [base.year(number).totals["insurer_result"] / money.fen for number in range(1, base.n_years + 1)]
    deepest = np.maximum(-np.cumsum(results, axis=0).min(axis=0), 0.0)
    of = mean_of(deepest, batch=base.batch)
    mean, se = told(with_its_error(of))
    worst = quantile_of(deepest, 0.95, stratified=base.batch is not None).value
    at_95 = short(Number(worst, written(worst, None if of.se is None else RANGE_ERROR * of.se)))
    return Words(
        f"各年末累计，公司最多须垫付的资金平均为{mean}{money.zh}（标准误{se}），95%分位为{at_95}{money.zh}。",
        f"Added up by the end of each year, the insurer has to put in {mean} {money.en} at most on average (s.e. "
        f"{se}), and {at_95} {money.en} at the 95% point.",
    )


def _by_year(subject: Subject) -> Table:
    """What comes in and goes out in each year, and what has added up by its end."""
    base, money = subject.base, subject.money
    years = [base.year(number) for number in range(1, base.n_years + 1)]
    columns = [Column(Words(f"项目（{money.zh}）", f"item ({money.en})"), numeric=False)]
    columns += [Column(Words(f"第{number}年", f"year {number}")) for number in range(1, base.n_years + 1)]
    flows = [_flows(year) for year in years]
    rows: list[tuple[Words | Number, ...]] = []
    for name in flows[0]:
        if not any(flow[name].any() for flow in flows):
            continue
        rows.append((name, *(_mean(flow[name], subject) for flow in flows)))
    rows.append((NET, *(_mean(year.totals["insurer_result"].astype(np.float64), subject) for year in years)))
    added = np.cumsum([year.totals["insurer_result"].astype(np.float64) for year in years], axis=0)
    rows.append((Words("年末累计", "added up by the end"), *(_mean(total, subject) for total in added)))
    low = [quantile_of(total / money.fen, 0.05, stratified=base.batch is not None) for total in added]
    errors = [mean_of(total / money.fen, batch=base.batch).se for total in added]
    ends = zip(low, errors, strict=True)
    rows.append(
        (
            Words("年末累计的5%分位", "5% point of it"),
            *(Number(at.value, written(at.value, RANGE_ERROR * (se or 0.0), money.most)) for at, se in ends),
        )
    )  # fmt: skip
    notes = (
        Words(
            "均值。收入为正，支出为负；如有“其他”，为结转、考核扣款和跨年结算造成的差额。",
            "Means. What comes in is positive, what goes out negative; 'other', if any, is what is carried, forfeited "
            "or settled in another year.",
        ),
    )
    title = Words("公司各年资金收支", "The insurer's cash by year")
    return Table("cash-years", title, tuple(columns), tuple(rows), notes)


def _flows(year: Results) -> dict[Words, Floats]:
    """(r,) fen of each kind in a year; they add up to the insurer's result."""
    totals = {name: values.astype(np.float64) for name, values in year.totals.items() if values.ndim == 1}
    zero = np.zeros(year.replications)
    flows = {
        Words("保费", "premium"): totals["premium"],
        Words("基金分担亏损", "the fund's part of losses"): sum(
            (totals.get(name, zero) for name in ("policy_loss_fund", "other_loss_fund")), start=zero
        ),
        Words("赔付", "claims"): -totals["claims_paid"],
        Words("返还基金", "returned to the fund"): -totals["surplus_return"],
        Words("运营成本", "running cost"): totals["insurer_result"] - totals["contract_result"],
    }
    rest = totals["insurer_result"] - sum(flows.values(), start=zero)
    return {**flows, Words("其他", "other"): rest}


def _mean(fen: Floats, subject: Subject) -> Number:
    return with_its_error(mean_of(fen, batch=subject.base.batch), 1 / subject.money.fen, subject.money.most)[0]


def _capital(subject: Subject) -> Table:
    """What the insurer loses at least in its worst years (VaR), and on average in them (TVaR)."""
    base, money = subject.base, subject.money
    losses = -base.values("insurer_result")  # type: ignore[operator]
    columns = (
        Column(Words("置信水平", "level"), numeric=False),
        Column(Words(f"在险价值VaR（{money.zh}）", f"VaR ({money.en})")),
        Column(Words("95%区间下限", "95% from")), Column(Words("上限", "to")),
        Column(Words(f"尾部均值TVaR（{money.zh}）", f"TVaR ({money.en})")), Column(Words("标准误", "s.e.")),
    )  # fmt: skip
    rows: list[tuple[Words | Number, ...]] = []
    for level in LEVELS:
        found = base.quantile("insurer_result", round(1 - level, 6))
        if found is None:
            continue
        known = [abs(found.value - end) for end in (found.lo, found.hi) if end is not None]
        width = sum(known) / len(known) / NORMAL_95 / money.yuan if known else None
        ends = (None if found.hi is None else -found.hi, None if found.lo is None else -found.lo)
        tail, se = tail_mean(losses, level)
        rows.append(
            (
                Words(f"{100 * level:g}%", f"{100 * level:g}%"),
                *(_money(value, width, subject) for value in (-found.value, *ends)),
                _money(tail, None if se is None else se / money.yuan, subject),
                _money(se, None if se is None else se / money.yuan, subject),
            )
        )
    notes: tuple[Words, ...] = (
        Words(
            "正数为亏损，负数为盈利。TVaR为超过该水平的各次亏损的平均。",
            "Losses are positive, gains negative. TVaR is the mean of the losses beyond the level.",
        ),
    )
    if base.years:
        averaged = Words("各数为合同期内的年均值。", "Amounts are averages of a year of the term.")
        notes = (*notes, averaged)
    return Table("capital", Words("公司的风险资本", "The insurer's capital at risk"), columns, tuple(rows), notes)


def tail_mean(losses: Floats, level: float) -> tuple[float | None, float | None]:
    """The mean of the losses beyond a level, and its standard error; None with fewer than two of them.

    The error is that of Manistre and Hancock (*North American Actuarial Journal* 9, 2005): of n replications, k beyond
    the quantile q: sqrt((var(beyond) + level·(mean(beyond) − q)²) / k).
    """
    ordered = np.sort(losses)
    beyond = ordered[int(np.ceil(level * len(ordered))) :]
    if len(beyond) < 2:
        return None, None
    mean, quantile = float(beyond.mean()), float(beyond[0])
    return mean, float(np.sqrt((beyond.var(ddof=1) + level * (mean - quantile) ** 2) / len(beyond)))


def _money(yuan: float | None, se: float | None, subject: Subject) -> Number:
    value = None if yuan is None else yuan / subject.money.yuan
    return Number(value, written(value, se, subject.money.most))
