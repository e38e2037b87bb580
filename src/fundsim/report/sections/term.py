"""风险分担与盈利测试: the contract year by year, what it comes to over the term, and who bears what."""

from __future__ import annotations

from typing import Final

import numpy as np

from fundsim.estimates import Estimate, Floats, mean_of
from fundsim.report.amounts import scale_of
from fundsim.report.break_even import PremiumNeeded
from fundsim.report.document.model import Block, Cell, Column, Listing, Number, Paragraph, Section, Table
from fundsim.report.document.phrases import how_often, insurer_loses, plain, short, told, within_error
from fundsim.report.document.subject import Subject, chance, name_of, unit_of, with_its_error, with_its_range
from fundsim.report.document.words import Words
from fundsim.report.pictures import term_picture
from fundsim.report.years import ROWS, WHERE_ANY
from fundsim.results import Results

YEAR_LOSES: Final = (Words("公司", "the insurer"), Words("亏损", "loses"))
TITLE: Final = Words("合同期风险分担与盈利测试", "Risk sharing over the term")


def term(subject: Subject) -> Section | None:
    """Every year of the term and all together; where only one was simulated of several, how to have them all."""
    if not subject.base.years:
        return _one_year_of(subject)
    years = [subject.base.year(number) for number in range(1, subject.base.n_years + 1)]
    blocks: list[Block] = [
        Paragraph(_course(years), "finding"),
        _by_year(subject, years),
        term_picture(subject),
        Listing(tuple(_each_year(subject, years))),
        _who_bears(subject),
    ]
    return Section("term", TITLE, tuple(blocks))


def _one_year_of(subject: Subject) -> Section | None:
    """Where the contract runs for longer than was simulated: say so, with the command."""
    agreed = subject.scenario.terms.contract.term
    if agreed is None or agreed < 2:
        return None
    file = subject.base.manifest.get("path") or "FILE"
    command = f"fundsim run {file} --years {agreed}"
    said = Words(
        f"合同约定合作期限{agreed}年，本报告只测算了一个年度：费用逐年增长、结余与亏损逐年累积的影响未反映。"
        f"全合同期的结果可用“{command}”测算后再出具报告。",
        f"The contract is for {agreed} years; one was simulated here. What grows or adds up over the years is not in "
        f"these figures. '{command}' measures the whole term for another report.",
    )
    return Section("term", TITLE, (Paragraph(said, "warning"),))


def _course(years: list[Results]) -> Words:
    """How loss ratio and break-even move from the first year to the last."""
    ratios = [short(with_its_error(year.estimate("loss_ratio"), 100)[0], 1) for year in (years[0], years[-1])]
    needed = [PremiumNeeded.of(year) for year in (years[0], years[-1])]
    last = len(years)
    start = Words(
        f"赔付率由第1年的{ratios[0]}%变为第{last}年的{ratios[1]}%",
        f"The loss ratio goes from {ratios[0]}% in year 1 to {ratios[1]}% in year {last}",
    )
    if not all(each.known for each in needed):
        return Words(f"{start.zh}。", f"{start.en}.")
    evens = [short(with_its_error(each.break_even)[0]) for each in needed]
    present = [short(with_its_error(each.present)[0]) for each in needed]
    moves = Words(
        f"{start.zh}；保本筹资标准由{evens[0]}元/人变为{evens[1]}元/人",
        f"{start.en}; the break-even premium goes from {evens[0]} to {evens[1]} yuan a head",
    )
    if present[0] == present[1]:
        return Words(
            f"{moves.zh}，而筹资标准仍为{present[0]}元/人。",
            f"{moves.en}, while the premium stays at {present[0]} yuan.",
        )
    return Words(
        f"{moves.zh}，同期筹资标准由{present[0]}元/人变为{present[1]}元/人。",
        f"{moves.en}, the premium itself from {present[0]} to {present[1]} yuan.",
    )


def _by_year(subject: Subject, years: list[Results]) -> Table:
    """Premium, claims, results of insurer and fund, and chances, by year; the last column is the sum over the term."""
    names = [name for name in ROWS if name not in WHERE_ANY or any(year.totals[name].any() for year in years)]
    columns = [Column(Words("指标", "measure"), numeric=False), Column(Words("单位", "unit"), numeric=False)]
    for number in range(1, len(years) + 1):
        columns += [Column(Words(f"第{number}年", f"year {number}")), Column(Words("标准误", "s.e."))]
    rows: list[tuple[Cell, ...]] = []
    for name in (*names, "fund_result"):
        factor, _, most = scale_of(name, subject.money)
        cells = [cell for year in years for cell in with_its_error(year.estimate(name), factor, most)]
        rows.append((name_of(name), unit_of(name, subject.money), *cells))
    evens = [PremiumNeeded.of(year).break_even for year in years]
    cells = [cell for of in evens for cell in with_its_error(of)]
    rows.append((Words("保本筹资标准", "break-even premium"), unit_of("pure_premium", subject.money), *cells))
    for name in ("insurer_loss", "return"):
        cells = [cell for year in years for cell in (chance(year.probability(name))[0], Number(None, "–"))]
        rows.append((name_of(name), Words("%", "%"), *cells))
    return Table("years", Words("合同期分年度结果", "The term, year by year"), tuple(columns), tuple(rows))


def _each_year(subject: Subject, years: list[Results]) -> list[Words]:
    """One sentence for each year: what the insurer gains or loses, and how often it loses."""
    found = []
    for number, year in enumerate(years, start=1):
        of = year.estimate("insurer_result")
        mean, se = told(with_its_error(of, 1 / subject.money.yuan))
        gains = Words("盈利", "gains") if (of.mean or 0.0) > 0 else Words("亏损", "loses")
        even = Words("，与零之差未超出误差", ", within the error of zero") if within_error(of) else Words("", "")
        often = how_often(year.probability("insurer_loss"), year.replications, *YEAR_LOSES)
        found.append(
            Words(
                f"第{number}年：公司平均{gains.zh}{plain(mean)}{subject.money.zh}（标准误{se}）{even.zh}；{often.zh}。",
                f"Year {number}: the insurer {gains.en} {plain(mean)} {subject.money.en} on average (s.e. {se})"
                f"{even.en}; {often.en}.",
            )
        )
    total = f"{len(years)}"
    often = insurer_loses(subject)
    found.append(Words(f"{total}年合计：{often.zh}。", f"All {total} years together: {often.en}."))
    return found


def _who_bears(subject: Subject) -> Table:
    """Sums over the whole term, by party: where premium and the fund's part go."""
    base, money = subject.base, subject.money
    totals = {name: values.astype(np.float64) for name, values in base.totals.items() if values.ndim == 1}
    zero = np.zeros(base.replications)

    def of(*names: str) -> Floats:
        return sum((totals.get(name, zero) for name in names), start=zero)

    rows = [
        (Words("保费收入", "premium"), of("premium")),
        (Words("赔付支出", "claims paid"), of("claims_paid")),
        (Words("合同口径结余（负为亏损）", "contract surplus (negative: a loss)"), of("surplus")),
        (Words("返还基金", "returned to the fund"), of("surplus_return")),
        (Words("亏损：基金分担", "losses: the fund's part"), of("policy_loss_fund", "other_loss_fund")),
        (Words("亏损：公司分担", "losses: the insurer's part"), of("policy_loss_insurer", "other_loss_insurer")),
        (Words("公司净损益（扣除实际费用）", "the insurer's result after real cost"), of("insurer_result")),
        (Words("基金净收支（不计保费）", "the fund's result (without the premium)"), of("fund_result")),
        (Words("受益人个人负担", "beneficiaries' own burden"), of("patient_burden")),
    ]
    if "balance" in totals and totals["balance"].any():
        rows.insert(4, (Words("期末结转余额", "balance carried at the end"), of("balance")))
    columns = (
        Column(Words("项目", "item"), numeric=False), Column(Words("单位", "unit"), numeric=False),
        Column(Words("合计均值", "mean of the sum")), Column(Words("标准误", "s.e.")), Column(Words("5%分位", "5%")),
        Column(Words("95%分位", "95%")),
    )  # fmt: skip
    unit = Words(money.zh, money.en)
    cells = [(name, unit, *with_its_range(_mean(total, base), 1 / money.fen, money.most)) for name, total in rows]
    title = Words(f"{base.n_years}年合计与各方分担", f"All {base.n_years} years: who bears what")
    return Table("term-total", title, columns, tuple(cells))


def _mean(total: Floats, base: Results) -> Estimate:
    return mean_of(total, batch=base.batch)
